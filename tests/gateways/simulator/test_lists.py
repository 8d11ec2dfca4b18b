"""Lists of the API as Twilio's own client asks for them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from twilio.http.http_client import TwilioHttpClient  # pyright: ignore[reportMissingTypeStubs]
from twilio.rest import Client  # pyright: ignore[reportMissingTypeStubs]

from gateways.simulator.street import ACCOUNT, NEIGHBOUR, OTHER_OURS, OURS, PHONE, ROOT, START, TOKEN, Street


async def listed(street: Street, name: str, query: str = "") -> Any:
    answer = await street.ask("GET", f"{ROOT}/{name}.json?{query}")
    assert answer.status == 200, answer.content
    return answer.content


async def bodies(street: Street, query: str) -> list[str]:
    return [message["body"] for message in (await listed(street, "Messages", query))["messages"]]


async def test_filters_of_numbers(street: Street) -> None:
    await street.send(PHONE, "甲")
    await street.send(NEIGHBOUR, "乙", From=OTHER_OURS)
    await street.town("POST", f"/phones/{PHONE}/text", {"body": "丙", "to": OURS})
    assert await bodies(street, "") == ["丙", "乙", "甲"]
    assert await bodies(street, f"To=%2B{PHONE[1:]}") == ["甲"]
    assert await bodies(street, f"From=%2B{PHONE[1:]}") == ["丙"]
    assert await bodies(street, f"From=%2B{OTHER_OURS[1:]}") == ["乙"]
    assert await bodies(street, f"To=%2B{PHONE[1:]}&From=%2B{OTHER_OURS[1:]}") == []
    assert await bodies(street, "To=%2B8610055555555") == []


async def test_filters_of_times(street: Street) -> None:
    for body in ("甲", "乙", "丙"):
        await street.send(body=body)
        await street.walk(3600)
    await street.send(body="未发")
    assert await bodies(street, "DateSent%3E=2026-07-15T17:30:00Z") == ["丙", "乙"]
    assert await bodies(street, "DateSent%3C=2026-07-15T17:30:00Z") == ["甲"]
    assert await bodies(street, "DateSent%3E=2026-07-15T17:00:00Z&DateSent%3C=2026-07-15T18:00:00Z") == ["乙"]
    assert await bodies(street, "DateSent=2026-07-15") == ["丙", "乙", "甲"]
    assert await bodies(street, "DateSent=2026-07-16") == []
    answer = await street.ask("GET", f"{ROOT}/Messages.json?DateSent=yesterday")
    assert answer.content["code"] == 20001


async def test_pages_hold_together_while_more_comes_in(street: Street) -> None:
    for place in range(5):
        await street.send(body=str(place))
    page = await listed(street, "Messages", "PageSize=2")
    assert page["previous_page_uri"] is None
    seen = [message["body"] for message in page["messages"]]
    await street.send(body="new")
    while page["next_page_uri"]:
        page = (await street.ask("GET", page["next_page_uri"])).content
        seen += [message["body"] for message in page["messages"]]
    assert seen == ["4", "3", "2", "1", "0"]
    assert (page["page"], page["page_size"], page["start"]) == (2, 2, 4)


async def test_calls_by_state_and_time(street: Street) -> None:
    await street.town("PUT", f"/phones/{PHONE}", {"habit": "busy"})
    await street.call()
    await street.walk(600)
    await street.call(NEIGHBOUR)
    await street.walk(600)
    assert len((await listed(street, "Calls"))["calls"]) == 2
    (busy,) = (await listed(street, "Calls", "Status=busy"))["calls"]
    assert busy["to"] == PHONE
    (later,) = (await listed(street, "Calls", "StartTime%3E=2026-07-15T16:35:00Z"))["calls"]
    assert (later["to"], later["duration"]) == (NEIGHBOUR, "9")
    assert (await listed(street, "Calls", "EndTime%3C=2026-07-15T16:35:00Z"))["calls"] == [busy]
    assert (await listed(street, "Calls", f"ParentCallSid=CA{'0' * 32}"))["calls"] == []


async def test_twilios_own_client_is_content(street: Street) -> None:
    """The official library creates, lists, pages and fetches."""

    def use() -> list[str]:
        client: Any = Client(ACCOUNT, TOKEN, http_client=TwilioHttpClient(pool_connections=False))
        client.api.base_url = street.base
        for number in (PHONE, NEIGHBOUR, PHONE):
            client.messages.create(to=number, from_=OURS, body="甲")
        call = client.calls.create(to=PHONE, from_=OURS, twiml="<Response/>")
        assert client.calls(call.sid).fetch().status == "queued"
        assert client.calls.list(to=PHONE, start_time_after=START - timedelta(days=1)) == []
        return [message.to for message in client.messages.list(page_size=2, from_=OURS)]

    assert await asyncio.to_thread(use) == [PHONE, NEIGHBOUR, PHONE]


@pytest.mark.parametrize("token", ["nonsense", "PA", "PASMzz"])
async def test_a_page_token_of_somebody_elses(street: Street, token: str) -> None:
    answer = await street.ask("GET", f"{ROOT}/Messages.json?PageToken={token}")
    assert answer.status == 400
