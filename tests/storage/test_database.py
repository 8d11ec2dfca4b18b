"""A connection that died is replaced before anybody uses it."""

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from jiaoying.storage import database as storage
from jiaoying.storage.database import Database

SESSION = text("SELECT pg_backend_pid()")
CUT_OFF = "SELECT pg_terminate_backend($1)"


async def session_of(database: Database) -> int:
    """Which server process answers us."""
    async with database.transaction() as tx:
        found: int = await tx.scalar(SESSION)
        return found


async def cut_off(owner_url: str, session: int) -> None:
    """End one session from the server's side, as a restart does."""
    boss = await asyncpg.connect(
        user="postgres", database="postgres", host=str(make_url(owner_url).query["host"])
    )
    try:
        await boss.execute(CUT_OFF, session)
    finally:
        await boss.close()


def as_if_open(_connection: object) -> bool:
    return False


async def test_a_connection_is_kept_while_it_lives(database: Database) -> None:
    assert await session_of(database) == await session_of(database)


async def test_a_connection_that_was_cut_off_is_replaced(database: Database, owner_url: str) -> None:
    before = await session_of(database)
    await cut_off(owner_url, before)
    await asyncio.sleep(0.1)
    assert await session_of(database) != before


async def test_one_that_rested_is_asked(
    database: Database, owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing came to its socket, as after a silent break of the line."""
    before = await session_of(database)
    await cut_off(owner_url, before)
    monkeypatch.setattr(storage, "ASK_AFTER_S", -1.0)
    monkeypatch.setattr(storage, "socket_is_closed", as_if_open)
    assert await session_of(database) != before


async def test_a_statement_is_cut_off_unless_it_may_take_minutes(
    owner_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "COMMAND_S", 0.2)
    database = Database(owner_url)
    slowly = text("SELECT pg_sleep(0.6)")
    try:
        with pytest.raises(TimeoutError):
            async with database.transaction() as tx:
                await tx.execute(slowly)
        async with database.transaction(patient=True) as tx:
            await tx.execute(slowly)
    finally:
        await database.close()
