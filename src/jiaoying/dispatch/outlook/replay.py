"""A past warning held against today's roster and ladders: who would be called, and who was called then."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.home_map import HomeMap
from jiaoying.dispatch.ladders.book import book_now
from jiaoying.dispatch.matching import ladders_for
from jiaoying.dispatch.outlook.ahead import ahead_of
from jiaoying.dispatch.outlook.figures import Figures, figures_of
from jiaoying.dispatch.outlook.listing import ListedPerson, list_people
from jiaoying.dispatch.outlook.subjects import PastWarning, would_be_of
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.called_then import called_then
from jiaoying.dispatch.store.ladder_facts import names_of_people
from jiaoying.settings import GatewayLimits
from jiaoying.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Replay:
    """`people` is everybody who would be called now, a part of them listed; the sets are of contacts."""

    past: PastWarning
    figures: Figures
    people: tuple[ListedPerson, ...]
    called_then: frozenset[UUID]
    new: frozenset[UUID]  # the match would call them now; they were not called then
    not_asked: Mapping[UUID, str]  # called then; no rung would ask them now, by name


async def replay(
    tx: Tx,
    past: PastWarning,
    *,
    home: HomeMap,
    timezone: ZoneInfo,
    limits: GatewayLimits | None,
    desk_name: str,
    now: datetime,
    begin: int = 0,
    most: int | None = None,
) -> Replay | OutsideHome:
    """As if the warning came today at the hour at which it came. Whoever stands at the desks now, stands.

    `begin` and `most` say which part of the people is listed with their words.
    """
    warning = past.warning
    local = past.matched_at.astimezone(timezone).time()
    ladders = ladders_for(await book_now(tx), warning.hazard, warning.colour, local, now)
    would_be = would_be_of(warning, desk_name=desk_name, reference=warning.reference, timezone=timezone)
    ahead = await ahead_of(tx, would_be, home=home, timezone=timezone, now=now, ladders=ladders)
    if isinstance(ahead, OutsideHome):
        return ahead
    callees = await roster.callees(tx, [person.contact_id for person in ahead.people])
    listed = await list_people(tx, ahead.people, would_be.facts, limits, begin=begin, most=most)
    then = await called_then(tx, warning.id)
    first = {person.contact_id for person in ahead.people if person.begins_s == 0}
    gone = then - {person.contact_id for person in ahead.people}
    names = await names_of_people(tx, gone)
    return Replay(
        past,
        figures_of(ahead, callees, limits),
        tuple(listed),
        then,
        frozenset(first - then),
        {person: names.get(person, str(person)) for person in sorted(gone)},
    )
