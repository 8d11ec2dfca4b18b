"""Plans of the daily dispatch, their rounds, and what desks reported, in rows."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.daily.model import (
    DeskReports,
    How,
    NewReport,
    Plan,
    PlanFields,
    Report,
    Round,
    RoundState,
    form_as_data,
    form_from_data,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import daily_desks, daily_plans, daily_reports, daily_rounds, desks

_MINUTE = timedelta(minutes=1)


# --- plans ---


async def add_plan(tx: Tx, plan: Plan) -> None:
    fields = plan.fields
    await tx.execute(
        insert(daily_plans).values(
            id=plan.id,
            name=fields.name,
            first=fields.first,
            last=fields.last,
            hours=list(fields.hours),
            form=form_as_data(fields.form),
            area_code=fields.area_code,
            desk_ids=list(fields.desk_ids),
            limit_min=fields.limit // _MINUTE,
            closes_min=fields.closes // _MINUTE,
            made_at=plan.made_at,
            made_by=plan.made_by,
            next_at=plan.next_at,
        )
    )


async def plans_going_on(tx: Tx) -> list[Plan]:
    """Those that still ask, the next one first."""
    query = select(daily_plans).where(daily_plans.c.ended_at.is_(None))
    return [_plan(row) for row in await tx.execute(query.order_by(daily_plans.c.next_at))]


async def due_plan_ids(tx: Tx, now: datetime) -> list[UUID]:
    """The plans whose hour has come."""
    query = select(daily_plans.c.id).where(daily_plans.c.next_at <= now)
    return list(await tx.scalars(query.order_by(daily_plans.c.next_at)))


async def claim_due_plan(tx: Tx, plan_id: UUID, now: datetime) -> Plan | None:
    """One of them, locked; None where another worker has it in hand, or had."""
    query = select(daily_plans).where(daily_plans.c.id == plan_id, daily_plans.c.next_at <= now)
    row = (await tx.execute(query.with_for_update(skip_locked=True))).one_or_none()
    return None if row is None else _plan(row)


async def plan_next(tx: Tx, plan_id: UUID, at: datetime | None, now: datetime) -> None:
    """When it asks next; None ends it: all its days are over."""
    values = {"next_at": at} if at else {"next_at": None, "ended_at": now}
    await tx.execute(update(daily_plans).where(daily_plans.c.id == plan_id).values(values))


async def end_plan(tx: Tx, plan_id: UUID, now: datetime) -> bool:
    """It asks no more; False where it ended already."""
    ended = await tx.execute(
        update(daily_plans)
        .where(daily_plans.c.id == plan_id, daily_plans.c.ended_at.is_(None))
        .values(next_at=None, ended_at=now)
        .returning(daily_plans.c.id)
    )
    return ended.one_or_none() is not None


# --- rounds ---


async def begin_round(tx: Tx, plan: Plan, planned_at: datetime, now: datetime) -> UUID | None:
    """A round that is asked from now on; None where this hour has its own already."""
    row_id, limit_at = new_id(now), now + plan.fields.limit
    added = await tx.execute(
        upsert(daily_rounds)
        .values(
            id=row_id,
            plan_id=plan.id,
            planned_at=planned_at,
            form=form_as_data(plan.fields.form),
            state=RoundState.ASKING,
            asked_at=now,
            limit_at=limit_at,
            closes_at=now + plan.fields.closes,
            next_at=limit_at,
        )
        .on_conflict_do_nothing()
        .returning(daily_rounds.c.id)
    )
    return added.scalar_one_or_none()


async def ask_desks(tx: Tx, round_id: UUID, desk_ids: Collection[UUID], call_id: UUID | None) -> None:
    """These desks are asked, under this duty call."""
    if desk_ids:
        rows = [{"round_id": round_id, "desk_id": desk_id} for desk_id in desk_ids]
        await tx.execute(insert(daily_desks), rows)
    await _change(tx, round_id, call_id=call_id)


async def chase(tx: Tx, round_id: UUID, chase_id: UUID, closes_at: datetime) -> None:
    """Those who are missing are rung, under this duty call."""
    await _change(
        tx, round_id, state=RoundState.CHASING, chase_id=chase_id, closes_at=closes_at, next_at=closes_at
    )


async def close(tx: Tx, round_id: UUID, missed: Collection[UUID], now: datetime) -> None:
    """It is over; these desks have not reported."""
    await _change(tx, round_id, state=RoundState.CLOSED, next_at=None, closed_at=now)
    await tx.execute(
        update(daily_desks)
        .where(daily_desks.c.round_id == round_id, is_one_of(daily_desks.c.desk_id, missed))
        .values(missed_at=now)
    )


async def open_ids(tx: Tx) -> list[UUID]:
    """The rounds that are not closed."""
    query = select(daily_rounds.c.id).where(daily_rounds.c.state != RoundState.CLOSED)
    return list(await tx.scalars(query.order_by(daily_rounds.c.id)))


async def claim_open(tx: Tx, round_id: UUID) -> Round | None:
    """One of them, locked; None where another worker has it in hand, or had."""
    query = _rounds().where(daily_rounds.c.id == round_id, daily_rounds.c.state != RoundState.CLOSED)
    # Not the key: whoever files a report holds call-outs that the close of the round waits for.
    lock = query.with_for_update(skip_locked=True, key_share=True, of=daily_rounds)
    row = (await tx.execute(lock)).one_or_none()
    return None if row is None else _round(row)


async def round_by_id(tx: Tx, round_id: UUID, *, lock: bool = False) -> Round | None:
    query = _rounds().where(daily_rounds.c.id == round_id)
    query = query.with_for_update(of=daily_rounds) if lock else query
    row = (await tx.execute(query)).one_or_none()
    return None if row is None else _round(row)


async def rounds_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Round]:
    rows = await tx.execute(_rounds().where(is_one_of(daily_rounds.c.id, ids)))
    return {row.id: _round(row) for row in rows}


async def last_rounds(tx: Tx, limit: int) -> list[Round]:
    """The newest first."""
    return [
        _round(row) for row in await tx.execute(_rounds().order_by(daily_rounds.c.id.desc()).limit(limit))
    ]


async def missing_in(tx: Tx, round_id: UUID) -> list[tuple[UUID, str]]:
    """The desks of a round that have not reported: (id, name), in order."""
    reported = exists().where(
        daily_reports.c.round_id == daily_desks.c.round_id, daily_reports.c.desk_id == daily_desks.c.desk_id
    )
    rows = await tx.execute(
        select(desks.c.id, desks.c.name)
        .join(daily_desks, daily_desks.c.desk_id == desks.c.id)
        .where(daily_desks.c.round_id == round_id, ~reported)
        .order_by(desks.c.area_code, desks.c.name)
    )
    return [(row.id, row.name) for row in rows]


# --- reports ---


async def reports_of(tx: Tx, round_ids: Collection[UUID]) -> dict[UUID, list[DeskReports]]:
    """Of each round its desks in order, with all that they reported."""
    versions: dict[tuple[UUID, UUID], list[Report]] = {}
    rows = await tx.execute(
        select(daily_reports)
        .where(is_one_of(daily_reports.c.round_id, round_ids))
        .order_by(daily_reports.c.version)
    )
    for row in rows:
        versions.setdefault((row.round_id, row.desk_id), []).append(_report(row))
    asked = await tx.execute(
        select(daily_desks, desks.c.name)
        .join(desks, desks.c.id == daily_desks.c.desk_id)
        .where(is_one_of(daily_desks.c.round_id, round_ids))
        .order_by(desks.c.area_code, desks.c.name)
    )
    found: dict[UUID, list[DeskReports]] = {round_id: [] for round_id in round_ids}
    for row in asked:
        own = versions.get((row.round_id, row.desk_id), ())
        found[row.round_id].append(DeskReports(row.desk_id, row.name, row.missed_at, own))
    return found


async def add_report(tx: Tx, new: NewReport, *, by: str, now: datetime) -> int:
    """Keep it as the desk's next version and return which that is. Raises Refusal for a desk not asked."""
    # Two who report for one desk at once wait for each other here.
    limit_at = await tx.scalar(
        select(daily_rounds.c.limit_at)
        .join(daily_desks, daily_desks.c.round_id == daily_rounds.c.id)
        .where(daily_desks.c.round_id == new.round_id, daily_desks.c.desk_id == new.desk_id)
        .with_for_update(of=daily_desks)
    )
    if limit_at is None:
        raise Refusal(say("This desk was not asked in this round"))
    last = await tx.scalar(
        select(func.max(daily_reports.c.version)).where(
            daily_reports.c.round_id == new.round_id, daily_reports.c.desk_id == new.desk_id
        )
    )
    version = (last or 0) + 1
    await tx.execute(
        insert(daily_reports).values(
            id=new_id(now),
            round_id=new.round_id,
            desk_id=new.desk_id,
            version=version,
            how=new.how,
            answers=dict(new.answers),
            zero=new.zero,
            whole=new.whole,
            words=new.words,
            said_by=new.said_by,
            reason=new.reason,
            at=new.at,
            late=new.at > limit_at,
            contact_id=new.contact_id,
            inbox_item_id=new.inbox_item_id,
            written_at=now,
            written_by=by,
        )
    )
    return version


