"""The roster as dispatch asks it: posts and desks under an area, people to be rung."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text

from jiaoying.contacts.model import NumberStanding
from jiaoying.contacts.numbers import DOUBTFUL, in_calling_order
from jiaoying.dispatch.covering import CoveredArea
from jiaoying.dispatch.matching import MatchedDesk, MatchedPost
from jiaoying.dispatch.store.matched import MATCHED, parameters_for, plan_each_time
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.duty.deputies import deputies_at
from jiaoying.duty.model import NobodyOnDuty, Standing
from jiaoying.duty.store import who_stands
from jiaoying.kernel.areas import ancestors_of, prefix_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    danger_points,
    desks,
    frozen_ladders,
    ladders,
    posts,
)


@dataclass(frozen=True, slots=True)
class Callee:
    """A person to be rung."""

    id: UUID
    name: str
    language: str
    demonstration: bool
    numbers: tuple[tuple[str, str], ...]  # (E.164, kind), as they are tried: the preferred, doubtful last
    doubtful: frozenset[str] = frozenset()  # of these, those where nobody will be found, as far as is known


_POSTS_UNDER = text(f"WITH {MATCHED} SELECT * FROM matched ORDER BY area_code, id")  # noqa: S608 - put together from our own words
_DESKS_UNDER = text(
    """
    SELECT DISTINCT desk.id, desk.area_code, desk.name
    FROM unnest(CAST(:firsts AS text[]), CAST(:lasts AS text[])) AS unit (first, last)
    JOIN desks AS desk ON desk.area_code BETWEEN unit.first AND unit.last
    ORDER BY desk.area_code, desk.id
    """
)


async def posts_under(tx: Tx, area: CoveredArea, families: Collection[Hazard], on: date) -> list[MatchedPost]:
    """Posts in force on a day, for these hazards, inside the covered area or in a unit above it."""
    await plan_each_time(tx)
    return read_as(MatchedPost, await tx.execute(_POSTS_UNDER, parameters_for(area, families, on)))


async def desks_under(tx: Tx, area: CoveredArea) -> list[MatchedDesk]:
    """The duty desks of every covered unit, and of the units above.

    A covered village is answered for at its township's desk, which stands among the units above.
    """
    bounds = [unit.bounds for unit in area.units]
    given = {"firsts": [first for first, _ in bounds], "lasts": [last for _, last in bounds]}
    return read_as(MatchedDesk, await tx.execute(_DESKS_UNDER, given))


@dataclass(frozen=True, slots=True)
class PlacedPoint:
    """A danger point whose own place is known, in degrees."""

    id: UUID
    area_code: str
    lat: float
    lon: float


async def points_placed(tx: Tx, home_area: str) -> list[PlacedPoint]:
    """Every danger point of the home area that has coordinates."""
    point = danger_points.c
    rows = await tx.execute(
        select(*columns_of(PlacedPoint, danger_points)).where(
            point.area_code.like(prefix_of(home_area) + "%"), point.lat.is_not(None), point.lon.is_not(None)
        )
    )
    return read_as(PlacedPoint, rows)


async def names_of(tx: Tx, codes: Collection[str]) -> dict[str, str]:
    """What these areas are called; those that are unknown are left out."""
    rows = await tx.execute(select(areas.c.code, areas.c.name).where(is_one_of(areas.c.code, codes)))
    return {row.code: row.name for row in rows}


@dataclass(frozen=True, slots=True)
class Planned:
    """The figures of an evacuation as planned: danger points, and who is threatened there."""

    points: int
    households: int
    people: int


async def planned_at(tx: Tx, post_ids: Collection[UUID]) -> Planned:
    """What the danger points at which these posts are threaten; a point counts once."""
    at = select(posts.c.danger_point_id).where(is_one_of(posts.c.id, post_ids))
    point = danger_points.c
    query = select(
        func.count(point.id).label("points"),
        func.coalesce(func.sum(point.households), 0).label("households"),
        func.coalesce(func.sum(point.people), 0).label("people"),
    ).where(point.id.in_(at))
    return read_as(Planned, await tx.execute(query))[0]


async def callees(tx: Tx, contact_ids: Collection[UUID]) -> dict[UUID, Callee]:
    """These people with their numbers."""
    rows = await tx.execute(
        select(
            contacts.c.id,
            contacts.c.name,
            contacts.c.language,
            contacts.c.demonstration,
            contact_numbers.c.number,
            contact_numbers.c.kind,
            contact_numbers.c.standing,
        )
        .outerjoin(contact_numbers, contact_numbers.c.contact_id == contacts.c.id)
        .where(is_one_of(contacts.c.id, contact_ids))
        .order_by(contacts.c.id, contact_numbers.c.preference, contact_numbers.c.number)
    )
    return {row_id: _callee(list(of_one)) for row_id, of_one in groupby(rows, key=lambda row: row.id)}


def _callee(rows: Sequence[Row[*tuple[Any, ...]]]) -> Callee:
    """One person of the rows of their numbers, in the order of preference."""
    first = rows[0]
    ordered = in_calling_order([row for row in rows if row.number], lambda row: NumberStanding(row.standing))
    return Callee(
        first.id,
        first.name,
        first.language,
        first.demonstration,
        tuple((row.number, row.kind) for row in ordered),
        frozenset(row.number for row in ordered if row.standing in DOUBTFUL),
    )


async def book_in_force(tx: Tx) -> object | None:
    """The newest ladders as plain data, or None while the ready-made ones serve."""
    return await tx.scalar(select(ladders.c.body).order_by(ladders.c.version.desc()).limit(1))


async def freeze_ladders(
    tx: Tx, warning_id: UUID, frozen: Collection[tuple[UUID, str, dict[str, object]]]
) -> None:
    """Copy the ladders of a match, so that no later edit reaches it: (id, tier, body)."""
    if frozen:
        await tx.execute(
            frozen_ladders.insert(),
            [
                {"id": row_id, "warning_id": warning_id, "tier": tier, "body": body}
                for row_id, tier, body in frozen
            ],
        )


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Who stands at the desk that answers for an area: the officer, or the desk's own fixed number."""

    officer_ids: tuple[UUID, ...]
    leader_id: UUID | None
    deputy_id: UUID | None = None  # who is there to be asked for the officer
    until: datetime | None = None  # when their shift ends


