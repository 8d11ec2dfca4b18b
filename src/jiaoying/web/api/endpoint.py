"""One call of the API as data: its address, who may use it, what it takes and gives, and what does it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import speaking
from jiaoying.web.accounts import TokenHolder
from jiaoying.web.api.access import admit, language_of
from jiaoying.web.api.problems import Problem, database_away
from jiaoying.web.context import DATABASE_TROUBLE
from jiaoying.web.parts import WebParts

Schema = Mapping[str, Any]
PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Call:
    """One request of a program that was admitted."""

    request: web.Request
    parts: WebParts
    holder: TokenHolder
    listeners: asyncio.Semaphore  # how many more may listen to live changes

    @property
    def now(self) -> datetime:
        """Business time."""
        return self.parts.clock.now()

    @property
    def actor(self) -> str:
        """Who does it, as the ledger names them."""
        return f"api:{self.holder.name}"

    @property
    def sees_numbers(self) -> bool:
        """Whether telephone numbers are shown whole."""
        return "numbers:read" in self.holder.scopes


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in the query."""

    name: str
    meaning: str
    schema: Schema
    required: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call of the API. `path` is below `/api/v1`; `answer` is what a success holds, by media type."""

    method: str
    path: str
    handler: Handler
    scope: str
    summary: str
    answer: Mapping[str, Schema]
    status: int = 200
    query: Sequence[Parameter] = ()
    body: Mapping[str, Schema] = field(default_factory=dict[str, Schema])
    refusals: Sequence[int] = ()
    # Who is let in. Where a signature may stand for the token, the handler checks it against the body.
    admit: Callable[[web.Request, WebParts, str], Awaitable[TokenHolder]] = admit
    signed: bool = False


def serve(endpoint: Endpoint, parts: WebParts, listeners: asyncio.Semaphore) -> web.RouteDef:
    """The route of `endpoint`: language, admission, and errors as problems around its handler."""

    async def answer(request: web.Request) -> web.StreamResponse:
        with speaking(language_of(request, parts.settings.language)):
            try:
                holder = await endpoint.admit(request, parts, endpoint.scope)
                return await endpoint.handler(Call(request, parts, holder, listeners))
            except Problem as problem:
                return problem.as_response()
            except Refusal as refusal:
                return Problem(409, str(refusal), refusal.complaints).as_response()
            except DATABASE_TROUBLE:
                return database_away().as_response()

    address = PREFIX + endpoint.path
    if endpoint.method == "GET":
        return web.get(address, answer, allow_head=False)
    return web.route(endpoint.method, address, answer)
