"""Where a warning holds and whose it is: the reads before `matching`. Nothing here changes a row."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from jiaoying.contacts.areas.index import contains_points
from jiaoying.contacts.areas.names import current_codes
from jiaoying.dispatch.covering import (
    CoveredArea,
    OutsideHome,
    PointUnder,
    covered_by_codes,
    covered_by_ground,
)
from jiaoying.dispatch.home_map import HomeMap
from jiaoying.dispatch.ladders.reading import book_from_data, default_book
from jiaoying.dispatch.matching import FrozenLadders, Match, ladders_for, match_people
from jiaoying.dispatch.store import roster
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.storage.database import Tx
from jiaoying.warnings.model import Circle


async def area_of(
    tx: Tx, home: HomeMap, area_codes: Sequence[str], polygons: Sequence[Any], circles: Sequence[Any]
) -> CoveredArea | OutsideHome:
    """Codes where there are any; else what the polygons and circles touch, as finely as the ground is known.

    A code is finer than the county's outline, which is all the geometry that most counties have: a
    polygon beside village codes must not widen them to the county.
    """
    # Where people moved with their area, a warning that names the old code means them.
    moved = await current_codes(tx, area_codes)
    codes = [*area_codes, *(code for found in moved.values() for code in found)]
    by_code = covered_by_codes(codes, home.home_area)
    if isinstance(by_code, CoveredArea) or not (polygons or circles):
        return by_code
    index = await home.areas.newest(tx)
    discs = [_disc(circle) for circle in circles]
    touched = await asyncio.to_thread(index.touched, polygons, discs, home.rule)
    points = await _points_under(tx, polygons, discs, home.home_area)
    return covered_by_ground(touched, points, home.home_area)


def _disc(circle: Any) -> Circle:
    """A circle as a draft has it, or as its column keeps it."""
    if isinstance(circle, Circle):
        return circle
    return Circle(circle["lat"], circle["lon"], circle["radius_km"])


async def _points_under(
    tx: Tx, polygons: Sequence[Any], circles: Sequence[Any], home_area: str
) -> list[PointUnder]:
    """The danger points at home whose own place lies under polygons or circles."""
    placed = await roster.points_placed(tx, home_area)
    lats, lons = np.array([point.lat for point in placed]), np.array([point.lon for point in placed])
    under = await asyncio.to_thread(contains_points, polygons, circles, lats, lons)
    return [
        PointUnder(point.id, point.area_code) for point, is_in in zip(placed, under, strict=True) if is_in
    ]


async def ladders_now(
    tx: Tx, hazard: Hazard, colour: Colour | None, timezone: ZoneInfo, now: datetime
) -> FrozenLadders:
    """The ladders in force at this moment for such a warning, with the ids under which they are frozen."""
    body = await roster.book_in_force(tx)
    book = default_book() if body is None else book_from_data(body)
    return ladders_for(book, hazard, colour, now.astimezone(timezone).time(), now)


async def people_for(
    tx: Tx,
    *,
    warning_id: UUID,
    hazard: Hazard,
    area: CoveredArea,
    ladders: FrozenLadders,
    timezone: ZoneInfo,
    now: datetime,
    standing: Collection[UUID] = (),
) -> Match:
    """The posts and desks of an area that answer for a hazard; posts `standing` already never wait."""
    day = now.astimezone(timezone).date()
    return match_people(
        await roster.posts_under(tx, area, families_concerned(hazard), day),
        await roster.desks_under(tx, area),
        warning_id=warning_id,
        hazard=hazard,
        precision=area.precision,
        ladders=ladders,
        now=now,
        standing=standing,
    )
