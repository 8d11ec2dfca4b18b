"""What a worker holds in memory: a warning for 100,000 people, from its storing until all are called.

The match is the steepest moment, because one warning is matched in one transaction; after it nothing
is held beyond the batches.
"""

import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from benchmarks.county import settle_county, store_warning
from benchmarks.figures import Findings, Ratio, Table
from benchmarks.ground import Ground
from benchmarks.waiting import wait_until
from jiaoying.kernel.clock import wall_now

NAME = "memory"
AIM_MB = 400.0
LOOK_S = 0.5
IDLE_S = 10.0
_OPEN = "SELECT count(*) FROM call_outs WHERE state = 'open'"


@dataclass(frozen=True, slots=True)
class Moment:
    """How it stood once: seconds from the stored warning, memory, hand-overs so far."""

    at_s: float
    rss_mb: float
    peak_mb: float
    hand_overs: int


async def measure(ground: Ground, *, people: int) -> Findings:
    """One worker, one warning, until all are handed over, and a while beyond."""
    moments: list[Moment] = []
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(ground.database())
        connection = await stack.enter_async_context(ground.connection(database))
        await settle_county(connection, people)
        worker = await stack.enter_async_context(ground.worker(database))
        await ground.carrier.forget()
        began = time.monotonic()

        async def look() -> Moment:
            count = (await ground.carrier.counts()).count
            moments.append(Moment(time.monotonic() - began, worker.rss_mb(), worker.peak_rss_mb(), count))
            return moments[-1]

        async def all_called() -> bool:
            return (await look()).hand_overs >= people

        idle = await look()
        await store_warning(connection, wall_now())
        ground.wake.ring("match", "changes")
        await wait_until(all_called, poll_s=LOOK_S, timeout_s=60 + people / 200)
        called = moments[-1]
        await asyncio.sleep(IDLE_S)
        rest, still_open = await look(), await connection.fetchval(_OPEN)
    matched = next((moment for moment in moments if moment.hand_overs), called)
    return _findings(people, still_open, idle, matched, called, rest, moments)


def _findings(
    people: int,
    still_open: int,
    idle: Moment,
    matched: Moment,
    called: Moment,
    rest: Moment,
    moments: list[Moment],
) -> Findings:
    named = (
        ("nothing to do", idle),
        ("matched, the first are being called", matched),
        (f"all {people:,} handed over", called),
        (f"{still_open:,} call-outs open, cycle at rest", rest),
    )
    return Findings(
        NAME,
        (
            Table(
                f"Memory of one worker, one warning for {people:,} people; MB",
                ("", "after s", "RSS", "the most so far", "hand-overs"),
                tuple(
                    (
                        name,
                        f"{one.at_s:.1f}",
                        f"{one.rss_mb:.0f}",
                        f"{one.peak_mb:.0f}",
                        f"{one.hand_overs:,}",
                    )
                    for name, one in named
                ),
            ),
        ),
        (
            Ratio(
                "MB with all call-outs open, the cycle running",
                rest.rss_mb,
                f"under {AIM_MB:g}",
                met=rest.rss_mb < AIM_MB,
            ),
            Ratio("MB at the most", rest.peak_mb, f"under {AIM_MB:g}", met=rest.peak_mb < AIM_MB),
        ),
        tuple((name, one.rss_mb) for name, one in named),
        "MB",
        (),
        {"moments": [{"at_s": one.at_s, "rss_mb": one.rss_mb, "sent": one.hand_overs} for one in moments]},
    )
