"""The roster taken away as a workbook, and empty lists to fill in."""

import asyncio
import io
from urllib.parse import quote

from aiohttp import web

from jiaoying.contacts.exporting.records import Wish, export_workbook
from jiaoying.contacts.exporting.template_columns import ListKind
from jiaoying.contacts.exporting.templates import template_bytes
from jiaoying.contacts.keeping.listing import path_to, places_inside
from jiaoying.contacts.privacy.reasons import MAX_REASON
from jiaoying.kernel.areas import covers, is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.web.console.keeping import Values, locality_of, values_in
from jiaoying.web.console.roster import choice_of, today_of
from jiaoying.web.context import actor_of, may, parts_of
from jiaoying.web.pages import NO_STORE, now_of, render
from jiaoying.web.roles import May
from jiaoying.web.roster_words import list_kind_word

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def download_template(request: web.Request) -> web.StreamResponse:
    """`GET /roster/templates/{kind}.xlsx`: an empty list of one kind."""
    kind = choice_of(ListKind, request.match_info["kind"])
    if kind is None:
        raise web.HTTPNotFound
    body = await asyncio.to_thread(template_bytes, kind)
    return _workbook(body, list_kind_word(kind))


async def ask_export(request: web.Request) -> web.StreamResponse:
    """What is to be taken away, and why."""
    return await _page(request, {"vacant": "yes"})


async def export(request: web.Request) -> web.StreamResponse:
    """The workbook; who took it and why is in the ledger. Whole numbers only for who may see them."""
    values = await values_in(request)
    area, home = values.get("area", ""), locality_of(request).home_area
    wish = Wish(
        today=today_of(request),
        area_code=area if is_area_code(area) and covers(home, area) else home,
        vacant=bool(values.get("vacant")),
        ended=bool(values.get("ended")),
        whole_numbers=bool(values.get("whole_numbers")) and may(request, May.SHOW_NUMBERS),
    )
    file = io.BytesIO()
    try:
        await export_workbook(
            parts_of(request).database,
            file,
            wish,
            reason=values.get("reason", ""),
            actor=actor_of(request),
            now=now_of(request),
        )
    except Refusal as refusal:
        return await _page(request, values, mistake=str(refusal))
    return _workbook(file.getvalue(), f"{say('Roster')}-{today_of(request).isoformat()}")


async def _page(request: web.Request, values: Values, *, mistake: str | None = None) -> web.StreamResponse:
    home = locality_of(request).home_area
    async with parts_of(request).database.transaction() as tx:
        areas = [*await path_to(tx, home, home), *await places_inside(tx, home)]
    return render(
        request,
        "export.html",
        status=422 if mistake else 200,
        areas=areas,
        values=dict.fromkeys(("area", "vacant", "ended", "whole_numbers", "reason"), "") | values,
        mistakes={"reason": mistake} if mistake else {},
        longest_reason=MAX_REASON,
    )


def _workbook(body: bytes, name: str) -> web.Response:
    headers = {**NO_STORE, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.xlsx"}
    return web.Response(body=body, content_type=_XLSX, headers=headers)
