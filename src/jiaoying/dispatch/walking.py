"""Walks to doors (上门任务) under way: taken, done, in vain, called off; each with its line in the ledger."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.doors import (
    LIVE,
    NOBODY_HOME,
    WALK_S,
    AskForWord,
    Awake,
    DoorTask,
    Errand,
    InVain,
    LookAt,
    door_step,
)
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.replies import Meaning
from jiaoying.dispatch.states import DoorEvent, DoorState
from jiaoying.dispatch.store import attempts, doors, roster, warnings
from jiaoying.dispatch.store.doors import MovedTask
from jiaoying.dispatch.texting import first_mobile, word_reply_to
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.templates.names import warning_title

_WORDS = {
    DoorEvent.TAKE: "door.taken",
    DoorEvent.FINISH: "door.done",
    DoorEvent.FAIL: "door.failed",
    DoorEvent.WITHDRAW: "door.withdrawn",
}


CalledOff = tuple[MovedTask, Errand]


@dataclass(frozen=True, slots=True)
class WordOfWalk:
    """What one answer says of walks.

    `task_ids` are those that a word from the door was about; else it was said by the people of
    `call_out_ids`, of what they were asked, or of who was woken themselves.
    """

    call_out_ids: tuple[UUID, ...]
    meaning: Meaning
    at_door: bool  # whoever is ticked was woken at the door, by somebody who is not known
    task_ids: tuple[UUID, ...]
    by: str
    said: str | None


async def take_steps(tx: Tx, engine: Engine, tasks: Mapping[UUID, Sequence[DoorTask]], now: datetime) -> bool:
    """What the clocks of these walks ask for; returns whether anything changed."""
    steps = [(task, door_step(task, now)) for of_one in tasks.values() for task in of_one]
    later = [(task.id, step.at) for task, step in steps if isinstance(step, LookAt)]
    await doors.look_again(tx, later, asked_at=None)
    asking = [(task, step.until) for task, step in steps if isinstance(step, AskForWord)]
    await doors.look_again(tx, [(task.id, until) for task, until in asking], asked_at=now)
    await _text_walkers(tx, engine, await _errands(tx, [task.id for task, _ in asking]), "door_ask", now)
    awake = [task.id for task, step in steps if isinstance(step, Awake)]
    spared = await _call_off(tx, awake, actor="escalate", reason="awake", now=now)
    await tell_not_needed(tx, engine, spared, now)
    in_vain = [(task, step.reason) for task, step in steps if isinstance(step, InVain)]
    for reason in sorted({reason for _, reason in in_vain}):
        ids = [task.id for task, why in in_vain if why == reason]
        await _move(tx, ids, DoorEvent.FAIL, now, actor="escalate", reason=reason)
    return bool(later or asking or awake or in_vain)


async def hear_of_walks(tx: Tx, words: Sequence[WordOfWalk], now: datetime) -> None:
    """What answers change of walks. The call-outs that were ticked are locked already."""
    for word in words:
        declined = word.meaning is Meaning.DECLINED
        if word.task_ids:
            found = word.meaning is Meaning.KNOCKED
            event = DoorEvent.FINISH if found else DoorEvent.FAIL
            reason = None if found else NOBODY_HOME
            await _move(tx, word.task_ids, event, now, actor=word.by, reason=reason, said=word.said)
        elif word.at_door:
            woken = await doors.to_sleepers(tx, word.call_out_ids, LIVE)
            await _move(tx, woken, DoorEvent.FINISH, now, actor=word.by, said=word.said)
        else:
            states = LIVE if declined else (DoorState.OPEN,)
            asked = await doors.of_call_outs(tx, word.call_out_ids, states)
            event = DoorEvent.FAIL if declined else DoorEvent.TAKE
            reason = "declined" if declined else None
            await _move(tx, asked, event, now, actor=word.by, reason=reason, said=word.said)


async def call_off(
    tx: Tx,
    responsibility_ids: Collection[UUID],
    *,
    actor: str,
    reason: str,
    now: datetime,
    to: Collection[UUID] | None = None,
) -> list[CalledOff]:
    """Nobody need make these walks any more, or only those to the people of the call-outs `to`."""
    ids = await doors.under(tx, responsibility_ids, to) if responsibility_ids else []
    return await _call_off(tx, ids, actor=actor, reason=reason, now=now)


async def _call_off(
    tx: Tx, ids: Collection[UUID], *, actor: str, reason: str, now: datetime
) -> list[CalledOff]:
    known = await doors.errands_by_id(tx, ids)
    moved = await _move(tx, ids, DoorEvent.WITHDRAW, now, actor=actor, reason=reason)
    return [(task, known[task.id]) for task in moved]


async def tell_not_needed(tx: Tx, engine: Engine, called_off: Sequence[CalledOff], now: datetime) -> None:
    """One text to whoever had heard of a walk that nobody need make now."""
    heard = await doors.reached(tx, {task.call_out_id for task, _ in called_off})
    told = [
        (task.contact_id, errand)
        for task, errand in called_off
        if task.was is DoorState.TAKEN or (task.was is DoorState.OPEN and task.call_out_id in heard)
    ]
    await _text_walkers(tx, engine, told, "door_off", now)


async def _errands(tx: Tx, ids: Collection[UUID]) -> list[tuple[UUID, Errand]]:
    return [(errand.walker_id, errand) for errand in (await doors.errands_by_id(tx, ids)).values()]


async def _text_walkers(
    tx: Tx, engine: Engine, told: Sequence[tuple[UUID, Errand]], kind: str, now: datetime
) -> None:
    """One text for each person and warning, that names everybody whose door it is about."""
    if not told:
        return
    people = await roster.callees(tx, {contact_id for contact_id, _ in told})
    known = await warnings.warnings_by_id(tx, {errand.warning_id for _, errand in told})
    texts: list[attempts.NewAttempt] = []
    for contact_id, warning_id in dict.fromkeys((contact, errand.warning_id) for contact, errand in told):
        callee, warning = people[contact_id], known[warning_id]
        number = first_mobile(callee)
        if number is None:
            continue
        of_these = [one for contact, one in told if (contact, one.warning_id) == (contact_id, warning_id)]
        values = {
            "warning": warning_title(warning.event, warning.hazard, warning.colour, callee.language),
            "reference": warning.reference,
            "names": tuple(dict.fromkeys(errand.name for errand in of_these)),
            "exercise": warning.exercise,
        }
        text = word_reply_to(
            engine, callee, number, kind, values, now, exercise=warning.exercise, warning_id=warning_id
        )
        texts += [text] if text else []
    await attempts.plan_attempts(tx, texts)


async def _move(
    tx: Tx,
    ids: Collection[UUID],
    event: DoorEvent,
    now: datetime,
    *,
    actor: str,
    reason: str | None = None,
    said: str | None = None,
) -> list[MovedTask]:
    due_at = now + timedelta(seconds=WALK_S)
    moved = await doors.move_tasks(tx, ids, event, now, reason=reason, by=actor, said=said, due_at=due_at)
    facts: dict[str, object] = {"reason": reason} if reason else {}
    if event is DoorEvent.TAKE:
        facts["due_at"] = due_at.isoformat()
    await append_entries(
        tx,
        [
            Entry(
                now,
                _WORDS[event],
                actor,
                task.warning_id,
                responsibility_id=task.responsibility_id,
                call_out_id=task.call_out_id,
                contact_id=task.contact_id,
                facts={**facts, "door": str(task.id)},
                particulars={"said": said} if said else None,
            )
            for task in moved
        ],
    )
    return moved
