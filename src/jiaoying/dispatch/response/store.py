"""Responses and their tasks: rows read, written, moved."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, case, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from jiaoying.dispatch.response.deciding import StandingTask, TaskPlace
from jiaoying.dispatch.response.model import ResponseLevel, ResponseState, TaskKind
from jiaoying.dispatch.response.reading import HAND
from jiaoying.dispatch.response.states import OPEN, TASK, TaskEvent, TaskState
from jiaoying.dispatch.store.sets import given_rows, is_one_of, parameters_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    response_tasks,
    responses,
    task_reports,
)


@dataclass(frozen=True, slots=True)
class ResponseRow:
    """A response as its decisions need it."""

    id: UUID
    warning_id: UUID
    by_hand: bool
    plan: str
    area_names: str
    exercise: bool
    state: ResponseState
    level: ResponseLevel | None
    asked_level: ResponseLevel | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task as it stands."""

    id: UUID
    response_id: UUID
    key: str
    kind: TaskKind
    order_text: str
    unit: str
    label: str
    area_code: str
    post_id: UUID | None
    desk_id: UUID | None
    evidence: tuple[str, ...]
    state: TaskState
    deadline_at: datetime
    listed_at: datetime | None
    reminders: int
    figures: Mapping[str, int]


_TASK = columns_of(TaskRow, response_tasks)

# --- responses -----------------------------------------------------------------------------------

_RESPONSE = columns_of(ResponseRow, responses)


async def lock_going_on(tx: Tx, plan: str, *, exercise: bool) -> ResponseRow | None:
    """The response of a plan that is proposed or runs, locked: a county has one of a plan at a time."""
    own = responses.c
    rows = await tx.execute(
        select(*_RESPONSE)
        .where(own.plan == plan, own.exercise == exercise, own.state != ResponseState.ENDED)
        .order_by(own.id)
        .limit(1)
        .with_for_update(key_share=True)
    )
    return next(iter(read_as(ResponseRow, rows)), None)


async def lock_response(tx: Tx, response_id: UUID) -> ResponseRow | None:
    """One response, locked."""
    rows = await tx.execute(
        select(*_RESPONSE).where(responses.c.id == response_id).with_for_update(key_share=True)
    )
    return next(iter(read_as(ResponseRow, rows)), None)


async def lock_under(tx: Tx, warning_id: UUID) -> list[ResponseRow]:
    """The responses that go on under a warning, locked."""
    own = responses.c
    rows = await tx.execute(
        select(*_RESPONSE)
        .where(own.warning_id == warning_id, own.state != ResponseState.ENDED)
        .order_by(own.id)
        .with_for_update(key_share=True)
    )
    return read_as(ResponseRow, rows)


