"""A small server that misbehaves in every way a carrier has been seen to."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came."""

    method: str
    path_qs: str
    body: bytes
    headers: dict[str, str]


Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class StrangeCarrier:
    """Answers every request in the way that `behave` says, and remembers each."""

    base: str
    behave: Behaviour
    heard: list[Heard] = field(default_factory=list[Heard])


def answers(status: int, body: bytes, **headers: str) -> Behaviour:
    """A plain answer."""

    async def behave(request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers=named)

    return behave


async def hangs(request: web.Request) -> web.StreamResponse:
    """Takes the request and says nothing."""
    await asyncio.Event().wait()
    raise AssertionError


async def drops(request: web.Request) -> web.StreamResponse:
    """Takes the request and cuts the line."""
    assert request.transport
    request.transport.abort()
    return web.Response()


async def stops_midway(request: web.Request) -> web.StreamResponse:
    """Says 201, promises a body, sends half of it and cuts the line."""
    response = web.StreamResponse(status=201, headers={"Content-Length": "400"})
    await response.prepare(request)
    await response.write(b'{"sid": "SM')
    assert request.transport
    request.transport.close()
    return response


async def speaks_gibberish(request: web.Request) -> web.StreamResponse:
    """Answers with what is not HTTP."""
    assert isinstance(request.transport, asyncio.Transport)
    request.transport.write(b"\x00\x01\x02 not http at all\r\n\r\n")
    request.transport.close()
    return web.Response()


async def never_ends(request: web.Request) -> web.StreamResponse:
    """Sends more than anybody wants to read."""
    response = web.StreamResponse(status=201)
    await response.prepare(request)
    for _ in range(6):
        await response.write(b" " * 1024 * 1024)
    return response


@asynccontextmanager
async def strange_carrier(behave: Behaviour) -> AsyncGenerator[StrangeCarrier, None]:
    """A running one, on a free port."""

    async def take(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        carrier.heard.append(Heard(request.method, request.raw_path, body, dict(request.headers)))
        return await carrier.behave(request)

    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", take)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    carrier = StrangeCarrier(f"http://{host}:{port}", behave)
    try:
        yield carrier
    finally:
        await runner.cleanup()
