"""The ground of every command and every process: settings, database, clock, secrets.

Apart from the parts list of a service (`app`), so that a command starts without loading all of it.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select

from jiaoying.kernel.clock import Clock
from jiaoying.kernel.errors import SettingError
from jiaoying.kernel.language import say
from jiaoying.settings import Settings
from jiaoying.storage.clock import shared_clock
from jiaoying.storage.database import Database
from jiaoying.storage.embedded import EmbeddedServers, start_servers
from jiaoying.storage.migrate import migrate
from jiaoying.storage.schema import areas
from jiaoying.storage.secrets import Secrets, load_secrets


@dataclass(frozen=True, slots=True)
class Base:
    """What every command and every process needs."""

    settings: Settings
    database: Database
    owner_url: str
    redis_url: str | None
    clock: Clock
    secrets: Secrets
    servers: EmbeddedServers | None


@asynccontextmanager
async def open_base(settings: Settings, *, connections: int = 4) -> AsyncGenerator[Base]:
    """The database (embedded ones are started or joined, and migrated), the clock, the secrets.

    Raises Refusal or SettingError with a sentence when something is missing.
    """
    async with AsyncExitStack() as stack:
        servers = await _join_servers(stack, settings)
        app_url, owner_url = _database_urls(settings, servers)
        if settings.database_url is None:
            await asyncio.to_thread(migrate, owner_url)
        database = Database(app_url, pool_size=connections)
        stack.push_async_callback(database.close)
        redis_url = servers.redis_url if settings.redis_url is None and servers else settings.redis_url
        yield Base(
            settings=settings,
            database=database,
            owner_url=owner_url,
            redis_url=None if redis_url == "none" else redis_url,
            clock=await shared_clock(database, settings.clock_rate),
            secrets=await asyncio.to_thread(load_secrets, settings.data_dir),
            servers=servers,
        )


async def _join_servers(stack: AsyncExitStack, settings: Settings) -> EmbeddedServers | None:
    wanted = (settings.database_url is None, settings.redis_url is None)
    if not any(wanted):
        return None
    servers = await asyncio.to_thread(
        lambda: start_servers(settings.data_dir, postgres=wanted[0], valkey=wanted[1])
    )
    stack.push_async_callback(asyncio.to_thread, servers.stop)
    return servers


def _database_urls(settings: Settings, servers: EmbeddedServers | None) -> tuple[str, str]:
    """As the role that serves and as the one that migrates."""
    if settings.database_url is not None:
        return settings.database_url, settings.database_owner_url or settings.database_url
    if servers is None:
        raise SettingError(say("There is no database: set JIAOYING_DATABASE_URL"))
    return servers.database_url("app"), servers.database_url("owner")


async def home_name(base: Base) -> str:
    """Who calls: the duty desk of the home area, as people call it."""
    async with base.database.transaction() as tx:
        name = await tx.scalar(select(areas.c.name).where(areas.c.code == base.settings.home_area))
    return say("{county} emergency duty desk", county=name or base.settings.home_area)
