"""One person under one warning: the card beside the board, the whole history, numbers, answers by hand."""

from aiohttp import web

from jiaoying.dispatch.actions import BELLS, HAND_CHANNELS, MAX_NOTE_LENGTH, answer_by_hand
from jiaoying.dispatch.board import (
    CallOutHistory,
    CallOutRow,
    call_out_history,
    call_out_row,
    doors_of_person,
    other_call_outs,
    warning_facts,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.web.context import actor_of, is_fragment, parts_of, read_id
from jiaoying.web.pages import close_sheet, moment_field, now_of, render, see_other, text_field


async def show_history(request: web.Request) -> web.StreamResponse:
    """Everything that happened with one person under one warning."""
    return await _history(request, "call_out.html")


async def show_history_part(request: web.Request) -> web.StreamResponse:
    """The part of the history that lives."""
    return await _history(request, "call_out_live.html")


async def show_card(request: web.Request) -> web.StreamResponse:
    """The card beside the board: what was tried, the numbers, and the form to log an answer."""
    return await _history(request, "call_out_card.html")


async def show_numbers(request: web.Request) -> web.StreamResponse:
    """The person's numbers in full; each look is a line in the ledger for each number."""
    call_out_id, parts = read_id(request.match_info["id"]), parts_of(request)
    async with parts.database.transaction() as tx:
        row = await call_out_row(tx, call_out_id)
        if row is None:
            raise web.HTTPNotFound
        await _note_look(tx, row, request)
    if is_fragment(request):
        return render(request, "numbers.html", call_out=row, shown=True)
    return await _history(request, "call_out.html", shown=True)


async def log_answer(request: web.Request) -> web.StreamResponse:
    """Log how the person was reached by hand, or told with everybody else."""
    call_out_id, parts = read_id(request.match_info["id"]), parts_of(request)
    how = await text_field(request, "how", most=10)
    if how not in HAND_CHANNELS:
        raise Refusal(say("Choose how the person was reached"))
    note, at = await text_field(request, "note", most=MAX_NOTE_LENGTH), await moment_field(request, "at")
    async with parts.database.transaction() as tx:
        row = await call_out_row(tx, call_out_id)
        if row is None:
            raise web.HTTPNotFound
        await answer_by_hand(
            tx, call_out_id, by=actor_of(request), how=how, note=note, now=now_of(request), at=at
        )
    parts.wake.ring(*BELLS)
    if is_fragment(request):
        return close_sheet()
    return see_other(f"/call-outs/{call_out_id}")


async def _history(request: web.Request, template: str, *, shown: bool = False) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        history = await call_out_history(tx, read_id(request.match_info["id"]))
        if history is None:
            raise web.HTTPNotFound
        warning = await warning_facts(tx, history.call_out.warning_id)
        doors = await doors_of_person(tx, history.call_out.id)
        others = await other_call_outs(tx, history.call_out)
    return render(
        request,
        template,
        history=history,
        call_out=history.call_out,
        warning=warning,
        doors=doors,
        others=others,
        shown=shown,
        last_tries=_last_tries(history),
    )


def _last_tries(history: CallOutHistory) -> tuple[object, ...]:
    return tuple(attempt for attempt in history.attempts if attempt.purpose == "call")[-4:][::-1]


async def _note_look(tx: Tx, row: CallOutRow, request: web.Request) -> None:
    entries = [
        Entry(
            now_of(request),
            "contact.number_shown",
            actor_of(request),
            warning_id=row.warning_id,
            call_out_id=row.id,
            contact_id=row.contact_id,
            facts={"kind": number.kind},
            particulars={"number": number.number, "name": row.name},
        )
        for number in row.numbers
    ]
    await append_entries(tx, entries)
