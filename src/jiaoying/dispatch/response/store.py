"""Responses and their tasks: rows read, written, moved."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Text, Uuid, bindparam, case, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY

from jiaoying.dispatch.covering import CoveredArea
from jiaoying.dispatch.response.addressing import DeskThere, PlaceThere, PostThere, Territory
from jiaoying.dispatch.response.deciding import StandingTask, TaskPlace
from jiaoying.dispatch.response.model import Holders, ResponseLevel, ResponseState, TaskKind, TaskOrder
from jiaoying.dispatch.response.reading import HAND
from jiaoying.dispatch.response.states import OPEN, TASK, TaskEvent, TaskState
from jiaoying.dispatch.response.words import ToldTask
from jiaoying.dispatch.store.matched import MATCHED, parameters_for, plan_each_time
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

# --- the territory -------------------------------------------------------------------------------

_POSTS = text(
    f"""
    WITH {MATCHED}
    SELECT matched.id, matched.area_code, matched.area_name, matched.kind, post.level, holder.unit,
           matched.point_name, point.kind AS point_kind
    FROM matched
    JOIN posts AS post ON post.id = matched.id
    LEFT JOIN contacts AS holder ON holder.id = matched.holder_id
    LEFT JOIN danger_points AS point ON point.id = matched.danger_point_id
    WHERE matched.kind = ANY (CAST(:kinds AS text[])) AND NOT (matched.waits AND matched.tier = 'village')
    ORDER BY matched.area_code, matched.id
    """  # noqa: S608 - put together from our own words
)
_PLACES = text(
    """
    SELECT DISTINCT area.code, area.name, area.level
    FROM unnest(CAST(:firsts AS text[]), CAST(:lasts AS text[])) AS unit (first, last)
    JOIN areas AS area ON area.code ~>=~ unit.first AND area.code ~<=~ unit.last
    WHERE area.level IN ('county', 'township') AND area.retired_at IS NULL
    ORDER BY area.code
    """
)
_DESKS = text(
    """
    SELECT DISTINCT ON (area_code) id, area_code, name FROM desks
    WHERE area_code = ANY (CAST(:codes AS text[])) ORDER BY area_code, name
    """
)


async def territory(tx: Tx, area: CoveredArea, orders: Collection[TaskOrder], day: date) -> Territory:
    """The posts that these orders name, and the desks and places, under an area and above it."""
    kinds = {kind for order in orders if isinstance(order.who, Holders) for kind in order.who.kinds}
    await plan_each_time(tx)
    given = {**parameters_for(area, frozenset(Hazard), day), "kinds": sorted(kinds)}
    posts = read_as(PostThere, await tx.execute(_POSTS, given))
    bounds = [unit.bounds for unit in area.units]
    reach = {"firsts": [first for first, _ in bounds], "lasts": [last for _, last in bounds]}
    places = read_as(PlaceThere, await tx.execute(_PLACES, reach))
    desks = await tx.execute(_DESKS, {"codes": [place.code for place in places]})
    return Territory(posts, read_as(DeskThere, desks), places)


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


# --- tasks and the people who are called for them ------------------------------------------------

_OF_CALL_OUTS = text(
    """
    SELECT DISTINCT role.call_out_id, duty.task_id
    FROM call_out_roles AS role JOIN responsibilities AS duty ON duty.id = role.responsibility_id
    WHERE role.call_out_id = ANY (CAST(:ids AS uuid[])) AND duty.task_id IS NOT NULL
    ORDER BY role.call_out_id, duty.task_id
    """
)


async def tasks_of(tx: Tx, call_out_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The tasks that each of these call-outs is about, also those lifted meanwhile."""
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.execute(_OF_CALL_OUTS, {"ids": list(call_out_ids)}):
        found.setdefault(row.call_out_id, []).append(row.task_id)
    return found


_TO_TELL = text(
    """
    SELECT role.call_out_id, task.order_text, task.label, task.kind, task.evidence, task.deadline_at
    FROM call_out_roles AS role
    JOIN responsibilities AS duty ON duty.id = role.responsibility_id
    JOIN response_tasks AS task ON task.id = duty.task_id
    WHERE role.call_out_id = ANY (CAST(:ids AS uuid[])) AND duty.state <> 'withdrawn'
      AND task.state IN ('ordered', 'taken', 'set_out', 'arrived')
    ORDER BY role.call_out_id, task.deadline_at, task.id
    """
)


