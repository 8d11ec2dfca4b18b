"""Redis goes, PostgreSQL goes: everything still happens, only later."""

from pathlib import Path

import pytest

from crash.installation import Installation, open_installation
from crash.promise import broken_promises, figures, tell
from jiaoying.kernel.clock import monotonic
from jiaoying.storage.embedded import EmbeddedServers

# Fast, so that a report that was lost with the database is given up soon.
RATE = 60.0
PACED = {"JIAOYING_SIMULATOR_LINES": "4", "JIAOYING_SIMULATOR_SEGMENTS_PER_S": "0.5"}
FEWER_THAN = """
    SELECT CASE WHEN count(*) >= {} THEN 0 ELSE 1 END FROM attempts WHERE accepted_at IS NOT NULL
"""
STEP_S = 120.0
FINISH_S = 600.0


@pytest.mark.crash
async def test_without_redis_everything_happens_only_later(
    county_folder: Path, county_servers: EmbeddedServers
) -> None:
    async with open_installation(county_folder, county_servers, rate=RATE, **PACED) as county:
        await county.start_worker().wait_until_up()
        await county.warn("flash_flood_red")
        await _until_handed_over(county, 8)
        county.kill_valkey()
        await _until_handed_over(county, 16)
        await county.revive_servers()
        await _until_handed_over(county, 24)
        county.kill_valkey()
        await _all_is_done(county, "Redis killed, back, and killed for good")


@pytest.mark.crash
async def test_a_restarted_postgres_only_delays(county_folder: Path, county_servers: EmbeddedServers) -> None:
    async with open_installation(county_folder, county_servers, rate=RATE, **PACED) as county:
        await county.start_worker().wait_until_up()
        await county.warn("flash_flood_red")
        for handed_over in (8, 20):
            await _until_handed_over(county, handed_over)
            county.kill_postgres()
            began = monotonic()
            # Nobody but the worker itself brings it back.
            await county.wait_until_none("SELECT 0", STEP_S, what="database away")
            tell(f"PostgreSQL killed at {handed_over} hand-overs, back after {monotonic() - began:.1f} s")
        await _all_is_done(county, "PostgreSQL killed twice")


async def _until_handed_over(county: Installation, count: int) -> None:
    await county.wait_until_none(FEWER_THAN.format(count), STEP_S, what=f"fewer than {count} hand-overs")


async def _all_is_done(county: Installation, what: str) -> None:
    took_s = await county.wait_until_done(FINISH_S)
    came_to, broken = await figures(county), await broken_promises(county)
    tell(
        f"{what}: {came_to.people}, {came_to.responsibilities}, {came_to.sends} sends,"
        f" {came_to.found} in doubt and found, {came_to.repeated} handed over anew,"
        f" {came_to.duplicates} duplicates; the rest took {took_s:.0f} s"
    )
    assert broken == []
    assert county.defects() == []
    assert came_to.duplicates == 0, came_to.explained
    ended = [one.name for one in county.processes if not one.running]
    assert ended == [], county.last_words()
