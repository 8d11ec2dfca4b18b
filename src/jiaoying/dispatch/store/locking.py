"""Row locks taken in one order, so that two statements over the same rows cannot wait in a ring."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Table, select

from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.storage.database import Tx


async def lock_rows(tx: Tx, table: Table, ids: Collection[UUID]) -> None:
    """Lock rows of `table` by ascending id until the transaction ends."""
    if ids:
        await tx.execute(
            select(table.c.id)
            .where(is_one_of(table.c.id, sorted(ids)))
            .order_by(table.c.id)
            .with_for_update(key_share=True)
        )
