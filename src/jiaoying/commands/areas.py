"""`areas import` and `areas find`."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import click

from jiaoying.commands.running import command, print_complaints, print_json, with_base
from jiaoying.contacts.areas.changes import AreaChange, ChangeKind
from jiaoying.contacts.areas.finding import Described, describe
from jiaoying.contacts.areas.importing import AreaImport, import_areas
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True)
_STEPS = 100  # of the bar


@click.group()
def areas() -> None:
    """Areas (行政区划)."""


@areas.command(name="import")
@_FILE
@click.option("--replace-scope", metavar="AREA", help="retire areas inside AREA that the file lacks")
@click.option("--dry-run", is_flag=True, help="show what would change, and change nothing")
@_JSON
@command
async def import_areas_command(file: Path, replace_scope: str | None, dry_run: bool, as_json: bool) -> None:
    """Division codes (csv) or boundaries (geojson), also gzipped."""
    with _progress(shown=not as_json and sys.stderr.isatty()) as tell:
        result = await with_base(
            lambda base: import_areas(
                base.database,
                file,
                now=base.clock.now(),
                replace_scope=replace_scope,
                dry_run=dry_run,
                tell=tell,
            )
        )
    if as_json:
        print_json(result)
        return
    print_complaints(result.complaints)
    for change in result.changes:
        click.echo(_in_words(change))
    if dry_run:
        click.echo(say("A dry run: nothing was changed. It would be:"))
    for line in _sums(result):
        click.echo(line)


@areas.command(name="find")
@click.argument("text")
@_JSON
@command
async def find_area_command(text: str, as_json: bool) -> None:
    """An area by its code or its name: where it belongs, and how closely its place is known."""
    found = await with_base(lambda base: describe(base.database, text, within=base.settings.home_area))
    if as_json:
        print_json([one.as_data() for one in found])
        return
    if not found:
        raise Refusal(say("No area goes by “{text}”", text=text))
    if len(found) > 1:
        click.echo(say("{number} areas go by “{text}”", number=len(found), text=text), err=True)
    for one in found:
        click.echo(_chain(one.chain))
        for line in _about(one):
            click.echo(f"  {line}")


@contextmanager
def _progress(*, shown: bool) -> Generator[Callable[[float], None]]:
    """A bar on a terminal; whoever does the work tells which share of it is done."""
    if not shown:
        yield lambda _: None
        return
    with click.progressbar(length=_STEPS, file=sys.stderr, label=say("Areas")) as bar:
        yield lambda share: bar.update(int(share * _STEPS) - bar.pos)


def _in_words(change: AreaChange) -> str:
    words = {"name": change.name, "code": change.code, "now": change.now}
    if change.kind is ChangeKind.RENAMED:
        return say("{name} ({code}) is now called {now}", **words)
    if change.kind is ChangeKind.MERGED:
        return say("{name} ({code}) goes on as {now}", **words)
    return say("{name} ({code}) is gone", **words)


def _sums(result: AreaImport) -> list[str]:
    lines = [
        say(
            "Areas: {added} added, {changed} changed, {unchanged} unchanged; {shapes} boundaries",
            added=result.added,
            changed=result.changed,
            unchanged=result.unchanged,
            shapes=result.shapes,
        )
    ]
    if result.renamed or result.merged or result.retired or result.moved:
        lines.append(
            say(
                "{renamed} renamed, {merged} merged or given another code, {retired} gone; {moved} posts,"
                " danger points and desks moved with them",
                renamed=result.renamed,
                merged=result.merged,
                retired=result.retired,
                moved=result.moved,
            )
        )
    return lines


def _chain(chain: tuple[Area, ...]) -> str:
    return " › ".join(area.name for area in chain)


def _about(one: Described) -> list[str]:
    area = one.chain[-1]
    lines = [f"{area.code}  {_LEVELS[area.level]()}"]
    if one.asked_code != area.code:
        lines.append(say("{code} went on under this code", code=one.asked_code))
    if area.former_names:
        lines.append(say("Before: {names}", names="、".join(area.former_names)))
    if area.retired_at is not None:
        lines.append(say("It is gone, and has no successor"))
    lines.append(_place(one, area))
    return lines


def _place(one: Described, area: Area) -> str:
    """How closely it is known where the area lies."""
    if one.outlined is not None and one.outlined.code == area.code:
        return say("Its boundary is known")
    if area.lat is not None:
        seat = {"lat": area.lat, "lon": area.lon}
        if area.seat_made_up:
            return say("No boundary; its seat is made up: {lat}, {lon}", **seat)
        return say("No boundary; its seat is at {lat}, {lon}", **seat)
    if one.outlined is None:
        return say("Neither boundary nor seat, nor a boundary of anything above it")
    return say("Neither boundary nor seat; the nearest boundary is that of {name}", name=one.outlined.name)


_LEVELS: dict[Level, Callable[[], str]] = {
    Level.PROVINCE: lambda: say("province"),
    Level.CITY: lambda: say("city"),
    Level.COUNTY: lambda: say("county"),
    Level.TOWNSHIP: lambda: say("township"),
    Level.VILLAGE: lambda: say("village"),
}
