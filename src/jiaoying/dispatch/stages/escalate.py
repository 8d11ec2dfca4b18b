"""Escalate: responsibilities whose moment has come begin a rung, are covered, are listed, or run out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.escalation import (
    AskedPerson,
    Climb,
    Cover,
    GiveUp,
    Standing,
    Step,
    Wait,
    is_overdue,
    next_step,
)
from jiaoying.dispatch.ladders.model import Ladder, Rung, Target, Tier, Who, role_of
from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.dispatch.matching import priority_of
from jiaoying.dispatch.stages.isolation import run_isolated
from jiaoying.dispatch.states import CallOutEvent, CallOutState, ResponsibilityState
from jiaoying.dispatch.stopping import stop_call_outs, supersede_older
from jiaoying.dispatch.store import call_outs, responsibilities, roster, warnings
from jiaoying.dispatch.store.call_outs import Asking, NewRole, OpenedCallOut, stronger
from jiaoying.dispatch.store.responsibilities import DueResponsibility, TiedPerson
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import responsibilities as responsibilities_table

ACTOR = "escalate"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Begun:
    """A rung that begins now, with the people it asks: (role, contact)."""

    duty: DueResponsibility
    index: int
    rung: Rung
    people: tuple[tuple[Who, UUID], ...]
    reason: str


class EscalateStage:
    """Looks at every responsibility whose next moment has come."""

    name = "escalate"
    rings = ("plan", "escalate", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        return await run_isolated(engine, now, responsibilities_table, BATCH, _escalate)


async def _escalate(engine: Engine, now: datetime, limit: int, only: UUID | None = None) -> int:
    async with engine.database.transaction() as tx:
        due = await responsibilities.claim_due(tx, now, limit, only)
        if due:
            await _take_steps(tx, due, now)
    return len(due)


async def _take_steps(tx: Tx, due: Sequence[DueResponsibility], now: datetime) -> None:
    people = await responsibilities.people_of(tx, [duty.id for duty in due])
    frozen = await responsibilities.ladders_by_id(tx, {duty.ladder_id for duty in due})
    ladders = {row_id: ladder_from_data(body) for row_id, body in frozen.items()}
    steps = [(duty, _decide(duty, ladders[duty.ladder_id], people.get(duty.id, ()), now)) for duty in due]
    await _list_overdue(tx, steps, now)
    await _cover(tx, [duty for duty, step in steps if isinstance(step, Cover)], now)
    await _give_up(tx, [(duty, step) for duty, step in steps if isinstance(step, GiveUp)], now)
    await responsibilities.look_again(
        tx, [(duty.id, step.until, step.wait_from) for duty, step in steps if isinstance(step, Wait)]
    )
    climbing = [(duty, step) for duty, step in steps if isinstance(step, Climb)]
    if climbing:
        await _climb(tx, climbing, ladders, now)


def _decide(duty: DueResponsibility, ladder: Ladder, people: Sequence[TiedPerson], now: datetime) -> Step:
    counts_calls = duty.rung >= 0 and Channel.VOICE in ladder.rungs[duty.rung].channels
    asked = [
        AskedPerson(person.rung, person.state, person.called_at if counts_calls else person.texted_at)
        for person in people
    ]
    step = next_step(_standing(duty), ladder, asked, now)
    if duty.state is ResponsibilityState.UNCOVERED and not isinstance(step, Cover):
        return GiveUp("still_uncovered")
    return step


def _standing(duty: DueResponsibility) -> Standing:
    listed = duty.listed_at is not None
    return Standing(duty.rung, duty.rung_began_at, duty.deadline_at, listed, duty.leave_rung)


async def _list_overdue(tx: Tx, steps: Sequence[tuple[DueResponsibility, Step]], now: datetime) -> None:
    """The officer's list fills at the deadline while the ladder goes on."""
    overdue = [
        duty for duty, step in steps if not isinstance(step, Cover) and is_overdue(_standing(duty), now)
    ]
    await responsibilities.mark_listed(tx, [duty.id for duty in overdue], now)
    await append_entries(tx, [_entry(now, "responsibility.listed", duty) for duty in overdue])


async def _cover(tx: Tx, covered: Sequence[DueResponsibility], now: datetime) -> None:
    """Covered: whoever was only asked for this is left in peace."""
    ids = [duty.id for duty in covered]
    if not ids:
        return
    await responsibilities.end_responsibilities(tx, ids, ResponsibilityState.COVERED, None, now)
    free = await call_outs.no_longer_needed(tx, ids)
    await stop_call_outs(tx, free, CallOutEvent.WITHDRAW, actor=ACTOR, reason="covered", now=now)
    await append_entries(tx, [_entry(now, "responsibility.covered", duty) for duty in covered])


async def _give_up(tx: Tx, given_up: Sequence[tuple[DueResponsibility, GiveUp]], now: datetime) -> None:
    """The ladder ran out: it stays on the officer's list, and a late answer still covers it."""
    for duty, step in given_up:
        newly = duty.state is ResponsibilityState.OPEN
        if newly:
            await responsibilities.end_responsibilities(
                tx, [duty.id], ResponsibilityState.UNCOVERED, step.reason, now
            )
            if duty.listed_at is None:
                await responsibilities.mark_listed(tx, [duty.id], now)
            await append_entries(tx, [_entry(now, "responsibility.uncovered", duty, reason=step.reason)])
        else:
            await responsibilities.sleep_on(tx, [duty.id])


