"""Two workers and a web process on one database: whatever is due is sent once, by one of them."""

import os
from pathlib import Path

import pytest

from crash.installation import UNPACED, Installation, open_installation
from crash.promise import tell
from jiaoying.kernel.clock import monotonic
from jiaoying.storage.embedded import EmbeddedServers

ATTEMPTS = int(os.environ.get("JIAOYING_CRASH_ATTEMPTS", "500"))
RATE = 10.0
# A carrier that takes its time, now more and now less: hands become free one by one, so that the two
# workers claim at the same moments all along.
UNEVEN = [{"kind": "slow", "seconds": (8 - left) * 0.02, "share": 1 / left} for left in range(8, 0, -1)]
INSERT = """
    INSERT INTO attempts (id, purpose, channel, gateway, number, text, language, parts, demonstration,
                          exercise, priority, round, state, due_at, expires_at)
    SELECT gen_random_uuid(), 'reply', 'sms', 'simulator', '+86100' || 90000000 + one, '演示 ' || one,
           'zh-CN', 1, true, false, 1, 0, 'due', :now, CAST(:now AS timestamptz) + interval '1 day'
    FROM generate_series(1, CAST(:count AS integer)) AS one
    RETURNING 1
"""
NOT_HANDED_OVER = "SELECT count(*) FROM attempts WHERE state IN ('due', 'sending')"


@pytest.mark.crash
async def test_two_workers_send_each_attempt_once(
    county_folder: Path, county_servers: EmbeddedServers
) -> None:
    async with open_installation(county_folder, county_servers, rate=RATE, **UNPACED) as county:
        await county.trouble(*UNEVEN)
        workers = [county.start_worker(), county.start_worker()]
        for worker in workers:
            await worker.wait_until_up()
        began = monotonic()
        inserted = await county.rows(INSERT, now=await county.business_now(), count=ATTEMPTS)
        assert len(inserted) == ATTEMPTS
        await county.wait_until_none(NOT_HANDED_OVER, 120 + ATTEMPTS / 20, what="attempts not handed over")
        took_s = monotonic() - began
        by_worker = await _by_worker(county)
        statistics = await county.town("GET", "statistics")
        tell(
            f"{ATTEMPTS:,} attempts, two workers: {took_s:.1f} s ({ATTEMPTS / took_s:.0f} a second),"
            f" {' and '.join(map(str, sorted(by_worker)))} by one each,"
            f" {statistics['messages']:,} at the carrier, {statistics['duplicates']['by_callback']} twice"
        )
        # The address that the carrier reports to names the attempt: as many texts as attempts, and no
        # address twice, leave no other reading than each attempt exactly once.
        assert statistics["requests"]["messages"] == statistics["messages"] == ATTEMPTS
        assert statistics["duplicates"]["by_callback"] == 0
        assert await county.value("SELECT count(DISTINCT carrier_ref) FROM attempts") == ATTEMPTS
        assert await _claims(county) == ATTEMPTS
        assert sum(by_worker) == ATTEMPTS
        assert len(by_worker) == 2


async def _by_worker(county: Installation) -> list[int]:
    rows = await county.rows("SELECT worker_id, count(*) FROM attempts GROUP BY worker_id")
    return [count for _, count in rows]


async def _claims(county: Installation) -> int:
    return await county.value("SELECT count(*) FROM ledger_lines WHERE event = 'attempt.claimed'")
