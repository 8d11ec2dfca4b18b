"""Tasks and the people who are called for them."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from jiaoying.dispatch.response.model import TaskKind
from jiaoying.dispatch.response.words import ToldTask
from jiaoying.storage.database import Tx

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
    JOIN LATERAL (
        SELECT id AS attempt_id FROM attempts WHERE call_out_id = call_out.id
        UNION ALL SELECT attempt_id FROM attempt_call_outs WHERE call_out_id = call_out.id
    ) AS named ON true
    JOIN attempts AS attempt ON attempt.id = named.attempt_id
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
