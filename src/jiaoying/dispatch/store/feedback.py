"""Feedback (反馈): reports as rows, and the clocks of what is still to be reported."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, bindparam, exists, insert, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.feedback_clocks import CLOCK, ClockEvent, ClockState, Duty
from jiaoying.dispatch.ladders.model import FeedbackClock, Who
from jiaoying.dispatch.states import ResponsibilityState, WarningState
from jiaoying.dispatch.store.sets import given_rows, is_one_of, is_one_of_given, parameters_of
from jiaoying.kernel.areas import ancestors_of
from jiaoying.kernel.colours import Colour
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    Moment,
    attempts,
    call_out_roles,
    call_outs,
    feedback,
    feedback_clocks,
    frozen_ladders,
    issued_warnings,
    responsibilities,
)


@dataclass(frozen=True, slots=True)
class Clock:
    """One stage that somebody owes."""

    id: UUID
    call_out_id: UUID
    stage: FeedbackStage
    state: ClockState


@dataclass(frozen=True, slots=True)
class DueClock:
    """A clock whose next moment has come, with what a text about it must say.

    `over`: nobody need report any more, since the warning ended or the duty was withdrawn.
    """

    id: UUID
    call_out_id: UUID
    stage: FeedbackStage
    state: ClockState
    contact_id: UUID
    warning_id: UUID
    event: str
    hazard: str
    colour: Colour | None
    reference: str
    exercise: bool
    valid_to: datetime
    over: bool


_DUTIES = (
    select(
        call_out_roles.c.call_out_id,
        call_out_roles.c.responsibility_id,
        call_out_roles.c.role,
        responsibilities.c.area_code,
        responsibilities.c.desk_id.is_not(None).label("of_desk"),
        (responsibilities.c.state != ResponsibilityState.WITHDRAWN).label("stands"),
        frozen_ladders.c.body["feedback"].label("clocks"),
    )
    .join(responsibilities, responsibilities.c.id == call_out_roles.c.responsibility_id)
    .join(frozen_ladders, frozen_ladders.c.id == responsibilities.c.ladder_id)
    .where(is_one_of_given(call_out_roles.c.call_out_id, "ids"))
)


async def duties_of(tx: Tx, call_out_ids: Collection[UUID]) -> dict[UUID, list[Duty]]:
    """What each of these people was called for, with the clocks of the ladders frozen for it."""
    found: dict[UUID, list[Duty]] = {}
    if not call_out_ids:
        return found
    for row in await tx.execute(_DUTIES, {"ids": list(call_out_ids)}):
        clocks = tuple(
            FeedbackClock(FeedbackStage(item["stage"]), item["within_s"]) for item in row.clocks or ()
        )
        found.setdefault(row.call_out_id, []).append(
            Duty(
                row.call_out_id,
                row.responsibility_id,
                Who(row.role),
                row.area_code,
                row.of_desk,
                row.stands,
                clocks,
            )
        )
    return found


_FEEDBACK_NAMES = (
    *("id", "warning_id", "call_out_id", "stage", "households", "people", "area_code", "said", "at"),
    *("inbox_item_id", "by_user"),
)
_WRITE_FEEDBACK = insert(feedback).from_select(_FEEDBACK_NAMES, given_rows(feedback, _FEEDBACK_NAMES))


async def write_feedback(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert reports."""
    if rows:
        await tx.execute(_WRITE_FEEDBACK, parameters_of(feedback, rows))


_CLOCK_NAMES = ("id", "call_out_id", "stage", "state", "due_at", "next_at")
_START = (
    upsert(feedback_clocks)
    .from_select(_CLOCK_NAMES, given_rows(feedback_clocks, _CLOCK_NAMES))
    .on_conflict_do_nothing(index_elements=[feedback_clocks.c.call_out_id, feedback_clocks.c.stage])
)


async def start_clocks(tx: Tx, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert running clocks; one that is there already stays as it is."""
    if rows:
        await tx.execute(_START, parameters_of(feedback_clocks, rows))


_BESIDE = text(
    """
    SELECT DISTINCT mine.call_out_id AS mine, other.call_out_id AS beside
    FROM call_out_roles AS mine
    JOIN responsibilities AS duty ON duty.id = mine.responsibility_id AND duty.state <> 'withdrawn'
    JOIN call_out_roles AS other ON other.responsibility_id = mine.responsibility_id
    WHERE mine.call_out_id = ANY(:ids) AND mine.role IN ('holder', 'deputy', 'post', 'person')
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))


