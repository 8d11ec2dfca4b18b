"""`stations import`, `stations list`."""

from dataclasses import asdict
from pathlib import Path

import click

from jiaoying.commands.running import Base, command, print_complaints, print_json, with_base
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint, read_file, read_grids
from jiaoying.warnings.stations.announcing import kind_word, level_word
from jiaoying.warnings.stations.model import StationSetup
from jiaoying.warnings.stations.setup import read_stations
from jiaoying.warnings.stations.store import all_stations, save_stations, unknown_areas


@click.group()
def stations() -> None:
    """Monitoring stations with thresholds (监测站)."""


@stations.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@command
async def import_stations(file: Path, as_json: bool) -> None:
    """A sheet of stations, xlsx or csv: a row for each threshold."""
    found, complaints = read_stations(read_grids(read_file(file)))

    async def work(base: Base) -> tuple[int, int]:
        async with base.database.transaction() as tx:
            unknown = await unknown_areas(tx, {code for one in found for code in one.area_codes})
            known = [one for one in found if unknown.isdisjoint(one.area_codes)]
            complaints.extend(_nowhere(one) for one in found if one not in known)
            return await save_stations(tx, known, actor="keeper", now=base.clock.now())

    added, changed = await with_base(work)
    if as_json:
        print_json({"added": added, "changed": changed, "complaints": [asdict(one) for one in complaints]})
        return
    print_complaints(complaints)
    click.echo(say("Stations: {added} added, {changed} changed", added=added, changed=changed))


def _nowhere(setup: StationSetup) -> SheetComplaint:
    text = say("station {code} names an area that is not known here; it is left out", code=setup.code)
    return SheetComplaint("", 0, "区划代码", "unknown_area", text)


@stations.command(name="list")
@click.option("--json", "as_json", is_flag=True)
@command
async def list_stations(as_json: bool) -> None:
    """Every station with how it stands."""

    async def work(base: Base) -> None:
        async with base.database.transaction() as tx:
            found = await all_stations(tx)
        for one in found:
            if as_json:
                print_json(one)
                continue
            heard = f"{one.heard_at.astimezone(base.settings.timezone):%m-%d %H:%M:%S}"
            value = "–" if one.last_value is None else f"{one.last_value:g}"
            words = (
                one.setup.code,
                one.setup.name,
                kind_word(one.setup.kind),
                value,
                level_word(one.standing.level),
            )
            click.echo("  ".join((*words, heard)))

    await with_base(work)
