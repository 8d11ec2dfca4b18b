"""Door tasks (上门任务): the walks to doors, and the call-outs that ask for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.doors import LIVE, DoorTask, Errand
from jiaoying.dispatch.states import DOOR, CallOutState, DoorEvent, DoorState
from jiaoying.dispatch.store.call_outs import Asking, stronger
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import as_rows, is_one_of
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import (
    areas,
    attempts,
    call_outs,
    contact_numbers,
    contacts,
    door_tasks,
    issued_warnings,
    responsibilities,
)

_sleeper, _walker = call_outs.alias("sleeper"), call_outs.alias("walker")


@dataclass(frozen=True, slots=True)
class NewTask:
    """A walk to be asked for; `next_at` is when it is looked at first."""

    id: UUID
    responsibility_id: UUID
    sleeper_id: UUID
    call_out_id: UUID
    assigned_by: str
    next_at: datetime


@dataclass(frozen=True, slots=True)
class MovedTask:
    """A walk that an event changed, for the ledger and for who was to go."""

    id: UUID
    warning_id: UUID
    responsibility_id: UUID
    call_out_id: UUID
    contact_id: UUID  # of who was to go
    was: DoorState


async def tasks_of(tx: Tx, responsibility_ids: Collection[UUID]) -> dict[UUID, list[DoorTask]]:
    """Every walk that was asked for under these responsibilities."""
    own = [door_tasks.c[name] for name in DoorTask.__dataclass_fields__ if name in door_tasks.c]
    rows = await tx.execute(
        select(*own, call_outs.c.state.label("asked_by_call"), _sleeper.c.state.label("sleeper"))
        .join(call_outs, call_outs.c.id == door_tasks.c.call_out_id)
        .join(_sleeper, _sleeper.c.id == door_tasks.c.sleeper_id)
        .where(is_one_of(door_tasks.c.responsibility_id, responsibility_ids))
        .order_by(door_tasks.c.id)
    )
    found: dict[UUID, list[DoorTask]] = {}
    for task in read_as(DoorTask, rows):
        found.setdefault(task.responsibility_id, []).append(task)
    return found


async def ask_walkers(
    tx: Tx, askings: Sequence[Asking], now: datetime
) -> tuple[dict[tuple[UUID, UUID], UUID], list[UUID]]:
    """A call-out of the kind `door` for each (warning, person), and which of them are new.

    One that still rings speaks of the new walk with its next try: several doors, one ring. Where the last
    one was answered or has ended, a new one asks, so that an old answer never takes on a new walk.
    """
    merged: dict[tuple[UUID, UUID], Asking] = {}
    for asking in askings:
        key = (asking.warning_id, asking.contact_id)
        merged[key] = stronger(merged[key], asking) if key in merged else asking
    if not merged:
        return {}, []
    # Two workers must not give one version twice.
    for warning_id in sorted({warning_id for warning_id, _ in merged}):
        await tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(warning_id), 0))))
    ringing = await _ringing(tx, merged, now)
    rest = {key: asking for key, asking in merged.items() if key not in ringing}
    opened = await _open(tx, rest, now)
    return {**ringing, **opened}, list(opened.values())


async def _ringing(
    tx: Tx, askings: Mapping[tuple[UUID, UUID], Asking], now: datetime
) -> dict[tuple[UUID, UUID], UUID]:
    """The open door call-outs of these people, locked, to be rung once more and at once."""
    rows = await tx.execute(
        select(call_outs.c.id, call_outs.c.warning_id, call_outs.c.contact_id)
        .where(
            call_outs.c.kind == "door",
            call_outs.c.state == CallOutState.OPEN,
            is_one_of(call_outs.c.warning_id, {warning_id for warning_id, _ in askings}),
            is_one_of(call_outs.c.contact_id, {contact_id for _, contact_id in askings}),
        )
        .order_by(call_outs.c.id)
        .with_for_update(key_share=True)
    )
    found = {key: row.id for row in rows if (key := (row.warning_id, row.contact_id)) in askings}
    await tx.execute(
        update(call_outs)
        .where(is_one_of(call_outs.c.id, set(found.values())))
        .values(tries=func.least(call_outs.c.round + 1 + call_outs.c.tries, 10), next_at=now)
    )
    return found


async def _open(
    tx: Tx, askings: Mapping[tuple[UUID, UUID], Asking], now: datetime
) -> dict[tuple[UUID, UUID], UUID]:
    if not askings:
        return {}
    newest = await _newest_versions(tx, {warning_id for warning_id, _ in askings})
    ids = {key: new_id(now) for key in askings}
    rows = [
        {
            "id": ids[key],
            "warning_id": asking.warning_id,
            "contact_id": asking.contact_id,
            "kind": "door",
            "version": newest.get(asking.warning_id, 0) + 1,
            "state": CallOutState.OPEN,
            "priority": asking.priority,
            "channels": list(asking.channels),
            "in_turn": asking.in_turn,
            "tries": asking.tries,
            "gap_s": asking.gap_s,
            "round": 0,
            "next_at": now,
            "matched_at": now,
        }
        for key, asking in askings.items()
    ]
    await tx.execute(insert(call_outs), rows)
    return ids


async def _newest_versions(tx: Tx, warning_ids: Collection[UUID]) -> dict[UUID, int]:
    """Above these nothing was asked under each warning, neither of people nor by duties."""
    found: dict[UUID, int] = {}
    for table in (call_outs, responsibilities):
        rows = await tx.execute(
            select(table.c.warning_id, func.max(table.c.version).label("newest"))
            .where(is_one_of(table.c.warning_id, warning_ids))
            .group_by(table.c.warning_id)
        )
        for row in rows:
            found[row.warning_id] = max(row.newest, found.get(row.warning_id, 0))
    return found


async def assign(tx: Tx, new: Sequence[NewTask], now: datetime) -> None:
    """Write down that these walks were asked for; one that came to nothing is asked for again."""
    if not new:
        return
    statement = upsert(door_tasks).values(
        [
            {
                **{name: getattr(task, name) for name in NewTask.__dataclass_fields__},
                "state": DoorState.OPEN,
                "assigned_at": now,
            }
            for task in new
        ]
    )
    again = ("state", "assigned_at", "assigned_by", "next_at")
    cleared = ("reason", "taken_at", "due_at", "asked_at", "ended_at", "ended_by", "said")
    await tx.execute(
        statement.on_conflict_do_update(
            index_elements=["responsibility_id", "sleeper_id", "call_out_id"],
            set_={**{name: statement.excluded[name] for name in again}, **dict.fromkeys(cleared)},
            where=door_tasks.c.state.in_([DoorState.FAILED, DoorState.WITHDRAWN]),
        )
    )


async def look_again(tx: Tx, moments: Sequence[tuple[UUID, datetime]], *, asked_at: datetime | None) -> None:
    """Set the next moment of live walks, and where they were asked for word, since when."""
    if moments:
        ids, next_at = zip(*moments, strict=True)
        new = as_rows(door_tasks, {"id": ids, "next_at": next_at})
        await tx.execute(
            update(door_tasks)
            .where(door_tasks.c.id == new.c.id, door_tasks.c.state.in_(LIVE))
            .values(next_at=new.c.next_at, asked_at=func.coalesce(door_tasks.c.asked_at, asked_at))
        )


async def of_call_outs(tx: Tx, ids: Collection[UUID], states: Collection[DoorState]) -> list[UUID]:
    """The walks that these call-outs asked for, in these states."""
    return await _select_ids(tx, is_one_of(door_tasks.c.call_out_id, ids), states)


async def to_sleepers(tx: Tx, ids: Collection[UUID], states: Collection[DoorState]) -> list[UUID]:
    """The walks to the people of these call-outs, in these states."""
    return await _select_ids(tx, is_one_of(door_tasks.c.sleeper_id, ids), states)


async def under(
    tx: Tx, responsibility_ids: Collection[UUID], to: Collection[UUID] | None = None
) -> list[UUID]:
    """The walks under these responsibilities that somebody may yet make, or only those to these call-outs."""
    condition = is_one_of(door_tasks.c.responsibility_id, responsibility_ids)
    if to is not None:
        condition &= is_one_of(door_tasks.c.sleeper_id, to)
    return await _select_ids(tx, condition, (*LIVE, DoorState.FAILED))


async def _select_ids(tx: Tx, condition: ColumnElement[bool], states: Collection[DoorState]) -> list[UUID]:
    rows = await tx.execute(select(door_tasks.c.id).where(condition, door_tasks.c.state.in_(states)))
    return [row.id for row in rows]


_TASKS = (
    select(
        door_tasks.c.id,
        responsibilities.c.warning_id,
        door_tasks.c.responsibility_id,
        door_tasks.c.call_out_id,
        call_outs.c.contact_id,
        door_tasks.c.state.label("was"),
    )
    .join(responsibilities, responsibilities.c.id == door_tasks.c.responsibility_id)
    .join(call_outs, call_outs.c.id == door_tasks.c.call_out_id)
    .order_by(door_tasks.c.id)
)


async def move_tasks(
    tx: Tx,
    ids: Collection[UUID],
    event: DoorEvent,
    now: datetime,
    *,
    reason: str | None = None,
    by: str | None = None,
    said: str | None = None,
    due_at: datetime | None = None,
) -> list[MovedTask]:
    """Apply an event to each walk, as far as its state allows; returns the ones that changed.

    `due_at` is for a walk that is taken: when word is expected.
    """
    if not ids:
        return []
    await lock_rows(tx, door_tasks, ids)
    moves = {state: after for (state, heard), after in DOOR.moves.items() if heard == event}
    moving = _TASKS.where(is_one_of(door_tasks.c.id, ids), door_tasks.c.state.in_(moves))
    moved = read_as(MovedTask, await tx.execute(moving))
    taken = event is DoorEvent.TAKE
    await tx.execute(
        update(door_tasks)
        .where(is_one_of(door_tasks.c.id, [task.id for task in moved]))
        .values(
            state=case(
                {state.value: after.value for state, after in moves.items()}, value=door_tasks.c.state
            ),
            reason=reason,
            taken_at=now if taken else door_tasks.c.taken_at,
            due_at=due_at if taken else door_tasks.c.due_at,
            next_at=due_at if taken else None,
            ended_at=None if taken else now,
            ended_by=by,
            said=said,
        )
    )
    return moved


_FIRST_NUMBER = (
    select(contact_numbers.c.number)
    .where(contact_numbers.c.contact_id == contacts.c.id)
    .order_by(contact_numbers.c.preference, contact_numbers.c.number)
    .limit(1)
    .scalar_subquery()
)
_ERRANDS = (
    select(
        door_tasks.c.id.label("task_id"),
        door_tasks.c.call_out_id,
        _walker.c.contact_id.label("walker_id"),
        door_tasks.c.sleeper_id,
        door_tasks.c.state,
        contacts.c.name,
        responsibilities.c.label,
        areas.c.name.label("area_name"),
        _FIRST_NUMBER.label("number"),
        *(responsibilities.c.warning_id, issued_warnings.c.reference, issued_warnings.c.exercise),
    )
    .join(responsibilities, responsibilities.c.id == door_tasks.c.responsibility_id)
    .join(issued_warnings, issued_warnings.c.id == responsibilities.c.warning_id)
    .join(areas, areas.c.code == responsibilities.c.area_code)
    .join(_walker, _walker.c.id == door_tasks.c.call_out_id)
    .join(_sleeper, _sleeper.c.id == door_tasks.c.sleeper_id)
    .join(contacts, contacts.c.id == _sleeper.c.contact_id)
    .order_by(door_tasks.c.id)
)


async def errands_of(tx: Tx, call_out_ids: Collection[UUID]) -> dict[UUID, list[Errand]]:
    """The live walks of each of these door call-outs, in words."""
    rows = await tx.execute(
        _ERRANDS.where(is_one_of(door_tasks.c.call_out_id, call_out_ids), door_tasks.c.state.in_(LIVE))
    )
    found: dict[UUID, list[Errand]] = {}
    for errand in read_as(Errand, rows):
        found.setdefault(errand.call_out_id, []).append(errand)
    return found


async def errands_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Errand]:
    """These walks, in words."""
    if not ids:
        return {}
    rows = await tx.execute(_ERRANDS.where(is_one_of(door_tasks.c.id, ids)))
    return {errand.task_id: errand for errand in read_as(Errand, rows)}


async def errands_of_numbers(tx: Tx, numbers: Collection[str], since: datetime) -> dict[str, list[Errand]]:
    """The walks of whoever has each of these numbers that a word of theirs may be about.

    Also those that ended without them: a word may come late.
    """
    if not numbers:
        return {}
    rows = await tx.execute(
        select(contact_numbers.c.number, door_tasks.c.id)
        .join(call_outs, call_outs.c.contact_id == contact_numbers.c.contact_id)
        .join(door_tasks, door_tasks.c.call_out_id == call_outs.c.id)
        .where(
            is_one_of(contact_numbers.c.number, numbers),
            door_tasks.c.assigned_at > since,
            door_tasks.c.state != DoorState.DONE,
        )
        .order_by(door_tasks.c.id)
    )
    tasks_at: dict[str, list[UUID]] = {}
    for row in rows:
        tasks_at.setdefault(row.number, []).append(row.id)
    errands = await errands_by_id(tx, {task_id for ids in tasks_at.values() for task_id in ids})
    return {number: [errands[task_id] for task_id in ids] for number, ids in tasks_at.items()}


async def reached(tx: Tx, call_out_ids: Collection[UUID]) -> frozenset[UUID]:
    """Of these call-outs, those of which something was handed to a carrier or may have been."""
    rows = await tx.execute(
        select(attempts.c.call_out_id)
        .distinct()
        .where(
            is_one_of(attempts.c.call_out_id, call_out_ids),
            attempts.c.state.not_in(["due", "withdrawn"]),
        )
    )
    return frozenset(row.call_out_id for row in rows)
