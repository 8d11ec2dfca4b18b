"""Two records that may be one person: the keeper compares them and says which."""

from aiohttp import web

from jiaoying.contacts.importing.doubts import open_doubts, settle_doubt
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.web.console.keeping import locality_of, values_in
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other

_MOST_SHOWN = 50


async def show_doubts(request: web.Request) -> web.StreamResponse:
    """What is not settled, the oldest first."""
    return await _page(request)


async def settle(request: web.Request) -> web.StreamResponse:
    """The keeper's word: the same person, or two people."""
    said = (await values_in(request)).get("said", "")
    if said not in ("same", "different"):
        return await _page(request, refusal=say("Say whether it is the same person or two people"))
    try:
        await settle_doubt(
            parts_of(request).database,
            read_id(request.match_info["id"]),
            same=said == "same",
            locality=locality_of(request),
            now=now_of(request),
            actor=actor_of(request),
        )
    except Refusal as refusal:
        return await _page(request, refusal=str(refusal))
    return see_other("/roster/doubts")


async def _page(request: web.Request, *, refusal: str | None = None) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        found = await open_doubts(tx, limit=_MOST_SHOWN + 1)
    return render(
        request,
        "doubts.html",
        status=422 if refusal else 200,
        doubts=found[:_MOST_SHOWN],
        more=len(found) > _MOST_SHOWN,
        refusal=refusal,
    )
