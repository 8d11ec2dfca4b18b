"""Live changes as server-sent events: the lines of the ledger, none missed, resumable by Last-Event-ID.

Ids of lines are not in the order in which their transactions commit. A reader that goes by the
writing transaction, and only up to the oldest one still running, meets every line exactly once.
"""

import json
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from aiohttp import ClientConnectionResetError, web
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB

from jiaoying.kernel.clock import monotonic, real_sleep
from jiaoying.kernel.language import say
from jiaoying.ledger.together import IS_TOGETHER
from jiaoying.storage.database import Tx
from jiaoying.storage.wake import Listener
from jiaoying.web.api.endpoint import Call, Endpoint, Parameter
from jiaoying.web.api.problems import RETRY_S, Problem, malformed
from jiaoying.web.api.reading import id_in_query
from jiaoying.web.api.shapes import ID, TEXT, plain
from jiaoying.web.context import DATABASE_TROUBLE
from jiaoying.web.live import ENDING

POLL_S = 1.0
# A county in full swing writes all the time; a few looks a second are live enough.
GATHER_S = 0.2
# A proxy closes what is silent for a minute.
HEARTBEAT_S = 15.0
_BATCH = 500

_NEW_LINES = text(
    f"""
    SELECT tx, id, at, event, actor, warning_id, responsibility_id, call_out_id, attempt_id, contact_id,
           CASE WHEN {IS_TOGETHER}
                THEN jsonb_build_object('count', facts -> 'count') ELSE facts END AS facts
    FROM ledger_lines
    WHERE (tx, id) > (:tx, :id) AND tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
      AND (CAST(:warning_id AS uuid) IS NULL OR warning_id = :warning_id)
    ORDER BY tx, id LIMIT :batch
    """  # noqa: S608 - put together from our own words
).columns(facts=JSONB)
_OLDEST_RUNNING = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last line that a reader has: its transaction and its id."""

    tx: int
    id: UUID

    def __str__(self) -> str:
        return f"{self.tx}.{self.id}"


def read_cursor(written: str) -> Cursor:
    """A cursor as it stood in an event's id. Raises Problem 400 for anything else."""
    number, _, line = written.partition(".")
    try:
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            raise ValueError(number)
        return Cursor(int(number), UUID(line))
    except ValueError:
        raise malformed("Last-Event-ID", say("write the id of an event as it was given")) from None


async def new_lines(tx: Tx, cursor: Cursor, warning_id: UUID | None) -> Sequence[Any]:
    """The lines after `cursor`, at most 500, in the order in which every reader meets them."""
    values = {"tx": cursor.tx, "id": cursor.id, "warning_id": warning_id, "batch": _BATCH}
    return (await tx.execute(_NEW_LINES, values)).all()


async def present_end(tx: Tx) -> Cursor:
    """Before every line that is not yet settled, and after all that are."""
    return Cursor(await tx.scalar(_OLDEST_RUNNING) or 0, UUID(int=0))


async def get_events(call: Call) -> web.StreamResponse:
    """Lines of the ledger as they come, without the names and numbers that lie beside them.

    A line that tells of some thousand rows at once says how many they are; which, the lists tell.
    """
    warning_id = id_in_query(call.request, "warning")
    written = call.request.headers.get("Last-Event-ID") or call.request.query.get("after")
    async with call.parts.database.transaction() as tx:
        cursor = read_cursor(written) if written else await present_end(tx)
    if call.listeners.locked():
        raise Problem(
            503,
            say("Too many programs are listening; come again later"),
            headers={"Retry-After": str(RETRY_S)},
        )
    async with call.listeners:
        return await _tell(call, cursor, warning_id)


async def _tell(call: Call, cursor: Cursor, warning_id: UUID | None) -> web.StreamResponse:
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    answer = web.StreamResponse(headers=headers)
    await answer.prepare(call.request)
    bell = call.parts.wake.listen("changes")
    # A listener that went away, or a database that did: the listener comes again with its last id.
    with closing(bell), suppress(ClientConnectionResetError, *DATABASE_TROUBLE):
        await answer.write(f"retry: 2000\nid: {cursor}\n\n".encode())
        await _pass_on(answer, call, bell, cursor, warning_id)
    return answer


async def _pass_on(
    answer: web.StreamResponse, call: Call, bell: Listener, cursor: Cursor, warning_id: UUID | None
) -> None:
    ending, told_at = call.request.config_dict[ENDING], monotonic()
    while not ending.is_set():
        async with call.parts.database.transaction() as tx:
            rows = await new_lines(tx, cursor, warning_id)
        if rows:
            cursor = Cursor(rows[-1].tx, rows[-1].id)
            await answer.write("".join(_event(row) for row in rows).encode())
            told_at = monotonic()
        elif monotonic() - told_at >= HEARTBEAT_S:
            await answer.write(b":\n\n")
            told_at = monotonic()
        if len(rows) < _BATCH:
            await real_sleep(GATHER_S)
            await bell.wait(POLL_S)


def _event(row: Any) -> str:
    names = (
        "at",
        "event",
        "actor",
        "warning_id",
        "responsibility_id",
        "call_out_id",
        "attempt_id",
        "contact_id",
    )
    line = {**{name: getattr(row, name) for name in names}, "facts": row.facts}
    data = json.dumps(plain(line), ensure_ascii=False, separators=(",", ":"))
    return f"event: {row.event}\nid: {Cursor(row.tx, row.id)}\ndata: {data}\n\n"


ENDPOINTS = (
    Endpoint(
        "GET",
        "/events",
        get_events,
        "warnings:read",
        "Every change as a server-sent event named after the line of the ledger that tells it.",
        {"text/event-stream": TEXT},
        query=(
            Parameter("warning", "Only what is about this warning", ID),
            Parameter("after", "Where to go on, for readers that cannot send Last-Event-ID", TEXT),
        ),
        refusals=(400,),
    ),
)
