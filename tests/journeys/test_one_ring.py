"""One person, one ring: what is due together is one call and one text, ticked by one answer.

GoAlert's tests of the same names, re-enacted with people and phones: dedupnotifications (a person named
twice is told once), messagebundlesms and messagebundlevoice (several alerts are one message, and one answer
acknowledges all), prioritization (what matters more is told first).
"""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import update

from jiaoying.dispatch.actions import withdraw_warning
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from town import OTHER_VILLAGE, VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def holder(town: Town) -> Phone:
    phone = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", phone)
    return phone


async def both(town: Town) -> tuple[UUID, UUID]:
    """Two warnings that are matched in one moment."""
    rain = await town.warn("red", areas=[VILLAGE], settles=False)
    flood = await town.warn("orange", areas=[VILLAGE], hazard="flash_flood", reference="B3", settles=False)
    for _ in range(2):
        await town.stage("match").run_once(town.engine, town.clock.now())
    await town.settle()
    return rain, flood


async def test_two_warnings_at_once_are_one_call_and_one_text_and_one_answer_ticks_both(
    town: Town, holder: Phone
) -> None:
    """messagebundlesms, dedupnotifications: the person holds five posts, too."""
    for kind in ("地质灾害群测群防员", "山洪灾害监测员", "网格员", "灾害信息员"):
        await town.post(VILLAGE, kind, holder)
    rain, flood = await both(town)
    await town.jump(seconds=20)
    assert await holder.calls() == 1
    [told] = await holder.texts()
    assert "2条预警：A7 " in told
    assert "；B3 " in told
    assert "全部收到回复1，只应一条回复“1 A7”" in told
    await holder.says("1")
    assert await town.state_of(holder, rain) == await town.state_of(holder, flood) == "answered"
    assert "A7、B3，您的应答已收到" in (await holder.texts())[-1]
    for warning in (rain, flood):
        events = await town.events(warning)
        assert events.count("attempt.planned") == 2
        # The confirmation is told under one of them.
        assert events.count("attempt.accepted") in (2, 3)
        assert "attempt.answered" in events
    await town.jump(minutes=30)
    assert await holder.calls() == 1


async def test_key_1_in_one_call_ticks_all_that_it_named(town: Town, holder: Phone) -> None:
    """messagebundlevoice."""
    await holder.does("answers")
    rain, flood = await both(town)
    await town.jump(minutes=2)
    [heard] = await holder.heard()
    assert "编号A，七；" in heard
    assert "编号B，三" in heard
    assert await town.state_of(holder, rain) == await town.state_of(holder, flood) == "answered"
    await town.jump(minutes=30)
    assert await holder.calls() == 1


async def test_a_third_while_the_phone_rings_is_texted_at_once_and_named_in_the_next_call(
    town: Town, holder: Phone
) -> None:
    await both(town)
    await town.jump(seconds=5)
    third = await town.warn("orange", areas=[VILLAGE], hazard="geohazard", reference="C4")
    assert await holder.calls() == 1
    assert "C4" in (await holder.texts())[-1]
    await town.jump(minutes=1, seconds=30)
    first, second = await holder.heard()
    assert "C，四" not in first
    assert all(name in second for name in ("编号A，七", "编号B，三", "编号C，四"))
    # Only what the last message named and what had been read is ticked: the call named all three.
    await town.jump(seconds=15)
    await holder.says("1")
    assert await town.state_of(holder, third) == "answered"


async def test_one_alone_is_answered_and_the_others_are_called_on(town: Town, holder: Phone) -> None:
    rain, flood = await both(town)
    await town.jump(seconds=20)
    await holder.says("1 A7")
    assert await town.state_of(holder, rain) == "answered"
    assert await town.state_of(holder, flood) == "open"
    assert "B3还未应答" in (await holder.texts())[-1]
    await town.jump(minutes=2)
    assert "编号B，三" in (await holder.heard())[-1]
    assert "编号A" not in (await holder.heard())[-1]


async def test_a_drill_is_never_named_with_a_real_warning_and_comes_after_it(
    town: Town, holder: Phone
) -> None:
    """prioritization: what matters more is told first, whatever came first."""
    drill = await town.warn("red", areas=[VILLAGE], exercise=True, settles=False)
    real = await town.warn("blue", areas=[VILLAGE], hazard="geohazard", reference="B3", settles=False)
    graver = await town.warn("orange", areas=[VILLAGE], hazard="flash_flood", reference="C4")
    assert await holder.calls() == 1
    assert not [told for told in await holder.texts() if "演练" in told and ("B3" in told or "C4" in told)]
    assert "演练" not in (await holder.heard())[0]
    await town.jump(seconds=20)
    await holder.says("1 C4")
    await holder.says("1 B3")
    assert await town.state_of(holder, graver) == await town.state_of(holder, real) == "answered"
    assert await town.state_of(holder, drill) == "open"
    await town.jump(minutes=2)
    assert "演练" in (await holder.heard())[1]


async def test_what_waits_in_the_queue_is_named_together_and_a_cancelled_one_is_not_spoken_of(
    database: Database, redis_url: str
) -> None:
    """One line, which a neighbour's phone takes up."""
    async with open_town(database, redis_url, JIAOYING_SIMULATOR_LINES="1") as town:
        neighbour, holder = await town.person("钱演示"), await town.person("赵演示")
        await town.post(OTHER_VILLAGE, "防汛责任人", neighbour)
        await town.post(VILLAGE, "防汛责任人", holder)
        await town.warn("red", areas=[OTHER_VILLAGE])
        rain = await town.warn("orange", areas=[VILLAGE], reference="B3")
        flood = await town.warn("orange", areas=[VILLAGE], hazard="flash_flood", reference="C4")
        slope = await town.warn("orange", areas=[VILLAGE], hazard="geohazard", reference="D5")
        assert (await neighbour.calls(), await holder.calls()) == (1, 0)
        async with town.database.transaction() as tx:
            await withdraw_warning(tx, flood, by="值班员", reason="cancelled", now=town.clock.now())
        await town.settle()
        await town.jump(seconds=90)
        [heard] = await holder.heard()
        assert "编号B，三" in heard
        assert "编号D，五" in heard
        assert "编号C" not in heard
        assert await town.state_of(holder, rain) == await town.state_of(holder, slope) == "open"
        await holder.does("answers")
        await town.jump(minutes=4)
        assert await town.state_of(holder, rain) == await town.state_of(holder, slope) == "answered"
        assert await holder.calls() == 2


async def test_two_people_with_one_telephone_are_rung_one_after_the_other(town: Town) -> None:
    """The telephone of a village office: a second call at once would find it busy, try after try."""
    zhao, qian = await town.person("赵演示"), await town.person("钱演示")
    async with town.database.transaction() as tx:
        shared = update(schema.contact_numbers).where(schema.contact_numbers.c.contact_id == qian.contact_id)
        await tx.execute(shared.values(number=zhao.number))
    await town.post(VILLAGE, "防汛责任人", zhao)
    await town.post(OTHER_VILLAGE, "防汛责任人", qian)
    await town.warn("red")
    await town.jump(minutes=10)
    ended = (
        "SELECT count(*) FROM attempts WHERE channel = 'voice' AND contact_id = :who AND outcome_code = :code"
    )
    for person in (zhao, qian):
        assert await town.value(ended, who=person.contact_id, code="no-answer") == 3
        assert await town.value(ended, who=person.contact_id, code="busy") == 0
