"""Escalate: responsibilities whose moment has come begin a rung, are covered, are listed, or run out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.climbing import ACTOR, begin_rungs
from jiaoying.dispatch.covering import township_of
from jiaoying.dispatch.doors import IN_VAIN, DoorTask
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.escalation import (
    AskedPerson,
    Climb,
    Cover,
    GiveUp,
    Standing,
    Step,
    Wait,
    Walk,
    is_overdue,
    next_step,
)
from jiaoying.dispatch.ladders.model import Ladder, Who
from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.dispatch.replacing import exchange, who_was_replaced
from jiaoying.dispatch.stages.isolation import run_isolated
from jiaoying.dispatch.states import CallOutEvent, CallOutState, ResponsibilityState
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import call_outs, doors, responsibilities, tied_people
from jiaoying.dispatch.store.responsibilities import DueResponsibility
from jiaoying.dispatch.store.roster import OnDuty, standing_at
from jiaoying.dispatch.store.tied_people import TiedPerson
from jiaoying.dispatch.walking import call_off, take_steps, tell_not_needed
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import covers
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import responsibilities as responsibilities_table

BATCH = 500


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the decisions of one batch need: by responsibility, ladders by their id."""

    ladders: Mapping[UUID, Ladder]
    people: Mapping[UUID, Sequence[TiedPerson]]
    tasks: Mapping[UUID, Sequence[DoorTask]]
    before: Mapping[UUID, Sequence[ResponsibilityState]]  # of those that wait for their turn
    shifts_end: Mapping[UUID, datetime]  # of those that ask whoever is on duty


Decided = tuple[DueResponsibility, Step]


