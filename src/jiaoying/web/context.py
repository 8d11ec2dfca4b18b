"""What a request carries with it, and who is asking."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from aiohttp import web
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from jiaoying.dispatch.store.steering import Pause
from jiaoying.web.accounts import SignedIn
from jiaoying.web.parts import WebParts
from jiaoying.web.roles import May, is_allowed

if TYPE_CHECKING:
    from jiaoying.web.pages import Pages

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PARTS = web.AppKey("parts", WebParts)
PAGES: "web.AppKey[Pages]" = web.AppKey("pages")
# What is raised while the database is away; it comes back by itself.
DATABASE_TROUBLE = (DBAPIError, PoolTimeoutError, OSError)
SIGNED_IN = web.RequestKey("signed_in", SignedIn)
# What stands still must be seen on every page.
PAUSES: "web.RequestKey[list[Pause]]" = web.RequestKey("pauses")


def parts_of(request: web.Request) -> WebParts:
    """What the application was built from."""
    return request.config_dict[PARTS]


def who_asks(request: web.Request) -> SignedIn | None:
    """Whoever is signed in, or None."""
    return request.get(SIGNED_IN)


def is_secure(request: web.Request) -> bool:
    """Whether people reach us by https, so that cookies may insist on it."""
    return parts_of(request).public_url.startswith("https://")


def may(request: web.Request, wish: May) -> bool:
    """Whether whoever asks may do `wish`."""
    asking = who_asks(request)
    return asking is not None and is_allowed(asking.account.role, wish)


def is_fragment(request: web.Request) -> bool:
    """Whether a page that is already open asks for a part of itself."""
    return request.headers.get("HX-Request") == "true"


def read_id(text: str) -> UUID:
    """An id from an address. Raises HTTPNotFound for what is none."""
    try:
        return UUID(text)
    except ValueError:
        raise web.HTTPNotFound from None


def needs(wish: May, handler: Handler) -> Handler:
    """`handler` for those who may do `wish`; the others are told that they may not."""

    async def checked(request: web.Request) -> web.StreamResponse:
        if not may(request, wish):
            raise web.HTTPForbidden
        return await handler(request)

    return checked


def actor_of(request: web.Request) -> str:
    """Whoever is signed in, as the ledger names them: `user:王芳`. Raises HTTPUnauthorized for nobody."""
    asking = who_asks(request)
    if asking is None:
        raise web.HTTPUnauthorized
    return f"user:{asking.account.name}"
