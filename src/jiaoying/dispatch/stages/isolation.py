"""One row that breaks the program must not hold up the others.

A batch that breaks is gone through one row at a time; the row that breaks alone is put off and the
officer is told, so that the rest go on. Trouble with the database is none of a row's making and is
passed on: the stage tries again as a whole.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Table, select, update

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm_once
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx, is_passing
from jiaoying.storage.schema import call_outs, responsibilities

PUT_OFF_S = 60
# On so many due rows, or on this one of them; returns how many it took.
Work = Callable[[Engine, datetime, int, UUID | None], Awaitable[int]]

log = structlog.get_logger(__name__)


async def run_isolated(engine: Engine, now: datetime, table: Table, batch: int, work: Work) -> int:
    """`work` on a batch of due rows of `table`; where that breaks, row by row."""
    try:
        return await work(engine, now, batch, None)
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("batch_broke", table=table.name)
    for row_id in await _due_rows(engine, table, now, batch):
        try:
            await work(engine, now, 1, row_id)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("row_broke", table=table.name, row=str(row_id))
            await _put_off(engine, table, row_id, now)
    return 1


async def _due_rows(engine: Engine, table: Table, now: datetime, limit: int) -> list[UUID]:
    """What a claim of so many takes next."""
    order = [table.c[name] for name in ("priority", "next_at") if name in table.c]
    conditions = (
        (table.c.next_at <= now, table.c.state == "open") if table is call_outs else (table.c.next_at <= now,)
    )
    async with engine.database.transaction() as tx:
        rows = await tx.execute(select(table.c.id).where(*conditions).order_by(*order).limit(limit))
        return [row.id for row in rows]


async def _put_off(engine: Engine, table: Table, row_id: UUID, now: datetime) -> None:
    async with engine.database.transaction() as tx:
        await tx.execute(
            update(table)
            .where(table.c.id == row_id, table.c.next_at.is_not(None))
            .values(next_at=now + timedelta(seconds=PUT_OFF_S))
        )
        sentence = (
            say("The program cannot go on with one duty: look at the officer's list and call by hand")
            if table is responsibilities
            else say("The program cannot call one person: look at who waits and call by hand")
        )
        await raise_alarm_once(tx, f"row_broke:{row_id}", sentence, now)
        if table is responsibilities:
            await _list(tx, row_id, now)


async def _list(tx: Tx, row_id: UUID, now: datetime) -> None:
    """Onto the officer's list at once: nothing will look at its deadline."""
    listed = await tx.execute(
        update(responsibilities)
        .where(responsibilities.c.id == row_id, responsibilities.c.listed_at.is_(None))
        .values(listed_at=now)
        .returning(responsibilities.c.warning_id)
    )
    entries = [
        Entry(now, "responsibility.listed", "isolation", row.warning_id, responsibility_id=row_id)
        for row in listed
    ]
    await append_entries(tx, entries)
