"""One business time for all processes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from jiaoying.kernel.clock import SystemClock
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage import clock as storage_clock
from jiaoying.storage.clock import shared_clock
from jiaoying.storage.database import Database
from jiaoying.storage.schema import clock_anchor, issued_warnings
from storage.county import VILLAGE, add_areas, add_warning

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


async def test_a_clock_set_back_runs_on_until_the_machine_has_caught_up(wall: list[datetime]) -> None:
    clock = SystemClock()
    assert clock.now() == NOON
    wall[0] -= timedelta(hours=3)
    assert clock.now() == NOON
    assert clock.ahead == timedelta(hours=3)
    wall[0] += timedelta(minutes=10)
    assert clock.now() == NOON + timedelta(minutes=10)
    wall[0] -= timedelta(days=1)  # and once more
    wall[0] += timedelta(seconds=5)
    assert clock.now() == NOON + timedelta(minutes=10)
    # Set right again: from then on it is the wall, with no time told twice.
    wall[0] = NOON + timedelta(minutes=11)
    assert clock.now() == NOON + timedelta(minutes=11)
    assert clock.ahead == timedelta()


async def test_what_a_disciplined_clock_corrects_is_waited_for(wall: list[datetime]) -> None:
    clock = SystemClock()
    clock.now()
    wall[0] -= timedelta(seconds=2)
    assert clock.now() == NOON
    assert clock.ahead == timedelta()
    wall[0] += timedelta(seconds=3)
    assert clock.now() == NOON + timedelta(seconds=1)


@pytest.mark.parametrize(("state", "goes_on"), [("matched", True), ("closed", False)])
async def test_a_restart_after_it_goes_on_where_running_warnings_stand(
    database: Database, wall: list[datetime], state: str, goes_on: bool
) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        warning = await add_warning(tx, colour="red", area_codes=[VILLAGE])
        await tx.execute(update(issued_warnings).values(state=state, closed_at=None if goes_on else NOON))
        await append_entries(tx, [Entry(NOON, "warning.matched", "match", warning)])
    wall[0] -= timedelta(days=2)
    clock = await shared_clock(database, 1)
    assert clock.now() == (NOON if goes_on else wall[0])
    wall[0] += timedelta(seconds=30)
    assert clock.now() == (NOON + timedelta(seconds=30) if goes_on else wall[0])
