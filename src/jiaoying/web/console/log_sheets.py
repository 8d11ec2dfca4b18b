"""The duty log of a day or a month as a sheet to print, sign and file."""

from urllib.parse import quote

from aiohttp import web

from jiaoying.duty.log_loading import WRITERS, load_day_paper, load_month_paper, written_as
from jiaoying.duty.log_paper import LogPaper
from jiaoying.duty.log_words import written_by
from jiaoying.duty.month_sheet import Filing
from jiaoying.web.console.log_forms import day_in
from jiaoying.web.console.rota import desk_in, doer_of
from jiaoying.web.console.rota_month import month_in
from jiaoying.web.context import actor_of, may, parts_of
from jiaoying.web.pages import NO_STORE, today_of
from jiaoying.web.roles import May


async def download_day(request: web.Request) -> web.StreamResponse:
    """One day, as Excel or Word; whole numbers for who may see them."""
    day = day_in(request.query.get("day", ""), today_of(request))
    whole = may(request, May.SHOW_NUMBERS)
    async with parts_of(request).database.transaction() as tx:
        desk = await desk_in(tx, request)
        filing = Filing(desk.name, written_by(actor_of(request)), today_of(request))
        paper = await load_day_paper(tx, desk, day, filing, doer_of(request), whole_numbers=whole)
    return await _file(request, paper, f"{desk.name}-{day}")


async def download_month(request: web.Request) -> web.StreamResponse:
    """One month, as Excel or Word."""
    month = min(month_in(request.query.get("month"), today_of(request)), today_of(request))
    async with parts_of(request).database.transaction() as tx:
        desk = await desk_in(tx, request)
        filing = Filing(desk.name, written_by(actor_of(request)), today_of(request))
        paper = await load_month_paper(tx, desk, month, filing, doer_of(request))
    return await _file(request, paper, f"{desk.name}-{month:%Y-%m}")


async def _file(request: web.Request, paper: LogPaper, name: str) -> web.Response:
    ending = request.match_info["ending"]
    named = f"attachment; filename=\"duty-log.{ending}\"; filename*=UTF-8''{quote(name, safe='')}.{ending}"
    return web.Response(
        body=await written_as(paper, ending),
        content_type=WRITERS[ending][1],
        headers={**NO_STORE, "Content-Disposition": named},
    )
