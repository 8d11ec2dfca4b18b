"""What the officer does about responses and tasks, from the console, the API or the command line.

Each takes an open transaction, writes its ledger lines in it, and raises Refusal with a sentence when it
cannot be done. A change of level, an end and a lifting are written down as wishes and carried out by the
stage `respond`, which has the carriers at hand. After the commit the caller rings `BELLS`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select

from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.response import called, store
from jiaoying.dispatch.response.book import plans_in_force
from jiaoying.dispatch.response.deciding import TaskPlace, WantedTask
from jiaoying.dispatch.response.hearing import Noted, Said, record
from jiaoying.dispatch.response.linking import insert_proposed
from jiaoying.dispatch.response.model import MAX_ORDER, Evidence, ResponseLevel, ResponseState, TaskKind
from jiaoying.dispatch.response.ordering import NewTask, order_tasks
from jiaoying.dispatch.response.reading import HAND, LONGEST_DEADLINE_MIN
from jiaoying.dispatch.response.standing_in import stand_in
from jiaoying.dispatch.response.states import TaskEvent
from jiaoying.dispatch.response.store import ResponseRow, TaskRow
from jiaoying.dispatch.states import CallOutEvent, ResponsibilityState, WarningState
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import call_outs, responsibilities, warnings
from jiaoying.dispatch.store.roster import names_of
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import areas, contacts, desks, posts, response_wishes
from jiaoying.warnings.store import lock_intake

BELLS = ("respond", "escalate", "plan", "changes")
MAX_NOTE = 300
MAX_PLACES = 50
# What the officer may log on behalf of somebody who said so by telephone.
LOGGED = (
    TaskEvent.TAKE,
    TaskEvent.SET_OUT,
    TaskEvent.ARRIVE,
    TaskEvent.FINISH,
    TaskEvent.FAIL,
    TaskEvent.RESTORE,
)


# --- responses -----------------------------------------------------------------------------------


async def open_response(
    tx: Tx,
    plan_name: str,
    level: ResponseLevel,
    area_codes: Sequence[str],
    *,
    reason: str,
    by: str,
    home_name: str,
    exercise: bool = False,
    now: datetime,
) -> UUID:
    """Open a response that no warning asks for; its tasks are ordered at once. Returns its id."""
    _needs_reason(reason)
    book, version = await plans_in_force(tx)
    plan = book.plan_named(plan_name)
    if plan is None:
        raise Refusal(say("There is no plan of this name: import the county's plans, and choose one of them"))
    await lock_intake(tx)
    if await store.lock_going_on(tx, plan.name, exercise=exercise):
        raise Refusal(say("A response of this plan runs already: open it and change its level"))
    names = await names_of(tx, area_codes)
    if not area_codes or len(area_codes) > MAX_PLACES or set(area_codes) - set(names):
        raise Refusal(say("Choose 1 to {count} places of the list for the response", count=MAX_PLACES))
    area_names = say(", ").join(names[code] for code in area_codes)
    warning_id = await stand_in(
        tx,
        plan,
        level,
        area_codes=list(area_codes),
        area_names=area_names,
        home_name=home_name,
        exercise=exercise,
        now=now,
    )
    response = ResponseRow(
        id=new_id(now),
        warning_id=warning_id,
        by_hand=True,
        plan=plan.name,
        area_names=area_names,
        exercise=exercise,
        state=ResponseState.PROPOSED,
        level=None,
        asked_level=None,
        next_at=now,
    )
    await insert_proposed(tx, response, version, reason, now)
    await _wish(tx, response, "level", reason, by, now, level=level)
    return response.id


async def change_level(
    tx: Tx, response_id: UUID, level: ResponseLevel, *, reason: str, by: str, now: datetime
) -> None:
    """Raise or lower a response, or begin one that is proposed."""
    _needs_reason(reason)
    response = await _going_on(tx, response_id)
    if response.level is level:
        raise Refusal(say("The response is at this level already; nothing was changed"))
    await _wish(tx, response, "level", reason, by, now, level=level)


async def end_by_hand(tx: Tx, response_id: UUID, *, reason: str, by: str, now: datetime) -> None:
    """End a response and lift every order under it, or refuse one that is proposed."""
    _needs_reason(reason)
    await _wish(tx, await _going_on(tx, response_id), "end", reason, by, now)


async def lift_by_hand(tx: Tx, task_id: UUID, *, reason: str, by: str, now: datetime) -> None:
    """Lift one order; whoever was told of it is told that too."""
    _needs_reason(reason)
    task = await _task(tx, task_id)
    response = await store.lock_response(tx, task.response_id)
    if response is None or task.state in ("lifted", "restored"):
        raise Refusal(say("This order was lifted already; nothing was changed"))
    await _wish(tx, response, "lift", reason, by, now, task_id=task_id)


async def _wish(
    tx: Tx,
    response: ResponseRow,
    wish: str,
    reason: str,
    by: str,
    now: datetime,
    *,
    level: ResponseLevel | None = None,
    task_id: UUID | None = None,
) -> None:
    await tx.execute(
        insert(response_wishes).values(
            id=new_id(now),
            response_id=response.id,
            task_id=task_id,
            wish=wish,
            level=level,
            reason=reason.strip()[:MAX_NOTE],
            asked_by=by,
            asked_at=now,
        )
    )
    facts = {"response": str(response.id), "wish": wish, "level": level, "task": task_id and str(task_id)}
    told = {"reason": reason.strip()[:MAX_NOTE]}
    await append_entries(
        tx, [Entry(now, "response.wished", by, response.warning_id, facts=facts, particulars=told)]
    )


# --- tasks ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Order:
    """A task as the officer writes it. One of `post_id` and `desk_id` is who is ordered."""

    kind: TaskKind
    order: str
    post_id: UUID | None
    desk_id: UUID | None
    within_min: int
    evidence: tuple[Evidence, ...] = ()
    team: Mapping[str, str] | None = None  # strength, origin, destination


async def order_by_hand(tx: Tx, response_id: UUID, order: Order, *, by: str, now: datetime) -> UUID:
    """Order one more thing under a response, or send a team; returns the task's id."""
    if not order.order.strip() or len(order.order) > MAX_ORDER:
        raise Refusal(say("Write what is to be done, in 1 to {count} characters", count=MAX_ORDER))
    if not 1 <= order.within_min <= LONGEST_DEADLINE_MIN:
        raise Refusal(
            say("Write in how many minutes it must be done: 1 to {most}", most=LONGEST_DEADLINE_MIN)
        )
    await lock_intake(tx)
    response = await _going_on(tx, response_id)
    if response.level is None:
        raise Refusal(say("This response is not running yet: start it first"))
    place, unit, label = await _addressee(tx, order)
    wanted = WantedTask(
        place, order.kind, order.order.strip(), unit, label, order.within_min * 60, order.evidence
    )
    warning = await callable_warning(tx, response, now)
    ids = await order_tasks(tx, response, warning, [NewTask(wanted, order.team)], by=by, now=now)
    return ids[0]


