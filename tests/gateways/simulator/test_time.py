"""The clock: events happen at their own moments however it is moved, and on a running clock by themselves."""

import asyncio
from datetime import timedelta
from typing import Any

import aiohttp

from gateways.simulator.street import PHONE, START, Street, standing
from jiaoying.gateways.simulator.town import Town
from jiaoying.kernel.clock import Anchor, SystemClock, wall_now

CROWD = [f"+86100{place:08d}" for place in range(40)]


async def story(seed: int, *, at_once: bool) -> list[Any]:
    """What a mixed town of forty does in an hour with a text and a call each."""
    async with standing(seed, Town(seed=seed, mixed=True)) as street:
        for number in CROWD:
            await street.send(number)
            await street.call(number)
        await (street.leap(3600) if at_once else street.walk(3600))
        assert street.simulator.idle()
        return [told(street, await street.phone(number)) for number in CROWD]


def told(street: Street, phone: Any) -> Any:
    texts = [(text["body"], text["status"], text["at"]) for text in phone["messages"]]
    calls = [
        (call["status"], call["rang_at"], call["answered_at"], call["ended_at"], call["heard"], call["keys"])
        for call in phone["calls"]
    ]
    reports = [params for params in street.listener.at("/call-status") if params["To"] == phone["number"]]
    return texts, calls, [(params["CallStatus"], params["Timestamp"]) for params in reports]


async def test_the_same_town_does_the_same_however_the_clock_is_moved() -> None:
    walked = await story(7, at_once=False)
    assert walked == await story(7, at_once=True)
    assert walked != await story(8, at_once=False)


async def test_the_next_event_is_known_and_nothing_is_left_over(street: Street) -> None:
    assert street.simulator.next_event_at() is None
    await street.call()
    assert street.simulator.next_event_at() == START + timedelta(seconds=0.2)
    assert street.simulator.idle()
    street.clock.advance_to(START + timedelta(seconds=0.2))
    assert not street.simulator.idle()
    await street.simulator.run_due()
    assert street.simulator.idle()
    await street.walk(60)
    assert (await street.only_call())["status"] == "completed"
    assert street.simulator.next_event_at() is None


async def test_the_runner_wakes_by_itself_when_the_clock_is_moved(street: Street) -> None:
    await street.send()
    street.clock.advance_to(START + timedelta(seconds=10))
    await street.listener.until(lambda: street.listener.statuses_at("/text-status") == ["sent", "delivered"])


async def test_on_a_running_clock_everything_happens_in_time() -> None:
    """Business time sixty times as fast as the wall: a call of ten seconds is over in a moment."""
    clock = SystemClock(Anchor(wall_now(), START, rate=60))
    async with standing(seed=1, running=clock) as street:
        listener = street.listener
        for number in CROWD:
            await street.send(number)
        await street.call()
        await listener.until(lambda: len(listener.at("/text-status")) == 2 * len(CROWD))
        await listener.until(lambda: len(listener.at("/key")) == 1)
        assert all(heard.signed for heard in listener.heard)
        assert set(listener.statuses_at("/text-status")) == {"sent", "delivered"}


async def test_the_oldest_is_forgotten_when_there_is_too_much() -> None:
    async with standing(most_records=10) as street:
        await street.town("PUT", f"/phones/{PHONE}", {"name": "留"})
        for number in CROWD:
            await street.send(number)
        await street.walk(60)
        assert len(street.simulator.records.messages) == 10
        assert set(street.simulator.records.phones) == {PHONE, *CROWD[-10:]}
        assert (await street.town("GET", "/statistics"))["messages"] == 40


async def test_a_stopped_simulator_lets_go_of_hanging_requests_and_can_stop_twice() -> None:
    async with standing() as street:
        await street.town("POST", "/faults", {"kind": "timeout", "seconds": 3600})
        async with asyncio.TaskGroup() as group:
            hanging = group.create_task(refused(street))
            await asyncio.sleep(0.1)
            async with asyncio.timeout(5):
                await street.simulator.stop()
            assert await hanging
        await street.simulator.stop()


async def refused(street: Street) -> bool:
    try:
        await street.send()
    except aiohttp.ClientConnectionError:
        return True
    return False
