"""Wishes of the officer carried out, one at a time, in the order in which they were written down."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.response import store
from jiaoying.dispatch.response.book import plans_in_force
from jiaoying.dispatch.response.by_hand import callable_warning
from jiaoying.dispatch.response.linking import bring_tasks, end_response, set_level, warned_area
from jiaoying.dispatch.response.model import ResponseLevel, ResponseState
from jiaoying.dispatch.response.ordering import lift_tasks
from jiaoying.dispatch.response.store import ResponseRow
from jiaoying.dispatch.store import warnings
from jiaoying.dispatch.withdrawing import end_quietly
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import response_wishes
from jiaoying.warnings.store import lock_intake


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asked for on a page."""

    id: UUID
    response_id: UUID
    task_id: UUID | None
    wish: str
    level: ResponseLevel | None
    reason: str
    asked_by: str


async def carry_out_next(tx: Tx, engine: Engine, now: datetime) -> bool:
    """Carry out the oldest wish; False when there is none."""
    open_ones = select(*columns_of(Wish, response_wishes)).where(response_wishes.c.done_at.is_(None))
    rows = await tx.execute(
        open_ones.order_by(response_wishes.c.id).limit(1).with_for_update(skip_locked=True, key_share=True)
    )
    wish = next(iter(read_as(Wish, rows)), None)
    if wish is None:
        return False
    # Before warnings and responses: a row that stands in for a warning takes a reference.
    await lock_intake(tx)
    response = await store.lock_response(tx, wish.response_id)
    if response is not None and response.state is not ResponseState.ENDED:
        await _carry_out(tx, engine, response, wish, now)
    await tx.execute(update(response_wishes).where(response_wishes.c.id == wish.id).values(done_at=now))
    return True


async def _carry_out(tx: Tx, engine: Engine, response: ResponseRow, wish: Wish, now: datetime) -> None:
    warning = (await warnings.warnings_by_id(tx, [response.warning_id]))[response.warning_id]
    if wish.wish == "level" and wish.level:
        await _change_level(tx, engine, response, wish, wish.level, now)
    elif wish.wish == "lift" and wish.task_id:
        await lift_tasks(tx, engine, warning, [wish.task_id], by=wish.asked_by, reason=wish.reason, now=now)
    elif wish.wish == "end":
        await end_response(tx, engine, response, warning, by=wish.asked_by, reason=wish.reason, now=now)
        if response.by_hand:
            # The row stood for the response alone; whom it concerned has heard of the end.
            await end_quietly(tx, warning.id, actor=wish.asked_by, reason="response_ended", now=now)


async def _change_level(
    tx: Tx, engine: Engine, response: ResponseRow, wish: Wish, level: ResponseLevel, now: datetime
) -> None:
    lowers = response.level is not None and level.rank < response.level.rank
    # One that was only proposed may have to stand for itself already.
    warning = await callable_warning(tx, replace(response, level=response.level or level), now)
    response = await set_level(tx, response, warning, level, by=wish.asked_by, reason=wish.reason, now=now)
    book, _ = await plans_in_force(tx)
    plan, area = book.plan_named(response.plan), await warned_area(tx, engine, warning)
    if plan and area:
        await bring_tasks(tx, engine, response, plan, warning, area, by=wish.asked_by, lowers=lowers, now=now)
