"""What our gateway asks of the carrier, and how it takes whatever comes back."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import UUID

import pytest
from aiohttp import web

from gateways.twilio.strange_carrier import (
    Behaviour,
    StrangeCarrier,
    answers,
    drops,
    hangs,
    never_ends,
    speaks_gibberish,
    stops_midway,
    strange_carrier,
)
from jiaoying.gateways.base import (
    Accepted,
    Ambiguous,
    CannotTell,
    Channel,
    Found,
    HandOver,
    Limits,
    NotFound,
    NumberSign,
    Outcome,
    Refused,
    Report,
    ReportState,
    Scope,
    Throttled,
    Unreachable,
)
from jiaoying.gateways.registry import simulator_settings
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.gateways.twilio.proof import proof_of, prove
from jiaoying.kernel.errors import SettingError
from jiaoying.settings import TwilioSettings
from jiaoying.storage.database import transaction_open

SETTINGS = TwilioSettings("AC" + "0" * 32, "t" * 32, None, "+15005550006", "http://127.0.0.1:1")
LIMITS = Limits(2, 1, 1)
PUBLIC = "https://yujing.example.cn"
TEXT = HandOver(
    UUID("0198f0aa-0000-7000-8000-000000000001"),
    Channel.SMS,
    "+8610012345678",
    "【演练】暴雨红色 A7 &=+ 🌧️",
    "zh-CN",
    3600,
    demonstration=False,
)
CALL = replace(TEXT, attempt_id=UUID("0198f0aa-0000-7000-8000-000000000002"), channel=Channel.VOICE)
SINCE = datetime(2026, 7, 15, 16, 30, 2, tzinfo=UTC)
SECRET = "s" * 32


@asynccontextmanager
async def gateway_to(
    base: str, *, read_s: float = 1.0, connect_s: float = 2.0
) -> AsyncGenerator[TwilioGateway, None]:
    settings = replace(SETTINGS, api_base=base)
    gateway = TwilioGateway("twilio", settings, LIMITS, PUBLIC, read_s=read_s, connect_s=connect_s)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


@asynccontextmanager
async def talking(behave: Behaviour) -> AsyncGenerator[tuple[TwilioGateway, StrangeCarrier], None]:
    async with strange_carrier(behave) as carrier, gateway_to(carrier.base) as gateway:
        yield gateway, carrier


def form_of(body: bytes) -> dict[str, list[str]]:
    return parse_qs(body.decode(), strict_parsing=True)


# --- what leaves ---------------------------------------------------------------------------------


async def test_a_text_leaves_as_one_form() -> None:
    async with talking(answers(201, b'{"sid": "SM1"}')) as (gateway, carrier):
        assert await gateway.hand_over(TEXT) == Accepted("SM1")
    (heard,) = carrier.heard
    assert (heard.method, heard.path_qs) == (
        "POST",
        f"/2010-04-01/Accounts/{SETTINGS.account_sid}/Messages.json",
    )
    assert heard.headers["Authorization"].startswith("Basic QUMw")
    assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = form_of(heard.body)
    callback = form.pop("StatusCallback")[0]
    assert form == {
        "To": ["+8610012345678"],
        "From": ["+15005550006"],
        "Body": [TEXT.text],
        "ValidityPeriod": ["3600"],
    }
    assert callback.startswith(f"{PUBLIC}/callbacks/twilio/message-status?")
    assert gateway.attempt_in(dict(parse_qsl(urlsplit(callback).query))) == TEXT.attempt_id


async def test_a_call_leaves_as_one_form() -> None:
    async with talking(answers(201, b'{"sid": "CA1"}')) as (gateway, carrier):
        assert await gateway.hand_over(CALL) == Accepted("CA1")
    form = form_of(carrier.heard[0].body)
    assert carrier.heard[0].path_qs.endswith("/Calls.json")
    assert form["StatusCallbackEvent"] == ["initiated", "ringing", "answered", "completed"]
    assert form["Timeout"] == ["45"]
    assert "SendDigits" not in form
    # Beside the call: whoever picks up hears the first word at once.
    assert (form["MachineDetection"], form["AsyncAmd"]) == (["Enable"], ["true"])
    addresses = (("Url", "voice"), ("StatusCallback", "call-status"), ("AsyncAmdStatusCallback", "picked-up"))
    for name, path in addresses:
        assert form[name][0].startswith(f"{PUBLIC}/callbacks/twilio/{path}?")
        assert gateway.attempt_in(dict(parse_qsl(urlsplit(form[name][0]).query))) == CALL.attempt_id


async def test_an_extension_is_dialled_once_the_switchboard_answers() -> None:
    async with talking(answers(201, b'{"sid": "CA1"}')) as (gateway, carrier):
        await gateway.hand_over(replace(CALL, number="+863560000000;ext=812"))
    form = form_of(carrier.heard[0].body)
    assert "MachineDetection" not in form, "a switchboard is a machine, whoever stands behind it"
    assert (form["To"], form["SendDigits"]) == (["+863560000000"], ["ww812"])


@pytest.mark.parametrize(("wanted", "said"), [(0, "1"), (-9, "1"), (36_001, "36000"), (90, "90")])
async def test_the_carrier_keeps_a_text_no_longer_than_it_is_worth(wanted: int, said: str) -> None:
    async with talking(answers(201, b'{"sid": "SM1"}')) as (gateway, carrier):
        await gateway.hand_over(replace(TEXT, valid_for_s=wanted))
    assert form_of(carrier.heard[0].body)["ValidityPeriod"] == [said]


async def test_one_connection_serves_many_hand_overs() -> None:
    ports = set[object]()

    async def note_port(request: web.Request) -> web.StreamResponse:
        assert request.transport
        ports.add(request.transport.get_extra_info("peername"))
        return web.Response(status=201, body=b'{"sid": "SM1"}')

    async with talking(note_port) as (gateway, _):
        for _ in range(5):
            await gateway.hand_over(TEXT)
    assert len(ports) == 1


# --- the fault matrix ----------------------------------------------------------------------------


@pytest.mark.parametrize("item", [TEXT, CALL], ids=["text", "call"])
@pytest.mark.parametrize(
    ("behave", "kind"),
    [
        (hangs, Ambiguous),
        (drops, Ambiguous),
        (stops_midway, Ambiguous),
        (speaks_gibberish, Ambiguous),
        (never_ends, Ambiguous),
        (answers(201, b""), Ambiguous),
        (answers(201, b"<html>hello</html>"), Ambiguous),
        (answers(201, b'{"status": "queued"}'), Ambiguous),
        (answers(500, b'{"code": 20500}'), Ambiguous),
        (answers(503, b"away", Retry_After="1"), Ambiguous),
        (answers(504, b""), Ambiguous),
        (answers(429, b'{"code": 20429}', Retry_After="3"), Throttled),
        (answers(429, b"slow"), Throttled),
        (answers(401, b'{"code": 20003}'), Refused),
        (answers(404, b""), Refused),
        (answers(400, b'{"code": 21211}'), Refused),
        (answers(400, b"\xff\xfe"), Refused),
        (answers(307, b"", Location="/elsewhere"), Refused),
        (answers(201, b'{"sid": "SM1"}'), Accepted),
    ],
)
async def test_whatever_the_carrier_does_is_a_value_and_nothing_is_posted_twice(
    item: HandOver, behave: Behaviour, kind: type[Outcome]
) -> None:
    async with talking(behave) as (gateway, carrier):
        outcome = await gateway.hand_over(item)
    assert isinstance(outcome, kind)
    assert len(carrier.heard) == 1


async def test_retry_after_is_kept() -> None:
    async with talking(answers(429, b'{"code": 20429}', Retry_After="3")) as (gateway, _):
        assert await gateway.hand_over(TEXT) == Throttled("20429", 3.0)


async def test_nobody_listens_is_surely_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with gateway_to(f"http://127.0.0.1:{port}") as gateway:
        assert isinstance(await gateway.hand_over(TEXT), Unreachable)


async def test_a_name_that_nobody_knows_is_surely_not_sent() -> None:
    async with gateway_to("http://carrier.invalid") as gateway:
        assert isinstance(await gateway.hand_over(TEXT), Unreachable)


async def test_a_tls_talk_that_never_begins_is_surely_not_sent() -> None:
    async with strange_carrier(hangs) as carrier:
        async with gateway_to(carrier.base.replace("http://", "https://")) as gateway:
            assert isinstance(await gateway.hand_over(TEXT), Unreachable)
        assert carrier.heard == []


async def test_a_connection_that_does_not_come_about_is_surely_not_sent() -> None:
    # A full queue of half-open connections: the system takes no more and answers nothing.
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    callers = [socket.socket() for _ in range(4)]
    for caller in callers:
        caller.setblocking(False)
        caller.connect_ex(full.getsockname())
    try:
        async with gateway_to(f"http://127.0.0.1:{full.getsockname()[1]}", connect_s=0.3) as gateway:
            assert isinstance(await gateway.hand_over(TEXT), Unreachable)
    finally:
        for each in (*callers, full):
            each.close()


async def test_who_waits_in_vain_for_a_free_connection_surely_sent_nothing() -> None:
    async with strange_carrier(hangs) as carrier:
        settings = replace(SETTINGS, api_base=carrier.base)
        gateway = TwilioGateway("twilio", settings, LIMITS, PUBLIC, connections=1, connect_s=0.1, read_s=1)
        await gateway.start()
        outcomes = await asyncio.gather(gateway.hand_over(TEXT), gateway.hand_over(TEXT))
        await gateway.stop()
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Ambiguous", "Unreachable"]
    assert len(carrier.heard) == 1


async def test_a_hanging_carrier_is_given_up_in_time() -> None:
    began = time.monotonic()
    async with talking(hangs) as (gateway, _):
        outcomes = await asyncio.gather(*(gateway.hand_over(TEXT) for _ in range(20)))
    assert time.monotonic() - began < 5
    assert all(isinstance(outcome, Ambiguous) for outcome in outcomes)


async def test_waiting_for_a_carrier_inside_a_transaction_is_a_loud_defect() -> None:
    async with talking(answers(201, b'{"sid": "SM1"}')) as (gateway, carrier):
        token = transaction_open.set(True)
        try:
            for asking in (gateway.hand_over(TEXT), gateway.hang_up("CA1"), gateway.look_up("SM1")):
                with pytest.raises(RuntimeError, match="transaction"):
                    await asking
            with pytest.raises(RuntimeError, match="transaction"):
                await gateway.reconcile(TEXT, SINCE, ())
        finally:
            transaction_open.reset(token)
    assert carrier.heard == []


async def test_a_gateway_that_was_not_started_says_so() -> None:
    gateway = TwilioGateway("twilio", SETTINGS, LIMITS, PUBLIC)
    with pytest.raises(RuntimeError, match="start"):
        await gateway.hand_over(TEXT)


# --- made-up people and the simulator's proof ----------------------------------------------------


async def test_real_telephones_never_ring_for_a_made_up_person() -> None:
    async with talking(answers(201, b'{"sid": "SM1"}')) as (gateway, carrier):
        outcome = await gateway.hand_over(replace(TEXT, demonstration=True))
    assert isinstance(outcome, Refused)
    assert (outcome.scope, outcome.code) == (Scope.RECIPIENT, "demonstration")
    assert carrier.heard == []


async def test_real_telephones_never_ring_for_a_drill_that_nobody_allowed() -> None:
    async with talking(answers(201, b'{"sid": "SM1"}')) as (gateway, carrier):
        outcome = await gateway.hand_over(replace(TEXT, drill=True))
    assert isinstance(outcome, Refused)
    assert (outcome.scope, outcome.code) == (Scope.RECIPIENT, "drill")
    assert carrier.heard == []


def proves_with(secret: str, status: int = 200) -> Behaviour:
    async def behave(request: web.Request) -> web.StreamResponse:
        if request.path == "/town/proof":
            proof = proof_of(secret, request.query["nonce"])
            return web.json_response({"proof": proof}, status=status)
        return web.Response(status=201, body=b'{"sid": "SM1"}')

    return behave


async def test_our_simulator_proves_itself_and_takes_made_up_people() -> None:
    async with strange_carrier(proves_with(SECRET)) as carrier:
        settings = simulator_settings(SECRET, carrier.base)
        gateway = TwilioGateway("simulator", settings, LIMITS, PUBLIC, proof_secret=SECRET)
        assert gateway.live
        await gateway.start()
        assert not gateway.live
        assert await gateway.hand_over(replace(TEXT, demonstration=True)) == Accepted("SM1")
        await gateway.stop()


@pytest.mark.parametrize(
    "behave",
    [
        proves_with("another"),
        proves_with(SECRET, 500),
        answers(200, b"{}"),
        answers(200, b'{"proof": "\xc3\xa9"}'),
        answers(404, b""),
        drops,
    ],
)
async def test_whoever_cannot_prove_it_is_not_our_simulator(behave: Behaviour) -> None:
    async with strange_carrier(behave) as carrier:
        assert not await prove(carrier.base, SECRET)
        settings = simulator_settings(SECRET, carrier.base)
        gateway = TwilioGateway("simulator", settings, LIMITS, PUBLIC, proof_secret=SECRET)
        with pytest.raises(SettingError, match="JIAOYING_DATA_DIR"):
            await gateway.start()
        assert gateway.live


async def test_a_simulator_without_a_secret_does_not_start() -> None:
    gateway = TwilioGateway("simulator", SETTINGS, LIMITS, PUBLIC)
    with pytest.raises(SettingError):
        await gateway.start()


# --- looking for what may have been sent ---------------------------------------------------------


def listed(ref: str, seconds: float, body: str = TEXT.text) -> dict[str, object]:
    return {
        "sid": ref,
        "body": body,
        "date_created": format_datetime(SINCE + timedelta(seconds=seconds)),
        "status": "sent",
    }


def lists(*pages: list[dict[str, object]], key: str = "messages") -> Behaviour:
    async def behave(request: web.Request) -> web.StreamResponse:
        number = int(request.query.get("Page", "0"))
        more = number + 1 < len(pages)
        following = f"{request.path}?Page={number + 1}" if more else None
        return web.json_response({key: pages[number], "next_page_uri": following})

    return behave


async def test_a_lost_text_is_found_by_its_words() -> None:
    async with talking(lists([listed("SM3", 2, "别的"), listed("SM2", 1), listed("SM1", -60)])) as (
        gateway,
        carrier,
    ):
        assert await gateway.reconcile(TEXT, SINCE, ()) == Found("SM2")
        assert await gateway.reconcile(TEXT, SINCE, ("SM2",)) == NotFound()
    query = parse_qs(urlsplit(carrier.heard[0].path_qs).query)
    assert query["To"] == [TEXT.number]
    assert query["From"] == [SETTINGS.from_number]
    assert "/Messages.json?" in carrier.heard[0].path_qs


async def test_a_lost_call_is_found_by_its_number_and_moment() -> None:
    async with talking(lists([listed("CA2", 3), listed("CA1", -600)], key="calls")) as (gateway, carrier):
        assert await gateway.reconcile(CALL, SINCE, ()) == Found("CA2")
        assert await gateway.reconcile(CALL, SINCE, ("CA2",)) == NotFound()
    assert "/Calls.json?" in carrier.heard[0].path_qs


async def test_of_several_that_fit_the_oldest_is_taken_also_from_a_later_page() -> None:
    pages = [listed("SM4", 9)], [listed("SM3", 2)], [listed("SM2", -60)], [listed("SM1", 1)]
    async with talking(lists(*pages)) as (gateway, carrier):
        assert await gateway.reconcile(TEXT, SINCE, ()) == Found("SM3")
    assert len(carrier.heard) == 3


async def test_a_list_without_end_is_not_read_to_its_end() -> None:
    async with talking(lists(*[[listed("SM1", 9, "别的")]] * 20)) as (gateway, carrier):
        assert isinstance(await gateway.reconcile(TEXT, SINCE, ()), CannotTell)
    assert len(carrier.heard) == 5


@pytest.mark.parametrize("behave", [hangs, answers(500, b""), answers(200, b"{}"), answers(401, b"")])
async def test_a_carrier_that_cannot_be_asked_is_not_a_no(behave: Behaviour) -> None:
    async with talking(behave) as (gateway, _):
        assert isinstance(await gateway.reconcile(TEXT, SINCE, ()), CannotTell)


# --- ending and asking ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ref", "path", "body"),
    [
        ("CA1", "Calls/CA1.json", b"Status=completed"),
        ("SM1", "Messages/SM1.json", b"Status=canceled"),
        ("CA/../x", "Calls/CA%2F..%2Fx.json", b"Status=completed"),
    ],
)
async def test_hanging_up(ref: str, path: str, body: bytes) -> None:
    async with talking(answers(200, b"{}")) as (gateway, carrier):
        assert await gateway.hang_up(ref)
    assert carrier.heard[0].path_qs.endswith(f"/{path}")
    assert carrier.heard[0].body == body


@pytest.mark.parametrize("behave", [answers(404, b""), answers(400, b""), drops])
async def test_what_is_over_cannot_be_ended(behave: Behaviour) -> None:
    async with talking(behave) as (gateway, _):
        assert not await gateway.hang_up("CA1")


@pytest.mark.parametrize(
    ("ref", "payload", "report"),
    [
        (
            "SM1",
            {"status": "undelivered", "error_code": 30005},
            Report(
                "SM1",
                ReportState.FAILED,
                "30005",
                None,
                Scope.RECIPIENT,
                "空号或已停用",
                sign=NumberSign.NOT_IN_USE,
            ),
        ),
        (
            "CA1",
            {"status": "completed", "duration": "12"},
            Report("CA1", ReportState.DELIVERED, "completed", seconds=12),
        ),
        ("CA1", {"nothing": 1}, None),
    ],
)
async def test_asking_what_became_of_it(ref: str, payload: object, report: Report | None) -> None:
    async with talking(answers(200, json.dumps(payload).encode())) as (gateway, _):
        assert await gateway.look_up(ref) == report