async def standing_at(
    tx: Tx, places: Collection[tuple[str, UUID | None]], now: datetime
) -> dict[tuple[str, UUID | None], OnDuty]:
    """Who stands now for each place: at the desk named, else at the nearest desk at or above the area.

    Places that no desk answers for are left out.
    """
    above = {code: (code, *ancestors_of(code)) for code, _ in places}
    wanted = {code for codes in above.values() for code in codes}
    rows = await tx.execute(
        select(desks.c.area_code, desks.c.id).where(desks.c.area_code.in_(wanted)).order_by(desks.c.name)
    )
    desk_at: dict[str, UUID] = {}
    for row in rows:
        desk_at.setdefault(row.area_code, row.id)
    desk_of = {
        (code, desk_id): desk_id or next((desk_at[step] for step in above[code] if step in desk_at), None)
        for code, desk_id in places
    }
    asked = {desk_id for desk_id in desk_of.values() if desk_id}
    standing = await who_stands(tx, list(asked), now)
    deputies = await deputies_at(tx, asked, now)
    return {
        place: _on_duty(standing[desk_id], deputies.get(desk_id, ()))
        for place, desk_id in desk_of.items()
        if desk_id
    }


def _on_duty(standing: Standing | NobodyOnDuty, deputies: Sequence[UUID]) -> OnDuty:
    if isinstance(standing, NobodyOnDuty):
        fallback = standing.fallback_contact_id
        return OnDuty((fallback,) if fallback else (), None, next(iter(deputies), None))
    officers = (standing.officer_id, *((standing.second_id,) if standing.second_id else ()))
    free = (person for person in deputies if person not in (*officers, standing.leader_id))
    return OnDuty(officers, standing.leader_id, next(free, None), standing.shift.ends_at)
