"""Parts of pages that look the same to everybody: drawn once a second, however many screens show them.

Only for what holds no form, no token and nothing that depends on the reader's role.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from jiaoying.kernel.clock import monotonic
from jiaoying.kernel.language import current_language
from jiaoying.web.pages import NO_STORE

KEEP_S = 0.9
_MOST_KEPT = 200


@dataclass(slots=True)
class _Drawn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    at: float = 0.0
    text: str | None = None


@dataclass(slots=True)
class SharedParts:
    """What was drawn lately, by address and language."""

    _drawn: dict[tuple[str, str], _Drawn] = field(default_factory=dict[tuple[str, str], _Drawn])

    async def answer(
        self, request: web.Request, draw: Callable[[web.Request], Awaitable[web.Response]]
    ) -> web.Response:
        """The part at the request's address, drawn anew when the last drawing is older than a second."""
        if len(self._drawn) >= _MOST_KEPT:
            self._drawn.clear()
        drawn = self._drawn.setdefault((request.path_qs, current_language()), _Drawn())
        async with drawn.lock:
            if drawn.text is None or monotonic() - drawn.at >= KEEP_S:
                drawn.text, drawn.at = (await draw(request)).text, monotonic()
        return web.Response(text=drawn.text, content_type="text/html", headers=NO_STORE)


SHARED = web.AppKey("shared", SharedParts)
