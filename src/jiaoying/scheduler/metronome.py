"""The metronome: every stage is looked at anyway, although its bell was lost.

APScheduler only nudges: it holds nothing that could be lost, in memory or elsewhere. What is due is a
question to the database.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler  # pyright: ignore[reportMissingTypeStubs]

from jiaoying.scheduler.housekeeping import Housekeeping
from jiaoying.storage.wake import Wake

TICK_S = 1
HOUSEKEEPING_S = 2


def start_metronome(wake: Wake, bells: Sequence[str], housekeeping: Housekeeping) -> Callable[[], None]:
    """Ring every stage each second, and keep house; returns what stops it."""
    # A late job is run late and once: the default drops what is more than a second late.
    # Any: APScheduler 3 has no types.
    metronome: Any = AsyncIOScheduler(
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )

    # A coroutine: a plain function is run in a thread, and bells belong to the event loop.
    async def ring() -> None:
        wake.ring(*bells)

    metronome.add_job(ring, "interval", seconds=TICK_S)
    metronome.add_job(housekeeping.keep, "interval", seconds=HOUSEKEEPING_S)
    metronome.start()
    return partial(metronome.shutdown, wait=False)
