"""Feedback through the API: the figures of the board, reports logged and figures corrected by hand."""

from aiohttp import web

from jiaoying.dispatch.actions import BELLS, MAX_NOTE_LENGTH, answer_by_hand
from jiaoying.dispatch.board import FeedbackBoard, call_out_row, feedback_board, warning_facts
from jiaoying.dispatch.board.feedback import PlaceRow
from jiaoying.dispatch.corrections import STAGE_OF, correct_figures
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.figures import Figure
from jiaoying.dispatch.reports import MAX_FIGURE, Reported
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.language import say
from jiaoying.web.api.endpoint import Call, Endpoint
from jiaoying.web.api.problems import malformed, not_there
from jiaoying.web.api.reading import id_in_path, read_order, required_text_in, text_in
from jiaoying.web.api.shapes import (
    CALL_OUT,
    FLAG,
    ID,
    NUMBER,
    TEXT,
    TIME,
    answer_with,
    listed,
    maybe,
    one_of,
    record,
    without_numbers,
)
from jiaoying.web.feedback_words import REPORTED_STAGES

COUNT = record(households=maybe(NUMBER), people=maybe(NUMBER))
FIGURE_SAID = record(count=COUNT, at=maybe(TIME), by_hand=FLAG, differs=listed(COUNT), doubtful=FLAG)
PLACE = record(
    area_code=TEXT,
    area_name=TEXT,
    planned=FIGURE_SAID,
    moved=FIGURE_SAID,
    settled=FIGURE_SAID,
    reported=NUMBER,
    overdue=NUMBER,
    threatened=COUNT,
    danger_at=maybe(TIME),
)
OVERDUE = record(
    call_out_id=ID,
    contact_id=ID,
    name=TEXT,
    label=TEXT,
    area_code=TEXT,
    stages=listed(TEXT),
    due_at=TIME,
    asked_at=maybe(TIME),
    missed_at=TIME,
)
FEEDBACK_BOARD = record(
    total=maybe(PLACE),
    townships=listed(record(township=PLACE, places=listed(PLACE))),
    overdue=listed(OVERDUE),
    overdue_total=NUMBER,
)


async def post_report(call: Call) -> web.StreamResponse:
    """Somebody reported on the telephone what was done."""
    call_out_id = id_in_path(call.request)
    order = await read_order(call.request)
    stage = required_text_in(order, "stage", most=20)
    if stage not in set(REPORTED_STAGES):
        raise malformed("stage", say("write one of: {words}", words=", ".join(REPORTED_STAGES)))
    report = _report_in(order, FeedbackStage(stage))
    note = text_in(order, "note", most=MAX_NOTE_LENGTH)
    async with call.parts.database.transaction() as tx:
        if await call_out_row(tx, call_out_id) is None:
            raise not_there()
        await answer_by_hand(
            tx, call_out_id, by=call.actor, how="hand", note=note, now=call.now, report=report
        )
        row = await call_out_row(tx, call_out_id)
    call.parts.wake.ring(*BELLS)
    return answer_with(row if call.sees_numbers or row is None else without_numbers(row))


async def post_figures(call: Call) -> web.StreamResponse:
    """The figures of one place are corrected."""
    warning_id, order = id_in_path(call.request), await read_order(call.request)
    area_code, figure = (
        required_text_in(order, "area_code", most=12),
        required_text_in(order, "figure", most=20),
    )
    if not is_area_code(area_code):
        raise malformed("area_code", say("write a 12-digit division code"))
    if figure not in set(Figure):
        raise malformed("figure", say("write one of: {words}", words=", ".join(Figure)))
    report = _report_in(order, STAGE_OF[Figure(figure)])
    note = text_in(order, "note", most=MAX_NOTE_LENGTH)
    async with call.parts.database.transaction() as tx:
        if await warning_facts(tx, warning_id) is None:
            raise not_there()
        await correct_figures(tx, warning_id, area_code, report, by=call.actor, note=note, now=call.now)
        board = await feedback_board(tx, warning_id, call.now)
    call.parts.wake.ring("changes")
    return answer_with(feedback_shape(board))


def _report_in(order: dict[str, object], stage: FeedbackStage) -> Reported:
    return Reported(stage, _count_in(order, "households"), _count_in(order, "people"))


def _count_in(order: dict[str, object], name: str) -> int | None:
    value = order.get(name)
    if value is None:
        return None
    # A truth value is a whole number to Python.
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_FIGURE:
        raise malformed(name, say("write a whole number up to {most}", most=MAX_FIGURE))
    return value


def feedback_shape(board: FeedbackBoard) -> dict[str, object]:
    """FEEDBACK_BOARD of a board."""
    return {
        "total": board.total and _place_shape(board.total),
        "townships": [
            {"township": _place_shape(item.row), "places": [_place_shape(row) for row in item.places]}
            for item in board.townships
        ],
        "overdue": [{name: getattr(owed, name) for name in _OVERDUE_NAMES} for owed in board.overdue],
        "overdue_total": board.overdue_total,
    }


_OVERDUE_NAMES = (
    *("call_out_id", "contact_id", "name", "label", "area_code", "stages", "due_at", "asked_at", "missed_at"),
)


def _place_shape(row: PlaceRow) -> dict[str, object]:
    said = {figure: row.of(figure) for figure in Figure}
    return {
        "area_code": row.area_code,
        "area_name": row.area_name,
        **{
            figure.value: {
                "count": found.count,
                "at": found.at,
                "by_hand": found.by_hand,
                "differs": list(found.differs),
                "doubtful": row.is_doubtful(figure),
            }
            for figure, found in said.items()
        },
        "reported": row.on_post,
        "overdue": row.overdue,
        "threatened": row.threatened,
        "danger_at": row.danger_at,
    }


_FIGURES = {"households": NUMBER, "people": NUMBER, "note": TEXT}
ENDPOINTS = (
    Endpoint(
        "POST",
        "/callouts/{id}/report",
        post_report,
        "callouts:write",
        "Log what somebody reported on the telephone; they count as reached by that.",
        {"application/json": CALL_OUT},
        body={
            "application/json": {
                **record(stage=one_of(REPORTED_STAGES), **_FIGURES),
                "required": ["stage"],
            }
        },
        refusals=(400, 404, 408, 409, 413, 415),
    ),
    Endpoint(
        "POST",
        "/warnings/{id}/feedback",
        post_figures,
        "callouts:write",
        "Correct the figures of one place (planned, moved or settled); what was reported stays as history.",
        {"application/json": FEEDBACK_BOARD},
        body={
            "application/json": {
                **record(area_code=TEXT, figure=one_of(list(Figure)), **_FIGURES),
                "required": ["area_code", "figure"],
            }
        },
        refusals=(400, 404, 408, 409, 413, 415),
    ),
)
