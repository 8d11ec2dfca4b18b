"""`contacts import`, `contacts export`."""

from dataclasses import astuple
from pathlib import Path

import click

from jiaoying.commands.numbers import check_numbers, score
from jiaoying.commands.running import Base, command, locality_of, print_complaints, print_json, with_base
from jiaoying.contacts.export import export_roster
from jiaoying.contacts.roster import import_roster
from jiaoying.contacts.sheet_writer import write_sheet
from jiaoying.kernel.errors import Refusal
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


contacts.add_command(check_numbers)
contacts.add_command(score)


@contacts.command(name="export")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="an xlsx file")
@_JSON
@command
async def export_contacts(to: Path | None, as_json: bool) -> None:
    """Every post that is held, as JSON lines or as a sheet in the same columns."""
    if to is None and not as_json:
        raise Refusal(say("Say where to: --to FILE.xlsx, or --json"))

    async def work(base: Base) -> None:
        today = base.clock.now().astimezone(base.settings.timezone).date()
        async with base.database.transaction() as tx:
            rows = await export_roster(tx, today=today)
        for row in rows if as_json else ():
            print_json(row)
        if to is not None:
            write_sheet(to, rows)

    await with_base(work)
