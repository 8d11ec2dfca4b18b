"""Rows taken one by one: one that breaks the program holds up no other, and the officer is told of it."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from uuid import UUID

import structlog

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm_once
from jiaoying.kernel.language import say
from jiaoying.storage.database import is_passing

log = structlog.get_logger(__name__)


async def row_by_row(
    engine: Engine, now: datetime, ids: Iterable[UUID], work: Callable[[UUID], Awaitable[bool]]
) -> int:
    """`work` on each row in a transaction of its own; returns on how many something was done.

    Trouble with the database is none of a row's making and is passed on.
    """
    moved = 0
    for row_id in ids:
        try:
            moved += await work(row_id)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("row_broke", row=str(row_id))
            async with engine.database.transaction() as tx:
                sentence = say(
                    "The program cannot go on with one matter of the duty desk: look at it, and call by hand"
                )
                await raise_alarm_once(tx, f"row_broke:{row_id}", sentence, now)
    return moved
