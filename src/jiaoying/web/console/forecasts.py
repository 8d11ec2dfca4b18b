"""How true forecasts were: each warning's before its start, beside what came."""

from aiohttp import web

from jiaoying.dispatch.store.forecasts import past_forecasts
from jiaoying.web.context import parts_of
from jiaoying.web.pages import render

SHOWN = 100


async def show_forecasts(request: web.Request) -> web.StreamResponse:
    """The page."""
    async with parts_of(request).database.transaction() as tx:
        rows = await past_forecasts(tx, SHOWN)
    return render(request, "forecasts.html", rows=rows)
