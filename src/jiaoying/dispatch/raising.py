"""Alarms: what somebody at the desk must look at although no person was called for it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update

from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms


@dataclass(frozen=True, slots=True)
class Alarm:
    """A sentence to be put on the officer's desk, and whom or what it is about."""

    kind: str
    text: str
    warning_id: UUID | None = None
    contact_id: UUID | None = None
    inbox_item_id: UUID | None = None


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
    return (await raise_alarms(tx, [Alarm(kind, text, warning_id, contact_id, inbox_item_id)], now))[0]


async def raise_alarms(tx: Tx, raised: Sequence[Alarm], now: datetime) -> list[UUID]:
    """Put several on the officer's desk; returns their ids."""
    if not raised:
        return []
    ids = [new_id(now) for _ in raised]
    await tx.execute(
        insert(alarms),
        [
            {"id": row_id, **asdict(alarm), "raised_at": now}
            for row_id, alarm in zip(ids, raised, strict=True)
        ],
    )
    await append_entries(
        tx,
        [
            Entry(
                now,
                "alarm.raised",
                "alarm",
                alarm.warning_id,
                contact_id=alarm.contact_id,
                facts={"kind": alarm.kind, "alarm": str(row_id)},
                particulars={"text": alarm.text},
            )
            for row_id, alarm in zip(ids, raised, strict=True)
        ],
    )
    return ids


async def raise_alarms_once(tx: Tx, raised: Sequence[Alarm], now: datetime) -> None:
    """Raise those of which none of its kind is open about the same person under the same warning."""
    if not raised:
        return
    rows = await tx.execute(
        select(alarms.c.kind, alarms.c.warning_id, alarms.c.contact_id).where(
            alarms.c.cleared_at.is_(None), alarms.c.kind.in_({alarm.kind for alarm in raised})
        )
    )
    standing = {(row.kind, row.warning_id, row.contact_id) for row in rows}
    fresh = [alarm for alarm in raised if (alarm.kind, alarm.warning_id, alarm.contact_id) not in standing]
    await raise_alarms(tx, fresh, now)


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
