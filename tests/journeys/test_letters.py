"""A reminder letter reaches every unit, each confirms it for itself, and the desk hears who has not."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from jiaoying.dispatch.letter_calls import paragraphs
from jiaoying.duty.actions import Doer
from jiaoying.duty.letters import actions, store
from jiaoying.duty.letters.actions import Addressee
from jiaoying.duty.letters.model import Draft, Letter, LetterState, UnitState, WarningTold
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms
from town import COUNTY, TOWNSHIP, Phone, Town, open_town

DRAFT = Draft(
    "关于做好暴雨橙色预警期间风险防范工作的提醒函",
    "沁水应急函",
    "zh-CN",
    "西部山区土壤含水量已近饱和。",
    "一、加密巡查地质灾害隐患点。\n二、备足转移车辆。",
    120,
    WarningTold("沁水县气象台", "暴雨橙色预警", "沁水县", "7月15日10时", "7月15日10时至22时", "有暴雨。"),
)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


def by(town: Town, actor: str, reason: str = "") -> Doer:
    return Doer(f"user:{actor}", reason, town.clock.now(), town.engine.timezone)


async def draft(town: Town, *units: Addressee, draft: Draft = DRAFT) -> Letter:
    async with town.database.transaction() as tx:
        return await actions.write(tx, draft, units, by(town, "officer"), warning_id=None, exercise=False)


async def signed(town: Town, *units: Addressee, draft_: Draft = DRAFT) -> Letter:
    letter = await draft(town, *units, draft=draft_)
    async with town.database.transaction() as tx:
        body = paragraphs(letter.draft, [unit.label for unit in units], "沁水县应急值班室")
        return await actions.sign(tx, letter.id, body, by(town, "leader"), seen=letter.version)


async def sent(town: Town, *units: Addressee) -> Letter:
    letter = await signed(town, *units)
    async with town.database.transaction() as tx:
        letter = await actions.send(tx, letter.id, by(town, "officer"))
    await town.settle()
    return letter


async def desk(town: Town, area: str, name: str, officer: Phone, leader: Phone | None = None) -> Addressee:
    return Addressee(await town.desk(area, name, officer, leader), None, name)


async def receipts(town: Town, letter: Letter) -> dict[str, UnitState]:
    async with town.database.transaction() as tx:
        return {unit.label: unit.state for unit in (await store.units_of(tx, [letter.id]))[letter.id]}


async def told(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        kind = alarms.c.kind.like("letter_silent:%")
        return list(await tx.scalars(select(alarms.c.text).where(alarms.c.cleared_at.is_(None), kind)))


async def test_each_unit_confirms_for_itself_by_text(town: Town) -> None:
    one, other = await town.person("赵演示"), await town.person("钱演示")
    letter = await sent(
        town,
        await desk(town, TOWNSHIP, "龙港镇值班室", one),
        await desk(town, COUNTY, "县水务局值班室", other),
    )
    (text,) = await one.texts()
    assert "沁水应急函〔2026〕1号《关于做好暴雨橙色预警期间风险防范工作的提醒函》" in text
    assert "一、加密巡查地质灾害隐患点" in text
    assert await one.calls() == 0
    await town.jump(seconds=30)
    await one.says("1")
    await town.jump(seconds=10)
    assert await receipts(town, letter) == {
        "龙港镇值班室": UnitState.CONFIRMED,
        "县水务局值班室": UnitState.ASKED,
    }
    async with town.database.transaction() as tx:
        first, _ = (await store.units_of(tx, [letter.id]))[letter.id]
        ((waiting, units),) = await store.unconfirmed_letters(tx)
    assert (first.confirmed_by, first.confirmed_how) == (one.contact_id, "text")
    assert (waiting.id, [unit.label for unit in units]) == (letter.id, ["县水务局值班室"])


async def test_silence_is_called_after_two_hours_then_the_leader_then_an_alarm_names_the_unit(
    town: Town,
) -> None:
    officer, leader = await town.person("赵演示"), await town.person("孙演示")
    letter = await sent(town, await desk(town, TOWNSHIP, "龙港镇值班室", officer, leader))
    await town.jump(minutes=119)
    assert await officer.calls() == 0
    assert len(await officer.texts()) == 2  # again after an hour
    await town.jump(minutes=5)
    assert await officer.calls() >= 1
    assert await leader.calls() == 0
    assert await told(town) == []
    await town.jump(minutes=15)
    assert await leader.calls() >= 1
    await town.jump(minutes=30)
    assert await receipts(town, letter) == {"龙港镇值班室": UnitState.SILENT}
    assert await told(town) == [
        "沁水应急函〔2026〕1号《关于做好暴雨橙色预警期间风险防范工作的提醒函》未签收：龙港镇值班室。请电话督促签收"
    ]
    # A late confirmation counts, and the alarm goes.
    await leader.says("收到")
    await town.jump(seconds=10)
    assert await receipts(town, letter) == {"龙港镇值班室": UnitState.CONFIRMED}
    assert await told(town) == []


async def test_who_cannot_come_has_not_confirmed(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("孙演示", "answers")
    letter = await sent(town, await desk(town, TOWNSHIP, "龙港镇值班室", officer, leader))
    await town.jump(seconds=30)
    await officer.says("2")
    await town.jump(seconds=10)
    assert (await receipts(town, letter))["龙港镇值班室"] is UnitState.ASKED
    await town.jump(minutes=5)
    assert (await receipts(town, letter))["龙港镇值班室"] is UnitState.CONFIRMED
    assert await leader.calls() == 1


async def test_a_post_is_asked_by_name_then_its_deputy(town: Town) -> None:
    await town.desk(COUNTY, "县应急值班室", await town.person("李演示"))
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    post = await town.post(TOWNSHIP, "防汛责任人", holder, deputy=deputy, tier="township")
    letter = await sent(town, Addressee(None, post, "龙港镇 防汛责任人"))
    assert len(await holder.texts()) == 1
    await town.jump(minutes=140)
    assert await deputy.calls() >= 1
    await deputy.says("1")
    await town.jump(seconds=10)
    assert await receipts(town, letter) == {"龙港镇 防汛责任人": UnitState.CONFIRMED}


async def test_a_vacant_post_is_told_at_once(town: Town) -> None:
    await town.desk(COUNTY, "县应急值班室", await town.person("李演示"))
    post = await town.post(TOWNSHIP, "防汛责任人", None, tier="township")
    letter = await sent(town, Addressee(None, post, "龙港镇 防汛责任人"))
    assert await receipts(town, letter) == {"龙港镇 防汛责任人": UnitState.SILENT}
    assert len(await told(town)) == 1


async def test_nobody_signs_what_they_wrote_and_what_is_signed_is_never_changed(town: Town) -> None:
    unit = await desk(town, TOWNSHIP, "龙港镇值班室", await town.person("赵演示"))
    letter = await draft(town, unit)
    async with town.database.transaction() as tx:
        with pytest.raises(Refusal, match="须由他人签发"):
            await actions.sign(tx, letter.id, ["正文"], by(town, "officer"), seen=1)
        with pytest.raises(Refusal, match="重新阅读"):
            await actions.sign(tx, letter.id, ["正文"], by(town, "leader"), seen=2)
        with pytest.raises(Refusal, match="状态已变化"):
            await actions.send(tx, letter.id, by(town, "officer"))
        await actions.sign(tx, letter.id, ["正文"], by(town, "leader"), seen=1)
        for act in (
            actions.change(tx, letter.id, DRAFT, [unit], by(town, "officer"), seen=1),
            actions.discard(tx, letter.id, by(town, "officer")),
            actions.sign(tx, letter.id, ["另一份"], by(town, "leader"), seen=1),
        ):
            with pytest.raises(Refusal, match="状态已变化"):
                await act


async def test_numbers_of_a_year_have_no_gaps_and_no_twins(town: Town) -> None:
    unit = await desk(town, TOWNSHIP, "龙港镇值班室", await town.person("赵演示"))
    thrown = await draft(town, unit)
    async with town.database.transaction() as tx:
        await actions.discard(tx, thrown.id, by(town, "officer"))
    numbers = [(await signed(town, unit)).number for _ in range(2)]
    third = await signed(town, unit)
    async with town.database.transaction() as tx:
        await actions.withdraw(tx, third.id, by(town, "officer", "重复"))
    fourth = await signed(town, unit)
    other = await signed(town, unit, draft_=replace(DRAFT, series="沁水防汛函"))
    assert [*numbers, third.number, fourth.number, other.number] == [1, 2, 3, 4, 1]


async def test_letters_that_are_signed_at_once_get_numbers_of_their_own(town: Town) -> None:
    unit = await desk(town, TOWNSHIP, "龙港镇值班室", await town.person("赵演示"))
    drafts = [await draft(town, unit) for _ in range(4)]

    async def sign(letter: Letter) -> int | None:
        async with town.database.transaction() as tx:
            return (await actions.sign(tx, letter.id, ["正文"], by(town, "leader"), seen=1)).number

    numbers = await asyncio.gather(*map(sign, drafts))
    assert sorted(number or 0 for number in numbers) == [1, 2, 3, 4]


async def test_a_withdrawn_letter_is_told_to_whoever_was_reached_and_calls_nobody(town: Town) -> None:
    one, other, leader = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    letter = await sent(
        town,
        await desk(town, TOWNSHIP, "龙港镇值班室", one),
        await desk(town, COUNTY, "县水务局值班室", other, leader),
    )
    await town.jump(seconds=30)
    await one.says("1")
    await town.jump(seconds=10)
    async with town.database.transaction() as tx:
        with pytest.raises(Refusal):
            await actions.withdraw(tx, letter.id, by(town, "officer"))
        await actions.withdraw(tx, letter.id, by(town, "officer", "预警已解除"))
    await town.settle()
    await town.jump(minutes=300)
    assert await receipts(town, letter) == {
        "龙港镇值班室": UnitState.CONFIRMED,
        "县水务局值班室": UnitState.WITHDRAWN,
    }
    for phone in (one, other):
        last = (await phone.texts())[-1]
        assert "风险提醒函已撤回" in last
        assert "沁水应急函〔2026〕1号，原因：预警已解除" in last
    assert await leader.texts() == []
    assert await other.calls() == 0
    assert await told(town) == []
    async with town.database.transaction() as tx:
        kept = await store.letter_by_id(tx, letter.id)
    assert kept is not None
    assert (kept.state, kept.number) == (LetterState.WITHDRAWN, 1)


async def test_who_is_being_called_while_it_is_withdrawn_is_not_forgotten(town: Town) -> None:
    letter = await sent(town, await desk(town, TOWNSHIP, "龙港镇值班室", await town.person("赵演示")))
    async with town.database.transaction() as tx:
        (unit,) = (await store.units_of(tx, [letter.id]))[letter.id]
        await store.store_units(tx, [replace(unit, call_id=None, next_at=town.clock.now())])

    async def withdraw() -> None:
        async with town.database.transaction() as other:
            await actions.withdraw(other, letter.id, by(town, "officer", "预警已解除"))

    async with town.database.transaction() as tx:
        (claimed,) = await store.claim_due(tx, town.clock.now(), 10)
        withdrawing = asyncio.create_task(withdraw())
        await asyncio.sleep(0.5)
        await store.store_units(tx, [replace(claimed, call_id=unit.call_id)])
    await withdrawing
    async with town.database.transaction() as tx:
        (after,) = (await store.units_of(tx, [letter.id]))[letter.id]
    assert after.call_id == unit.call_id


async def test_what_is_wrong_with_a_draft_is_named(town: Town) -> None:
    wrong = replace(DRAFT, title=" ", series="", requests="", confirm_minutes=5)
    with pytest.raises(Refusal) as refused:
        await draft(town, draft=wrong)
    fields = {complaint.field for complaint in refused.value.complaints}
    assert fields == {"title", "series", "requests", "confirm_minutes", "units"}


async def test_two_workers_send_once(town: Town) -> None:
    officer = await town.person("赵演示")
    letter = await signed(town, await desk(town, TOWNSHIP, "龙港镇值班室", officer))
    async with town.database.transaction() as tx:
        await actions.send(tx, letter.id, by(town, "officer"))
    for _ in range(2):
        await type(town.stage("letters"))().run_once(town.engine, town.clock.now())
    await town.settle()
    assert len(await officer.texts()) == 1
    calls: int = await town.value("SELECT count(DISTINCT call_id) FROM letter_units")
    assert calls == 1
