"""Brings a database to the schema of this release, and gives the serving role its rights.

An owner role migrates; the serving role may read and write, but of the ledger's tables only read
and append. So whoever gets hold of the service still cannot change what was written down.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.postgres import APP_ROLE

LEDGER_TABLES = ("ledger_lines", "ledger_particulars", "ledger_seals")
VERSION_TABLE = "alembic_version"
# Erases particulars beside a line that says so, and nothing else (migration 0006).
ERASING_FUNCTION = "erase_particulars(uuid, uuid[])"
# Any number will do, so long as nobody else in this database locks the same.
MIGRATION_LOCK = 0x6A69616F79696E67

RIGHTS_OF_LEDGER = "SELECT, INSERT"
RIGHTS_OF_VERSION = "SELECT"
RIGHTS_ELSEWHERE = "SELECT, INSERT, UPDATE, DELETE"


def migrate(owner_url: str, app_role: str = APP_ROLE) -> None:
    """Apply what is missing, all or nothing, and grant `app_role` its rights.

    Safe while others do the same: the second waits and finds nothing to do. Blocks, and runs an
    event loop of its own: call it through `asyncio.to_thread`.

    Raises Refusal where `app_role` does not exist and the owner may not make it.
    """
    asyncio.run(_migrate(owner_url, app_role))


async def _migrate(owner_url: str, app_role: str) -> None:
    url = make_url(owner_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.begin() as tx:
            await tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            await tx.run_sync(_upgrade)
            await tx.run_sync(_give_rights, app_role)
    finally:
        await engine.dispose()


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration: there is no file, and only our own connection is ever used."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(alembic_config(connection), "head")


def _give_rights(connection: Connection, app_role: str) -> None:
    if connection.scalar(text("SELECT current_user = :role"), {"role": app_role}):
        return  # one role for everything: `check` complains about that
    _ensure_role(connection, app_role)
    role = connection.dialect.identifier_preparer.quote(app_role)
    for table in inspect(connection).get_table_names():
        connection.execute(text(f"REVOKE ALL ON {table} FROM PUBLIC, {role}"))
        connection.execute(text(f"GRANT {_rights_of(table)} ON {table} TO {role}"))
    for view in inspect(connection).get_view_names():
        connection.execute(text(f"REVOKE ALL ON {view} FROM PUBLIC, {role}"))
        connection.execute(text(f"GRANT SELECT ON {view} TO {role}"))
    connection.execute(text(f"REVOKE ALL ON FUNCTION {ERASING_FUNCTION} FROM PUBLIC"))
    connection.execute(text(f"GRANT EXECUTE ON FUNCTION {ERASING_FUNCTION} TO {role}"))


def _rights_of(table: str) -> str:
    if table in LEDGER_TABLES:
        return RIGHTS_OF_LEDGER
    return RIGHTS_OF_VERSION if table == VERSION_TABLE else RIGHTS_ELSEWHERE


def _ensure_role(connection: Connection, role: str) -> None:
    if _role_exists(connection, role):
        return
    quoted = connection.dialect.identifier_preparer.quote(role)
    try:
        with connection.begin_nested():
            connection.execute(text(f"CREATE ROLE {quoted} LOGIN"))
    except DBAPIError as error:
        # Roles belong to the whole cluster: another database's migration may just have made it.
        if not _role_exists(connection, role):
            raise Refusal(
                say(
                    "The role {role} does not exist, and the owner of the database may not make it: ask the"
                    " administrator for CREATE ROLE {role} LOGIN",
                    role=role,
                )
            ) from error


def _role_exists(connection: Connection, role: str) -> bool:
    return bool(connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :role"), {"role": role}))


_EXCESS_RIGHTS = text(
    """
    SELECT
        c.relname,
        pg_has_role(c.relowner, 'MEMBER') AS owns,
        ARRAY(
            SELECT wanted FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) AS wanted
            WHERE has_table_privilege(c.oid, wanted)
               OR wanted = 'UPDATE' AND has_any_column_privilege(c.oid, wanted)
        ) AS excess
    FROM pg_class c
    WHERE c.oid = ANY (ARRAY(SELECT to_regclass(name) FROM unnest(CAST(:tables AS text[])) AS name))
    ORDER BY c.relname
    """
)


async def serving_role_complaints(tx: Tx) -> list[Complaint]:
    """What lets the role of this connection rewrite the ledger; empty is as it should be.

    For `jiaoying check`, on a connection of the serving role.
    """
    role = await tx.scalar(text("SELECT current_user"))
    found = await tx.execute(_EXCESS_RIGHTS, {"tables": list(LEDGER_TABLES)})
    return [
        _complaint(role, row.relname, ["OWNER"] if row.owns else row.excess)
        for row in found
        if row.owns or row.excess
    ]


def _complaint(role: str, table: str, rights: list[str]) -> Complaint:
    return Complaint(
        "ledger-not-protected",
        "JIAOYING_DATABASE_URL",
        say(
            "The role {role} could rewrite the ledger ({table}: {rights}): set JIAOYING_DATABASE_OWNER_URL to"
            " the owner, JIAOYING_DATABASE_URL to a role that owns nothing, and run jiaoying migrate",
            role=role,
            table=table,
            rights=", ".join(rights),
        ),
    )


async def schema_is_current(tx: Tx) -> bool:
    """Whether the database has been migrated to this release (an older or newer one says False)."""
    if await tx.scalar(text("SELECT to_regclass(:name)"), {"name": VERSION_TABLE}) is None:
        return False
    found = await tx.scalar(text("SELECT version_num FROM alembic_version"))
    return found == ScriptDirectory.from_config(alembic_config()).get_current_head()
