"""Who calls, what they may do, and the language they are answered in."""

import re

from aiohttp import web

from jiaoying.kernel.language import best_language, say
from jiaoying.web.accounts import TokenHolder, token_holder
from jiaoying.web.api.problems import Problem
from jiaoying.web.parts import WebParts

_REALM = 'Bearer realm="jiaoying"'
_LONGEST_TOKEN = 200
_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


async def admit(request: web.Request, parts: WebParts, scope: str) -> TokenHolder:
    """Whoever holds the request's token, if it covers `scope`.

    Raises Problem 401 without a token that we gave, 403 where the token does not cover the scope.
    """
    token = _token_in(request)
    async with parts.database.transaction() as tx:
        holder = await token_holder(tx, token)
    if holder is None:
        raise Problem(
            401,
            say("This token is not known here, or was taken back"),
            headers={"WWW-Authenticate": f'{_REALM}, error="invalid_token"'},
        )
    if scope not in holder.scopes:
        raise Problem(
            403,
            say("This token lacks the scope {scope}", scope=scope),
            headers={"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'},
        )
    return holder


def language_of(request: web.Request, otherwise: str) -> str:
    """The language that `Accept-Language` weighs highest, or `otherwise` where it says nothing."""
    wishes = [_weighed(part) for part in request.headers.get("Accept-Language", "")[:200].split(",")]
    wishes = [(weight, tag) for weight, tag in wishes if weight > 0 and _TAG.fullmatch(tag)]
    # The first of equals wins: max keeps it.
    return best_language(max(wishes, key=lambda wish: wish[0])[1]) if wishes else otherwise


def _token_in(request: web.Request) -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token or len(token) > _LONGEST_TOKEN:
        raise Problem(
            401,
            say("Send the header Authorization: Bearer with a token; `jiaoying tokens create` makes one"),
            headers={"WWW-Authenticate": _REALM},
        )
    return token


def _weighed(part: str) -> tuple[float, str]:
    tag, _, parameter = part.partition(";")
    try:
        weight = float(parameter.strip().removeprefix("q=") or 1)
    except ValueError:
        weight = 0.0
    return weight, tag.strip()
