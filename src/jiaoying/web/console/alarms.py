"""Alarms that nobody has cleared, and what came from numbers that nobody on the roster has."""

from aiohttp import web

from jiaoying.dispatch.actions import clear_alarm
from jiaoying.dispatch.board import open_alarms, unknown_replies
from jiaoying.dispatch.desk_reads import stranger_message
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other
from jiaoying.web.words import danger_first


async def show_alarms(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _alarms(request, "alarms.html")


async def show_alarms_part(request: web.Request) -> web.StreamResponse:
    """The part of the page that lives."""
    return await _alarms(request, "alarms_live.html")


async def clear(request: web.Request) -> web.StreamResponse:
    """Somebody has looked at it."""
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        await clear_alarm(tx, read_id(request.match_info["id"]), by=actor_of(request), now=now_of(request))
    parts.wake.ring("changes")
    return see_other("/alarms")


async def show_stranger(request: web.Request) -> web.StreamResponse:
    """The whole number that a message came from, to ring back; the look is a line in the ledger."""
    item_id, actor = read_id(request.match_info["id"]), actor_of(request)
    async with parts_of(request).database.transaction() as tx:
        message = await stranger_message(tx, item_id)
        if message is None or message.from_number is None:
            raise web.HTTPNotFound
        look = Entry(
            now_of(request),
            "contact.number_shown",
            actor,
            contact_id=message.contact_id,
            facts={"message": str(item_id)},
            particulars={"number": message.from_number},
        )
        await append_entries(tx, [look])
    return render(request, "stranger.html", message=message, number=message.from_number)


async def _alarms(request: web.Request, template: str) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        alarms, replies = danger_first(await open_alarms(tx)), await unknown_replies(tx, limit=100)
    return render(request, template, alarms=alarms, replies=replies)
