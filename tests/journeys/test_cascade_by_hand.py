"""The officer sends somebody to a door, sees the walk with its clock, and logs what they were told."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from jiaoying.storage.database import Database
from journeys.cascade_ladders import ladder, put_in_force, rung
from town import TOWNSHIP, VILLAGE, Town, open_town
from web_town import Browser, add_users, browser_on, parts_for_tests


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as town:
        yield town


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    await add_users(town.database)
    parts = replace(parts_for_tests(town.database), clock=town.clock)
    async with browser_on(parts) as officer:
        await officer.sign_in("officer")
        yield officer


async def test_the_officer_sends_the_superior_and_logs_what_they_found(town: Town, officer: Browser) -> None:
    sleeper, superior = await town.person("赵演示"), await town.person("孙演示")
    await town.post(VILLAGE, "防汛责任人", sleeper, superior=superior)
    await put_in_force(town, village=ladder(rung("holder", wait_s=60)))
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=8)
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    assert await town.states("responsibilities", warning) == {"uncovered": 1}
    call_out = await town.value("SELECT id FROM call_outs")
    assert "派人上门" in await officer.page(f"/call-outs/{call_out}/card")
    assert "孙演示" in await officer.page(f"/call-outs/{call_out}/door")
    assert await superior.calls() == 0

    sent = await officer.post(f"/call-outs/{call_out}/door", {"contact": str(superior.contact_id)})
    assert sent.status == 303
    assert "已派去，尚无结果" in await officer.page(f"/call-outs/{call_out}/door")
    await town.settle()
    assert "上门叫醒" in (await superior.texts())[0]
    assert await superior.calls() == 1
    await superior.says("1")
    board = await officer.page(f"/warnings/{warning}/board")
    assert "上门途中" in board
    assert "应报结果" in board

    task = await town.value("SELECT id FROM door_tasks")
    fields = {"found": "yes", "note": "电话里说已叫醒", "call_out": str(call_out)}
    assert (await officer.post(f"/door-tasks/{task}", fields)).status == 303
    await town.settle()
    assert await town.states("responsibilities", warning) == {"covered": 1}
    assert await town.value("SELECT answered_how FROM call_outs WHERE kind = 'call'") == "door"
    assert await town.value("SELECT state FROM door_tasks") == "done"
    assert "电话里说已叫醒" in await officer.page(f"/call-outs/{call_out}")
    assert await town.value("SELECT assigned_by FROM door_tasks") == "user:officer"


async def test_slips_are_told_in_sentences(town: Town, officer: Browser) -> None:
    sleeper, superior = await town.person("赵演示"), await town.person("孙演示")
    await town.post(VILLAGE, "防汛责任人", sleeper, superior=superior)
    await put_in_force(town, village=ladder(rung("holder", wait_s=60), rung("door", wait_s=900)))
    await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=2)
    call_out = await town.value("SELECT id FROM call_outs WHERE kind = 'call'")
    stranger = await officer.post(f"/call-outs/{call_out}/door", {"contact": str(sleeper.contact_id)})
    assert stranger.status == 422
    assert "不能派这个人上门" in await stranger.text()
    nothing = await officer.post(f"/door-tasks/{call_out}", {"found": "yes", "call_out": str(call_out)})
    assert nothing.status == 422
    assert "没有这个上门任务" in await nothing.text()
    task = await town.value("SELECT id FROM door_tasks")
    unsaid = await officer.post(f"/door-tasks/{task}", {"call_out": str(call_out)})
    assert (unsaid.status, "请选择上门结果" in await unsaid.text()) == (422, True)
    # Nobody was there: the officer has it at once.
    fields = {"found": "no", "note": "", "call_out": str(call_out)}
    assert (await officer.post(f"/door-tasks/{task}", fields)).status == 303
    await town.settle()
    assert await town.value("SELECT listed_at IS NOT NULL FROM responsibilities") is True
    assert await town.value("SELECT reason FROM door_tasks") == "nobody_home"


async def test_who_waits_for_their_turn_is_shown_with_a_clock(town: Town, officer: Browser) -> None:
    head, village = await town.person("孙演示"), await town.person("赵演示")
    await town.post(TOWNSHIP, "镇长", head, tier="township")
    await town.post(VILLAGE, "防汛责任人", village)
    await put_in_force(
        town,
        township=ladder(rung("holder", wait_s=900)),
        village=ladder(rung("holder"), after={"tier": "township", "wait_s": 600}),
    )
    warning = await town.warn("red", areas=[TOWNSHIP])
    assert "1个岗位等上一级应答后叫应" in await officer.page(f"/warnings/{warning}/board")
    await head.says("收到")
    assert "等上一级应答后叫应" not in await officer.page(f"/warnings/{warning}/board?again")
    assert await village.calls() == 1
