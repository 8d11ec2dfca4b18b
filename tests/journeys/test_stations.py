"""A gauge upstream wakes the village below it, and says when it cannot see any more."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, issued_warnings
from jiaoying.warnings.stations.intake import Taken, take_readings
from jiaoying.warnings.stations.model import Level, Reading, StationKind, StationSetup, Threshold
from jiaoying.warnings.stations.store import save_stations
from town import TOWNSHIP, VILLAGE, Phone, Town, open_town

GAUGE = StationSetup("R1", "上河雨量站", StationKind.RAIN, (VILLAGE,), (Threshold(3600, 30.0, 50.0),), 3600)
WATER = StationSetup("W1", "河口水位站", StationKind.LEVEL, (VILLAGE,), (Threshold(0, 2.0, 3.0),), 3600)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def holder(town: Town) -> Phone:
    """Who answers for the village; the gauge and the water level above it are known."""
    phone = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", phone)
    async with town.database.transaction() as tx:
        await save_stations(tx, [GAUGE, WATER], actor="keeper", now=town.clock.now())
    return phone


async def measured(town: Town, code: str, *values: float, every: float = 0) -> list[Taken]:
    """Readings of now, minutes apart; the cycle then does what follows."""
    now = town.clock.now()
    at = [now - timedelta(minutes=every * (len(values) - 1 - place)) for place in range(len(values))]
    given = [(code, Reading(moment, value)) for moment, value in zip(at, values, strict=True)]
    async with town.database.transaction() as tx:
        receipts = await take_readings(tx, given, now)
    await town.settle()
    return [receipt.disposition for receipt in receipts]


async def raised(town: Town) -> list[tuple[str, str, str | None]]:
    """Kind, state and colour of every warning, oldest first."""
    async with town.database.transaction() as tx:
        rows = await tx.execute(select(issued_warnings).order_by(issued_warnings.c.id))
        return [(row.kind, row.state, row.colour) for row in rows]


async def open_alarms(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        rows = await tx.execute(
            select(alarms.c.kind).where(alarms.c.cleared_at.is_(None)).order_by(alarms.c.raised_at)
        )
        return list(rows.scalars())


async def test_heavy_rain_upstream_calls_the_village(town: Town, holder: Phone) -> None:
    await measured(town, "R1", 12, 12, every=5)
    assert await holder.calls() == 0
    await town.jump(minutes=5)
    await measured(town, "R1", 10)
    [warning] = await raised(town)
    assert warning == ("alert", "matched", "orange")
    await town.jump(seconds=30)
    assert "做好转移准备" in (await holder.texts())[0]
    assert await holder.calls() == 1


async def test_rising_to_the_second_limit_calls_again_as_red(town: Town, holder: Phone) -> None:
    await measured(town, "R1", 35)
    await holder.says("收到")
    calls = await holder.calls()
    await town.jump(minutes=10)
    await measured(town, "R1", 20)
    await town.jump(seconds=30)
    assert [(kind, colour) for kind, _, colour in await raised(town)] == [
        ("alert", "orange"),
        ("update", "red"),
    ]
    assert await holder.calls() == calls + 1
    told = await holder.texts()
    assert not any("立即转移！" in text for text in told[:1])
    assert any("立即转移！" in text for text in told)


async def test_one_spike_of_the_water_level_wakes_nobody(town: Town, holder: Phone) -> None:
    await measured(town, "W1", 1.0)
    await town.jump(minutes=5)
    await measured(town, "W1", 9.9)
    await town.jump(minutes=5)
    await measured(town, "W1", 1.0)
    assert await raised(town) == []
    assert await holder.calls() == 0


async def test_falling_water_stands_nobody_down_by_itself(town: Town, holder: Phone) -> None:
    await measured(town, "W1", 2.5, 2.5, every=5)
    await holder.says("收到")
    for _ in range(8):
        await town.jump(minutes=5)
        await measured(town, "W1", 1.0)
    assert [state for _, state, _ in await raised(town)] == ["closed"]
    assert not any("解除" in text for text in await holder.texts())
    assert "station_calm" in await open_alarms(town)
    calls = await holder.calls()
    await measured(town, "W1", 2.5)
    await town.jump(minutes=5)
    await measured(town, "W1", 2.5)
    await town.jump(seconds=30)
    assert [kind for kind, _, _ in await raised(town)] == ["alert", "alert"]
    assert await holder.calls() == calls + 1


async def test_a_level_that_lasts_is_continued_and_wakes_nobody_twice(town: Town, holder: Phone) -> None:
    await measured(town, "W1", 2.5, 2.5, every=5)
    await holder.says("收到")
    calls = await holder.calls()
    for _ in range(11):
        await town.jump(minutes=30)
        await measured(town, "W1", 2.5)
    assert [kind for kind, _, _ in await raised(town)] == ["alert", "update"]
    assert await holder.calls() == calls


async def test_a_silent_station_is_an_alarm_until_it_speaks_again(town: Town, holder: Phone) -> None:
    await measured(town, "R1", 0)
    await measured(town, "W1", 1.0)
    await town.jump(minutes=59)
    assert await open_alarms(town) == []
    await town.jump(minutes=2)
    assert sorted(await open_alarms(town)) == ["station_silent:R1", "station_silent:W1"]
    await measured(town, "R1", 0)
    assert await open_alarms(town) == ["station_silent:W1"]


async def test_what_no_gauge_can_measure_is_kept_and_not_believed(town: Town, holder: Phone) -> None:
    assert await measured(town, "R1", 5_000) == [Taken.IMPLAUSIBLE]
    assert await raised(town) == []


async def test_readings_again_and_late_and_of_strangers(town: Town, holder: Phone) -> None:
    now = town.clock.now()
    first = ("R1", Reading(now, 20.0))
    late = ("R1", Reading(now - timedelta(minutes=30), 15.0))
    odd = [("R9", Reading(now, 1.0)), ("R1", Reading(now + timedelta(hours=1), 1.0))]
    async with town.database.transaction() as tx:
        once = await take_readings(tx, [first, *odd], now)
        again = await take_readings(tx, [first, late], now)
    assert [one.disposition for one in once] == [Taken.STORED, Taken.UNKNOWN_STATION, Taken.AHEAD]
    assert [one.disposition for one in again] == [Taken.DUPLICATE, Taken.STORED]
    assert again[-1].level is Level.PREPARE


async def test_the_desk_of_the_township_is_called_too(town: Town, holder: Phone) -> None:
    officer = await town.person("孙演示")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    await measured(town, "R1", 55)
    await town.jump(seconds=40)
    assert await officer.calls() == 1
