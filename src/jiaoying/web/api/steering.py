"""Steering through the API: stop, call again, pause, go on; one person, one township, or all."""

from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.actions import BELLS
from jiaoying.dispatch.board import call_out_row, counts, warning_facts
from jiaoying.dispatch.steering.calling_again import call_again, call_person_again
from jiaoying.dispatch.steering.halting import stop_calling, stop_person
from jiaoying.dispatch.steering.next_rung import call_next_now
from jiaoying.dispatch.steering.pausing import pause_warning, resume_warning
from jiaoying.dispatch.steering.scope import MAX_REASON_LENGTH, Scope
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.api.endpoint import Call, Endpoint
from jiaoying.web.api.problems import malformed, not_there
from jiaoying.web.api.reading import id_in_path, read_order, required_text_in, text_in
from jiaoying.web.api.shapes import (
    CALL_OUT,
    NUMBER,
    TEXT,
    WARNING_IN_FULL,
    answer_with,
    plain,
    record,
    without_numbers,
)

_WROTE = (400, 404, 408, 409, 413, 415)


async def post_pause(call: Call) -> web.StreamResponse:
    """Nothing new of the warning is handed over."""
    warning_id = id_in_path(call.request)
    reason = required_text_in(await read_order(call.request), "reason", most=MAX_REASON_LENGTH)
    async with call.parts.database.transaction() as tx:
        await _check_warning(tx, warning_id)
        await pause_warning(tx, warning_id, by=call.actor, reason=reason, now=call.now)
        answer = await _in_full(tx, warning_id)
    return _done(call, answer)


async def post_resume(call: Call) -> web.StreamResponse:
    """What is due is handed over again."""
    warning_id = id_in_path(call.request)
    async with call.parts.database.transaction() as tx:
        await _check_warning(tx, warning_id)
        await resume_warning(tx, warning_id, by=call.actor, now=call.now)
        answer = await _in_full(tx, warning_id)
    return _done(call, answer)


async def post_stop(call: Call) -> web.StreamResponse:
    """A township, or all, is called no more."""
    order = await read_order(call.request)
    scope = Scope(id_in_path(call.request), _area_in(order))
    reason = required_text_in(order, "reason", most=MAX_REASON_LENGTH)
    async with call.parts.database.transaction() as tx:
        await _check_warning(tx, scope.warning_id)
        answer = await stop_calling(tx, scope, by=call.actor, reason=reason, now=call.now)
    return _done(call, answer)


async def post_call_again(call: Call) -> web.StreamResponse:
    """Who has not answered in a township, or anywhere, is called again."""
    scope = Scope(id_in_path(call.request), _area_in(await read_order(call.request)))
    async with call.parts.database.transaction() as tx:
        await _check_warning(tx, scope.warning_id)
        answer = await call_again(tx, scope, by=call.actor, now=call.now)
    return _done(call, answer)


async def post_stop_one(call: Call) -> web.StreamResponse:
    """One person is called no more."""
    call_out_id = id_in_path(call.request)
    reason = required_text_in(await read_order(call.request), "reason", most=MAX_REASON_LENGTH)
    async with call.parts.database.transaction() as tx:
        await _check_call_out(tx, call_out_id)
        await stop_person(tx, call_out_id, by=call.actor, reason=reason, now=call.now)
        answer = await _person(tx, call, call_out_id)
    return _done(call, answer)


async def post_call_again_one(call: Call) -> web.StreamResponse:
    """One person is called again."""
    call_out_id = id_in_path(call.request)
    async with call.parts.database.transaction() as tx:
        await _check_call_out(tx, call_out_id)
        await call_person_again(tx, call_out_id, by=call.actor, now=call.now)
        answer = await _person(tx, call, call_out_id)
    return _done(call, answer)


async def post_next(call: Call) -> web.StreamResponse:
    """The next person on the ladder is called now."""
    call_out_id = id_in_path(call.request)
    async with call.parts.database.transaction() as tx:
        await _check_call_out(tx, call_out_id)
        await call_next_now(tx, call_out_id, by=call.actor, now=call.now)
        answer = await _person(tx, call, call_out_id)
    return _done(call, answer)


def _done(call: Call, answer: object) -> web.StreamResponse:
    call.parts.wake.ring(*BELLS, "send")
    return answer_with(answer)


def _area_in(order: dict[str, object]) -> str | None:
    area = text_in(order, "area", most=12)
    if area and not is_area_code(area):
        raise malformed("area", say("write a 12-digit division code"))
    return area or None


async def _check_warning(tx: Tx, warning_id: UUID) -> None:
    if await warning_facts(tx, warning_id) is None:
        raise not_there()


async def _in_full(tx: Tx, warning_id: UUID) -> dict[str, object]:
    return {**plain(await warning_facts(tx, warning_id)), "counts": await counts(tx, warning_id)}


async def _check_call_out(tx: Tx, call_out_id: UUID) -> None:
    if await call_out_row(tx, call_out_id) is None:
        raise not_there()


async def _person(tx: Tx, call: Call, call_out_id: UUID) -> object:
    row = await call_out_row(tx, call_out_id)
    return row if row is None or call.sees_numbers else without_numbers(row)


_REASON = {"application/json": record(reason=TEXT)}
_STEERED = record(people=NUMBER, responsibilities=NUMBER)
_AREA = {"type": "string", "pattern": "^[0-9]{12}$"}
ENDPOINTS = (
    Endpoint(
        "POST",
        "/warnings/{id}/pause",
        post_pause,
        "callouts:write",
        "Hand over nothing new of a warning until it is resumed; deadlines run on.",
        {"application/json": WARNING_IN_FULL},
        body=_REASON,
        refusals=_WROTE,
    ),
    Endpoint(
        "POST",
        "/warnings/{id}/resume",
        post_resume,
        "callouts:write",
        "Have a paused warning go on.",
        {"application/json": WARNING_IN_FULL},
        refusals=(404, 409),
    ),
    Endpoint(
        "POST",
        "/warnings/{id}/stop",
        post_stop,
        "callouts:write",
        "Stop calling a township (its code; a county's code is the county's own people), or everybody."
        " Who has not answered stays on the officer's list.",
        {"application/json": _STEERED},
        body={"application/json": {**record(reason=TEXT, area=_AREA), "required": ["reason"]}},
        refusals=_WROTE,
    ),
    Endpoint(
        "POST",
        "/warnings/{id}/call-again",
        post_call_again,
        "callouts:write",
        "Call again whoever has not answered in a township, or anywhere: three more tries.",
        {"application/json": _STEERED},
        body={"application/json": {**record(area=_AREA), "required": list[str]()}},
        refusals=_WROTE,
    ),
    Endpoint(
        "POST",
        "/callouts/{id}/stop",
        post_stop_one,
        "callouts:write",
        "Stop calling one person; the next one on the ladder is called at once.",
        {"application/json": CALL_OUT},
        body=_REASON,
        refusals=_WROTE,
    ),
    Endpoint(
        "POST",
        "/callouts/{id}/call-again",
        post_call_again_one,
        "callouts:write",
        "Call one person again: three more tries.",
        {"application/json": CALL_OUT},
        refusals=(404, 409),
    ),
    Endpoint(
        "POST",
        "/callouts/{id}/next",
        post_next,
        "callouts:write",
        "Call the next person on the ladder now; this one is called on.",
        {"application/json": CALL_OUT},
        refusals=(404, 409),
    ),
)
