"""Rows of areas as an import writes them: statements in the caller's transaction, many rows in each."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    Text,
    any_,
    bindparam,
    case,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import TableValuedAlias

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import prefix_of
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import area_shapes, areas, danger_points, desks, geometry_version, posts

_GIVEN = ("code", "name", "level", "parent_code", "lat", "lon", "seat_made_up")


@dataclass(frozen=True, slots=True)
class Written:
    """What came of one portion: the new codes, how many others changed, and what was there before."""

    added: tuple[str, ...]
    changed: int
    renamed: tuple[tuple[str, str, str], ...]  # code, name before, name now
    merged_before: tuple[tuple[str, str], ...]  # of the listed ones: code, name


async def lock_areas(tx: Tx) -> None:
    """One import of areas at a time."""
    await tx.execute(select(geometry_version.c.version).with_for_update())


async def bump_geometry(tx: Tx) -> None:
    """Say that outlines, seats or areas changed: indexes of them are built anew."""
    await tx.execute(update(geometry_version).values(version=geometry_version.c.version + 1))


async def areas_by_code(tx: Tx, codes: Iterable[str]) -> dict[str, Area]:
    """The areas with these codes, also those that are gone; what is unknown is not in the answer."""
    found = await tx.execute(select(*columns_of(Area, areas)).where(areas.c.code == any_(_texts(codes))))
    return {area.code: area for area in read_as(Area, found)}


async def upsert_areas(tx: Tx, rows: Sequence[Area]) -> Written:
    """Add or change areas. What their lists do not say of them (seats, former names) stays."""
    new = _as_rows({name: [getattr(area, name) for area in rows] for name in _GIVEN})
    known = (
        await tx.execute(
            select(new.c.code, areas.c.name, new.c.name.label("now"), areas.c.successor_code)
            .join(areas, areas.c.code == new.c.code)
            .where(or_(areas.c.name != new.c.name, areas.c.successor_code.is_not(None)))
        )
    ).all()
    statement = insert(areas).from_select(list(_GIVEN), select(new))
    values = _values(statement.excluded)
    statement = statement.on_conflict_do_update(
        index_elements=[areas.c.code],
        set_=values,
        where=or_(*(areas.c[name].is_distinct_from(value) for name, value in values.items())),
    )
    # xmax is 0 in a row that no transaction has replaced: an insert, not an update.
    is_new: ColumnElement[bool] = literal_column("areas.xmax = 0", Boolean)
    written = (await tx.execute(statement.returning(areas.c.code, is_new.label("is_new")))).all()
    added = tuple(row.code for row in written if row.is_new)
    return Written(
        added,
        len(written) - len(added),
        tuple((row.code, row.name, row.now) for row in known if row.name != row.now),
        tuple((row.code, row.name) for row in known if row.successor_code is not None),
    )


async def check_parents(tx: Tx) -> None:
    """Have the parents of what was written checked now, a portion at a time, and not all at the commit."""
    await tx.execute(text("SET CONSTRAINTS areas_parent_code_fkey IMMEDIATE"))
    await tx.execute(text("SET CONSTRAINTS areas_parent_code_fkey DEFERRED"))


def _values(new: Any) -> dict[str, ColumnElement[Any]]:
    """What an area becomes by its new line."""
    old = areas.c
    is_renamed = old.name != new.name
    without = func.array_remove(func.array_remove(old.former_names, new.name), old.name)
    # Neither a file without seats nor one with made-up ones takes away the point that a survey gave.
    takes_seat = new.lat.is_not(None) & (old.lat.is_(None) | old.seat_made_up | ~new.seat_made_up)
    return {
        "name": new.name,
        "level": new.level,
        "parent_code": new.parent_code,
        "former_names": case((is_renamed, func.array_append(without, old.name)), else_=old.former_names),
        **{name: case((takes_seat, new[name]), else_=old[name]) for name in ("lat", "lon", "seat_made_up")},
        # Listed again, it is there again; what was merged stays so until its own line says otherwise.
        "retired_at": case((old.successor_code.is_(None), None), else_=old.retired_at),
    }


async def upsert_shapes(tx: Tx, shapes: Mapping[str, bytes]) -> int:
    """Add or change outlines of areas that are known; how many there were."""
    if not shapes:
        return 0
    table = (
        func.unnest(
            bindparam("codes", list(shapes), type_=ARRAY(Text)),
            bindparam("shapes", list(shapes.values()), type_=ARRAY(area_shapes.c.shape_wkb.type)),
        )
        .table_valued(column("area_code", Text), column("shape_wkb", area_shapes.c.shape_wkb.type))
        .render_derived()
    )
    statement = insert(area_shapes).from_select(["area_code", "shape_wkb"], select(table))
    statement = statement.on_conflict_do_update(
        index_elements=[area_shapes.c.area_code],
        set_={"shape_wkb": statement.excluded.shape_wkb},
        where=area_shapes.c.shape_wkb != statement.excluded.shape_wkb,
    )
    return len((await tx.execute(statement.returning(area_shapes.c.area_code))).all())


async def areas_within(tx: Tx, scope: str) -> list[Area]:
    """Every area inside `scope` (itself too) that is not gone."""
    found = await tx.execute(
        select(*columns_of(Area, areas)).where(
            areas.c.code.like(prefix_of(scope) + "%"), areas.c.retired_at.is_(None)
        )
    )
    return read_as(Area, found)


async def successors_of_all(tx: Tx) -> dict[str, str]:
    """The next step of every merged area."""
    rows = await tx.execute(
        select(areas.c.code, areas.c.successor_code).where(areas.c.successor_code.is_not(None))
    )
    return {row.code: row.successor_code for row in rows}


async def retire(tx: Tx, codes: Collection[str], now: datetime) -> None:
    """Mark areas as gone. Their rows stay: posts, warnings and the ledger speak of them."""
    await tx.execute(
        update(areas)
        .where(areas.c.code == any_(_texts(codes)), areas.c.retired_at.is_(None))
        .values(retired_at=now)
    )


async def merge(tx: Tx, successors: Mapping[str, str], now: datetime) -> None:
    """Retire areas and say where their people went."""
    new = _as_rows({"code": list(successors), "successor_code": list(successors.values())})
    await tx.execute(
        update(areas)
        .where(areas.c.code == new.c.code)
        .values(
            successor_code=new.c.successor_code,
            retired_at=func.coalesce(areas.c.retired_at, literal(now, areas.c.retired_at.type)),
        )
    )


async def move_what_is_tied(tx: Tx, ends: Mapping[str, str], now: datetime, actor: str) -> list[Entry]:
    """Posts, danger points and desks of merged areas go to where those ended up; a ledger line for each."""
    if not ends:
        return []
    entries: list[Entry] = []
    for table, event, id_name in (
        (posts, "post.moved", "post_id"),
        (danger_points, "danger_point.moved", "danger_point_id"),
        (desks, "desk.moved", "desk_id"),
    ):
        # The names of `as_rows` are those of `areas`: here the successor is the end of all steps.
        new = _as_rows({"code": list(ends), "successor_code": list(ends.values())})
        holder = posts.c.holder_id if table is posts else literal(None, posts.c.holder_id.type)
        moved = await tx.execute(
            update(table)
            .where(table.c.area_code == new.c.code)
            .values(area_code=new.c.successor_code)
            .returning(table.c.id, new.c.code, new.c.successor_code, holder.label("holder_id"))
        )
        entries += [
            Entry(
                now,
                event,
                actor,
                contact_id=row.holder_id,
                facts={id_name: str(row.id), "from": row.code, "to": row.successor_code},
            )
            for row in moved
        ]
    return entries


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What is still tied to an area that is gone and has no successor."""

    code: str
    name: str
    people: int
    points: int
    desks: int


