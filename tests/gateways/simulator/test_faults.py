"""Trouble on demand: each kind as a client meets it, and what was processed all the same."""

import hashlib
import hmac
import time
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from gateways.simulator.street import NEIGHBOUR, PHONE, ROOT, SECRET, Street, standing


async def order(street: Street, **fault: Any) -> None:
    await street.town("POST", "/faults", [fault])


async def texts(street: Street) -> int:
    return len((await street.phone())["messages"])


@pytest.mark.parametrize(("kind", "processed"), [("error_500", 0), ("error_after_request", 1)])
async def test_an_error_of_the_carrier(street: Street, kind: str, processed: int) -> None:
    await order(street, kind=kind, count=1)
    answer = await street.send()
    assert (answer.status, answer.content["code"]) == (500, 20500)
    assert await texts(street) == processed
    assert (await street.send()).status == 201


async def test_throttled(street: Street) -> None:
    await order(street, kind="throttle_429", count=2, seconds=7)
    answer = await street.send()
    assert (answer.status, answer.content["code"], answer.headers["Retry-After"]) == (429, 20429, "7")
    assert (await street.call()).status == 429
    assert await texts(street) == 0
    assert (await street.town("GET", "/faults"))["faults"] == []


@pytest.mark.parametrize(("kind", "processed"), [("drop_before_request", 0), ("drop_after_request", 1)])
async def test_the_connection_is_cut(street: Street, kind: str, processed: int) -> None:
    await order(street, kind=kind, count=1)
    with pytest.raises(aiohttp.ClientConnectionError):
        await street.send()
    assert await texts(street) == processed
    await street.walk(10)
    assert street.listener.statuses_at("/text-status") == ["sent", "delivered"] * processed


async def test_no_answer_until_the_client_gives_up(street: Street) -> None:
    await order(street, kind="timeout", count=1, seconds=30)
    with pytest.raises(aiohttp.SocketTimeoutError):
        await street.ask(
            "POST", f"{ROOT}/Messages.json", {"To": PHONE}, timeout=aiohttp.ClientTimeout(sock_read=0.2)
        )
    assert await texts(street) == 0


async def test_a_hanging_request_ends_with_a_cut(street: Street) -> None:
    await order(street, kind="timeout", count=1, seconds=0.1)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await street.send()


async def test_a_slow_answer(street: Street) -> None:
    await order(street, kind="slow", count=1, seconds=0.2)
    began = time.monotonic()
    assert (await street.send()).status == 201
    assert time.monotonic() - began >= 0.2
    assert street.clock.now() - street.simulator.records.messages.popitem()[1].created == timedelta(0)


async def test_accepted_and_then_silence(street: Street) -> None:
    await order(street, kind="accept_then_silence", count=2)
    text, call = await street.send(), await street.call()
    assert (text.status, call.status) == (201, 201)
    await street.walk(3600)
    assert street.listener.heard == []
    shown = await street.ask("GET", f"{ROOT}/Calls/{call.content['sid']}.json")
    assert shown.content["status"] == "queued"


async def test_reports_come_twice(street: Street) -> None:
    await order(street, kind="duplicate_callbacks")
    await street.send()
    await street.walk(10)
    assert sorted(street.listener.statuses_at("/text-status")) == ["delivered", "delivered", "sent", "sent"]


async def test_a_report_comes_again_later(street: Street) -> None:
    await order(street, kind="duplicate_callbacks", count=1, seconds=600)
    await street.send()
    await street.walk(900)
    assert street.listener.statuses_at("/text-status") == ["sent", "delivered", "sent"]


async def test_an_incoming_text_comes_twice(street: Street) -> None:
    await order(street, kind="duplicate_callbacks", count=1)
    await street.town("POST", f"/phones/{PHONE}/text", {"body": "1"})
    await street.simulator.run_due()
    first, second = street.listener.at("/inbound")
    assert first == second


async def test_reports_overtake_each_other(street: Street) -> None:
    await order(street, kind="reorder_callbacks", count=1, seconds=60)
    await street.send()
    await street.walk(120)
    assert street.listener.statuses_at("/text-status") == ["delivered", "sent"]


async def test_reports_of_a_call_overtake_each_other(street: Street) -> None:
    await order(street, kind="reorder_callbacks", count=1, seconds=120, channel="voice")
    await street.call()
    await street.walk(300)
    told = street.listener.at("/call-status")
    assert [params["SequenceNumber"] for params in told] == ["1", "2", "3", "0"]
    assert told[-1]["CallStatus"] == "initiated"


async def test_only_the_channel_that_was_named(street: Street) -> None:
    await order(street, kind="error_500", channel="voice")
    assert (await street.send()).status == 201
    assert (await street.call()).status == 500
    assert (await street.ask("GET", f"{ROOT}/Calls.json")).status == 200
    await street.town("DELETE", "/faults")
    assert (await street.call()).status == 201


async def test_looking_can_be_troubled_too(street: Street) -> None:
    await order(street, kind="error_500", requests="read")
    assert (await street.send()).status == 201
    assert (await street.ask("GET", f"{ROOT}/Messages.json")).status == 500


async def test_a_share_is_drawn_from_the_seed() -> None:
    async def failures(seed: int) -> list[int]:
        async with standing(seed=seed) as street:
            await order(street, kind="error_500", share=0.3)
            return [place for place in range(100) if (await street.send()).status == 500]

    first = await failures(1)
    assert 15 <= len(first) <= 45
    assert first == await failures(1)
    assert first != await failures(2)


async def test_a_receiver_that_is_away_is_noted_and_forgotten(street: Street) -> None:
    await street.send(StatusCallback="http://127.0.0.1:9/x#rc=2")
    await street.walk(10)
    statistics = await street.town("GET", "/statistics")
    assert [note["code"] for note in statistics["notes"]] == [11200, 11200]
    assert street.simulator.idle()


async def test_figures_count_what_was_handed_over_once_too_often(street: Street) -> None:
    callback = f"{street.listener.base}/a/1"
    for _ in range(3):
        await street.send(StatusCallback=callback)
    await street.send(NEIGHBOUR)
    await street.call()
    await street.call()
    statistics = await street.town("GET", "/statistics")
    assert (statistics["messages"], statistics["calls"], statistics["requests"]["all"]) == (4, 2, 6)
    assert statistics["duplicates"]["by_content"] == 3
    assert statistics["duplicates"]["by_callback"] == 2 + 1
    assert statistics["duplicates"]["examples"][0]["times"] == 3


async def test_the_proof_needs_the_secret(street: Street) -> None:
    proof = (await street.town("GET", "/proof?nonce=abc"))["proof"]
    assert proof == hmac.new(SECRET.encode(), b"abc", hashlib.sha256).hexdigest()
    assert (await street.ask("GET", "/town/proof")).status == 400
