"""How the service itself is doing, in figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from jiaoying.dispatch.board.officers import officers_total
from jiaoying.dispatch.states import AttemptState, CallOutState, WarningState
from jiaoying.kernel.ids import earliest_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms, attempts, call_outs, inbox_items, issued_warnings, workers
from jiaoying.warnings.purpose import is_shown


@dataclass(frozen=True, slots=True)
class Attempts:
    """How many attempts of one gateway and channel stand in one state, with one outcome."""

    gateway: str
    channel: str
    state: str
    outcome: str
    number: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """Figures about what is running. Moments are None where nothing waits."""

    people: Mapping[CallOutState, int]  # under running warnings
    warnings: Mapping[WarningState, int]  # those not yet ended
    listed: int  # lines of the officer's list
    open_alarms: int
    oldest_due: datetime | None  # attempt that waits to be handed over
    oldest_unread: datetime | None  # inbox item that waits to be settled
    most_overdue: datetime | None  # next moment of a call-out that passed
    attempts: tuple[Attempts, ...]  # of the last hour


async def last_cycle(tx: Tx) -> datetime | None:
    """When a worker was last seen at work; None when none ever was."""
    return await tx.scalar(select(func.max(workers.c.seen_at)).where(workers.c.role != "web"))


async def vitals(tx: Tx, now: datetime) -> Vitals:
    """The figures at `now`."""
    due = select(func.min(attempts.c.due_at)).where(attempts.c.state == AttemptState.DUE)
    unread = select(func.min(inbox_items.c.received_at)).where(inbox_items.c.state == "unread")
    overdue = select(func.min(call_outs.c.next_at)).where(call_outs.c.state == CallOutState.OPEN)
    alarming = select(func.count()).select_from(alarms).where(alarms.c.cleared_at.is_(None))
    return Vitals(
        people=await _people(tx),
        warnings=await _warnings(tx),
        listed=await officers_total(tx, None, now),
        open_alarms=await tx.scalar(alarming) or 0,
        oldest_due=_past(await tx.scalar(due), now),
        oldest_unread=await tx.scalar(unread),
        most_overdue=_past(await tx.scalar(overdue), now),
        attempts=await _attempts(tx, now - timedelta(hours=1)),
    )


def _past(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment < now else None


async def _people(tx: Tx) -> Mapping[CallOutState, int]:
    running = select(issued_warnings.c.id).where(
        issued_warnings.c.state == WarningState.MATCHED, is_shown()
    )
    query = (
        select(call_outs.c.state, func.count().label("number"))
        .where(call_outs.c.warning_id.in_(running))
        .group_by(call_outs.c.state)
    )
    found = {row.state: row.number for row in await tx.execute(query)}
    return {state: found.get(state, 0) for state in CallOutState}


async def _warnings(tx: Tx) -> Mapping[WarningState, int]:
    working = (WarningState.RECEIVED, WarningState.HELD, WarningState.MATCHED)
    query = (
        select(issued_warnings.c.state, func.count().label("number"))
        .where(issued_warnings.c.state.in_(working), is_shown())
        .group_by(issued_warnings.c.state)
    )
    found = {row.state: row.number for row in await tx.execute(query)}
    return {state: found.get(state, 0) for state in working}


async def _attempts(tx: Tx, since: datetime) -> tuple[Attempts, ...]:
    # Ids begin with their moment: one range of the primary key, however old the table is.
    earliest = earliest_id(since)
    group = (
        attempts.c.gateway,
        attempts.c.channel,
        attempts.c.state,
        func.coalesce(attempts.c.outcome_code, ""),
    )
    query = select(*group, func.count()).where(attempts.c.id >= earliest).group_by(*group)
    return tuple(Attempts(*row) for row in await tx.execute(query))
