"""继续发布 wakes nobody twice: who answered is left in peace, calls under way go on where they stood."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from town import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_who_answered_is_neither_called_nor_texted_again(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=2)
    again = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=30)
    assert await holder.calls() == 1
    # Asked what they did, and no more for an answer.
    assert len([body for body in await holder.texts() if "收到回复1" in body]) == 1
    assert await town.state_of(holder, again) == "answered"
    assert await town.states("responsibilities", again) == {"covered": 1}
    assert await town.states("responsibilities", first) == {}


async def test_who_is_on_the_second_rung_stays_there_with_all_clocks(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=3)
    clocks = "SELECT (rung, rung_began_at, wait_from, next_at, deadline_at)::text FROM responsibilities"
    stood = await town.value(clocks)
    calls = (await holder.calls(), await deputy.calls())
    assert calls[1] == 1
    again = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    assert await town.value(clocks) == stood
    assert (await holder.calls(), await deputy.calls()) == calls
    assert len(await holder.texts()) == len(await deputy.texts()) == 1
    await town.jump(minutes=2, seconds=30)
    assert await town.listed(again) == ["梁庄村 防汛责任人"]
    await town.jump(minutes=30)
    assert (await town.states("responsibilities", again)) == {"uncovered": 1}
    # Three tries and two: as many as without the update.
    assert (await holder.calls(), await deputy.calls()) == (3, 2)


async def test_a_call_that_rings_while_the_update_comes_is_answered_for_good(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=5)
    again = await town.warn("red", areas=[VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=2)
    assert await town.state_of(holder, again) == "answered"
    assert await holder.calls() == 1


async def test_the_reference_that_people_have_still_works(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE], reference="A7")
    await town.jump(seconds=30)
    again = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first, reference="B8")
    await holder.says("1 A7")
    assert await town.state_of(holder, again) == "answered"


async def test_a_plain_answer_after_the_update_counts(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=30)
    again = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    await holder.says("收到")
    assert await town.state_of(holder, again) == "answered"
    await holder.says("转12户35人")
    moved = await town.value("SELECT people FROM feedback WHERE warning_id = :warning", warning=again)
    assert moved == 35


async def test_a_new_village_is_called_also_where_its_person_answered_for_another(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    await town.post(OTHER_VILLAGE, "防汛责任人", await town.person("孙演示"), deputy=deputy)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=3)
    await deputy.says("收到")
    assert await town.states("responsibilities", first) == {"covered": 1}
    before = await deputy.calls()
    wider = await town.warn("orange", areas=[VILLAGE, OTHER_VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=4)
    # An answer for the one village never counts for another that the person was not told of.
    assert await town.states("responsibilities", wider) == {"covered": 1, "open": 1}
    assert await deputy.calls() == before + 1
    assert "王寨村" in (await deputy.texts())[-1]


async def test_a_duty_officer_who_answered_for_one_village_is_not_rung_anew_after_the_update(
    town: Town,
) -> None:
    officer = await town.person("周演示")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    await town.post(VILLAGE, "防汛责任人", await town.person("赵演示"))
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=30)
    await officer.says("收到")
    rung = await officer.calls()
    again = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=30)
    assert await officer.calls() == rung
    assert await town.states("responsibilities", again) == {"covered": 2}
