"""Seal: committed ledger lines are chained in batches; writers never wait for it."""

from datetime import datetime

from jiaoying.dispatch.engine import Engine
from jiaoying.ledger.sealer import seal


class SealStage:
    """Seals what has been committed since the last seal."""

    name = "seal"
    rings: tuple[str, ...] = ()

    async def run_once(self, engine: Engine, now: datetime) -> int:
        result = await seal(engine.database, now)
        # A batch a tick is enough; only a full one is followed at once.
        return result.lines if result.more else 0
