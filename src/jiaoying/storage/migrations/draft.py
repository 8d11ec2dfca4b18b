"""Drafts the next migration: `python -m jiaoying.storage.migrations.draft "what changes"`.

Compares `schema.py` with what the migrations so far lead to, on a throw-away server. The draft is
to be read and tidied: Alembic does not see changed checks, partial indexes and renamed columns.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from jiaoying.storage.embedded import start_servers
from jiaoying.storage.migrate import alembic_config, migrate


def draft_migration(words: str) -> None:
    """Write the draft into `versions/`, numbered after the last one."""
    with tempfile.TemporaryDirectory() as folder, start_servers(Path(folder), valkey=False) as servers:
        url = servers.database_url("owner")
        migrate(url)
        asyncio.run(_compare(url.replace("postgresql:", "postgresql+asyncpg:", 1), words))


async def _compare(url: str, words: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_write_revision, words)
    await engine.dispose()


def _write_revision(connection: Connection, words: str) -> None:
    config = alembic_config(connection)
    last = ScriptDirectory.from_config(config).get_current_head() or "0"
    command.revision(config, words, autogenerate=True, rev_id=f"{int(last) + 1:04}")


if __name__ == "__main__":
    draft_migration(sys.argv[1])