# --- rows read ---


def _rounds() -> Any:
    return select(daily_rounds, daily_plans.c.name).join(
        daily_plans, daily_plans.c.id == daily_rounds.c.plan_id
    )


async def _change(tx: Tx, round_id: UUID, **values: object) -> None:
    await tx.execute(update(daily_rounds).where(daily_rounds.c.id == round_id).values(values))


def _plan(row: Any) -> Plan:
    fields = PlanFields(
        row.name,
        row.first,
        row.last,
        tuple(row.hours),
        form_from_data(row.form),
        row.area_code,
        tuple(row.desk_ids),
        row.limit_min * _MINUTE,
        row.closes_min * _MINUTE,
    )
    return Plan(row.id, fields, row.made_at, row.made_by, row.next_at, row.ended_at)


def _round(row: Any) -> Round:
    return Round(
        row.id,
        row.plan_id,
        row.name,
        row.planned_at,
        form_from_data(row.form),
        RoundState(row.state),
        row.asked_at,
        row.limit_at,
        row.closes_at,
        row.next_at,
        row.closed_at,
        row.call_id,
        row.chase_id,
    )


def _report(row: Any) -> Report:
    return Report(
        row.round_id,
        row.desk_id,
        row.version,
        How(row.how),
        row.answers,
        row.zero,
        row.whole,
        row.words,
        row.said_by,
        row.reason,
        row.at,
        row.late,
        row.contact_id,
        row.written_at,
        row.written_by,
    )
