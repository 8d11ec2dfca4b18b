"""Bells: "there is work, look now" from one stage to another, also in other processes.

A bell carries nothing and may be lost; the row in the database is the work, and whoever listens
looks there anyway after a while. Within a process a bell is heard at once; through Redis pub/sub
other processes hear it some milliseconds later, and if Redis is away they find the work when they
look next.
"""

import asyncio
import json
import secrets
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self, cast

from redis.asyncio import Redis

from jiaoying.kernel.clock import real_sleep
from jiaoying.storage.redis_client import REDIS_TROUBLE, Outage, redis_client

CHANNEL = "jiaoying:bells"
# A silent server is asked after this long, and given up after twice as long.
SILENCE_S = 10.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
# After a message the next rings are gathered for so long: a hundred messages a second at most.
GATHER_S = 0.01


class Listener:
    """Somebody who waits for some bells. Made by `Wake.listen`."""

    def __init__(self, wake: "Wake", bells: Iterable[str]) -> None:
        self.bells = frozenset(bells)
        self._wake = wake
        self._rung = asyncio.Event()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for a bell at most `timeout_s` (by the wall); False if none was rung.

        A ring since the last wait counts: it returns at once.
        """
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    def hear(self) -> None:
        """A bell was rung. For `Wake`."""
        self._rung.set()

    def close(self) -> None:
        """Listen no more."""
        self._wake.forget(self)


class Wake:
    """The bells of one process, and its line to the others' where `redis_url` is not None.

    Belongs to one event loop. `ring` and `listen` work before `start` and after `stop`, too; then
    only inside the process.
    """

    def __init__(self, redis_url: str | None) -> None:
        self._client = redis_client(redis_url) if redis_url else None
        self._me = secrets.token_hex(8)
        self._listeners: set[Listener] = set()
        self._unsent: set[str] = set()
        self._something_unsent = asyncio.Event()
        self._outage = Outage("bells")
        self._connected = False
        self._group: asyncio.TaskGroup | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Open the line to other processes; returns at once, whether or not Redis is there."""
        if self._client is None or self._group is not None:
            return
        self._group = await asyncio.TaskGroup().__aenter__()
        self._tasks = [
            self._group.create_task(self._keep_hearing(self._client)),
            self._group.create_task(self._keep_sending(self._client)),
        ]

    async def stop(self) -> None:
        """Close the line. A bell rung just before may not reach the others."""
        group, self._group = self._group, None
        for task in self._tasks:
            task.cancel()
        if group:
            await group.__aexit__(None, None, None)
        if self._client:
            await self._client.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def ring(self, *bells: str) -> None:
        """Wake whoever listens for any of `bells`, here now and elsewhere soon. Never fails or waits."""
        self._ring_here(bells)
        if self._group:
            self._unsent.update(bells)
            self._something_unsent.set()

    def listen(self, *bells: str) -> Listener:
        """From now on remember the rings of `bells`; close the listener when done."""
        listener = Listener(self, bells)
        self._listeners.add(listener)
        return listener

    def forget(self, listener: Listener) -> None:
        """For `Listener.close`."""
        self._listeners.discard(listener)

    def _ring_here(self, bells: Iterable[str]) -> None:
        rung = frozenset(bells)
        for listener in self._listeners:
            if not listener.bells.isdisjoint(rung):
                listener.hear()

    async def _keep_sending(self, client: Redis) -> None:
        """Whatever is rung while a message is under way goes into the next one, each bell once."""
        pause_s = FIRST_PAUSE_S
        while self._group:
            await self._something_unsent.wait()
            self._something_unsent.clear()
            sending, self._unsent = self._unsent, set()
            try:
                message = json.dumps({"from": self._me, "bells": sorted(sending)})
                await cast("Any", client).publish(CHANNEL, message)
                pause_s = FIRST_PAUSE_S
                self._note_success()
                await real_sleep(GATHER_S)
            except REDIS_TROUBLE as error:
                self._outage.begins(error)
                self._unsent |= sending
                self._something_unsent.set()
                pause_s = await self._pause(pause_s)

    async def _keep_hearing(self, client: Redis) -> None:
        pause_s = FIRST_PAUSE_S
        while self._group:
            try:
                async with cast("Any", client).pubsub() as line:
                    await line.subscribe(CHANNEL)
                    self._connected = True
                    self._note_success()
                    pause_s = FIRST_PAUSE_S
                    await self._hear(line)
            except REDIS_TROUBLE as error:
                self._outage.begins(error)
            self._connected = False
            pause_s = await self._pause(pause_s)

    async def _pause(self, pause_s: float) -> float:
        """Wait before the next try; returns how long to wait after that one.

        The client may turn a cancellation into a failure of its own, so `stop` is looked for here.
        """
        if self._group:
            await real_sleep(pause_s)
        return min(LONGEST_PAUSE_S, pause_s * 2)

    def _note_success(self) -> None:
        if self._connected and self._outage.ends():
            # What others rang meanwhile is lost: everybody looks once.
            for listener in self._listeners:
                listener.hear()

    async def _hear(self, line: Any) -> None:
        """Until the line breaks or stays silent although asked."""
        asked = False
        while self._group:
            message = await line.get_message(timeout=SILENCE_S)
            if message is None and asked:
                raise ConnectionError("no answer to a ping")
            asked = message is None
            if message is None:
                await line.ping()
            elif message["type"] == "message":
                self._ring_message(message["data"])

    def _ring_message(self, data: str) -> None:
        """Others may share the server: what is not a bell of ours is passed over."""
        try:
            message = json.loads(data)
            sender, bells = str(message["from"]), [str(bell) for bell in message["bells"]]
        except (ValueError, TypeError, KeyError):
            return
        if sender != self._me:
            self._ring_here(bells)
