"""Signed posts to whoever uses the simulator: a bounded pool, one keep-alive session, loopback only."""

import asyncio
import ipaddress
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit
from zlib import crc32

import aiohttp
from twilio.request_validator import RequestValidator  # pyright: ignore[reportMissingTypeStubs]
from yarl import URL

from jiaoying.kernel.clock import Clock

WORKERS = 32
ROOM = 2_000
LARGEST_ANSWER = 64 * 1024
CONNECT_S, READ_S, TOTAL_S = (
    5.0,
    15.0,
    30.0,
)  # Twilio's own limits, twilio.com/docs/usage/webhooks/webhooks-connection-overrides


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` 0 and a sentence in `error` when nothing did."""

    status: int
    content_type: str = ""
    body: bytes = b""
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether the receiver took it; an empty 200 without a type counts as a failure, as at Twilio."""
        return 200 <= self.status < 300 and (self.status == 204 or bool(self.content_type) or bool(self.body))


Then = Callable[[Answer, datetime], None]
Sign = Callable[[str, Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class Post:
    """One web hook. Posts with the same `key` leave one after the other, in order."""

    key: str
    url: str
    params: Mapping[str, str]
    moment: datetime
    method: str = "POST"
    then: Then | None = None


def is_loopback(url: str) -> bool:
    """Whether `url` is a web address on this machine; the simulator calls nothing else."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connection_retries(url: str) -> int:
    """How often a failed connection is tried again: Twilio's `#rc=`, 0 to 5, one when not said."""
    said = parse_qs(urlsplit(url).fragment).get("rc", ["1"])[0]
    return min(int(said), 5) if said.isascii() and said.isdigit() else 1


class WebhookPool:
    """Sends posts and tells what became of them.

    A few workers, each with its own queue; a key always falls to the same worker, so that the reports
    of one message keep their order while thousands of messages travel side by side.
    """

    def __init__(self, clock: Clock, auth_token: str, on_failure: Callable[[Post, Answer], None]) -> None:
        self._clock = clock
        self._sign = cast("Sign", RequestValidator(auth_token).compute_signature)  # pyright: ignore[reportUnknownMemberType]
        self._on_failure = on_failure
        self._queues = [deque[Post]() for _ in range(WORKERS)]
        self._filled = [asyncio.Event() for _ in range(WORKERS)]
        self._quiet, self._room = asyncio.Event(), asyncio.Event()
        self._quiet.set()
        self._room.set()
        self._open = 0
        self.sent = 0

    def is_quiet(self) -> bool:
        return self._open == 0

    async def wait_quiet(self) -> None:
        await self._quiet.wait()

    async def wait_room(self) -> None:
        await self._room.wait()

    def submit(self, post: Post, *, beside: int = 0) -> None:
        """Queue a post; `beside` moves it to another worker, so that it races with its twin."""
        worker = (crc32(post.key.encode()) + beside) % WORKERS
        self._queues[worker].append(post)
        self._filled[worker].set()
        self._open += 1
        self._quiet.clear()
        if self._open > ROOM:
            self._room.clear()

    async def run(self) -> None:
        """Work for ever."""
        timeout = aiohttp.ClientTimeout(total=TOTAL_S, sock_connect=CONNECT_S, sock_read=READ_S)
        async with (
            aiohttp.ClientSession(
                timeout=timeout,
                connector=aiohttp.TCPConnector(limit=WORKERS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
            ) as session,
            asyncio.TaskGroup() as group,
        ):
            for worker in range(WORKERS):
                group.create_task(self._work(session, worker))

    async def _work(self, session: aiohttp.ClientSession, worker: int) -> None:
        queue, filled = self._queues[worker], self._filled[worker]
        while True:
            while not queue:
                filled.clear()
                await filled.wait()
            await self._deliver(session, queue.popleft())

    async def _deliver(self, session: aiohttp.ClientSession, post: Post) -> None:
        began = self._clock.now()
        answer = await self._send(session, post)
        self.sent += 1
        if not answer.ok:
            self._on_failure(post, answer)
        if post.then is not None:
            post.then(answer, post.moment + (self._clock.now() - began))
        self._open -= 1
        if self._open == 0:
            self._quiet.set()
        if self._open <= ROOM:
            self._room.set()

    async def _send(self, session: aiohttp.ClientSession, post: Post) -> Answer:
        if not is_loopback(post.url):
            return Answer(0, error="the simulator calls only addresses on this machine")
        request = _signed(post, self._sign)
        answer = Answer(0)
        for _ in range(1 + connection_retries(post.url)):
            answer = await _exchange(session, *request)
            if answer.status:
                break
        return answer


def _signed(post: Post, sign: Sign) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Method, address, body and headers. The fragment of an address stays with Twilio and is not signed."""
    parts = urlsplit(post.url)
    query, body, signed_params = parts.query, None, dict[str, str]()
    if post.method == "GET":
        query = "&".join(part for part in (query, urlencode(post.params)) if part)
    else:
        body, signed_params = urlencode(post.params).encode(), dict(post.params)
    url = urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query, ""))
    headers = {
        "X-Twilio-Signature": sign(url, signed_params),
        "I-Twilio-Idempotency-Token": secrets.token_hex(16),
    }
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
    return post.method, url, body, headers


async def _exchange(
    session: aiohttp.ClientSession, method: str, url: str, body: bytes | None, headers: dict[str, str]
) -> Answer:
    options: dict[str, Any] = {"data": body, "headers": headers, "allow_redirects": False}
    try:
        async with session.request(method, URL(url, encoded=True), **options) as response:
            content = bytearray()
            async for chunk in response.content.iter_chunked(LARGEST_ANSWER):
                content += chunk
                if len(content) > LARGEST_ANSWER:
                    return Answer(0, error=f"the answer is longer than {LARGEST_ANSWER} bytes")
            return Answer(response.status, response.headers.get("Content-Type", ""), bytes(content))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as trouble:
        return Answer(0, error=f"{type(trouble).__name__}: {trouble}")
