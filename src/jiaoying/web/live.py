"""Tells open pages that something changed; they then fetch the parts of themselves that show it.

Each page holds one stream. What is sent is only the word `changed`, at most once a second; its id is the
newest line of the ledger, so that a page that reconnects hears at once whether it missed anything.
"""

import asyncio
from contextlib import closing, suppress
from dataclasses import dataclass, field
from uuid import UUID

from aiohttp import ClientConnectionResetError, web

from jiaoying.dispatch.desk_reads import newest_line
from jiaoying.kernel.clock import monotonic, real_sleep
from jiaoying.storage.database import Database
from jiaoying.storage.wake import Listener
from jiaoying.web.context import DATABASE_TROUBLE, PARTS, parts_of, read_id

# Rings may be lost, so the database is asked anyway.
POLL_S = 2.0
SHORTEST_S = 1.0
# Pages that nothing happens to are refreshed now and then, for what only time changes.
REFRESH_S = 20.0
_MOST_KNOWN = 1000


@dataclass(slots=True)
class Newest:
    """The newest ledger line of each warning that pages look at, asked for at most once a second."""

    database: Database
    _known: dict[UUID | None, tuple[float, str]] = field(default_factory=dict[UUID | None, tuple[float, str]])

    async def line_of(self, warning_id: UUID | None) -> str:
        """The id of the newest line of one warning, or of all; empty when there is none."""
        asked_at, line = self._known.get(warning_id, (-SHORTEST_S, ""))
        if monotonic() - asked_at < SHORTEST_S:
            return line
        async with self.database.transaction() as tx:
            line = str(await newest_line(tx, warning_id) or "")
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[warning_id] = (monotonic(), line)
        return line


NEWEST = web.AppKey("newest", Newest)
ENDING = web.AppKey("ending", asyncio.Event)


async def stream_changes(request: web.Request) -> web.StreamResponse:
    """`GET /live?warning=…`: server-sent events until the page or the service goes away."""
    warning_id = read_id(request.query["warning"]) if request.query.get("warning") else None
    # Asked before the stream opens: while the database is away the page hears 503 and comes again.
    line = await request.config_dict[NEWEST].line_of(warning_id)
    answer = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    bell = parts_of(request).wake.listen("changes")
    # A page that went away, or a database that did: the page comes again by itself.
    with closing(bell), suppress(ClientConnectionResetError, *DATABASE_TROUBLE):
        await answer.prepare(request)
        await _tell(answer, request, bell, warning_id, line)
    return answer


async def _tell(
    answer: web.StreamResponse, request: web.Request, bell: Listener, warning_id: UUID | None, line: str
) -> None:
    newest, ending = request.config_dict[NEWEST], request.config_dict[ENDING]
    seen, told_at = request.headers.get("Last-Event-ID"), monotonic()
    await answer.write(b"retry: 2000\n\n")
    while not ending.is_set():
        # Without an id the page may have been drawn before the newest line: it is told once as well.
        if line != seen or monotonic() - told_at >= REFRESH_S:
            await answer.write(f"event: changed\nid: {line}\ndata: \n\n".encode())
            seen, told_at = line, monotonic()
            await real_sleep(SHORTEST_S)
        await bell.wait(POLL_S)
        line = await newest.line_of(warning_id)


async def end_streams(application: web.Application) -> None:
    """At shutdown: every stream ends by itself, so that nobody has to be cut off."""
    application[ENDING].set()
    application[PARTS].wake.ring("changes")
