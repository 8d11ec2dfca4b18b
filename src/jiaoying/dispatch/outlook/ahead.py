"""A warning that is not there, or not any more, held against the roster of a moment: reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.covering import CoveredArea, OutsideHome
from jiaoying.dispatch.finding import area_of, ladders_now, people_for
from jiaoying.dispatch.home_map import HomeMap
from jiaoying.dispatch.matching import FrozenLadders, Match
from jiaoying.dispatch.outlook.model import DutyAhead, PersonAhead, people_ahead
from jiaoying.dispatch.outlook.naming import look_ahead
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.templates.facts import CallFacts


@dataclass(frozen=True, slots=True)
class WouldBe:
    """The warning as it would be, as far as it decides who is called and in what words."""

    hazard: Hazard
    colour: Colour | None
    area_codes: tuple[str, ...]
    polygons: Sequence[Any]
    circles: Sequence[Any]
    facts: CallFacts  # with no roles


@dataclass(frozen=True)
class Ahead:
    """What the match of a warning would open."""

    warning_id: UUID  # as it would have
    area: CoveredArea
    match: Match
    duties: tuple[DutyAhead, ...]

    # Only when asked for: a preview needs nobody's order, and of a province that is a hundred thousand.
    @cached_property
    def people(self) -> tuple[PersonAhead, ...]:
        """Everybody whom its rungs would ask, the soonest first."""
        return tuple(people_ahead(self.duties))


async def ahead_of(
    tx: Tx,
    would_be: WouldBe,
    *,
    home: HomeMap,
    timezone: ZoneInfo,
    now: datetime,
    ladders: FrozenLadders | None = None,
) -> Ahead | OutsideHome:
    """The match on the roster and the rota of `now`, by `ladders`, or by those in force at that hour."""
    area = await area_of(tx, home, would_be.area_codes, would_be.polygons, would_be.circles)
    if isinstance(area, OutsideHome):
        return area
    if ladders is None:
        ladders = await ladders_now(tx, would_be.hazard, would_be.colour, timezone, now)
    warning_id = new_id(now)
    match = await people_for(
        tx,
        warning_id=warning_id,
        hazard=would_be.hazard,
        area=area,
        ladders=ladders,
        timezone=timezone,
        now=now,
    )
    duties = await look_ahead(tx, match, would_be.colour, timezone=timezone, now=now)
    return Ahead(warning_id, area, match, tuple(duties))
