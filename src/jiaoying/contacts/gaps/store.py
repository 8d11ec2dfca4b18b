"""Gaps of the roster as the database has them."""

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from datetime import date, datetime
from importlib import resources
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Date, Integer, Text, Uuid, bindparam, func, or_, select, text
from sqlalchemy.sql.elements import TextClause

from jiaoying.contacts.gaps.circles import circles_in
from jiaoying.contacts.gaps.model import (
    ENDED_WITHIN,
    MOST_POSTS,
    MOST_VILLAGES,
    PLACE_WORDS,
    REACHED_WITHIN,
    USELESS,
    WATCHES,
    Gap,
    GapKind,
    GapReport,
    HazardGroups,
    Tally,
    Unit,
    Wanted,
    Week,
    group_hazards,
    point_masks,
)
from jiaoying.kernel.areas import Level, ancestors_of, level_of, prefix_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import Moment, areas, contact_numbers, contacts, posts

# Sorting and hashing a province outgrow the four megabytes that the server allows by itself.
_MEMORY = "256MB"
_EVERYTHING = Wanted()


async def read_gaps(
    tx: Tx, area: str, week: Week, wanted: Wanted = _EVERYTHING, *, most: int | None = None
) -> GapReport:
    """The figures of `area` and the first `most` of its gaps that are wanted, by gravity and area."""
    units = await _units(tx, area)
    tally = Tally({unit.code: unit for unit in units}, _unit_digits(area))
    listed: list[Gap] = []
    count = 0
    async with aclosing(each_gap(tx, area, week)) as gaps:
        async for gap in gaps:
            tally.add(gap)
            if wanted.wants(gap):
                count += 1
                if most is None or count <= most:
                    listed.append(gap)
    return GapReport(week, tuple(units), tally.counts, tally.worst, tuple(listed), count)


async def each_gap(tx: Tx, area: str, week: Week) -> AsyncGenerator[Gap]:
    """Every gap inside `area`, by gravity and area, as they come: a province has more than fit in memory."""
    await _prepare(tx, area)
    peers = _peers_of(area)
    written = await _written_hazards(tx, peers)
    groups = group_hazards(written)
    circles = circles_in(await _superiors(tx, peers, week))
    given = _parameters(area, peers, week, groups, written, circles)
    async with tx.stream(_statement(), given) as rows:
        async for row in rows:
            yield _gap_from(row, groups, week)


async def villages_without_anybody(
    tx: Tx, prefixes: Sequence[str], families: Collection[Hazard], on: date
) -> list[str]:
    """Codes of the villages under these prefixes where nobody who answers for `families` can be called.

    `families` are those that a warning concerns. It is what `GapKind.NOBODY` means, asked for one day, and
    of every village: under a warning it does not count whether the village's neighbours have somebody.
    """
    patterns = bindparam("patterns", [prefix + "%" for prefix in prefixes], type_=ARRAY(Text))
    wanted = bindparam("families", sorted(families), type_=ARRAY(Text))
    somebody = (
        select(contacts.c.id)
        .select_from(posts)
        .join(contacts, contacts.c.id.in_([posts.c.holder_id, posts.c.deputy_id]))
        .join(contact_numbers, contact_numbers.c.contact_id == contacts.c.id)
        .where(
            posts.c.area_code == areas.c.code,
            or_(func.cardinality(posts.c.hazards) == 0, posts.c.hazards.op("&&")(wanted)),
            or_(posts.c.valid_from.is_(None), posts.c.valid_from <= on),
            or_(posts.c.valid_to.is_(None), posts.c.valid_to >= on),
            contacts.c.retired_at.is_(None),
            contact_numbers.c.standing.not_in(USELESS),
        )
        .correlate(areas)
        .exists()
    )
    found = await tx.execute(
        select(areas.c.code)
        .where(
            areas.c.level == Level.VILLAGE,
            areas.c.retired_at.is_(None),
            areas.c.code.like(func.any(patterns)),
            ~somebody,
        )
        .order_by(areas.c.code)
    )
    return list(found.scalars())


async def _prepare(tx: Tx, area: str) -> None:
    await tx.execute(select(func.set_config("work_mem", _MEMORY, True)))
    # After five runs the server would turn to one plan for every territory, that of the largest.
    await tx.execute(select(func.set_config("plan_cache_mode", "force_custom_plan", True)))
    if level_of(area) in (Level.PROVINCE, Level.CITY):
        # The planner cannot know how many rows one step hands to the next, and would walk an index a
        # million times where reading the table once is meant, or sort what only has to be looked up.
        for way in ("enable_nestloop", "enable_mergejoin"):
            await tx.execute(select(func.set_config(way, "off", True)))


def _peers_of(area: str) -> str:
    """How the codes begin of everything that `area` is compared with: a village is judged by its county."""
    county = next((code for code in ancestors_of(area) if level_of(code) == Level.COUNTY), area)
    return prefix_of(county)