async def claim_responses(tx: Tx, now: datetime, limit: int) -> list[ResponseRow]:
    """Responses whose moment has come, locked."""
    rows = await tx.execute(
        select(*_RESPONSE)
        .where(responses.c.next_at <= now)
        .order_by(responses.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return read_as(ResponseRow, rows)


async def insert_response(tx: Tx, values: Mapping[str, object]) -> None:
    """Write a new response."""
    await tx.execute(insert(responses).values(**values))


async def change_response(tx: Tx, response_id: UUID, now: datetime, **values: object) -> None:
    """Write what changed of a locked response."""
    await tx.execute(update(responses).where(responses.c.id == response_id).values(changed_at=now, **values))


async def look_again_at(tx: Tx, response_ids: Collection[UUID], at: datetime) -> None:
    """Set the next moment of locked responses."""
    if response_ids:
        await tx.execute(update(responses).where(is_one_of(responses.c.id, response_ids)).values(next_at=at))


# --- tasks ---------------------------------------------------------------------------------------


async def standing_tasks(tx: Tx, response_id: UUID) -> list[StandingTask]:
    """What a response ordered and did not lift."""
    task = response_tasks.c
    rows = await tx.execute(
        select(task.id, task.key, task.area_code, task.post_id, task.desk_id)
        .where(task.response_id == response_id, task.lifted_at.is_(None))
        .order_by(task.id)
    )
    return [
        StandingTask(
            row.id, TaskPlace(row.key, row.area_code, row.post_id, row.desk_id), by_hand=row.key == HAND
        )
        for row in rows
    ]


async def insert_tasks(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert tasks; every row has the same names."""
    if rows:
        names = tuple(rows[0])
        statement = insert(response_tasks).from_select(names, given_rows(response_tasks, names))
        await tx.execute(statement, parameters_of(response_tasks, rows))


async def lock_tasks(tx: Tx, ids: Collection[UUID]) -> list[TaskRow]:
    """These tasks, locked by id: after responsibilities, call-outs and attempts."""
    rows = await tx.execute(
        select(*_TASK)
        .where(is_one_of(response_tasks.c.id, ids))
        .order_by(response_tasks.c.id)
        .with_for_update(key_share=True)
    )
    return read_as(TaskRow, rows)


async def task_by_id(tx: Tx, task_id: UUID) -> TaskRow | None:
    """One task, or None where there is none of that id."""
    rows = await tx.execute(select(*_TASK).where(response_tasks.c.id == task_id))
    return next(iter(read_as(TaskRow, rows)), None)


async def claim_tasks(tx: Tx, now: datetime, limit: int) -> list[TaskRow]:
    """Open tasks whose moment has come, locked, the longest due first."""
    rows = await tx.execute(
        select(*_TASK)
        .where(response_tasks.c.next_at <= now)
        .order_by(response_tasks.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return read_as(TaskRow, rows)


_STAMPS = {
    TaskEvent.TAKE: "taken_at",
    TaskEvent.SET_OUT: "set_out_at",
    TaskEvent.ARRIVE: "arrived_at",
    TaskEvent.FINISH: "done_at",
    TaskEvent.FAIL: "failed_at",
    TaskEvent.LIFT: "lifted_at",
    TaskEvent.RESTORE: "restored_at",
}


async def move_tasks(
    tx: Tx, ids: Collection[UUID], event: TaskEvent, now: datetime, *, reason: str | None = None
) -> list[UUID]:
    """Apply an event to locked tasks, as far as their states allow; returns those that moved."""
    task = response_tasks.c
    moves = {state.value: after.value for (state, heard), after in TASK.moves.items() if heard is event}
    stays_open = {state for (state, heard), after in TASK.moves.items() if heard is event and after in OPEN}
    moved = await tx.execute(
        update(response_tasks)
        .where(is_one_of(task.id, ids), task.state.in_(moves))
        .values(
            state=case(moves, value=task.state),
            # What had failed and goes on after all is looked at again.
            next_at=func.coalesce(task.next_at, now) if stays_open else None,
            reason=reason,
            **{_STAMPS[event]: now},
        )
        .returning(task.id)
    )
    return sorted(moved.scalars())


_EVIDENCE = text(
    """
    UPDATE response_tasks AS task SET
        note = new.said,
        figures = CASE WHEN new.figures = '{}' THEN task.figures ELSE CAST(new.figures AS jsonb) END
    FROM unnest(:ids, :figures, :said) AS new (id, figures, said)
    WHERE task.id = new.id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("figures", type_=ARRAY(Text())),
    bindparam("said", type_=ARRAY(Text())),
)


async def note_evidence(tx: Tx, evidence: Sequence[tuple[UUID, Mapping[str, int], str | None]]) -> None:
    """The newest figures and words replace those before: (task, figures, words)."""
    if evidence:
        ids, figures, said = zip(*evidence, strict=True)
        given = {"ids": list(ids), "figures": [json.dumps(dict(one)) for one in figures], "said": list(said)}
        await tx.execute(_EVIDENCE, given)


async def write_reports(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert reports, word for word."""
    if rows:
        names = tuple(rows[0])
        statement = insert(task_reports).from_select(names, given_rows(task_reports, names))
        await tx.execute(statement, parameters_of(task_reports, rows))


async def wait_for_deadline(tx: Tx, ids: Collection[UUID]) -> None:
    """Look at these tasks again at their deadline."""
    if ids:
        task = response_tasks.c
        await tx.execute(
            update(response_tasks).where(is_one_of(task.id, ids)).values(next_at=task.deadline_at)
        )


async def note_overdue(tx: Tx, ids: Collection[UUID], next_at: datetime, now: datetime) -> None:
    """Onto the officer's list, and when it is looked at next."""
    if ids:
        task = response_tasks.c
        await tx.execute(
            update(response_tasks)
            .where(is_one_of(task.id, ids))
            .values(listed_at=func.coalesce(task.listed_at, now), next_at=next_at)
        )


async def count_reminders(tx: Tx, ids: Collection[UUID]) -> None:
    """Note that whoever took these tasks was asked once more."""
    if ids:
        task = response_tasks.c
        await tx.execute(
            update(response_tasks).where(is_one_of(task.id, ids)).values(reminders=task.reminders + 1)
        )


_UNDER = select(response_tasks.c.id, responses.c.warning_id).join(
    responses, responses.c.id == response_tasks.c.response_id
)


async def warning_ids_of(tx: Tx, task_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The warning that the response of each of these tasks goes by."""
    rows = await tx.execute(_UNDER.where(is_one_of(response_tasks.c.id, task_ids)))
    return {row.id: row.warning_id for row in rows}


_ANOTHER = text(
    """
    SELECT id FROM issued_warnings
    WHERE state = 'matched' AND valid_to > :now AND id <> :warning_id AND exercise = :exercise
      AND purpose = 'warning' AND hazard = ANY (CAST(:hazards AS text[]))
    ORDER BY array_position(ARRAY['red', 'orange', 'yellow', 'blue'], colour), id LIMIT 1
    """
)


async def another_running(
    tx: Tx, warning_id: UUID, hazards: Collection[Hazard], *, exercise: bool, now: datetime
) -> UUID | None:
    """The gravest other warning of these hazards that runs, if there is one."""
    given = {"warning_id": warning_id, "hazards": sorted(hazards), "exercise": exercise, "now": now}
    return await tx.scalar(_ANOTHER, given)
