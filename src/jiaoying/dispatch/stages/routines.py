"""Routines: periodic duties are written ahead, reminded of, told as late; replies note them as done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from jiaoying.dispatch.duty_calls import BELLS
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import NamedPerson
from jiaoying.dispatch.replies import Meaning
from jiaoying.dispatch.routine_calls import ACTOR, call_about, see_to, tell_late
from jiaoying.dispatch.stages.isolation import run_isolated
from jiaoying.dispatch.stages.row_by_row import row_by_row
from jiaoying.dispatch.store.naming import on_roster
from jiaoying.dispatch.store.roster import callees
from jiaoying.duty.actions import Doer
from jiaoying.duty.days import Calendar
from jiaoying.duty.model import Desk
from jiaoying.duty.routines import store
from jiaoying.duty.routines.actions import occurrence_entry, plan_ahead
from jiaoying.duty.routines.model import Occurrence, OccurrenceState
from jiaoying.duty.routines.planning import Step, next_step
from jiaoying.duty.routines.said import says_done
from jiaoying.duty.routines.store import Heard
from jiaoying.duty.store import all_desks
from jiaoying.ledger.append import append_entries
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import routine_occurrences
from jiaoying.warnings.store import lock_intake

PLAN_EVERY = timedelta(hours=1)
# Few at a time: each is a call of its own, and none of them is in a hurry.
BATCH = 10
_LATE_STEPS = (Step.TELL_LATE, Step.CALL_LATE, Step.REMIND_LATE)
_NOT_RECEIVED = (Meaning.DECLINED, Meaning.RING_BACK)


@dataclass(frozen=True, slots=True)
class _Around:
    """What the steps of one batch need: desks, owners who are on the roster, what was called about before."""

    desks: Mapping[UUID, Desk]
    owners: Mapping[UUID, NamedPerson]
    called: frozenset[UUID]


@dataclass(slots=True)
class RoutineStage:
    """Keeps the rows of periodic duties ahead, and does what each is due for."""

    name: str = "routines"
    rings: tuple[str, ...] = BELLS
    _next_plan: datetime | None = None

    async def run_once(self, engine: Engine, now: datetime) -> int:
        """Returns how many duties and times of them something was done about."""
        moved = 0
        if self._next_plan is None or now >= self._next_plan:
            moved += await _plan(engine, now)
            self._next_plan = now + PLAN_EVERY
        moved += await _hear(engine, now)
        return moved + await run_isolated(engine, now, routine_occurrences, BATCH, _take_steps)


async def _plan(engine: Engine, now: datetime) -> int:
    """Every duty written ahead as far as it is to be; the days of rest may have become known meanwhile."""
    async with engine.database.transaction() as tx:
        in_force = await store.in_force_ids(tx)
    return await row_by_row(engine, now, in_force, partial(_plan_one, engine, now, Calendar()))


async def _plan_one(engine: Engine, now: datetime, calendar: Calendar, routine_id: UUID) -> bool:
    async with engine.database.transaction() as tx:
        await store.lock_routines(tx)
        routine = await store.routine_by_id(tx, routine_id)
        if routine is None or routine.ended_at is not None:
            return False
        return await plan_ahead(tx, routine, Doer(ACTOR, "", now, engine.timezone), calendar)


async def _take_steps(engine: Engine, now: datetime, limit: int, only: UUID | None) -> int:
    async with engine.database.transaction() as tx:
        if not await store.is_anything_due(tx, now):
            return 0
        # A reminder takes a short reference as every warning does: that lock comes before all rows.
        await lock_intake(tx)
        due = await store.claim_due(tx, now, limit, only)
        around = await _read_around(tx, due)
        for occurrence in due:
            await _take_step(tx, engine, occurrence, around, now)
        return len(due)


async def _read_around(tx: Tx, due: Sequence[Occurrence]) -> _Around:
    owner_ids = await on_roster(tx, {one.owner_id for one in due if one.owner_id})
    people = await callees(tx, set(owner_ids.values()))
    reminders = await store.reminders_of(tx, [one.id for one in due])
    return _Around(
        {desk.id: desk for desk in await all_desks(tx)},
        {row_id: NamedPerson(kept, people[kept].name) for row_id, kept in owner_ids.items()},
        frozenset(one.occurrence_id for one in reminders if one.step in _LATE_STEPS),
    )


async def _take_step(tx: Tx, engine: Engine, occurrence: Occurrence, around: _Around, now: datetime) -> None:
    found = next_step(occurrence, was_called=occurrence.id in around.called, zone=engine.timezone, now=now)
    step, is_late = found.step, found.step is not Step.REMIND
    after = replace(
        occurrence,
        state=OccurrenceState.LATE if is_late else OccurrenceState.REMINDED,
        next_at=found.next_at,
        begun_at=occurrence.begun_at or now,
    )
    await store.store_occurrence(tx, after)
    desk = around.desks[after.desk_id]
    owner = around.owners.get(after.owner_id) if after.owner_id else None
    if is_late:
        await tell_late(tx, after, desk, owner, now)
    if step is not Step.ALARM_ALONE:
        await call_about(tx, engine, after, step, desk, owner, now)
    is_news = step in (Step.TELL_LATE, Step.ALARM_ALONE)
    event = "routine.late" if is_news else "routine.reminded"
    doer = Doer(ACTOR, "", now, engine.timezone)
    entry = occurrence_entry(event, after, doer, {}, owner.contact_id if owner else None)
    await append_entries(tx, [replace(entry, facts={**entry.facts, "step": step})])


async def _hear(engine: Engine, now: datetime) -> int:
    """What was replied to reminders: done, or received and no more."""
    async with engine.database.transaction() as tx:
        heard = [one for one in await store.heard_of_open(tx) if _says_done(one) or _is_first_word(one)]
    ids = dict.fromkeys(one.occurrence_id for one in heard)
    return await row_by_row(engine, now, ids, partial(_hear_of, engine, now, heard))


async def _hear_of(engine: Engine, now: datetime, heard: Sequence[Heard], occurrence_id: UUID) -> bool:
    """What was replied to the reminders of one; the first word says that it was received."""
    changed = False
    async with engine.database.transaction() as tx:
        for one in [each for each in heard if each.occurrence_id == occurrence_id]:
            occurrence = await store.occurrence_by_id(tx, occurrence_id, lock=True)
            if occurrence is None or not occurrence.is_open:
                break
            if _says_done(one) or occurrence.received_at is None:
                await _note(tx, engine, occurrence, one, now)
                changed = True
    return changed


def _says_done(heard: Heard) -> bool:
    return heard.said is not None and says_done(heard.said)


def _is_first_word(heard: Heard) -> bool:
    return not heard.is_received and heard.meaning not in _NOT_RECEIVED


async def _note(tx: Tx, engine: Engine, occurrence: Occurrence, heard: Heard, now: datetime) -> None:
    is_done, doer = _says_done(heard), Doer(ACTOR, "", now, engine.timezone)
    if is_done:
        after = replace(
            occurrence,
            state=OccurrenceState.DONE,
            next_at=None,
            ended_at=heard.at,
            ended_by=ACTOR,
            ended_how="reply",
            reported_by=heard.contact_id,
        )
    else:
        after = replace(occurrence, received_at=heard.at, received_by=heard.contact_id)
    await store.store_occurrence(tx, after)
    event, said = ("routine.done", heard.said or "") if is_done else ("routine.received", "")
    await append_entries(tx, [occurrence_entry(event, after, doer, {"said": said}, heard.contact_id)])
    if is_done:
        await see_to(tx, after, by=ACTOR, now=now)
