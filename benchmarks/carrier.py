"""The least that a carrier can be: Twilio's answer to every text and call at once, and a count of them.

`python -m benchmarks.carrier SECRET` prints its port. HTTP is read by hand, so that the carrier is never
what limits a measurement; `hand_overs` prints what it can do by itself. It proves to be this
installation's simulator by SECRET, so that made-up people may be handed to it, and never reports back.
"""

import asyncio
import json
import signal
import sys
import time
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qs, urlsplit

import aiohttp
import uvloop

from benchmarks.waiting import wait_until
from jiaoying.gateways.twilio.proof import proof_of

_HEAD_END = b"\r\n\r\n"
_LENGTH = b"content-length:"
# As long as Twilio's: https://www.twilio.com/docs/messaging/api/message-resource#message-properties
_ANSWER = (
    '{"account_sid": "AC00000000000000000000000000000000", "api_version": "2010-04-01", "body": "",'
    ' "date_created": "Wed, 15 Jul 2026 02:00:00 +0000", "date_sent": null, "date_updated":'
    ' "Wed, 15 Jul 2026 02:00:00 +0000", "direction": "outbound-api", "error_code": null,'
    ' "error_message": null, "from": "+8610000000000", "messaging_service_sid": null, "num_media": "0",'
    ' "num_segments": "3", "price": null, "price_unit": "USD", "sid": "%s", "status": "queued",'
    ' "subresource_uris": {"media": "/2010-04-01/Accounts/AC0/Messages/%s/Media.json"}, "to": "%s",'
    ' "uri": "/2010-04-01/Accounts/AC0/Messages/%s.json"}'
)


@dataclass(slots=True)
class Book:
    """What has been handed over since it was last forgotten; moments are those of the machine's
    monotonic clock, which all processes share."""

    secret: str
    count: int = 0
    first_at: float | None = None
    last_at: float | None = None
    body: bytes = b""
    path: str = ""
    distinct: set[bytes] = field(default_factory=set[bytes])
    _sids: int = 0

    def enter(self, path: str, body: bytes) -> bytes:
        """Note one hand-over; returns the answer to it."""
        self.last_at = time.monotonic()
        self.first_at = self.first_at or self.last_at
        self.count, self._sids = self.count + 1, self._sids + 1
        self.body, self.path = body, path
        number = body[3 : body.index(b"&")] if body.startswith(b"To=") else body
        voice = path.endswith("Calls.json")
        self.distinct.add((b"call " if voice else b"text ") + number)
        # The moment stands in front, so that no two runs of a carrier give one reference twice.
        sid = f"{'CA' if voice else 'SM'}{time.time_ns() & (2**96 - 1):024x}{self._sids:08x}"
        return (_ANSWER % (sid, sid, number.decode(), sid)).encode()

    def counts(self) -> bytes:
        """What `Carrier.counts` reads."""
        told = {
            "count": self.count,
            "distinct": len(self.distinct),
            "first_at": self.first_at,
            "last_at": self.last_at,
            "body": self.body.decode(),
            "path": self.path,
        }
        return json.dumps(told).encode()

    def forget(self) -> bytes:
        """Begin anew."""
        self.count, self.first_at, self.last_at, self.distinct = 0, None, None, set()
        return b"{}"


class Line(asyncio.Protocol):
    """One connection: whole requests in, answers out, in order."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._heard = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not asserted: the transports of uvloop do not descend from it.
        self._transport = cast("asyncio.WriteTransport", transport)

    def data_received(self, data: bytes) -> None:
        self._heard += data
        while (end := self._heard.find(_HEAD_END)) >= 0:
            head = self._heard[:end]
            whole = end + len(_HEAD_END) + _length_of(head)
            if len(self._heard) < whole:
                return
            self._answer(head, self._heard[end + len(_HEAD_END) : whole])
            self._heard = self._heard[whole:]

    def _answer(self, head: bytes, body: bytes) -> None:
        method, target, _ = head[: head.index(b"\r\n")].decode().split(" ")
        status, answer = self._asked(method, target, body)
        assert self._transport is not None
        self._transport.write(
            b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (status, len(answer), answer)
        )

    def _asked(self, method: str, target: str, body: bytes) -> tuple[bytes, bytes]:
        if method == "POST" and target.startswith("/2010"):
            return b"201 Created", self._book.enter(target, body)
        if target == "/counts":
            return b"200 OK", self._book.counts()
        if target == "/forget":
            return b"200 OK", self._book.forget()
        if target.startswith("/town/proof"):
            nonce = parse_qs(urlsplit(target).query)["nonce"][0]
            return b"200 OK", json.dumps({"proof": proof_of(self._book.secret, nonce)}).encode()
        return b"404 Not Found", b"{}"


def _length_of(head: bytes) -> int:
    at = head.lower().find(_LENGTH)
    return int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


@dataclass(frozen=True, slots=True)
class Counts:
    """What the carrier has taken on."""

    count: int
    distinct: int
    first_at: float | None
    last_at: float | None
    body: str
    path: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """The carrier as a benchmark asks it."""

    url: str
    session: aiohttp.ClientSession

    async def counts(self) -> Counts:
        async with self.session.get(f"{self.url}/counts") as answer:
            return Counts(**await answer.json())

    async def forget(self) -> None:
        async with self.session.get(f"{self.url}/forget") as answer:
            await answer.read()

    async def wait_for(self, count: int, *, poll_s: float = 0.02, timeout_s: float = 120) -> Counts:
        """Its book once it holds `count` hand-overs. Raises TimeoutError."""

        async def has_them() -> bool:
            return (await self.counts()).count >= count

        await wait_until(has_them, poll_s=poll_s, timeout_s=timeout_s)
        return await self.counts()


async def serve(secret: str) -> None:
    """Answer until asked to stop."""
    loop, stopping, book = asyncio.get_running_loop(), asyncio.Event(), Book(secret)
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    server = await loop.create_server(lambda: Line(book), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stopping.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