async def beside(tx: Tx, call_out_ids: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Who shares a duty with each of these people, themselves among them."""
    found: dict[UUID, set[UUID]] = {row_id: {row_id} for row_id in call_out_ids}
    for row in await tx.execute(_BESIDE, {"ids": list(call_out_ids)}):
        found[row.mine].add(row.beside)
    return found


_LOCK_OPEN = (
    select(*columns_of(Clock, feedback_clocks))
    .where(
        is_one_of_given(feedback_clocks.c.call_out_id, "ids"),
        feedback_clocks.c.state.in_(CLOCK.sources_of(ClockEvent.REPORT)),
    )
    .order_by(feedback_clocks.c.id)
    .with_for_update(key_share=True)
)


async def lock_open_clocks(tx: Tx, call_out_ids: Collection[UUID]) -> list[Clock]:
    """What these people still owe, locked; after attempts in the order of the locks."""
    return read_as(Clock, await tx.execute(_LOCK_OPEN, {"ids": sorted(call_out_ids)}))


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Whether nobody need report to a call-out's warning any more."""
    stands = exists().where(
        call_out_roles.c.call_out_id == call_outs.c.id,
        responsibilities.c.id == call_out_roles.c.responsibility_id,
        responsibilities.c.state != ResponsibilityState.WITHDRAWN,
    )
    return (issued_warnings.c.valid_to <= now) | (issued_warnings.c.state == WarningState.WITHDRAWN) | ~stands


async def claim_clocks(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[DueClock]:
    """Clocks whose next moment has come, real ones first, locked; or this one of them."""
    query = (
        select(
            *columns_of(Clock, feedback_clocks),
            call_outs.c.contact_id,
            *(
                issued_warnings.c[name]
                for name in ("event", "hazard", "colour", "reference", "exercise", "valid_to")
            ),
            issued_warnings.c.id.label("warning_id"),
            _is_over(now).label("over"),
        )
        .join(call_outs, call_outs.c.id == feedback_clocks.c.call_out_id)
        .join(issued_warnings, issued_warnings.c.id == call_outs.c.warning_id)
        .where(feedback_clocks.c.next_at <= now)
        .order_by(issued_warnings.c.exercise, feedback_clocks.c.next_at, feedback_clocks.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=feedback_clocks)
    )
    if only is not None:
        query = query.where(feedback_clocks.c.id == only)
    return read_as(DueClock, await tx.execute(query))


_MOVE = text(
    """
    UPDATE feedback_clocks SET
        state = moved.state,
        next_at = CASE WHEN moved.state = 'asked' THEN CAST(:next_at AS timestamptz) END,
        asked_at = CASE WHEN moved.state = 'asked' THEN :now ELSE asked_at END,
        missed_at = CASE WHEN moved.state = 'missed' THEN :now ELSE missed_at END,
        ended_at = CASE WHEN moved.state IN ('reported', 'over') THEN :now ELSE ended_at END
    FROM unnest(:ids, :states) AS moved (id, state)
    WHERE feedback_clocks.id = moved.id
    """
).bindparams(
    bindparam("now", type_=Moment),
    bindparam("next_at", type_=Moment),
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("states", type_=ARRAY(Text())),
)


async def move_clocks(
    tx: Tx,
    clocks: Sequence[Clock | DueClock],
    event: ClockEvent,
    now: datetime,
    *,
    next_at: datetime | None = None,
) -> None:
    """Apply `event` to locked clocks; what is asked for is looked at again at `next_at`."""
    if clocks:
        states = [CLOCK.after(clock.state, event).value for clock in clocks]
        ids = [clock.id for clock in clocks]
        await tx.execute(_MOVE, {"now": now, "next_at": next_at, "ids": ids, "states": states})


_ASKS = (
    select(attempts.c.id)
    .where(
        is_one_of_given(attempts.c.call_out_id, "ids"), attempts.c.purpose == "ask", attempts.c.state == "due"
    )
    .order_by(attempts.c.id)
    .with_for_update(key_share=True)
)


async def lock_asks(tx: Tx, call_out_ids: Collection[UUID]) -> list[UUID]:
    """Texts that ask these people and have not left yet, locked."""
    return list((await tx.execute(_ASKS, {"ids": list(call_out_ids)})).scalars())


async def lock_asks_under(tx: Tx, warning_id: UUID) -> list[UUID]:
    """Texts that ask somebody under a warning and have not left yet, locked."""
    rows = await tx.execute(
        select(attempts.c.id)
        .where(attempts.c.warning_id == warning_id, attempts.c.purpose == "ask", attempts.c.state == "due")
        .order_by(attempts.c.id)
        .with_for_update(key_share=True)
    )
    return list(rows.scalars())


async def clocks_under(tx: Tx, warning_id: UUID) -> list[Clock]:
    """What is still owed under a warning, locked."""
    rows = await tx.execute(
        select(*columns_of(Clock, feedback_clocks))
        .join(call_outs, call_outs.c.id == feedback_clocks.c.call_out_id)
        .where(
            call_outs.c.warning_id == warning_id,
            feedback_clocks.c.state.in_(CLOCK.sources_of(ClockEvent.END)),
        )
        .order_by(feedback_clocks.c.id)
        .with_for_update(key_share=True, of=feedback_clocks)
    )
    return read_as(Clock, rows)


async def who_reports_for(tx: Tx, warning_id: UUID, area_code: str) -> UUID | None:
    """A call-out of somebody who answers for a place, or for the nearest place around it."""
    mine = responsibilities.c.area_code
    return await tx.scalar(
        select(call_out_roles.c.call_out_id)
        .join(responsibilities, responsibilities.c.id == call_out_roles.c.responsibility_id)
        .where(
            responsibilities.c.warning_id == warning_id,
            is_one_of(mine, (area_code, *ancestors_of(area_code))),
        )
        .order_by(mine.desc(), call_out_roles.c.rung, call_out_roles.c.call_out_id)
        .limit(1)
    )
