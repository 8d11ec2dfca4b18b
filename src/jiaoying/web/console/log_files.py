"""A file of the duty log, taken away as it came."""

from urllib.parse import quote

from aiohttp import web

from jiaoying.duty.actions import Doer
from jiaoying.duty.log_file_store import file_by_id, take_file
from jiaoying.kernel.file_types import ENDINGS
from jiaoying.web.context import actor_of, may, parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of
from jiaoying.web.roles import May


async def download(request: web.Request) -> web.StreamResponse:
    """For who may see whole numbers, since nothing in a file can be masked; and for whoever brought it."""
    doer = Doer(actor_of(request), "", now_of(request), parts_of(request).settings.timezone)
    async with parts_of(request).database.transaction() as tx:
        file = await file_by_id(tx, read_id(request.match_info["id"]))
        if file is None:
            raise web.HTTPNotFound
        if file.added_by != doer.actor and not may(request, May.SHOW_NUMBERS):
            raise web.HTTPForbidden
        body = await take_file(tx, file, doer)
    if body is None:
        raise web.HTTPNotFound
    # Kept as a file, never shown by the browser as a page of ours, whatever is in it.
    plain = f"{file.id}.{ENDINGS[file.media_type][0]}"
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(file.name, safe='')}"
    return web.Response(
        body=body, content_type=file.media_type, headers={**NO_STORE, "Content-Disposition": named}
    )
