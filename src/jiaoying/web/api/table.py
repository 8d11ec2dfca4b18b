"""Every call of the API on one page."""

import asyncio

from aiohttp import web

from jiaoying.web.api import (
    board,
    callouts,
    contacts,
    events,
    feedback,
    ledger,
    readings,
    responses,
    steering,
    warnings,
)
from jiaoying.web.api.endpoint import PREFIX, Endpoint, serve
from jiaoying.web.api.openapi import document_of
from jiaoying.web.parts import WebParts

ENDPOINTS: tuple[Endpoint, ...] = (
    *warnings.ENDPOINTS,
    *callouts.ENDPOINTS,
    *contacts.ENDPOINTS,
    *board.ENDPOINTS,
    *feedback.ENDPOINTS,
    *events.ENDPOINTS,
    *ledger.ENDPOINTS,
    *readings.ENDPOINTS,
    *steering.ENDPOINTS,
    *responses.ENDPOINTS,
)

MOST_LISTENERS = 100


def routes(parts: WebParts) -> list[web.RouteDef]:
    """The routes of `/api/v1`, the description of themselves among them."""
    listeners = asyncio.Semaphore(MOST_LISTENERS)
    return [
        web.get(f"{PREFIX}/openapi.json", _describe, allow_head=False),
        *(serve(endpoint, parts, listeners) for endpoint in ENDPOINTS),
    ]


async def _describe(_request: web.Request) -> web.Response:
    return web.json_response(document_of(ENDPOINTS))
