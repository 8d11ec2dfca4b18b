"""If these ladders had been in force: a draft held against a past warning, beside the ladders of that day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.home_map import HomeMap
from jiaoying.dispatch.ladders.model import LadderBook, Tier
from jiaoying.dispatch.matching import FrozenLadders, ladders_for
from jiaoying.dispatch.outlook.ahead import Ahead, WouldBe, ahead_of
from jiaoying.dispatch.outlook.figures import Figures, figures_of
from jiaoying.dispatch.outlook.subjects import PastWarning, would_be_of
from jiaoying.dispatch.store import roster
from jiaoying.dispatch.store.called_then import book_then, ladders_then
from jiaoying.kernel.ids import new_id
from jiaoying.settings import GatewayLimits
from jiaoying.storage.database import Tx

# People of a difference who are kept by name; of more the number is told.
MOST_KEPT = 200


@dataclass(frozen=True, slots=True)
class RungOfTier:
    """One rung of a tier: when it begins at the earliest if nobody answers, and how many people it asks."""

    tier: Tier
    rung: int  # counted from 1
    begins_s: int
    people: int


@dataclass(frozen=True, slots=True)
class Side:
    """What one set of ladders would do."""

    figures: Figures
    rungs: tuple[RungOfTier, ...]


@dataclass(frozen=True, slots=True)
class TrialResult:
    """One warning by the ladders of its day and by the draft, both on today's roster.

    `added` and `removed` are people whom only one of the two calls at once, some of them; None for a
    warning that lies outside or called nobody.
    """

    warning_id: UUID
    then: Side | None
    draft: Side | None
    added: tuple[UUID, ...] = ()
    removed: tuple[UUID, ...] = ()
    added_count: int = 0
    removed_count: int = 0


async def try_on(
    tx: Tx,
    past: PastWarning,
    draft: LadderBook,
    *,
    home: HomeMap,
    timezone: ZoneInfo,
    limits: GatewayLimits | None,
    now: datetime,
) -> TrialResult:
    """Hold a draft against one warning. The roster is today's for both, so that only the ladders differ;
    the hour and who stood at the desks are those of the warning."""
    warning, moment = past.warning, past.matched_at
    would_be = would_be_of(warning, desk_name="", reference=warning.reference, timezone=timezone)
    local = moment.astimezone(timezone).time()
    frozen = {tier: (new_id(now), ladder) for tier, ladder in (await ladders_then(tx, warning.id)).items()}
    then = frozen or ladders_for(await book_then(tx, moment), warning.hazard, warning.colour, local, now)
    drafted = ladders_for(draft, warning.hazard, warning.colour, local, now)
    sides = [await _ahead(tx, would_be, ladders, home, timezone, moment) for ladders in (then, drafted)]
    before, after = sides
    if before is None or after is None:
        return TrialResult(warning.id, None, None)
    callees = await roster.callees(tx, {one.contact_id for side in (before, after) for one in side.people})
    first_then, first_draft = _at_once(before), _at_once(after)
    added, removed = sorted(first_draft - first_then), sorted(first_then - first_draft)
    return TrialResult(
        warning.id,
        Side(figures_of(before, callees, limits), tuple(_rungs(before))),
        Side(figures_of(after, callees, limits), tuple(_rungs(after))),
        tuple(added[:MOST_KEPT]),
        tuple(removed[:MOST_KEPT]),
        len(added),
        len(removed),
    )


async def _ahead(
    tx: Tx,
    would_be: WouldBe,
    ladders: FrozenLadders,
    home: HomeMap,
    timezone: ZoneInfo,
    moment: datetime,
) -> Ahead | None:
    found = await ahead_of(tx, would_be, home=home, timezone=timezone, now=moment, ladders=ladders)
    return None if isinstance(found, OutsideHome) else found


def _at_once(ahead: Ahead) -> set[UUID]:
    return {person.contact_id for person in ahead.people if person.begins_s == 0}


def _rungs(ahead: Ahead) -> Iterator[RungOfTier]:
    """Each rung of each tier that asks somebody, in the order of the tiers and of the rungs."""
    found: dict[tuple[Tier, int], RungOfTier] = {}
    asked: dict[tuple[Tier, int], set[UUID]] = {}
    for duty in ahead.duties:
        for rung in duty.rungs:
            if rung.people:
                key = (duty.tier, rung.index)
                known = found.setdefault(key, RungOfTier(duty.tier, rung.index + 1, rung.begins_s, 0))
                found[key] = replace(known, begins_s=min(known.begins_s, rung.begins_s))
                asked.setdefault(key, set()).update(person for _, person in rung.people)
    for key in sorted(found, key=_order):
        yield replace(found[key], people=len(asked[key]))


def _order(key: tuple[Tier, int]) -> tuple[int, int]:
    return list(Tier).index(key[0]), key[1]


def changed(results: Iterable[TrialResult]) -> int:
    """Under how many warnings somebody would have been called at once, or not, because of the draft."""
    return sum(bool(one.added_count or one.removed_count) for one in results)
