"""A gong, a loudspeaker, a group chat: logged once for a whole village or township."""

from aiohttp import web

from jiaoying.dispatch.actions import BELLS, MAX_NOTE_LENGTH
from jiaoying.dispatch.board import WarningFacts, warning_facts
from jiaoying.dispatch.broadcasts import Broadcast, log_broadcast
from jiaoying.dispatch.grades import BROADCASTS, How
from jiaoying.dispatch.store.broadcasts import places_called
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import moment_field, now_of, render, see_other, text_field


async def ask_broadcast(request: web.Request) -> web.StreamResponse:
    """The form: where, by what, when, by whom."""
    return await _form(request)


async def log(request: web.Request) -> web.StreamResponse:
    """Log it for everybody who is called there."""
    warning_id, parts = read_id(request.match_info["id"]), parts_of(request)
    try:
        how = await text_field(request, "how", most=20)
        if how not in BROADCASTS:
            raise Refusal(say("Choose what was done: gong, loudspeaker or group chat"))
        area = await text_field(request, "area", most=12)
        note = await text_field(request, "note", most=MAX_NOTE_LENGTH)
        now = now_of(request)
        done = Broadcast(How(how), actor_of(request), note, await moment_field(request, "at") or now)
        async with parts.database.transaction() as tx:
            await log_broadcast(tx, warning_id, area, done, now)
    except Refusal as refusal:
        return await _form(request, refusal=str(refusal))
    parts.wake.ring(*BELLS)
    return see_other(f"/warnings/{warning_id}")


async def _form(request: web.Request, *, refusal: str | None = None) -> web.StreamResponse:
    warning_id = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        warning: WarningFacts | None = await warning_facts(tx, warning_id)
        if warning is None:
            raise web.HTTPNotFound
        places = await places_called(tx, warning_id)
    return render(
        request,
        "broadcast.html",
        status=422 if refusal else 200,
        warning=warning,
        places=places,
        means=BROADCASTS,
        refusal=refusal,
    )
