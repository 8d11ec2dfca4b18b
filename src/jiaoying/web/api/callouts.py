"""The people under a warning: page by page, one in full, and answers logged by hand."""

from dataclasses import replace
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.actions import BELLS, HAND_CHANNELS, MAX_NOTE_LENGTH, answer_by_hand
from jiaoying.dispatch.board import (
    CallOutHistory,
    call_out_history,
    call_out_row,
    callouts_page,
    warning_facts,
)
from jiaoying.dispatch.broadcasts import Broadcast, log_broadcast, moment_done
from jiaoying.dispatch.grades import BROADCASTS, How
from jiaoying.dispatch.states import CallOutState
from jiaoying.kernel.phone import masked
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.web.api.endpoint import Call, Endpoint, Parameter
from jiaoying.web.api.problems import not_there
from jiaoying.web.api.reading import (
    area_in_query,
    id_in_path,
    id_in_query,
    limit_in_query,
    moment_in,
    read_order,
    required_text_in,
    text_in,
    word_in,
    word_in_query,
)
from jiaoying.web.api.shapes import (
    CALL_OUT,
    HISTORY,
    NUMBER,
    TEXT,
    TIME,
    answer_with,
    one_of,
    page_of,
    record,
    without_numbers,
)
from jiaoying.web.api.warnings import PAGING

_PAGE = 100


async def get_callouts(call: Call) -> web.StreamResponse:
    """Everybody under one warning."""
    request, warning_id = call.request, id_in_path(call.request)
    limit = limit_in_query(request, _PAGE)
    state, area = word_in_query(request, "state", CallOutState), area_in_query(request)
    after = id_in_query(request, "after")
    async with call.parts.database.transaction() as tx:
        if await warning_facts(tx, warning_id) is None:
            raise not_there()
        rows = await callouts_page(tx, warning_id, state, area, after, limit + 1)
        page = rows[:limit]
        await _note_look(tx, call, warning_id, None, len(page))
    items = page if call.sees_numbers else [without_numbers(row) for row in page]
    return answer_with({"items": items, "next": page[-1].id if len(rows) > limit else None})


async def get_callout(call: Call) -> web.StreamResponse:
    """One person's whole story under one warning."""
    async with call.parts.database.transaction() as tx:
        history = await call_out_history(tx, id_in_path(call.request))
        if history is None:
            raise not_there()
        await _note_look(tx, call, history.call_out.warning_id, history.call_out.id, 1)
    return answer_with(history if call.sees_numbers else _discreet(history))


async def post_answer(call: Call) -> web.StreamResponse:
    """Somebody was reached by hand, or told with everybody else."""
    call_out_id = id_in_path(call.request)
    order = await read_order(call.request)
    how, note = word_in(order, "how", HAND_CHANNELS), text_in(order, "note", most=MAX_NOTE_LENGTH)
    at = moment_in(order, "at")
    async with call.parts.database.transaction() as tx:
        if await call_out_row(tx, call_out_id) is None:
            raise not_there()
        await answer_by_hand(tx, call_out_id, by=call.actor, how=how, note=note, now=call.now, at=at)
        row = await call_out_row(tx, call_out_id)
    call.parts.wake.ring(*BELLS)
    return answer_with(row if call.sees_numbers or row is None else without_numbers(row))


async def post_broadcast(call: Call) -> web.StreamResponse:
    """A gong, a loudspeaker or a group chat told a whole village or township."""
    warning_id, order = id_in_path(call.request), await read_order(call.request)
    how = word_in(order, "how", BROADCASTS)
    area, note = required_text_in(order, "area", most=12), text_in(order, "note", most=MAX_NOTE_LENGTH)
    done_at = moment_done(moment_in(order, "at"), call.now)
    async with call.parts.database.transaction() as tx:
        if await warning_facts(tx, warning_id) is None:
            raise not_there()
        done = Broadcast(How(how), call.actor, note, done_at)
        people = await log_broadcast(tx, warning_id, area, done, call.now)
    call.parts.wake.ring(*BELLS)
    return answer_with({"people": people})


async def _note_look(tx: Tx, call: Call, warning_id: UUID, call_out_id: UUID | None, people: int) -> None:
    """Every look at whole numbers is a line of the ledger."""
    if call.sees_numbers and people:
        look = Entry(
            call.now,
            "contact.number_shown",
            call.actor,
            warning_id=warning_id,
            call_out_id=call_out_id,
            facts={"people": people},
        )
        await append_entries(tx, [look])


def _discreet(history: CallOutHistory) -> CallOutHistory:
    """Numbers masked; the particulars of the ledger, which hold numbers too, left out."""
    return replace(
        history,
        call_out=without_numbers(history.call_out),
        attempts=tuple(replace(made, number=masked(made.number)) for made in history.attempts),
        ledger=tuple(replace(line, particulars=None) for line in history.ledger),
    )


ENDPOINTS = (
    Endpoint(
        "GET",
        "/warnings/{id}/callouts",
        get_callouts,
        "warnings:read",
        "The people called under a warning; numbers are masked without the scope numbers:read.",
        {"application/json": page_of(CALL_OUT)},
        query=(
            Parameter("state", "Only those in this state", one_of(list(CallOutState))),
            Parameter("area", "Only those with a duty inside this division (12 digits)", TEXT),
            *PAGING,
        ),
        refusals=(400, 404),
    ),
    Endpoint(
        "GET",
        "/callouts/{id}",
        get_callout,
        "warnings:read",
        "One person under one warning, with attempts, answers, feedback and ledger.",
        {"application/json": HISTORY},
        refusals=(404,),
    ),
    Endpoint(
        "POST",
        "/callouts/{id}/answer",
        post_answer,
        "callouts:write",
        "Log that somebody was reached by hand: phoned (hand), woken at the door (door), by radio. A gong,"
        " a loudspeaker or a group chat is noted and answers nothing. `at`: when it was done.",
        {"application/json": CALL_OUT},
        body={
            "application/json": {
                **record(how=one_of(HAND_CHANNELS), note=TEXT, at=TIME),
                "required": ["how"],
            }
        },
        refusals=(400, 404, 408, 409, 413, 415),
    ),
    Endpoint(
        "POST",
        "/warnings/{id}/broadcasts",
        post_broadcast,
        "callouts:write",
        "Log a gong, loudspeaker or group chat once for everybody called inside a division (12 digits). It"
        " answers for nobody.",
        {"application/json": record(people=NUMBER)},
        body={
            "application/json": {
                **record(area=TEXT, how=one_of(BROADCASTS), note=TEXT, at=TIME),
                "required": ["area", "how"],
            }
        },
        refusals=(400, 404, 408, 409, 413, 415),
    ),
)
