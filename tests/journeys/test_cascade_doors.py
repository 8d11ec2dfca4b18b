"""Somebody goes to the door of who was not woken (上门); nothing ends without a person or the list."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from journeys.cascade_ladders import ladder, put_in_force, rung
from town import TOWNSHIP, VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as town:
        yield town


async def asleep_in_the_village(town: Town) -> tuple[Phone, Phone]:
    """赵演示 sleeps; 孙演示, who is to answer for them, lives in town."""
    sleeper, superior = await town.person("赵演示"), await town.person("孙演示")
    await town.post(VILLAGE, "防汛责任人", sleeper, superior=superior)
    await put_in_force(town, village=ladder(rung("holder"), rung("door"), rung("leader")))
    return sleeper, superior


async def door(town: Town) -> str:
    return await town.value("SELECT state FROM door_tasks")


async def test_the_superior_is_asked_takes_it_goes_there_and_says_so(town: Town) -> None:
    sleeper, superior = await asleep_in_the_village(town)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=150)
    asked = (await superior.texts())[0]
    assert "上门" in asked
    assert "梁庄村 防汛责任人 赵演示 " + sleeper.number.removeprefix("+86") in asked
    assert await superior.calls() == 1
    await superior.says("1")
    assert "已记录您去叫醒赵演示" in (await superior.texts())[-1]
    assert await door(town) == "taken"
    assert await town.states("responsibilities", warning) == {"open": 1}
    await town.jump(minutes=12)
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    calls = await superior.calls()
    await superior.says("已上门叫醒，马上组织转移。")
    assert "已记录您上门叫醒赵演示" in (await superior.texts())[-1]
    assert await door(town) == "done"
    assert await town.state_of(sleeper, warning) == "answered"
    assert await town.value("SELECT answered_how FROM call_outs WHERE kind = 'call'") == "door"
    assert await town.states("responsibilities", warning) == {"covered": 1}
    assert await town.listed(warning) == []
    told = len(await superior.texts())
    await town.jump(minutes=40)
    assert await superior.calls() == calls
    assert len(await superior.texts()) == told
    events = await town.events(warning)
    assert [word for word in events if word.startswith("door.")] == [
        "door.assigned",
        "door.taken",
        "door.done",
    ]
    woken_by = "SELECT facts ->> 'woken_by' FROM ledger_lines WHERE facts ? 'woken_by'"
    assert await town.value(woken_by) == str(superior.contact_id)


async def test_nobody_is_home_and_the_officer_has_it_at_once(town: Town) -> None:
    _, superior = await asleep_in_the_village(town)
    leader = await town.person("周演示")
    officer = await town.person("值班演示", "answers")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer, leader)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=150)
    await superior.says("1")
    await town.jump(seconds=20)
    assert await town.listed(warning) == []
    await superior.says("家中无人")
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    assert "值班室接着处理" in (await superior.texts())[-1]
    assert await door(town) == "failed"
    # The ladder goes on at once: the leader on duty is asked.
    await town.jump(seconds=1)
    assert await leader.calls() == 1
    await leader.says("收到")
    assert (await town.states("responsibilities", warning))["covered"] == 2


async def test_who_is_sent_and_stays_silent_is_passed_over(town: Town) -> None:
    _, superior = await asleep_in_the_village(town)
    leader = await town.person("周演示", "answers")
    officer = await town.person("值班演示", "answers")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer, leader)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=6)
    assert await superior.calls() > 0
    assert await leader.calls() == 1
    assert await town.states("responsibilities", warning) == {"covered": 2}
    assert await door(town) == "withdrawn"
    # Told, since they may be on their way without having said so.
    assert "不用再上门" in (await superior.texts())[-1]


async def test_no_word_from_the_door_is_asked_for_once_and_then_listed(town: Town) -> None:
    _, superior = await asleep_in_the_village(town)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=150)
    await superior.says("1")
    before = len(await superior.texts())
    await town.jump(minutes=21)
    assert len(await superior.texts()) == before + 1
    assert "叫醒了吗" in (await superior.texts())[-1]
    assert await door(town) == "taken"
    await town.jump(minutes=10)
    assert len(await superior.texts()) == before + 1
    assert await door(town) == "failed"
    assert await town.states("responsibilities", warning) == {"uncovered": 1}
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    await superior.says("已上门")
    assert await town.states("responsibilities", warning) == {"covered": 1}


async def test_who_wakes_meanwhile_spares_the_walk(town: Town) -> None:
    sleeper, superior = await asleep_in_the_village(town)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=150)
    await superior.says("1")
    await sleeper.says("收到")
    await town.jump(seconds=5)
    assert "赵演示已醒或者已有人应答，不用再上门" in (await superior.texts())[-1]
    assert await town.states("responsibilities", warning) == {"covered": 1}
    assert await door(town) == "withdrawn"
    await town.jump(minutes=40)
    assert sum("不用再上门" in text for text in await superior.texts()) == 1


async def test_who_wakes_and_cannot_come_spares_the_walk_and_the_next_is_asked(town: Town) -> None:
    sleeper, superior = await asleep_in_the_village(town)
    leader = await town.person("周演示")
    await town.desk(TOWNSHIP, "龙港镇值班室", await town.person("值班演示", "answers"), leader)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=150)
    await superior.says("1")
    await sleeper.says("2")
    await town.jump(seconds=5)
    assert "不用再上门" in (await superior.texts())[-1]
    assert await door(town) == "withdrawn"
    assert await leader.calls() == 1
    assert (await town.states("responsibilities", warning))["open"] == 1


async def test_two_sleepers_one_ring_and_each_is_named(town: Town) -> None:
    superior = await town.person("孙演示")
    for name, village in (("赵演示", VILLAGE), ("钱演示", "140521100202")):
        await town.post(village, "防汛责任人", await town.person(name), superior=superior)
    await put_in_force(town, village=ladder(rung("holder"), rung("door", wait_s=600)))
    warning = await town.warn("red")
    await town.jump(seconds=150)
    assert await superior.calls() == 1
    assert len(await superior.texts()) == 1
    assert "赵演示" in (await superior.texts())[0]
    assert "钱演示" in (await superior.texts())[0]
    await superior.says("已上门")
    assert "请写明叫醒了谁" in (await superior.texts())[-1]
    await superior.says("王寨村已上门叫醒")
    assert await town.state_of(town.phones["钱演示"], warning) == "answered"
    assert await town.state_of(town.phones["赵演示"], warning) != "answered"
    await superior.says("已上门 赵演示")
    assert await town.states("responsibilities", warning) == {"covered": 2}


async def test_red_deputy_superior_and_door_start_side_by_side(town: Town) -> None:
    sleeper, deputy = await town.person("赵演示"), await town.person("钱演示")
    superior = await town.person("孙演示")
    officer = await town.person("值班演示", "answers")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    await town.post(VILLAGE, "防汛责任人", sleeper, deputy=deputy, superior=superior)
    await put_in_force(town, village=ladder(rung("holder"), rung("deputy", "superior", "door")))
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=119)
    assert await deputy.calls() + await superior.calls() == 0
    await town.jump(seconds=5)
    assert await deputy.calls() == 1
    # Superior and door are one person: one ring, and `1` says that they go there.
    assert await superior.calls() == 1
    assert "上门" in (await superior.texts())[0]
    await superior.says("1")
    assert (await town.states("responsibilities", warning))["open"] == 1
    await deputy.says("收到")
    assert (await town.states("responsibilities", warning)) == {"covered": 2}
    assert "不用再上门" in (await superior.texts())[-1]
