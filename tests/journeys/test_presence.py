"""Whoever comes on duty signs on; where nobody does, the desk hears of it while there is time."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, update

from jiaoying.contacts.importing.merging import merge_people
from jiaoying.dispatch.stages.presence import PresenceStage
from jiaoying.duty.actions import Doer, put_in
from jiaoying.duty.log_store import own_lines
from jiaoying.duty.model import Role
from jiaoying.duty.planning import DeskPlan, plan_as_data
from jiaoying.duty.sign_ons import sign_on, sign_ons_of, watches_of
from jiaoying.duty.store import save_shifts, shifts_by_id
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, desks, shifts
from town import COUNTY, TOWNSHIP, Phone, Town, open_town

SHIFT = timedelta(hours=12)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def shift_in(town: Town, minutes: float, officer: Phone, leader: Phone | None = None) -> UUID:
    """A desk at which people sign on, and a shift that begins there in so many minutes."""
    now, desk_id, shift_id = town.clock.now(), new_id(town.clock.now()), new_id(town.clock.now())
    starts_at = now + timedelta(minutes=minutes)
    async with town.database.transaction() as tx:
        await tx.execute(
            insert(desks).values(
                id=desk_id,
                area_code=TOWNSHIP,
                name="龙港镇值班室",
                plan=plan_as_data(DeskPlan(signs_on=True)),
            )
        )
        await tx.execute(
            insert(shifts).values(
                id=shift_id,
                desk_id=desk_id,
                starts_at=starts_at,
                ends_at=starts_at + SHIFT,
                officer_id=officer.contact_id,
                leader_id=leader and leader.contact_id,
            )
        )
    return shift_id


async def told(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        return list(
            await tx.scalars(
                select(alarms.c.text).where(alarms.c.cleared_at.is_(None), alarms.c.kind.like("presence:%"))
            )
        )


async def signed(town: Town, shift_id: UUID) -> list[tuple[Role, UUID, str]]:
    async with town.database.transaction() as tx:
        found = (await sign_ons_of(tx, [shift_id])).get(shift_id, [])
    return [(one.role, one.person_id, one.how) for one in found]


async def state_of(town: Town, shift_id: UUID) -> str:
    async with town.database.transaction() as tx:
        return (await watches_of(tx, [shift_id]))[shift_id].state


async def test_an_answer_to_the_text_of_the_start_signs_on(town: Town) -> None:
    officer = await town.person("赵演示")
    shift_id = await shift_in(town, 30, officer)
    await town.jump(minutes=29)
    assert await officer.texts() == []
    await town.jump(minutes=2)
    (text,) = await officer.texts()
    assert text == (
        "【沁水县应急值班室】A2 值班签到。龙港镇值班室：请到岗签到。今日值班：10:30–22:30。"
        "收到回复1，不在岗回复2，需回电回复3。"
    )
    await officer.says("1")
    await town.settle()
    assert await signed(town, shift_id) == [(Role.OFFICER, officer.contact_id, "text")]
    assert await state_of(town, shift_id) == "manned"
    await town.jump(minutes=30)
    assert (await officer.calls(), await told(town)) == (0, [])


async def test_nobody_signs_on(town: Town) -> None:
    """A text, then calls, then the leader; after ten minutes the desk hears of it, until somebody comes."""
    officer, leader = await town.person("赵演示"), await town.person("孙演示")
    shift_id = await shift_in(town, 1, officer, leader)
    await town.jump(minutes=10)
    assert await officer.calls() >= 1
    assert await told(town) == []
    await town.jump(minutes=2)
    assert await told(town) == ["龙港镇值班室：10:01 开始的班还没有人签到，请打电话过去，或者换人顶班"]
    await town.jump(minutes=6)
    assert len(await leader.texts()) == 1
    assert await state_of(town, shift_id) == "missed"
    await officer.says("1")
    await town.settle()
    assert await told(town) == []
    assert await state_of(town, shift_id) == "manned"
    calls = await officer.calls() + await leader.calls()
    await town.jump(minutes=60)
    assert await officer.calls() + await leader.calls() == calls


async def test_the_leader_who_answers_does_not_man_the_desk(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("孙演示", "answers")
    shift_id = await shift_in(town, 1, officer, leader)
    await town.jump(minutes=30)
    assert await signed(town, shift_id) == [(Role.LEADER, leader.contact_id, "key")]
    assert len(await told(town)) == 1
    # To the end of the shift, and no longer.
    await town.jump(minutes=60 * 12, step_s=600)
    assert (await told(town), await state_of(town, shift_id)) == ([], "over")


async def test_who_cannot_come_is_told_at_once(town: Town) -> None:
    officer = await town.person("赵演示")
    await shift_in(town, 1, officer)
    await town.jump(minutes=2)
    await officer.says("2")
    await town.settle()
    assert await told(town) == ["龙港镇值班室：赵演示来不了 10:01 开始的班，请在值班表里换人顶班"]


async def test_signing_on_at_the_page_ends_the_asking(town: Town) -> None:
    officer, other = await town.person("赵演示"), await town.person("钱演示")
    shift_id = await shift_in(town, 1, officer)
    await town.jump(minutes=2)
    doer = Doer("test", "顶班", town.clock.now(), town.engine.timezone)
    async with town.database.transaction() as tx:
        with pytest.raises(Refusal, match="不在这一班"):
            await sign_on(tx, shift_id, other.contact_id, doer)
        await put_in(tx, shift_id, Role.OFFICER, other.contact_id, doer)
    await town.jump(minutes=1)
    doer = Doer("test", "", town.clock.now(), town.engine.timezone)
    async with town.database.transaction() as tx:
        first = await sign_on(tx, shift_id, other.contact_id, doer)
        assert await sign_on(tx, shift_id, other.contact_id, doer) == first
    await town.settle()
    assert await state_of(town, shift_id) == "manned"
    await town.jump(minutes=30)
    assert (await officer.calls(), await other.calls()) == (0, 0)


async def test_two_workers_and_a_crash_ask_once(town: Town) -> None:
    """Whoever runs beside another, or again after a kill, finds the watch that is there: one text."""
    officer = await town.person("赵演示")
    await shift_in(town, 0, officer)
    now = town.clock.now()
    await asyncio.gather(*(PresenceStage().run_once(town.engine, now) for _ in range(4)))
    await PresenceStage().run_once(town.engine, now)
    await town.settle()
    await town.jump(minutes=1)
    assert len(await officer.texts()) == 1


async def test_the_officer_who_answers_after_the_leader_mans_the_desk(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("孙演示", "answers")
    shift_id = await shift_in(town, 1, officer, leader)
    await town.jump(minutes=30)
    assert len(await told(town)) == 1
    await officer.says("1")
    await town.settle()
    assert (await told(town), await state_of(town, shift_id)) == ([], "manned")


async def test_of_two_officers_each_who_answers_has_come(town: Town) -> None:
    """One declines, and it is told; the other answers; then the first can come after all."""
    one, two = await town.person("赵演示"), await town.person("钱演示")
    shift_id = await shift_in(town, 1, one)
    async with town.database.transaction() as tx:
        await tx.execute(update(shifts).values(second_id=two.contact_id))
    await town.jump(minutes=2)
    await one.says("2")
    await town.settle()
    assert len(await told(town)) == 1
    await two.says("1")
    await town.settle()
    assert (await told(town), await state_of(town, shift_id)) == ([], "manned")
    await town.jump(seconds=30)
    await one.says("1")
    await town.settle()
    came = [(Role.SECOND, two.contact_id, "text"), (Role.OFFICER, one.contact_id, "text")]
    assert await signed(town, shift_id) == came


async def test_an_answer_after_the_shift_is_no_sign_on(town: Town) -> None:
    officer = await town.person("赵演示")
    shift_id = await shift_in(town, 1, officer)
    await town.jump(minutes=60 * 13, step_s=600)
    await officer.says("1")
    await town.settle()
    assert (await signed(town, shift_id), await state_of(town, shift_id)) == ([], "over")


async def test_who_signed_on_before_anybody_looked_is_not_asked(town: Town) -> None:
    officer = await town.person("赵演示")
    shift_id = await shift_in(town, 0, officer)
    doer = Doer("test", "", town.clock.now(), town.engine.timezone)
    async with town.database.transaction() as tx:
        await sign_on(tx, shift_id, officer.contact_id, doer)
    await town.jump(minutes=20)
    assert (await officer.texts(), await officer.calls()) == ([], 0)
    assert await state_of(town, shift_id) == "manned"


async def test_a_sign_on_that_is_sent_twice_is_one(town: Town) -> None:
    """Two clicks at once, while the stage looks at the same shift."""
    officer = await town.person("赵演示")
    shift_id = await shift_in(town, 0, officer)
    await town.settle()
    doer = Doer("test", "", town.clock.now(), town.engine.timezone)

    async def click() -> UUID:
        async with town.database.transaction() as tx:
            one = await sign_on(tx, shift_id, officer.contact_id, doer)
            await asyncio.sleep(0.2)
            return one.id

    look = PresenceStage().run_once(town.engine, town.clock.now())
    *clicks, _ = await asyncio.gather(click(), click(), click(), look)
    assert len(set(clicks)) == 1
    assert len(await signed(town, shift_id)) == 1


async def test_two_records_that_become_one_have_come_as_one(town: Town) -> None:
    """The list had the officer twice; whoever answered under the younger record has come under the elder."""
    elder, younger = await town.person("赵演示"), await town.person("赵演示二")
    shift_id = await shift_in(town, 1, younger)
    await town.jump(minutes=2)
    await younger.says("1")
    await town.settle()
    now = town.clock.now()
    async with town.database.transaction() as tx:
        one, two = elder.contact_id, younger.contact_id
        await merge_people(tx, one, two, today=now.date(), now=now, actor="test")
    await town.jump(minutes=30)
    assert await signed(town, shift_id) == [(Role.OFFICER, elder.contact_id, "text")]
    assert (await told(town), await elder.texts()) == ([], [])


async def test_two_records_become_one_between_the_text_and_the_answer(town: Town) -> None:
    elder, younger = await town.person("赵演示"), await town.person("赵演示二")
    shift_id = await shift_in(town, 1, younger)
    await town.jump(minutes=2)
    await younger.says("1")
    now = town.clock.now()
    async with town.database.transaction() as tx:
        one, two = elder.contact_id, younger.contact_id
        await merge_people(tx, one, two, today=now.date(), now=now, actor="test")
    await town.settle()
    assert await signed(town, shift_id) == [(Role.OFFICER, elder.contact_id, "text")]
    assert await state_of(town, shift_id) == "manned"


async def test_the_log_of_a_desk_tells_who_came_and_of_no_warning_that_was_none(town: Town) -> None:
    officer = await town.person("赵演示")
    shift_id = await shift_in(town, 1, officer)
    other = await town.desk(COUNTY, "县应急值班室", await town.person("钱演示"))
    begin = town.clock.now()
    await town.jump(minutes=13)
    await officer.says("1")
    await town.settle()
    async with town.database.transaction() as tx:
        (shift,) = await shifts_by_id(tx, [shift_id])
        end = town.clock.now() + timedelta(minutes=1)
        own = [line.event for line in await own_lines(tx, shift.desk_id, begin, end)]
        elsewhere = [line.event for line in await own_lines(tx, other, begin, end)]
    assert [event for event in own if event != "alarm.raised"] == ["shift.not_manned", "shift.signed_on"]
    assert set(elsewhere) == {"alarm.raised"}


async def test_the_leader_who_signs_on_early_does_not_hide_that_no_officer_has_come(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("孙演示")
    shift_id = await shift_in(town, 0, officer, leader)
    await town.settle()
    await town.jump(minutes=2)
    doer = Doer("test", "", town.clock.now(), town.engine.timezone)
    async with town.database.transaction() as tx:
        await sign_on(tx, shift_id, leader.contact_id, doer)
    await town.jump(minutes=9)
    assert len(await told(town)) == 1


async def test_a_shift_that_ends_earlier_by_a_new_list_is_over_then(town: Town) -> None:
    officer = await town.person("赵演示")
    shift_id = await shift_in(town, 0, officer)
    await town.settle()
    await town.jump(minutes=15)
    assert len(await told(town)) == 1
    now = town.clock.now()
    async with town.database.transaction() as tx:
        (shift,) = await shifts_by_id(tx, [shift_id])
        sooner = replace(shift, ends_at=now + timedelta(minutes=30))
        await save_shifts(tx, [sooner], now=now, actor="test")
    await town.jump(minutes=31)
    assert (await told(town), await state_of(town, shift_id)) == ([], "over")
