"""The bare things that the product is measured against, each in a process of its own.

    python -m benchmarks.bare loop BODY URL PATH COUNT      aiohttp, 100 connections, encoded bodies
    python -m benchmarks.bare raw BODY URL PATH COUNT       requests written by hand: the carrier's ceiling
    python -m benchmarks.bare listen BODY URL PATH DSN      NOTIFY heard, one request posted

BODY is a file with an encoded body, as the product sent it. `loop` and `raw` print what they
measured in JSON.
"""

import asyncio
import base64
import json
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import aiohttp
import asyncpg
import uvloop
from yarl import URL

CONNECTIONS = 100
NOTICE = "benchmark"
_HEADERS = {
    "Authorization": f"Basic {base64.b64encode(b'AC0:0').decode()}",
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
}


def bodies_like(body: bytes, count: int) -> list[bytes]:
    """`count` bodies as long as `body`, each to a number of its own."""
    rest = body[body.index(b"&") :]
    return [b"To=%%2B86100%08d%s" % (number, rest) for number in range(count)]


async def loop(body: bytes, url: str, path: str, count: str) -> None:
    """Every body posted once, a hundred at a time."""
    address = URL(url + path, encoded=True)
    waiting = iter(bodies_like(body, int(count)))
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(
        connector=connector, headers=_HEADERS, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
    ) as session:

        async def post_some() -> None:
            for body in waiting:
                async with session.post(address, data=body) as answer:
                    await answer.read()

        await _measured(post_some, int(count))


async def _measured(post_some: Callable[[], Coroutine[None, None, None]], count: int) -> None:
    print("ready", flush=True)
    began, cpu = time.monotonic(), time.process_time()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONNECTIONS):
            group.create_task(post_some())
    seconds = time.monotonic() - began
    cpu_ms = (time.process_time() - cpu) * 1000 / count
    print(json.dumps({"per_s": count / seconds, "seconds": seconds, "cpu_ms": cpu_ms}), flush=True)


async def raw(body: bytes, url: str, path: str, count: str) -> None:
    """The same by streams of bytes: nothing of HTTP is read but the end of each answer."""
    head = "".join(f"{name}: {value}\r\n" for name, value in _HEADERS.items())
    request = f"POST {path} HTTP/1.1\r\nHost: carrier\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
    host, port = urlsplit(url).netloc.split(":")
    left = [int(count)]

    async def post_some() -> None:
        done = asyncio.get_running_loop().create_future()
        transport, _ = await asyncio.get_running_loop().create_connection(
            lambda: _Volley(request + body, left, done), host, int(port)
        )
        await done
        transport.close()

    await _measured(post_some, int(count))


class _Volley(asyncio.Protocol):
    """Posts again as soon as it is answered, while there is something left."""

    def __init__(self, request: bytes, left: list[int], done: "asyncio.Future[None]") -> None:
        self._request, self._left, self._done = request, left, done
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asserted: the transports of uvloop do not descend from it.
        self._transport = cast("asyncio.WriteTransport", transport)
        self._post()

    def data_received(self, data: bytes) -> None:
        # The carrier answers in one write of less than one segment of the loopback.
        if data.endswith(b"}"):
            self._post()

    def _post(self) -> None:
        assert self._transport is not None
        if self._left[0] <= 0:
            if not self._done.done():
                self._done.set_result(None)
            return
        self._left[0] -= 1
        self._transport.write(self._request)


async def listen(body: bytes, url: str, path: str, dsn: str) -> None:
    """Post one request for each notification, until asked to stop."""
    address = URL(url + path, encoded=True)
    stopping, heard = asyncio.Event(), asyncio.Queue[None]()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    connection = await asyncpg.connect(dsn)

    def hear(*_: object) -> None:
        heard.put_nowait(None)

    await connection.add_listener(NOTICE, hear)
    async with (
        aiohttp.ClientSession(headers=_HEADERS, trust_env=False) as session,
        asyncio.TaskGroup() as group,
    ):

        async def post_all() -> None:
            while True:
                await heard.get()
                async with session.post(address, data=body) as answer:
                    await answer.read()

        posting = group.create_task(post_all())
        print("ready", flush=True)
        await stopping.wait()
        posting.cancel()
    await connection.close()


if __name__ == "__main__":
    _ways = {"loop": loop, "raw": raw, "listen": listen}
    uvloop.run(_ways[sys.argv[1]](Path(sys.argv[2]).read_bytes(), *sys.argv[3:]))
