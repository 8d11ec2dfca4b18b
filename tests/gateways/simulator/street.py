"""A simulator with a clock that stands still, and a user of its API that answers its web hooks."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import aiohttp
from aiohttp import web
from multidict import MultiDict
from twilio.request_validator import RequestValidator  # pyright: ignore[reportMissingTypeStubs]

from jiaoying.gateways.simulator.service import Simulator
from jiaoying.gateways.simulator.town import Town
from jiaoying.kernel.clock import Clock, ManualClock

START = datetime(2026, 7, 15, 16, 30, tzinfo=UTC)
ACCOUNT, TOKEN, SECRET = "AC" + "5" * 32, "t" * 32, "s" * 32
OURS, OTHER_OURS = "+8610000000000", "+8610000000001"
PHONE, NEIGHBOUR = "+8610012345678", "+8610087654321"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"
QUESTION = (
    '<Response><Gather action="/key?x=1" numDigits="1" timeout="6" actionOnEmptyResult="true">'
    '<Say language="cmn-CN" loop="2">暴雨红色预警确认收到请按一</Say></Gather><Hangup/></Response>'
)
GOODBYE = '<Response><Say language="cmn-CN">已记录</Say><Hangup/></Response>'


@dataclass(frozen=True, slots=True)
class Heard:
    """One web hook as it came."""

    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    signed: bool


@dataclass(slots=True)
class Listener:
    """Takes every web hook, checks its signature as Twilio's own library does, and answers by path."""

    base: str = ""
    heard: list[Heard] = field(default_factory=list[Heard])
    answers: dict[str, str] = field(default_factory=lambda: {"/voice": QUESTION, "/key": GOODBYE})
    statuses: dict[str, int] = field(default_factory=dict[str, int])
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        form = MultiDict(cast("Any", await request.post()))
        signature = request.headers.get("X-Twilio-Signature", "")
        validator = RequestValidator(TOKEN)
        signed = cast("Any", validator).validate(f"{self.base}{request.path_qs}", form, signature)
        params = {name: str(value) for name, value in [*request.query.items(), *form.items()]}
        self.heard.append(Heard(request.path, params, dict(request.headers), signed))
        self.came.set()
        status = self.statuses.get(request.path, 0)
        if request.path in self.answers and status in (0, 200):
            return web.Response(text=self.answers[request.path], content_type="text/xml")
        return web.Response(status=status or 204)

    async def until(self, enough: Callable[[], bool]) -> None:
        """Wait, five seconds of the wall at most for each web hook, until enough of them have come."""
        while not enough():
            self.came.clear()
            async with asyncio.timeout(5):
                await self.came.wait()

    def at(self, path: str) -> list[Mapping[str, str]]:
        """What came to one path, in order."""
        return [heard.params for heard in self.heard if heard.path == path]

    def statuses_at(self, path: str) -> list[str]:
        """The states told to one path, in order."""
        return [params.get("MessageStatus") or params["CallStatus"] for params in self.at(path)]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered."""

    status: int
    content: Any
    headers: Mapping[str, str]


@dataclass(slots=True)
class Street:
    """Everything that a test holds in its hands."""

    clock: ManualClock
    simulator: Simulator
    base: str
    session: aiohttp.ClientSession
    listener: Listener

    async def ask(self, method: str, path: str, data: Any = None, **options: Any) -> Answer:
        """One request, as the account."""
        async with self.session.request(method, f"{self.base}{path}", data=data, **options) as response:
            is_json = "json" in response.headers.get("Content-Type", "")
            content = await response.json() if is_json else await response.text()
            return Answer(response.status, content, dict(response.headers))

    async def town(self, method: str, path: str, content: Any = None) -> Any:
        """One request to the town; it has to be accepted."""
        answer = await self.ask(method, f"/town{path}", json=content)
        assert answer.status == 200, answer.content
        return answer.content

    async def send(self, number: str = PHONE, body: str = "暴雨红色预警", **fields: str) -> Answer:
        """Hand over a text."""
        given = {
            "To": number,
            "From": OURS,
            "Body": body,
            "StatusCallback": f"{self.listener.base}/text-status",
        }
        return await self.ask("POST", f"{ROOT}/Messages.json", given | fields)

    async def call(self, number: str = PHONE, **fields: Any) -> Answer:
        """Hand over a call that asks for all reports."""
        given: dict[str, Any] = {
            "To": number,
            "From": OURS,
            "Url": f"{self.listener.base}/voice",
            "StatusCallback": f"{self.listener.base}/call-status",
            "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        } | fields
        return await self.ask("POST", f"{ROOT}/Calls.json", aiohttp.FormData(_pairs(given)))

    async def walk(self, seconds: float) -> None:
        """Let time pass from event to event."""
        end = self.clock.now() + timedelta(seconds=seconds)
        await self.simulator.run_due()
        while (next_at := self.simulator.next_event_at()) is not None and next_at <= end:
            self.clock.advance_to(next_at)
            await self.simulator.run_due()
        self.clock.advance_to(end)

    async def leap(self, seconds: float) -> None:
        """Let time pass at once."""
        self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))
        await self.simulator.run_due()

    async def phone(self, number: str = PHONE) -> Any:
        """The telephone as the town shows it."""
        return await self.town("GET", f"/phones/{number}")

    async def only_call(self, number: str = PHONE) -> Any:
        """The one call that a telephone has had."""
        (call,) = (await self.phone(number))["calls"]
        return call

    async def only_text(self, number: str = PHONE) -> Any:
        """The one text that a telephone has had."""
        (message,) = (await self.phone(number))["messages"]
        return message


def _pairs(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, given in fields.items()
        for value in (cast("list[str]", given) if isinstance(given, list) else [str(given)])
    ]


@asynccontextmanager
async def listening() -> AsyncGenerator[Listener]:
    """A listener on a free port."""
    listener = Listener()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", listener.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        listener.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield listener
    finally:
        await runner.cleanup()


@asynccontextmanager
async def standing(
    seed: int = 0, town: Town | None = None, most_records: int = 1000, running: Clock | None = None
) -> AsyncGenerator[Street]:
    """A street at `START`, on a clock that stands still or on the running one that is given."""
    clock = ManualClock(START)
    simulator = Simulator(
        clock=running or clock,
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        secret=SECRET,
        from_numbers=[OURS, OTHER_OURS],
        seed=seed,
        town=town,
        most_records=most_records,
    )
    base = await simulator.start()
    headers = {"Authorization": "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}
    try:
        async with listening() as listener, aiohttp.ClientSession(headers=headers) as session:
            simulator.folk.set_webhooks(f"{listener.base}/inbound", f"{listener.base}/voice")
            yield Street(clock, simulator, base, session, listener)
    finally:
        await simulator.stop()
