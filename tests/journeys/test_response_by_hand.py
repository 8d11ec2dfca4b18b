"""The officer opens a response, sends a team, logs what is told by telephone, and ends it all."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from jiaoying.dispatch.response.by_hand import (
    Order,
    change_level,
    end_by_hand,
    lift_by_hand,
    log_report,
    open_response,
    order_by_hand,
)
from jiaoying.dispatch.response.model import ResponseLevel, TaskKind
from jiaoying.dispatch.response.states import TaskEvent
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from journeys.cascade_ladders import ladder, put_in_force, rung
from town import COUNTY, TOWNSHIP, VILLAGE, Town, open_town

PLANS = """
plans:
  - name: 防汛
    hazards: [rain]
    colours: {orange: {level: II}, red: {level: I, wait_min: 5}}
    tasks:
      - {key: ford, kind: close, order: 封闭漫水路面, from: II, within_min: 30,
         who: {post: 镇长, level: township}}
      - {key: mine, kind: stop_production, order: 停产撤人, from: I, within_min: 30,
         who: {post: 矿长}}
"""
BY = "user:王芳"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await opened.plans(PLANS)
        yield opened


async def _open(town: Town, level: ResponseLevel = ResponseLevel.II) -> UUID:
    async with town.database.transaction() as tx:
        response = await open_response(
            tx,
            "防汛",
            level,
            [COUNTY],
            reason="会商决定",
            by=BY,
            home_name="沁水县应急值班室",
            now=town.clock.now(),
        )
    await town.settle()
    return response


async def test_opened_by_hand_it_calls_for_its_orders_alone_and_ends_with_one_text(town: Town) -> None:
    head, village = await town.person("赵演示", "answers"), await town.person("钱演示")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.post(VILLAGE, "防汛责任人", village)
    response = await _open(town)
    await town.jump(minutes=2)
    (told,) = await head.texts()
    assert "防汛Ⅱ级应急响应" in told
    assert "任务：封闭漫水路面" in told
    assert "预警" not in told
    assert (await head.calls(), await village.calls(), await village.texts()) == (1, 0, [])
    async with town.database.transaction() as tx:
        await end_by_hand(tx, response, reason="雨势减弱", by=BY, now=town.clock.now())
    await town.jump(minutes=1)
    assert "任务解除：封闭漫水路面" in (await head.texts())[-1]
    assert len(await head.texts()) == 2
    assert await town.value("SELECT state FROM responses") == "ended"


async def test_a_response_after_the_warning_asks_again_for_the_order_alone(town: Town) -> None:
    head = await town.person("赵演示", "answers")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.warn("orange", hazard="wind")
    await town.jump(minutes=2)
    (first,) = await head.texts()
    assert "任务" not in first
    await _open(town)
    await town.jump(minutes=2)
    assert "任务：封闭漫水路面" in (await head.texts())[-1]
    assert await head.calls() == 2


async def test_ordered_after_the_answer_the_person_is_asked_again_for_the_order_alone(town: Town) -> None:
    head = await town.person("赵演示", "answers")
    post = await town.post(TOWNSHIP, "镇长", head, tier="township")
    warning = await town.warn("orange")
    await town.jump(minutes=2)
    response = await town.value("SELECT id FROM responses")
    order = Order(TaskKind.PATROL, "巡查水库", post, None, 60)
    async with town.database.transaction() as tx:
        await order_by_hand(tx, response, order, by=BY, now=town.clock.now())
    await town.settle()
    await town.jump(minutes=2)
    first, second = await head.texts()
    assert "封闭漫水路面" in first
    assert "任务：巡查水库" in second
    assert "封闭漫水路面" not in second
    assert await town.states("call_outs", warning) == {"answered": 2}


async def test_what_needs_the_officer_waits_for_them_and_then_begins_by_itself(town: Town) -> None:
    mine = await town.person("孙演示", "answers")
    await town.post(VILLAGE, "矿长", mine, hazards=["mine"])
    await town.warn("red")
    await town.jump(minutes=4)
    assert await mine.texts() == []
    asked = await town.value(
        "SELECT text FROM alarms WHERE kind LIKE 'response_asked:%' AND cleared_at IS NULL"
    )
    assert "Ⅰ级响应" in asked
    await town.jump(minutes=2)
    assert "任务：停产撤人" in (await mine.texts())[0]
    assert (
        await town.value(
            "SELECT count(*) FROM alarms WHERE kind LIKE 'response_asked:%' AND cleared_at IS NULL"
        )
        == 0
    )


async def test_a_warning_whose_time_ran_out_leaves_its_response_to_the_officer(town: Town) -> None:
    head = await town.person("赵演示", "answers")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.warn("orange", hours=0.4)
    await town.jump(minutes=25)
    await town.jump(minutes=2)
    asked = "SELECT count(*) FROM alarms WHERE kind LIKE 'response_goes_on:%'"
    assert await town.value(asked) == 1
    assert await town.value("SELECT state FROM responses") == "running"
    assert (await town.tasks()) == {"龙港镇 镇长: 封闭漫水路面": "taken"}


async def test_refused_in_time_nobody_is_ordered(town: Town) -> None:
    mine = await town.person("孙演示", "answers")
    await town.post(VILLAGE, "矿长", mine, hazards=["mine"])
    await town.warn("red")
    response = await town.value("SELECT id FROM responses")
    async with town.database.transaction() as tx:
        await end_by_hand(tx, response, reason="已停产检修", by=BY, now=town.clock.now())
    await town.jump(minutes=10)
    assert (await mine.texts(), await town.tasks()) == ([], {})


async def test_a_rescue_team_is_sent_sets_out_arrives_and_is_done(town: Town) -> None:
    team = await town.person("周演示", "answers")
    post = await town.post(COUNTY, "抢险救援队队长", team, tier="county_lead", hazards=["wildfire"])
    response = await _open(town)
    order = Order(
        TaskKind.SEND,
        "赶赴梁庄村转移群众",
        post,
        None,
        90,
        team={"strength": "15人 2车", "origin": "县城", "destination": "梁庄村"},
    )
    async with town.database.transaction() as tx:
        await order_by_hand(tx, response, order, by=BY, now=town.clock.now())
    await town.jump(minutes=2)
    assert "任务：赶赴梁庄村转移群众" in (await team.texts())[0]
    task = "沁水县 抢险救援队队长: 赶赴梁庄村转移群众"
    for said, state in (("出发 15人", "set_out"), ("到达", "arrived"), ("完成", "done")):
        await town.jump(minutes=10)
        await team.says(said)
        assert (await town.tasks())[task] == state
    moments = await town.value(
        "SELECT set_out_at < arrived_at AND arrived_at < done_at FROM response_tasks WHERE kind = 'send'"
    )
    assert moments is True


async def test_what_is_told_by_telephone_is_logged_and_rings_no_more(town: Town) -> None:
    head = await town.person("赵演示")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await _open(town)
    await town.jump(seconds=90)
    task = await town.value("SELECT id FROM response_tasks")
    async with town.database.transaction() as tx:
        await log_report(
            tx, task, TaskEvent.FINISH, figures={"sites": 2}, note="镇长来电", by=BY, now=town.clock.now()
        )
    calls = await head.calls()
    await town.jump(minutes=40)
    assert await head.calls() == calls
    assert await town.tasks() == {"龙港镇 镇长: 封闭漫水路面": "done"}
    assert await town.value("SELECT figures FROM response_tasks") == {"sites": 2}


async def test_raised_by_hand_and_the_same_level_is_refused(town: Town) -> None:
    mine = await town.person("孙演示", "answers")
    await town.post(VILLAGE, "矿长", mine, hazards=["mine"])
    response = await _open(town)
    with pytest.raises(Refusal, match="已是这一级别"):
        async with town.database.transaction() as tx:
            await change_level(tx, response, ResponseLevel.II, reason="升级", by=BY, now=town.clock.now())
    async with town.database.transaction() as tx:
        await change_level(tx, response, ResponseLevel.I, reason="升级", by=BY, now=town.clock.now())
    await town.jump(minutes=2)
    assert "任务：停产撤人" in (await mine.texts())[0]
    with pytest.raises(Refusal, match="已在进行"):
        await _open(town)


async def test_who_was_spared_an_order_is_called_when_the_warning_needs_them(town: Town) -> None:
    """The same person is the superior of somebody who does not wake."""
    bureau = await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", await town.person("赵演示"), superior=bureau)
    post = await town.post(COUNTY, "教育局局长", bureau, tier="county_lead", hazards=["mine"])
    await put_in_force(town, village=ladder(rung("holder", wait_s=600), rung("superior", wait_s=600)))
    warning = await town.warn("orange", areas=[VILLAGE])
    order = Order(TaskKind.STOP_CLASS, "组织学校停课", post, None, 30)
    response = await town.value("SELECT id FROM responses")
    async with town.database.transaction() as tx:
        task = await order_by_hand(tx, response, order, by=BY, now=town.clock.now())
    await town.jump(seconds=60)
    async with town.database.transaction() as tx:
        await lift_by_hand(tx, task, reason="已停课", by=BY, now=town.clock.now())
    await town.settle()
    assert await town.state_of(bureau, warning) == "withdrawn"
    rang = await bureau.calls()
    await town.jump(minutes=12)
    assert await bureau.calls() > rang
