"""The ground that every benchmark stands on: servers of its own, the carrier, and the product's processes."""

import asyncio
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
from sqlalchemy.engine import make_url

from benchmarks.carrier import Carrier
from benchmarks.processes import Child, family_cpu_s, running
from jiaoying.storage.embedded import EmbeddedServers, start_servers
from jiaoying.storage.migrate import migrate
from jiaoying.storage.secrets import load_secrets
from jiaoying.storage.wake import Wake

# A signed address that nobody asks: webhooks are posted to the process itself.
PUBLIC_URL = "http://jiaoying.invalid"
UNLIMITED = {
    "JIAOYING_SIMULATOR_LINES": "0",
    "JIAOYING_SIMULATOR_CALLS_PER_S": "0",
    "JIAOYING_SIMULATOR_SEGMENTS_PER_S": "0",
    "JIAOYING_SIMULATOR_NUMBER_BUDGET": "none",
}


@dataclass(slots=True)
class Ground:
    """One PostgreSQL (durable, as in earnest) and one Valkey for all runs; a fresh database for each."""

    folder: Path
    servers: EmbeddedServers
    carrier: Carrier
    secret: str
    wake: Wake
    _databases: int = 0

    def database_cpu_s(self) -> float:
        """Seconds of processor that PostgreSQL has used, all its processes."""
        postmaster = int((self.folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        return family_cpu_s(postmaster)

    @asynccontextmanager
    async def database(self, template: str | None = None) -> AsyncGenerator[str]:
        """A migrated database, or a copy of `template`; its name. It is dropped with the block."""
        self._databases += 1
        name = f"bench_{self._databases}"
        async with self._boss() as boss:
            owner = make_url(self.servers.database_url("owner"))
            await boss.execute(
                f"CREATE DATABASE {name} OWNER {owner.username} TEMPLATE {template or owner.database}"
            )
            # Else the writing of the copy goes on during the measurement.
            await boss.execute("CHECKPOINT")
        try:
            yield name
        finally:
            async with self._boss() as boss:
                await boss.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @asynccontextmanager
    async def connection(self, database: str) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
        """A bare connection, as the owner."""
        connection = await asyncpg.connect(self.dsn(database, "jiaoying_owner"))
        try:
            yield connection
        finally:
            await connection.close()

    def dsn(self, database: str, user: str) -> str:
        """The address of one of the databases for a bare client."""
        owner = make_url(self.servers.database_url("owner"))
        return f"postgresql://{user}@/{database}?host={owner.query['host']}"

    @asynccontextmanager
    async def worker(self, database: str, *, rest_s: float = 1.5) -> AsyncGenerator[Child]:
        """`jiaoying serve --role worker` on one of the databases; it has come to rest after `rest_s`."""
        environment, arguments = self._environment(database), ("serve", "--role", "worker")
        async with running("jiaoying", *arguments, environment=environment, folder=self.folder) as child:
            await asyncio.sleep(rest_s)
            yield child

    @asynccontextmanager
    async def web(self, database: str) -> AsyncGenerator[tuple[Child, str]]:
        """`jiaoying serve --role web`: the process, and its address."""
        port = _free_port()
        environment = {
            **self._environment(database),
            "JIAOYING_LISTEN": f"127.0.0.1:{port}",
        }
        arguments = ("serve", "--role", "web")
        async with running("jiaoying", *arguments, environment=environment, folder=self.folder) as child:
            yield child, f"http://127.0.0.1:{port}"

    def _environment(self, database: str) -> dict[str, str]:
        assert self.servers.redis_url is not None
        return {
            **UNLIMITED,
            "JIAOYING_DATA_DIR": str(self.folder),
            "JIAOYING_DATABASE_URL": self.dsn(database, "jiaoying_app"),
            "JIAOYING_REDIS_URL": self.servers.redis_url,
            "JIAOYING_SIMULATOR_BASE": self.carrier.url,
            "JIAOYING_PUBLIC_URL": PUBLIC_URL,
            "JIAOYING_GATEWAYS": "simulator",
        }

    @asynccontextmanager
    async def _boss(self) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
        boss = await asyncpg.connect(self.dsn("postgres", "postgres"))
        try:
            yield boss
        finally:
            await boss.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@asynccontextmanager
async def open_ground() -> AsyncGenerator[Ground]:
    """Servers in a temporary folder, the carrier, and what they need of each other."""
    async with AsyncExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="jiaoying-bench-"))
        stack.callback(shutil.rmtree, folder)
        servers = await asyncio.to_thread(start_servers, folder)
        stack.push_async_callback(asyncio.to_thread, servers.stop)
        await asyncio.to_thread(migrate, servers.database_url("owner"))
        secret = load_secrets(folder).simulator
        # What came with the environment must not send our own requests through a proxy.
        os.environ["no_proxy"] = "127.0.0.1"
        carrier = await stack.enter_async_context(running("benchmarks.carrier", secret))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        wake = await stack.enter_async_context(Wake(servers.redis_url))
        yield Ground(
            folder, servers, Carrier(f"http://127.0.0.1:{carrier.first_line}", session), secret, wake
        )
