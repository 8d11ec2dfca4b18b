"""Twilio's callbacks against a real web server and a real database."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import UUID
from xml.etree import ElementTree

import aiohttp
import asyncpg
import pytest
from aiohttp import web
from sqlalchemy import select, text
from sqlalchemy.engine import make_url
from twilio.request_validator import RequestValidator  # pyright: ignore[reportMissingTypeStubs]

from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.inbox import read_event
from jiaoying.gateways.base import Event, IncomingCall, KeyPress, Limits, PickedUp, Reply, Report, ReportState
from jiaoying.gateways.registry import simulator_settings
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.kernel.clock import ManualClock
from jiaoying.settings import TwilioSettings, read_settings
from jiaoying.storage.database import Database
from jiaoying.storage.schema import inbox_items, ledger_lines
from jiaoying.storage.wake import Wake
from jiaoying.web.callbacks.twilio import routes
from jiaoying.web.parts import WebParts
from storage.county import NOW, add_areas, add_attempt, add_call_out, add_contact, add_warning

PUBLIC = "https://yujing.example.cn"
PHONE = "+8610000000001"
OURS = "+8610000000000"
PEER = simulator_settings("s" * 32, "http://127.0.0.1:1")
TWILIO = TwilioSettings("AC" + "0" * 32, "n" * 32, "o" * 32, "+15005550006", "http://127.0.0.1:1")
LIMITS = Limits(0, 0, 0)


class CountingBell(Wake):
    """A bell of this process that remembers its rings."""

    def __init__(self) -> None:
        super().__init__(None)
        self.rung: list[str] = []

    def ring(self, *bells: str) -> None:
        self.rung.extend(bells)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def spoken(self) -> str:
        return " ".join(say.text or "" for say in ElementTree.fromstring(self.text).iter("Say"))

    @property
    def key_path(self) -> str:
        """Where a key is posted to, as the carrier would."""
        gather = ElementTree.fromstring(self.text).find("Gather")
        assert gather is not None
        address = urlsplit(gather.attrib["action"])
        assert f"{address.scheme}://{address.netloc}" == PUBLIC
        return f"{address.path}?{address.query}"


@dataclass(slots=True)
class Door:
    """Our callbacks as a carrier reaches them: behind a proxy, under another name."""

    base: str
    session: aiohttp.ClientSession
    database: Database
    bell: CountingBell
    gateway: TwilioGateway
    clock: ManualClock

    async def post(
        self,
        path: str,
        form: Mapping[str, str],
        *,
        peer: TwilioSettings = PEER,
        token: str | None = None,
        signature: str | None = None,
    ) -> Answer:
        """Post `form`, with AccountSid added, signed by `peer`, a second after the post before."""
        self.clock.advance_to(self.clock.now() + timedelta(seconds=1))
        posted = {"AccountSid": peer.account_sid, "ApiVersion": "2010-04-01", **form}
        if signature is None:
            validator = RequestValidator(token or peer.auth_token)
            signature = str(validator.compute_signature(PUBLIC + path, posted))  # pyright: ignore
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": signature,
            "Host": "internal.example",
        }
        async with self.session.post(self.base + path, data=urlencode(posted), headers=headers) as answer:
            return Answer(answer.status, await answer.text(), dict(answer.headers))

    async def kept(self) -> list[tuple[str, Event]]:
        async with self.database.transaction() as tx:
            rows = (await tx.execute(select(inbox_items).order_by(inbox_items.c.id))).all()
        return [(row.gateway, read_event(row.content)) for row in rows]


def _gateways() -> dict[str, TwilioGateway]:
    return {
        "twilio": TwilioGateway("twilio", TWILIO, LIMITS, PUBLIC),
        "simulator": TwilioGateway("simulator", PEER, LIMITS, lambda: PUBLIC, proof_secret="s" * 32),
    }


@asynccontextmanager
async def open_door(database: Database, tmp_path: Path) -> AsyncGenerator[Door, None]:
    gateways, bell, clock = _gateways(), CountingBell(), ManualClock(NOW)
    settings = read_settings({}, tmp_path)
    home = map_of(settings.home_area)
    parts = WebParts(database, clock, settings, bell, gateways, PUBLIC, "沁水县", "a key", home_map=home)
    app = web.Application()
    app.add_routes(routes(parts))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    async with aiohttp.ClientSession() as session:
        yield Door(f"http://{host}:{port}", session, database, bell, gateways["simulator"], clock)
    await runner.cleanup()


@pytest.fixture
async def door(database: Database, tmp_path: Path) -> AsyncGenerator[Door, None]:
    async with open_door(database, tmp_path) as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who was texted and rung."""

    text_id: UUID
    call_id: UUID


