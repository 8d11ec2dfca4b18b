"""The demonstration county, made once, on servers that this process holds."""

import asyncio
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crash.installation import keep_as_template, start_county_servers
from jiaoying.demonstration.load import load_demonstration
from jiaoying.dispatch.ladders.book import save_book
from jiaoying.dispatch.ladders.reading import default_text
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
    now = wall_now()
    await load_demonstration(database, now, ZoneInfo("Asia/Shanghai"))
    async with database.transaction() as tx:
        await save_book(tx, _brisk_ladders(), by="crash", now=now)
    await database.close()
    await keep_as_template(servers)


def _brisk_ladders() -> str:
    """The ready-made ladders with two tries each and short waits: the same rungs in a third of the time."""
    text = default_text()
    for name, value in (
        ("tries: [23]", "tries: 2"),
        (r"gap_s: \d+", "gap_s: 20"),
        (r"wait_s: \d+", "wait_s: 60"),
    ):
        text = re.sub(name, value, text)
    return text
