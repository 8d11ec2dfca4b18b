"""Respond: responses that wait begin by themselves, and tasks past their time go onto the officer's list."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.response import called, store
from jiaoying.dispatch.response.book import plans_in_force
from jiaoying.dispatch.response.deciding import LOOK_S, REMIND_S, DueTask, Overdue, look_at
from jiaoying.dispatch.response.linking import (
    ACTOR,
    BY_WARNING,
    bring_tasks,
    follow_over,
    set_level,
    warned_area,
)
from jiaoying.dispatch.response.store import ResponseRow, TaskRow
from jiaoying.dispatch.response.telling import named, remind
from jiaoying.dispatch.response.wishes import carry_out_next
from jiaoying.dispatch.store import warnings
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

BATCH = 500
MOST_WISHES = 20  # before deadlines have their turn again
MOST_PLACES = 20  # named in one alarm


class RespondStage:
    """Looks at every response and every task whose moment has come."""

    name = "respond"
    rings = ("escalate", "send", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        carried_out = 0
        for _ in range(MOST_WISHES):
            async with engine.database.transaction() as tx:
                if not await carry_out_next(tx, engine, now):
                    break
            carried_out += 1
        async with engine.database.transaction() as tx:
            responses = await store.claim_responses(tx, now, BATCH)
            for response in responses:
                await _look_at_response(tx, engine, response, now)
        async with engine.database.transaction() as tx:
            tasks = await store.claim_tasks(tx, now, BATCH)
            if tasks:
                await _look_at_tasks(tx, engine, tasks, now)
        return carried_out + len(responses) + len(tasks)


async def _look_at_response(tx: Tx, engine: Engine, response: ResponseRow, now: datetime) -> None:
    """What waited for the officer begins; village people who were let go meanwhile are ordered too."""
    warning = (await warnings.warnings_by_id(tx, [response.warning_id]))[response.warning_id]
    await store.look_again_at(tx, [response.id], now + timedelta(seconds=LOOK_S))
    if await follow_over(tx, engine, response, warning, now):
        return
    if response.asked_level is not None:
        response = await set_level(
            tx, response, warning, response.asked_level, by=ACTOR, reason=BY_WARNING, now=now
        )
    elif not warning.released_areas:
        return
    book, _ = await plans_in_force(tx)
    plan, area = book.plan_named(response.plan), await warned_area(tx, engine, warning)
    if plan and area:
        await bring_tasks(tx, engine, response, plan, warning, area, by=ACTOR, lowers=False, now=now)


async def _look_at_tasks(tx: Tx, engine: Engine, tasks: Sequence[TaskRow], now: datetime) -> None:
    looks = {task.id: look_at(_as_due(task), now) for task in tasks}
    late = {row_id: look for row_id, look in looks.items() if isinstance(look, Overdue)}
    await store.wait_for_deadline(tx, [row_id for row_id in looks if row_id not in late])
    await store.note_overdue(tx, list(late), now + timedelta(seconds=REMIND_S), now)
    under = await store.warning_ids_of(tx, list(late))
    found = await warnings.warnings_by_id(tx, set(under.values()))
    newly = [task for task in tasks if task.id in late and task.listed_at is None]
    await append_entries(
        tx,
        [Entry(now, "task.overdue", ACTOR, under[task.id], facts={"task": str(task.id)}) for task in newly],
    )
    reminded = [task for task in tasks if task.id in late and late[task.id].remind]
    for warning in found.values():
        of_this = [task for task in newly if under[task.id] == warning.id]
        await _tell_officer(tx, warning, of_this, now)
        await _remind(tx, engine, warning, [task for task in reminded if under[task.id] == warning.id], now)


def _as_due(task: TaskRow) -> DueTask:
    addressed = task.post_id is not None or task.desk_id is not None
    return DueTask(task.state, task.deadline_at, addressed, task.reminders)


async def _tell_officer(tx: Tx, warning: WarningRow, tasks: Sequence[TaskRow], now: datetime) -> None:
    """One alarm for what is late, and one for what nobody is there to be ordered to do."""
    late = [task for task in tasks if _as_due(task).addressed]
    nobody = [task for task in tasks if not _as_due(task).addressed]
    if late:
        await raise_alarm(
            tx,
            "tasks_late",
            say("Past their time and not reported as done: {tasks}", tasks=named(late)),
            now,
            warning_id=warning.id,
        )
    if nobody:
        await raise_alarm(
            tx,
            "tasks_without_anybody",
            say(
                "The roster has nobody to be ordered: {tasks} ({places}). Order it by telephone, and log it",
                tasks=named(nobody),
                places=say(", ").join(task.label for task in nobody[:MOST_PLACES]),
            ),
            now,
            warning_id=warning.id,
        )


async def _remind(
    tx: Tx, engine: Engine, warning: WarningRow, tasks: Sequence[TaskRow], now: datetime
) -> None:
    """Whoever took a task and is silent about it is asked once more, in one text for all of theirs."""
    rows = {task.id: task for task in tasks}
    takers = await called.takers_of(tx, list(rows))
    of_person = {contact_id: [rows[row_id] for row_id in ids] for contact_id, ids in takers.items()}
    texts = await remind(tx, engine, warning, of_person, now) if of_person else 0
    await store.count_reminders(tx, list(rows))
    if texts:
        facts = {"texts": texts, "tasks": len(rows)}
        await append_entries(tx, [Entry(now, "task.reminded", ACTOR, warning.id, facts=facts)])
