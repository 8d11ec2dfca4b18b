"""Our gateway, our callbacks and the simulator, through real HTTP and real signatures."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from aiohttp import web
from sqlalchemy import select

from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.inbox import read_event
from jiaoying.gateways.base import (
    Accepted,
    Channel,
    Event,
    Found,
    HandOver,
    IncomingCall,
    KeyPress,
    Limits,
    PickedUp,
    Refused,
    Reply,
    Report,
    ReportState,
)
from jiaoying.gateways.registry import simulator_settings
from jiaoying.gateways.simulator.habits import NAMED_HABITS
from jiaoying.gateways.simulator.service import Simulator
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.kernel.clock import ManualClock
from jiaoying.settings import read_settings
from jiaoying.storage.database import Database
from jiaoying.storage.schema import inbox_items
from jiaoying.storage.wake import Wake
from jiaoying.web.callbacks.twilio import routes
from jiaoying.web.parts import WebParts
from storage.county import NOW, add_areas, add_attempt, add_call_out, add_contact, add_warning

PHONE = "+8610000000001"
SECRET = "s" * 32
WORDS = "沁水县暴雨红色预警，请立即组织转移"


@dataclass(slots=True)
class Carrier:
    """The simulator with one telephone, our gateway towards it, and our callbacks."""

    clock: ManualClock
    simulator: Simulator
    gateway: TwilioGateway
    database: Database

    async def live_on(self) -> None:
        """Everything that is to happen in town happens."""
        await self.simulator.run_due()
        while (at := self.simulator.next_event_at()) is not None:
            self.clock.advance_to(at)
            await self.simulator.run_due()

    async def kept(self) -> list[Event]:
        async with self.database.transaction() as tx:
            order = (inbox_items.c.received_at, inbox_items.c.id)
            rows = (await tx.execute(select(inbox_items).order_by(*order))).all()
        return [read_event(row.content) for row in rows]


@pytest.fixture
async def carrier(database: Database, tmp_path: Path) -> AsyncGenerator[Carrier, None]:
    clock, account = ManualClock(NOW), simulator_settings(SECRET, "")
    simulator = Simulator(
        clock=clock,
        account_sid=account.account_sid,
        auth_token=account.auth_token,
        secret=SECRET,
        from_numbers=(account.from_number,),
    )
    peer = simulator_settings(SECRET, await simulator.start())
    bound: list[str] = []
    gateway = TwilioGateway("simulator", peer, Limits(0, 0, 0), lambda: bound[0], proof_secret=SECRET)
    async with _web(database, clock, gateway, tmp_path) as base:
        bound.append(base)
        simulator.folk.set_webhooks(f"{base}/callbacks/twilio/message", f"{base}/callbacks/twilio/voice")
        await gateway.start()
        yield Carrier(clock, simulator, gateway, database)
        await gateway.stop()
    await simulator.stop()


@asynccontextmanager
async def _web(
    database: Database, clock: ManualClock, gateway: TwilioGateway, folder: Path
) -> AsyncGenerator[str, None]:
    gateways = {"simulator": gateway}
    settings = read_settings({}, folder)
    home = map_of(settings.home_area)
    parts = WebParts(database, clock, settings, Wake(None), gateways, "", "沁水县", "a key", home_map=home)
    app = web.Application()
    app.add_routes(routes(parts))
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield "http://{}:{}".format(*runner.addresses[0][:2])
    await runner.cleanup()


async def planned(database: Database, channel: Channel) -> HandOver:
    """An attempt whose row is committed, as before every hand-over."""
    async with database.transaction() as tx:
        await add_areas(tx)
        warning_id = await add_warning(tx)
        call_out_id = await add_call_out(tx, warning_id, await add_contact(tx, "演示甲", PHONE), [])
        attempt_id = await add_attempt(
            tx, warning_id, call_out_id, channel, 1, state="accepted", text=WORDS, carrier_ref=None
        )
    return HandOver(attempt_id, channel, PHONE, WORDS, "zh-CN", 3600, demonstration=True)


def states(kept: list[Event], attempt_id: UUID) -> list[str]:
    return [event.code for event in kept if isinstance(event, Report) and event.attempt_id == attempt_id]


async def test_a_text_is_delivered_and_answered(carrier: Carrier) -> None:
    carrier.simulator.folk.set_phone(PHONE, NAMED_HABITS["replies"])
    item = await planned(carrier.database, Channel.SMS)
    outcome = await carrier.gateway.hand_over(item)
    assert isinstance(outcome, Accepted)
    await carrier.live_on()
    kept = await carrier.kept()
    assert states(kept, item.attempt_id)[-1] == "delivered"
    (reply,) = [event for event in kept if isinstance(event, Reply)]
    assert (reply.from_number, reply.text) == (PHONE, "收到")
    assert all(event.ref == outcome.ref for event in kept if isinstance(event, Report))


@pytest.mark.parametrize(("habit", "digits"), [("answers", "1"), ("cannot", "2"), ("ring_back", "3")])
async def test_a_call_is_answered_by_key(carrier: Carrier, habit: str, digits: str) -> None:
    carrier.simulator.folk.set_phone(PHONE, NAMED_HABITS[habit])
    item = await planned(carrier.database, Channel.VOICE)
    outcome = await carrier.gateway.hand_over(item)
    assert isinstance(outcome, Accepted)
    await carrier.live_on()
    kept = await carrier.kept()
    assert [event for event in kept if isinstance(event, KeyPress)] == [
        KeyPress(outcome.ref, digits, PHONE, item.attempt_id)
    ]
    assert states(kept, item.attempt_id)[-1] == "completed"


@pytest.mark.parametrize(
    ("habit", "who", "readings"),
    [
        ("listens", PickedUp.HUMAN, 2),
        ("hangs_up", PickedUp.HUMAN, 0),
        ("assistant", PickedUp.UNKNOWN, 2),
        ("voicemail", PickedUp.MACHINE, 2),
    ],
)
async def test_a_call_without_a_key_tells_who_heard_how_much(
    carrier: Carrier, habit: str, who: PickedUp, readings: int
) -> None:
    carrier.simulator.folk.set_phone(PHONE, NAMED_HABITS[habit])
    item = await planned(carrier.database, Channel.VOICE)
    await carrier.gateway.hand_over(item)
    await carrier.live_on()
    told = [event for event in await carrier.kept() if isinstance(event, Report)]
    assert sum(event.heard_whole for event in told) == readings
    ended = next(event for event in told if event.state is ReportState.DELIVERED)
    assert ended.picked_up_by is who
    assert all(event.attempt_id == item.attempt_id for event in told)
    looked_up = await carrier.gateway.look_up(ended.ref)
    assert looked_up
    assert (looked_up.picked_up_by, looked_up.seconds) == (who, ended.seconds)


@pytest.mark.parametrize(("habit", "code"), [("busy", "busy"), ("ignores", "no-answer")])
async def test_a_call_that_nobody_takes_fails_in_the_carriers_words(
    carrier: Carrier, habit: str, code: str
) -> None:
    carrier.simulator.folk.set_phone(PHONE, NAMED_HABITS[habit])
    item = await planned(carrier.database, Channel.VOICE)
    await carrier.gateway.hand_over(item)
    await carrier.live_on()
    last = [event for event in await carrier.kept() if isinstance(event, Report)][-1]
    assert (last.state, last.code) == (ReportState.FAILED, code)


async def test_a_number_that_is_none_is_refused(carrier: Carrier) -> None:
    carrier.simulator.folk.set_phone(PHONE, NAMED_HABITS["invalid"])
    item = await planned(carrier.database, Channel.SMS)
    outcome = await carrier.gateway.hand_over(item)
    assert isinstance(outcome, Refused)
    assert outcome.code == "21211"


async def test_what_was_handed_over_is_found_again(carrier: Carrier) -> None:
    item = await planned(carrier.database, Channel.SMS)
    outcome = await carrier.gateway.hand_over(item)
    assert isinstance(outcome, Accepted)
    assert await carrier.gateway.reconcile(item, NOW, ()) == Found(outcome.ref)


async def test_who_missed_the_call_rings_back_and_answers(carrier: Carrier) -> None:
    carrier.simulator.folk.set_phone(PHONE, NAMED_HABITS["ignores"])
    item = await planned(carrier.database, Channel.VOICE)
    await carrier.gateway.hand_over(item)
    await carrier.live_on()
    carrier.simulator.folk.ring_us(PHONE, keys="1")
    await carrier.live_on()
    kept = await carrier.kept()
    (ring,) = [event for event in kept if isinstance(event, IncomingCall)]
    assert ring.from_number == PHONE
    (key,) = [event for event in kept if isinstance(event, KeyPress)]
    assert key == KeyPress(ring.ref, "1", PHONE, item.attempt_id)


async def test_a_call_is_hung_up(carrier: Carrier) -> None:
    carrier.simulator.folk.set_phone(PHONE, NAMED_HABITS["ignores"])
    item = await planned(carrier.database, Channel.VOICE)
    outcome = await carrier.gateway.hand_over(item)
    assert isinstance(outcome, Accepted)
    assert await carrier.gateway.hang_up(outcome.ref)
    assert not await carrier.gateway.hang_up(outcome.ref)
    report = await carrier.gateway.look_up(outcome.ref)
    assert report
    assert report.state is not ReportState.UNDER_WAY
