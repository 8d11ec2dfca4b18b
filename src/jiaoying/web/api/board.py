"""One warning's figures by township, and what nobody answers for."""

from aiohttp import web

from jiaoying.dispatch.board import (
    counts,
    feedback_board,
    officers_list,
    officers_total,
    township_board,
    unconfirmed,
    warning_facts,
)
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.web.api.endpoint import Call, Endpoint, Parameter
from jiaoying.web.api.feedback import FEEDBACK_BOARD, feedback_shape
from jiaoying.web.api.problems import malformed, not_there
from jiaoying.web.api.reading import MOST_ITEMS, id_in_query
from jiaoying.web.api.shapes import (
    COUNTS,
    ID,
    LISTED_RESPONSIBILITY,
    NUMBER,
    TIME,
    TOWNSHIP,
    answer_with,
    listed,
    listed_without_numbers,
    record,
)


async def get_board(call: Call) -> web.StreamResponse:
    """The board of `?warning=`."""
    warning_id, now = id_in_query(call.request, "warning"), call.now
    if warning_id is None:
        raise malformed("warning", say("this is required"))
    async with call.parts.database.transaction() as tx:
        if await warning_facts(tx, warning_id) is None:
            raise not_there()
        lines = await officers_list(tx, warning_id, now, limit=MOST_ITEMS)
        if call.sees_numbers and lines:
            people = len({person.contact_id for line in lines for person in line.people})
            look = Entry(
                now, "contact.number_shown", call.actor, warning_id=warning_id, facts={"people": people}
            )
            await append_entries(tx, [look])
        board = {
            "warning_id": warning_id,
            "now": now,
            "counts": await counts(tx, warning_id),
            "townships": await township_board(tx, warning_id, now),
            "unconfirmed": await unconfirmed(tx, warning_id),
            "officers_list": lines if call.sees_numbers else [listed_without_numbers(line) for line in lines],
            "officers_list_total": await officers_total(tx, warning_id, now),
            "feedback": feedback_shape(await feedback_board(tx, warning_id, now)),
        }
    return answer_with(board)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/board",
        get_board,
        "warnings:read",
        "Figures by township and state, feedback, and the officer's list (first 500 lines), danger first.",
        {
            "application/json": record(
                warning_id=ID,
                now=TIME,
                counts=COUNTS,
                townships=listed(TOWNSHIP),
                unconfirmed=record(heard=NUMBER, told=NUMBER),
                officers_list=listed(LISTED_RESPONSIBILITY),
                officers_list_total=NUMBER,
                feedback=FEEDBACK_BOARD,
            )
        },
        query=(Parameter("warning", "The warning", ID, required=True),),
        refusals=(400, 404),
    ),
)
