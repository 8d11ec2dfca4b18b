"""Pause: the desk is told of warnings that stand still for too long."""

from datetime import datetime

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.steering.pausing import clear_over, tell_of_long_pauses


class PauseStage:
    """Looks at each pause whose clock ran out."""

    name = "pause"
    rings = ("changes",)

    async def run_once(self, engine: Engine, now: datetime) -> int:
        async with engine.database.transaction() as tx:
            told = await tell_of_long_pauses(tx, now)
            await clear_over(tx, now)
        return told
