"""One warning's ledger, to take away."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum

from aiohttp import web

from jiaoying.dispatch.board.feedback_paper import feedback_tables
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.documents import Paper, PaperTable, story_document, story_json, story_workbook
from jiaoying.ledger.entries import Entry
from jiaoying.ledger.export import StoryHeading, StoryLine, story, story_heading
from jiaoying.web.api.endpoint import Call, Endpoint, Parameter
from jiaoying.web.api.problems import malformed, not_there
from jiaoying.web.api.reading import id_in_path, word_in_query
from jiaoying.web.api.shapes import ANYTHING, NO_STORE, one_of


class Form(StrEnum):
    """In what form the ledger is written down."""

    JSON = "json"
    XLSX = "xlsx"
    DOCX = "docx"


_MEDIA_TYPES = {
    Form.JSON: "application/json",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


async def get_ledger(call: Call) -> web.StreamResponse:
    """Every line about one warning, as JSON, Excel or Word."""
    warning_id = id_in_path(call.request)
    form = word_in_query(call.request, "format", Form)
    if form is None:
        raise malformed("format", say("write one of: {words}", words=", ".join(Form)))
    async with call.parts.database.transaction() as tx:
        heading = await story_heading(tx, warning_id)
        if heading is None:
            raise not_there()
        lines = await story(tx, warning_id)
        further = await feedback_tables(tx, warning_id, call.now)
        taken = Entry(
            call.now,
            "ledger.exported",
            call.actor,
            warning_id=warning_id,
            facts={"format": form, "numbers": call.sees_numbers},
        )
        await append_entries(tx, [taken])
    paper = Paper(call.parts.settings.timezone, full_numbers=call.sees_numbers)
    # A province's night is a hundred thousand lines: writing them must not hold up the loop.
    body = await asyncio.to_thread(_written, form, heading, lines, paper, further)
    name = f"jiaoying-{heading.reference}-{heading.received_at:%Y%m%d}.{form}"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=_MEDIA_TYPES[form], headers=headers)


def _written(
    form: Form,
    heading: StoryHeading,
    lines: list[StoryLine],
    paper: Paper,
    further: Sequence[PaperTable],
) -> bytes:
    if form is Form.XLSX:
        return story_workbook(heading, lines, paper, further)
    if form is Form.DOCX:
        return story_document(heading, lines, paper, further)
    return story_json(heading, lines, paper, further).encode()


ENDPOINTS = (
    Endpoint(
        "GET",
        "/warnings/{id}/ledger",
        get_ledger,
        "warnings:read",
        "The ledger of a warning as a file; numbers are masked without the scope numbers:read.",
        {_MEDIA_TYPES[form]: ANYTHING if form is Form.JSON else {} for form in Form},
        query=(Parameter("format", "How it is written down", one_of(list(Form)), required=True),),
        refusals=(400, 404),
    ),
)