@pytest.fixture
async def called(database: Database) -> Called:
    async with database.transaction() as tx:
        await add_areas(tx)
        warning_id = await add_warning(tx)
        contact_id = await add_contact(tx, "演示甲", PHONE)
        call_out_id = await add_call_out(tx, warning_id, contact_id, [])
        text_id = await add_attempt(tx, warning_id, call_out_id, "sms", 1, state="accepted")
        call_id = await add_attempt(
            tx, warning_id, call_out_id, "voice", 1, state="accepted", text="暴雨红色预警，请立即组织转移"
        )
    return Called(text_id, call_id)


def path_of(door: Door, name: str, attempt_id: UUID) -> str:
    return door.gateway.addresses.of(name, attempt_id).removeprefix(PUBLIC)


def our_call(ref: str = "CA1", **more: str) -> dict[str, str]:
    return {
        "CallSid": ref,
        "Direction": "outbound-api",
        "From": OURS,
        "To": PHONE,
        "CallStatus": "in-progress",
    } | more


def their_call(ref: str = "CA9", **more: str) -> dict[str, str]:
    return {"CallSid": ref, "Direction": "inbound", "From": PHONE, "To": OURS, "CallStatus": "ringing"} | more


MESSAGE = "/callbacks/twilio/message"
REPLY = {"MessageSid": "SM1", "From": PHONE, "To": OURS, "Body": "转移 12户35人🌧️ &=+", "NumMedia": "0"}


async def test_a_text_to_us_is_kept_and_answered_with_silence(door: Door) -> None:
    answer = await door.post(MESSAGE, REPLY)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert ElementTree.fromstring(answer.text).tag == "Response"
    assert len(ElementTree.fromstring(answer.text)) == 0
    assert await door.kept() == [("simulator", Reply("SM1", PHONE, OURS, "转移 12户35人🌧️ &=+"))]
    assert door.bell.rung == ["settle"]


