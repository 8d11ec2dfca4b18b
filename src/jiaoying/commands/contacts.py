"""`contacts import`, `contacts imports`, `contacts undo`, and the other commands of the roster together."""

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from jiaoying.commands.gaps import show_gaps
from jiaoying.commands.numbers import check_numbers, score
from jiaoying.commands.roster_out import erase, export, template
from jiaoying.commands.running import Base, command, locality_of, print_complaints, print_json, with_base
from jiaoying.contacts.importing.at_once import import_roster
from jiaoying.contacts.importing.differences import Difference, Turn, change_words, turn_words
from jiaoying.contacts.importing.imports import (
    IMPORT_STEPS,
    ImportCounts,
    RosterImport,
    imports_page,
    state_words,
    undo_import,
)
from jiaoying.kernel.language import say
from jiaoying.settings import read_settings

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True)


@click.group()
def contacts() -> None:
    """The roster (责任人)."""


@contacts.command(name="import")
@_FILE
@click.option("--dry-run", is_flag=True, help="print the differences and change nothing")
@click.option("--replace-scope", metavar="AREA", help="posts in this area that the sheet lacks end")
@click.option("--confirm-ended", metavar="N", type=int, help="so many posts end, and that is right")
@_JSON
@command
async def import_contacts(
    file: Path, dry_run: bool, replace_scope: str | None, confirm_ended: int | None, as_json: bool
) -> None:
    """A roster sheet (xlsx, xls, csv) in the county's own columns."""

    async def work(base: Base) -> RosterImport:
        with _progress() as bar:
            return await import_roster(
                base.database,
                file,
                locality=locality_of(base.settings),
                now=base.clock.now(),
                dry_run=dry_run,
                replace_scope=replace_scope,
                confirm_ended=confirm_ended,
                on_step=lambda: bar.update(1),
            )

    done = await with_base(work)
    if as_json:
        print_json(done.as_data())
        return
    print_complaints(done.complaints)
    for line in map(_in_words, done.differences) if dry_run else ():
        click.echo(line)
    _print_counts(done.counts)
    if not dry_run:
        click.echo(say("To take it back: jiaoying contacts undo {id}", id=done.id))


@contacts.command(name="imports")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 500))
@_JSON
@command
async def list_imports(limit: int, as_json: bool) -> None:
    """The lists that were handed in, the newest first."""

    async def work(base: Base) -> list[RosterImport]:
        async with base.database.transaction() as tx:
            return await imports_page(tx, limit=limit)

    timezone = read_settings().timezone
    for one in await with_base(work):
        if as_json:
            print_json(one.as_data())
            continue
        when = one.created_at.astimezone(timezone).strftime("%Y-%m-%d %H:%M")
        posts = f"+{one.counts.posts_added} ~{one.counts.posts_changed} -{one.counts.posts_ended}"
        click.echo(f"{one.id}  {when}  {state_words(one.state)}  {posts}  {one.file_name}  {one.created_by}")


@contacts.command(name="undo")
@click.argument("import_id", metavar="ID", type=click.UUID)
@_JSON
@command
async def undo(import_id: UUID, as_json: bool) -> None:
    """Take back an import: every row that it wrote becomes what it was before."""
    done = await with_base(
        lambda base: undo_import(
            base.database,
            import_id,
            locality=locality_of(base.settings),
            now=base.clock.now(),
            actor="keeper",
        )
    )
    if as_json:
        print_json(done.as_data())
        return
    click.echo(say("{file} was taken back", file=done.file_name))


def _progress() -> Any:
    """Read, compared, written; shown on a terminal only."""
    on_terminal = sys.stderr.isatty()
    return click.progressbar(
        length=IMPORT_STEPS, label=say("Roster"), file=sys.stderr, hidden=not on_terminal
    )


def _in_words(difference: Difference) -> str:
    from_to = "{0.field}: {0.after}" if difference.turn == Turn.ADDED else "{0.field}: {0.before} → {0.after}"
    changes = (change_words(change, show_numbers=False) for change in difference.changes)
    told = "; ".join(map(from_to.format, changes))
    return " ".join(
        filter(
            None,
            (
                turn_words(difference.turn),
                difference.area_code,
                difference.what,
                difference.name,
                f"({told})" if told else "",
            ),
        )
    )


def _print_counts(counts: ImportCounts) -> None:
    click.echo(
        say(
            "Posts: {added} added, {changed} changed, {ended} ended, {unchanged} unchanged",
            added=counts.posts_added,
            changed=counts.posts_changed,
            ended=counts.posts_ended,
            unchanged=counts.posts_unchanged,
        )
    )
    if counts.points_added or counts.points_changed or counts.points_ended or counts.households:
        click.echo(
            say(
                "Danger points: {added} added, {changed} changed, {ended} ended; {households} households",
                added=counts.points_added,
                changed=counts.points_changed,
                ended=counts.points_ended,
                households=counts.households,
            )
        )
    if counts.doubts:
        click.echo(
            say("{count} pairs of records may be one person: settle them in the console", count=counts.doubts)
        )


for other in (export, erase, template, show_gaps, check_numbers, score):
    contacts.add_command(other)
