"""What the database promises once it is migrated."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from jiaoying.storage.database import Database
from jiaoying.storage.migrate import schema_is_current
from jiaoying.storage.schema import metadata


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_migrations_lead_to_the_schema(database: Database) -> None:
    async with database.transaction() as tx:
        assert await tx.run_sync(_differences) == []


async def test_schema_is_current(database: Database) -> None:
    async with database.transaction() as tx:
        assert await schema_is_current(tx)