def _unit_digits(area: str) -> int:
    """Digits that tell apart the units just below `area`: of a county its townships."""
    return {Level.PROVINCE: 4, Level.CITY: 6, Level.COUNTY: 9}.get(level_of(area), 12)


async def _units(tx: Tx, area: str) -> list[Unit]:
    digits = _unit_digits(area)
    level = level_of("1" * digits + "0" * (12 - digits))
    inside = areas.c.code.startswith(prefix_of(area)) & areas.c.retired_at.is_(None)
    counted = (
        select(func.left(areas.c.code, digits).label("unit"), func.count().label("villages"))
        .where(inside, areas.c.level == Level.VILLAGE)
        .group_by("unit")
        .subquery()
    )
    rows = await tx.execute(
        select(areas.c.code, areas.c.name, func.coalesce(counted.c.villages, 0))
        .outerjoin(counted, counted.c.unit == func.left(areas.c.code, digits))
        .where(inside, areas.c.level == level)
        .order_by(areas.c.code)
    )
    return [Unit(code, name, villages) for code, name, villages in rows]


async def _written_hazards(tx: Tx, peers: str) -> list[tuple[str, ...]]:
    rows = await tx.execute(select(posts.c.hazards).where(posts.c.area_code.startswith(peers)).distinct())
    return [tuple(found) for found in rows.scalars()]


async def _superiors(tx: Tx, peers: str, week: Week) -> list[tuple[UUID, UUID]]:
    """Who answers to whom, of those who both are a superior and have one: others are in no circle."""
    of_week = (
        select(posts.c.holder_id, posts.c.superior_id)
        .where(
            posts.c.area_code.startswith(peers),
            posts.c.holder_id.is_not(None),
            posts.c.superior_id.is_not(None),
            or_(posts.c.valid_from.is_(None), posts.c.valid_from <= week.last_day),
            or_(posts.c.valid_to.is_(None), posts.c.valid_to >= week.first_day),
        )
        .distinct()
        .cte("of_week")
    )
    rows = await tx.execute(
        select(of_week.c.holder_id, of_week.c.superior_id).where(
            of_week.c.holder_id.in_(select(of_week.c.superior_id)),
            of_week.c.superior_id.in_(select(of_week.c.holder_id)),
        )
    )
    return [(person, superior) for person, superior in rows]


def _statement() -> TextClause:
    sql = resources.files("jiaoying.contacts.gaps").joinpath("gaps.sql").read_text(encoding="utf-8")
    return text(sql).bindparams(
        *(bindparam(name, type_=ARRAY(Text)) for name in ("written", "useless", "point_kinds", "order")),
        *(bindparam(name, type_=ARRAY(Integer)) for name in ("masks", "point_masks", "circles")),
        *(bindparam(name, type_=Moment) for name in ("begin", "end", "reached_since")),
        *(bindparam(name, type_=Date) for name in ("first_day", "last_day", "ended_since")),
        *(bindparam(name, type_=Integer) for name in ("groups", "everything", "most_villages", "most_posts")),
        bindparam("circle_people", type_=ARRAY(Uuid)),
    )


def _parameters(
    area: str,
    peers: str,
    week: Week,
    groups: HazardGroups,
    written: Sequence[Sequence[str]],
    circles: Sequence[Sequence[UUID]],
) -> dict[str, Any]:
    of_points = point_masks(groups)
    return {
        "peers": f"{peers}%",
        "inside": f"{prefix_of(area)}%",
        "begin": week.begin,
        "end": week.end,
        "first_day": week.first_day,
        "last_day": week.last_day,
        "timezone": str(week.timezone),
        "reached_since": week.begin - REACHED_WITHIN,
        "ended_since": week.first_day - ENDED_WITHIN,
        "written": [",".join(families) for families in written],
        "masks": [groups.mask_of(families) for families in written],
        "groups": len(groups.groups),
        "everything": groups.everything,
        "point_kinds": list(of_points),
        "point_masks": list(of_points.values()),
        "useless": list(USELESS),
        "watches": WATCHES,
        "place_words": PLACE_WORDS,
        "most_villages": MOST_VILLAGES,
        "most_posts": MOST_POSTS,
        "circles": [place for place, circle in enumerate(circles) for _ in circle],
        "circle_people": [person for circle in circles for person in circle],
        "order": list(GapKind),
    }


def _gap_from(row: Any, groups: HazardGroups, week: Week) -> Gap:
    begins: Sequence[datetime] = row.begins
    hours = tuple(zip(begins, row.ends, strict=True))
    return Gap(
        kind=GapKind(row.gap),
        area_code=row.area_code,
        area_name=row.area_name,
        township_name=row.township_name or "",
        post_kinds=tuple(row.post_kinds or ()),
        hazards=groups.hazards_in(row.mask),
        hours=() if hours == ((week.begin, week.end),) else hours,
        name=row.name or "",
        place_name=row.place_name or "",
        day=row.day,
        count=row.count,
        post_id=row.post_id,
        contact_id=row.contact_id,
        point_id=row.point_id,
        desk_id=row.desk_id,
    )
