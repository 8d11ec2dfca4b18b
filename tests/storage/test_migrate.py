"""What the database promises once it is migrated."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ProgrammingError

from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from jiaoying.storage.embedded import EmbeddedServers
from jiaoying.storage.migrate import LEDGER_TABLES, migrate, schema_is_current, serving_role_complaints
from jiaoying.storage.schema import metadata, rota_seats

# Everything that Alembic's comparison does not look at, as PostgreSQL itself writes it down.
_DETAILS = text(
    """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT table_name, column_name, concat_ws('|', data_type, udt_name, is_nullable, column_default)
        FROM information_schema.columns WHERE table_schema = 'public'
    ORDER BY 1, 2, 3
    """
)


@pytest.fixture
async def empty_url(servers: EmbeddedServers) -> AsyncIterator[str]:
    """A database with nothing in it, as its owner."""
    owner = make_url(servers.database_url("owner"))
    boss = await asyncpg.connect(user="postgres", database="postgres", host=str(owner.query["host"]))
    await boss.execute(f"CREATE DATABASE empty OWNER {owner.username} TEMPLATE template0")
    yield owner.set(database="empty").render_as_string(hide_password=False)
    await boss.execute("DROP DATABASE empty WITH (FORCE)")
    await boss.close()


@pytest.fixture
async def boss_role(servers: EmbeddedServers) -> "AsyncIterator[asyncpg.Connection[Any]]":
    """A connection of the cluster's superuser."""
    host = str(make_url(servers.database_url("owner")).query["host"])
    boss = await asyncpg.connect(user="postgres", database="postgres", host=host)
    yield boss
    await boss.close()


def as_role(url: str, role: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)


def differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def details(database: Database) -> Sequence[object]:
    async with database.transaction() as tx:
        found = await tx.execute(_DETAILS)
        return [tuple(row) for row in found if row[0] not in ("alembic_version", rota_seats.name)]


async def test_migrations_lead_to_the_schema(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.run_sync(differences) == []
        assert await schema_is_current(tx)


async def test_migrations_lead_to_the_schema_in_every_detail(database: Database, empty_url: str) -> None:
    created = Database(empty_url)
    async with created.transaction() as tx:
        await tx.run_sync(metadata.create_all)
    assert await details(database) == await details(created)
    await created.close()


async def test_two_that_migrate_at_once(empty_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, empty_url) for _ in range(3)))
    served = Database(as_role(empty_url, "jiaoying_app"))
    async with served.transaction() as tx:
        assert await schema_is_current(tx)
    await served.close()


async def test_unmigrated_database_is_not_current(empty_url: str) -> None:
    unmigrated = Database(empty_url)
    async with unmigrated.transaction() as tx:
        assert not await schema_is_current(tx)
        assert await serving_role_complaints(tx) == []
    await unmigrated.close()


@pytest.mark.parametrize("table", LEDGER_TABLES)
@pytest.mark.parametrize(
    "forbidden",
    [
        "DELETE FROM {table}",
        "TRUNCATE {table}",
        "UPDATE {table} SET {column} = NULL",
        "DROP TABLE {table}",
        "ALTER TABLE {table} ADD COLUMN more text",
        "CREATE RULE no AS ON INSERT TO {table} DO INSTEAD NOTHING",
        "SELECT * FROM {table} FOR UPDATE",
        "LOCK TABLE {table} IN EXCLUSIVE MODE",
    ],
)
async def test_serving_role_cannot_rewrite_the_ledger(database: Database, table: str, forbidden: str) -> None:
    column = metadata.tables[table].columns.keys()[-1]
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        async with database.transaction() as tx:
            await tx.execute(text(forbidden.format(table=table, column=column)))


async def test_serving_role_reads_and_appends(database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            text("INSERT INTO ledger_particulars VALUES (gen_random_uuid(), '\\x00', CAST('{}' AS jsonb))")
        )
        assert await tx.scalar(text("SELECT count(*) FROM ledger_particulars")) == 1


async def test_serving_role_creates_nothing(database: Database) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with database.transaction() as tx:
            await tx.execute(text("CREATE TABLE mine (id int)"))


async def test_no_complaint_about_the_serving_role(database: Database) -> None:
    async with database.transaction() as tx:
        assert await serving_role_complaints(tx) == []


async def test_complaint_about_the_owner(owner_url: str) -> None:
    owner = Database(owner_url)
    async with owner.transaction() as tx:
        complaints = await serving_role_complaints(tx)
    await owner.close()
    assert len(complaints) == 3
    assert all("jiaoying_owner" in complaint.text for complaint in complaints)


@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "UPDATE (facts)"])
async def test_complaint_about_each_right_too_many(owner_url: str, database: Database, right: str) -> None:
    owner = Database(owner_url)
    async with owner.transaction() as tx:
        await tx.execute(text(f"GRANT {right} ON ledger_lines TO jiaoying_app"))
    async with database.transaction() as tx:
        complaints = await serving_role_complaints(tx)
    await owner.close()
    assert [complaint.code for complaint in complaints] == ["ledger-not-protected"]
    assert right.split()[0] in complaints[0].text
    await asyncio.to_thread(migrate, owner_url)
    async with database.transaction() as tx:
        assert await serving_role_complaints(tx) == [], "migrating takes it away again"


async def test_role_of_another_name(owner_url: str) -> None:
    await asyncio.to_thread(migrate, owner_url, "县 serving")
    served = Database(as_role(owner_url, "县 serving"))
    async with served.transaction() as tx:
        assert await tx.scalar(text("SELECT count(*) FROM contacts")) == 0
        assert await serving_role_complaints(tx) == []
    await served.close()


async def test_one_role_for_everything(owner_url: str) -> None:
    await asyncio.to_thread(migrate, owner_url, "jiaoying_owner")


async def test_role_that_the_owner_may_not_make(owner_url: str, boss_role: "asyncpg.Connection[Any]") -> None:
    await boss_role.execute("ALTER ROLE jiaoying_owner NOCREATEROLE")
    try:
        with pytest.raises(Refusal, match="nobody_yet"):
            await asyncio.to_thread(migrate, owner_url, "nobody_yet")
    finally:
        await boss_role.execute("ALTER ROLE jiaoying_owner CREATEROLE")
