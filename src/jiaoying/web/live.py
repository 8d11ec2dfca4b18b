"""Tells open pages that something changed; they then fetch the parts of themselves that show it.

Each page holds one stream. What is sent is only the word `changed`, at most once a second; its id is
the version of the story, so that a page that reconnects hears at once whether it missed anything.
"""

import asyncio
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import count
from uuid import UUID

from aiohttp import ClientConnectionResetError, web

from jiaoying.dispatch.desk_reads import LedgerLook, look_at_ledger
from jiaoying.kernel.clock import monotonic, real_sleep
from jiaoying.kernel.ids import new_token
from jiaoying.storage.database import Database
from jiaoying.storage.wake import Listener
from jiaoying.web.context import DATABASE_TROUBLE, PARTS, parts_of, read_id

# Rings may be lost, so the database is asked anyway.
POLL_S = 2.0
SHORTEST_S = 1.0
# Pages that nothing happens to are refreshed now and then, for what only time changes.
REFRESH_S = 20.0
FORGET_S = 60.0
_MOST_KNOWN = 1000
_versions = count(1)


@dataclass(slots=True)
class _Seen:
    """What was seen of one warning's lines, and how often something was new."""

    looked_at: float
    look: LedgerLook
    version: int


@dataclass(slots=True)
class Changes:
    """Numbers the changes of what pages look at; asks the database at most once a second for each."""

    database: Database
    _seen: dict[UUID | None, _Seen] = field(default_factory=dict[UUID | None, _Seen])
    # Two pages that look at once must not both count one change.
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    # A version of another process, or from before a restart, is never equal to one of ours.
    _run: str = field(default_factory=new_token)

    async def version_of(self, warning_id: UUID | None) -> str:
        """The present version of one warning's story, or of all stories."""
        async with self._lock:
            seen = self._fresh(warning_id)
            if seen is None or monotonic() - seen.looked_at >= SHORTEST_S:
                seen = await self._look(warning_id, seen)
                self._seen[warning_id] = seen
        return f"{self._run}.{seen.version}"

    def _fresh(self, warning_id: UUID | None) -> _Seen | None:
        """The last look, unless it is so old that counting from there would be work."""
        if len(self._seen) >= _MOST_KNOWN:
            self._seen.clear()
        seen = self._seen.get(warning_id)
        return seen if seen and monotonic() - seen.looked_at < FORGET_S else None

    async def _look(self, warning_id: UUID | None, before: _Seen | None) -> _Seen:
        async with self.database.transaction() as tx:
            look = await look_at_ledger(tx, before.look.floor if before else None, warning_id)
        if before is None:
            return _Seen(monotonic(), look, next(_versions))
        changed = look.since > before.look.beyond
        return _Seen(monotonic(), look, next(_versions) if changed else before.version)


CHANGES = web.AppKey("changes", Changes)
ENDING = web.AppKey("ending", asyncio.Event)


async def stream_changes(request: web.Request) -> web.StreamResponse:
    """`GET /live?warning=…`: server-sent events until the page or the service goes away."""
    warning_id = read_id(request.query["warning"]) if request.query.get("warning") else None
    # Asked before the stream opens: while the database is away the page hears 503 and comes again.
    version = await request.config_dict[CHANGES].version_of(warning_id)
    answer = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    bell = parts_of(request).wake.listen("changes")
    # A page that went away, or a database that did: the page comes again by itself.
    with closing(bell), suppress(ClientConnectionResetError, *DATABASE_TROUBLE):
        await answer.prepare(request)
        await _tell(answer, request, bell, warning_id, version)
    return answer


async def _tell(
    answer: web.StreamResponse, request: web.Request, bell: Listener, warning_id: UUID | None, version: str
) -> None:
    changes, ending = request.config_dict[CHANGES], request.config_dict[ENDING]
    seen, told_at = request.headers.get("Last-Event-ID"), monotonic()
    await answer.write(b"retry: 2000\n\n")
    while not ending.is_set():
        # Without an id the page may have been drawn before the newest line: it is told once as well.
        if version != seen or monotonic() - told_at >= REFRESH_S:
            await answer.write(f"event: changed\nid: {version}\ndata: \n\n".encode())
            seen, told_at = version, monotonic()
            await real_sleep(SHORTEST_S)
        await bell.wait(POLL_S)
        version = await changes.version_of(warning_id)


async def end_streams(application: web.Application) -> None:
    """At shutdown: every stream ends by itself, so that nobody has to be cut off."""
    application[ENDING].set()
    application[PARTS].wake.ring("changes")
