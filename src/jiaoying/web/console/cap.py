"""One warning as a CAP 1.2 message, to hand on."""

from aiohttp import web

from jiaoying.warnings.feed_writer import CAP_MEDIA_TYPE
from jiaoying.warnings.formats.cap_writer import write_cap
from jiaoying.warnings.published import published_warning
from jiaoying.warnings.publishing import as_message
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import NO_STORE


async def download(request: web.Request) -> web.StreamResponse:
    """`GET /warnings/{id}/cap`."""
    parts = parts_of(request)
    async with parts.database.transaction() as tx:
        published = await published_warning(tx, read_id(request.match_info["id"]))
    if published is None:
        raise web.HTTPNotFound
    body = write_cap(as_message(published), parts.settings.timezone)
    name = f"jiaoying-{published.reference}-{published.id}.xml"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=CAP_MEDIA_TYPE, headers=headers)
