"""Whoever comes on duty signs on; where nobody does, the desk hears of it while there is time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from jiaoying.dispatch.stages.presence import PresenceStage
from jiaoying.duty.actions import Doer, put_in
from jiaoying.duty.model import Role
from jiaoying.duty.planning import DeskPlan, plan_as_data
from jiaoying.duty.sign_ons import sign_on, sign_ons_of, watches_of
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, desks, shifts
from town import TOWNSHIP, Phone, Town, open_town

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
