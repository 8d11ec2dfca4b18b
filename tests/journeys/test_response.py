"""A response brings orders, and nobody is called twice for the warning and its orders."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from jiaoying.storage.database import Database
from town import COUNTY, TOWNSHIP, VILLAGE, Town, open_town

PLANS = """
plans:
  - name: 防汛
    hazards: [rain]
    colours: {yellow: {level: III}, orange: {level: II}, red: {level: I}}
    tasks:
      - {key: ford, kind: close, order: 封闭漫水路面, from: II, within_min: 30, evidence: [figures],
         who: {post: 镇长, level: township}}
      - {key: class, kind: stop_class, order: 组织学校停课, from: II, within_min: 60, evidence: [figures],
         who: {post: 教育局局长, level: county}}
      - {key: mine, kind: stop_production, order: 停产撤人, from: I, within_min: 30, evidence: [figures],
         who: {post: 矿长}}
"""
FORD, CLASS, MINE = "龙港镇 镇长: 封闭漫水路面", "沁水县 教育局局长: 组织学校停课", "梁庄村 矿长: 停产撤人"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await opened.plans(PLANS)
        yield opened


async def test_orange_brings_the_orders_with_each_ones_own_duty_in_one_text(town: Town) -> None:
    head, bureau = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.post(COUNTY, "教育局局长", bureau, tier="county_lead")
    warning = await town.warn("orange")
    await town.jump(seconds=30)
    (told,) = await head.texts()
    assert "橙色预警" in told
    assert "任务：封闭漫水路面" in told
    assert "已封闭 2处" in told
    (told,) = await bureau.texts()
    assert "任务：组织学校停课" in told
    assert (await head.calls(), await bureau.calls()) == (1, 1)
    assert await town.states("call_outs", warning) == {"open": 1, "answered": 1}
    assert await town.tasks() == {FORD: "ordered", CLASS: "taken"}

    await head.says("收到")
    assert "任务：封闭漫水路面" in (await head.texts())[-1]
    await head.says("漫水路面已封闭2处")
    assert "已记录：封闭漫水路面：2 处" in (await head.texts())[-1]
    await bureau.says("已停课")
    assert "数字" in (await bureau.texts())[-1]
    await bureau.says("已停课 3所 1200人")
    await bureau.says("更正 已停课 4所 1250人")
    assert await town.tasks() == {FORD: "done", CLASS: "done"}
    figures = await town.value("SELECT figures FROM response_tasks WHERE kind = 'stop_class'")
    assert figures == {"schools": 4, "people": 1250}
    await town.jump(minutes=90)
    assert (await head.calls(), await bureau.calls()) == (1, 1)
    # Beside what they are asked to report as their own duty.
    texts = [[body for body in await phone.texts() if "还没收到" not in body] for phone in (head, bureau)]
    assert [len(bodies) for bodies in texts] == [3, 4]


async def test_no_first_text_leaves_without_the_order(town: Town) -> None:
    """The planning may come to the call before the escalation does."""
    head = await town.person("赵演示")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.warn("orange", settles=False)
    for name in ("match", "plan"):
        await town.stage(name).run_once(town.engine, town.clock.now())
    planned = await town.value("SELECT string_agg(text, '|') FROM attempts WHERE channel = 'sms'")
    assert "任务：封闭漫水路面" in planned


async def test_raised_only_the_new_orders_are_called(town: Town) -> None:
    head, mine = await town.person("赵演示", "answers"), await town.person("孙演示", "answers")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.post(VILLAGE, "矿长", mine, hazards=["mine"])
    first = await town.warn("orange")
    await town.jump(minutes=2)
    assert await mine.calls() == 0
    await head.says("已封闭 2处")
    await town.warn("red", kind="update", replaces=first, reference="A7")
    await town.jump(minutes=3)
    # The mine answers for nothing under rain: it hears of its order alone. The head is called for the red
    # warning, and not again for the ford that is closed already.
    (told,) = await mine.texts()
    assert "应急响应任务" in told
    assert "任务：停产撤人" in told
    assert "任务" not in (await head.texts())[-1]
    assert (await town.tasks())[FORD] == "done"
    assert (await town.tasks())[MINE] == "taken"
    levels = await town.value("SELECT string_agg(level, ',') FROM responses")
    assert levels == "I"


async def test_an_order_that_nobody_answered_yet_goes_on_under_the_newer_warning(town: Town) -> None:
    head = await town.person("赵演示")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    first = await town.warn("orange")
    await town.jump(seconds=30)
    await town.warn("red", kind="update", replaces=first)
    await town.jump(seconds=30)
    told = (await head.texts())[-1]
    assert "红色" in told
    assert "任务：封闭漫水路面" in told
    assert await town.value("SELECT count(*) FROM response_tasks WHERE kind = 'close'") == 1


async def test_who_had_not_heard_of_an_order_hears_nothing_of_its_lifting(town: Town) -> None:
    head = await town.person("赵演示")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    first = await town.warn("orange", settles=False)
    for name in ("match", "plan"):
        await town.stage(name).run_once(town.engine, town.clock.now())
    # Ids tell the order of arrival, by the millisecond.
    town.clock.advance_to(town.clock.now() + timedelta(seconds=1))
    await town.warn("orange", kind="cancel", replaces=first, settles=False)
    for name in ("match", "close"):
        await town.stage(name).run_once(town.engine, town.clock.now())
    await town.jump(minutes=2)
    assert await head.texts() == []
    assert set((await town.tasks()).values()) == {"lifted"}


async def test_lowered_lifts_what_the_lower_level_does_not_ask(town: Town) -> None:
    head, mine = await town.person("赵演示", "answers"), await town.person("孙演示", "answers")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.post(VILLAGE, "矿长", mine, hazards=["mine"])
    first = await town.warn("red")
    await town.jump(minutes=2)
    await mine.says("停产撤人 86人")
    calls = await mine.calls()
    await town.warn("orange", kind="update", replaces=first)
    await town.jump(minutes=2)
    assert "任务解除：停产撤人" in (await mine.texts())[-1]
    assert await mine.calls() == calls
    assert (await town.tasks())[MINE] == "lifted"
    assert (await town.tasks())[FORD] == "taken"
    await mine.says("已恢复")
    assert (await town.tasks())[MINE] == "restored"
    assert not any("解除" in text for text in await head.texts())


async def test_a_stop_order_that_nobody_answers_climbs_and_comes_onto_the_list(town: Town) -> None:
    mine, deputy = await town.person("孙演示"), await town.person("李演示")
    await town.post(VILLAGE, "矿长", mine, deputy=deputy, hazards=["mine"])
    warning = await town.warn("red")
    await town.jump(minutes=6)
    assert "任务：停产撤人" in (await deputy.texts())[0]
    assert await town.listed(warning) == ["梁庄村 矿长 · 停产撤人"]
    await town.jump(minutes=30)
    assert await town.value("SELECT count(*) FROM response_tasks WHERE listed_at IS NOT NULL") == 3
    late = await town.value("SELECT text FROM alarms WHERE kind = 'tasks_late'")
    assert "停产撤人" in late


async def test_who_took_an_order_and_is_silent_is_asked_once_it_is_late(town: Town) -> None:
    head = await town.person("赵演示", "answers")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.warn("orange")
    await town.jump(minutes=29)
    texts = len(await head.texts())
    await town.jump(minutes=2)
    assert "已过时限" in (await head.texts())[texts]
    await head.says("无法完成，路上有人")
    assert (await town.tasks())[FORD] == "failed"
    await town.jump(minutes=60)
    assert await head.calls() == 1


async def test_with_the_warning_the_orders_are_lifted_to_exactly_those_who_heard_them(town: Town) -> None:
    head, mine = await town.person("赵演示", "answers"), await town.person("孙演示", "answers")
    deputy = await town.person("李演示")
    await town.post(TOWNSHIP, "镇长", head, deputy=deputy, tier="township")
    await town.post(VILLAGE, "矿长", mine, hazards=["mine"])
    first = await town.warn("red")
    await town.jump(minutes=2)
    told = len(await head.texts()), len(await mine.texts())
    await town.warn("red", kind="cancel", replaces=first)
    await town.jump(minutes=2)
    assert (len(await head.texts()), len(await mine.texts())) == (told[0] + 1, told[1] + 1)
    assert "预警已解除" in (await head.texts())[-1]
    assert "任务解除：封闭漫水路面" in (await head.texts())[-1]
    assert await deputy.texts() == []
    assert set((await town.tasks()).values()) == {"lifted"}
    assert await town.value("SELECT state FROM responses") == "ended"
    await head.says("恢复")
    assert (await town.tasks())[FORD] == "restored"


async def test_where_nobody_can_be_ordered_the_officer_hears_of_it_at_once(town: Town) -> None:
    head = await town.person("赵演示", "answers")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.warn("orange")
    await town.jump(minutes=1)
    missing = await town.value("SELECT text FROM alarms WHERE kind = 'tasks_without_anybody'")
    assert "组织学校停课" in missing
    assert "沁水县 教育局局长" in missing


async def test_who_heard_of_an_order_beside_a_graver_warning_hears_that_it_is_lifted(town: Town) -> None:
    """Two warnings are one text, which leads with the other one."""
    head = await town.person("赵演示")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.warn("red", hazard="flash_flood", reference="B3", settles=False)
    rain = await town.warn("orange", settles=False)
    for _ in range(2):
        await town.stage("match").run_once(town.engine, town.clock.now())
    await town.jump(seconds=30)
    assert [text.startswith("【沁水县应急值班室】2条预警") for text in await head.texts()] == [True]
    assert "任务：封闭漫水路面" in (await head.texts())[0]
    await town.warn("yellow", kind="update", replaces=rain)
    assert any("任务解除：封闭漫水路面" in text for text in await head.texts())
