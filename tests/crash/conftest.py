"""The demonstration county, made once, on servers that this process holds."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from crash.installation import keep_as_template, start_county_servers

from jiaoying.demonstration.load import load_demonstration
from jiaoying.kernel.clock import wall_now
from jiaoying.storage.database import Database
from jiaoying.storage.embedded import EmbeddedServers
from jiaoying.storage.migrate import migrate


@pytest.fixture(scope="session")
def county_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="jiaoying-crash-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def county_servers(county_folder: Path) -> Iterator[EmbeddedServers]:
    """Their database is a template that each installation of the session begins with."""
    with start_county_servers(county_folder) as servers:
        migrate(servers.database_url("owner"))
        asyncio.run(_load(servers))
        yield servers


async def _load(servers: EmbeddedServers) -> None:
    database = Database(servers.database_url("app"))
    await load_demonstration(database, wall_now(), ZoneInfo("Asia/Shanghai"))
    await database.close()
    await keep_as_template(servers)
