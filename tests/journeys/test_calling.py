"""From the warning to the answer, through real HTTP to the simulated carrier and back."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from town import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_answered_by_key(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red")
    await town.jump(minutes=2)
    assert await town.state_of(holder, warning) == "answered"
    assert await town.states("responsibilities", warning) == {"covered": 1}
    assert await holder.calls() == 1
    assert len(await holder.texts()) == 1
    await town.jump(minutes=30)
    assert await holder.calls() == 1


async def test_answered_by_text(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red")
    await town.jump(seconds=20)
    await holder.says("收到")
    assert await town.state_of(holder, warning) == "answered"
    await town.jump(minutes=10)
    assert await holder.calls() == 1
    first, confirmation = await holder.texts()
    assert "A7" in first
    assert "已收到" in confirmation


async def test_silence_climbs_and_the_list_fills_at_the_deadline(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    officer, superior = await town.person("孙演示"), await town.person("李演示")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy, superior=superior)
    warning = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=60)
    assert (await holder.calls(), await deputy.calls(), await superior.calls()) == (1, 0, 0)
    await town.jump(minutes=2, seconds=30)
    assert await deputy.calls() == 1
    assert await superior.calls() == 0
    await town.jump(seconds=80)
    assert await town.listed(warning) == []
    await town.jump(seconds=20)
    assert "梁庄村 防汛责任人" in await town.listed(warning)
    await town.jump(minutes=10)
    assert await superior.calls() >= 1
    events = await town.events(warning)
    assert events.index("responsibility.listed") < len(events) - 1
    await town.jump(minutes=20)
    assert (await town.states("responsibilities", warning)).get("open", 0) == 0
    assert await town.states("call_outs", warning) == {"exhausted": 4}
    assert "梁庄村 防汛责任人" in await town.listed(warning)


async def test_cannot_goes_to_the_deputy_at_once(town: Town) -> None:
    holder, deputy = await town.person("赵演示", "cannot"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    warning = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=2)
    assert await town.state_of(holder, warning) == "declined"
    assert await town.state_of(deputy, warning) == "answered"
    assert await holder.calls() == 1


async def test_a_late_plain_answer_does_not_tick_the_newer_warning(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", reference="A7")
    await town.jump(minutes=3)
    second = await town.warn("red", hazard="flash_flood", reference="B8")
    await town.jump(seconds=5)
    await holder.says("1")
    assert await town.state_of(holder, first) == "answered"
    assert await town.state_of(holder, second) == "open"
    assert "B8" in (await holder.texts())[-1]
    await holder.says("1 B8")
    assert await town.state_of(holder, second) == "answered"


async def test_an_answer_is_not_lost_on_a_warning_that_was_cancelled(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", reference="A7")
    await town.jump(seconds=30)
    await town.warn("red", kind="cancel", replaces=first, reference="A7")
    await town.jump(minutes=3)
    second = await town.warn("red", hazard="flash_flood", reference="B8")
    await town.jump(seconds=5)
    await holder.says("收到")
    assert await town.state_of(holder, first) == "withdrawn"
    assert await town.state_of(holder, second) == "open"
    assert "1 B8" in (await holder.texts())[-1]
    await holder.says("1 B8")
    assert await town.state_of(holder, second) == "answered"


async def test_a_report_of_moved_people_names_what_is_still_open(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", reference="A7")
    await town.jump(minutes=3)
    await town.warn("red", hazard="flash_flood", reference="B8")
    await town.jump(seconds=5)
    await holder.says("12户35人")
    assert await town.state_of(holder, first) == "answered"
    confirmation = (await holder.texts())[-1]
    assert "12户35人" in confirmation
    assert "B8" in confirmation


async def test_somebody_still_in_the_queue_is_not_passed_over(database: Database, redis_url: str) -> None:
    async with open_town(database, redis_url, JIAOYING_SIMULATOR_LINES="1") as town:
        holders = [await town.person(f"赵演示{number}") for number in range(8)]
        deputies = [await town.person(f"钱演示{number}") for number in range(8)]
        for holder, deputy in zip(holders, deputies, strict=True):
            await town.post(VILLAGE, f"防汛责任人{holder.name}", holder, deputy=deputy)
        await town.warn("orange", areas=[VILLAGE])
        for _ in range(20):
            await town.jump(seconds=20)
            for holder, deputy in zip(holders, deputies, strict=True):
                if await deputy.calls():
                    assert await holder.calls()
        assert sum([await holder.calls() for holder in holders]) >= 4


async def test_cancel_stands_everybody_down_and_tells_exactly_those_reached(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=30)
    await town.warn("red", kind="cancel", replaces=warning, reference="A7")
    await town.jump(minutes=30)
    assert await town.states("call_outs", warning) == {"withdrawn": 1}
    assert await town.states("responsibilities", warning) == {"withdrawn": 1}
    assert await holder.calls() == 1
    assert len(await holder.texts()) == 2
    assert await deputy.texts() == []


async def test_one_person_in_several_posts_is_rung_once(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    for village in (VILLAGE, OTHER_VILLAGE):
        await town.post(village, "防汛责任人", holder)
    warning = await town.warn("red")
    await town.jump(minutes=5)
    assert await holder.calls() == 1
    assert await town.states("responsibilities", warning) == {"covered": 2}


async def test_a_late_answer_counts_and_is_marked(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=30)
    assert await town.state_of(holder, warning) == "exhausted"
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    await holder.says("收到")
    assert await town.state_of(holder, warning) == "answered"
    assert await town.listed(warning) == []
    assert await town.value("SELECT late FROM call_outs") is True


async def test_nobody_matched_is_an_explained_line_and_an_alarm(town: Town) -> None:
    warning = await town.warn("red", areas=["140522000000"])
    assert "warning.nobody_matched" in await town.events(warning)
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'nobody_matched'") == 1


async def test_duty_desks_are_called_at_blue_and_their_fixed_number_where_nobody_stands(
    town: Town,
) -> None:
    county, fixed = await town.person("周演示", "answers"), await town.person("龙港镇值班电话", "answers")
    await town.desk(COUNTY, "县应急值班室", county)
    await town.desk(TOWNSHIP, "龙港镇值班室", None, fallback=fixed)
    warning = await town.warn("blue", areas=[VILLAGE])
    await town.jump(minutes=3)
    assert await town.state_of(county, warning) == "answered"
    assert await town.state_of(fixed, warning) == "answered"


async def test_a_reply_from_nobody_is_kept_and_shown(town: Town) -> None:
    stranger = await town.person("路人")
    async with town.database.transaction() as tx:
        await tx.exec_driver_sql("DELETE FROM contact_numbers")
    await stranger.says("你好")
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'unknown_number'") == 1
    assert await town.value("SELECT count(*) FROM inbox_items WHERE outcome = 'unknown_number'") == 1


async def test_a_danger_word_goes_to_the_officer_at_once(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await holder.says("村后山滑坡了，有人被困")
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'danger'") == 1
    assert len(await holder.texts()) == 1


async def test_a_phone_that_answers_every_text_by_itself_is_not_talked_with_for_ever(town: Town) -> None:
    holder = await town.person("赵演示", "replies")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=30)
    assert await town.state_of(holder, warning) == "answered"
    # The call, what was understood, and once: are you at your post?
    assert len(await holder.texts()) == 3


async def test_nor_one_that_says_it_is_on_post_to_every_text(town: Town) -> None:
    holder = await town.person("赵演示", "ignores")
    await town.post(VILLAGE, "防汛责任人", holder)
    await town.warn("red", areas=[VILLAGE])
    for _ in range(3):
        await town.jump(seconds=30)
        await holder.says("到岗")
    assert len(await holder.texts()) == 2
    await holder.says("转12户35人")
    assert len(await holder.texts()) == 3


async def test_a_strange_word_under_a_drill_is_answered_as_a_drill(town: Town) -> None:
    holder = await town.person("赵演示", "ignores")
    await town.post(VILLAGE, "防汛责任人", holder)
    await town.warn("red", areas=[VILLAGE], exercise=True)
    await town.jump(seconds=30)
    await holder.says("你好")
    assert all("【演练】" in str(text) for text in await holder.texts())
