"""One business time for all processes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from jiaoying.kernel.clock import SystemClock
from jiaoying.storage import clock as storage_clock
from jiaoying.storage.clock import shared_clock
from jiaoying.storage.database import Database
from jiaoying.storage.schema import clock_anchor

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The wall's time: its only element."""
    showing = [NOON]
    monkeypatch.setattr(storage_clock, "wall_now", lambda: showing[0])
    monkeypatch.setattr("jiaoying.kernel.clock.wall_now", lambda: showing[0])
    return showing


async def anchors(database: Database) -> int | None:
    async with database.transaction() as tx:
        return await tx.scalar(select(func.count()).select_from(clock_anchor))


async def test_at_rate_one_it_is_the_wall(database: Database) -> None:
    assert await shared_clock(database, 1) == SystemClock()
    assert await anchors(database) == 0


async def test_all_processes_agree(database: Database, wall: list[datetime]) -> None:
    first = await shared_clock(database, 10)
    wall[0] += timedelta(seconds=30)
    second = await shared_clock(database, 10)
    assert first == second
    assert second.now() == NOON + timedelta(seconds=300)


async def test_two_that_start_at_once_agree(database: Database) -> None:
    await asyncio.gather(*(anchors(database) for _ in range(8)))  # every connection is open
    clocks = await asyncio.gather(*(shared_clock(database, 10) for _ in range(8)))
    assert len(set(clocks)) == 1
    assert await anchors(database) == 1


@pytest.mark.parametrize("rate", [1, 2, 60])
async def test_another_rate_goes_on_from_where_time_stands(
    database: Database, wall: list[datetime], rate: float
) -> None:
    await shared_clock(database, 10)
    wall[0] += timedelta(seconds=30)
    changed = await shared_clock(database, rate)
    assert changed.now() == NOON + timedelta(seconds=300)
    assert await shared_clock(database, rate) == changed
    wall[0] += timedelta(seconds=5)
    assert changed.now() == NOON + timedelta(seconds=300 + 5 * rate)


async def test_a_wall_set_back_does_not_take_business_time_back(
    database: Database, wall: list[datetime]
) -> None:
    await shared_clock(database, 10)
    wall[0] -= timedelta(hours=1)
    assert (await shared_clock(database, 2)).now() == NOON
