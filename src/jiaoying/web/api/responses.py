"""Responses with their tasks, for programs that look on."""

from aiohttp import web

from jiaoying.dispatch.response.board import (
    KindSum,
    list_responses,
    response_facts,
    sums_by_kind,
    tasks_of_response,
)
from jiaoying.dispatch.response.model import ResponseLevel, ResponseState, TaskKind
from jiaoying.dispatch.response.states import TaskState
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.web.api.endpoint import Call, Endpoint, Parameter
from jiaoying.web.api.problems import not_there
from jiaoying.web.api.reading import id_in_path, id_in_query, limit_in_query
from jiaoying.web.api.shapes import (
    ANYTHING,
    FLAG,
    ID,
    NUMBER,
    TEXT,
    TIME,
    answer_with,
    listed,
    maybe,
    one_of,
    page_of,
    record,
)

_PAGE = 50

RESPONSE = {
    "id": ID,
    "warning_id": ID,
    "by_hand": FLAG,
    "plan": TEXT,
    "plan_version": maybe(NUMBER),
    "area_names": TEXT,
    "exercise": FLAG,
    "state": one_of(tuple(ResponseState)),
    "level": maybe(one_of(tuple(ResponseLevel))),
    "asked_level": maybe(one_of(tuple(ResponseLevel))),
    "reason": TEXT,
    "proposed_at": TIME,
    "opened_at": maybe(TIME),
    "opened_by": maybe(TEXT),
    "changed_at": TIME,
    "ended_at": maybe(TIME),
    "ended_by": maybe(TEXT),
    "next_at": maybe(TIME),
    "headline": TEXT,
    "hazard": one_of(tuple(Hazard)),
    "colour": maybe(one_of(tuple(Colour))),
    "tasks": NUMBER,
    "open": NUMBER,
    "done": NUMBER,
    "failed": NUMBER,
    "late": NUMBER,
}
_MOMENTS = (
    *(
        "listed_at",
        "taken_at",
        "set_out_at",
        "arrived_at",
        "done_at",
        "failed_at",
        "lifted_at",
        "restored_at",
    ),
)
TASK = record(
    id=ID,
    response_id=ID,
    key=TEXT,
    kind=one_of(tuple(TaskKind)),
    order_text=TEXT,
    unit=TEXT,
    label=TEXT,
    area_code=TEXT,
    area_name=TEXT,
    township_name=maybe(TEXT),
    post_id=maybe(ID),
    desk_id=maybe(ID),
    evidence=listed(TEXT),
    team=maybe(ANYTHING),
    ordered_by=TEXT,
    ordered_at=TIME,
    deadline_at=TIME,
    state=one_of(tuple(TaskState)),
    reason=maybe(TEXT),
    **{name: maybe(TIME) for name in _MOMENTS},
    figures=ANYTHING,
    note=maybe(TEXT),
    by_name=maybe(TEXT),
    call_out_id=maybe(ID),
)
SUM = record(kind=one_of(tuple(TaskKind)), tasks=NUMBER, done=NUMBER, late=NUMBER, figures=ANYTHING)


async def get_responses(call: Call) -> web.StreamResponse:
    """The newest first."""
    limit = limit_in_query(call.request, _PAGE)
    async with call.parts.database.transaction() as tx:
        rows = await list_responses(tx, after=id_in_query(call.request, "after"), limit=limit + 1)
    page = rows[:limit]
    return answer_with({"items": page, "next": page[-1].id if len(rows) > limit else None})


async def get_response(call: Call) -> web.StreamResponse:
    """One response with every task of it."""
    async with call.parts.database.transaction() as tx:
        response = await response_facts(tx, id_in_path(call.request))
        if response is None:
            raise not_there()
        tasks = await tasks_of_response(tx, response.id)
    sums: list[KindSum] = sums_by_kind(tasks)
    return answer_with({"response": response, "orders": tasks, "sums": sums})


ENDPOINTS = (
    Endpoint(
        "GET",
        "/responses",
        get_responses,
        "warnings:read",
        "Emergency responses, the newest first: level, and how many of their tasks stand how.",
        {"application/json": page_of(record(**RESPONSE))},
        query=(
            Parameter("after", "The last one already seen", ID),
            Parameter("limit", "How many, at most 500", NUMBER),
        ),
        refusals=(400,),
    ),
    Endpoint(
        "GET",
        "/responses/{id}",
        get_response,
        "warnings:read",
        "One response: its tasks with their clocks and evidence, and the figures of each kind added up.",
        {"application/json": record(response=record(**RESPONSE), orders=listed(TASK), sums=listed(SUM))},
        refusals=(404,),
    ),
)
