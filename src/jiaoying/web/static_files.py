"""The bundled script, style sheet and emblem; a browser may keep them for ever."""

from aiohttp import web

from jiaoying.web.assets.bundle import BUILT
from jiaoying.web.assets.names import asset_names

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


async def serve_asset(request: web.Request) -> web.StreamResponse:
    """`GET /static/{name}`: only what the manifest names."""
    name = request.match_info["name"]
    if name not in asset_names():
        raise web.HTTPNotFound
    return web.FileResponse(BUILT / name, headers=_FOR_EVER)
