"""The roster, to read."""

from aiohttp import web

from jiaoying.dispatch.desk_reads import roster_lines, townships_of
from jiaoying.kernel.areas import is_area_code
from jiaoying.web.context import parts_of
from jiaoying.web.pages import render

PAGE = 100
_LAST_PAGE = 1000
_LONGEST_SEARCH = 50


async def show_roster(request: web.Request) -> web.StreamResponse:
    """Posts and who holds them, by township and by a word of a name, a post or a place."""
    parts = parts_of(request)
    area = request.query.get("area", "")
    area = area if is_area_code(area) else parts.settings.home_area
    wanted = request.query.get("q", "").strip()[:_LONGEST_SEARCH]
    page = _page_number(request.query.get("page", ""))
    async with parts.database.transaction() as tx:
        townships = await townships_of(tx, parts.settings.home_area)
        lines = await roster_lines(tx, area, wanted, (page - 1) * PAGE, PAGE)
    return render(
        request,
        "roster.html",
        townships=townships,
        lines=lines,
        area=area,
        wanted=wanted,
        page=page,
        more=len(lines) == PAGE,
        home_area=parts.settings.home_area,
    )


def _page_number(text: str) -> int:
    return min(max(int(text), 1), _LAST_PAGE) if text.isdecimal() and len(text) < 6 else 1