async def callable_warning(tx: Tx, response: ResponseRow, now: datetime) -> WarningRow:
    """The row under which people can be called for this response: its warning, or, where that is over, one
    that stands in for it from now on. The caller holds the lock of intake."""
    warning = (await warnings.warnings_by_id(tx, [response.warning_id]))[response.warning_id]
    if warning.state in (WarningState.MATCHED, WarningState.CLOSED) and warning.valid_to > now:
        return warning
    book, _ = await plans_in_force(tx)
    plan = book.plan_named(response.plan)
    if plan is None or response.level is None:
        raise Refusal(say("The plan of this response is no longer in force: end the response"))
    row_id = await stand_in(
        tx,
        plan,
        response.level,
        area_codes=list(warning.area_codes),
        area_names=response.area_names,
        home_name=warning.sender_name or "",
        exercise=response.exercise,
        now=now,
    )
    await store.change_response(tx, response.id, now, warning_id=row_id)
    return (await warnings.warnings_by_id(tx, [row_id]))[row_id]


async def log_report(
    tx: Tx,
    task_id: UUID,
    event: TaskEvent,
    *,
    figures: Mapping[str, int],
    note: str,
    by: str,
    now: datetime,
) -> None:
    """Log what somebody reported to the desk by telephone: nobody is rung for it any more."""
    if event not in LOGGED:
        raise Refusal(say("Choose what was reported on the task"))
    if not note.strip() or len(note) > MAX_NOTE:
        raise Refusal(say("Write who reported it, in 1 to {count} characters", count=MAX_NOTE))
    task = await _task(tx, task_id)
    response = await store.lock_response(tx, task.response_id)
    duties = await called.lock_duties(tx, [task_id])
    await responsibilities.end_responsibilities(tx, duties, ResponsibilityState.COVERED, "by_hand", now)
    free = await call_outs.no_longer_needed(tx, duties)
    await stop_call_outs(tx, free, CallOutEvent.WITHDRAW, actor=by, reason="covered", now=now)
    (locked,) = await store.lock_tasks(tx, [task_id])
    said = Said((), Understood(Meaning.REPORTED), "hand", note.strip(), now, None, by)
    noted = Noted(locked, event, figures, said, None, response.warning_id if response else None)
    await record(tx, [noted], now)


# --- what is looked up ---------------------------------------------------------------------------


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise Refusal(say("Write the reason: it goes into the record"))


async def _going_on(tx: Tx, response_id: UUID) -> ResponseRow:
    response = await store.lock_response(tx, response_id)
    if response is None or response.state is ResponseState.ENDED:
        raise Refusal(say("This response has ended; nothing was changed"))
    return response


async def _task(tx: Tx, task_id: UUID) -> TaskRow:
    task = await store.task_by_id(tx, task_id)
    if task is None:
        raise Refusal(say("There is no such task; go back to the response and choose again"))
    return task


async def _addressee(tx: Tx, order: Order) -> tuple[TaskPlace, str, str]:
    """The place, the unit and the label of whom an order is for."""
    if order.post_id is not None:
        row = (
            await tx.execute(
                select(posts.c.area_code, areas.c.name, posts.c.kind, contacts.c.unit)
                .join(areas, areas.c.code == posts.c.area_code)
                .outerjoin(contacts, contacts.c.id == posts.c.holder_id)
                .where(posts.c.id == order.post_id)
            )
        ).one_or_none()
        if row is not None:
            place = TaskPlace(HAND, row.area_code, order.post_id, None)
            return place, row.unit or row.name, f"{row.name} {row.kind}"
    elif order.desk_id is not None:
        desk = (
            await tx.execute(select(desks.c.area_code, desks.c.name).where(desks.c.id == order.desk_id))
        ).one_or_none()
        if desk is not None:
            return TaskPlace(HAND, desk.area_code, None, order.desk_id), desk.name, desk.name
    raise Refusal(say("Choose the post or the duty desk that is ordered"))
