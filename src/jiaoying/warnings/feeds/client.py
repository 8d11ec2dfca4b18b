"""One request to a feed, within bounds of time and size; whatever happens is a value.

Sentences and logs name the host and never the address: its query may hold a key.
"""

from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
from yarl import URL

import jiaoying
from jiaoying.kernel.language import say
from jiaoying.storage.database import transaction_open
from jiaoying.warnings.feeds.model import Credential, CredentialKind
from jiaoying.warnings.feeds.pacing import read_retry_after
from jiaoying.warnings.feeds.resolver import GuardedResolver, InnerAddressError
from jiaoying.warnings.feeds.targets import (
    RefusedTarget,
    host_of,
    is_inner,
    is_public,
    literal_address,
    read_link,
)
from jiaoying.warnings.feeds.unpacking import Body, DamagedError, TooLargeError
from jiaoying.warnings.formats.guarded_xml import MAX_BYTES

MOST_REDIRECTS = 3
LONGEST_VALIDATOR = 500
_REDIRECTS = (301, 302, 303, 307, 308)
# Asked to wait, or trouble that passes: everything else that is no success is the feed's lasting answer.
_PASSING = (408, 425, 429)
_ACCEPT = "application/cap+xml, application/atom+xml, application/xml, application/json, text/xml, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a feed may take, in seconds."""

    connect_s: float = 10
    silence_s: float = 20  # between two pieces of an answer
    whole_s: float = 60


@dataclass(frozen=True, slots=True)
class Destination:
    """The source that is asked: its own address, where else it may lead, and what it wants to see."""

    address: URL
    allowed_hosts: Collection[str] = ()
    inside: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    credential: Credential | None = field(default=None, repr=False)
    largest: int = MAX_BYTES


@dataclass(frozen=True, slots=True)
class Fetched:
    """A body, whole and unpacked."""

    body: bytes
    media_type: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class NotModified:
    """304: what we have is what there is."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing came. `lasting` where asking again will hardly help."""

    reason: str
    code: str
    retry_after_s: float | None = None
    lasting: bool = False


@asynccontextmanager
async def open_session(destination: Destination, patience: Patience) -> AsyncGenerator[aiohttp.ClientSession]:
    """Connections for one poll: no cookies, no proxy, no name that leads where it must not."""
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(inside=destination.inside), limit=2, use_dns_cache=False
    )
    timeout = aiohttp.ClientTimeout(
        total=patience.whole_s,
        connect=patience.connect_s,
        sock_connect=patience.connect_s,
        sock_read=patience.silence_s,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        headers={"User-Agent": f"Jiaoying/{jiaoying.__version__}", "Accept": _ACCEPT},
    ) as session:
        yield session


