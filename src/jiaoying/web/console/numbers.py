"""Numbers (号码核查): how well each township can be reached, checks and how they go, what to correct."""

from aiohttp import web

from jiaoying.contacts.scores import bad_numbers, together, township_scores
from jiaoying.dispatch.store.number_checks import last_checks
from jiaoying.kernel.language import say
from jiaoying.web.context import parts_of
from jiaoying.web.pages import now_of, render

MOST_CHECKS = 12
MOST_NUMBERS = 200


async def show_numbers(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _numbers(request, "number_checks.html")


async def show_numbers_part(request: web.Request) -> web.StreamResponse:
    """The part of the page that lives."""
    return await _numbers(request, "number_checks_live.html")


async def _numbers(request: web.Request, template: str) -> web.StreamResponse:
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        scores = await township_scores(tx, parts.settings.home_area, now_of(request))
        bad = await bad_numbers(tx, parts.settings.home_area, MOST_NUMBERS)
        checks = await last_checks(tx, MOST_CHECKS)
    return render(
        request,
        template,
        scores=sorted(scores, key=lambda one: (one.score, one.area_code)),
        total=together(scores, say("together")),
        bad=bad,
        most=MOST_NUMBERS,
        checks=checks,
        monthly=parts.settings.number_check,
    )
