"""Texts about tasks that need no answer: that they are lifted, or past their time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.response.hearing import TaskNote
from jiaoying.dispatch.response.model import RESTORED
from jiaoying.dispatch.response.store import TaskRow
from jiaoying.dispatch.response.words import MOST_NAMED, done_words, figures_words
from jiaoying.dispatch.store import attempts, roster
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.texting import MOST_NAMED as MOST_PEOPLE
from jiaoying.dispatch.texting import STAND_DOWN_LIFE_S, first_mobile, word_reply_to
from jiaoying.kernel.language import say, speaking
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.templates.names import warning_title


async def tell_lifted(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    tasks: Mapping[UUID, Sequence[TaskRow]],
    *,
    warning_over: bool,
    now: datetime,
) -> None:
    """One text to each person whose tasks were lifted, in the order given."""
    purpose = "stand_down" if warning_over else "reply"
    texts, unreached = await _texts(
        tx,
        engine,
        warning,
        {contact_id: rows for contact_id, rows in tasks.items() if rows},
        "task_over" if warning_over else "task_lifted",
        now,
    )
    await attempts.plan_attempts(tx, [replace(text, purpose=purpose) for text in texts])
    facts = {"texts": len(texts), "without_number": [str(contact_id) for contact_id in unreached]}
    if texts or unreached:
        await append_entries(tx, [Entry(now, "task.lifting_told", "respond", warning.id, facts=facts)])
    if unreached:
        await _ask_to_tell_by_hand(tx, warning, [tasks[contact_id][0].label for contact_id in unreached], now)


def note_words(note: TaskNote, language: str) -> tuple[str, dict[str, object]]:
    """The kind of the reply to somebody who took or reported tasks, and its words."""
    first = note.tasks[0]
    with speaking(language):
        if note.kind == "task_noted":
            # What was said is said back: a misunderstanding is seen at once.
            told = say(": ").join(filter(None, (named(note.tasks), figures_words(note.figures))))
            return note.kind, {"tasks": told, "how": ""}
        words: dict[str, object] = {"tasks": named(note.tasks), "how": done_words(first.kind, first.evidence)}
        return ("task_noted" if note.kind == "task_figures" else note.kind), words


async def remind(
    tx: Tx, engine: Engine, warning: WarningRow, tasks: Mapping[UUID, Sequence[TaskRow]], now: datetime
) -> int:
    """Ask those who took tasks and did not report in time; returns how many texts that were."""
    texts, _ = await _texts(tx, engine, warning, tasks, "task_late", now)
    await attempts.plan_attempts(tx, texts)
    return len(texts)


async def _texts(
    tx: Tx,
    engine: Engine,
    warning: WarningRow,
    tasks: Mapping[UUID, Sequence[TaskRow]],
    kind: str,
    now: datetime,
) -> tuple[list[NewAttempt], list[UUID]]:
    """The texts, and who takes none."""
    people = await roster.callees(tx, list(tasks))
    planned: list[NewAttempt] = []
    unreached: list[UUID] = []
    for left, (contact_id, rows) in enumerate(tasks.items(), start=-len(tasks)):
        callee = people[contact_id]
        number = first_mobile(callee)
        with speaking(callee.language):
            values: dict[str, object] = {
                "warning": warning_title(warning.event, warning.hazard, warning.colour, callee.language),
                "reference": warning.reference,
                "tasks": named(rows),
                "how": done_words(rows[0].kind, rows[0].evidence),
                "restored": any(row.kind in RESTORED for row in rows),
                "exercise": warning.exercise,
            }
        text = number and word_reply_to(
            engine,
            callee,
            number,
            kind,
            values,
            now,
            exercise=warning.exercise,
            warning_id=warning.id,
        )
        if not text:
            unreached.append(contact_id)
            continue
        # Lanes go by the moment: one microsecond apart, the texts keep the order given.
        due_at = now + timedelta(microseconds=left)
        planned.append(replace(text, due_at=due_at, expires_at=now + timedelta(seconds=STAND_DOWN_LIFE_S)))
    return planned, unreached


def named(tasks: Sequence[TaskRow]) -> str:
    """The orders of some tasks, in a few words."""
    orders = list(dict.fromkeys(task.order_text for task in tasks))
    words = say("; ").join(orders[:MOST_NAMED])
    left = len(orders) - MOST_NAMED
    return words if left <= 0 else say("{tasks} and {count} more", tasks=words, count=left)


async def _ask_to_tell_by_hand(tx: Tx, warning: WarningRow, labels: Sequence[str], now: datetime) -> None:
    """Who takes no texts was rung and must hear from a person that the order is lifted."""
    await raise_alarm(
        tx,
        "tell_by_hand",
        say(
            "Orders under “{headline}” are lifted, and these people take no texts: tell them by"
            " telephone: {names}",
            headline=warning.headline,
            names=say(", ").join(labels[:MOST_PEOPLE]),
        ),
        now,
        warning_id=warning.id,
    )
