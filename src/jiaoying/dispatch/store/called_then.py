"""Whom a past warning called, and by which ladders: what the ledger and the frozen ladders kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from jiaoying.dispatch.ladders.model import Ladder, LadderBook, Tier
from jiaoying.dispatch.ladders.reading import book_from_data, default_book, ladder_from_data
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import frozen_ladders, ladders

# Call-outs move on to the newer warning; the story of each warning stays. `carried` are those whom an
# earlier version had called and this one went on with.
_CALLED = text(
    """
    SELECT contact_id FROM ledger_lines
    WHERE warning_id = :warning_id AND event IN ('call_out.opened', 'call_out.carried')
        AND contact_id IS NOT NULL
    UNION
    SELECT CAST(contact AS uuid)
    FROM ledger_lines CROSS JOIN jsonb_array_elements_text(facts -> 'contacts') AS contact
    WHERE warning_id = :warning_id AND event = 'call_outs.opened'
    """
)


async def called_then(tx: Tx, warning_id: UUID) -> frozenset[UUID]:
    """Everybody whom this warning called, on whatever rung."""
    return frozenset(row.contact_id for row in await tx.execute(_CALLED, {"warning_id": warning_id}))


async def ladders_then(tx: Tx, warning_id: UUID) -> dict[Tier, Ladder]:
    """The ladders that were frozen for a warning, by tier; empty where its people went on by older ones."""
    rows = await tx.execute(
        select(frozen_ladders.c.tier, frozen_ladders.c.body).where(
            frozen_ladders.c.warning_id == warning_id, frozen_ladders.c.tier.in_(list(Tier))
        )
    )
    return {Tier(row.tier): ladder_from_data(row.body) for row in rows}


async def book_then(tx: Tx, moment: datetime) -> LadderBook:
    """The ladders that were in force at a moment."""
    body: Any = await tx.scalar(
        select(ladders.c.body)
        .where(ladders.c.created_at <= moment)
        .order_by(ladders.c.version.desc())
        .limit(1)
    )
    return default_book() if body is None else book_from_data(body)
