"""Workers are killed while warnings are held: each starts by its clock, once, and the leader is asked."""

import random
from pathlib import Path

import pytest

from crash.installation import open_installation
from crash.promise import broken_promises
from jiaoying.kernel.clock import real_sleep
from jiaoying.storage.embedded import EmbeddedServers

RATE = 60.0
KILLS = 3
HOLD = """
    INSERT INTO warning_sources (id, name, kind, hold_s, created_at, created_by, watched_from)
    SELECT gen_random_uuid(), 'api:' || name, 'push', '{"red": 90, "orange": 60, "blue": 60}', now(), 'test',
           now()
    FROM api_tokens
"""
STARTS = """
    SELECT w.colour, count(l.id) FROM issued_warnings w
    LEFT JOIN ledger_lines l ON l.warning_id = w.id AND l.event = 'warning.started'
    WHERE w.request_for_id IS NULL GROUP BY w.id, w.colour ORDER BY 1
"""
LEFT_WAITING = """
    SELECT count(*) FROM issued_warnings
    WHERE state IN ('received', 'held') AND colour <> 'blue' AND request_for_id IS NULL
"""
ASKED = """
    SELECT 1 - least(count(*), 1) FROM call_outs c JOIN issued_warnings w ON w.id = c.warning_id
    WHERE w.request_for_id IS NOT NULL
"""
VETO = "SELECT id FROM issued_warnings WHERE state = 'held' AND colour = 'blue'"


@pytest.mark.crash
async def test_held_warnings_survive_kills(county_folder: Path, county_servers: EmbeddedServers) -> None:
    chance = random.Random(3)
    async with open_installation(county_folder, county_servers, rate=RATE) as county:
        async with county.database.transaction() as tx:
            await tx.exec_driver_sql(HOLD)
        for name in ("rain_red", "rain_orange", "rain_blue"):
            await county.warn(name)
        assert await county.value("SELECT count(*) FROM issued_warnings WHERE state = 'held'") == 3
        for _ in range(KILLS):
            worker = county.start_worker()
            await worker.wait_until_up()
            await real_sleep(chance.uniform(0.05, 1.5))
            await worker.kill()
        county.start_worker()
        await county.wait_until_none(LEFT_WAITING, 120, what="red and orange ones that have not started")
        await county.wait_until_none(ASKED, 120, what="leader who was not asked")
        [(held_id,)] = await county.rows(VETO)
        headers = {"Authorization": f"Bearer {county.token}", "Content-Type": "application/json"}
        address = f"{county.web_url}/api/v1/warnings/{held_id}/withdraw"
        async with county.session.post(address, json={"reason": "误发"}, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
        await county.wait_until_done(900)
        assert await county.rows(STARTS) == [("blue", 0), ("orange", 1), ("red", 1)]
        assert await broken_promises(county) == []
        assert county.defects() == []
