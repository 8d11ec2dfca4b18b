"""Who goes back to an older release and forward again finds warnings and calls of desks apart."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from jiaoying.ledger.verify import verify
from jiaoying.storage.database import Database
from jiaoying.storage.migrate import alembic_config, migrate
from journeys.test_asked_for_much import asked_daily, reminded, warned
from journeys.test_daily import FLOOD
from town import TOWNSHIP, Town, open_town

PURPOSES = "SELECT array_agg(purpose ORDER BY id) FROM issued_warnings"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


def _downgrade(connection: Connection) -> None:
    command.downgrade(alembic_config(connection), "0017")


async def test_duty_calls_come_back_as_duty_calls(town: Town, owner_url: str) -> None:
    officer = await town.person("赵演示")
    desk_id = await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    await warned(town, officer)
    await reminded(town, desk_id, officer)
    await asked_daily(town, FLOOD)
    before = await town.value(PURPOSES)
    assert set(before) == {"warning", "routine", "daily"}
    owner = create_async_engine(make_url(owner_url).set(drivername="postgresql+asyncpg"))
    async with owner.begin() as tx:
        await tx.run_sync(_downgrade)
    await owner.dispose()
    await asyncio.to_thread(migrate, owner_url)
    assert await town.value(PURPOSES) == before
    assert (await verify(town.database)).unbroken
    await town.jump(minutes=10)
