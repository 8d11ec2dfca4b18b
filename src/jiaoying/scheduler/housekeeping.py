"""Housekeeping of a worker: it says that it is alive, and shares the carriers' rates with the others."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm_once
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import JiaoyingError
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import workers
from jiaoying.warnings.stations.store import forget_readings

# A worker that has not been seen for so long is gone.
GONE_AFTER_S = 30
# Longer than any window looks back (72 hours), so that a flood can be read up on afterwards.
READINGS_KEPT = timedelta(days=90)
_CLOCK_ALARM = "clock_set_back"

log = structlog.get_logger(__name__)


class Housekeeping:
    """Keeps this worker's row current, by the wall, and brings embedded servers back that have died.

    `revive` blocks; None where the servers are somebody else's.
    """

    def __init__(self, engine: Engine, revive: Callable[[], None] | None = None) -> None:
        self._engine = engine
        self._revive = revive

    async def register(self) -> None:
        """Say that this worker has begun."""
        async with self._engine.database.transaction() as tx:
            await self._sign(tx, wall_now())

    async def _sign(self, tx: Tx, now: datetime) -> None:
        """Written anew where others took this worker for gone, or it would stay so for good."""
        row = insert(workers).values(id=self._engine.worker_id, role="worker", started_at=now, seen_at=now)
        await tx.execute(row.on_conflict_do_update(index_elements=[workers.c.id], set_={"seen_at": now}))

    async def retire(self) -> None:
        """Say that this worker has ended."""
        async with self._engine.database.transaction() as tx:
            await tx.execute(delete(workers).where(workers.c.id == self._engine.worker_id))

    async def keep(self) -> None:
        """Renew the row, forget workers that are gone, and count who shares the rates."""
        now = wall_now()
        try:
            async with self._engine.database.transaction() as tx:
                await self._sign(tx, now)
                away = timedelta(seconds=GONE_AFTER_S)
                # Seen in the future: before the machine's clock was set back.
                gone = (workers.c.seen_at < now - away) | (workers.c.seen_at > now + away)
                await tx.execute(delete(workers).where(gone))
                await self._tell_of_clock(tx)
                await forget_readings(tx, self._engine.clock.now() - READINGS_KEPT)
                alive = await tx.scalar(select(func.count()).select_from(workers))
        except (SQLAlchemyError, OSError) as error:
            log.warning("housekeeping_postponed", error=str(error)[:300])
            await self._bring_servers_back()
            return
        self._engine.bucket.workers = max(1, alive or 1)

    async def _tell_of_clock(self, tx: Tx) -> None:
        now, ahead = self._engine.clock.now(), self._engine.clock.ahead
        if ahead:
            sentence = say(
                "The clock of this machine was set back. Calling goes on, and times are shown as if it had"
                " not been. Have the operator set the clock right"
            )
            await raise_alarm_once(tx, _CLOCK_ALARM, sentence, now)
        else:
            await clear_alarms_of_kind(tx, _CLOCK_ALARM, by="housekeeping", now=now)

    async def _bring_servers_back(self) -> None:
        if self._revive is None:
            return
        try:
            await asyncio.to_thread(self._revive)
        except (JiaoyingError, OSError) as error:
            log.warning("servers_stay_down", error=str(error)[:300])
