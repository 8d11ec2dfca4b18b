"""One row that breaks the program holds up nobody else."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from jiaoying.storage.database import Database
from town import VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_a_ladder_that_cannot_be_read_stops_its_own_warning_only(town: Town) -> None:
    holder, other = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder, hazards=["rain"])
    await town.post(VILLAGE, "护林员", other, hazards=["wildfire"])
    broken = await town.warn("orange", hazard="rain", areas=[VILLAGE])
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE frozen_ladders SET body = '{}'"))
    whole = await town.warn("orange", hazard="wildfire", areas=[VILLAGE], reference="B8")
    await town.jump(minutes=5)
    assert await town.state_of(other, whole) == "answered"
    assert await town.states("responsibilities", broken) == {"open": 1}
    assert await town.value("SELECT count(*) FROM alarms WHERE kind LIKE 'row_broke:%'") == 1


async def test_a_warning_that_cannot_be_matched_is_held_and_shown(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    async with town.database.transaction() as tx:
        await tx.execute(
            text("INSERT INTO ladders VALUES (gen_random_uuid(), 1, '{\"rules\": 3}', now(), 'test')")
        )
    warning = await town.warn("orange", areas=[VILLAGE])
    assert await town.value("SELECT state FROM issued_warnings WHERE id = :id", id=warning) == "held"
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'match_broke'") == 1
