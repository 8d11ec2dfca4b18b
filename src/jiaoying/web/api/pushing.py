"""Who pushes warnings, and whether they have proved it: a token, a signature, or both, as their source wants.

A source with signatures needs no token: its name stands in the query, `?source=…`, and whoever knows its
secret signs each body (warnings/feeds/signature.py).
"""

from datetime import datetime

from aiohttp import web

from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.language import say
from jiaoying.storage.secret_box import LockedError, unlock
from jiaoying.warnings.feeds.model import Proof
from jiaoying.warnings.feeds.signature import HEADER, refuse_moment, refuse_signature
from jiaoying.warnings.sources import Pusher, find_pusher
from jiaoying.web.accounts import TokenHolder
from jiaoying.web.api.access import admit
from jiaoying.web.api.endpoint import Call
from jiaoying.web.api.problems import Problem
from jiaoying.web.parts import WebParts

_LONGEST_NAME = 64


async def admit_pusher(request: web.Request, parts: WebParts, scope: str) -> TokenHolder:
    """Whoever holds a token; or, with a signature in its place, the source that the query names.

    A signature is not looked at here: it covers the body, which `source_of` asks for.
    """
    if "Authorization" in request.headers or HEADER not in request.headers:
        return await admit(request, parts, scope)
    reason = refuse_moment(request.headers[HEADER], wall_now())
    if reason is not None:
        raise _unproved(reason)
    async with parts.database.transaction() as tx:
        found = await find_pusher(tx, name=request.query.get("source", "")[:_LONGEST_NAME])
    if found is None or found.proof is not Proof.SIGNATURE or found.signing_locked is None:
        raise _unproved(say("No source of this name is known by its signature: name it as ?source="))
    return TokenHolder(found.name, frozenset({scope}))


async def source_of(call: Call, body: bytes) -> str:
    """The source that `body` comes from, once it is proved.

    A token that belongs to no source speaks for itself, `api:<name>`. Raises Problem 401 where the proof is
    missing or wrong, 403 where the source is switched off.
    """
    pusher = await _pusher_of(call)
    if pusher is None:
        return call.actor
    if not pusher.enabled:
        raise Problem(403, say("The source {name} is switched off", name=pusher.name))
    if pusher.proof is not Proof.TOKEN:
        _check_signature(call, pusher, body, wall_now())
    return pusher.name


async def _pusher_of(call: Call) -> Pusher | None:
    by_signature = "Authorization" not in call.request.headers
    if not by_signature and call.holder.source_id is None:
        return None
    async with call.parts.database.transaction() as tx:
        if by_signature:
            pusher = await find_pusher(tx, name=call.holder.name)
        else:
            pusher = await find_pusher(tx, source_id=call.holder.source_id)
    if pusher is None or (by_signature and pusher.proof is not Proof.SIGNATURE):
        # It was changed while the body was on its way.
        raise _unproved(say("No source of this name is known by its signature: name it as ?source="))
    return pusher


def _check_signature(call: Call, pusher: Pusher, body: bytes, wall: datetime) -> None:
    header = call.request.headers.get(HEADER)
    if header is None:
        raise _unproved(say("This source signs what it sends: send the header {header}", header=HEADER))
    if pusher.signing_locked is None:
        raise _unproved(say("The source {name} has no secret for signatures yet", name=pusher.name))
    try:
        secret = unlock(call.parts.source_key, pusher.signing_locked)
    except LockedError:
        raise _unproved(
            say("The secret of {name} was locked on another machine: give it a new one", name=pusher.name)
        ) from None
    reason = refuse_signature(header, secret, body, wall)
    if reason is not None:
        raise _unproved(reason)


def _unproved(reason: str) -> Problem:
    return Problem(401, reason, headers={"WWW-Authenticate": 'Bearer realm="jiaoying"'})