async def told_tasks(tx: Tx, call_out_ids: Collection[UUID]) -> dict[UUID, tuple[ToldTask, ...]]:
    """The tasks that each of these call-outs is to be told of, the first due first."""
    rows = (await tx.execute(_TO_TELL, {"ids": list(call_out_ids)})).all()
    found: dict[UUID, tuple[ToldTask, ...]] = {}
    for row in rows:
        task = ToldTask(row.order_text, row.label, TaskKind(row.kind), tuple(row.evidence), row.deadline_at)
        found[row.call_out_id] = (*found.get(row.call_out_id, ()), task)
    return found


_TOLD = text(
    """
    SELECT call_out.contact_id, duty.task_id, min(attempt.claimed_at) AS first_at
    FROM responsibilities AS duty
    JOIN call_out_roles AS role ON role.responsibility_id = duty.id
    JOIN call_outs AS call_out ON call_out.id = role.call_out_id
    JOIN attempts AS attempt ON attempt.call_out_id = call_out.id
    WHERE duty.task_id = ANY (CAST(:ids AS uuid[]))
      AND attempt.purpose = 'call' AND attempt.state NOT IN ('due', 'withdrawn')
    GROUP BY call_out.contact_id, duty.task_id
    ORDER BY first_at, call_out.contact_id, duty.task_id
    """
)


async def people_told(tx: Tx, task_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Who was or may have been told of these tasks, in the order in which they were reached."""
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.execute(_TOLD, {"ids": list(task_ids)}):
        found.setdefault(row.contact_id, []).append(row.task_id)
    return found


_TAKERS = text(
    """
    SELECT DISTINCT ON (duty.task_id) duty.task_id, call_out.contact_id, call_out.warning_id
    FROM responsibilities AS duty
    JOIN call_out_roles AS role ON role.responsibility_id = duty.id
    JOIN call_outs AS call_out ON call_out.id = role.call_out_id
    WHERE duty.task_id = ANY (CAST(:ids AS uuid[])) AND call_out.state = 'answered'
    ORDER BY duty.task_id, call_out.answered_at DESC
    """
)


async def takers_of(tx: Tx, task_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Who answered last for each of these tasks: person → tasks."""
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.execute(_TAKERS, {"ids": list(task_ids)}):
        found.setdefault(row.contact_id, []).append(row.task_id)
    return found


_DUTIES = text(
    """
    SELECT id FROM responsibilities
    WHERE task_id = ANY (CAST(:ids AS uuid[])) AND state <> 'withdrawn' ORDER BY id FOR NO KEY UPDATE
    """
)


async def lock_duties(tx: Tx, task_ids: Collection[UUID]) -> list[UUID]:
    """The responsibilities of these tasks that still stand, locked."""
    return list((await tx.execute(_DUTIES, {"ids": list(task_ids)})).scalars())


_NEWEST = text(
    """
    SELECT greatest(
        (SELECT max(version) FROM responsibilities WHERE warning_id = :warning_id),
        (SELECT max(version) FROM call_outs WHERE warning_id = :warning_id), 0)
    """
)


async def newest_version(tx: Tx, warning_id: UUID) -> int:
    """The newest version of what was asked under a warning; 0 where nothing was."""
    return await tx.scalar(_NEWEST, {"warning_id": warning_id}) or 0


_ANOTHER = text(
    """
    SELECT id FROM issued_warnings
    WHERE state = 'matched' AND valid_to > :now AND id <> :warning_id AND exercise = :exercise
      AND request_for_id IS NULL AND hazard = ANY (CAST(:hazards AS text[])) AND source <> 'response'
    ORDER BY array_position(ARRAY['red', 'orange', 'yellow', 'blue'], colour), id LIMIT 1
    """
)


async def another_running(
    tx: Tx, warning_id: UUID, hazards: Collection[Hazard], *, exercise: bool, now: datetime
) -> UUID | None:
    """The gravest other warning of these hazards that runs, if there is one."""
    given = {"warning_id": warning_id, "hazards": sorted(hazards), "exercise": exercise, "now": now}
    return await tx.scalar(_ANOTHER, given)
