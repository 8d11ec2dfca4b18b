"""Feedback by hand: what somebody reported on the telephone, and figures of a place corrected."""

from aiohttp import web

from jiaoying.dispatch.actions import BELLS, MAX_NOTE_LENGTH, answer_by_hand
from jiaoying.dispatch.board import call_out_row, feedback_board, warning_facts
from jiaoying.dispatch.corrections import STAGE_OF, correct_figures, read_count, reports_of_place
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.figures import Figure
from jiaoying.dispatch.reports import Reported
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.web.context import actor_of, is_fragment, parts_of, read_id
from jiaoying.web.feedback_words import REPORTED_STAGES
from jiaoying.web.pages import close_sheet, now_of, render, see_other, text_field

# As many signs as the largest figure has, and some blanks.
_FIGURE_SIGNS = 8


async def show_place(request: web.Request) -> web.StreamResponse:
    """One place: its figures, all that was reported of it, and the form to correct it."""
    return await _place(request)


async def correct(request: web.Request) -> web.StreamResponse:
    """Correct the figures of one place."""
    warning_id, area_code = read_id(request.match_info["id"]), _area_of(request)
    parts = parts_of(request)
    try:
        figure = await _figure(request)
        report = await _report(request, STAGE_OF[figure])
        note = await text_field(request, "note", most=MAX_NOTE_LENGTH)
        async with parts.database.transaction() as tx:
            await correct_figures(
                tx, warning_id, area_code, report, by=actor_of(request), note=note, now=now_of(request)
            )
    except Refusal as refusal:
        if is_fragment(request):
            raise
        return await _place(request, refusal=str(refusal))
    parts.wake.ring("changes")
    if is_fragment(request):
        return close_sheet()
    return see_other(f"/warnings/{warning_id}/feedback/{area_code}")


async def log_report(request: web.Request) -> web.StreamResponse:
    """Log what somebody reported on the telephone; they are reached by that too."""
    call_out_id, parts = read_id(request.match_info["id"]), parts_of(request)
    words = await text_field(request, "stage", most=20)
    if words not in set(REPORTED_STAGES):
        raise Refusal(say("Choose what was reported"))
    report = await _report(request, FeedbackStage(words))
    note = await text_field(request, "note", most=MAX_NOTE_LENGTH)
    async with parts.database.transaction() as tx:
        if await call_out_row(tx, call_out_id) is None:
            raise web.HTTPNotFound
        await answer_by_hand(
            tx, call_out_id, by=actor_of(request), how="hand", note=note, now=now_of(request), report=report
        )
    parts.wake.ring(*BELLS)
    if is_fragment(request):
        return close_sheet()
    return see_other(f"/call-outs/{call_out_id}")


async def _place(request: web.Request, *, refusal: str | None = None) -> web.StreamResponse:
    warning_id, area_code = read_id(request.match_info["id"]), _area_of(request)
    async with parts_of(request).database.transaction() as tx:
        warning = await warning_facts(tx, warning_id)
        if warning is None:
            raise web.HTTPNotFound
        board = await feedback_board(tx, warning_id, now_of(request))
        reports = await reports_of_place(tx, warning_id, area_code)
    return render(
        request,
        "feedback_place.html",
        status=422 if refusal else 200,
        warning=warning,
        place=board.place(area_code),
        reports=reports,
        refusal=refusal,
    )


def _area_of(request: web.Request) -> str:
    code = request.match_info["area"]
    if not is_area_code(code):
        raise web.HTTPNotFound
    return code


async def _figure(request: web.Request) -> Figure:
    words = await text_field(request, "figure", most=20)
    if words not in set(Figure):
        raise Refusal(say("Choose which figure is corrected"))
    return Figure(words)


async def _report(request: web.Request, stage: FeedbackStage) -> Reported:
    households = await text_field(request, "households", most=_FIGURE_SIGNS)
    people = await text_field(request, "people", most=_FIGURE_SIGNS)
    return Reported(stage, read_count(households, say("Households")), read_count(people, say("People")))
