"""Alarms: what somebody at the desk must look at although no person was called for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms


async def raise_alarm(
    tx: Tx,
    kind: str,
    text: str,
    now: datetime,
    *,
    warning_id: UUID | None = None,
    contact_id: UUID | None = None,
    inbox_item_id: UUID | None = None,
) -> UUID:
    """Put a sentence on the officer's desk, until somebody clears it; returns the alarm's id."""
    alarm_id = new_id(now)
    await tx.execute(
        insert(alarms).values(
            id=alarm_id,
            kind=kind,
            text=text,
            warning_id=warning_id,
            contact_id=contact_id,
            inbox_item_id=inbox_item_id,
            raised_at=now,
        )
    )
    await append_entries(
        tx,
        [
            Entry(
                now,
                "alarm.raised",
                "alarm",
                warning_id,
                contact_id=contact_id,
                facts={"kind": kind, "alarm": str(alarm_id)},
                particulars={"text": text},
            )
        ],
    )
    return alarm_id


async def raise_alarm_once(tx: Tx, kind: str, text: str, now: datetime) -> None:
    """Raise an alarm of a kind of which none is open; `kind` names what it is about (`carrier:twilio`)."""
    open_already = await tx.scalar(
        select(alarms.c.id).where(alarms.c.kind == kind, alarms.c.cleared_at.is_(None)).limit(1)
    )
    if open_already is None:
        await raise_alarm(tx, kind, text, now)


async def clear_alarms_of_kind(tx: Tx, kind: str, *, by: str, now: datetime) -> None:
    """What the alarms of this kind were about is over by itself."""
    rows = await tx.execute(select(alarms.c.id).where(alarms.c.kind == kind, alarms.c.cleared_at.is_(None)))
    for alarm_id in rows.scalars().all():
        await clear_alarm(tx, alarm_id, by=by, now=now)


async def clear_alarm(tx: Tx, alarm_id: UUID, *, by: str, now: datetime) -> bool:
    """Note that `by` has dealt with it; False when it was cleared already."""
    cleared = await tx.execute(
        update(alarms)
        .where(alarms.c.id == alarm_id, alarms.c.cleared_at.is_(None))
        .values(cleared_at=now, cleared_by=by)
        .returning(alarms.c.warning_id)
    )
    row = cleared.one_or_none()
    if row is not None:
        entry = Entry(now, "alarm.cleared", by, row.warning_id, facts={"alarm": str(alarm_id)})
        await append_entries(tx, [entry])
    return row is not None
