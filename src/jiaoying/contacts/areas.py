"""Areas (行政区划) in the database: import, lookup by code and by name, and what a warning touches."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import shapely
from sqlalchemy import (
    ARRAY,
    Boolean,
    Double,
    LargeBinary,
    Text,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.contacts.area_files import AreaFile, read_areas
from jiaoying.contacts.shapes import Disc, touched_codes, warned_region
from jiaoying.kernel.area_names import Area, AreaNames, Doubt
from jiaoying.kernel.areas import Level, ancestors_of, covers, prefix_of
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint, SheetFile, read_file
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import area_shapes, areas

CHUNK = 20_000  # rows of one statement
_TOP_DOWN = list(Level)


@dataclass(frozen=True, slots=True)
class AreaImport:
    """What an import did; a repeated one only counts `unchanged`."""

    added: int
    changed: int
    unchanged: int
    shapes: int
    complaints: tuple[SheetComplaint, ...]


async def import_areas(database: Database, path: Path, *, now: datetime, actor: str = "keeper") -> AreaImport:
    """Areas from CSV or shapes from GeoJSON, each also gzipped. Raises Refusal."""
    return await import_area_file(database, await asyncio.to_thread(read_file, path), now=now, actor=actor)


async def import_area_file(
    database: Database, file: SheetFile, *, now: datetime, actor: str = "keeper"
) -> AreaImport:
    """As `import_areas`, from bytes."""
    content = await asyncio.to_thread(read_areas, file)
    async with database.transaction() as tx:
        result = await _save(tx, file.name, content)
        if result.added or result.changed or result.shapes:
            facts = {"added": result.added, "changed": result.changed, "shapes": result.shapes}
            await append_entries(tx, [Entry(now, "areas.imported", actor, facts=facts)])
    return result


async def areas_by_code(tx: Tx, codes: Iterable[str]) -> dict[str, Area]:
    """The areas with these codes; what is unknown is not in the answer."""
    wanted = bindparam("codes", list(codes), type_=ARRAY(Text))
    found = await tx.execute(select(*columns_of(Area, areas)).where(areas.c.code == func.any(wanted)))
    return {area.code: area for area in read_as(Area, found)}


async def load_area_names(tx: Tx, within: str) -> AreaNames:
    """The index of names of `within`, everything inside it and what is above it."""
    found = await tx.execute(
        select(*columns_of(Area, areas)).where(
            or_(areas.c.code.like(prefix_of(within) + "%"), areas.c.code.in_(ancestors_of(within)))
        )
    )
    # A province has tens of thousands of places with several names each.
    return await asyncio.to_thread(AreaNames, read_as(Area, found))


async def find_area(tx: Tx, text: str, *, within: str, level: Level | None = None) -> Area | Doubt | None:
    """The area that `text` names, at home before elsewhere; several where several fit."""
    return (await load_area_names(tx, within)).find(text, within=within, level=level)


async def areas_touched(
    tx: Tx, polygons: Sequence[Sequence[tuple[float, float]]], circles: Sequence[Disc], within: str | None
) -> list[str]:
    """The codes of the areas that polygons of (lat, lon) or circles touch, at the finest level with shapes.

    Only areas inside `within` (itself included) are looked at; None looks everywhere.
    """
    inside = area_shapes.c.area_code.like((prefix_of(within) if within else "") + "%")
    rows = (await tx.execute(select(area_shapes.c.area_code, area_shapes.c.shape_wkb).where(inside))).all()
    return await asyncio.to_thread(_touched, polygons, circles, [(code, wkb) for code, wkb in rows])


def _touched(
    polygons: Sequence[Sequence[tuple[float, float]]],
    circles: Sequence[Disc],
    rows: Sequence[tuple[str, bytes]],
) -> list[str]:
    shapes = {code: shapely.from_wkb(wkb) for code, wkb in rows}
    land, points = warned_region(polygons, circles)
    return touched_codes(land, points, shapes, covers)


async def _save(tx: Tx, name: str, content: AreaFile) -> AreaImport:
    complaints = list(content.complaints)
    rows = await _without_orphans(tx, name, content.areas, complaints)
    # Parents before children: a foreign key is checked at the end of each statement.
    rows.sort(key=lambda area: _TOP_DOWN.index(area.level))
    written: list[bool] = []
    for start in range(0, len(rows), CHUNK):
        written += await _upsert_areas(tx, rows[start : start + CHUNK])
    shapes = await _upsert_shapes(tx, name, content, complaints)
    added = sum(written)
    return AreaImport(added, len(written) - added, len(rows) - len(written), shapes, tuple(complaints))


async def _without_orphans(
    tx: Tx, name: str, given: Sequence[Area], complaints: list[SheetComplaint]
) -> list[Area]:
    """The areas, with the parents taken off that nobody knows."""
    codes = {area.code for area in given}
    missing = {area.parent_code for area in given if area.parent_code and area.parent_code not in codes}
    known = await areas_by_code(tx, missing)
    kept: list[Area] = []
    for area in given:
        parent = area.parent_code
        if parent is not None and (parent == area.code or (parent not in codes and parent not in known)):
            text = say(
                "The parent {parent} of {name} is not known; import it too", parent=parent, name=area.name
            )
            complaints.append(SheetComplaint(name, 0, "parent_code", "parent_unknown", text))
            parent = None
        kept.append(Area(area.code, area.name, area.level, parent, area.lat, area.lon))
    return kept


async def _upsert_areas(tx: Tx, rows: Sequence[Area]) -> list[bool]:
    """For each row that was written: whether it is new."""
    records = [asdict(area) for area in rows]
    types = {"code": Text, "name": Text, "level": Text, "parent_code": Text, "lat": Double, "lon": Double}
    table = (
        func.unnest(
            *(
                bindparam(f"all_{name}", [record[name] for record in records], type_=ARRAY(type_))
                for name, type_ in types.items()
            )
        )
        .table_valued(*types)
        .render_derived()
    )
    statement = insert(areas).from_select(list(types), select(table))
    new = statement.excluded
    # A file without seats does not take away the seats that another one gave.
    values: dict[str, ColumnElement[object]] = {name: new[name] for name in ("name", "level", "parent_code")}
    values |= {name: func.coalesce(new[name], areas.c[name]) for name in ("lat", "lon")}
    statement = statement.on_conflict_do_update(
        index_elements=[areas.c.code],
        set_=values,
        where=or_(*(areas.c[name].is_distinct_from(value) for name, value in values.items())),
    )
    # xmax is 0 in a row that no transaction has replaced: an insert, not an update.
    is_new: ColumnElement[bool] = literal_column("areas.xmax = 0", Boolean)
    return list((await tx.execute(statement.returning(is_new))).scalars())


async def _upsert_shapes(tx: Tx, name: str, content: AreaFile, complaints: list[SheetComplaint]) -> int:
    known = await areas_by_code(tx, content.shapes)
    for code in content.shapes.keys() - known.keys():
        text = say("{code} is not a known area; import its code first", code=code)
        complaints.append(SheetComplaint(name, 0, code, "area_unknown", text))
    codes = sorted(known.keys() & content.shapes.keys())
    if not codes:
        return 0
    table = (
        func.unnest(
            bindparam("codes", codes, type_=ARRAY(Text)),
            bindparam("shapes", [content.shapes[code] for code in codes], type_=ARRAY(LargeBinary)),
        )
        .table_valued(column("area_code", Text), column("shape_wkb", LargeBinary))
        .render_derived()
    )
    statement = insert(area_shapes).from_select(["area_code", "shape_wkb"], select(table))
    statement = statement.on_conflict_do_update(
        index_elements=[area_shapes.c.area_code],
        set_={"shape_wkb": statement.excluded.shape_wkb},
        where=area_shapes.c.shape_wkb != statement.excluded.shape_wkb,
    )
    return len((await tx.execute(statement.returning(area_shapes.c.area_code))).all())
