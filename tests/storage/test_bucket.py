"""Token buckets: never more than rate × time + burst, whoever asks and however often."""

import asyncio
import os
import random
import signal
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jiaoying.storage import bucket
from jiaoying.storage.bucket import TokenBucket
from jiaoying.storage.embedded import start_servers
from jiaoying.storage.processes import read_pid

NOON = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)
NOWHERE = "unix:///nowhere/valkey.sock"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


async def take_four_at_once(url: str, rate: float, burst: float, length_s: float) -> int:
    """Four processes' buckets, each asking for random amounts at its own, slightly different time."""
    chance = random.Random(7)
    buckets = [TokenBucket(url) for _ in range(4)]
    total = 0
    moment = 0.0
    while moment < length_s:
        asking = [
            one.take(
                "voice", rate, burst, chance.randint(0, 5), after(max(0.0, moment - chance.random() / 10))
            )
            for one in buckets
        ]
        total += sum(await asyncio.gather(*asking))
        moment += chance.random() / 5
    for one in buckets:
        await one.close()
    return total


@pytest.mark.parametrize(("rate", "burst"), [(1.0, 1.0), (10.0, 3.0), (0.3, 2.0), (7.5, 30.0)])
async def test_four_takers_get_all_there_is_and_no_more(redis_url: str, rate: float, burst: float) -> None:
    length_s = 20.0
    total = await take_four_at_once(redis_url, rate, burst, length_s)
    most = rate * length_s + burst
    assert most - rate - 1 <= total <= most + 1e-3


async def test_full_at_first_then_refilled_by_business_time(redis_url: str) -> None:
    shared = TokenBucket(redis_url)
    assert await shared.take("sms", 2, 5, 8, NOON) == 5
    assert await shared.take("sms", 2, 5, 8, NOON) == 0
    assert await shared.take("sms", 2, 5, 8, after(0.4)) == 0
    assert await shared.take("sms", 2, 5, 8, after(0.5)) == 1
    assert await shared.take("sms", 2, 5, 2, after(3600)) == 2
    assert await shared.take("sms", 2, 5, 8, after(3600)) == 3
    await shared.close()


async def test_ten_tenths_are_one_token(redis_url: str) -> None:
    """Although the sum of ten floats 0.1 is a little less than 1."""
    for one in (TokenBucket(redis_url), TokenBucket(None)):
        assert await one.take("sms", 0.1, 1, 1, NOON) == 1
        grants = [await one.take("sms", 0.1, 1, 1, after(second)) for second in range(1, 11)]
        assert grants == [0] * 9 + [1]
        await one.close()


async def test_a_clock_that_was_set_back_stops_nobody(redis_url: str) -> None:
    """A computer that starts a day ahead is put right while calls go on; nobody waits that day out."""
    for one in (TokenBucket(redis_url), TokenBucket(None)):
        assert await one.take("sms", 2, 4, 4, after(86_400)) == 4
        assert await one.take("sms", 2, 4, 4, NOON) == 0
        assert await one.take("sms", 2, 4, 4, after(1)) == 2
        await one.close()


async def test_buckets_are_apart_and_zero_is_unlimited(redis_url: str) -> None:
    shared = TokenBucket(redis_url)
    assert await shared.take("sms", 1, 1, 1, NOON) == 1
    assert await shared.take("voice", 1, 1, 1, NOON) == 1
    assert await shared.take("sms", 0, 0, 1000, NOON) == 1000
    await shared.close()


async def test_an_earlier_clock_adds_nothing(redis_url: str) -> None:
    shared = TokenBucket(redis_url)
    assert await shared.take("sms", 1, 2, 2, after(10)) == 2
    assert await shared.take("sms", 1, 2, 2, NOON) == 0
    assert await shared.take("sms", 1, 2, 2, after(10)) == 0
    await shared.close()


@pytest.mark.parametrize("url", [None, NOWHERE])
async def test_alone_the_same_rule_for_an_equal_share(url: str | None) -> None:
    own = TokenBucket(url, workers=4)
    assert await own.take("sms", 8, 8, 9, NOON) == 2
    assert await own.take("sms", 8, 8, 9, after(0.5)) == 1
    own.workers = 1
    assert await own.take("sms", 8, 8, 9, after(1)) == 4
    own.workers = 0
    assert await own.take("sms", 8, 8, 9, after(100)) == 8
    await own.close()


async def test_outage_gives_no_second_burst_and_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket, "RETRY_AFTER_S", 0)
    with tempfile.TemporaryDirectory(prefix="jiaoying-") as folder, capture_logs() as logs:
        data_dir = Path(folder)
        with start_servers(data_dir, postgres=False) as servers:
            shared = TokenBucket(servers.redis_url, workers=2)
            assert await shared.take("sms", 2, 10, 10, NOON) == 10
            pid = read_pid(data_dir / "valkey/valkey.pid")
            assert pid
            os.kill(pid, signal.SIGKILL)
            assert await shared.take("sms", 2, 10, 10, NOON) == 0
            assert await shared.take("sms", 2, 10, 10, after(3)) == 3
            servers.revive()
            assert await shared.take("sms", 2, 10, 4, after(3)) == 4
            assert await shared.take("sms", 2, 10, 10, after(3)) == 6, "the restarted server's one bucket"
            await shared.close()
    assert [log["event"] for log in logs] == ["redis_away", "redis_back"]
