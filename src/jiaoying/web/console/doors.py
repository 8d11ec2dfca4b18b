"""Walks to doors (上门任务): somebody is sent by hand, and what they found is logged."""

from aiohttp import web

from jiaoying.dispatch.actions import BELLS
from jiaoying.dispatch.board import call_out_row
from jiaoying.dispatch.door_actions import MAX_NOTE_LENGTH, log_door, send_to_door, who_may_go
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.web.context import actor_of, is_fragment, parts_of, read_id
from jiaoying.web.pages import close_sheet, now_of, render, see_other, text_field, today_of


async def show_walkers(request: web.Request) -> web.StreamResponse:
    """Who may be sent to a person's door."""
    call_out_id = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        row = await call_out_row(tx, call_out_id)
        if row is None:
            raise web.HTTPNotFound
        able = await who_may_go(tx, call_out_id, today_of(request), now_of(request))
    return render(request, "send_to_door.html", call_out=row, able=able)


async def send_walker(request: web.Request) -> web.StreamResponse:
    """Send one of them, by text and call."""
    call_out_id, parts = read_id(request.match_info["id"]), parts_of(request)
    contact_id = read_id(await text_field(request, "contact", most=40))
    async with parts.database.transaction() as tx:
        row = await call_out_row(tx, call_out_id)
        if row is None:
            raise web.HTTPNotFound
        await send_to_door(
            tx,
            call_out_id,
            contact_id,
            by=actor_of(request),
            today=today_of(request),
            now=now_of(request),
        )
    parts.wake.ring(*BELLS)
    return close_sheet() if is_fragment(request) else see_other(f"/call-outs/{call_out_id}")


async def log_walk(request: web.Request) -> web.StreamResponse:
    """Log what was found at a door, as whoever went there told the desk."""
    task_id, parts = read_id(request.match_info["id"]), parts_of(request)
    found = await text_field(request, "found", most=10)
    if found not in ("yes", "no"):
        raise Refusal(say("Choose what was found at the door: woken, or nobody there"))
    note = await text_field(request, "note", most=MAX_NOTE_LENGTH)
    back = read_id(await text_field(request, "call_out", most=40))
    async with parts.database.transaction() as tx:
        await log_door(
            tx, task_id, by=actor_of(request), found=found == "yes", note=note, now=now_of(request)
        )
    parts.wake.ring(*BELLS)
    return close_sheet() if is_fragment(request) else see_other(f"/call-outs/{back}")
