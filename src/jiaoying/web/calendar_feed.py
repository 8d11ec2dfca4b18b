"""Calendars to subscribe to, of a person's or a desk's shifts, by an address that nobody can guess.

A calendar program cannot sign in. What it proves itself with stands in the address: a code made of the id
with a secret of the installation, so that nothing need be stored and an address of one person opens no other.
"""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

from aiohttp import web

from jiaoying.duty.calendar_loading import name_of_desk, name_of_person, rota_of_desk, rota_of_person
from jiaoying.duty.ical import CalendarRota, Event, calendar_bytes, desk_events, person_events
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of
from jiaoying.web.parts import WebParts

BACK, AHEAD = timedelta(days=62), timedelta(days=400)
_CODE_LENGTH = 32  # of hexadecimal digits: 128 bits


def address_of(parts: WebParts, kind: str, row_id: UUID) -> str:
    """Where the calendar of a person (`people`) or a desk (`desks`) lies."""
    return f"{parts.public_url}/calendar/{kind}/{row_id}/{_code(parts, kind, row_id)}.ics"


async def of_person(request: web.Request) -> web.Response:
    """The shifts of a person."""
    return await _answer(request, "people", name_of_person, rota_of_person, person_events)


async def of_desk(request: web.Request) -> web.Response:
    """Who stands at a desk."""
    return await _answer(request, "desks", name_of_desk, rota_of_desk, desk_events)


async def _answer(
    request: web.Request,
    kind: str,
    name_of: Callable[[Tx, UUID], Awaitable[str | None]],
    rota_of: Callable[[Tx, UUID, datetime, datetime], Awaitable[CalendarRota]],
    events_of: Callable[[UUID, CalendarRota], list[Event]],
) -> web.Response:
    row_id, parts, now = read_id(request.match_info["id"]), parts_of(request), now_of(request)
    given = request.match_info["token"]
    if not hmac.compare_digest(given.encode(), _code(parts, kind, row_id).encode()):
        raise web.HTTPNotFound
    async with parts.database.transaction() as tx:
        name = await name_of(tx, row_id)
        if name is None:
            raise web.HTTPNotFound
        rota = await rota_of(tx, row_id, now - BACK, now + AHEAD)
    body = calendar_bytes(say("Duty: {name}", name=name), events_of(row_id, rota))
    return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=NO_STORE)


def _code(parts: WebParts, kind: str, row_id: UUID) -> str:
    # A key of its own: what leaks of one use of the secret says nothing of the other.
    key = hmac.digest(parts.source_key.encode(), b"calendar feeds", "sha256")
    return hmac.new(key, f"{kind}/{row_id}".encode(), "sha256").hexdigest()[:_CODE_LENGTH]
