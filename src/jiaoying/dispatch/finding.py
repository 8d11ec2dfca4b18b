"""Where a warning holds and whose it is: the reads before `matching`. Nothing here changes a row."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.contacts.areas import areas_touched
from jiaoying.dispatch.ladders import book_from_data, default_book
from jiaoying.dispatch.matching import CoveredArea, Match, OutsideHome, covered_area, match_people
from jiaoying.dispatch.store import roster
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard, families_concerned
from jiaoying.storage.database import Tx


async def area_of(
    tx: Tx, area_codes: Sequence[str], polygons: Sequence[Any], circles: Sequence[Any], home_area: str
) -> CoveredArea | OutsideHome:
    """Codes where there are any; else what the polygons and circles touch, as finely as shapes are known.

    A code is finer than the county's outline, which is all the geometry that most counties have: a
    polygon beside village codes must not widen them to the county.
    """
    by_code = covered_area(area_codes, home_area)
    if isinstance(by_code, CoveredArea) or not (polygons or circles):
        return by_code
    touched = await areas_touched(tx, polygons, circles, home_area)
    return covered_area(touched, home_area, precision="shape")


async def people_for(
    tx: Tx,
    *,
    warning_id: UUID,
    hazard: Hazard,
    colour: Colour | None,
    area: CoveredArea,
    timezone: ZoneInfo,
    now: datetime,
) -> Match:
    """The posts and desks of an area that answer for a hazard, on the ladders in force now."""
    local = now.astimezone(timezone)
    body = await roster.book_in_force(tx)
    return match_people(
        await roster.posts_under(tx, area, families_concerned(hazard), local.date()),
        await roster.desks_under(tx, area),
        warning_id=warning_id,
        hazard=hazard,
        colour=colour,
        area=area,
        book=default_book() if body is None else book_from_data(body),
        local=local.time(),
        now=now,
    )
