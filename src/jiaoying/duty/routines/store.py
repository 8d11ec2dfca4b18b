"""Periodic duties in rows: read, written ahead, moved on. What people do is in `actions`."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update

from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.routines.model import OPEN, Charge, Occurrence, OccurrenceState, Routine
from jiaoying.duty.routines.planning import Rewriting
from jiaoying.duty.routines.rules import rule_as_data, rule_from_data
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import answers, routine_calls, routine_occurrences, routines

# Two that write the rows of a duty ahead would each see none.
_LOCK = 7_201_422
_OPEN = [str(state) for state in OPEN]
_CHARGE = tuple(field.name for field in fields(Charge))
# What a rewriting changes of a row that has not begun.
_REWRITTEN = ("due_at", "reminders", "next_at", *_CHARGE)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A duty call by which somebody was reminded, and as which step."""

    call_id: UUID
    occurrence_id: UUID
    step: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer to a reminder, as it was given; `is_received`: another one came before it."""

    occurrence_id: UUID
    is_received: bool
    contact_id: UUID
    meaning: str
    said: str | None
    at: datetime


async def lock_routines(tx: Tx) -> None:
    """Wait until nobody else changes duties or writes their rows; held to the end of the transaction."""
    await tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))


# --- duties ---


async def all_routines(tx: Tx) -> list[Routine]:
    """Every duty that ever was, those in force first, by title."""
    rows = await tx.execute(
        select(routines).order_by(routines.c.ended_at.is_not(None), routines.c.title, routines.c.id)
    )
    return [_routine(row) for row in rows]


async def in_force_ids(tx: Tx) -> list[UUID]:
    """The duties that have not ended."""
    query = select(routines.c.id).where(routines.c.ended_at.is_(None))
    return list(await tx.scalars(query.order_by(routines.c.id)))


async def routine_by_id(tx: Tx, routine_id: UUID) -> Routine | None:
    row = (await tx.execute(select(routines).where(routines.c.id == routine_id))).one_or_none()
    return None if row is None else _routine(row)


async def write_routine(tx: Tx, routine: Routine) -> None:
    """Insert it; it is in force."""
    values = {**_routine_values(routine), "created_by": routine.created_by, "created_at": routine.changed_at}
    await tx.execute(insert(routines).values(id=routine.id, **values))


async def change_routine(tx: Tx, routine: Routine) -> None:
    """Write what it is now; its occurrences are for `rewrite`."""
    await tx.execute(update(routines).where(routines.c.id == routine.id).values(_routine_values(routine)))


async def end_routine(tx: Tx, routine_id: UUID, *, by: str, now: datetime) -> None:
    """It is not in force any more."""
    await tx.execute(update(routines).where(routines.c.id == routine_id).values(ended_at=now, ended_by=by))


# --- occurrences ---


async def occurrence_by_id(tx: Tx, occurrence_id: UUID, *, lock: bool = False) -> Occurrence | None:
    query = _occurrences().where(routine_occurrences.c.id == occurrence_id)
    found = await tx.execute(query.with_for_update() if lock else query)
    return next(iter(read_as(Occurrence, found)), None)


async def is_anything_due(tx: Tx, now: datetime) -> bool:
    due = select(routine_occurrences.c.id).where(routine_occurrences.c.next_at <= now)
    return bool(await tx.scalar(select(due.exists())))


async def claim_due(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[Occurrence]:
    """Open ones whose next moment has come, locked; those that another worker has are left to it."""
    next_at = routine_occurrences.c.next_at
    query = _occurrences().where(next_at <= now).order_by(next_at).limit(limit)
    if only is not None:
        query = query.where(routine_occurrences.c.id == only)
    return read_as(Occurrence, await tx.execute(query.with_for_update(skip_locked=True)))


async def occurrences_until(tx: Tx, until: datetime) -> list[Occurrence]:
    """Every open one that is due before `until`, also those long past, the earliest first."""
    at = routine_occurrences.c
    found = await tx.execute(
        _occurrences().where(at.state.in_(_OPEN), at.due_at < until).order_by(at.due_at, at.id)
    )
    return read_as(Occurrence, found)


async def open_for_shift(tx: Tx, desk_id: UUID, end: datetime) -> list[Occurrence]:
    """What a desk hands over: open and due before a shift ends, also what is late when it begins."""
    return [occurrence for occurrence in await occurrences_until(tx, end) if occurrence.desk_id == desk_id]


async def occurrences_between(tx: Tx, begin: datetime, end: datetime) -> list[Occurrence]:
    """Everything due from `begin` up to `end`, whatever became of it, in order."""
    at = routine_occurrences.c
    found = await tx.execute(
        _occurrences().where(at.due_at >= begin, at.due_at < end).order_by(at.due_at, at.id)
    )
    return read_as(Occurrence, found)


async def occurrences_of(tx: Tx, routine_id: UUID, limit: int) -> list[Occurrence]:
    """The newest of one duty, the latest first."""
    at = routine_occurrences.c
    query = _occurrences().where(at.routine_id == routine_id).order_by(at.due_at.desc()).limit(limit)
    return read_as(Occurrence, await tx.execute(query))


async def rows_of(tx: Tx, routine_id: UUID, since: date) -> tuple[list[Occurrence], set[date]]:
    """The rows that have not begun, and the days since `since` by the rule of those that have."""
    at = routine_occurrences.c
    found = read_as(
        Occurrence, await tx.execute(_occurrences().where(at.routine_id == routine_id, at.day >= since))
    )
    ahead = [one for one in found if one.state is OccurrenceState.AHEAD]
    return ahead, {one.day for one in found if one.state is not OccurrenceState.AHEAD}


async def rewrite(tx: Tx, rewriting: Rewriting) -> None:
    """Do what `planning.rewriting` found. The lock of duties is held."""
    if rewriting.dropped:
        await tx.execute(
            delete(routine_occurrences).where(
                is_one_of(routine_occurrences.c.id, rewriting.dropped),
                routine_occurrences.c.state == OccurrenceState.AHEAD,
            )
        )
    if rewriting.added:
        await tx.execute(insert(routine_occurrences), [_values(one) for one in rewriting.added])
    for one in rewriting.changed:
        values = _values(one)
        await tx.execute(
            update(routine_occurrences)
            .where(routine_occurrences.c.id == one.id, routine_occurrences.c.state == OccurrenceState.AHEAD)
            .values({name: values[name] for name in _REWRITTEN})
        )


async def store_occurrence(tx: Tx, occurrence: Occurrence) -> None:
    """Write how one stands that is locked."""
    values = {name: value for name, value in _values(occurrence).items() if name != "id"}
    await tx.execute(
        update(routine_occurrences).where(routine_occurrences.c.id == occurrence.id).values(values)
    )


# --- reminders and what comes back ---


async def write_reminder(tx: Tx, reminder: Reminder) -> None:
    await tx.execute(insert(routine_calls).values(asdict(reminder)))


async def reminders_of(tx: Tx, occurrence_ids: Iterable[UUID]) -> list[Reminder]:
    """By what calls somebody was reminded of these, in order."""
    found = await tx.execute(
        select(*columns_of(Reminder, routine_calls))
        .where(is_one_of(routine_calls.c.occurrence_id, occurrence_ids))
        .order_by(routine_calls.c.made_at, routine_calls.c.call_id)
    )
    return read_as(Reminder, found)


async def heard_of_open(tx: Tx) -> list[Heard]:
    """Every answer that came to a reminder of one that is open still, the oldest first."""
    at = routine_occurrences.c
    found = await tx.execute(
        select(
            routine_calls.c.occurrence_id,
            at.received_at.is_not(None).label("is_received"),
            answers.c.contact_id,
            answers.c.meaning,
            answers.c.said,
            answers.c.at,
        )
        .join(routine_calls, routine_calls.c.call_id == answers.c.warning_id)
        .join(routine_occurrences, at.id == routine_calls.c.occurrence_id)
        .where(at.state.in_(_OPEN), at.reopened_at.is_(None) | (answers.c.at > at.reopened_at))
        .order_by(answers.c.at, answers.c.id)
    )
    return read_as(Heard, found)


def _occurrences() -> Any:
    return select(*columns_of(Occurrence, routine_occurrences))


def _values(occurrence: Occurrence) -> dict[str, Any]:
    return asdict(occurrence) | {"reminders": list(occurrence.reminders)}


def _routine(row: Row[Any]) -> Routine:
    return Routine(
        id=row.id,
        charge=Charge(*(getattr(row, name) for name in _CHARGE)),
        rule=rule_from_data(row.rule),
        suggestion=row.suggestion,
        counts_from=row.counts_from,
        changed_at=row.changed_at,
        created_by=row.created_by,
        ended_at=row.ended_at,
    )


def _routine_values(routine: Routine) -> dict[str, Any]:
    return {
        **asdict(routine.charge),
        "rule": rule_as_data(routine.rule),
        "suggestion": routine.suggestion,
        "counts_from": routine.counts_from,
        "changed_at": routine.changed_at,
    }
