"""Presence: whoever comes on duty is asked to sign on; shifts that nobody comes to or takes over are told.
Who is relieved in the middle of a shift while they are rung is left in peace.

At the first moment of a shift its officer gets a text, then calls; the leader follows. An answer is a
sign-on. Past the time that there is, an alarm stands until an officer has come or the shift is over.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from jiaoying.dispatch.duty_calls import DeskAsked, DeskOutcome, DutyCall, call_desks, end_call, outcomes_of
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Who
from jiaoying.dispatch.open_items import Record
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm_once
from jiaoying.dispatch.replacing import wake_relieved
from jiaoying.dispatch.shift_change import look_at, open_for_running
from jiaoying.dispatch.stages.row_by_row import row_by_row
from jiaoying.dispatch.states import ResponsibilityState
from jiaoying.duty.handovers.store import claim_due as due_handovers
from jiaoying.duty.model import Desk, Shift
from jiaoying.duty.sign_ons import (
    OFFICERS,
    ShiftWatch,
    WatchState,
    begun_unwatched,
    claim_due,
    move_watch,
    note_answer,
    open_watch,
    sign_ons_of,
    unsigned_answers,
)
from jiaoying.duty.store import desk_by_id, shifts_by_id
from jiaoying.gateways.base import Channel
from jiaoying.kernel.language import current_language, say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.purpose import Purpose

ACTOR = "presence"
BATCH = 100
_BOTH = (Channel.SMS, Channel.VOICE)
# A text at once, calls after five minutes, the leader after ten, when the desk hears of it too: our choice.
LADDER = Ladder(
    ANY,
    600,
    (
        Rung((Who.DESK,), (Channel.SMS,), tries=1, gap_s=60, wait_s=300),
        Rung((Who.DESK,), _BOTH, tries=3, gap_s=90, wait_s=300),
        Rung((Who.LEADER,), _BOTH, tries=2, gap_s=90, wait_s=300),
    ),
)


@dataclass(slots=True)
class PresenceStage:
    """Opens a watch for each shift that begins, and takes those that are open a step further."""

    name: str = "presence"
    rings: tuple[str, ...] = ("escalate", "plan", "send", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        async with engine.database.transaction() as tx:
            begun = [shift.id for shift in await begun_unwatched(tx, now)]
        moved = await row_by_row(engine, now, begun, partial(_begin, engine, now))
        async with engine.database.transaction() as tx:
            answered = dict.fromkeys(one.shift_id for one in await unsigned_answers(tx, now))
        moved += await row_by_row(engine, now, answered, partial(_hear, engine, now))
        async with engine.database.transaction() as tx:
            due = [watch.shift_id for watch in await claim_due(tx, now, BATCH)]
        moved += await row_by_row(engine, now, due, partial(_look, engine, now))
        async with engine.database.transaction() as tx:
            moved += await open_for_running(tx, now)
            left = [handover.id for handover in await due_handovers(tx, now, BATCH)]
        moved += await row_by_row(engine, now, left, partial(_look_at_handover, engine, now))
        async with engine.database.transaction() as tx:
            return moved + await wake_relieved(tx, now)


async def _begin(engine: Engine, now: datetime, shift_id: UUID) -> bool:
    async with engine.database.transaction() as tx:
        return bool(await _ask_to_sign_on(tx, engine, now, shift_id))


async def _ask_to_sign_on(tx: Tx, engine: Engine, now: datetime, shift_id: UUID) -> int:
    """The watch and the call are one transaction: neither is there without the other."""
    begun = await begun_unwatched(tx, now, shift_id)
    for shift in begun:
        desk = await desk_by_id(tx, shift.desk_id)
        if desk is not None and await _has_come(tx, shift):
            # Before it began: they took over from the shift before, or were quicker than this stage.
            await open_watch(tx, ShiftWatch(shift.id, desk.id, None, WatchState.MANNED, now, None))
        elif desk is not None:
            call_id = await _ask(tx, engine, shift, desk, now)
            watch = ShiftWatch(shift.id, desk.id, call_id, WatchState.ASKED, now, now)
            await open_watch(tx, replace(watch, next_at=_next_look(watch, shift)))
    return len(begun)


async def _ask(tx: Tx, engine: Engine, shift: Shift, desk: Desk, now: datetime) -> UUID:
    begin, end = (at.astimezone(engine.timezone) for at in (shift.starts_at, shift.ends_at))
    span = f"{begin:%H:%M}–{end:%H:%M}" if begin.date() == end.date() else f"{begin:%H:%M}–{end:%m-%d %H:%M}"
    call = DutyCall(
        Purpose.SIGN_ON,
        say("{desk}: on duty {span}", desk=desk.name, span=span),
        say("On duty today: {span}.", span=span),
        shift.ends_at,
    )
    return await call_desks(tx, engine, call, [DeskAsked(desk.id, LADDER, desk.name)], now, actor=ACTOR)


async def _hear(engine: Engine, now: datetime, shift_id: UUID) -> bool:
    """Whoever answered has come; whether that is news."""
    async with engine.database.transaction() as tx:
        shift = next(iter(await shifts_by_id(tx, [shift_id])))
        answers = await unsigned_answers(tx, now, shift_id)
        return any([await note_answer(tx, shift, answer) is not None for answer in answers])


async def _has_come(tx: Tx, shift: Shift) -> bool:
    return any(one.role in OFFICERS for one in (await sign_ons_of(tx, [shift.id])).get(shift.id, ()))


async def _look(engine: Engine, now: datetime, shift_id: UUID) -> bool:
    async with engine.database.transaction() as tx:
        return any([await _step(tx, engine, watch, now) for watch in await claim_due(tx, now, 1, shift_id)])


async def _look_at_handover(engine: Engine, now: datetime, handover_id: UUID) -> bool:
    record = Record(engine.home_area, current_language())
    async with engine.database.transaction() as tx:
        return await look_at(tx, handover_id, record, engine.timezone, now)


async def _step(tx: Tx, engine: Engine, watch: ShiftWatch, now: datetime) -> bool:
    """What one watch comes to; returns whether that is news."""
    shift = next(iter(await shifts_by_id(tx, [watch.shift_id])))
    outcome = next(iter(await outcomes_of(tx, [watch.call_id] if watch.call_id else [])), None)
    if await _has_come(tx, shift):
        if outcome and outcome.state is not ResponsibilityState.COVERED:
            await end_call(tx, outcome.call_id, actor=ACTOR, reason="signed_on", now=now)
        await _end(tx, watch, WatchState.MANNED, now)
        return True
    if now >= shift.ends_at:
        await append_entries(tx, [_entry(watch, "shift.never_manned", now)])
        await _end(tx, watch, WatchState.OVER, now)
        return True
    if watch.state is WatchState.ASKED and _is_missed(watch, outcome, now):
        await append_entries(tx, [_entry(watch, "shift.not_manned", now)])
        await _tell(tx, engine, watch, shift, outcome, now)
        await move_watch(tx, watch.shift_id, WatchState.MISSED, shift.ends_at)
        return True
    if watch.next_at is not None and watch.next_at <= now:
        await move_watch(tx, watch.shift_id, watch.state, _next_look(watch, shift))
    return False


def _next_look(watch: ShiftWatch, shift: Shift) -> datetime:
    """When nobody has come in the time that there is, and then when the shift is over."""
    if watch.state is WatchState.ASKED:
        return min(_time_is_over(watch), shift.ends_at)
    return shift.ends_at


def _time_is_over(watch: ShiftWatch) -> datetime:
    return watch.asked_at + timedelta(seconds=LADDER.deadline_s)


def _is_missed(watch: ShiftWatch, outcome: DeskOutcome | None, now: datetime) -> bool:
    """Nobody has come in the time that there is, or whoever should have says that they cannot."""
    declined = outcome is not None and outcome.declined
    return declined or now >= _time_is_over(watch)


async def _end(tx: Tx, watch: ShiftWatch, state: WatchState, now: datetime) -> None:
    await clear_alarms_of_kind(tx, _alarm_kind(watch), by=ACTOR, now=now)
    await move_watch(tx, watch.shift_id, state, None)


async def _tell(
    tx: Tx, engine: Engine, watch: ShiftWatch, shift: Shift, outcome: DeskOutcome | None, now: datetime
) -> None:
    desk = await desk_by_id(tx, watch.desk_id)
    begin = shift.starts_at.astimezone(engine.timezone).strftime("%H:%M")
    name = desk.name if desk else ""
    if outcome is not None and outcome.declined:
        text = say(
            "{desk}: {name} cannot come to the shift that began at {begin}. Put somebody in, in the rota",
            desk=name,
            name=outcome.answerer,
            begin=begin,
        )
    else:
        text = say(
            "{desk}: nobody has signed on to the shift that began at {begin}. Ring there, or put somebody in",
            desk=name,
            begin=begin,
        )
    await raise_alarm_once(tx, _alarm_kind(watch), text, now)


def _alarm_kind(watch: ShiftWatch) -> str:
    return f"presence:{watch.shift_id}"


def _entry(watch: ShiftWatch, word: str, now: datetime) -> Entry:
    return Entry(now, word, ACTOR, facts={"shift": str(watch.shift_id), "desk_id": str(watch.desk_id)})
