"""Row locks taken in one order, so that two statements over the same rows cannot wait in a ring."""

from collections.abc import Collection
from functools import cache
from uuid import UUID

from sqlalchemy import Select, Table, select

from jiaoying.dispatch.store.sets import is_one_of_given
from jiaoying.storage.database import Tx


async def lock_rows(tx: Tx, table: Table, ids: Collection[UUID]) -> None:
    """Lock rows of `table` by ascending id until the transaction ends."""
    if ids:
        await tx.execute(_lock_of(table), {"ids": list(ids)})


@cache
def _lock_of(table: Table) -> Select[UUID]:
    return (
        select(table.c.id)
        .where(is_one_of_given(table.c.id, "ids"))
        .order_by(table.c.id)
        .with_for_update(key_share=True)
    )