async def test_a_text_delivered_twice_is_kept_once_and_answered_twice(door: Door) -> None:
    answers = await asyncio.gather(*(door.post(MESSAGE, REPLY) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert len(await door.kept()) == 1
    assert door.bell.rung == ["settle"]


async def test_a_text_status_is_kept_with_its_attempt(door: Door, called: Called) -> None:
    path = path_of(door, "message-status", called.text_id)
    form = {"MessageSid": "SM1", "MessageStatus": "undelivered", "ErrorCode": "30003", "To": PHONE}
    answer = await door.post(path, form)
    assert (answer.status, answer.text) == (204, "")
    ((gateway, event),) = await door.kept()
    assert gateway == "simulator"
    assert isinstance(event, Report)
    assert (event.attempt_id, event.state, event.code) == (called.text_id, ReportState.FAILED, "30003")


async def test_a_call_status_is_kept_with_its_attempt(door: Door, called: Called) -> None:
    path = path_of(door, "call-status", called.call_id)
    form = our_call(CallStatus="completed", SequenceNumber="3", CallDuration="41")
    assert (await door.post(path, form)).status == 204
    assert await door.kept() == [
        ("simulator", Report("CA1", ReportState.DELIVERED, "completed", called.call_id, seconds=41))
    ]


async def test_a_callback_for_an_attempt_with_a_wrong_token_keeps_the_word_and_not_the_attempt(
    door: Door, called: Called
) -> None:
    path = f"/callbacks/twilio/message-status?attempt={called.text_id}&token={'0' * 32}"
    assert (await door.post(path, {"MessageSid": "SM1", "MessageStatus": "sent"})).status == 204
    assert await door.kept() == [("simulator", Report("SM1", ReportState.UNDER_WAY, "sent"))]


# --- who may post ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["message", "message-status", "voice", "gather", "call-status", "picked-up"])
@pytest.mark.parametrize("signature", ["", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "é"])
async def test_unsigned_is_refused_and_nothing_is_kept(door: Door, name: str, signature: str) -> None:
    form = REPLY | our_call() | {"MessageStatus": "delivered", "Digits": "1"}
    assert (await door.post(f"/callbacks/twilio/{name}", form, signature=signature)).status == 403
    assert await door.kept() == []
    assert door.bell.rung == []
    async with door.database.transaction() as tx:
        assert (await tx.execute(select(ledger_lines))).all() == []


async def test_one_account_cannot_sign_for_another(door: Door) -> None:
    assert (await door.post(MESSAGE, REPLY, token=TWILIO.auth_token)).status == 403
    unknown = TwilioSettings("AC" + "9" * 32, "x", None, OURS, "http://127.0.0.1:1")
    assert (await door.post(MESSAGE, REPLY, peer=unknown)).status == 403
    assert await door.kept() == []


async def test_each_account_is_kept_under_its_gateway(door: Door) -> None:
    assert (await door.post(MESSAGE, REPLY, peer=TWILIO)).status == 200
    assert (await door.post(MESSAGE, REPLY, peer=PEER)).status == 200
    assert [gateway for gateway, _ in await door.kept()] == ["twilio", "simulator"]


async def test_the_token_before_the_change_still_signs(door: Door) -> None:
    assert TWILIO.auth_token_old
    assert (await door.post(MESSAGE, REPLY, peer=TWILIO, token=TWILIO.auth_token_old)).status == 200


async def test_a_signed_word_that_lacks_a_field_is_not_taken_for_kept(door: Door) -> None:
    assert (await door.post(MESSAGE, {"From": PHONE})).status == 400
    assert await door.kept() == []


async def test_the_size_is_bounded(door: Door) -> None:
    assert (await door.post(MESSAGE, REPLY | {"Body": "x" * 70_000})).status == 413


async def test_only_posts_are_taken(door: Door) -> None:
    async with door.session.get(door.base + MESSAGE) as answer:
        assert answer.status == 405


# --- calls ----------------------------------------------------------------------------------------


async def test_who_picks_up_hears_the_warning_and_may_press_a_key(door: Door, called: Called) -> None:
    heard = await door.post(path_of(door, "voice", called.call_id), our_call())
    assert (heard.status, heard.headers["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert "请立即组织转移" in heard.spoken
    assert "请按1" in heard.spoken
    thanked = await door.post(heard.key_path, our_call(Digits="1"))
    assert "谢谢" in thanked.spoken
    assert await door.kept() == [
        ("simulator", Report("CA1", ReportState.UNDER_WAY, "in-progress", called.call_id)),
        ("simulator", KeyPress("CA1", "1", PHONE, called.call_id)),
    ]


async def test_every_key_is_kept_and_wrong_ones_hear_the_menu_twice_more(door: Door, called: Called) -> None:
    heard = await door.post(path_of(door, "voice", called.call_id), our_call())
    for digits, words in (("9", "组织转移"), ("7", "没有这个选项"), ("7", "没有这个选项")):
        heard = await door.post(heard.key_path, our_call(Digits=digits))
        assert words in heard.spoken
    ended = await door.post(heard.key_path, our_call(Digits="7"))
    assert "<Hangup" in ended.text
    keys = [event.digits for _, event in await door.kept() if isinstance(event, KeyPress)]
    assert keys == ["9", "7", "7", "7"]


async def test_heard_to_the_end_without_a_key_is_kept(door: Door, called: Called) -> None:
    heard = await door.post(path_of(door, "voice", called.call_id), our_call())
    again = await door.post(heard.key_path, our_call(Digits=""))
    assert "请立即组织转移" in again.spoken
    silent = await door.post(again.key_path, our_call(Digits=""))
    assert "没有收到您的按键" in silent.spoken
    word = Report("CA1", ReportState.UNDER_WAY, "heard", called.call_id, heard_whole=True)
    assert (await door.kept())[-2:] == [("simulator", word), ("simulator", word)]


async def test_who_picked_up_is_kept(door: Door, called: Called) -> None:
    path = path_of(door, "picked-up", called.call_id)
    assert (await door.post(path, our_call(AnsweredBy="machine_start"))).status == 204
    word = Report(
        "CA1", ReportState.UNDER_WAY, "machine_start", called.call_id, picked_up_by=PickedUp.MACHINE
    )
    assert await door.kept() == [("simulator", word)]


async def test_a_call_is_found_by_its_reference_when_the_token_is_of_an_older_account(
    door: Door, called: Called
) -> None:
    path = f"/callbacks/twilio/voice?attempt={called.call_id}&token={'0' * 32}"
    heard = await door.post(path, our_call(f"ref-{called.call_id}"))
    assert "请立即组织转移" in heard.spoken


async def test_a_call_of_ours_whose_words_are_gone_still_asks_for_a_key(door: Door) -> None:
    heard = await door.post(path_of(door, "voice", UUID(int=1)), our_call())
    assert "沁水县值班室" in heard.spoken
    assert "请按1" in heard.spoken
    assert (await door.post(heard.key_path, our_call(Digits="1"))).status == 200


async def test_who_rings_us_hears_what_is_open_and_may_answer_it(door: Door, called: Called) -> None:
    heard = await door.post("/callbacks/twilio/voice", their_call())
    assert "沁水县值班室" in heard.spoken
    assert "请立即组织转移" in heard.spoken
    assert (await door.post(heard.key_path, their_call(Digits="1"))).status == 200
    assert await door.kept() == [
        ("simulator", IncomingCall("CA9", PHONE)),
        ("simulator", KeyPress("CA9", "1", PHONE, called.call_id)),
    ]


async def test_who_rings_us_with_nothing_open_hears_whom_they_reached(door: Door, called: Called) -> None:
    heard = await door.post("/callbacks/twilio/voice", their_call(From="+8610000000099"))
    assert "沁水县值班室" in heard.spoken
    assert "<Gather" not in heard.text
    other_carrier = await door.post("/callbacks/twilio/voice", their_call(), peer=TWILIO)
    assert "<Gather" not in other_carrier.text


# --- the database is away -------------------------------------------------------------------------


async def test_without_a_database_the_carrier_is_asked_to_come_again(tmp_path: Path) -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nothing")
    async with open_door(nowhere, tmp_path) as door:
        for path, form in ((MESSAGE, REPLY), ("/callbacks/twilio/voice", their_call())):
            answer = await door.post(path, form)
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "2"
        assert door.bell.rung == []
    await nowhere.close()


async def test_a_database_that_says_nothing_does_not_keep_the_carrier_waiting(tmp_path: Path) -> None:
    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.sleep(30)
        finally:
            writer.close()

    mute = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = mute.sockets[0].getsockname()[1]
    silent = Database(f"postgresql://nobody@127.0.0.1:{port}/nothing")
    async with open_door(silent, tmp_path) as door:
        began = time.monotonic()
        assert (await door.post(MESSAGE, REPLY)).status == 503
        assert time.monotonic() - began < 2
    await silent.close()
    mute.close()


async def test_a_locked_table_does_not_keep_the_carrier_waiting(door: Door) -> None:
    async with door.database.transaction() as tx:
        await tx.execute(text("LOCK TABLE inbox_items IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        assert (await door.post(MESSAGE, REPLY)).status == 503
        assert time.monotonic() - began < 2
    assert (await door.post(MESSAGE, REPLY)).status == 200
    assert len(await door.kept()) == 1


async def test_a_frozen_database_does_not_keep_the_carrier_waiting(door: Door, owner_url: str) -> None:
    owner = make_url(owner_url)
    await door.kept()
    boss = await asyncpg.connect(user="postgres", database="postgres", host=str(owner.query["host"]))
    found = await boss.fetch("SELECT pid FROM pg_stat_activity WHERE datname = $1", owner.database)
    processes = [int(row["pid"]) for row in found]
    assert processes
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert (await door.post(MESSAGE, REPLY)).status == 503
        assert time.monotonic() - began < 2
    finally:
        for process in processes:
            os.kill(process, signal.SIGCONT)
        await boss.close()
    assert (await door.post(MESSAGE, REPLY)).status == 200
    assert len(await door.kept()) == 1
