"""Rows of incidents, their reports, obligations, sendings and reminders. Takes an open transaction."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.incidents.model import (
    Fact,
    Incident,
    KeptObligation,
    ObligationState,
    Reminder,
    Report,
    Sending,
    Step,
)
from jiaoying.duty.incidents.numbers import prefixes
from jiaoying.duty.model import Desk
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    incident_obligations,
    incident_reminders,
    incident_reports,
    incident_sendings,
    incidents,
)

# One taker of numbers at a time: two would take the same, or leave one out.
_NUMBER_LOCK = 7_201_420
_OWING = select(incident_obligations.c.incident_id).where(
    incident_obligations.c.state == ObligationState.OPEN.value
)


async def take_number(
    tx: Tx, desk: Desk, year: int, chosen: str | None, *, exercise: bool
) -> tuple[str, int]:
    """The beginning and the count of the desk's next number in a year; taken with the row that holds it.

    Waits for whoever takes one just now. A beginning that another desk has used is passed over.
    """
    await tx.execute(select(func.pg_advisory_xact_lock(_NUMBER_LOCK)))
    row = incidents.c
    number = await tx.scalar(
        select(func.coalesce(func.max(row.number), 0) + 1).where(
            row.desk_id == desk.id, row.year == year, row.exercise == exercise
        )
    )
    taken = set(
        await tx.scalars(select(row.prefix).where(row.desk_id != desk.id, row.year == year).distinct())
    )
    prefix = next(prefix for prefix in prefixes(desk.name, chosen) if prefix not in taken)
    return prefix, int(number or 1)


# --- incidents ---


async def add_incident(tx: Tx, incident: Incident) -> None:
    await tx.execute(insert(incidents).values(asdict(incident)))


async def lock_incident(tx: Tx, incident_id: UUID) -> Incident | None:
    """Whoever does something about an incident waits for who does so just now."""
    query = select(*columns_of(Incident, incidents)).where(incidents.c.id == incident_id).with_for_update()
    return next(iter(read_as(Incident, await tx.execute(query))), None)


async def incidents_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Incident]:
    query = select(*columns_of(Incident, incidents)).where(is_one_of(incidents.c.id, ids))
    return {incident.id: incident for incident in read_as(Incident, await tx.execute(query))}


async def list_incidents(tx: Tx, *, after: UUID | None, limit: int) -> list[Incident]:
    """Incidents, the newest first."""
    query = select(*columns_of(Incident, incidents)).order_by(incidents.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(incidents.c.id < after)
    return read_as(Incident, await tx.execute(query))


async def going_on(tx: Tx, desk_id: UUID | None = None) -> list[Incident]:
    """Incidents without a final report, and those of which somebody is still to be told; the oldest first."""
    row = incidents.c
    query = select(*columns_of(Incident, incidents)).where(row.ended_at.is_(None) | row.id.in_(_OWING))
    if desk_id is not None:
        query = query.where(row.desk_id == desk_id)
    return read_as(Incident, await tx.execute(query.order_by(row.id)))


async def owing(tx: Tx) -> list[Incident]:
    """Incidents of which somebody is still to be told."""
    query = select(*columns_of(Incident, incidents)).where(incidents.c.id.in_(_OWING))
    return read_as(Incident, await tx.execute(query.order_by(incidents.c.id)))


async def with_report_to_sign(tx: Tx) -> list[Incident]:
    """Incidents of which a report waits to be signed, the oldest first."""
    waiting = select(incident_reports.c.incident_id).where(
        incident_reports.c.signed_at.is_(None), incident_reports.c.returned_at.is_(None)
    )
    query = select(*columns_of(Incident, incidents)).where(incidents.c.id.in_(waiting))
    return read_as(Incident, await tx.execute(query.order_by(incidents.c.id)))


async def end_incident(tx: Tx, incident_id: UUID, now: datetime) -> None:
    await tx.execute(update(incidents).where(incidents.c.id == incident_id).values(ended_at=now))


# --- reports ---


async def add_report(tx: Tx, report: Report) -> None:
    await tx.execute(insert(incident_reports).values(asdict(report)))


async def reports_of(tx: Tx, incident_ids: Collection[UUID]) -> dict[UUID, list[Report]]:
    """Every report of these incidents, in order of writing, those that were sent back too."""
    query = (
        select(*columns_of(Report, incident_reports))
        .where(is_one_of(incident_reports.c.incident_id, incident_ids))
        .order_by(incident_reports.c.incident_id, incident_reports.c.place)
    )
    found: dict[UUID, list[Report]] = {incident_id: [] for incident_id in incident_ids}
    for report in read_as(Report, await tx.execute(query)):
        found[report.incident_id].append(_with_facts(report))
    return found


async def report_by_id(tx: Tx, report_id: UUID) -> Report | None:
    query = select(*columns_of(Report, incident_reports)).where(incident_reports.c.id == report_id)
    return next((_with_facts(one) for one in read_as(Report, await tx.execute(query))), None)


async def change_report(tx: Tx, report_id: UUID, **values: Any) -> None:
    """Note that a report was signed or sent back. What it says has no way to be changed."""
    await tx.execute(update(incident_reports).where(incident_reports.c.id == report_id).values(**values))


def _with_facts(report: Report) -> Report:
    """Facts by their words; one that a newer release knows is passed over."""
    known = {Fact(name): value for name, value in report.facts.items() if name in set(Fact)}
    return replace(report, facts=known)


# --- obligations ---


async def add_obligations(tx: Tx, obligations: Sequence[KeptObligation]) -> None:
    if obligations:
        await tx.execute(insert(incident_obligations), [asdict(one) for one in obligations])


async def obligations_of(tx: Tx, incident_ids: Collection[UUID]) -> dict[UUID, list[KeptObligation]]:
    """Everything owed of these incidents, in order of time."""
    row = incident_obligations.c
    query = (
        select(*columns_of(KeptObligation, incident_obligations))
        .where(is_one_of(row.incident_id, incident_ids))
        .order_by(row.incident_id, row.due_at, row.means, row.recipient)
    )
    found: dict[UUID, list[KeptObligation]] = {incident_id: [] for incident_id in incident_ids}
    for one in read_as(KeptObligation, await tx.execute(query)):
        found[one.incident_id].append(one)
    return found


async def obligation_by_id(tx: Tx, obligation_id: UUID) -> KeptObligation | None:
    query = select(*columns_of(KeptObligation, incident_obligations))
    found = await tx.execute(query.where(incident_obligations.c.id == obligation_id))
    return next(iter(read_as(KeptObligation, found)), None)


async def change_obligation(tx: Tx, obligation_id: UUID, **values: Any) -> None:
    row = incident_obligations
    await tx.execute(update(row).where(row.c.id == obligation_id).values(**values))


async def with_moments_due(tx: Tx, now: datetime, limit: int) -> list[UUID]:
    """Incidents of which a clock wants a look now, the most pressing first."""
    row = incident_obligations.c
    query = (
        select(row.incident_id)
        .where(row.state == ObligationState.OPEN.value, row.next_at <= now)
        .group_by(row.incident_id)
        .order_by(func.min(row.due_at))
        .limit(limit)
    )
    return list(await tx.scalars(query))


async def put_off(tx: Tx, incident_id: UUID, next_at: datetime) -> None:
    """Look at the clocks of an incident that wait no earlier than this."""
    row = incident_obligations
    waiting = (row.c.incident_id == incident_id, row.c.state == ObligationState.OPEN.value)
    await tx.execute(update(row).where(*waiting, row.c.next_at < next_at).values(next_at=next_at))


# --- sendings ---


async def add_sending(tx: Tx, sending: Sending) -> None:
    await tx.execute(insert(incident_sendings).values(asdict(sending)))


async def sendings_of(tx: Tx, incident_id: UUID) -> list[Sending]:
    """Everything that went out of an incident, in order; what was noted by mistake too."""
    row = incident_sendings.c
    query = select(*columns_of(Sending, incident_sendings)).where(row.incident_id == incident_id)
    return read_as(Sending, await tx.execute(query.order_by(row.sent_at, row.id)))


async def sending_by_id(tx: Tx, sending_id: UUID) -> Sending | None:
    query = select(*columns_of(Sending, incident_sendings)).where(incident_sendings.c.id == sending_id)
    return next(iter(read_as(Sending, await tx.execute(query))), None)


async def change_sending(tx: Tx, sending_id: UUID, **values: Any) -> None:
    row = incident_sendings
    await tx.execute(update(row).where(row.c.id == sending_id).values(**values))


# --- reminders ---


async def add_reminder(tx: Tx, reminder: Reminder) -> None:
    await tx.execute(insert(incident_reminders).values(asdict(reminder)))


async def reminders_of(tx: Tx, incident_id: UUID) -> list[Reminder]:
    """Every time that the desk was called about an incident, in order."""
    row = incident_reminders.c
    query = select(*columns_of(Reminder, incident_reminders)).where(row.incident_id == incident_id)
    return read_as(Reminder, await tx.execute(query.order_by(row.begun_at, row.id)))


async def with_calls_to_end(tx: Tx, limit: int) -> list[UUID]:
    """Incidents whose desk is still called although nothing of what it is called for is open."""
    owed, row = incident_obligations.c, incident_reminders.c
    still_open = (
        select(owed.id)
        .where(owed.id == func.any(row.obligation_ids), owed.state == ObligationState.OPEN.value)
        .correlate(incident_reminders)
    )
    query = (
        select(row.incident_id)
        .where(row.ended_at.is_(None), ~still_open.exists())
        .group_by(row.incident_id)
        .limit(limit)
    )
    return list(await tx.scalars(query))


async def end_reminders(tx: Tx, reminder_ids: Collection[UUID], now: datetime) -> None:
    row = incident_reminders
    await tx.execute(update(row).where(is_one_of(row.c.id, reminder_ids)).values(ended_at=now))


async def note_steps(tx: Tx, steps: Sequence[tuple[UUID, Step | None, datetime]]) -> None:
    """How strongly the desk was reminded of each, and when to look again."""
    for obligation_id, step, next_at in steps:
        await change_obligation(tx, obligation_id, step=step, next_at=next_at)
