"""A whole installation of the product with the demonstration county, made of processes that may be killed."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import aiohttp
import asyncpg
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from crash.processes import Started, start
from jiaoying.demonstration.messages import fresh_copy
from jiaoying.demonstration.town import demonstration_town
from jiaoying.kernel.clock import SystemClock, monotonic, real_sleep, wall_now
from jiaoying.storage.clock import shared_clock
from jiaoying.storage.database import Database
from jiaoying.storage.embedded import EmbeddedServers, start_servers
from jiaoying.storage.redis_client import redis_client
from jiaoying.web.accounts import add_token

TEMPLATE = "county"
LOOK_S = 0.2
# How the references of `rain_update` end, and how they would if it continued `rain_red`.
_OF_ORANGE, _OF_RED = b"_3,2", b"_4,2"
UNPACED = {
    "JIAOYING_SIMULATOR_LINES": "0",
    "JIAOYING_SIMULATOR_CALLS_PER_S": "0",
    "JIAOYING_SIMULATOR_SEGMENTS_PER_S": "0",
}

UNFINISHED = """
    SELECT (SELECT count(*) FROM issued_warnings WHERE state IN ('received', 'matched'))
         + (SELECT count(*) FROM attempts WHERE state IN ('due', 'sending', 'accepted'))
         + (SELECT count(*) FROM inbox_items WHERE state = 'unread')
"""
UNSEALED = (
    "SELECT count(*) FROM ledger_lines WHERE tx >= (SELECT coalesce(max(tx_below), 0) FROM ledger_seals)"
)


@dataclass(slots=True)
class Installation:
    """A data directory with its servers, a simulated carrier, one web process, and workers to be started."""

    folder: Path
    servers: EmbeddedServers
    database: Database
    environment: dict[str, str]
    session: aiohttp.ClientSession
    rate: float
    carrier_url: str = ""
    web_url: str = ""
    token: str = ""
    processes: list[Started] = field(default_factory=list[Started])
    pushed_at: dict[str, datetime] = field(default_factory=dict[str, datetime])

    # --- processes ---

    def start(self, kind: str, *arguments: str, **changes: str) -> Started:
        """Start `jiaoying ARGUMENTS` on this installation; not yet up."""
        name = f"{kind}-{len(self.processes)}"
        started = start(name, arguments, self.environment | changes, self.folder)
        self.processes.append(started)
        return started

    def start_worker(self, **changes: str) -> Started:
        """Start a worker; not yet up."""
        return self.start("worker", "serve", "--role", "worker", **changes)

    # --- servers ---

    def kill_valkey(self) -> None:
        """SIGKILL, as a power cut or an operator does it."""
        _kill(self.folder / "valkey" / "valkey.pid")

    def kill_postgres(self) -> None:
        """SIGKILL to the postmaster: every session is cut, nothing that was committed is lost."""
        _kill(self.folder / "postgres" / "postmaster.pid")

    async def revive_servers(self) -> None:
        """Bring back what was killed."""
        await asyncio.to_thread(self.servers.revive)

    # --- warnings ---

    async def business_now(self) -> datetime:
        return (await self.clock()).now()

    async def clock(self) -> SystemClock:
        """The clock that all processes share."""
        return await shared_clock(self.database, self.rate)

    async def warn(self, name: str) -> None:
        """Push a fresh copy of a demonstration warning through the real door."""
        now = self.pushed_at[name] = await self.business_now()
        await self._push(fresh_copy(name, now))

    async def lower(self) -> None:
        """Push an update to orange of the red rain warning that was pushed last."""
        body = fresh_copy("rain_update", await self.business_now(), refers_to=self.pushed_at["rain_red"])
        await self._push(body.replace(_OF_ORANGE, _OF_RED))

    async def _push(self, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/cap+xml"}
        async with self.session.post(f"{self.web_url}/api/v1/warnings", data=body, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    # --- the carrier ---

    async def town(self, method: str, path: str, **options: Any) -> Mapping[str, Any]:
        """Ask the simulated carrier."""
        async with self.session.request(method, f"{self.carrier_url}/town/{path}", **options) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def trouble(self, *faults: Mapping[str, object]) -> None:
        """Order trouble at the carrier; none ends it."""
        await self.town("DELETE", "faults")
        if faults:
            await self.town("POST", "faults", json={"faults": list(faults)})

    # --- looking ---

    async def value(self, statement: str, **values: object) -> Any:
        async with self.database.transaction() as tx:
            return await tx.scalar(text(statement), values)

    async def rows(self, statement: str, **values: object) -> list[tuple[Any, ...]]:
        async with self.database.transaction() as tx:
            return [tuple(row) for row in await tx.execute(text(statement), values)]

    async def wait_until_none(self, statement: str, timeout_s: float, *, what: str) -> float:
        """Until a statement counts nothing; returns the seconds it took. Fails with what is left."""
        began = monotonic()
        while left := await self._value_in_spite_of_outages(statement):
            assert monotonic() < began + timeout_s, (
                f"after {timeout_s} s: {left} × {what}\n{self.last_words()}"
            )
            await real_sleep(LOOK_S)
        return monotonic() - began

    async def wait_until_done(self, timeout_s: float) -> float:
        """Until every warning is closed, every attempt ended and every word read; returns the seconds."""
        took_s = await self.wait_until_none(UNFINISHED, timeout_s, what="rows that are not done")
        await self.wait_until_none(UNSEALED, 60, what="ledger lines that are not sealed")
        return took_s

    async def _value_in_spite_of_outages(self, statement: str) -> Any:
        """One more while the database is away: then nothing can be done yet."""
        try:
            return await self.value(statement)
        except (SQLAlchemyError, asyncpg.PostgresError, OSError):
            return 1

    def defects(self) -> list[str]:
        """Lines in which a process says that the program itself broke; outages are not among them."""
        return [
            f"{one.name}: {line[:1000]}"
            for one in self.processes
            for line in one.log.read_text(errors="replace").splitlines()
            if "Traceback" in line or "broke" in line
        ]

    def last_words(self) -> str:
        """What the processes that run, or ran last, log."""
        ends = (
            f"--- {one.name} (running: {one.running})\n{one.log_tail(1500)}" for one in self.processes[-3:]
        )
        return "\n".join(ends)


def _kill(pid_file: Path) -> None:
    os.kill(int(pid_file.read_text().split("\n", 1)[0]), signal.SIGKILL)


@asynccontextmanager
async def open_installation(
    folder: Path, servers: EmbeddedServers, *, rate: float, **settings: str
) -> AsyncGenerator[Installation]:
    """The prepared county, fresh; its carrier and its web process up; no worker yet."""
    await asyncio.to_thread(servers.revive)  # the test before may have killed one for good
    await _renew_database(servers)
    await _empty_valkey(servers)
    await asyncio.to_thread(_forget_processes, folder)
    port = _free_port()
    environment = {
        "JIAOYING_DATA_DIR": str(folder),
        "JIAOYING_LISTEN": f"127.0.0.1:{port}",
        "JIAOYING_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "JIAOYING_CLOCK_RATE": str(rate),
        "JIAOYING_LOG_FORMAT": "json",
        **settings,
    }
    database = Database(servers.database_url("app"), pool_size=4)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        opened = Installation(folder, servers, database, environment, session, rate)
        try:
            await _open(opened, port)
            yield opened
        finally:
            await _close(opened)


def _forget_processes(folder: Path) -> None:
    """What the processes of the test before said."""
    for left in (*folder.glob("*.said"), *folder.glob("*-*.log")):
        left.unlink()


async def _open(opened: Installation, port: int) -> None:
    await opened.clock()  # anchored before anybody else could
    async with opened.database.transaction() as tx:
        opened.token = await add_token(tx, "crash", {"warnings:write"}, wall_now())
    town_file = opened.folder / "town.yaml"
    town_file.write_text(json.dumps(_town(f"http://127.0.0.1:{port}")))
    carrier = opened.start("carrier", "simulator", "--listen", "127.0.0.1:0", "--town", str(town_file))
    opened.carrier_url = await carrier.wait_until_up()
    opened.environment["JIAOYING_SIMULATOR_BASE"] = opened.carrier_url
    web = opened.start("web", "serve", "--role", "web")
    opened.web_url = await web.wait_until_up()


async def _close(opened: Installation) -> None:
    await opened.database.close()
    running = [one for one in opened.processes if one.running]
    for one in reversed(running):
        await one.kill()


def _town(web_url: str) -> dict[str, object]:
    """The demonstration's telephones, made brisk: who answers does so within some seconds."""
    phones = [{"number": number, "habit": _brisk(habit)} for number, habit in demonstration_town().items()]
    return {"webhooks": {"message_url": f"{web_url}/callbacks/twilio/message"}, "phones": phones}


