"""Bells, within a process and between processes, with and without Redis."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from jiaoying.kernel.clock import monotonic, real_sleep
from jiaoying.storage.embedded import EmbeddedServers, start_servers
from jiaoying.storage.processes import read_pid, wait_until
from jiaoying.storage.redis_client import redis_client
from jiaoying.storage.wake import CHANNEL, Listener, Wake

LONG_S = 15.0
SHORT_S = 0.05


async def test_ring_is_heard_by_who_listens_for_it() -> None:
    wake = Wake(None)
    plan, settle = wake.listen("plan", "escalate"), wake.listen("settle")
    wake.ring("escalate")
    assert await plan.wait(LONG_S)
    assert not await settle.wait(SHORT_S)


async def test_ring_between_two_waits_is_not_lost_and_counts_once() -> None:
    wake = Wake(None)
    listener = wake.listen("send")
    wake.ring("send")
    wake.ring("send", "settle")
    assert await listener.wait(0)
    assert not await listener.wait(SHORT_S)


async def test_ring_wakes_who_waits_already() -> None:
    wake = Wake(None)
    listener = wake.listen("send")
    async with asyncio.TaskGroup() as group:
        waiting = group.create_task(listener.wait(LONG_S))
        await real_sleep(0)
        wake.ring("send")
    assert waiting.result()


async def test_closed_listener_hears_nothing() -> None:
    wake = Wake(None)
    listener = wake.listen("send")
    listener.close()
    listener.close()
    wake.ring("send")
    assert not await listener.wait(0)


async def hears_across(sender: Wake, listener: Listener) -> bool:
    """Rings until it is heard: the lines may still be opening."""
    for _ in range(100):
        sender.ring("send")
        if await listener.wait(0.1):
            return True
    return False


async def test_ring_reaches_other_processes(redis_url: str) -> None:
    async with Wake(redis_url) as here, Wake(redis_url) as there:
        listener = there.listen("send")
        assert await hears_across(here, listener)
        before = monotonic()
        here.ring("send")
        assert await listener.wait(LONG_S)
        assert monotonic() - before < 1


async def test_own_rings_do_not_come_back(redis_url: str) -> None:
    async with Wake(redis_url) as here, Wake(redis_url) as there:
        elsewhere, listener = there.listen("send"), here.listen("send")
        assert await hears_across(here, elsewhere)
        await listener.wait(0)
        here.ring("send")
        assert await listener.wait(0)
        assert await elsewhere.wait(LONG_S)
        assert not await listener.wait(SHORT_S)


async def test_many_rings_are_few_messages(redis_url: str) -> None:
    async with Wake(redis_url) as here, Wake(redis_url) as there, redis_client(redis_url) as client:
        listener = there.listen("last")
        assert await hears_across(here, there.listen("send"))
        async with cast("Any", client).pubsub() as line:
            await line.subscribe(CHANNEL)
            for _ in range(1000):
                here.ring("send", "settle")
                await real_sleep(0)
            here.ring("last")
            assert await listener.wait(LONG_S)
            heard = 0
            while message := await line.get_message(timeout=0.2):
                heard += message["type"] == "message"
        assert 1 <= heard < 200


async def test_what_is_not_a_bell_is_passed_over(redis_url: str) -> None:
    async with Wake(redis_url) as here, Wake(redis_url) as there, redis_client(redis_url) as client:
        listener = there.listen("send")
        assert await hears_across(here, listener)
        for strange in ("", "nonsense", "[]", '{"from": 1}', '{"from": 1, "bells": 7}', '"send"'):
            await cast("Any", client).publish(CHANNEL, strange)
        assert await hears_across(here, listener)


@pytest.fixture
def stoppable() -> Iterator[tuple[EmbeddedServers, Path]]:
    """A Valkey of this test alone."""
    with tempfile.TemporaryDirectory(prefix="jiaoying-") as folder:
        data_dir = Path(folder)
        with start_servers(data_dir, postgres=False) as servers:
            yield servers, data_dir


def end_valkey(data_dir: Path) -> None:
    pid = read_pid(data_dir / "valkey/valkey.pid")
    assert pid
    os.kill(pid, signal.SIGKILL)


async def test_outage(stoppable: tuple[EmbeddedServers, Path]) -> None:
    servers, data_dir = stoppable
    with capture_logs() as logs:
        async with Wake(servers.redis_url) as here, Wake(servers.redis_url) as there:
            listener, own = there.listen("send"), here.listen("send")
            assert await hears_across(here, listener)
            end_valkey(data_dir)
            assert await asyncio.to_thread(wait_until, lambda: len(away(logs)) >= 2, LONG_S)
            await own.wait(0)
            here.ring("send")
            assert await own.wait(0), "what is rung here is heard here"
            await real_sleep(1)
            assert len(away(logs)) == 2, "one line for each of the two"

            servers.revive()
            assert await listener.wait(LONG_S), "after an outage everybody looks once"
            assert await hears_across(here, listener)
            assert [log["event"] for log in logs].count("redis_back") == 2
    assert len(away(logs)) == 2


def away(logs: Sequence[Mapping[str, object]]) -> list[Mapping[str, object]]:
    return [log for log in logs if log["event"] == "redis_away"]


async def test_start_without_redis_and_stop_at_once() -> None:
    with capture_logs() as logs:
        async with Wake("unix:///nowhere/valkey.sock") as wake:
            listener = wake.listen("send")
            wake.ring("send")
            assert await listener.wait(LONG_S)
            await real_sleep(0.5)
    assert len(away(logs)) == 1
