"""Match: a received warning becomes responsibilities, or an explained line that nobody is concerned."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice

import structlog

from jiaoying.dispatch.covering import CoveredArea, OutsideHome, township_of
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.finding import area_of, ladders_now, people_for
from jiaoying.dispatch.following import NEW_PLACE, Course
from jiaoying.dispatch.ladders.writing import ladder_to_data
from jiaoying.dispatch.matching import NOBODY, FrozenLadders, match_people
from jiaoying.dispatch.opening import open_fresh, open_singly, opened_entries
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.response.linking import respond_to
from jiaoying.dispatch.states import WarningEvent, WarningState
from jiaoying.dispatch.store import roster, warnings
from jiaoying.dispatch.store.warnings import Dispute, WarningRow
from jiaoying.dispatch.succession import Before, earlier_warnings, look_before, posts_standing, take_over
from jiaoying.dispatch.waiting import clear_over, let_wait, release_due, released_before
from jiaoying.dispatch.withdrawing import stand_down
from jiaoying.kernel.areas import share_a_place
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx, is_passing
from jiaoying.warnings.roads import find_possible_twin
from jiaoying.warnings.store import names_nothing

ACTOR = "match"
POSSIBLE_TWIN = "possible_duplicate"
_BEGUN = (WarningState.MATCHED, WarningState.CLOSED)
_IN_FORCE = (WarningState.RECEIVED, WarningState.HELD, WarningState.MATCHED)
# So many in one statement: all of a province's at once would lie several times in memory.
BATCH = 2000
LINES = 20  # of the ledger, each of which tells of a thousand rows

log = structlog.get_logger(__name__)


class MatchStage:
    """Takes one warning at a time, the gravest first, and matches it in one transaction."""

    name = "match"
    rings = ("escalate", "close", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        claimed: list[WarningRow] = []
        try:
            async with engine.database.transaction(patient=True) as tx:
                alone = await warnings.lock_matching(tx)
                disputes = await warnings.claim_disputes(tx) if alone else []
                await _tell_disputes(tx, disputes, now)
                warning = await warnings.claim_received(tx) if alone else None
                if warning is None:
                    return len(disputes) + (await _let_go(tx, engine, now) if alone else 0)
                claimed.append(warning)
                if warning.kind in ("cancel", "all-clear"):
                    await _act_on_cancel(tx, warning, now)
                else:
                    await _match(tx, engine, warning, now)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("match_broke", warning=[str(warning.id) for warning in claimed])
            await _hold_broken(engine, claimed, now)
        return 1


async def _let_go(tx: Tx, engine: Engine, now: datetime) -> int:
    """After all that is new: village people who waited are called, and alarms about them end."""
    released = await release_due(tx, engine, now)
    await clear_over(tx, now)
    return released


async def _hold_broken(engine: Engine, claimed: list[WarningRow], now: datetime) -> None:
    """A warning that breaks the program is held and shown; the ones behind it go on."""
    async with engine.database.transaction() as tx:
        for warning in claimed:
            await warnings.move_warning(tx, warning.id, WarningEvent.HOLD, now, reason="broke")
            await append_entries(
                tx, [Entry(now, "warning.held", ACTOR, warning.id, facts={"reason": "broke"})]
            )
            await raise_alarm(
                tx,
                "match_broke",
                say(
                    "“{headline}” could not be matched by the program: call the places that it names by hand,"
                    " and tell the operator",
                    headline=warning.headline,
                ),
                now,
                warning_id=warning.id,
            )


async def _act_on_cancel(tx: Tx, warning: WarningRow, now: datetime) -> None:
    """A cancel acts even when it is itself already over, and reaches exactly those who were reached."""
    # Everything is locked before the first is stood down: several may run beside one another.
    await look_before(tx, warning)
    ended = await earlier_warnings(tx, warning.id)
    known = await warnings.warnings_by_id(tx, ended)
    for target in ended:
        if share_a_place(warning.area_codes, known[target].area_codes):
            await stand_down(tx, target, actor=ACTOR, reason="cancelled", now=now)
        elif known[target].state in _IN_FORCE:
            await _tell_spared(tx, warning, known[target], now)
    await warnings.move_warning(tx, warning.id, WarningEvent.CLOSE, now, reason="cancel")
    await append_entries(tx, [Entry(now, "warning.closed", ACTOR, warning.id, facts={"reason": "cancel"})])
    if not ended and not await warnings.of_same_message(tx, warning.id):
        await raise_alarm(
            tx,
            "cancel_without_target",
            say(
                "“{headline}” cancels a warning that never reached us: check whether people were called"
                " by another way",
                headline=warning.headline,
            ),
            now,
            warning_id=warning.id,
        )


async def _tell_spared(tx: Tx, cancel: WarningRow, spared: WarningRow, now: datetime) -> None:
    """One message may have warned of several places, and what ends it names only some of them."""
    await raise_alarm(
        tx,
        "cancel_spares",
        say(
            "“{headline}” ends a part only: “{spared}” is for other places and goes on. Stand it down by hand"
            " if it was meant too",
            headline=cancel.headline,
            spared=spared.headline,
        ),
        now,
        warning_id=spared.id,
    )


async def _tell_disputes(tx: Tx, disputes: Sequence[Dispute], now: datetime) -> None:
    for dispute in disputes:
        await raise_alarm(
            tx,
            "sources_disagree",
            say(
                "The source {source} brought “{headline}” with another colour or hazard than the first one:"
                " calling goes on by the first; ask the issuer which is right",
                source=dispute.source,
                headline=dispute.headline,
            ),
            now,
            warning_id=dispute.warning_id,
        )


async def _match(tx: Tx, engine: Engine, warning: WarningRow, now: datetime) -> None:
    before = await look_before(tx, warning)
    if not any(row.state in _BEGUN for row in before.replaced):
        if await _is_held_as_twin(tx, warning, now):
            return
        await _ask_for_target(tx, warning, now)
    area = await _area_of(tx, engine, warning)
    if isinstance(area, OutsideHome):
        # What went before is over all the same.
        await take_over(tx, engine, warning, before, NOBODY, now)
        await _explain_nobody(tx, warning, now, "outside_home", {"codes": list(area.codes)})
        return
    area = area.released(released_before(before.replaced))
    ladders = await ladders_now(tx, warning.hazard, warning.colour, engine.timezone, now)
    await roster.freeze_ladders(
        tx, warning.id, [(row_id, tier, ladder_to_data(ladder)) for tier, (row_id, ladder) in ladders.items()]
    )
    open_all = _open_after_others if before.replaced else _open_fresh
    matched = await open_all(tx, engine, warning, before, area, ladders, now)
    await respond_to(
        tx,
        engine,
        warning,
        area,
        replaced=[row.id for row in before.replaced],
        beside=bool(await warnings.of_same_message(tx, warning.id)),
        now=now,
    )
    if not matched.places and not matched.waiting:
        await _explain_nobody(tx, warning, now, "no_post_no_desk", {"not_asked": matched.not_asked})
        return
    await warnings.move_warning(tx, warning.id, WarningEvent.MATCH, now)
    await append_entries(tx, [_matched_entry(warning, area, matched, now)])
    # A part at a time: all of a province's lines at once would lie several times in memory.
    for part in matched.story:
        await append_entries(tx, part)
    await let_wait(tx, warning, before.replaced, matched.waiting, now)


@dataclass(frozen=True, slots=True)
class _Matched:
    """What a match came to: how many places are asked for, and what was decided on how many of them.

    `waiting` counts posts that wait, by township; `story` is still to be told.
    """

    places: int
    figures: Mapping[str, int]
    not_asked: Mapping[str, int]
    waiting: Mapping[str, int]
    story: Iterable[Sequence[Entry]]


async def _open_fresh(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    _before: Before,
    area: CoveredArea,
    ladders: FrozenLadders,
    now: datetime,
) -> _Matched:
    """Nothing is there that could go on: posts are opened where they lie, desks one by one."""
    opened = await open_fresh(tx, engine, warning, area, ladders, now)
    desks = match_people(
        (),
        await roster.desks_under(tx, area),
        warning_id=warning.id,
        hazard=warning.hazard,
        precision=area.precision,
        ladders=ladders,
        now=now,
    ).responsibilities
    of_desks = await open_singly(tx, desks, now)
    count = opened.count + len(desks)
    return _Matched(
        count,
        {f"{Course.CALL}:{NEW_PLACE}": count} if count else {},
        opened.passed_over,
        opened.waiting,
        chain([of_desks], _in_parts(opened_entries(warning.id, opened, ladders, now))),
    )


def _in_parts(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    return iter(lambda: list(islice(entries, LINES)), [])


async def _open_after_others(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    before: Before,
    area: CoveredArea,
    ladders: FrozenLadders,
    now: datetime,
) -> _Matched:
    """Place by place it is decided what goes on, and what is called anew."""
    match = await people_for(
        tx,
        warning_id=warning.id,
        hazard=warning.hazard,
        area=area,
        ladders=ladders,
        timezone=engine.timezone,
        now=now,
        standing=posts_standing(before, warning.hazard),
    )
    followed = await take_over(tx, engine, warning, before, match, now)
    parts = (followed.opened[first : first + BATCH] for first in range(0, len(followed.opened), BATCH))
    story = [await open_singly(tx, part, now) for part in parts]
    waiting = Counter(township_of(post.area_code) for post in match.waiting)
    return _Matched(len(match.responsibilities), followed.figures, match.not_asked, waiting, story)


async def _is_held_as_twin(tx: Tx, warning: WarningRow, now: datetime) -> bool:
    """Whether it waits for the officer because it may be one that runs already, under another identifier.

    Its people are being called at the same colour by the other: nobody is lost while it waits.
    """
    if warning.reason == POSSIBLE_TWIN:
        return False
    twin = await find_possible_twin(tx, warning.id, await earlier_warnings(tx, warning.id), now)
    if twin is None:
        return False
    await warnings.move_warning(tx, warning.id, WarningEvent.HOLD, now, reason=POSSIBLE_TWIN)
    facts: dict[str, object] = {"reason": POSSIBLE_TWIN, "twin": str(twin.id)}
    await append_entries(tx, [Entry(now, "warning.held", ACTOR, warning.id, facts=facts)])
    await raise_alarm(
        tx,
        POSSIBLE_TWIN,
        say(
            "“{headline}” looks like a warning that runs already and came by another source: nobody is called"
            " twice. Start it if it is a further one, else stand it down",
            headline=warning.headline,
        ),
        now,
        warning_id=warning.id,
    )
    return True


async def _ask_for_target(tx: Tx, warning: WarningRow, now: datetime) -> None:
    """An update that names nothing runs by itself; the officer is asked which warning it changes."""
    if warning.kind == "update" and warning.replaces_id is None and await names_nothing(tx, warning.id):
        await raise_alarm(
            tx,
            "update_without_target",
            say(
                "“{headline}” changes a warning and does not say which: it runs as one of its own. Stand the"
                " older one down if it is meant",
                headline=warning.headline,
            ),
            now,
            warning_id=warning.id,
        )


async def _area_of(tx: Tx, engine: Engine, warning: WarningRow) -> CoveredArea | OutsideHome:
    return await area_of(tx, engine.home_map, warning.area_codes, warning.polygons, warning.circles)


def _matched_entry(warning: WarningRow, area: CoveredArea, matched: _Matched, now: datetime) -> Entry:
    return Entry(
        now,
        "warning.matched",
        ACTOR,
        warning.id,
        facts={
            "areas": list(area.inside),
            "precision": area.precision,
            "responsibilities": matched.places,
            "not_asked": matched.not_asked,
            "places": matched.figures,
            **({"waiting": matched.waiting} if matched.waiting else {}),
        },
    )


async def _explain_nobody(
    tx: Tx, warning: WarningRow, now: datetime, reason: str, facts: dict[str, object]
) -> None:
    """Nobody matched: an explained line and an alarm, never silence."""
    await warnings.move_warning(tx, warning.id, WarningEvent.MATCH, now, reason=reason)
    await append_entries(
        tx, [Entry(now, "warning.nobody_matched", ACTOR, warning.id, facts={"reason": reason, **facts})]
    )
    await raise_alarm(
        tx,
        "nobody_matched",
        say(
            "“{headline}” matched nobody ({reason}): call the places that it names by hand, and check the"
            " roster and the duty desks",
            headline=warning.headline,
            reason=_in_words(reason),
        ),
        now,
        warning_id=warning.id,
    )


def _in_words(reason: str) -> str:
    if reason == "outside_home":
        return say("it lies outside the home area")
    return say("no post and no duty desk is there")
