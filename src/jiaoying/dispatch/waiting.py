"""Village people who wait, because nobody can say which of them a polygon means: let go by tick or by clock.

Where a county's outline is the finest that is known and less than half of it lies under the polygon, desks,
county and townships are called at once (`dispatch.covering`). The officer sees at once who waits and ticks
the townships that are meant. Under red silence must not stop it: then all go by themselves when the clock
runs out. What was let go stays let go in every later version of the warning.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.covering import CoveredArea, OutsideHome, township_of
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.finding import area_of, people_for
from jiaoying.dispatch.ladders.model import Tier
from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.dispatch.matching import NewResponsibility
from jiaoying.dispatch.opening import open_singly
from jiaoying.dispatch.raising import clear_alarm, raise_alarm
from jiaoying.dispatch.states import WarningState
from jiaoying.dispatch.store import waiting as store
from jiaoying.dispatch.store import warnings
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.holding import DECISION_WAIT_S, rank_of

ACTOR = "match"
ALARM = "villages_wait"
BATCH = 2000


def release_moment(
    colour: Colour | None,
    valid_to: datetime,
    earlier: Sequence[WarningRow],
    *,
    hold_s: int | None,
    now: datetime,
) -> datetime | None:
    """When those who wait go by themselves: under red, after the source's hold for it or two minutes.

    Never later than halfway to the end of the warning. A message that repeats itself does not push the
    clock of the one before (`earlier`) before it. None under milder colours: the officer decides.
    """
    if colour is not Colour.RED:
        return None
    wait = timedelta(seconds=hold_s or DECISION_WAIT_S)
    until = now + min(wait, max(valid_to - now, timedelta()) / 2)
    clocks = [row.release_at for row in earlier if row.release_at and rank_of(row.colour) >= rank_of(colour)]
    return min(until, *clocks) if clocks else until


async def let_wait(
    tx: Tx, warning: WarningRow, earlier: Sequence[WarningRow], posts: Mapping[str, int], now: datetime
) -> None:
    """Write down whose village people wait (posts by township), and ask the officer; never silently."""
    released = released_before(earlier)
    if not posts:
        if released:
            await store.keep_waiting(tx, warning.id, waiting=(), released=released, release_at=None)
        return
    hold_s = await store.hold_of_source(tx, warning.id, Colour.RED)
    until = release_moment(warning.colour, warning.valid_to, earlier, hold_s=hold_s, now=now)
    await store.keep_waiting(tx, warning.id, waiting=posts, released=released, release_at=until)
    facts = {"townships": sorted(posts), "posts": sum(posts.values()), "release_at": until}
    await append_entries(tx, [Entry(now, "warning.villages_wait", ACTOR, warning.id, facts=facts)])
    await raise_alarm(tx, ALARM, _alarm_text(warning, len(posts), until), now, warning_id=warning.id)


def released_before(earlier: Sequence[WarningRow]) -> frozenset[str]:
    """The townships that were let go under the warnings before."""
    return frozenset(code for row in earlier for code in row.released_areas)


def _alarm_text(warning: WarningRow, townships: int, until: datetime | None) -> str:
    if until is None:
        return say(
            "“{headline}” touches less than half of an outline, and nothing finer is known there: the village"
            " people of {count} townships wait until you tick the townships that are meant",
            headline=warning.headline,
            count=townships,
        )
    return say(
        "“{headline}” touches less than half of an outline, and nothing finer is known there: tick the"
        " townships that are meant. The village people of {count} townships wait, and are called by"
        " themselves when the clock runs out",
        headline=warning.headline,
        count=townships,
    )


async def release_townships(
    tx: Tx, warning_id: UUID, townships: Collection[str], *, by: str, now: datetime
) -> None:
    """The officer ticks townships: the match calls their village people at once. Raises Refusal."""
    warning = await warnings.lock_warning(tx, warning_id)
    if warning is None or warning.state is not WarningState.MATCHED or not warning.waiting_areas:
        raise Refusal(say("Nobody waits under this warning any more; nothing was changed"))
    ticked = set(townships) & set(warning.waiting_areas)
    if not ticked:
        raise Refusal(say("Tick at least one of the townships whose village people wait"))
    rest = set(warning.waiting_areas) - ticked
    await store.keep_waiting(
        tx,
        warning_id,
        waiting=rest,
        released={*warning.released_areas, *ticked},
        release_at=warning.release_at if rest else None,
        due=True,
    )
    facts = {"townships": sorted(ticked), "waiting": sorted(rest)}
    await append_entries(tx, [Entry(now, "warning.villages_ticked", by, warning_id, facts=facts)])


async def release_due(tx: Tx, engine: Engine, now: datetime) -> int:
    """Call the village people of townships that were let go, of one warning; returns how many warnings."""
    warning = await store.claim_release(tx, now)
    if warning is None:
        return 0
    by_clock = warning.release_at is not None and warning.release_at <= now
    rest = () if by_clock else warning.waiting_areas
    area = await area_of(tx, engine.home_map, warning.area_codes, warning.polygons, warning.circles)
    released = {*warning.released_areas, *(() if rest else _all_waiting(warning, area))}
    new = await _now_asked(tx, engine, warning, area, released, now)
    await store.keep_waiting(
        tx,
        warning.id,
        waiting=rest,
        released=released,
        release_at=warning.release_at if rest else None,
    )
    facts = {"by": "clock" if by_clock else "officer", "townships": sorted(released), "posts": len(new)}
    await append_entries(tx, [Entry(now, "warning.villages_called", ACTOR, warning.id, facts=facts)])
    for first in range(0, len(new), BATCH):
        await append_entries(tx, await open_singly(tx, new[first : first + BATCH], now))
    return 1


def _all_waiting(warning: WarningRow, area: CoveredArea | OutsideHome) -> frozenset[str]:
    """With the last who wait go those who came under another township meanwhile: nobody could tick it."""
    units = () if isinstance(area, OutsideHome) else area.units
    return frozenset((*warning.waiting_areas, *(township_of(unit.code) for unit in units if unit.waits)))


async def _now_asked(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    area: CoveredArea | OutsideHome,
    released: Collection[str],
    now: datetime,
) -> list[NewResponsibility]:
    """What is to be opened in these townships and was not opened before: of a version of its own, since
    nobody who answered was told of it."""
    if isinstance(area, OutsideHome):
        return []
    ladders = {
        Tier(tier): (row_id, ladder_from_data(body))
        for tier, row_id, body in await store.frozen_of(tx, warning.id)
    }
    match = await people_for(
        tx,
        warning_id=warning.id,
        hazard=warning.hazard,
        area=area.released(released),
        ladders=ladders,
        timezone=engine.timezone,
        now=now,
    )
    opened, version = await store.posts_opened(tx, warning.id)
    return [
        replace(item, version=version + 1)
        for item in match.responsibilities
        if item.post_id and item.post_id not in opened and township_of(item.area_code) in released
    ]


async def clear_over(tx: Tx, now: datetime) -> None:
    """The officer need not tick any more where nobody waits or the warning is over."""
    for alarm_id in await store.over_alarms(tx, ALARM):
        await clear_alarm(tx, alarm_id, by=ACTOR, now=now)
