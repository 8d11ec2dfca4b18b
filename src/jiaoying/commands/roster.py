"""`areas import`, `contacts import`, `contacts export`, `duty import`, `duty now`."""

from pathlib import Path

import click

from jiaoying.commands.running import Base, command, print_json, with_base
from jiaoying.contacts.areas import import_areas
from jiaoying.contacts.roster import export_roster, import_roster
from jiaoying.contacts.sheet_writer import write_sheet
from jiaoying.contacts.store import find_or_add_people
from jiaoying.duty.sheet import import_rota
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetComplaint
from jiaoying.settings import Settings

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True)


@click.group()
def areas() -> None:
    """Areas (行政区划)."""


@areas.command(name="import")
@_FILE
@_JSON
@command
async def import_areas_command(file: Path, as_json: bool) -> None:
    """Division codes (csv) or boundaries (geojson), also gzipped."""
    result = await with_base(lambda base: import_areas(base.database, file, now=base.clock.now()))
    if as_json:
        print_json(result)
        return
    _print_complaints(result.complaints)
    click.echo(
        say(
            "Areas: {added} added, {changed} changed, {unchanged} unchanged; {shapes} boundaries",
            added=result.added,
            changed=result.changed,
            unchanged=result.unchanged,
            shapes=result.shapes,
        )
    )


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
        _print_complaints(result.complaints)
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


@click.group()
def duty() -> None:
    """The duty desks (值班)."""


@duty.command(name="import")
@_FILE
@_JSON
@command
async def import_duty(file: Path, as_json: bool) -> None:
    """A rota: desk, from, to, officer, leader."""

    async def work(base: Base) -> None:
        result = await import_rota(
            base.database,
            file,
            locality=locality_of(base.settings),
            now=base.clock.now(),
            people=find_or_add_people,
        )
        if as_json:
            print_json(result.as_data())
            return
        _print_complaints(result.complaints)
        click.echo(say("Shifts: {added} added", added=result.added))

    await with_base(work)


def _print_complaints(complaints: tuple[SheetComplaint, ...]) -> None:
    for complaint in complaints:
        click.echo(f"{complaint.sheet} {complaint.row} {complaint.column}: {complaint.text}", err=True)


def locality_of(settings: Settings) -> Locality:
    """Where this installation stands, as sheets are read."""
    return Locality(settings.home_area, settings.landline_area_code, settings.timezone)
