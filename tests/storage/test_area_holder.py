"""The index of areas is built once for each state of the map."""

import asyncio
from datetime import UTC, datetime

from sqlalchemy import select

from jiaoying.contacts.areas.holder import AreaHolder
from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.areas.index import AreaIndex, Precision
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import geometry_version

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
COUNTY, TOWN, UPPER, LOWER = "140521000000", "140521100000", "140521100201", "140521100202"
LIST = f"""code,name,level,parent_code,lat,lon,successor_code
{COUNTY},沁水县,county,,,,
{TOWN},龙港镇,township,{COUNTY},,,
{UPPER},上河村委会,village,{TOWN},35.5,112.2,
{LOWER},下河村委会,village,{TOWN},35.5,112.8,
"""
OUTLINE = (
    '{"type": "Feature", "properties": {"code": "140521000000"}, "geometry":'
    ' {"type": "Polygon", "coordinates": [[[112,35],[113,35],[113,36],[112,36],[112,35]]]}}'
)
WEST = [(35.4, 112.1), (35.4, 112.3), (35.6, 112.3), (35.6, 112.1), (35.4, 112.1)]


async def take(database: Database, name: str, content: str) -> None:
    await import_area_file(database, SheetFile(name, content.encode()), now=NOW)


async def ask(database: Database, holder: AreaHolder) -> tuple[AreaIndex, dict[str, Precision]]:
    async with database.transaction() as tx:
        index = await holder.newest(tx)
    return index, {one.code: one.precision for one in index.touched([WEST], [])}


async def test_it_is_built_again_only_when_the_map_has_changed(database: Database) -> None:
    holder = AreaHolder(COUNTY)
    assert (await ask(database, holder))[1] == {}
    await take(database, "a.csv", LIST)
    await take(database, "a.geojson", OUTLINE)
    (first, named), (second, _) = await asyncio.gather(ask(database, holder), ask(database, holder))
    assert first is second
    assert named == {COUNTY: Precision.SHAPE, TOWN: Precision.SEAT, UPPER: Precision.SEAT}
    await take(database, "a.csv", LIST)
    assert (await ask(database, holder))[0] is first, "nothing new, nothing built"
    await take(database, "a.csv", LIST.replace("35.5,112.2,", f"35.5,112.2,{LOWER}"))
    _, named = await ask(database, holder)
    assert UPPER not in named, "its people answer for the village that it was merged into"
    assert named[LOWER] is Precision.NEAREST


async def test_a_retired_area_without_successor_stays_on_the_map(database: Database) -> None:
    await take(database, "a.csv", LIST)
    rows = LIST.splitlines()
    shorter = "\n".join(row for row in rows if not row.startswith(UPPER))
    await import_area_file(database, SheetFile("a.csv", shorter.encode()), now=NOW, replace_scope=TOWN)
    _, named = await ask(database, AreaHolder(COUNTY))
    assert UPPER in named
    async with database.transaction() as tx:
        assert await tx.scalar(select(geometry_version.c.version)) == 3
