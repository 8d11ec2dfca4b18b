"""The ledger of one warning as a file: Excel, Word or JSON; numbers masked."""

import asyncio
from collections.abc import Callable, Sequence

from aiohttp import web

from jiaoying.dispatch.board.feedback_paper import feedback_tables
from jiaoying.ledger.documents import Paper, PaperTable, story_document, story_json, story_workbook
from jiaoying.ledger.export import StoryHeading, StoryLine, story, story_heading
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of

Writer = Callable[[StoryHeading, Sequence[StoryLine], Paper, Sequence[PaperTable]], bytes | str]

_KINDS: dict[str, tuple[str, Writer]] = {
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", story_workbook),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", story_document),
    "json": ("application/json", story_json),
}


async def download(request: web.Request) -> web.StreamResponse:
    """`GET /warnings/{id}/ledger.{kind}`: written in a thread, so that nobody's page waits for it."""
    warning_id, kind = read_id(request.match_info["id"]), request.match_info["kind"]
    if kind not in _KINDS:
        raise web.HTTPNotFound
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        heading = await story_heading(tx, warning_id)
        lines = await story(tx, warning_id)
        further = await feedback_tables(tx, warning_id, now_of(request))
    if heading is None:
        raise web.HTTPNotFound
    media_type, write = _KINDS[kind]
    written = await asyncio.to_thread(write, heading, lines, Paper(parts.settings.timezone), further)
    body = written.encode() if isinstance(written, str) else written
    name = f"jiaoying-{heading.reference}-{warning_id}.{kind}"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=media_type, headers=headers)
