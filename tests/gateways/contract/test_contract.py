"""Twilio's own description of its API, checked by Prism: what we ask, and what our simulator answers."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import UUID

import aiohttp
import pytest

from gateways.contract.peers import description, form_fields, install_peers, prism, run_node
from gateways.twilio.strange_carrier import answers, strange_carrier
from jiaoying.gateways.base import (
    Accepted,
    Ambiguous,
    Channel,
    Found,
    HandOver,
    Limits,
    NotFound,
    Refused,
    ReportState,
    Scope,
)
from jiaoying.gateways.registry import simulator_settings
from jiaoying.gateways.simulator.service import Simulator
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.gateways.twilio.webhooks import is_signed, read_form
from jiaoying.kernel.clock import SystemClock, wall_now

PEER = simulator_settings("s" * 32, "http://127.0.0.1:1")
# Nobody listens there: what the simulator posts back is of no concern here.
PUBLIC = "http://127.0.0.1:1"
TEXT = HandOver(
    UUID("0198f0aa-0000-7000-8000-000000000001"),
    Channel.SMS,
    "+8613812345678",
    "【演练】暴雨红色 A7 &=+ 🌧️",
    "zh-CN",
    3600,
    demonstration=False,
)
CALL = replace(TEXT, attempt_id=UUID("0198f0aa-0000-7000-8000-000000000002"), channel=Channel.VOICE)
MESSAGES = "/2010-04-01/Accounts/{AccountSid}/Messages.json"
CALLS = "/2010-04-01/Accounts/{AccountSid}/Calls.json"
SINCE = datetime(2026, 7, 15, 16, 30, tzinfo=UTC)
SIGN = (
    "const twilio = require('twilio'); const [token, url, form] = process.argv.slice(1);"
    "console.log(twilio.getExpectedTwilioSignature(token, url, JSON.parse(form)))"
)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    install_peers()
    return description()


@pytest.fixture(scope="module")
def description_file(described: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("contract") / "twilio.json"
    path.write_text(json.dumps(described), encoding="utf-8")
    return path


@asynccontextmanager
async def gateway_to(base: str) -> AsyncGenerator[TwilioGateway, None]:
    gateway = TwilioGateway("twilio", replace(PEER, api_base=base), Limits(0, 0, 0), PUBLIC)
    await gateway.start()
    try:
        yield gateway
    finally:
        await gateway.stop()


# --- what we ask ---------------------------------------------------------------------------------


async def test_every_request_of_ours_passes_twilios_description(description_file: Path) -> None:
    sid = "a" * 32
    async with prism("mock", str(description_file)) as base, gateway_to(base) as gateway:
        assert isinstance(await gateway.hand_over(TEXT), Accepted)
        assert isinstance(await gateway.hand_over(replace(TEXT, valid_for_s=99_999)), Accepted)
        assert isinstance(await gateway.hand_over(CALL), Accepted)
        assert isinstance(await gateway.hand_over(replace(CALL, number="+863560000000;ext=812")), Accepted)
        # The description's own example is listed; it is older than our hand-over.
        assert await gateway.reconcile(TEXT, SINCE, ()) == NotFound()
        assert await gateway.reconcile(CALL, wall_now() + timedelta(days=1), ()) == NotFound()
        assert await gateway.hang_up(f"CA{sid}")
        assert await gateway.hang_up(f"SM{sid}")
        assert await gateway.look_up(f"CA{sid}")
        assert await gateway.look_up(f"SM{sid}")


async def test_prism_does_refuse_what_breaks_the_description(description_file: Path) -> None:
    async with prism("mock", str(description_file)) as base, aiohttp.ClientSession() as session:
        address = base + MESSAGES.replace("{AccountSid}", PEER.account_sid)
        headers = {"Authorization": "Basic eDp5"}
        for form, status in (
            ({"To": "+1", "Body": "x"}, 201),
            ({"From": "+1", "Body": "x"}, 422),
            ({"To": "+1", "Body": "x", "ValidityPeriod": "long"}, 422),
            ({"To": "+1", "Body": "x", "StatusCallback": "no address"}, 422),
        ):
            async with session.post(address, data=form, headers=headers) as answer:
                assert answer.status == status, form


@pytest.mark.parametrize(("item", "path"), [(TEXT, MESSAGES), (CALL, CALLS)], ids=["text", "call"])
async def test_every_field_of_ours_has_its_name_from_the_description(
    described: dict[str, Any], item: HandOver, path: str
) -> None:
    """Prism passes fields that nobody knows, so that a misspelt one would go unnoticed."""
    async with strange_carrier(answers(201, b'{"sid": "SM1"}')) as carrier:
        async with gateway_to(carrier.base) as gateway:
            await gateway.hand_over(item)
            await gateway.hand_over(replace(item, number="+863560000000;ext=812"))
        sent = [parse_qs(heard.body.decode()) for heard in carrier.heard]
    known = form_fields(described, path)
    assert {name for form in sent for name in form} <= known.keys()
    for form in sent:
        for name, values in form.items():
            assert len(values) == 1 or known[name]["type"] == "array", name


# --- what our simulator answers ------------------------------------------------------------------


async def test_prism_does_refuse_an_answer_that_breaks_the_description(description_file: Path) -> None:
    wrong = json.dumps({"sid": "SM1", "status": "flying"}).encode()
    async with (
        strange_carrier(answers(201, wrong, Content_Type="application/json")) as carrier,
        prism("proxy", str(description_file), carrier.base) as base,
        gateway_to(base) as gateway,
    ):
        assert isinstance(await gateway.hand_over(TEXT), Ambiguous)


async def test_what_the_simulator_answers_passes_twilios_description(description_file: Path) -> None:
    simulator = Simulator(
        clock=SystemClock(),
        account_sid=PEER.account_sid,
        auth_token=PEER.auth_token,
        secret="s" * 32,
        from_numbers=(PEER.from_number,),
    )
    upstream = await simulator.start()
    try:
        async with prism("proxy", str(description_file), upstream) as base, gateway_to(base) as gateway:
            await _use_everything(gateway)
    finally:
        await simulator.stop()


async def _use_everything(gateway: TwilioGateway) -> None:
    began = wall_now()
    text, call = await gateway.hand_over(TEXT), await gateway.hand_over(CALL)
    assert isinstance(text, Accepted)
    assert isinstance(call, Accepted)
    assert await gateway.reconcile(TEXT, began, ()) == Found(text.ref)
    assert await gateway.reconcile(TEXT, began, (text.ref,)) == NotFound()
    assert await gateway.reconcile(CALL, began, ()) == Found(call.ref)
    for ref in (text.ref, call.ref):
        report = await gateway.look_up(ref)
        assert report
        assert report.ref == ref
        assert (report.picked_up_by, report.seconds, report.heard_whole) == (None, None, False)
    assert await gateway.hang_up(call.ref)
    ended = await gateway.look_up(call.ref)
    assert ended
    assert (ended.state, ended.seconds) == (ReportState.FAILED, 0), "taken back before anybody picked up"
    assert await gateway.look_up("CA" + "0" * 32) is None
    for number, code in (("+15005550001", "21211"), ("+15005550009", "21614"), ("+15005550004", "21610")):
        refused = await gateway.hand_over(replace(TEXT, number=number))
        assert isinstance(refused, Refused)
        assert (refused.scope, refused.code) == (Scope.RECIPIENT, code)
    # More than a page of texts: the next page is found where the answer says.
    for _ in range(101):
        assert isinstance(await gateway.hand_over(replace(TEXT, text="别的")), Accepted)
    assert await gateway.reconcile(TEXT, began, ()) == Found(text.ref)


# --- who signs -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "form",
    [
        {"Body": "转移 12户35人🌧️ &=+%", "Blank": "", "AccountSid": "AC0", "a": "1", "B": "2"},
        {"Digits": "1", "CallSid": "CA1"},
        {},
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        "https://yujing.example.cn/callbacks/twilio/message",
        "https://yujing.example.cn:8443/callbacks/twilio/voice?attempt=0198f0aa&token=00ff&x=%E8%BD%AC",
        "http://127.0.0.1:8080/callbacks/twilio/gather?repeats=0&wrong=1",
    ],
)
def test_what_twilios_own_signer_signs_we_take(
    described: dict[str, Any], url: str, form: dict[str, str]
) -> None:
    token = "a" * 32
    signature = run_node(SIGN, token, url, json.dumps(form)).strip()
    posted = read_form(urlencode(form).encode())
    assert is_signed(url, posted, {"X-Twilio-Signature": signature}, [token])
    assert not is_signed(url + "x", posted, {"X-Twilio-Signature": signature}, [token])
