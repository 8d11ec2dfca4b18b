"""Real servers for tests: one PostgreSQL and one Valkey for each worker, a fresh database for each test."""

import gc
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import asyncpg
import pytest
import pytest_socket
import structlog
from redis.asyncio import Redis
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

from jiaoying.storage.database import Database
from jiaoying.storage.embedded import EmbeddedServers, start_servers
from jiaoying.storage.migrate import migrate
from jiaoying.storage.redis_client import redis_client

# The tests of a worker make millions of short-lived objects beside what is imported and parsed once for all:
# collected as often as by default, going through the latter takes a sixth of the whole time.
gc.set_threshold(50_000, 20, 50)
# What breaks on purpose is told plainly, not in colours with every local value.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(bool_as_flag=False),
    ]
)


@pytest.fixture(autouse=True)
def only_this_machine() -> None:
    """A test that reaches for another machine fails."""
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


TEST_DATABASE = "test"
MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 4 * 1024**3


def _place_for_servers() -> Path | None:
    """In memory, where there is room: a copy of a database for each test takes far longer on a disk."""
    try:
        has_room = shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY
    except OSError:
        return None
    return MEMORY if has_room else None


@pytest.fixture(scope="session")
def servers() -> Iterator[EmbeddedServers]:
    """Migrated once; its database `jiaoying` is the template of every test's own."""
    folder = Path(tempfile.mkdtemp(prefix="jiaoying-tests-", dir=_place_for_servers()))
    try:
        with start_servers(folder, careless=True) as running:
            migrate(running.database_url("owner"))
            yield running
    finally:
        shutil.rmtree(folder)


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """A migrated, empty database: as the role that serves and as the one that owns."""

    app_url: str
    owner_url: str


@pytest.fixture
async def fresh_database(servers: EmbeddedServers) -> AsyncIterator[FreshDatabase]:
    """Cloned from the template in some 30 ms, dropped after the test."""
    name = TEST_DATABASE
    owner = make_url(servers.database_url("owner"))
    boss = await asyncpg.connect(user="postgres", database="postgres", host=str(owner.query["host"]))
    try:
        await boss.execute(f"CREATE DATABASE {name} OWNER {owner.username} TEMPLATE {owner.database}")
        app = make_url(servers.database_url("app"))
        yield FreshDatabase(_text(app.set(database=name)), _text(owner.set(database=name)))
        await boss.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await boss.close()


@pytest.fixture(scope="session")
def pool(servers: EmbeddedServers) -> Database:
    """Of every test's database, one after another: what it compiled for one test is ready for the next."""
    return Database(_text(make_url(servers.database_url("app")).set(database=TEST_DATABASE)))


@pytest.fixture
async def database(fresh_database: FreshDatabase, pool: Database) -> AsyncIterator[Database]:
    """A fresh database as the serving role sees it."""
    yield pool
    await pool.close()


@pytest.fixture
async def no_sources(database: Database) -> None:
    """Not even the people at the desk, who are a source from the first day."""
    async with database.transaction() as tx:
        await tx.execute(text("DELETE FROM warning_sources"))


@pytest.fixture
def owner_url(fresh_database: FreshDatabase) -> str:
    """The database of `database`, as its owner."""
    return fresh_database.owner_url


@pytest.fixture
async def redis_url(servers: EmbeddedServers) -> str:
    """A Valkey with nothing in it."""
    url = servers.redis_url
    assert url
    async with redis_client(url) as client:
        await cast("Any", client).flushall()
    return url


@pytest.fixture
async def valkey(redis_url: str) -> AsyncIterator[Redis]:
    """A client of that Valkey, which gives text for bytes."""
    async with redis_client(redis_url) as client:
        yield client


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)
