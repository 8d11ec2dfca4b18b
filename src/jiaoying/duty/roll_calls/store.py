"""Roll calls in rows: asked for, begun, seen, marked, looked at; and the plans that hold them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.roll_calls.model import (
    CallState,
    Drawable,
    Mark,
    Outcome,
    Plan,
    Result,
    RollCall,
    Seen,
    Terms,
    terms_as_data,
    terms_from_data,
)
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import desks, roll_call_desks, roll_call_marks, roll_call_plans, roll_calls

_OPEN = (CallState.WAITING, CallState.RUNNING)
# One at a time by hand: two at once would each find that none runs.
_LOCK = 7_201_404
DRAWS_REMEMBERED = 40

# --- roll calls ---


async def ask(
    tx: Tx, terms: Terms, planned_at: datetime, *, by: str, now: datetime, plan_id: UUID | None = None
) -> UUID | None:
    """A roll call that waits for its start; None where this moment of the plan has its own already."""
    row_id = new_id(now)
    added = await tx.execute(
        upsert(roll_calls)
        .values(
            id=row_id,
            plan_id=plan_id,
            planned_at=planned_at,
            terms=terms_as_data(terms),
            asked_by=by,
            state=CallState.WAITING,
            next_at=now,
        )
        .on_conflict_do_nothing()
        .returning(roll_calls.c.id)
    )
    return added.scalar_one_or_none()


async def open_ids(tx: Tx, now: datetime) -> list[UUID]:
    """The roll calls that wait for their moment and have it, and those that run."""
    return list(await tx.scalars(select(roll_calls.c.id).where(_has_work(now)).order_by(roll_calls.c.id)))


async def claim_open(tx: Tx, call_id: UUID, now: datetime) -> RollCall | None:
    """One of them, locked; None where another worker has it in hand, or had."""
    query = select(roll_calls).where(roll_calls.c.id == call_id, _has_work(now))
    row = (await tx.execute(query.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else _roll_call(row)


async def postpone(tx: Tx, call: RollCall, at: datetime, now: datetime) -> None:
    """Look again at `at`: something graver goes before it."""
    since = call.postponed_at or now
    await _change(tx, call.id, next_at=at, postponed_at=since)


async def call_off(tx: Tx, call: RollCall, reason: str, now: datetime) -> None:
    """It never began."""
    await _change(tx, call.id, state=CallState.CALLED_OFF, next_at=None, ended_at=now, reason=reason)


async def begin(
    tx: Tx,
    call: RollCall,
    asked: Sequence[Seen],
    now: datetime,
    *,
    call_id: UUID | None,
    seed: str | None,
    pool: Sequence[Drawable],
) -> None:
    """These desks are being called; who has nobody has an outcome already."""
    if asked:
        rows = [{"roll_call_id": call.id, **_as_row(one)} for one in asked]
        await tx.execute(insert(roll_call_desks), rows)
    ends_at = now + call.terms.limit
    await _change(
        tx,
        call.id,
        state=CallState.RUNNING,
        next_at=ends_at,
        started_at=now,
        ends_at=ends_at,
        call_id=call_id,
        seed=seed,
        pool=[{"desk_id": str(one.desk_id), "weight": one.weight} for one in pool],
    )


async def keep_seen(tx: Tx, roll_call_id: UUID, seen: Iterable[Seen]) -> None:
    """What the calls came to, as it stands now."""
    for one in seen:
        await tx.execute(
            update(roll_call_desks)
            .where(roll_call_desks.c.roll_call_id == roll_call_id, roll_call_desks.c.desk_id == one.desk_id)
            .values(_as_row(one))
        )


async def give_time(tx: Tx, call_id: UUID, until: datetime) -> None:
    """The limit lies later."""
    await _change(tx, call_id, next_at=until, ends_at=until)


async def end(tx: Tx, call_id: UUID, reason: str | None, now: datetime) -> None:
    """It is over."""
    await _change(tx, call_id, state=CallState.ENDED, next_at=None, ended_at=now, reason=reason)


async def roll_call_by_id(tx: Tx, call_id: UUID, *, lock: bool = False) -> RollCall | None:
    query = select(roll_calls).where(roll_calls.c.id == call_id)
    row = (await tx.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _roll_call(row)


async def lock_roll_calls(tx: Tx) -> None:
    """Wait until no other transaction begins one by hand; held to the end of this one."""
    await tx.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def open_roll_call(tx: Tx) -> UUID | None:
    """One that waits or runs."""
    return await tx.scalar(select(roll_calls.c.id).where(roll_calls.c.state.in_(_OPEN)).limit(1))


async def end_at(tx: Tx, call_id: UUID, at: datetime) -> None:
    """Whoever has not answered by `at` counts as not asked to the end."""
    await _change(tx, call_id, next_at=at, reason="by_hand")


async def last_roll_calls(tx: Tx, limit: int) -> list[RollCall]:
    """The newest first."""
    rows = await tx.execute(select(roll_calls).order_by(roll_calls.c.id.desc()).limit(limit))
    return [_roll_call(row) for row in rows]


async def ended_between(tx: Tx, begin: datetime, end: datetime) -> list[RollCall]:
    """The roll calls that ended, by the moment for which they were planned, in order."""
    rows = await tx.execute(
        select(roll_calls)
        .where(
            roll_calls.c.state == CallState.ENDED,
            roll_calls.c.planned_at >= begin,
            roll_calls.c.planned_at < end,
        )
        .order_by(roll_calls.c.planned_at, roll_calls.c.id)
    )
    return [_roll_call(row) for row in rows]


async def results_of(tx: Tx, call_ids: Collection[UUID]) -> dict[UUID, list[Result]]:
    """Of each roll call its desks in order, with what was seen and what the officer said."""
    seen = await tx.execute(
        select(roll_call_desks, desks.c.name)
        .join(desks, desks.c.id == roll_call_desks.c.desk_id)
        .where(is_one_of(roll_call_desks.c.roll_call_id, call_ids))
        .order_by(desks.c.area_code, desks.c.name)
    )
    marked = await tx.execute(
        select(roll_call_marks)
        .where(is_one_of(roll_call_marks.c.roll_call_id, call_ids))
        .order_by(roll_call_marks.c.id)
    )
    marks: dict[tuple[UUID, UUID], list[Mark]] = {}
    for row in marked:
        mark = Mark(row.desk_id, Outcome(row.outcome), row.reason, row.made_at, row.made_by)
        marks.setdefault((row.roll_call_id, row.desk_id), []).append(mark)
    found: dict[UUID, list[Result]] = {call_id: [] for call_id in call_ids}
    for row in seen:
        own = marks.get((row.roll_call_id, row.desk_id), ())
        found[row.roll_call_id].append(Result(row.desk_id, row.name, _seen(row), own))
    return found


async def add_mark(tx: Tx, call_id: UUID, mark: Mark) -> None:
    """What the officer says of a desk; what was said before stays."""
    await tx.execute(
        insert(roll_call_marks).values(id=new_id(mark.made_at), roll_call_id=call_id, **asdict(mark))
    )


async def draws_before(tx: Tx, now: datetime) -> list[tuple[frozenset[UUID], frozenset[UUID]]]:
    """Earlier draws, the newest first: who could have been drawn, and who was."""
    rows = await tx.execute(
        select(roll_calls.c.pool, func.array_agg(roll_call_desks.c.desk_id).label("drawn"))
        .join(roll_call_desks, roll_call_desks.c.roll_call_id == roll_calls.c.id)
        .where(roll_calls.c.seed.is_not(None), roll_calls.c.started_at < now)
        .group_by(roll_calls.c.id)
        .order_by(roll_calls.c.started_at.desc())
        .limit(DRAWS_REMEMBERED)
    )
    return [(frozenset(UUID(one["desk_id"]) for one in row.pool), frozenset(row.drawn)) for row in rows]


# --- plans ---


async def add_plan(tx: Tx, plan: Plan) -> None:
    await tx.execute(
        insert(roll_call_plans).values(
            {**asdict(plan), "days": list(plan.days), "terms": terms_as_data(plan.terms)}
        )
    )


async def plans_going_on(tx: Tx) -> list[Plan]:
    """The plans that hold roll calls, the next one first."""
    rows = await tx.execute(
        select(roll_call_plans)
        .where(roll_call_plans.c.ended_at.is_(None))
        .order_by(roll_call_plans.c.next_at)
    )
    return [_plan(row) for row in rows]


async def plans_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Plan]:
    rows = await tx.execute(select(roll_call_plans).where(is_one_of(roll_call_plans.c.id, ids)))
    return {row.id: _plan(row) for row in rows}


async def due_plan_ids(tx: Tx, now: datetime) -> list[UUID]:
    """The plans whose moment has come."""
    query = select(roll_call_plans.c.id).where(roll_call_plans.c.next_at <= now)
    return list(await tx.scalars(query.order_by(roll_call_plans.c.next_at)))


async def claim_due_plan(tx: Tx, plan_id: UUID, now: datetime) -> Plan | None:
    """One of them, locked; None where another worker has it in hand, or had."""
    query = select(roll_call_plans).where(roll_call_plans.c.id == plan_id, roll_call_plans.c.next_at <= now)
    row = (await tx.execute(query.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else _plan(row)


async def plan_next(tx: Tx, plan_id: UUID, at: datetime) -> None:
    await tx.execute(update(roll_call_plans).where(roll_call_plans.c.id == plan_id).values(next_at=at))


async def end_plan(tx: Tx, plan_id: UUID, now: datetime) -> Plan | None:
    """No more roll calls by this plan; None where there is none that goes on."""
    row = (
        await tx.execute(
            update(roll_call_plans)
            .where(roll_call_plans.c.id == plan_id, roll_call_plans.c.ended_at.is_(None))
            .values(next_at=None, ended_at=now)
            .returning(roll_call_plans)
        )
    ).one_or_none()
    return None if row is None else _plan(row)


def _has_work(now: datetime) -> ColumnElement[bool]:
    return (roll_calls.c.state == CallState.RUNNING) | (
        (roll_calls.c.state == CallState.WAITING) & (roll_calls.c.next_at <= now)
    )


async def _change(tx: Tx, roll_call_id: UUID, **values: object) -> None:
    await tx.execute(update(roll_calls).where(roll_calls.c.id == roll_call_id).values(values))


def _as_row(seen: Seen) -> dict[str, object]:
    return {**asdict(seen), "asked_ids": list(seen.asked_ids)}


def _seen(row: Any) -> Seen:
    return Seen(
        row.desk_id,
        Outcome(row.outcome) if row.outcome else None,
        row.reason,
        tuple(row.asked_ids),
        row.answered_by,
        row.answered_how,
        row.rung_at,
        row.answered_at,
    )


def _roll_call(row: Any) -> RollCall:
    return RollCall(
        row.id,
        row.plan_id,
        row.planned_at,
        terms_from_data(row.terms),
        row.seed,
        tuple(Drawable(UUID(one["desk_id"]), one["weight"]) for one in row.pool),
        row.asked_by,
        CallState(row.state),
        row.next_at,
        row.postponed_at,
        row.started_at,
        row.ends_at,
        row.ended_at,
        row.reason,
        row.call_id,
    )


def _plan(row: Any) -> Plan:
    return Plan(
        row.id,
        row.name,
        tuple(row.days),
        row.begins,
        row.ends,
        terms_from_data(row.terms),
        row.made_at,
        row.made_by,
        row.next_at,
        row.ended_at,
    )
