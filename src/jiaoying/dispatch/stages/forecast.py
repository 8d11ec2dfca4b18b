"""Forecast: how long running warnings will take, said beforehand, kept, and held against what came."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.forecasting import make_forecasts, queues_of
from jiaoying.dispatch.store import forecasts

# Looked at that often at the most, by the business clock: nothing waits for it.
LOOK_EVERY = timedelta(seconds=5)
MADE_EVERY = timedelta(seconds=30)


@dataclass(slots=True)
class ForecastStage:
    """Says how long it will take, and later how long it took."""

    name: str = "forecast"
    rings: tuple[str, ...] = ("changes",)
    _look_at: datetime | None = None

    async def run_once(self, engine: Engine, now: datetime) -> int:
        if self._look_at and now < self._look_at:
            return 0
        self._look_at = now + LOOK_EVERY
        async with engine.database.transaction() as tx:
            # One worker is enough.
            if not await forecasts.lock_forecasting(tx):
                return 0
            ended = await forecasts.end_forecasts(tx, now)
            due = await forecasts.due_forecasts(tx, now, MADE_EVERY)
            if not due:
                return ended
            in_lanes, between = await forecasts.in_lanes(tx, now), await forecasts.between_rounds(tx, now)
            queues = queues_of(in_lanes, between, engine.gateways)
            limits = {name: gateway.limits for name, gateway in engine.gateways.items()}
            paces = {name: await forecasts.measured_pace(tx, name, now) for name in limits}
            last = {
                item.warning_id: await forecasts.last_in_line(tx, item.warning_id, limits) for item in due
            }
            # In a thread: thousands who wait are played through.
            made = await asyncio.to_thread(make_forecasts, due, queues, limits, paces, last, now)
            await forecasts.write_forecasts(tx, made)
        return ended + len(made)
