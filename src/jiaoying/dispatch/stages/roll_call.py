"""Roll call: desks are called to say whether somebody is there, and those that do not answer are told.

By hand or by a plan, it is a row that waits first; each step is one transaction that locks it: killed
at any moment it goes on where it stood. It gives way to every grave warning.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from secrets import token_hex
from uuid import UUID

from jiaoying.dispatch.duty_calls import (
    BELLS,
    DeskAsked,
    DeskOutcome,
    DutyCall,
    call_desks,
    end_call,
    outcomes_of,
)
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Who
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.stages.row_by_row import row_by_row
from jiaoying.dispatch.states import ResponsibilityState
from jiaoying.dispatch.store.number_checks import grave_warning_runs
from jiaoying.duty.actions import Doer
from jiaoying.duty.deputies import deputies_at
from jiaoying.duty.model import Desk, NobodyOnDuty
from jiaoying.duty.roll_calls import store
from jiaoying.duty.roll_calls.actions import hold_planned
from jiaoying.duty.roll_calls.drawing import draw, weighed
from jiaoying.duty.roll_calls.model import CallState, Drawable, Manner, Outcome, RollCall, Seen, Terms
from jiaoying.duty.roll_calls.steps import (
    MISSED,
    Begin,
    CallOff,
    End,
    GiveTime,
    GiveWay,
    GoOn,
    latest_end,
    step_of_running,
    step_of_waiting,
)
from jiaoying.duty.store import all_desks, desks_under, who_stands
from jiaoying.gateways.base import Channel
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.purpose import Purpose

ACTOR = "roll_call"
_CHANNELS = {
    Manner.CALL: (Channel.VOICE,),
    Manner.TEXT_AND_CALL: (Channel.SMS, Channel.VOICE),
}
_GAP_S = 30
_TOLD = (Outcome.SILENT, Outcome.DECLINED, Outcome.NOBODY)
_MOST_NAMED = 30


class RollCallStage:
    """Holds what is planned, begins what waits, and ends what has run its time."""

    name = "roll_call"
    rings = BELLS

    async def run_once(self, engine: Engine, now: datetime) -> int:
        async with engine.database.transaction() as tx:
            due = await store.due_plan_ids(tx, now)
        moved = await row_by_row(engine, now, due, partial(_hold, engine, now))
        async with engine.database.transaction() as tx:
            under_way = await store.open_ids(tx, now)
        return moved + await row_by_row(engine, now, under_way, partial(_take_step, engine, now))


async def _hold(engine: Engine, now: datetime, plan_id: UUID) -> bool:
    async with engine.database.transaction() as tx:
        plan = await store.claim_due_plan(tx, plan_id, now)
        if plan is not None:
            await hold_planned(tx, plan, Doer(ACTOR, "", now, engine.timezone))
    return plan is not None


async def _take_step(engine: Engine, now: datetime, call_id: UUID) -> bool:
    """One step of a roll call that is not over; whether anything changed."""
    async with engine.database.transaction() as tx:
        call = await store.claim_open(tx, call_id, now)
        if call is None:
            return False
        grave = await grave_warning_runs(tx, now)
        step = _step_waiting if call.state is CallState.WAITING else _step_running
        return await step(tx, engine, call, now, grave=grave)


# --- before it begins ---


async def _step_waiting(tx: Tx, engine: Engine, call: RollCall, now: datetime, *, grave: bool) -> bool:
    match step_of_waiting(call, now, grave=grave):
        case Begin():
            await _begin(tx, engine, call, now)
        case GiveWay(at):
            await store.postpone(tx, call, at, now)
            if call.postponed_at is None:
                await append_entries(tx, [_entry(call, "postponed", now)])
        case CallOff(reason):
            await store.call_off(tx, call, reason, now)
            await append_entries(tx, [_entry(call, "called_off", now, reason=reason)])
            await raise_alarm(
                tx, f"roll_call_called_off:{call.id}", _called_off_words(engine, call, reason), now
            )
    return True


async def _begin(tx: Tx, engine: Engine, call: RollCall, now: datetime) -> None:
    wanted = await _desks_of(tx, engine, call.terms)
    seed, pool = None, list[Drawable]()
    if call.terms.drawn is not None:
        seed, pool = token_hex(16), weighed([desk.id for desk in wanted], await store.draws_before(tx, now))
        drawn = set(draw(pool, call.terms.drawn, seed))
        wanted = [desk for desk in wanted if desk.id in drawn]
    standing = await who_stands(tx, [desk.id for desk in wanted], now)
    deputies = await deputies_at(tx, list(standing), now)
    nobody = {
        desk_id
        for desk_id, stands in standing.items()
        if isinstance(stands, NobodyOnDuty) and not (stands.fallback_contact_id or deputies.get(desk_id))
    }
    manned = [desk for desk in wanted if desk.id not in nobody]
    call_id = None
    if manned:
        # Ended by this stage at the limit, which may be later after a stop.
        ends_at = latest_end(replace(call, started_at=now))
        duty_call = DutyCall(Purpose.ROLL_CALL, _headline(engine, call), "", ends_at)
        asked = [
            DeskAsked(desk.id, ladder_of(call.terms, has_deputy=bool(deputies.get(desk.id))), desk.name)
            for desk in manned
        ]
        call_id = await call_desks(tx, engine, duty_call, asked, now, actor=ACTOR)
    seen = [Seen(desk.id, Outcome.NOBODY if desk.id in nobody else None) for desk in wanted]
    await store.begin(tx, call, seen, now, call_id=call_id, seed=seed, pool=pool)
    facts = {
        "desks": [str(desk.id) for desk in wanted],
        "seed": seed,
        "call_id": str(call_id) if call_id else None,
    }
    await append_entries(tx, [_entry(call, "begun", now, **facts)])


def ladder_of(terms: Terms, *, has_deputy: bool) -> Ladder:
    """Who stands at the desk is rung; from half of the limit on their deputy too, where there is one."""
    limit_s, channels = int(terms.limit.total_seconds()), _CHANNELS[terms.manner]
    if not has_deputy:
        return Ladder(ANY, limit_s, (Rung((Who.DESK,), channels, terms.tries, _GAP_S, limit_s),))
    half_s = limit_s // 2
    rungs = tuple(Rung((who,), channels, terms.tries, _GAP_S, half_s) for who in (Who.DESK, Who.DEPUTY))
    return Ladder(ANY, limit_s, rungs)


async def _desks_of(tx: Tx, engine: Engine, terms: Terms) -> list[Desk]:
    if not terms.desk_ids:
        return await desks_under(tx, terms.area_code, engine.home_area)
    return [desk for desk in await all_desks(tx) if desk.id in terms.desk_ids]


# --- while it runs ---


async def _step_running(tx: Tx, engine: Engine, call: RollCall, now: datetime, *, grave: bool) -> bool:
    results = (await store.results_of(tx, [call.id]))[call.id]
    heard = {one.desk_id: one for one in await outcomes_of(tx, [call.call_id] if call.call_id else [])}
    seen = [seen_of(heard[one.desk_id]) if one.desk_id in heard else one.seen for one in results]
    match step_of_running(call, seen, now, grave=grave):
        case GoOn():
            changed = [one for one, before in zip(seen, results, strict=True) if one != before.seen]
            await store.keep_seen(tx, call.id, changed)
            return bool(changed)
        case GiveTime(until):
            await store.give_time(tx, call.id, until)
            await append_entries(tx, [_entry(call, "given_time", now, until=until.isoformat())])
            return True
        case End(reason):
            await _end(tx, engine, call, seen, reason, now)
            return True


def seen_of(outcome: DeskOutcome) -> Seen:
    """What the engine saw of a desk; its outcome is None while somebody there may still answer."""
    return Seen(
        outcome.desk_id,
        _outcome_of(outcome),
        outcome.reason,
        outcome.asked_ids,
        outcome.answered_by,
        outcome.answered_how,
        outcome.first_rung_at or outcome.first_asked_at,
        outcome.answered_at,
    )


def _outcome_of(desk: DeskOutcome) -> Outcome | None:
    if desk.answered_by is not None and not desk.declined:
        return Outcome.PRESENT
    if desk.state is ResponsibilityState.OPEN:
        return None
    if desk.declined:
        return Outcome.DECLINED
    # All tries are spent, yet somebody may ring back until the limit, unless nothing was ever sent to them.
    return None if desk.first_asked_at else Outcome.SILENT


async def _end(
    tx: Tx, engine: Engine, call: RollCall, seen: Sequence[Seen], reason: str | None, now: datetime
) -> None:
    left = Outcome.SILENT if reason is None else Outcome.BROKEN_OFF
    kept = [_at_end(one, left) for one in seen]
    if call.call_id is not None:
        await end_call(tx, call.call_id, actor=ACTOR, reason="roll_call_ended", now=now)
    await store.keep_seen(tx, call.id, kept)
    await store.end(tx, call.id, reason, now)
    counts = {outcome.value: sum(one.outcome is outcome for one in kept) for outcome in Outcome}
    told = {outcome: count for outcome, count in counts.items() if count}
    await append_entries(tx, [_entry(call, "ended", now, reason=reason, counts=told)])
    missing = {one.desk_id for one in kept if one.outcome in _TOLD}
    if missing:
        names = [
            one.desk_name
            for one in (await store.results_of(tx, [call.id]))[call.id]
            if one.desk_id in missing
        ]
        await raise_alarm(tx, f"roll_call:{call.id}", _missing_words(engine, call, names), now)


def _at_end(seen: Seen, left: Outcome) -> Seen:
    """Who declined has said so, also where somebody else could still have answered."""
    if seen.outcome is not None:
        return seen
    return replace(seen, outcome=Outcome.DECLINED if seen.answered_by else left)


# --- in words ---


def _headline(engine: Engine, call: RollCall) -> str:
    at = call.planned_at.astimezone(engine.timezone)
    return say("Roll call of {time}", time=f"{at:%m-%d %H:%M}")


def _missing_words(engine: Engine, call: RollCall, names: Sequence[str]) -> str:
    return say(
        "{roll_call}: {count} desks without anybody who answered: {names}",
        roll_call=_headline(engine, call),
        count=len(names),
        names=say(", ").join(names[:_MOST_NAMED]),
    )


def _called_off_words(engine: Engine, call: RollCall, reason: str) -> str:
    if reason == MISSED:
        return say("{roll_call} was missed: the service did not run then", roll_call=_headline(engine, call))
    return say(
        "{roll_call} was called off: a grave warning goes before it", roll_call=_headline(engine, call)
    )


def _entry(call: RollCall, word: str, now: datetime, **facts: object) -> Entry:
    return Entry(now, f"roll_call.{word}", ACTOR, facts={"roll_call": str(call.id), **facts})
