"""A worker is killed at random moments: nobody is lost, and hardly anybody rung twice."""

import os
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from crash.installation import Installation, open_installation, share
from crash.processes import Started
from crash.promise import Figures, broken_promises, figures, tell
from jiaoying.kernel.clock import monotonic, real_sleep
from jiaoying.storage.embedded import EmbeddedServers

KILLS = int(os.environ.get("JIAOYING_CRASH_KILLS", "10"))
SEED = int(os.environ.get("JIAOYING_CRASH_SEED", "7"))
# Business seconds in one of the wall: a night of calls in minutes.
RATE = 30.0 if KILLS < 50 else 20.0
# What one county has by way of lines, so that the calls go on while worker after worker dies.
PACED = {
    "JIAOYING_SIMULATOR_LINES": "12",
    "JIAOYING_SIMULATOR_CALLS_PER_S": "1",
    "JIAOYING_SIMULATOR_SEGMENTS_PER_S": "2",
}
OPENED_UP = {"JIAOYING_SIMULATOR_LINES": "24", "JIAOYING_SIMULATOR_SEGMENTS_PER_S": "5"}
TROUBLE: tuple[Mapping[str, object], ...] = (
    {"kind": "timeout", "share": 0.002, "seconds": 3},
    {"kind": "drop_after_request", "share": 0.01},
    {"kind": "duplicate_callbacks", "share": 0.05, "seconds": 20},
    # Held back for so long that somebody looks at the carrier before the report comes.
    {"kind": "reorder_callbacks", "share": 0.05, "seconds": 240},
    # What a carrier far away needs for an answer: the longer, the more a kill leaves in doubt.
    {"kind": "slow", "seconds": 0.2},
)
FURTHER_WARNINGS = ("flash_flood_red", "rain_red", "rain_orange")
OPEN_WORK = """
    SELECT (SELECT 1000 * count(*) FROM issued_warnings WHERE state = 'received')
         + (SELECT count(*) FROM responsibilities WHERE state = 'open')
         + (SELECT count(*) FROM call_outs WHERE state = 'open')
"""
LAST_CLAIM = "SELECT max(claimed_at) FROM attempts"
FINISH_S = 900.0


@pytest.mark.crash
async def test_nobody_is_lost_by_kills(county_folder: Path, county_servers: EmbeddedServers) -> None:
    chance = random.Random(SEED)
    async with open_installation(county_folder, county_servers, rate=RATE, **PACED) as county:
        await county.trouble(*TROUBLE)
        await county.warn("rain_red")
        began = monotonic()
        at_work = await _kill_again_and_again(county, chance)
        killing_s = monotonic() - began
        county.start_worker(**OPENED_UP)
        finishing_s = await county.wait_until_done(FINISH_S)
        came_to, broken = await figures(county), await broken_promises(county)
        counts = (await county.town("GET", "statistics"))["counts"]
        tell(*_report(came_to, at_work, killing_s, finishing_s, counts))
        assert broken == []
        assert county.defects() == []
        assert came_to.duplicates <= came_to.sends // 1000, came_to.explained


async def _kill_again_and_again(county: Installation, chance: random.Random) -> int:
    """Kill every worker that is started; returns how many died with work before them."""
    at_work = 0
    for number in range(KILLS):
        worker = county.start_worker()
        await _let_it_live(county, worker, chance)
        assert worker.running, f"{worker.name} ended by itself:\n{worker.log_tail()}"
        await worker.kill()
        left = await county.value(OPEN_WORK)
        at_work += left > 0
        if number % 4 == 1:
            # A chain goes on while worker after worker dies.
            await county.lower()
        if left < 20:
            await county.warn(FURTHER_WARNINGS[number % len(FURTHER_WARNINGS)])
    return at_work


async def _let_it_live(county: Installation, worker: Started, chance: random.Random) -> None:
    """One in five dies on the way up, two at any moment, two while a hand-over is on its way."""
    draw, span_s = chance.random(), chance.uniform(0.05, 1.5)
    if draw < 0.2:
        await real_sleep(span_s)
        return
    claimed = await county.value(LAST_CLAIM)
    await worker.wait_until_up()
    until = monotonic() + span_s
    while monotonic() < until and (draw < 0.6 or await county.value(LAST_CLAIM) == claimed):
        await real_sleep(0.01)
    if draw >= 0.6:
        await real_sleep(span_s / 6)


def _report(
    came_to: Figures, at_work: int, killing_s: float, finishing_s: float, counts: Mapping[str, int]
) -> list[str]:
    without = came_to.found + came_to.duplicates
    cut, held = counts.get("faults_drop_after_request", 0), counts.get("faults_timeout", 0)
    lines = {
        "kills": f"{KILLS} ({at_work} with work left) in {killing_s:.0f} s at {RATE:.0f}×, seed {SEED}",
        "the rest took": f"{finishing_s:.0f} s",
        "responsibilities": came_to.responsibilities,
        "people": came_to.people,
        "attempts": came_to.attempts,
        "sends": f"{came_to.sends:,}",
        "in doubt": f"{came_to.found} found at the carrier, {came_to.repeated} not there and sent anew"
        f" (the carrier itself cut {cut} answers and swallowed {held} requests)",
        "duplicates": f"{came_to.duplicates} ({share(came_to.duplicates, came_to.sends)})",
        "without looking there": f"{without} ({share(without, came_to.sends)})",
    }
    return [*(f"{name:24}{value}" for name, value in lines.items()), *came_to.explained]
