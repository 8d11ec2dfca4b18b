"""Gaps of the roster: where nobody answers in the coming week, by township, on a map and one by one."""

import asyncio
from dataclasses import replace
from functools import partial
from typing import TypeVar

from aiohttp import web

from jiaoying.contacts.areas.store import areas_by_code
from jiaoying.contacts.gaps.map import read_map
from jiaoying.contacts.gaps.model import Gap, GapKind, Severity, Wanted, week_from
from jiaoying.contacts.gaps.sheet import MOST_ROWS, gap_sheet
from jiaoying.contacts.gaps.store import read_gaps
from jiaoying.contacts.gaps.words import gap_text, gap_word, hazards_words, remedy, severity_word
from jiaoying.kernel.areas import covers, is_area_code
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.web.context import may, parts_of
from jiaoying.web.pages import NO_STORE, now_of, render
from jiaoying.web.roles import May

W = TypeVar("W", Hazard, GapKind)

MOST_SHOWN = 200
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show_gaps(request: web.Request) -> web.StreamResponse:
    """The page: figures, map, and the gaps that the filters choose."""
    parts = parts_of(request)
    home, wanted = parts.settings.home_area, _wanted(request)
    week = week_from(now_of(request), parts.settings.timezone)
    async with parts.database.transaction(patient=True) as tx:
        report = await read_gaps(tx, home, week, wanted, most=MOST_SHOWN)
        drawn = await read_map(tx, home)
    return render(
        request,
        "gaps.html",
        report=report,
        drawn=drawn,
        wanted=wanted,
        kinds=[kind for kind in GapKind if kind in report.counts],
        hazards=list(Hazard),
        severities=list(reversed(Severity)),
        gap_word=gap_word,
        severity_word=severity_word,
        hazards_words=hazards_words,
        remedy=remedy,
        gap_text=partial(gap_text, timezone=week.timezone),
        mended_at=partial(_mended_at, edits=may(request, May.EDIT_ROSTER)),
    )


async def download_gaps(request: web.Request) -> web.StreamResponse:
    """The gaps that the filters choose, as a sheet to print."""
    parts = parts_of(request)
    wanted = _wanted(request)
    inside = wanted.area or parts.settings.home_area
    week = week_from(now_of(request), parts.settings.timezone)
    async with parts.database.transaction(patient=True) as tx:
        known = await areas_by_code(tx, [inside])
        report = await read_gaps(tx, inside, week, replace(wanted, area=None), most=MOST_ROWS)
    name = known[inside].name if inside in known else inside
    body = await asyncio.to_thread(gap_sheet, report, say("Gaps of the roster: {area}", area=name))
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="gaps-{inside}.xlsx"'}
    return web.Response(body=body, content_type=_SHEET_TYPE, headers=headers)


def _wanted(request: web.Request) -> Wanted:
    """What the filters choose; a filter that is not understood chooses everything."""
    home = parts_of(request).settings.home_area
    area = request.query.get("area", "")
    return Wanted(
        area if is_area_code(area) and covers(home, area) and area != home else None,
        _word(Hazard, request.query.get("hazard", "")),
        _word(GapKind, request.query.get("kind", "")),
    )


def _word(kind: type[W], text: str) -> W | None:
    return kind(text) if text in list(kind) else None


_ON_THE_POST = (
    GapKind.VACANT,
    GapKind.ENDED,
    GapKind.ENDING,
    GapKind.RETIRED_AREA,
    GapKind.NO_DEPUTY,
    GapKind.DEPUTY_IS_HOLDER,
    GapKind.DEPUTY_NO_NUMBER,
)
_BY_A_NEW_POST = (GapKind.NOBODY, GapKind.MISSING_POST)


def _mended_at(gap: Gap, *, edits: bool) -> str:
    """The page where this is put right; empty where no page does it, or none that the reader may use."""
    if gap.post_id and gap.kind in _ON_THE_POST:
        return f"/posts/{gap.post_id}"
    if gap.point_id:
        return f"/danger-points/{gap.point_id}"
    if edits and gap.kind in _BY_A_NEW_POST:
        return f"/posts/new?area={gap.area_code}"
    return f"/contacts/{gap.contact_id}" if gap.contact_id else ""
