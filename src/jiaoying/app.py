"""The parts list: builds everything once, starts it in order, and stops it in reverse."""

import asyncio
import gc
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

import structlog
from aiohttp import web

from jiaoying.base import Base, home_name, open_base
from jiaoying.dispatch.cycle import Cycle
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.home_map import HomeMap, map_of
from jiaoying.gateways.base import Gateway
from jiaoying.gateways.registry import SIMULATOR_NUMBER, build_gateways, simulator_settings
from jiaoying.gateways.simulator.service import Simulator
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Refusal, SettingError
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.scheduler.housekeeping import Housekeeping
from jiaoying.scheduler.metronome import start_metronome
from jiaoying.settings import Settings
from jiaoying.storage.bucket import TokenBucket
from jiaoying.storage.wake import Wake
from jiaoying.web.application import build_application, build_runner
from jiaoying.web.parts import WebParts

# Twelve stages (one of them holds two), the recorder, the housekeeping and the collecting of a worker.
# Requests wait for a connection.
WORKER_CONNECTIONS = 20
WEB_CONNECTIONS = 10

log = structlog.get_logger(__name__)


class Role(StrEnum):
    """What one process does."""

    ALL = "all"
    WEB = "web"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves: where it is reached, and what it runs."""

    base: Base
    url: str | None  # the console's address, where this process answers one
    simulator: Simulator | None
    simulator_url: str | None
    gateways: Mapping[str, Gateway]
    wake: Wake
    cycle: Cycle | None


@asynccontextmanager
async def open_service(
    settings: Settings,
    role: Role,
    *,
    simulator_port: int = 0,
    prepare: Callable[[Base], Awaitable[None]] | None = None,
) -> AsyncGenerator[Running]:
    """Everything that one process runs, until the block is left."""
    connections = {Role.WEB: WEB_CONNECTIONS, Role.WORKER: WORKER_CONNECTIONS}.get(
        role, WEB_CONNECTIONS + WORKER_CONNECTIONS
    )
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(open_base(settings, connections=connections))
        if prepare is not None:
            await prepare(base)
        wake = await stack.enter_async_context(Wake(base.redis_url))
        simulator, simulator_url = await _open_simulator(stack, base, role, simulator_port)
        address = _Address(settings)
        gateways = build_gateways(
            settings,
            public_url=lambda: address.public,
            secrets_simulator=base.secrets.simulator,
            simulator_base=simulator_url,
        )
        for gateway in gateways.values():
            await gateway.start()
            stack.push_async_callback(gateway.stop)
        home_map = map_of(settings.home_area, settings.polygon_rule)
        cycle = None
        if role is not Role.WEB:
            cycle = await _open_worker(stack, base, wake, gateways, home_map, address)
        url = None
        if role is not Role.WORKER:
            url = await _open_web(stack, base, wake, gateways, home_map, address, simulator_url)
        yield Running(base, url, simulator, simulator_url, gateways, wake, cycle)


@dataclass(slots=True)
class _Address:
    """Where carriers reach us; known once the port is bound, unless it is set."""

    settings: Settings
    bound_port: int | None = None

    @property
    def public(self) -> str:
        if self.settings.public_url is not None:
            return self.settings.public_url
        host = self.settings.listen_host
        host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - a comparison
        return f"http://{host}:{self.bound_port or self.settings.listen_port}"


async def _open_simulator(
    stack: AsyncExitStack, base: Base, role: Role, port: int
) -> tuple[Simulator | None, str | None]:
    """The simulated carrier: the one named in the settings, else one inside this process."""
    settings = base.settings
    if "simulator" not in settings.gateways or settings.simulator_base is not None:
        return None, settings.simulator_base
    if role is not Role.ALL:
        raise SettingError(
            say("Start `jiaoying simulator` and write its address into JIAOYING_SIMULATOR_BASE")
        )
    account = simulator_settings(base.secrets.simulator, "")
    simulator = Simulator(
        clock=base.clock,
        account_sid=account.account_sid,
        auth_token=account.auth_token,
        secret=base.secrets.simulator,
        from_numbers=[SIMULATOR_NUMBER],
        timezone=settings.timezone,
    )
    url = await simulator.start("127.0.0.1", port)
    stack.push_async_callback(simulator.stop)
    return simulator, url


async def _open_worker(
    stack: AsyncExitStack,
    base: Base,
    wake: Wake,
    gateways: Mapping[str, Gateway],
    home_map: HomeMap,
    address: _Address,
) -> Cycle:
    bucket = TokenBucket(base.redis_url)
    stack.push_async_callback(bucket.close)
    engine = Engine(
        worker_id=new_id(wall_now()),
        database=base.database,
        clock=base.clock,
        wake=wake,
        bucket=bucket,
        gateways=gateways,
        home_map=home_map,
        home_name=await home_name(base),
        timezone=base.settings.timezone,
        source_key=base.secrets.sources,
        link_base=(lambda: address.public) if base.settings.text_links else None,
        number_check=base.settings.number_check,
    )
    group = await stack.enter_async_context(asyncio.TaskGroup())
    cycle = Cycle(engine, group)
    housekeeping = Housekeeping(engine, base.servers.revive if base.servers else None)
    await housekeeping.register()
    stack.push_async_callback(housekeeping.retire)
    stack.callback(start_metronome(wake, [stage.name for stage in cycle.stages], housekeeping))
    cycle.start()
    stack.push_async_callback(cycle.stop)
    return cycle


async def _open_web(
    stack: AsyncExitStack,
    base: Base,
    wake: Wake,
    gateways: Mapping[str, Gateway],
    home_map: HomeMap,
    address: _Address,
    phones_url: str | None,
) -> str:
    settings = base.settings
    parts = WebParts(
        database=base.database,
        clock=base.clock,
        settings=settings,
        wake=wake,
        gateways=gateways,
        public_url=address.public,
        home_name=await home_name(base),
        source_key=base.secrets.sources,
        home_map=home_map,
        phones_url=phones_url,
    )
    runner = build_runner(build_application(parts))
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(runner, settings.listen_host, settings.listen_port)
    try:
        await site.start()
    except OSError as error:
        raise Refusal(
            say(
                "{host}:{port} cannot be listened on ({problem}): stop what uses it, or set JIAOYING_LISTEN",
                host=settings.listen_host,
                port=settings.listen_port,
                problem=error.strerror or error,
            )
        ) from error
    address.bound_port = runner.addresses[0][1]
    return address.public


async def serve(
    settings: Settings,
    role: Role,
    *,
    announce: Callable[[Running], None],
    simulator_port: int = 0,
    prepare: Callable[[Base], Awaitable[None]] | None = None,
) -> None:
    """Serve until the process is asked to stop (SIGINT, SIGTERM)."""
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    async with open_service(settings, role, simulator_port=simulator_port, prepare=prepare) as running:
        announce(running)
        _calm_collector()
        await stopping.wait()


def _calm_collector() -> None:
    """Have the collector of rings of objects look seldom, and never at what start-up made.

    A batch of 500 people is some 50,000 objects that all go by themselves; at the interpreter's own pace
    (every 700) a third of a red warning's time went into looking through them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
