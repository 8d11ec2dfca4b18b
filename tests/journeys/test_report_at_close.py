"""A report that comes in the moment in which its round closes is kept, and nobody waits for a deadlock."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from jiaoying.dispatch.daily_filing import file_by_hand
from jiaoying.dispatch.stages.daily import DailyStage
from jiaoying.duty.daily import store
from jiaoying.duty.daily.model import How, NewReport
from jiaoying.kernel.clock import real_sleep
from jiaoying.storage.database import Database
from journeys.test_daily import alarms, desk, plan
from town import Town, open_town

WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_a_report_while_the_round_closes_is_kept_and_its_desk_is_not_missing(town: Town) -> None:
    desk_id = await desk(town, 1, await town.person("赵演示"))
    await plan(town, "10:30")
    await town.jump(minutes=89)
    async with town.database.transaction() as tx:
        (round_id,) = await store.open_ids(tx)
        found = await store.round_by_id(tx, round_id)
    assert found is not None
    town.clock.advance_to(found.closes_at)
    answers = found.form.zero()
    new = NewReport(round_id, desk_id, How.HAND, answers, True, True, found.closes_at, said_by="赵演示")
    async with town.database.transaction() as tx:
        # As whoever files a report of a text holds them.
        await tx.execute(text("SELECT id FROM call_outs FOR UPDATE"))
        await tx.execute(text("SELECT id FROM responsibilities FOR UPDATE"))
        closing = asyncio.create_task(DailyStage().run_once(town.engine, town.clock.now()))
        while not closing.done() and not await town.value(WAITING):
            await real_sleep(0.05)
        assert not closing.done()
        await file_by_hand(tx, new, "01号镇值班室", by="user:officer", now=town.clock.now())
    assert await closing
    async with town.database.transaction() as tx:
        (after,) = (await store.reports_of(tx, [round_id]))[round_id]
    assert after.report is not None
    assert after.missed_at is None
    assert await alarms(town, "daily_missing") == []
