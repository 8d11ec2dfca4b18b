"""`contacts export`, `contacts erase`, `contacts template`: what leaves the roster."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import click

from jiaoying.commands.running import Base, command, print_json, system_user, with_base
from jiaoying.contacts.exporting.records import Wish, export_records, export_workbook
from jiaoying.contacts.exporting.templates import ListKind, template_bytes
from jiaoying.contacts.privacy.erasing import Erasure, erase_person
from jiaoying.contacts.privacy.reasons import note_export
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say

_JSON = click.option("--json", "as_json", is_flag=True)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--to", type=_FILE, help="an xlsx file: posts, danger points, households")
@click.option("--area", metavar="CODE", help="only what lies in this area (12 digits)")
@click.option("--all", "everything", is_flag=True, help="also posts that are over, and vacant ones as JSON")
@click.option("--masked", is_flag=True, help="hide the numbers")
@click.option("--reason", default="", help="why whole numbers are needed: kept in the ledger")
@_JSON
@command
async def export(
    to: Path | None, area: str | None, everything: bool, masked: bool, reason: str, as_json: bool
) -> None:
    """The roster as JSON lines, or as a workbook that can be imported again."""
    if to is None and not as_json:
        raise Refusal(say("Say where to: --to FILE.xlsx, or --json"))
    why = reason if reason or masked else _asked_reason()

    async def work(base: Base) -> None:
        today = base.clock.now().astimezone(base.settings.timezone).date()
        wish = Wish(today, area, vacant=everything, ended=everything, whole_numbers=not masked)
        if as_json:
            await _print_records(base, wish, why)
        if to is not None:
            await _write_workbook(base, to, replace(wish, vacant=True), why)

    await with_base(work)


@click.command()
@click.argument("person", type=click.UUID)
@click.option("--reason", required=True, help="why, without name and number: kept in the ledger")
@click.option("--vacate", is_flag=True, help="what they hold becomes vacant")
@_JSON
@command
async def erase(person: UUID, reason: str, vacate: bool, as_json: bool) -> None:
    """Erase a person on request: name, numbers and words go, the facts of the ledger stay."""

    async def work(base: Base) -> Erasure:
        return await erase_person(
            base.database, person, reason=reason, actor=system_user(), now=base.clock.now(), vacate=vacate
        )

    done = await with_base(work)
    if as_json:
        print_json(done)
        return
    click.echo(
        say(
            "Erased: {rows} rows, the particulars of {lines} ledger lines; {posts} posts are vacant now",
            rows=sum(done.rows.values()),
            lines=done.particulars,
            posts=done.vacated,
        )
    )
    if done.discarded:
        click.echo(say("{count} lists that were not taken over yet are discarded", count=done.discarded))
    for place, count in done.still_named.items():
        click.echo(say("The name still stands in {place}, {count} times: look", place=place, count=count))


@click.command()
@click.argument("kind", type=click.Choice([kind.value for kind in ListKind]), default=ListKind.GENERAL)
@click.option("--to", type=_FILE, required=True, help="an xlsx file")
@command
async def template(kind: str, to: Path) -> None:
    """An empty list to fill in, with notes and lists to choose from."""
    to.write_bytes(template_bytes(ListKind(kind)))


def _asked_reason() -> str:
    """What somebody at a terminal says; where a program gives none, the ledger says so."""
    if sys.stdin.isatty() and sys.stderr.isatty():
        return str(click.prompt(say("Why are whole numbers needed (kept in the ledger)"), err=True))
    return say("not given: run by a program")


async def _print_records(base: Base, wish: Wish, reason: str) -> None:
    count = 0
    async with base.database.transaction() as tx:
        async for record in export_records(tx, wish):
            print_json(record)
            count += 1
        await note_export(
            tx,
            reason=reason,
            actor=system_user(),
            now=base.clock.now(),
            numbers=wish.whole_numbers,
            counts={"posts": count},
            area_code=wish.area_code,
        )


async def _write_workbook(base: Base, path: Path, wish: Wish, reason: str) -> None:
    # Names and numbers: for whoever gave the command, and nobody else of this machine.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
        counts = await export_workbook(
            base.database,
            file,
            wish,
            reason=reason,
            actor=system_user(),
            now=base.clock.now(),
            progress=_show_rows if sys.stderr.isatty() else None,
        )
    click.echo(
        say(
            "{posts} posts, {points} danger points and {households} households written to {path}",
            posts=counts.get("posts", 0),
            points=counts.get("points", 0),
            households=counts.get("households", 0),
            path=path,
        ),
        err=True,
    )


def _show_rows(count: int) -> None:
    click.echo(f"\r{count}", nl=False, err=True)
