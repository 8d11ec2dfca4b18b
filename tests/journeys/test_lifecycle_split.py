"""A message raises some places and leaves others: called again is who stands in the graver ones."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from journeys.messages import about, send
from town import COUNTY, OTHER_VILLAGE, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_one_village_turns_red_and_only_its_people_are_called_again(town: Town) -> None:
    graver, same = await town.person("赵演示", "answers"), await town.person("钱演示", "answers")
    silent, officer = await town.person("孙演示"), await town.person("周演示", "answers")
    await town.post(VILLAGE, "防汛责任人", graver)
    await town.post(OTHER_VILLAGE, "防汛责任人", same)
    await town.post(OTHER_VILLAGE, "护林员", silent)
    await town.desk(COUNTY, "县应急值班室", officer)
    await send(town, "a1", about(town, "yellow", VILLAGE, OTHER_VILLAGE))
    await town.jump(minutes=2)
    rung = await silent.calls()
    red, yellow = about(town, "red", VILLAGE), about(town, "yellow", OTHER_VILLAGE)
    receipt = await send(town, "u1", red, yellow, kind="Update", names=("a1",))
    assert await silent.calls() == rung
    await town.jump(seconds=40)
    assert (await graver.calls(), await same.calls()) == (2, 1)
    # The county's desk stands above both: graver than before, so once more, and only once.
    assert await officer.calls() == 2
    first, second = receipt.warning_ids
    assert await town.states("responsibilities", first) == {"covered": 2}
    assert await town.states("responsibilities", second) == {"covered": 1, "open": 1}
    assert not [text for text in await same.texts() if "停止" in text]
    await silent.says("1")
    assert await town.states("responsibilities", second) == {"covered": 2}


async def test_raised_in_one_village_and_dropped_in_the_other(town: Town) -> None:
    graver, dropped = await town.person("赵演示", "answers"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", graver)
    await town.post(OTHER_VILLAGE, "防汛责任人", dropped)
    await send(town, "a1", about(town, "yellow", VILLAGE, OTHER_VILLAGE))
    await town.jump(minutes=2)
    await send(town, "u1", about(town, "red", VILLAGE), kind="Update", names=("a1",))
    await town.jump(minutes=2)
    assert (await graver.calls(), await dropped.calls()) == (2, 1)
    assert "停止" in (await dropped.texts())[-1]


async def test_an_answer_by_the_reference_of_the_first_message_counts_in_every_part(town: Town) -> None:
    one, other = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", one)
    await town.post(OTHER_VILLAGE, "防汛责任人", other)
    await send(town, "a1", about(town, "yellow", VILLAGE, OTHER_VILLAGE))
    reference = await town.value("SELECT reference FROM issued_warnings")
    await town.jump(seconds=30)
    red, yellow = about(town, "red", VILLAGE), about(town, "yellow", OTHER_VILLAGE)
    receipt = await send(town, "u1", red, yellow, kind="Update", names=("a1",))
    assert await town.value("SELECT count(DISTINCT reference) FROM issued_warnings") == 2
    await other.says(f"1 {reference}")
    assert await town.state_of(other, receipt.warning_ids[1]) == "answered"


async def test_a_part_that_is_held_keeps_its_people_until_it_starts(town: Town) -> None:
    graver, waiting = await town.person("赵演示", "answers"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", graver)
    await town.post(OTHER_VILLAGE, "防汛责任人", waiting)
    await send(town, "a1", about(town, "yellow", VILLAGE, OTHER_VILLAGE))
    await town.jump(minutes=2)
    red, yellow = about(town, "red", VILLAGE), about(town, "yellow", OTHER_VILLAGE)
    receipt = await send(town, "u1", red, yellow, kind="Update", names=("a1",), settles=False)
    first, second = receipt.warning_ids
    # Only the first part is matched: it is graver, and the second has not had its turn.
    await town.stage("match").run_once(town.engine, town.clock.now())
    assert await town.value("SELECT state FROM issued_warnings WHERE id = :id", id=first) == "matched"
    ended = "SELECT count(*) FROM issued_warnings WHERE state = 'withdrawn'"
    assert await town.value(ended) == 0
    await town.settle()
    await town.jump(minutes=2)
    assert (await graver.calls(), await waiting.calls()) == (2, 1)
    assert not [text for text in await waiting.texts() if "停止" in text]
    assert await town.states("responsibilities", second) == {"covered": 1}
    assert await town.value(ended) == 1
