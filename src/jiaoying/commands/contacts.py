"""`contacts import`, and the other commands of the roster together."""

from dataclasses import astuple
from pathlib import Path

import click

from jiaoying.commands.roster_out import erase, export, template
from jiaoying.commands.running import Base, command, locality_of, print_complaints, print_json, with_base
from jiaoying.contacts.roster import import_roster
from jiaoying.kernel.language import say

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True)


@click.group()
def contacts() -> None:
    """The roster (责任人)."""


@contacts.command(name="import")
@_FILE
@click.option("--dry-run", is_flag=True, help="print the differences and change nothing")
@click.option("--replace-scope", metavar="AREA", help="posts in this area that the sheet lacks end")
@_JSON
@command
async def import_contacts(file: Path, dry_run: bool, replace_scope: str | None, as_json: bool) -> None:
    """A roster sheet, xlsx or csv, in the county's own columns."""

    async def work(base: Base) -> None:
        result = await import_roster(
            base.database,
            file,
            locality=locality_of(base.settings),
            now=base.clock.now(),
            dry_run=dry_run,
            replace_scope=replace_scope,
        )
        if as_json:
            print_json(result.as_data())
            return
        print_complaints(result.complaints)
        for difference in result.differences if dry_run else ():
            click.echo(" ".join(str(value) for value in astuple(difference) if value))
        click.echo(
            say(
                "Posts: {added} added, {changed} changed, {ended} ended, {unchanged} unchanged",
                added=result.added,
                changed=result.changed,
                ended=result.ended,
                unchanged=result.unchanged,
            )
        )

    await with_base(work)


for leaving in (export, erase, template):
    contacts.add_command(leaving)
