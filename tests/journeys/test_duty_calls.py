"""A duty desk is called for something that is no warning, and an answer to that is never one to a warning."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from jiaoying.dispatch.board.officers import officers_list
from jiaoying.dispatch.board.warnings import list_warnings
from jiaoying.dispatch.duty_calls import DeskAsked, DeskOutcome, DutyCall, call_desks, end_call, outcomes_of
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Who
from jiaoying.duty.actions import Doer, take_leave
from jiaoying.duty.months import set_plan
from jiaoying.duty.planning import DeskPlan
from jiaoying.gateways.base import Channel
from jiaoying.storage.database import Database
from jiaoying.warnings.published import published_warnings
from jiaoying.warnings.purpose import Purpose
from journeys.desks import desk_of
from town import COUNTY, TOWNSHIP, Town, open_town
from web_town import add_users

HOUR = timedelta(hours=1)
BOTH = (Channel.SMS, Channel.VOICE)
LADDER = Ladder(
    ANY,
    300,
    (
        Rung((Who.DESK,), BOTH, tries=2, gap_s=60, wait_s=180),
        Rung((Who.LEADER,), BOTH, tries=1, gap_s=60, wait_s=120),
    ),
)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def call(town: Town, *asked: DeskAsked) -> UUID:
    now = town.clock.now()
    wanted = DutyCall(Purpose.ROLL_CALL, "夜间点名", "今晚点名。", now + timedelta(minutes=15))
    async with town.database.transaction() as tx:
        call_id = await call_desks(tx, town.engine, wanted, asked, now, actor="test")
    await town.settle()
    return call_id


async def outcomes(town: Town, call_id: UUID) -> list[DeskOutcome]:
    async with town.database.transaction() as tx:
        return await outcomes_of(tx, [call_id])


async def test_each_desk_answers_for_itself_and_the_silent_one_is_named(town: Town) -> None:
    wakes, sleeps, leads = await town.person("赵演示", "answers"), await town.person("钱演示"), "answers"
    leader = await town.person("孙演示", leads)
    one = await town.desk(TOWNSHIP, "龙港镇值班室", wakes)
    other = await town.desk(COUNTY, "沁水县水务局值班室", sleeps, leader)
    call_id = await call(
        town, DeskAsked(one, LADDER, "龙港镇值班室"), DeskAsked(other, LADDER, "水务局值班室")
    )
    await town.jump(minutes=10)
    county, township = await outcomes(town, call_id)
    assert (township.state, township.answerer) == ("covered", "赵演示")
    assert township.first_rung_at is not None
    assert township.answered_at is not None
    # Who stands there slept; the leader answered for them, and both are known.
    assert (county.answerer, set(county.asked_ids)) == ("孙演示", {sleeps.contact_id, leader.contact_id})
    assert (await wakes.texts())[0].startswith(
        "【沁水县应急值班室】A2 值班点名。龙港镇值班室：请回答在岗情况。"
    )


async def test_it_stands_in_no_list_of_warnings_and_goes_out_to_nobody(town: Town) -> None:
    desk = await town.desk(TOWNSHIP, "龙港镇值班室", await town.person("赵演示"))
    call_id = await call(town, DeskAsked(desk, LADDER, "龙港镇值班室"))
    await town.jump(minutes=20)
    (silent,) = await outcomes(town, call_id)
    assert (silent.state, silent.answered_by, silent.declined) == ("uncovered", None, False)
    async with town.database.transaction() as tx:
        assert await list_warnings(tx) == []
        assert await officers_list(tx, None, town.clock.now()) == []
        assert await published_warnings(tx, town.clock.now()) == []


async def test_its_page_offers_nothing_that_belongs_to_warnings(town: Town) -> None:
    await add_users(town.database)
    desk = await town.desk(TOWNSHIP, "龙港镇值班室", await town.person("赵演示"))
    call_id = await call(town, DeskAsked(desk, LADDER, "龙港镇值班室"))
    async for browser in desk_of(town, "officer"):
        shown = await browser.page(f"/warnings/{call_id}")
        for what in ("cap", "score", "replay", "stand-down", "steer", "broadcast"):
            assert f'/warnings/{call_id}/{what}"' not in shown
        assert (await browser.get(f"/warnings/{call_id}/cap")).status == 404


async def test_an_answer_to_it_leaves_the_warning_unanswered(town: Town) -> None:
    both = await town.person("赵演示")
    desk = await town.desk(TOWNSHIP, "龙港镇值班室", both)
    warning_id = await town.warn("orange")
    call_id = await call(town, DeskAsked(desk, LADDER, "龙港镇值班室"))
    await town.jump(seconds=40)
    await both.says("1 A2")
    assert [item.state for item in await outcomes(town, call_id)] == ["covered"]
    assert await town.state_of(both, warning_id) == "open"


async def test_who_declines_is_known_and_the_next_is_asked(town: Town) -> None:
    away, leader = await town.person("赵演示"), await town.person("孙演示")
    desk = await town.desk(TOWNSHIP, "龙港镇值班室", away, leader)
    call_id = await call(town, DeskAsked(desk, LADDER, "龙港镇值班室"))
    await town.jump(seconds=20)
    await away.says("2")
    await town.jump(seconds=20)
    (outcome,) = await outcomes(town, call_id)
    assert (outcome.answerer, outcome.declined) == ("赵演示", True)
    assert len(await leader.texts()) == 1


async def test_the_deputy_of_a_desk_is_asked_and_one_on_leave_is_passed_over(town: Town) -> None:
    officer, away, deputy = [await town.person(name) for name in ("赵演示", "钱演示", "周演示")]
    desk = await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    now = town.clock.now()
    doer = Doer("test", "家中有事", now, town.engine.timezone)
    async with town.database.transaction() as tx:
        deputies = [away.contact_id, deputy.contact_id]
        await set_plan(tx, desk, DeskPlan(), {}, doer, deputies=deputies)
        await take_leave(tx, away.contact_id, now - HOUR, now + HOUR, doer)
    then_deputy = Rung((Who.DEPUTY,), (Channel.SMS,), tries=1, gap_s=60, wait_s=120)
    ladder = Ladder(ANY, 300, (Rung((Who.DESK,), (Channel.SMS,), tries=1, gap_s=60, wait_s=60), then_deputy))
    await call(town, DeskAsked(desk, ladder, "龙港镇值班室"))
    await town.jump(minutes=3)
    assert [len(await phone.texts()) for phone in (officer, away, deputy)] == [1, 0, 1]


async def test_it_ends_quietly_when_it_is_not_needed_any_more(town: Town) -> None:
    phone = await town.person("赵演示")
    call_id = await call(town, DeskAsked(await town.desk(TOWNSHIP, "龙港镇值班室", phone), LADDER, "龙港镇"))
    now = town.clock.now()
    async with town.database.transaction() as tx:
        assert await end_call(tx, call_id, actor="test", reason="seen_to", now=now)
        assert not await end_call(tx, call_id, actor="test", reason="seen_to", now=now)
    await town.jump(minutes=10)
    assert await phone.calls() == 1
    assert len(await phone.texts()) == 1
