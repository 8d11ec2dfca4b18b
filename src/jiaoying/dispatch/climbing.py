"""A rung begins: who fills its roles now is asked, somebody is sent to a door, and the story is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.doors import LOOK_S, Called, whom_to_wake
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.escalation import Climb
from jiaoying.dispatch.ladders.model import Ladder, Rung, Tier, Who
from jiaoying.dispatch.matching import priority_of
from jiaoying.dispatch.naming import Around, Empty, choose_walker, name_people
from jiaoying.dispatch.states import CallOutState
from jiaoying.dispatch.stopping import supersede_older
from jiaoying.dispatch.store import call_outs, doors, naming, responsibilities, warnings
from jiaoying.dispatch.store.call_outs import Asking, NewRole, OpenedCallOut, stronger
from jiaoying.dispatch.store.doors import NewTask
from jiaoying.dispatch.store.naming import Place
from jiaoying.dispatch.store.responsibilities import BegunRung, DueResponsibility
from jiaoying.dispatch.store.tied_people import TiedPerson
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

ACTOR = "escalate"


@dataclass(frozen=True, slots=True)
class Walk:
    """Somebody is sent to the door of who was not woken: both by the responsibility that asks for it."""

    sleeper_id: UUID  # a call-out
    walker_id: UUID  # a contact


@dataclass(frozen=True, slots=True)
class Begun:
    """A rung that begins now: whom it asks (role, contact), who is sent to a door, which roles are empty."""

    duty: DueResponsibility
    index: int
    rung: Rung
    people: tuple[tuple[Who, UUID], ...]
    walk: Walk | None
    empty: tuple[tuple[Who, Empty], ...]
    reason: str
    shift_ends_at: datetime | None = None  # of whoever is asked because they are on duty


@dataclass(frozen=True, slots=True)
class Asked:
    """What asking came to: call-outs by (warning, contact), those who are sent to doors apart."""

    opened: Sequence[OpenedCallOut]
    people: Mapping[tuple[UUID, UUID], OpenedCallOut]
    walkers: Mapping[tuple[UUID, UUID], UUID]
    new_walkers: Sequence[UUID]


async def begin_rungs(
    tx: Tx,
    engine: Engine,
    climbing: Sequence[tuple[DueResponsibility, Climb]],
    ladders: Mapping[UUID, Ladder],
    tied: Mapping[UUID, Sequence[TiedPerson]],
    now: datetime,
) -> None:
    """Begin the next rung of each: resolve who that is now, ask them, and set the next moment."""
    around = await _around(tx, engine, climbing, ladders, now)
    begun = [
        begin(duty, step, ladders[duty.ladder_id], around[duty.id], tied.get(duty.id, ()))
        for duty, step in climbing
    ]
    asked = await ask(tx, begun, now)
    moments = [_moment(item, ladders[item.duty.ladder_id].deadline_s, asked, now) for item in begun]
    await responsibilities.begin_rungs(tx, moments, now)
    await append_entries(tx, [*opened_entries(asked, begun, now), *_rung_entries(begun, asked, now)])


def begin(
    duty: DueResponsibility, step: Climb, ladder: Ladder, around: Around, tied: Sequence[TiedPerson]
) -> Begun:
    """Whom the rung asks at this moment. Pure.

    Who is sent to the door is not asked to answer beside it: one ring, and `1` means that they go.
    """
    rung = ladder.rungs[step.rung]
    named = name_people(rung, around)
    walk, why = _walk(rung, around, tied)
    people = tuple((who, person) for who, person in named.people if not walk or person != walk.walker_id)
    empty = (*named.empty, (Who.DOOR, why)) if why else named.empty
    on_duty = any(who in (Who.DESK, Who.LEADER) for who, _ in people)
    shift_ends_at = around.shift_ends_at if on_duty else None
    return Begun(duty, step.rung, rung, people, walk, empty, step.reason, shift_ends_at)


def _walk(rung: Rung, around: Around, tied: Sequence[TiedPerson]) -> tuple[Walk | None, Empty | None]:
    if Who.DOOR not in rung.who:
        return None, None
    sleeper = whom_to_wake(
        [Called(one.call_out_id, one.contact_id, one.role, one.state) for one in tied if one.role != Who.DOOR]
    )
    if sleeper is None:
        return None, Empty.NOBODY_TO_WAKE
    sent = {one.contact_id for one in tied if one.role is Who.DOOR}
    walker = choose_walker(around, sleeper.contact_id, sent)
    if walker is None:
        return None, Empty.NOBODY_TO_SEND
    return Walk(sleeper.call_out_id, walker), None


async def _around(
    tx: Tx,
    engine: Engine,
    climbing: Sequence[tuple[DueResponsibility, Climb]],
    ladders: Mapping[UUID, Ladder],
    now: datetime,
) -> dict[UUID, Around]:
    places = {
        duty.id: Place(
            duty.area_code,
            duty.desk_id,
            duty.holder_id,
            duty.deputy_id,
            duty.superior_id,
            ladders[duty.ladder_id].rungs[step.rung].who,
        )
        for duty, step in climbing
    }
    return await naming.around_each(tx, places, now.astimezone(engine.timezone).date(), now)


# --- asking ---


async def ask(tx: Tx, begun: Sequence[Begun], now: datetime, *, by: str = ACTOR) -> Asked:
    """Open or strengthen the call-outs of everybody asked, tie them, and note who goes to which door."""
    found = await warnings.warnings_by_id(tx, {item.duty.warning_id for item in begun})
    await call_outs.lock_of_people(tx, _people(begun), found)
    opened = await call_outs.ask_people(tx, _askings(begun, found, now), now)
    walking = [item for item in begun if item.walk]
    walkers, new = await doors.ask_walkers(
        tx, [_asking(item, item.walk.walker_id, found) for item in walking if item.walk], now
    )
    people = {(item.warning_id, item.contact_id): item for item in opened}
    asked = Asked(opened, people, walkers, new)
    await call_outs.tie_roles(tx, _roles(begun, asked), now)
    await doors.assign(tx, [_task(item, item.walk, asked, by, now) for item in walking if item.walk], now)
    await supersede_older(tx, [item.id for item in opened if item.begins], actor=ACTOR, now=now)
    return asked


def _people(begun: Sequence[Begun]) -> set[UUID]:
    asked = {contact_id for item in begun for _, contact_id in item.people}
    return asked | {item.walk.walker_id for item in begun if item.walk}


def _askings(begun: Sequence[Begun], found: Mapping[UUID, WarningRow], now: datetime) -> dict[UUID, Asking]:
    """One asking a person and warning: several rungs at once are merged to what the strongest wants."""
    merged: dict[tuple[UUID, UUID], Asking] = {}
    for item in begun:
        for _, contact_id in item.people:
            asking = _asking(item, contact_id, found)
            key = (asking.warning_id, contact_id)
            merged[key] = stronger(merged[key], asking) if key in merged else asking
    return {new_id(now): asking for asking in merged.values()}


def _asking(item: Begun, contact_id: UUID, found: Mapping[UUID, WarningRow]) -> Asking:
    warning, duty, rung = found[item.duty.warning_id], item.duty, item.rung
    return Asking(
        warning.id,
        contact_id,
        priority_of(
            _tier(duty),
            warning.colour,
            exercise=warning.exercise,
            at_point=duty.at_point,
            gives_way=warning.purpose.gives_way,
        ),
        tuple(rung.channels),
        rung.tries,
        rung.gap_s,
        duty.version,
        rung.in_turn,
    )


def _tier(duty: DueResponsibility) -> Tier:
    return Tier.DESK if duty.desk_id else Tier(duty.tier or Tier.VILLAGE)


def _roles(begun: Sequence[Begun], asked: Asked) -> list[NewRole]:
    return [
        *(
            NewRole(asked.people[item.duty.warning_id, contact_id].id, item.duty.id, who, item.index)
            for item in begun
            for who, contact_id in item.people
        ),
        *(
            NewRole(asked.walkers[item.duty.warning_id, walk.walker_id], item.duty.id, Who.DOOR, item.index)
            for item in begun
            if (walk := item.walk)
        ),
    ]


def _task(item: Begun, walk: Walk, asked: Asked, by: str, now: datetime) -> NewTask:
    return NewTask(
        new_id(now),
        item.duty.id,
        walk.sleeper_id,
        asked.walkers[item.duty.warning_id, walk.walker_id],
        by,
        now + timedelta(seconds=LOOK_S),
    )


def _moment(item: Begun, deadline_s: int, asked: Asked, now: datetime) -> BegunRung:
    """When to look next: at once where nobody is there to be waited for, else when the wait may end."""
    duty = item.duty
    first_of_steps = item.index == 0 and duty.turn_at is not None
    deadline = now + timedelta(seconds=deadline_s) if first_of_steps else duty.deadline_at
    states = {asked.people[duty.warning_id, contact_id].state for _, contact_id in item.people}
    if item.walk:
        states.add(CallOutState.OPEN)
    if CallOutState.ANSWERED in states or CallOutState.OPEN not in states:
        return BegunRung(duty.id, item.index, now, deadline)
    until = now + timedelta(seconds=item.rung.wait_s)
    if duty.listed_at is None and now < deadline:
        until = min(until, deadline)
    if item.shift_ends_at is not None:
        until = min(until, item.shift_ends_at)
    return BegunRung(duty.id, item.index, until, deadline)


# --- the story ---


def opened_entries(asked: Asked, begun: Sequence[Begun], now: datetime, *, by: str = ACTOR) -> list[Entry]:
    """A line for each call-out that is new or begins again."""
    sent = {
        call_out_id: key for key, call_out_id in asked.walkers.items() if call_out_id in asked.new_walkers
    }
    return [
        *(
            Entry(
                now,
                "call_out.opened",
                by,
                item.warning_id,
                call_out_id=item.id,
                contact_id=item.contact_id,
            )
            for item in asked.opened
            if item.begins
        ),
        *(
            Entry(
                now,
                "call_out.opened",
                by,
                warning_id,
                call_out_id=call_out_id,
                contact_id=contact_id,
                facts={"kind": "door"},
            )
            for call_out_id, (warning_id, contact_id) in sent.items()
        ),
        *(_sent_entry(item, item.walk, asked, by, now) for item in begun if item.walk),
    ]


def _sent_entry(item: Begun, walk: Walk, asked: Asked, by: str, now: datetime) -> Entry:
    return Entry(
        now,
        "door.assigned",
        by,
        item.duty.warning_id,
        responsibility_id=item.duty.id,
        call_out_id=asked.walkers[item.duty.warning_id, walk.walker_id],
        contact_id=walk.walker_id,
        facts={"wake": str(walk.sleeper_id), "rung": item.index + 1},
    )


def _rung_entries(begun: Sequence[Begun], asked: Asked, now: datetime) -> list[Entry]:
    return [
        Entry(
            now,
            "responsibility.rung_began" if item.people or item.walk else "responsibility.rung_empty",
            ACTOR,
            item.duty.warning_id,
            responsibility_id=item.duty.id,
            facts={
                "rung": item.index + 1,
                "reason": item.reason,
                "asked": [
                    {"role": role.role, "call_out": str(role.call_out_id)} for role in _roles([item], asked)
                ],
                **({"empty": [{"role": who, "why": why} for who, why in item.empty]} if item.empty else {}),
            },
        )
        for item in begun
    ]
