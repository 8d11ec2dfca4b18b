"""Corrections (更正): written down once, planned once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_outs, corrections


@dataclass(frozen=True, slots=True)
class Correction:
    """What was wrong of a warning, and what is right; the id comes with the form."""

    id: UUID
    warning_id: UUID
    fact: str
    text: str
    by_call: bool
    created_at: datetime
    created_by: str


async def add(tx: Tx, new: Correction) -> bool:
    """Write it down; False where the same form was sent before."""
    values = {name: getattr(new, name) for name in Correction.__dataclass_fields__}
    added = await tx.execute(
        upsert(corrections).values(values).on_conflict_do_nothing(index_elements=[corrections.c.id])
    )
    return added.rowcount > 0


async def claim_due(tx: Tx, now: datetime) -> Correction | None:
    """One that waits to be planned, locked and ticked off."""
    rows = await tx.execute(
        select(*columns_of(Correction, corrections))
        .where(corrections.c.planned_at.is_(None))
        .order_by(corrections.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )
    found = next(iter(read_as(Correction, rows)), None)
    if found is not None:
        await tx.execute(update(corrections).where(corrections.c.id == found.id).values(planned_at=now))
    return found


async def of_warning(tx: Tx, warning_id: UUID) -> list[Correction]:
    """The corrections of a warning, the newest first."""
    rows = await tx.execute(
        select(*columns_of(Correction, corrections))
        .where(corrections.c.warning_id == warning_id)
        .order_by(corrections.c.created_at.desc())
    )
    return read_as(Correction, rows)


async def newest_call_outs(tx: Tx, warning_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The newest call-out of each person under these warnings."""
    rows = await tx.execute(
        select(call_outs.c.contact_id, call_outs.c.id)
        .ext(distinct_on(call_outs.c.contact_id))
        .where(is_one_of(call_outs.c.warning_id, warning_ids))
        .order_by(call_outs.c.contact_id, call_outs.c.matched_at.desc(), call_outs.c.version.desc())
    )
    return {row.contact_id: row.id for row in rows}
