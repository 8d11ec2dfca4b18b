"""Raised, only those are called again whose place is graver now; lowered, nobody is woken."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from town import COUNTY, OTHER_VILLAGE, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_raised_everybody_there_is_called_again_with_the_new_colour(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("yellow", areas=[VILLAGE])
    await town.jump(minutes=2)
    raised = await town.warn("red", areas=[VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    assert "红色" in (await holder.texts())[-1]
    assert await town.state_of(holder, raised) == "answered"
    assert await town.state_of(holder, first) == "answered"


async def test_raised_while_the_first_call_still_runs_only_the_new_colour_goes_on(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=5)
    raised = await town.warn("red", areas=[VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=30)
    assert await town.states("call_outs", first) == {"withdrawn": 1}
    assert await holder.calls() == 4
    assert [("红色" in text) for text in await holder.texts()] == [False, True]
    assert await town.states("responsibilities", raised) == {"uncovered": 1}


async def test_an_answer_to_the_milder_by_reference_does_not_tick_the_graver_that_was_not_read(
    town: Town,
) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=20)
    raised = await town.warn("red", areas=[VILLAGE], kind="update", replaces=first)
    await holder.says("1 A7")
    assert await town.state_of(holder, raised) == "open"
    await town.jump(seconds=20)
    await holder.says("1 A7")
    assert await town.state_of(holder, raised) == "answered"


async def test_lowered_nobody_is_woken_and_each_is_told_once_by_text(town: Town) -> None:
    answered, silent = await town.person("赵演示", "answers"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", answered)
    await town.post(OTHER_VILLAGE, "防汛责任人", silent)
    first = await town.warn("red")
    await town.jump(minutes=12)
    calls = (await answered.calls(), await silent.calls())
    lowered = await town.warn("blue", kind="update", replaces=first)
    await town.jump(minutes=60)
    assert (await answered.calls(), await silent.calls()) == calls
    for phone in (answered, silent):
        told = [text for text in await phone.texts() if "降为" in text]
        assert len(told) == 1
        assert "蓝色" in told[0]
    assert await town.state_of(answered, lowered) == "answered"
    assert "王寨村 防汛责任人" in await town.listed(lowered)
    again = await town.warn("blue", kind="update", replaces=lowered)
    await town.jump(minutes=5)
    assert len([text for text in await answered.texts() if "降为" in text]) == 1
    assert await town.state_of(answered, again) == "answered"


async def test_lowered_in_the_middle_of_a_ladder_it_goes_on_with_who_was_not_asked_yet(town: Town) -> None:
    holder, deputy, superior = [await town.person(name) for name in ("赵演示", "钱演示", "李演示")]
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy, superior=superior)
    first = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=2, seconds=30)
    assert (await deputy.calls(), await superior.calls()) == (1, 1)
    # Red asks deputy and superior side by side on its second rung, orange one after the other.
    lowered = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    assert await town.value("SELECT rung FROM responsibilities WHERE state = 'open'") == 1
    await town.jump(minutes=40)
    assert await town.states("responsibilities", lowered) == {"uncovered": 1}
    assert await holder.calls() <= 3
    assert await deputy.calls() <= 3
    assert await town.listed(lowered) == ["梁庄村 防汛责任人"]


async def test_who_is_not_asked_at_the_milder_colour_hears_that_it_is_milder(town: Town) -> None:
    chief, holder = await town.person("王演示", "answers"), await town.person("赵演示", "answers")
    await town.post(COUNTY, "县长", chief, tier="county_chief")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red")
    await town.jump(minutes=2)
    lowered = await town.warn("yellow", kind="update", replaces=first)
    await town.jump(minutes=10)
    assert await chief.calls() == 1
    assert "降为" in (await chief.texts())[-1]
    assert await town.states("responsibilities", lowered) == {"covered": 1}
    assert await town.states("responsibilities", first) == {"withdrawn": 1}


async def test_red_orange_red_is_answered_for_each_red(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=2)
    second = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=2)
    assert await holder.calls() == 1
    third = await town.warn("red", areas=[VILLAGE], kind="update", replaces=second)
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    assert await town.state_of(holder, third) == "answered"
