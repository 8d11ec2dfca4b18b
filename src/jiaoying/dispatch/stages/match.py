"""Match: a received warning becomes responsibilities, or an explained line that nobody is concerned."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.finding import area_of, people_for
from jiaoying.dispatch.ladders import ladder_to_data
from jiaoying.dispatch.matching import (
    NOBODY,
    CoveredArea,
    Match,
    NewResponsibility,
    OutsideHome,
)
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.states import WarningEvent, WarningState
from jiaoying.dispatch.store import responsibilities, roster, warnings
from jiaoying.dispatch.store.warnings import Dispute, WarningRow
from jiaoying.dispatch.succession import Followed, earlier_warnings, look_before, take_over
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

log = structlog.get_logger(__name__)


class MatchStage:
    """Takes one warning at a time, the gravest first, and matches it in one transaction."""

    name = "match"
    rings = ("escalate", "close", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        claimed: list[WarningRow] = []
        try:
            async with engine.database.transaction() as tx:
                alone = await warnings.lock_matching(tx)
                disputes = await warnings.claim_disputes(tx) if alone else []
                await _tell_disputes(tx, disputes, now)
                warning = await warnings.claim_received(tx) if alone else None
                if warning is None:
                    return len(disputes)
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
    outside = isinstance(area, OutsideHome)
    match = NOBODY if outside else await _people_for(tx, engine, warning, area, now)
    await _freeze(tx, warning, match)
    followed = await take_over(tx, engine, warning, before, match, now)
    if outside:
        await _explain_nobody(tx, warning, now, "outside_home", {"codes": list(area.codes)})
    elif not match.responsibilities:
        await _explain_nobody(tx, warning, now, "no_post_no_desk", {"not_asked": match.not_asked})
    else:
        await _write(tx, warning, area, match, followed, now)


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


async def _freeze(tx: Tx, warning: WarningRow, match: Match) -> None:
    await roster.freeze_ladders(
        tx, warning.id, [(row_id, tier, ladder_to_data(ladder)) for row_id, tier, ladder in match.ladders]
    )


async def _area_of(tx: Tx, engine: Engine, warning: WarningRow) -> CoveredArea | OutsideHome:
    return await area_of(tx, warning.area_codes, warning.polygons, warning.circles, engine.home_area)


async def _people_for(tx: Tx, engine: Engine, warning: WarningRow, area: CoveredArea, now: datetime) -> Match:
    return await people_for(
        tx,
        warning_id=warning.id,
        hazard=warning.hazard,
        colour=warning.colour,
        area=area,
        timezone=engine.timezone,
        now=now,
    )


async def _write(
    tx: Tx, warning: WarningRow, area: CoveredArea, match: Match, followed: Followed, now: datetime
) -> None:
    await warnings.move_warning(tx, warning.id, WarningEvent.MATCH, now)
    await append_entries(tx, [_matched_entry(warning, area, match, followed, now)])
    for first in range(0, len(followed.opened), BATCH):
        some = followed.opened[first : first + BATCH]
        await responsibilities.open_responsibilities(tx, some, now)
        await append_entries(tx, [_opened_entry(item, now) for item in some])


def _matched_entry(
    warning: WarningRow, area: CoveredArea, match: Match, followed: Followed, now: datetime
) -> Entry:
    return Entry(
        now,
        "warning.matched",
        ACTOR,
        warning.id,
        facts={
            "areas": list(area.inside),
            "precision": area.precision,
            "responsibilities": len(match.responsibilities),
            "not_asked": match.not_asked,
            "places": followed.figures,
        },
    )


def _opened_entry(item: NewResponsibility, now: datetime) -> Entry:
    return Entry(
        now,
        "responsibility.opened",
        ACTOR,
        item.warning_id,
        responsibility_id=item.id,
        facts={"area": item.area_code, "why": item.why, "deadline_at": item.deadline_at.isoformat()},
        particulars={"label": item.label},
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