async def left_behind(tx: Tx, scope: str, today: date) -> list[LeftBehind]:
    """The areas inside `scope` that are gone, without a successor, and not without people."""
    pattern = prefix_of(scope) + "%"
    in_force = or_(posts.c.valid_to.is_(None), posts.c.valid_to >= today)
    here = posts.c.area_code.like(pattern) & in_force
    there = danger_points.c.area_code.like(pattern) & danger_points.c.retired_at.is_(None)
    tied = union_all(
        select(posts.c.area_code, literal("people").label("kind"), posts.c.holder_id.label("id")).where(here),
        select(posts.c.area_code, literal("people"), posts.c.deputy_id).where(here),
        select(danger_points.c.area_code, literal("points"), danger_points.c.id).where(there),
        select(desks.c.area_code, literal("desks"), desks.c.id).where(desks.c.area_code.like(pattern)),
    ).subquery()

    def counted(kind: str) -> ColumnElement[int]:
        return func.count(tied.c.id.distinct()).filter(tied.c.kind == kind).label(kind)

    rows = await tx.execute(
        select(areas.c.code, areas.c.name, counted("people"), counted("points"), counted("desks"))
        .join(tied, tied.c.area_code == areas.c.code)
        .where(
            areas.c.retired_at.is_not(None),
            areas.c.successor_code.is_(None),
            tied.c.id.is_not(None),
        )
        .group_by(areas.c.code, areas.c.name)
        .order_by(areas.c.code)
    )
    return read_as(LeftBehind, rows)


def _texts(values: Iterable[str]) -> ColumnElement[Any]:
    return literal(list(values), ARRAY(Text))


def _as_rows(columns: Mapping[str, Sequence[object]]) -> TableValuedAlias:
    """Columns of values, each with the type of the column of that name of `areas`, as rows `new`."""
    types = {name: areas.c[name].type for name in columns}
    arrays = [literal(list(values), ARRAY(types[name])) for name, values in columns.items()]
    named = [column(name, types[name]) for name in columns]
    return func.unnest(*arrays).table_valued(*named, name="new").render_derived()
