"""The end reaches exactly those who were reached, once, in whatever order the messages come."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from jiaoying.storage.database import Database
from journeys.messages import about, send
from town import OTHER_VILLAGE, VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def ends(phone: Phone) -> int:
    """How often this phone was told that the call-out is over."""
    return len([text for text in await phone.texts() if "本次叫应停止" in text])


async def test_those_reached_hear_it_once_in_the_order_in_which_they_were_reached(town: Town) -> None:
    holders = [await town.person(f"赵演示{number}", "answers") for number in range(5)]
    later, never = await town.person("钱演示"), await town.person("李演示")
    for holder in holders:
        await town.post(VILLAGE, f"防汛责任人{holder.name}", holder, deputy=never)
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=1)
    await town.post(OTHER_VILLAGE, "防汛责任人", later)
    await send(town, "u1", about(town, "orange", VILLAGE, OTHER_VILLAGE), kind="Update", names=("a1",))
    await town.jump(minutes=1)
    await send(town, "c1", about(town, "orange", VILLAGE, verb="解除"), kind="Cancel", names=("a1",))
    await town.jump(minutes=20)
    assert [await ends(phone) for phone in (*holders, later)] == [1] * 6
    assert await never.texts() == []
    order = """
        SELECT string_agg(contact_id::text, ' ' ORDER BY {moment}, id) FROM (
            SELECT DISTINCT ON (contact_id) contact_id, {moment}, id FROM attempts
            WHERE purpose = '{purpose}' ORDER BY contact_id, {moment}, id) AS first_one"""
    reached = await town.value(order.format(moment="claimed_at", purpose="call"))
    told = await town.value(order.format(moment="turn", purpose="stand_down"))
    assert told.split()[-1] == reached.split()[-1]
    assert sorted(told.split()) == sorted(reached.split())


async def test_two_cancels_of_one_warning_are_one(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    for identifier in ("c1", "c2"):
        await send(town, identifier, about(town, "orange", VILLAGE), kind="Cancel", names=("a1",))
        await town.jump(minutes=2)
    assert await ends(holder) == 1
    assert await town.value("SELECT count(*) FROM alarms") == 0


async def test_a_cancel_that_names_the_first_of_the_chain_ends_the_last(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    await send(town, "a1", about(town, "orange", VILLAGE))
    for number in (1, 2, 3):
        await town.jump(minutes=5)
        await send(town, f"u{number}", about(town, "orange", VILLAGE), kind="Update", names=("a1",))
    await send(town, "c1", about(town, "orange", VILLAGE), kind="Cancel", names=("a1",))
    await town.jump(minutes=5)
    assert (await holder.calls(), await ends(holder)) == (1, 1)
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE state = 'withdrawn'") == 4


async def test_an_expired_cancel_ends_what_runs(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    past = "2026-07-15T09:00:00+08:00"
    await send(town, "c1", about(town, "orange", VILLAGE, expires=past), kind="Cancel", names=("a1",))
    assert await ends(holder) == 1


async def test_a_cancel_that_comes_before_its_alert_leaves_everybody_asleep(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await send(town, "c1", about(town, "orange", VILLAGE), kind="Cancel", names=("a1",))
    # Its clock is wrong too: the alert says that it was sent after its own cancel.
    late = town.clock.now() + timedelta(minutes=5)
    receipt = await send(town, "a1", about(town, "orange", VILLAGE), sent=late)
    await town.jump(minutes=5)
    assert receipt.disposition == "ignored"
    assert (await holder.calls(), await holder.texts()) == (0, [])


async def test_alert_and_cancel_that_wait_together_call_nobody(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await send(town, "a1", about(town, "red", VILLAGE), settles=False)
    await send(town, "c1", about(town, "blue", VILLAGE), kind="Cancel", names=("a1",))
    await town.jump(minutes=5)
    assert (await holder.calls(), await holder.texts()) == (0, [])


async def test_a_cancel_whose_clock_is_wrong_acts(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    early = town.clock.now() - timedelta(hours=8)
    receipt = await send(town, "c1", about(town, "orange"), kind="Cancel", names=("a1",), sent=early)
    assert receipt.disposition == "cancelled"
    assert await ends(holder) == 1


async def test_what_ends_by_itself_stays_on_the_list_and_a_prolonging_reopens_nothing_done(
    town: Town,
) -> None:
    done, silent = await town.person("赵演示", "answers"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", done)
    await town.post(OTHER_VILLAGE, "防汛责任人", silent)
    first = await town.warn("orange", hours=0.05)
    await town.jump(minutes=4)
    assert await town.state_of(silent, first) == "exhausted"
    assert await town.listed(first) == ["王寨村 防汛责任人"]
    calls = await silent.calls()
    longer = await town.warn("orange", kind="update", replaces=first)
    await town.jump(minutes=2)
    # Who answered is left in peace; whose ladder was cut off by the end is asked again.
    assert await done.calls() == 1
    assert await silent.calls() > calls
    assert await town.state_of(done, longer) == "answered"
    assert await town.states("responsibilities", longer) == {"covered": 1, "open": 1}


async def test_a_cancel_for_one_place_leaves_what_the_message_said_of_others(town: Town) -> None:
    red, orange = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", red)
    await town.post(OTHER_VILLAGE, "防汛责任人", orange)
    await send(town, "a1", about(town, "red", VILLAGE), about(town, "orange", OTHER_VILLAGE))
    await town.jump(minutes=1)
    await send(town, "c1", about(town, "red", VILLAGE, verb="解除"), kind="Cancel", names=("a1",))
    await town.jump(minutes=1)
    assert (await ends(red), await ends(orange)) == (1, 0)
    states = "SELECT string_agg(colour || ' ' || state, ', ' ORDER BY colour) FROM issued_warnings"
    assert await town.value(f"{states} WHERE kind = 'alert'") == "orange matched, red withdrawn"
    assert await town.value("SELECT string_agg(kind, ' ') FROM alarms") == "cancel_spares"


async def test_one_cancel_of_several_ends_those_too_whose_people_have_all_answered(town: Town) -> None:
    first, other, both = [await town.person(name, "answers") for name in ("赵演示", "钱演示", "孙演示")]
    await town.post(VILLAGE, "防汛责任人", first)
    await town.post(OTHER_VILLAGE, "防汛责任人", other)
    await town.post(VILLAGE, "村支书", both)
    await town.post(OTHER_VILLAGE, "村主任", both)
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=10)
    await send(town, "a2", about(town, "orange", OTHER_VILLAGE))
    await town.jump(minutes=10)
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE state = 'closed'") == 2
    await send(town, "c1", about(town, "orange", verb="解除"), kind="Cancel", names=("a1", "a2"))
    await town.jump(minutes=5)
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE state = 'withdrawn'") == 2
    # Once for each warning.
    assert [await ends(phone) for phone in (first, other, both)] == [1, 1, 2]
