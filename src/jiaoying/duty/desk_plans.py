"""The rules of desks, as they are kept."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.planning import DeskPlan, plan_from_data
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import desks


async def plans_of(tx: Tx, desk_ids: Collection[UUID]) -> dict[UUID, DeskPlan]:
    """The rule of each desk's rota; the usual one where none was set."""
    rows = await tx.execute(select(desks.c.id, desks.c.plan).where(is_one_of(desks.c.id, desk_ids)))
    return {row.id: DeskPlan() if row.plan is None else plan_from_data(row.plan) for row in rows}
