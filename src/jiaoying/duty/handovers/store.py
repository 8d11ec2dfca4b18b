"""Rows of handovers and of their items."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.handovers.model import (
    OVER,
    Gathered,
    Handover,
    HandoverItem,
    HandoverState,
    ItemState,
    OpenItem,
    gather,
)
from jiaoying.duty.model import Shift
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import desks, handover_items, handovers, shifts

_COLUMNS = columns_of(Handover, handovers)


async def begun_without(tx: Tx, now: datetime) -> list[Shift]:
    """Shifts that run, at desks that hand over in writing, and have no handover yet; locked."""
    rows = await tx.execute(
        select(*columns_of(Shift, shifts))
        .join(desks, desks.c.id == shifts.c.desk_id)
        .where(
            shifts.c.starts_at <= now,
            shifts.c.ends_at > now,
            desks.c.plan["hands_over"].as_boolean(),
            ~exists().where(handovers.c.shift_id == shifts.c.id),
        )
        .order_by(shifts.c.starts_at, shifts.c.id)
        .with_for_update(of=shifts, skip_locked=True, key_share=True)
    )
    return read_as(Shift, rows)


async def open_handover(tx: Tx, handover: Handover) -> None:
    """Open one, unless its shift has one already."""
    await tx.execute(upsert(handovers).values(asdict(handover)).on_conflict_do_nothing())


async def claim_due(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[Handover]:
    """Handovers whose moment has come, locked."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(handovers.c.next_at <= now, true() if only is None else handovers.c.id == only)
        .order_by(handovers.c.next_at, handovers.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return read_as(Handover, rows)


async def handover_by_id(tx: Tx, handover_id: UUID, *, lock: bool = False) -> Handover | None:
    """One, locked if it is to be changed."""
    query = select(*_COLUMNS).where(handovers.c.id == handover_id)
    found = read_as(Handover, await tx.execute(query.with_for_update() if lock else query))
    return found[0] if found else None


async def handovers_of(tx: Tx, desk_id: UUID, limit: int) -> list[Handover]:
    """Those of a desk, the newest shift first."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .join(shifts, shifts.c.id == handovers.c.shift_id)
        .where(handovers.c.desk_id == desk_id)
        .order_by(shifts.c.starts_at.desc())
        .limit(limit)
    )
    return read_as(Handover, rows)


async def items_of(tx: Tx, handover_ids: Collection[UUID]) -> dict[UUID, list[HandoverItem]]:
    """By handover, what was written by hand last."""
    rows = await tx.execute(
        select(*columns_of(HandoverItem, handover_items))
        .where(is_one_of(handover_items.c.handover_id, handover_ids))
        .order_by(handover_items.c.made_at, handover_items.c.id)
    )
    found: dict[UUID, list[HandoverItem]] = {}
    for item in read_as(HandoverItem, rows):
        found.setdefault(item.handover_id, []).append(item)
    return found


async def next_shift_of(tx: Tx, shift: Shift) -> Shift | None:
    """The shift of the same desk that begins next after one, within two days of its end."""
    rows = await tx.execute(
        select(*columns_of(Shift, shifts))
        .where(shifts.c.desk_id == shift.desk_id, shifts.c.starts_at > shift.starts_at)
        .order_by(shifts.c.starts_at)
        .limit(1)
    )
    return next(iter(read_as(Shift, rows)), None)


async def lock_older(tx: Tx, shift: Shift) -> list[Handover]:
    """Handovers of earlier shifts of the same desk that nobody took, locked."""
    rows = await tx.execute(
        select(*_COLUMNS)
        .join(shifts, shifts.c.id == handovers.c.shift_id)
        .where(
            handovers.c.desk_id == shift.desk_id,
            handovers.c.next_at.is_not(None),
            shifts.c.starts_at < shift.starts_at,
        )
        .order_by(handovers.c.id)
        .with_for_update(of=handovers)
    )
    return read_as(Handover, rows)


async def change_handover(tx: Tx, handover_id: UUID, state: HandoverState, **values: Any) -> None:
    """Another state, with what belongs to it; one that is over is looked at no more."""
    if state in OVER:
        values["next_at"] = None
    await tx.execute(update(handovers).where(handovers.c.id == handover_id).values(state=state, **values))


async def look_again(tx: Tx, handover_id: UUID, at: datetime) -> None:
    await tx.execute(update(handovers).where(handovers.c.id == handover_id).values(next_at=at))


async def keep_gathered(
    tx: Tx, handover_id: UUID, open_now: Sequence[OpenItem], now: datetime
) -> list[HandoverItem]:
    """Write down what is open now beside what is kept, and return all of it."""
    kept = (await items_of(tx, [handover_id])).get(handover_id, [])
    changed = gather(kept, open_now)
    await _write(tx, handover_id, changed, {item.key: item for item in open_now}, now)
    return (await items_of(tx, [handover_id])).get(handover_id, [])


async def _write(
    tx: Tx, handover_id: UUID, changed: Gathered, by_key: dict[str, OpenItem], now: datetime
) -> None:
    for item in changed.new:
        await add_item(tx, handover_id, item, now)
    for item in changed.reworded:
        await tx.execute(
            update(handover_items).where(handover_items.c.id == item.id).values(text=by_key[item.key].text)
        )
    if changed.settled:
        await tx.execute(
            update(handover_items)
            .where(is_one_of(handover_items.c.id, [item.id for item in changed.settled]))
            .values(state=ItemState.SETTLED, decided_at=now, decided_by="handover")
        )


async def add_item(tx: Tx, handover_id: UUID, item: OpenItem, now: datetime) -> None:
    """One more; what was settled and is open again begins anew."""
    row = {
        "id": new_id(now),
        "handover_id": handover_id,
        "state": ItemState.OPEN,
        "reason": "",
        "made_at": now,
        **asdict(item),
    }
    anew = {"state": ItemState.OPEN, "text": item.text, "reason": "", "decided_at": None, "decided_by": None}
    await tx.execute(
        upsert(handover_items)
        .values(row)
        .on_conflict_do_update(index_elements=["handover_id", "key"], set_=anew)
    )


async def decide_item(
    tx: Tx, handover_id: UUID, key: str, state: ItemState, *, reason: str, by: str, now: datetime
) -> bool:
    """Taken over or refused; False where there is no such item to decide about."""
    decided = await tx.execute(
        update(handover_items)
        .where(
            handover_items.c.handover_id == handover_id,
            handover_items.c.key == key,
            handover_items.c.state != ItemState.SETTLED,
        )
        .values(state=state, reason=reason, decided_at=now, decided_by=by)
        .returning(handover_items.c.id)
    )
    return decided.one_or_none() is not None


async def reopen_refused(tx: Tx, handover_id: UUID) -> None:
    """Handed over anew: what was refused is to be decided about again."""
    await tx.execute(
        update(handover_items)
        .where(handover_items.c.handover_id == handover_id, handover_items.c.state == ItemState.REFUSED)
        .values(state=ItemState.OPEN, decided_at=None, decided_by=None)
    )
