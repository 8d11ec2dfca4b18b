"""What a request holds, read within bounds; whatever is wrong names the field and the remedy."""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from aiohttp import web

from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.language import say
from jiaoying.web.api.problems import Problem, malformed, not_there

MOST_ITEMS = 500
LARGEST_MESSAGE = 20 * 1024 * 1024
LARGEST_ORDER = 64 * 1024
SLOWEST_BODY_S = 120

W = TypeVar("W", bound=StrEnum)


async def read_body(request: web.Request, largest: int) -> bytes:
    """The body, never more of it in memory than `largest` bytes and a piece.

    Raises Problem 413 where it is larger, 408 where it does not arrive in two minutes.
    """
    if request.content_length is not None and request.content_length > largest:
        raise _too_large(largest)
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY_S):
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > largest:
                    raise _too_large(largest)
    except TimeoutError:
        raise Problem(408, say("The body did not arrive in time; please send it again")) from None
    return bytes(body)


async def read_order(request: web.Request) -> dict[str, object]:
    """A small JSON object; an empty body is an empty object."""
    if request.body_exists and request.content_type != "application/json":
        raise Problem(415, say("Send the body as application/json"))
    body = await read_body(request, LARGEST_ORDER)
    try:
        found: object = json.loads(body) if body.strip() else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise malformed("body", say("write one JSON object"))
    return {str(name): value for name, value in found.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def text_in(order: dict[str, object], name: str, *, most: int) -> str:
    """A text of an order, outer blanks off; empty where it is absent."""
    value = order.get(name)
    if value is not None and not isinstance(value, str):
        raise malformed(name, say("write a text"))
    text = (value or "").strip()
    if len(text) > most:
        raise malformed(name, say("write at most {most} characters", most=most))
    return text


def required_text_in(order: dict[str, object], name: str, *, most: int) -> str:
    """A text of an order that may not be absent or empty."""
    text = text_in(order, name, most=most)
    if not text:
        raise malformed(name, say("this is required"))
    return text


def word_in(order: dict[str, object], name: str, words: Sequence[str]) -> str:
    """One of a fixed set of words."""
    word = required_text_in(order, name, most=40)
    if word not in words:
        raise malformed(name, say("write one of: {words}", words=", ".join(words)))
    return word


def moment_in(order: dict[str, object], name: str) -> datetime | None:
    """A moment with its zone, or None where it is absent."""
    text = text_in(order, name, most=40)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise malformed(name, say("write a time with its zone, for example 2026-07-15T23:41:00+08:00"))
    return moment


def id_in_path(request: web.Request) -> UUID:
    """The id in the address. Raises Problem 404 for what is none."""
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise not_there() from None


def id_in_query(request: web.Request, name: str) -> UUID | None:
    """An id in the query, or None where it is absent."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise malformed(name, say("write an id, or a cursor as it was given in `next`")) from None


def limit_in_query(request: web.Request, default: int) -> int:
    """How many items are asked for, 1 to 500."""
    text = request.query.get("limit")
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MOST_ITEMS):
        raise malformed("limit", say("write a number from 1 to {most}", most=MOST_ITEMS))
    return int(text)


def word_in_query(request: web.Request, name: str, words: type[W]) -> W | None:
    """One of the words of an enumeration, or None where it is absent."""
    text = request.query.get(name)
    if text is None:
        return None
    if text not in set(words):
        raise malformed(name, say("write one of: {words}", words=", ".join(words)))
    return words(text)


def area_in_query(request: web.Request) -> str | None:
    """A 12-digit division code, or None where it is absent."""
    text = request.query.get("area")
    if text is not None and not is_area_code(text):
        raise malformed("area", say("write a 12-digit division code"))
    return text


def _too_large(largest: int) -> Problem:
    title = say("The body is larger than {most} bytes; send less at once", most=largest)
    return Problem(413, title, headers={"Connection": "close"})
