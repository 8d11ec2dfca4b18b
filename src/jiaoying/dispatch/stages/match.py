"""Match: a received warning becomes responsibilities, or an explained line that nobody is concerned."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.finding import area_of, people_for
from jiaoying.dispatch.ladders import ladder_to_data
from jiaoying.dispatch.matching import (
    CoveredArea,
    Match,
    NewResponsibility,
    OutsideHome,
)
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.states import WarningEvent, WarningState
from jiaoying.dispatch.store import call_outs, responsibilities, roster, warnings
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.withdrawing import replace_warning, stand_down
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx, is_passing
from jiaoying.warnings.store import find_replaced

ACTOR = "match"
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
                warning = await warnings.claim_received(tx)
                if warning is None:
                    return 0
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
    withdrawn = await _earlier(tx, warning)
    for target in withdrawn:
        await stand_down(tx, target, actor=ACTOR, reason="cancelled", now=now)
    await warnings.move_warning(tx, warning.id, WarningEvent.CLOSE, now, reason="cancel")
    await append_entries(tx, [Entry(now, "warning.closed", ACTOR, warning.id, facts={"reason": "cancel"})])
    if not withdrawn:
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


async def _match(tx: Tx, engine: Engine, warning: WarningRow, now: datetime) -> None:
    earlier = await _standing(tx, await _earlier(tx, warning)) if warning.replaces_id else ()
    raised = _rank(warning.colour) > max((_rank(found.colour) for found in earlier), default=0)
    for target in earlier:
        await replace_warning(tx, target.id, actor=ACTOR, now=now)
    area = await _area_of(tx, engine, warning)
    if isinstance(area, OutsideHome):
        # It has moved away: those who were reached hear that it no longer holds here.
        for target in earlier:
            await warnings.ask_stand_down(tx, target.id)
        await _explain_nobody(tx, warning, now, "outside_home", {"codes": list(area.codes)})
        return
    match = await _people_for(tx, engine, warning, area, now)
    if not match.responsibilities:
        await _explain_nobody(tx, warning, now, "no_post_no_desk", {"not_asked": match.not_asked})
        return
    await _write(tx, warning, area, match, now)
    if earlier and not raised:
        await _carry_answers(tx, warning, earlier, now)


async def _carry_answers(tx: Tx, warning: WarningRow, earlier: Sequence[WarningRow], now: datetime) -> None:
    carried: dict[UUID, UUID] = {}
    for target in earlier:
        carried |= await call_outs.carry_answers(tx, warning.id, target.id, now)
    facts = {"how": "carried"}
    people = [
        Entry(
            now, "call_out.answered", ACTOR, warning.id, call_out_id=row_id, contact_id=contact, facts=facts
        )
        for row_id, contact in carried.items()
    ]
    summary = Entry(now, "warning.answers_carried", ACTOR, warning.id, facts={"people": len(carried)})
    await append_entries(tx, [summary, *people])


async def _earlier(tx: Tx, warning: WarningRow) -> tuple[UUID, ...]:
    """Everything that this warning takes the place of or ends: its chain, and what its message names."""
    chain = await warnings.family_of(tx, warning.id)
    named = await find_replaced(tx, warning.id)
    return tuple(dict.fromkeys((*chain, *named)))


async def _standing(tx: Tx, earlier: tuple[UUID, ...]) -> tuple[WarningRow, ...]:
    """Those that still stood until now. What an earlier version replaced stands no more: an answer to
    its yellow must not pass by the red of the version between for an answer to today's red."""
    known = await warnings.warnings_by_id(tx, earlier)
    over = (WarningState.WITHDRAWN, WarningState.IGNORED)
    return tuple(known[row_id] for row_id in earlier if known[row_id].state not in over)


def _rank(colour: Colour | None) -> int:
    return colour.rank if colour else Colour.YELLOW.rank


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


async def _write(tx: Tx, warning: WarningRow, area: CoveredArea, match: Match, now: datetime) -> None:
    await roster.freeze_ladders(
        tx, warning.id, [(row_id, tier, ladder_to_data(ladder)) for row_id, tier, ladder in match.ladders]
    )
    await warnings.move_warning(tx, warning.id, WarningEvent.MATCH, now)
    await append_entries(tx, [_matched_entry(warning, area, match, now)])
    for first in range(0, len(match.responsibilities), BATCH):
        some = match.responsibilities[first : first + BATCH]
        await responsibilities.open_responsibilities(tx, some, now)
        await append_entries(tx, [_opened_entry(item, now) for item in some])


def _matched_entry(warning: WarningRow, area: CoveredArea, match: Match, now: datetime) -> Entry:
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