async def _climb(
    tx: Tx,
    climbing: Sequence[tuple[DueResponsibility, Climb]],
    ladders: Mapping[UUID, Ladder],
    now: datetime,
) -> None:
    """Begin the next rung of each: resolve who that is now, ask them, and set the next moment."""
    shifts = await roster.standing_at(tx, {(duty.area_code, duty.desk_id) for duty, _ in climbing}, now)
    begun = [
        Begun(
            duty,
            step.rung,
            rung := ladders[duty.ladder_id].rungs[step.rung],
            _people_of_rung(rung, duty, shifts),
            step.reason,
        )
        for duty, step in climbing
    ]
    found = await warnings.warnings_by_id(tx, {item.duty.warning_id for item in begun})
    opened = await call_outs.ask_people(tx, _askings(begun, found, now), now)
    by_person = {(item.warning_id, item.contact_id): item for item in opened}
    await call_outs.tie_roles(tx, _roles(begun, by_person), now)
    await supersede_older(tx, [item.id for item in opened if item.begins], actor=ACTOR, now=now)
    await responsibilities.begin_rungs(tx, [_moment(item, by_person, now) for item in begun], now)
    await append_entries(tx, _story(begun, opened, by_person, now))


def _people_of_rung(
    rung: Rung, duty: DueResponsibility, shifts: Mapping[tuple[str, UUID | None], roster.OnDuty]
) -> tuple[tuple[Who, UUID], ...]:
    """Whom a rung asks at this moment; a role that nobody fills is left out."""
    shift = shifts.get((duty.area_code, duty.desk_id))
    named: dict[Target, UUID | None] = {
        Who.HOLDER: duty.holder_id,
        Who.DEPUTY: duty.deputy_id,
        Who.SUPERIOR: duty.superior_id,
        Who.DESK: shift.officer_id if shift else None,
        Who.LEADER: shift.leader_id if shift else None,
    }
    return tuple(
        (role_of(target), contact) for target in rung.who if (contact := named.get(target)) is not None
    )


def _askings(begun: Sequence[Begun], found: Mapping[UUID, WarningRow], now: datetime) -> dict[UUID, Asking]:
    """One asking a person and warning: several rungs at once are merged to what the strongest wants."""
    merged: dict[tuple[UUID, UUID], Asking] = {}
    for item in begun:
        warning = found[item.duty.warning_id]
        priority = priority_of(
            _tier(item.duty), warning.colour, exercise=warning.exercise, at_point=item.duty.at_point
        )
        for _, contact_id in item.people:
            key = (warning.id, contact_id)
            rung, version = item.rung, item.duty.version
            asking = Asking(*key, priority, tuple(rung.channels), rung.tries, rung.gap_s, version)
            merged[key] = stronger(merged[key], asking) if key in merged else asking
    return {new_id(now): asking for asking in merged.values()}


def _tier(duty: DueResponsibility) -> Tier:
    return Tier.DESK if duty.desk_id else Tier(duty.tier or Tier.VILLAGE)


def _roles(begun: Sequence[Begun], by_person: Mapping[tuple[UUID, UUID], OpenedCallOut]) -> list[NewRole]:
    return [
        NewRole(by_person[item.duty.warning_id, contact_id].id, item.duty.id, who, item.index)
        for item in begun
        for who, contact_id in item.people
    ]


def _moment(
    item: Begun, by_person: Mapping[tuple[UUID, UUID], OpenedCallOut], now: datetime
) -> tuple[UUID, int, datetime]:
    """When to look next: at once where nobody is there to be waited for, else when the wait may end."""
    states = {by_person[item.duty.warning_id, contact_id].state for _, contact_id in item.people}
    if CallOutState.ANSWERED in states or CallOutState.OPEN not in states:
        return item.duty.id, item.index, now
    until = now + timedelta(seconds=item.rung.wait_s)
    if item.duty.listed_at is None and now < item.duty.deadline_at:
        until = min(until, item.duty.deadline_at)
    return item.duty.id, item.index, until


def _story(
    begun: Sequence[Begun],
    opened: Sequence[OpenedCallOut],
    by_person: Mapping[tuple[UUID, UUID], OpenedCallOut],
    now: datetime,
) -> list[Entry]:
    new = [
        Entry(
            now,
            "call_out.opened",
            ACTOR,
            item.warning_id,
            call_out_id=item.id,
            contact_id=item.contact_id,
        )
        for item in opened
        if item.begins
    ]
    rungs = [
        _entry(
            now,
            "responsibility.rung_began" if item.people else "responsibility.rung_empty",
            item.duty,
            rung=item.index + 1,
            reason=item.reason,
            asked=[
                {"role": who, "call_out": str(by_person[item.duty.warning_id, contact_id].id)}
                for who, contact_id in item.people
            ],
        )
        for item in begun
    ]
    return [*new, *rungs]


def _entry(now: datetime, event: str, duty: DueResponsibility, **facts: object) -> Entry:
    return Entry(now, event, ACTOR, duty.warning_id, responsibility_id=duty.id, facts=facts)
