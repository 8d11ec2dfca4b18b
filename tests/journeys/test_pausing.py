"""A paused warning hands over nothing new, loses nothing, and is never forgotten."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from jiaoying.dispatch.actions import withdraw_warning
from jiaoying.dispatch.cycle import Cycle
from jiaoying.dispatch.steering.pausing import pause_warning, resume_warning
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from town import OTHER_VILLAGE, VILLAGE, Town, open_town

OFFICER = "user:王演示"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def pause(town: Town, warning: UUID) -> bool:
    async with town.database.transaction() as tx:
        return await pause_warning(tx, warning, by=OFFICER, reason="地点存疑，核实中", now=town.clock.now())


async def resume(town: Town, warning: UUID) -> bool:
    async with town.database.transaction() as tx:
        return await resume_warning(tx, warning, by=OFFICER, now=town.clock.now())


async def open_alarms(town: Town, kind: str) -> int:
    statement = "SELECT count(*) FROM alarms WHERE kind = :kind AND cleared_at IS NULL"
    return await town.value(statement, kind=kind)


async def test_nothing_leaves_while_it_is_paused_not_after_a_kill_either_and_all_of_it_afterwards(
    town: Town,
) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    other = await town.person("孙演示", "answers")
    await town.post(OTHER_VILLAGE, "防汛责任人", other)
    warning = await town.warn("red", areas=[VILLAGE])
    assert await pause(town, warning)
    assert not await pause(town, warning)  # pressed twice
    running = await town.warn("orange", areas=[OTHER_VILLAGE], reference="B3")
    await town.jump(minutes=3)
    assert (await holder.calls(), await deputy.calls()) == (1, 0)
    assert await town.states("attempts", warning) != {}
    assert await town.state_of(other, running) == "answered"
    # The worker is killed: the next one finds the pause in the row.
    async with asyncio.TaskGroup() as group:
        town.cycle = Cycle(town.engine, group)
        await town.jump(minutes=1)
        assert (await holder.calls(), await deputy.calls()) == (1, 0)
        assert await open_alarms(town, "paused") == 0
        await town.jump(minutes=1)
        assert await open_alarms(town, "paused") == 1
        await town.jump(minutes=6)
        assert await open_alarms(town, "paused") == 1
        # The list fills meanwhile.
        assert await town.listed(warning) == ["梁庄村 防汛责任人"]
        assert await resume(town, warning)
        assert not await resume(town, warning)
        assert await open_alarms(town, "paused") == 0
        await town.settle()
        assert (await holder.calls(), await deputy.calls()) == (2, 1)
        # What the carrier had is untouched by it, and an answer counts as ever.
        await holder.says("1")
        assert await town.states("responsibilities", warning) == {"covered": 1}
    events = await town.events(warning)
    assert (events.count("warning.paused"), events.count("warning.resumed")) == (1, 1)


async def test_who_answers_under_a_pause_is_thanked_and_a_stand_down_goes_out(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("orange")
    await pause(town, warning)
    await town.jump(seconds=30)
    await holder.says("1")
    assert "收到" in (await holder.texts())[-1]
    async with town.database.transaction() as tx:
        await withdraw_warning(tx, warning, by=OFFICER, reason="误发", now=town.clock.now())
    await town.settle()
    assert "本次叫应停止" in (await holder.texts())[-1]
    with pytest.raises(Refusal):
        await pause(town, warning)


async def test_a_newer_version_calls_and_the_desk_hears_that_the_pause_is_over(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("yellow")
    calls = await holder.calls()
    await pause(town, first)
    await town.jump(seconds=5)
    await town.warn("red", kind="update", replaces=first)
    # The first call rings on: its end is waited for.
    await town.jump(seconds=75)
    assert await holder.calls() == calls + 1
    assert await open_alarms(town, "pause_ended") == 1
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE paused_at IS NOT NULL") == 0


async def test_a_pause_holds_up_no_other_warning_of_the_same_people(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    rain = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=30)
    assert await pause(town, rain)
    flood = await town.warn("red", areas=[VILLAGE], hazard="flash_flood", reference="B3")
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    assert "编号A" not in (await holder.heard())[-1]
    assert await town.state_of(holder, flood) == "open"
    assert await resume(town, rain)
    await town.jump(minutes=3)
    assert "编号A" in (await holder.heard())[-1]


async def test_what_was_to_be_said_of_two_warnings_is_said_of_the_one_that_is_not_paused(
    town: Town,
) -> None:
    """Their call stands in the queue when the graver one is paused."""
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    rain = await town.warn("red", areas=[VILLAGE], settles=False)
    await town.warn("orange", areas=[VILLAGE], hazard="flash_flood", reference="B3", settles=False)
    for name in ("match", "match", "escalate", "plan"):
        await town.stage(name).run_once(town.engine, town.clock.now())
    assert await town.value("SELECT count(*) FROM attempt_call_outs") == 2
    assert await pause(town, rain)
    await town.jump(seconds=30)
    assert ["编号A" in words for words in await holder.heard()] == [False]
    assert await holder.calls() == 1
    assert await resume(town, rain)
    await town.jump(minutes=2)
    assert "编号A" in (await holder.heard())[-1]