async def fetch(
    session: aiohttp.ClientSession,
    destination: Destination,
    url: URL,
    wall: datetime,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Fetched | NotModified | Failed:
    """Ask for `url`, which is the source's own address or was allowed by it (`targets.read_link`)."""
    if transaction_open.get():
        raise RuntimeError("a feed is asked while a transaction is open")
    conditions = {
        name: value
        for name, value in (("If-None-Match", etag), ("If-Modified-Since", last_modified))
        if value
    }
    try:
        for _ in range(MOST_REDIRECTS + 1):
            refused = _refuse_literal(destination, url)
            if refused is not None:
                return refused
            async with session.get(
                _with_key(destination, url),
                headers=_headers(destination, url) | conditions,
                allow_redirects=False,
            ) as answer:
                if answer.status not in _REDIRECTS:
                    return await _read(answer, destination, wall)
                target = read_link(answer.headers.get("Location", ""), url, destination.allowed_hosts)
            if isinstance(target, RefusedTarget) or host_of(target) not in _hosts(destination):
                why = target.reason if isinstance(target, RefusedTarget) else host_of(target)
                return Failed(say("it sends us elsewhere: {why}", why=why), "redirect", lasting=True)
            url = target
        return Failed(say("it sends us from one address to the next"), "redirect", lasting=True)
    except TimeoutError:
        return Failed(say("{host} took too long to answer", host=host_of(url)), "timeout")
    except TooLargeError:
        size = destination.largest // 1024 // 1024
        return Failed(say("its answer is larger than {size} MiB", size=size), "too_large", lasting=True)
    except DamagedError:
        return Failed(say("its answer is packed wrongly or broken off"), "damaged")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return _failure(error, host_of(url))


async def _read(
    answer: aiohttp.ClientResponse, destination: Destination, wall: datetime
) -> Fetched | NotModified | Failed:
    if answer.status == 304:
        return NotModified()
    if answer.status != 200:
        return Failed(
            say("it answers with HTTP {status}", status=answer.status),
            f"http_{answer.status}",
            read_retry_after(answer.headers.get("Retry-After"), wall),
            lasting=400 <= answer.status < 500 and answer.status not in _PASSING,
        )
    if answer.content_length is not None and answer.content_length > destination.largest:
        raise TooLargeError
    body = Body(answer.headers.get("Content-Encoding", "").strip().lower(), destination.largest)
    async for piece in answer.content.iter_any():
        body.add(piece)
    return Fetched(
        body.whole(),
        answer.content_type[:100],
        _validator(answer, "ETag"),
        _validator(answer, "Last-Modified"),
    )


def _validator(answer: aiohttp.ClientResponse, name: str) -> str | None:
    value = answer.headers.get(name, "").strip()
    return value if 0 < len(value) <= LONGEST_VALIDATOR and value.isprintable() else None


def _hosts(destination: Destination) -> set[str]:
    return {host_of(destination.address), *(one.lower().rstrip(".") for one in destination.allowed_hosts)}


def _refuse_literal(destination: Destination, url: URL) -> Failed | None:
    """An address written as digits never passes the resolver: it is looked at here."""
    literal = literal_address(host_of(url))
    if literal is None or is_public(literal):
        return None
    own = host_of(url) == host_of(destination.address)
    if destination.inside and (own or is_inner(literal)):
        return None
    return _inner(host_of(url), str(literal))


def _inner(host: str, address: str) -> Failed:
    reason = say(
        "{host} leads to {address}, which lies in an inner network: tick “in our own network” if so meant",
        host=host,
        address=address,
    )
    return Failed(reason, "inner_address", lasting=True)


def _headers(destination: Destination, url: URL) -> dict[str, str]:
    """A secret is shown to the source's own origin only."""
    headers = {**destination.headers, "Accept-Encoding": "gzip"}
    credential = destination.credential
    if credential is None or url.origin() != destination.address.origin():
        return headers
    if credential.kind is CredentialKind.HEADER:
        headers[credential.name] = credential.secret
    elif credential.kind is CredentialKind.BASIC:
        headers["Authorization"] = aiohttp.encode_basic_auth(credential.name, credential.secret, "utf-8")
    return headers


def _with_key(destination: Destination, url: URL) -> URL:
    credential = destination.credential
    wanted = credential is not None and credential.kind is CredentialKind.QUERY
    if credential is None or not wanted or url.origin() != destination.address.origin():
        return url
    return url.update_query({credential.name: credential.secret})


def _failure(error: Exception, host: str) -> Failed:
    """In our own words: the library's may repeat the address with the key in it."""
    if isinstance(error, InnerAddressError):
        return _inner(error.host, error.address)
    # The connector wraps what the resolver raises.
    cause = getattr(error, "os_error", None)
    if isinstance(cause, InnerAddressError):
        return _inner(cause.host, cause.address)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return Failed(say("the certificate of {host} is not to be trusted", host=host), "certificate")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failed(say("the name {host} is not known", host=host), "unknown_name")
    if isinstance(error, aiohttp.ClientPayloadError):
        return Failed(say("its answer is packed wrongly or broken off"), "damaged")
    if isinstance(error, aiohttp.ClientConnectionError | OSError):
        return Failed(say("{host} cannot be reached", host=host), "unreachable")
    return Failed(say("{host} does not answer as HTTP should", host=host), "not_http")
