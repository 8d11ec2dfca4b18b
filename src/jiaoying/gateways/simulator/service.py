"""The simulator as a service: a carrier that speaks Twilio's API, and a town of telephones behind it."""

import asyncio
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

from jiaoying.gateways.simulator.calling import Calling
from jiaoying.gateways.simulator.faults import Faults
from jiaoying.gateways.simulator.network import WEBHOOK_FAILED, Network, Webhooks
from jiaoying.gateways.simulator.pages import Pages
from jiaoying.gateways.simulator.records import MOST_RECORDS, Records
from jiaoying.gateways.simulator.scheduler import Scheduler
from jiaoying.gateways.simulator.texting import Texting
from jiaoying.gateways.simulator.town import Town
from jiaoying.gateways.simulator.town_api import TownApi
from jiaoying.gateways.simulator.town_file import TownFile, load_town
from jiaoying.gateways.simulator.townsfolk import Townsfolk
from jiaoying.gateways.simulator.twilio_api import E164, TwilioApi
from jiaoying.gateways.simulator.webhooks import Answer, Post, WebhookPool
from jiaoying.kernel.clock import Clock
from jiaoying.kernel.errors import SettingError
from jiaoying.kernel.language import say

DEMONSTRATION_NUMBER = "+15005550006"  # Twilio's own number for tests
LARGEST_REQUEST = 1024 * 1024
CLOSING_S = 2.0


@dataclass(frozen=True, slots=True)
class Opened:
    """A simulator that listens: where, and with what its API is used."""

    base_url: str
    account_sid: str
    auth_token: str
    secret: str
    from_numbers: tuple[str, ...]


class Simulator:
    """One carrier with one town.

    `secret` is what a gateway asks a proof of; `from_numbers` are ours. `folk` has a method for
    everything that may be asked of the town. Raises SettingError for an account that has not
    Twilio's form, or without a number.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        account_sid: str,
        auth_token: str,
        secret: str,
        from_numbers: Sequence[str],
        seed: int = 0,
        town: Town | None = None,
        most_records: int = MOST_RECORDS,
        timezone: ZoneInfo | None = None,
    ) -> None:
        _check_account(account_sid, auth_token, from_numbers)
        self.records = Records(most_records)
        self._pool = WebhookPool(clock, auth_token, self._note_failure)
        self._scheduler = Scheduler(clock, self._pool)
        network = Network(
            clock=clock,
            scheduler=self._scheduler,
            pool=self._pool,
            records=self.records,
            faults=Faults(seed),
            town=town or Town(seed=seed),
            webhooks=Webhooks(),
            account_sid=account_sid,
            from_numbers=tuple(from_numbers),
        )
        texting = Texting(network)
        calling = Calling(network, texting)
        self.folk = Townsfolk(network, texting, calling)
        self._api = TwilioApi(network, texting, calling, auth_token)
        self._town_api = TownApi(network, self.folk, secret)
        self._pages = Pages(network, self.folk, timezone or ZoneInfo("Asia/Shanghai"))
        self._life: asyncio.Task[None] | None = None

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen, and give back the address as `http://host:port`. Port 0 takes a free one."""
        opened: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        # The one task that this object owns; everything else lives in the task group inside it.
        self._life = asyncio.get_running_loop().create_task(self._live(host, port, opened))
        await asyncio.wait({opened, self._life}, return_when=asyncio.FIRST_COMPLETED)
        if not opened.done():
            failed, self._life = self._life, None
            await failed
        return await opened

    async def stop(self) -> None:
        """End everything; what was still to happen in town does not. Raises what broke on the way."""
        life, self._life = self._life, None
        if life is None:
            return
        life.cancel()
        await asyncio.wait({life})
        if not life.cancelled() and (broken := life.exception()) is not None:
            raise broken

    async def run_until_broken(self) -> None:
        """Wait while it serves."""
        if self._life is not None:
            await asyncio.shield(self._life)

    def idle(self) -> bool:
        """Whether nothing is due and no web hook is under way."""
        return self._scheduler.is_idle()

    def next_event_at(self) -> datetime | None:
        """When something next happens in town by itself."""
        return self._scheduler.next_at()

    async def run_due(self) -> None:
        """Do everything that is due by now, and wait for its web hooks and what they set off."""
        await self._scheduler.run_due()

    def settle_in(self, content: TownFile) -> None:
        """Let the people of a town file move in, and take its web hooks."""
        for resident in content.phones:
            self.folk.set_phone(resident.number, resident.habit, resident.name)
        self.folk.set_webhooks(content.webhooks.message_url or None, content.webhooks.voice_url or None)

    def application(self) -> web.Application:
        """The web application, with the most used addresses first."""
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.add_routes([*self._api.routes(), *self._town_api.routes(), *self._pages.routes()])
        return app

    async def _live(self, host: str, port: int, opened: asyncio.Future[str]) -> None:
        async with AsyncExitStack() as stack:
            runner = web.AppRunner(
                self.application(), access_log=None, handler_cancellation=False, shutdown_timeout=CLOSING_S
            )
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            stack.callback(self._api.closing.set)
            await web.TCPSite(runner, host, port, backlog=1024).start()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pool.run())
                group.create_task(self._scheduler.run())
                opened.set_result(_address(host, runner))

    def _note_failure(self, post: Post, answer: Answer) -> None:
        trouble = answer.error or f"HTTP {answer.status}"
        self.records.note(post.moment, WEBHOOK_FAILED, post.key, f"{post.url}: {trouble}")


async def run_simulator(
    host: str,
    port: int,
    town: Path | None,
    clock: Clock,
    *,
    account_sid: str | None = None,
    auth_token: str | None = None,
    secret: str | None = None,
    from_numbers: Sequence[str] = (),
    on_open: Callable[[Opened], None] | None = None,
) -> None:
    """Serve until cancelled. What is not given comes from the town file, else is made up; `on_open` is told.

    Raises Refusal for a town file that cannot be read, SettingError for an account in another form.
    """
    content = TownFile() if town is None else load_town(town)
    opened = Opened(
        base_url="",
        account_sid=account_sid or content.account_sid or f"AC{secrets.token_hex(16)}",
        auth_token=auth_token or content.auth_token or secrets.token_hex(16),
        secret=secret or content.secret or secrets.token_hex(16),
        from_numbers=tuple(from_numbers) or content.numbers or (DEMONSTRATION_NUMBER,),
    )
    simulator = Simulator(
        clock=clock,
        account_sid=opened.account_sid,
        auth_token=opened.auth_token,
        secret=opened.secret,
        from_numbers=opened.from_numbers,
        seed=content.town.seed,
        town=content.town,
    )
    simulator.settle_in(content)
    base_url = await simulator.start(host, port)
    try:
        if on_open is not None:
            on_open(replace(opened, base_url=base_url))
        await simulator.run_until_broken()
    finally:
        await simulator.stop()


def _address(host: str, runner: web.AppRunner) -> str:
    port = runner.addresses[0][1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _check_account(account_sid: str, auth_token: str, from_numbers: Sequence[str]) -> None:
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", account_sid):
        raise SettingError(say("The simulator's account must be AC and 32 hexadecimal digits"))
    if not auth_token:
        raise SettingError(say("The simulator needs an auth token"))
    if not from_numbers or not all(E164.fullmatch(number) for number in from_numbers):
        raise SettingError(say("The simulator needs a number of ours to send from, written in full with +"))
