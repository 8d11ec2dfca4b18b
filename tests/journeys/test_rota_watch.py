"""The desk hears ahead of times in which nobody will stand somewhere."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text

from jiaoying.duty import actions
from jiaoying.duty.actions import Doer
from jiaoying.duty.model import Shift
from jiaoying.duty.store import save_desk, save_shifts
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms
from town import TOWNSHIP, Town, open_town

DAY = timedelta(days=1)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def told(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        return list(
            await tx.scalars(
                select(alarms.c.text).where(alarms.c.cleared_at.is_(None), alarms.c.kind.like("rota:%"))
            )
        )


async def desk_with(town: Town, *days: int) -> UUID:
    """A desk of a township with a shift on each of these days, counted from yesterday noon."""
    officer, now = await town.person("赵演示"), town.clock.now()
    async with town.database.transaction() as tx:
        desk = await save_desk(tx, TOWNSHIP, "龙港镇值班室", None, now=now, actor="test")
        await save_shifts(
            tx, [_shift(town, desk.id, officer.contact_id, day) for day in days], now=now, actor="test"
        )
    return desk.id


def _shift(town: Town, desk_id: UUID, officer_id: UUID, day: int) -> Shift:
    starts_at = town.clock.now() - DAY / 2 + day * DAY
    return Shift(new_id(town.clock.now()), desk_id, starts_at, starts_at + DAY, officer_id, None)


async def test_a_gap_is_told_once_and_the_alarm_goes_when_somebody_is_named(town: Town) -> None:
    desk_id = await desk_with(town, -1, 0, 1, 2, 4, 5, 6, 7, 8)
    await town.settle()
    (sentence,) = await told(town)
    assert sentence == "龙港镇值班室：07-17 22:00 起没有人值班，请在值班表里安排"
    await town.jump(minutes=30)
    assert await told(town) == [sentence]
    officer = await town.person("钱演示")
    async with town.database.transaction() as tx:
        filled = _shift(town, desk_id, officer.contact_id, 3)
        filled = Shift(
            filled.id,
            desk_id,
            filled.starts_at - timedelta(minutes=30),
            filled.ends_at - timedelta(minutes=30),
            officer.contact_id,
            None,
        )
        await save_shifts(tx, [filled], now=town.clock.now(), actor="test")
    await town.jump(minutes=15)
    assert await told(town) == []


async def test_what_somebody_has_seen_to_does_not_come_again(town: Town) -> None:
    await desk_with(town, -1, 0, 1)
    await town.settle()
    assert len(await told(town)) == 1
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE alarms SET cleared_at = now(), cleared_by = 'test'"))
    await town.jump(minutes=30)
    assert await told(town) == []


async def test_a_gap_that_is_meant_and_a_desk_without_a_rota_are_told_of_nobody(town: Town) -> None:
    desk_id = await desk_with(town, -1, 0, 1)
    now = town.clock.now()
    async with town.database.transaction() as tx:
        await save_desk(tx, TOWNSHIP, "另一个值班室", None, now=now, actor="test")
        doer = Doer("值班员", "撤点", now, town.engine.timezone)
        await actions.mean_gap(tx, desk_id, now + DAY, now + 30 * DAY, doer)
    await town.settle()
    assert await told(town) == []
