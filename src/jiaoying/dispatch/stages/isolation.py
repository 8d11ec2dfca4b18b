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
from sqlalchemy.exc import DBAPIError

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm_once
from jiaoying.kernel.language import say
from jiaoying.storage.schema import call_outs, responsibilities

PUT_OFF_S = 60

log = structlog.get_logger(__name__)


async def run_isolated(
    engine: Engine,
    now: datetime,
    table: Table,
    batch: int,
    work: Callable[[Engine, datetime, int], Awaitable[int]],
) -> int:
    """`work` on a batch of due rows of `table`; where that breaks, row by row."""
    try:
        return await work(engine, now, batch)
    except (DBAPIError, OSError):
        raise
    except Exception:
        log.exception("batch_broke", table=table.name)
    for _ in range(batch):
        first = await _first_due(engine, table, now)
        if first is None:
            break
        try:
            await work(engine, now, 1)
        except (DBAPIError, OSError):
            raise
        except Exception:
            log.exception("row_broke", table=table.name, row=str(first))
            await _put_off(engine, table, first, now)
    return 1


async def _first_due(engine: Engine, table: Table, now: datetime) -> UUID | None:
    """The row that a claim of one takes next."""
    order = (table.c.priority, table.c.next_at) if "priority" in table.c else (table.c.next_at,)
    conditions = (
        (table.c.next_at <= now, table.c.state == "open") if table is call_outs else (table.c.next_at <= now,)
    )
    async with engine.database.transaction() as tx:
        return await tx.scalar(select(table.c.id).where(*conditions).order_by(*order).limit(1))


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
