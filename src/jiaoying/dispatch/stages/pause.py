"""Pause: what waits of paused warnings is taken back; the desk is told of long pauses."""

from datetime import datetime

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.steering.pausing import clear_over, take_back_what_waits, tell_of_long_pauses


class PauseStage:
    """Looks at what is paused."""

    name = "pause"
    rings = ("plan", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        async with engine.database.transaction() as tx:
            taken_back = await take_back_what_waits(tx, now)
        async with engine.database.transaction() as tx:
            told = await tell_of_long_pauses(tx, now)
            await clear_over(tx, now)
        return taken_back + told