class EscalateStage:
    """Looks at every responsibility whose next moment has come."""

    name = "escalate"
    rings = ("plan", "escalate", "send", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        return await run_isolated(engine, now, responsibilities_table, BATCH, _escalate)


async def _escalate(engine: Engine, now: datetime, limit: int, only: UUID | None = None) -> int:
    async with engine.database.transaction() as tx:
        due = await responsibilities.claim_due(tx, now, limit, only)
        ended = await _take_steps(tx, engine, due, now) if due else []
    if ended:
        async with engine.database.transaction() as tx:
            await responsibilities.wake_next(tx, ended, now)
    return len(due)


async def _take_steps(
    tx: Tx, engine: Engine, due: Sequence[DueResponsibility], now: datetime
) -> list[tuple[UUID, str]]:
    """Do what each asks for; returns where something was decided that others may wait for."""
    situation = await _read_situation(tx, engine, due, now)
    steps = [(duty, _decide(duty, situation, now)) for duty in due]
    await _list_overdue(tx, steps, situation, now)
    await _cover(tx, engine, [duty for duty, step in steps if isinstance(step, Cover)], now)
    await _give_up(tx, [(duty, step) for duty, step in steps if isinstance(step, GiveUp)], situation, now)
    await responsibilities.look_again(
        tx,
        [(duty.id, _earliest(duty, step, situation), step.wait_from) for duty, step in _waits(steps)],
    )
    climbing = [(duty, step) for duty, step in steps if isinstance(step, Climb)]
    if climbing:
        await begin_rungs(tx, engine, climbing, situation.ladders, situation.people, now)
    return [(duty.warning_id, duty.area_code) for duty, step in steps if isinstance(step, Cover | GiveUp)]


async def _read_situation(
    tx: Tx, engine: Engine, due: Sequence[DueResponsibility], now: datetime
) -> Situation:
    """As it stands after those were exchanged whom the roster names no more, and walks took their steps."""
    ids = [duty.id for duty in due]
    frozen = await responsibilities.ladders_by_id(tx, {duty.ladder_id for duty in due})
    ladders = {row_id: ladder_from_data(body) for row_id, body in frozen.items()}
    people = await tied_people.people_of(tx, ids)
    on_duty = await _on_duty(tx, due, people, now)
    replaced = [
        one for duty in due for one in who_was_replaced(duty, people.get(duty.id, ()), on_duty.get(duty.id))
    ]
    await exchange(tx, engine, replaced, ladders, now)
    tasks = await doors.tasks_of(tx, ids)
    if await take_steps(tx, engine, tasks, now):
        tasks = await doors.tasks_of(tx, ids)
    if replaced:
        people = await tied_people.people_of(tx, ids)
    shifts_end = {row_id: shift.until for row_id, shift in on_duty.items() if shift.until}
    return Situation(ladders, people, tasks, await _before(tx, due, ladders), shifts_end)


async def _on_duty(
    tx: Tx, due: Sequence[DueResponsibility], people: Mapping[UUID, Sequence[TiedPerson]], now: datetime
) -> dict[UUID, OnDuty]:
    """Who stands now where somebody was asked because they stood there."""
    asked = [
        duty for duty in due if any(one.role in (Who.DESK, Who.LEADER) for one in people.get(duty.id, ()))
    ]
    if not asked:
        return {}
    standing = await standing_at(tx, {(duty.area_code, duty.desk_id) for duty in asked}, now)
    found = ((duty.id, standing.get((duty.area_code, duty.desk_id))) for duty in asked)
    return {row_id: shift for row_id, shift in found if shift is not None}


async def _before(
    tx: Tx, due: Sequence[DueResponsibility], ladders: Mapping[UUID, Ladder]
) -> dict[UUID, Sequence[ResponsibilityState]]:
    """How those stand that each waits for: of its township where there are any, else of the county."""
    waiting = {
        duty: after for duty in due if duty.rung < 0 and (after := ladders[duty.ladder_id].after) is not None
    }
    if not waiting:
        return {}
    known = await responsibilities.states_before(
        tx, {duty.warning_id for duty in waiting}, {after.tier for after in waiting.values()}
    )
    found: dict[UUID, Sequence[ResponsibilityState]] = {}
    for duty, after in waiting.items():
        township = township_of(duty.area_code)
        all_of_tier = known.get((duty.warning_id, after.tier), [])
        nearby = [state for code, state in all_of_tier if township_of(code) == township]
        above = [state for code, state in all_of_tier if covers(code, township)]
        found[duty.id] = nearby or above
    return found


def _decide(duty: DueResponsibility, situation: Situation, now: datetime) -> Step:
    ladder = situation.ladders[duty.ladder_id]
    people = situation.people.get(duty.id, ())
    asked = {
        (one.call_out_id, rung): _as_asked(one, rung, ladder, now)
        for one in people
        if one.role is not Who.DOOR
        for rung in ladder.rungs_asking(one.role, one.rung, duty.rung)
    }
    step = next_step(
        _standing(duty),
        ladder,
        list(asked.values()),
        now,
        walks=_walks(duty, situation),
        before=situation.before.get(duty.id, ()),
    )
    if duty.state is ResponsibilityState.UNCOVERED and not isinstance(step, Cover):
        return GiveUp("still_uncovered")
    return step


def _as_asked(person: TiedPerson, rung: int, ladder: Ladder, now: datetime) -> AskedPerson:
    state, handed_over_at = _state_that_counts(person, ladder, now), _handed_over(person, rung, ladder)
    return AskedPerson(person.contact_id, rung, state, handed_over_at)


def _state_that_counts(person: TiedPerson, ladder: Ladder, now: datetime) -> CallOutState:
    """Whether the person answered, or, where this ladder lets that count, heard a call to its end.

    Who can bear no more calls for now counts as not reached: the next person is asked meanwhile.
    """
    if ladder.heard_covers and person.heard and person.state is not CallOutState.DECLINED:
        return CallOutState.ANSWERED
    waits = person.state is CallOutState.OPEN and person.calls_again_at and now < person.calls_again_at
    return CallOutState.EXHAUSTED if waits else person.state


def _handed_over(person: TiedPerson, index: int, ladder: Ladder) -> datetime | None:
    """From when the wait for them on a rung counts: the call, where there is one beside the text."""
    rung = ladder.rungs[max(index, 0)]
    if rung.in_turn:
        return min((at for at in (person.called_at, person.texted_at) if at is not None), default=None)
    return person.called_at if Channel.VOICE in rung.channels else person.texted_at


def _walks(duty: DueResponsibility, situation: Situation) -> list[Walk]:
    ladder = situation.ladders[duty.ladder_id]
    walkers = {one.call_out_id: one for one in situation.people.get(duty.id, ()) if one.role is Who.DOOR}
    return [
        Walk(
            walker.rung,
            task.state,
            _handed_over(walker, walker.rung, ladder),
            task.next_at,
            task.reason in IN_VAIN,
        )
        for task in situation.tasks.get(duty.id, ())
        if (walker := walkers.get(task.call_out_id)) is not None
    ]


def _standing(duty: DueResponsibility) -> Standing:
    return Standing(
        duty.rung,
        duty.rung_began_at,
        duty.deadline_at,
        listed=duty.listed_at is not None,
        turn_at=duty.turn_at,
        leave_rung=duty.leave_rung,
    )


def _waits(steps: Sequence[Decided]) -> list[tuple[DueResponsibility, Wait]]:
    return [(duty, step) for duty, step in steps if isinstance(step, Wait)]


def _earliest(duty: DueResponsibility, step: Wait, situation: Situation) -> datetime:
    """A walk has a clock of its own; when a shift ends, somebody else is to be asked."""
    moments = (step.until, _next_of_walks(duty, situation), situation.shifts_end.get(duty.id))
    return min(filter(None, moments))


def _next_of_walks(duty: DueResponsibility, situation: Situation) -> datetime | None:
    moments = (task.next_at for task in situation.tasks.get(duty.id, ()))
    return min((moment for moment in moments if moment is not None), default=None)


async def _list_overdue(tx: Tx, steps: Sequence[Decided], situation: Situation, now: datetime) -> None:
    """The officer's list fills at the deadline while the ladder goes on."""
    overdue = [
        duty
        for duty, step in steps
        if not isinstance(step, Cover) and is_overdue(_standing(duty), now, _walks(duty, situation))
    ]
    await responsibilities.mark_listed(tx, [duty.id for duty in overdue], now)
    await append_entries(tx, [_entry(now, "responsibility.listed", duty) for duty in overdue])


async def _cover(tx: Tx, engine: Engine, covered: Sequence[DueResponsibility], now: datetime) -> None:
    """Covered: whoever was only asked for this is left in peace, and nobody need go to a door for it."""
    ids = [duty.id for duty in covered]
    if not ids:
        return
    await responsibilities.end_responsibilities(tx, ids, ResponsibilityState.COVERED, None, now)
    called_off = await call_off(tx, ids, actor=ACTOR, reason="covered", now=now)
    await tell_not_needed(tx, engine, called_off, now)
    free = await call_outs.no_longer_needed(tx, ids)
    await stop_call_outs(tx, free, CallOutEvent.WITHDRAW, actor=ACTOR, reason="covered", now=now)
    await append_entries(tx, [_entry(now, "responsibility.covered", duty) for duty in covered])


async def _give_up(
    tx: Tx, given_up: Sequence[tuple[DueResponsibility, GiveUp]], situation: Situation, now: datetime
) -> None:
    """The ladder ran out: it stays on the officer's list, and a late answer still covers it."""
    for duty, step in given_up:
        if duty.state is ResponsibilityState.OPEN:
            await responsibilities.end_responsibilities(
                tx, [duty.id], ResponsibilityState.UNCOVERED, step.reason, now
            )
            if duty.listed_at is None:
                await responsibilities.mark_listed(tx, [duty.id], now)
            await append_entries(tx, [_entry(now, "responsibility.uncovered", duty, reason=step.reason)])
    known = [duty for duty, _ in given_up if duty.state is not ResponsibilityState.OPEN]
    await responsibilities.sleep_on(tx, [(duty.id, _next_of_walks(duty, situation)) for duty in known])


def _entry(now: datetime, event: str, duty: DueResponsibility, **facts: object) -> Entry:
    return Entry(now, event, ACTOR, duty.warning_id, responsibility_id=duty.id, facts=facts)