def _brisk(habit: Mapping[str, Any]) -> dict[str, dict[str, object]]:
    """The same habit with every wait cut to a third."""
    return {
        channel: {name: value / 3 if name.endswith("after_s") else value for name, value in manner.items()}
        for channel, manner in habit.items()
    }


async def _renew_database(servers: EmbeddedServers) -> None:
    """The prepared county as it was before any warning: a clone of the template, some 100 ms."""
    owner = make_url(servers.database_url("owner"))
    boss = await asyncpg.connect(user="postgres", database="postgres", host=str(owner.query["host"]))
    try:
        await boss.execute(f"DROP DATABASE IF EXISTS {owner.database} WITH (FORCE)")
        await boss.execute(f"CREATE DATABASE {owner.database} OWNER {owner.username} TEMPLATE {TEMPLATE}")
    finally:
        await boss.close()


async def _empty_valkey(servers: EmbeddedServers) -> None:
    async with redis_client(servers.redis_url or "") as client:
        await cast("Any", client).flushall()


async def keep_as_template(servers: EmbeddedServers) -> None:
    """What the database holds now is what every test of the session begins with."""
    owner = make_url(servers.database_url("owner"))
    boss = await asyncpg.connect(user="postgres", database="postgres", host=str(owner.query["host"]))
    try:
        await boss.execute(f"ALTER DATABASE {owner.database} RENAME TO {TEMPLATE}")
    finally:
        await boss.close()


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return asking.getsockname()[1]


def start_county_servers(folder: Path) -> EmbeddedServers:
    """Servers that this process holds, so that no kill of another stops them."""
    return start_servers(folder, careless=True)


def share(part: int, whole: int) -> str:
    """`1 in 250`, or `none in 1,000`."""
    return f"1 in {whole // part:,}" if part else f"none in {whole:,}"
