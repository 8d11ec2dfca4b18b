"""The only place that commits."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from jiaoying.kernel.clock import monotonic

# A transaction is open in this task. The carriers' client refuses to wait while one is.
transaction_open: ContextVar[bool] = ContextVar("transaction_open", default=False)

Tx = AsyncConnection

# A connection that has rested for so long is asked whether it still lives.
ASK_AFTER_S = 10.0
# A statement that has taken so long waits for a server that is gone. One that writes a province takes some
# seconds, on a weak and busy machine minutes: cut off, it would be tried again and again and never end.
COMMAND_S = 60.0
PATIENT_COMMAND_S = 600.0


def is_passing(error: Exception) -> bool:
    """Whether this is the database's own trouble, over when it is back, and none of the data's making.

    A value or a key that PostgreSQL refuses (classes 22 and 23 of its error codes, manual, appendix A)
    is refused again however often it is tried.
    """
    if not isinstance(error, DBAPIError):
        return isinstance(error, SQLAlchemyError | OSError)
    return str(getattr(error.orig, "sqlstate", None) or "")[:2] not in ("22", "23")


class Database:
    """A pool of connections as one role, and transactions on it."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url: URL = make_url(url).set(drivername="postgresql+asyncpg")
        self._engine = _engine_for(self.url, pool_size, COMMAND_S)
        self._patient_engine = _engine_for(self.url, pool_size, PATIENT_COMMAND_S)

    @asynccontextmanager
    async def transaction(self, *, patient: bool = False) -> AsyncGenerator[Tx, None]:
        """One transaction, committed at the end, rolled back by any exception.

        It belongs to the task that opened it and is never open while we wait for a carrier. `patient`: its
        statements may take minutes.
        """
        # The driver sets the time for a connection as a whole.
        engine = self._patient_engine if patient else self._engine
        async with engine.begin() as tx:
            token = transaction_open.set(True)
            try:
                yield tx
            finally:
                transaction_open.reset(token)

    async def close(self) -> None:
        await self._engine.dispose()
        await self._patient_engine.dispose()


def _engine_for(url: URL, pool_size: int, command_s: float) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=30,
        json_serializer=_to_json,
        # Errors are logged, and parameters hold names, numbers and texts.
        hide_parameters=True,
        connect_args={"command_timeout": command_s, "timeout": 10},
    )
    event.listen(engine.sync_engine, "checkin", _note_use)
    event.listen(engine.sync_engine, "checkout", _ensure_alive)
    return engine


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used_at"] = monotonic()


def _ensure_alive(connection: Any, record: Any, _proxy: Any) -> None:
    """A connection that died with a restarted server is replaced before it is used.

    Its socket tells at once. Only one that has rested is also asked, as `pool_pre_ping` would ask each
    time: that is three round trips before every transaction.
    """
    if socket_is_closed(connection):
        raise DisconnectionError
    if monotonic() - record.info.get("used_at", monotonic()) > ASK_AFTER_S:
        try:
            connection.ping()
        except Exception as error:
            raise DisconnectionError from error


def socket_is_closed(connection: Any) -> bool:
    """Whether the driver already knows that a pooled connection is gone."""
    return bool(connection.driver_connection.is_closed())


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
