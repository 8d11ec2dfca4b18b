"""What answers come to for the tasks that their givers were told of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.response import called, store
from jiaoying.dispatch.response.model import Evidence
from jiaoying.dispatch.response.reports import (
    ReportedTask,
    TaskReport,
    read_report,
    report_of_move,
    tasks_meant,
)
from jiaoying.dispatch.response.states import OPEN, TaskEvent, TaskState
from jiaoying.dispatch.response.store import TaskRow
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

_EVENTS = {
    TaskEvent.TAKE: "task.taken",
    TaskEvent.SET_OUT: "task.set_out",
    TaskEvent.ARRIVE: "task.arrived",
    TaskEvent.FINISH: "task.done",
    TaskEvent.FAIL: "task.failed",
    TaskEvent.LIFT: "task.lifted",
    TaskEvent.RESTORE: "task.restored",
}


def reported_by(understood: Understood, said: str) -> Understood:
    """What a text means where its words are no plain answer: a report on a task is an answer too."""
    if understood.meaning is not Meaning.NOT_UNDERSTOOD or read_report(said) is None:
        return understood
    return Understood(Meaning.REPORTED, understood.reference)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer, and the call-outs that it ticks: (call-out, person, warning)."""

    ticked: tuple[tuple[UUID, UUID, UUID], ...]
    understood: Understood
    how: str
    said: str | None
    at: datetime
    inbox_item_id: UUID | None
    by_user: str | None


@dataclass(frozen=True, slots=True)
class TaskNote:
    """What the giver of an answer is told of their tasks: `kind` is that of the reply."""

    kind: str
    tasks: tuple[TaskRow, ...]
    figures: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class Noted:
    """What an answer comes to for one task."""

    task: TaskRow
    event: TaskEvent
    figures: Mapping[str, int]
    said: Said
    contact_id: UUID | None  # None: logged by hand
    warning_id: UUID | None


async def note_answers(tx: Tx, said: Sequence[Said], now: datetime) -> dict[UUID, TaskNote]:
    """Move the tasks behind answers; returns, by call-out, what their givers are told.

    A plain answer takes what was ordered. Figures replace those before, never add to them.
    """
    call_outs = {call_out_id for one in said for call_out_id, _, _ in one.ticked}
    tasks_of = await called.tasks_of(tx, call_outs)
    if not tasks_of:
        return {}
    rows = {
        row.id: row
        for row in await store.lock_tasks(tx, {row_id for ids in tasks_of.values() for row_id in ids})
    }
    noted: list[Noted] = []
    told: dict[UUID, TaskNote] = {}
    for one in said:
        for call_out_id, contact_id, warning_id in one.ticked:
            own = [rows[row_id] for row_id in tasks_of.get(call_out_id, ())]
            event, meant, figures = _what_it_means(one, own)
            noted += [Noted(task, event, figures, one, contact_id, warning_id) for task in meant]
            if note := _note(event, meant, own, figures):
                told[call_out_id] = note
    await record(tx, noted, now)
    return told


def _what_it_means(said: Said, own: Sequence[TaskRow]) -> tuple[TaskEvent, list[TaskRow], Mapping[str, int]]:
    report = _report(said.understood, said.said)
    if report is None:
        taken = (
            []
            if said.understood.meaning is Meaning.DECLINED
            else [task for task in own if task.state is TaskState.ORDERED]
        )
        return TaskEvent.TAKE, taken, {}
    meant = {task.id for task in tasks_meant(report, [ReportedTask(t.id, t.kind, t.state) for t in own])}
    return report.event, [task for task in own if task.id in meant], report.figures


def _report(understood: Understood, said: str | None) -> TaskReport | None:
    if understood.meaning is Meaning.MOVED:
        return report_of_move(understood.households, understood.people)
    return read_report(said) if understood.meaning is Meaning.REPORTED and said else None


def _note(
    event: TaskEvent, meant: Sequence[TaskRow], own: Sequence[TaskRow], figures: Mapping[str, int]
) -> TaskNote | None:
    if meant:
        if event is TaskEvent.TAKE:
            return TaskNote("task_taken", tuple(meant))
        lacks = (
            event is TaskEvent.FINISH and not figures and any(Evidence.FIGURES in t.evidence for t in meant)
        )
        return TaskNote("task_figures" if lacks else "task_noted", tuple(meant), figures)
    open_ones = tuple(task for task in own if task.state in OPEN)
    return TaskNote("task_which", open_ones) if event is not TaskEvent.TAKE and open_ones else None


async def record(tx: Tx, noted: Sequence[Noted], now: datetime) -> None:
    """Write what was reported: the report, the state, the newest figures, and the line in the ledger."""
    await store.write_reports(tx, [_report_row(one, now) for one in noted])
    moved: set[tuple[UUID, TaskEvent]] = set()
    for event in TaskEvent:
        ids = [one.task.id for one in noted if one.event is event]
        if ids:
            moved |= {(row_id, event) for row_id in await store.move_tasks(tx, ids, event, now)}
    await store.note_evidence(
        tx,
        [(one.task.id, one.figures, one.said.said) for one in noted if one.event is not TaskEvent.TAKE],
    )
    await append_entries(
        tx, [_entry(one, is_news=(one.task.id, one.event) in moved, now=now) for one in noted]
    )


def _report_row(noted: Noted, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(now),
        "task_id": noted.task.id,
        "event": noted.event,
        "how": noted.said.how,
        "figures": dict(noted.figures),
        "said": noted.said.said,
        "at": noted.said.at,
        "contact_id": noted.contact_id,
        "by_user": noted.said.by_user,
        "inbox_item_id": noted.said.inbox_item_id,
    }


def _entry(noted: Noted, *, is_news: bool, now: datetime) -> Entry:
    return Entry(
        now,
        _EVENTS[noted.event] if is_news else "task.reported_again",
        noted.said.by_user or "settle",
        noted.warning_id,
        contact_id=noted.contact_id,
        facts={
            "task": str(noted.task.id),
            "kind": noted.task.kind,
            "before": noted.task.state,
            "how": noted.said.how,
            "figures": dict(noted.figures),
        },
        particulars={"said": noted.said.said},
    )
