"""Twilio's callbacks: verify, store, ring the bell, answer. What they mean is settled elsewhere.

The gateways `twilio` and `simulator` share these addresses; the account that a callback names, and
its signature, say which of them it is from.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import structlog
from aiohttp import web
from multidict import MultiDict, MultiMapping
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from jiaoying.dispatch.inbox import store_events
from jiaoying.gateways.base import Event, IncomingCall, KeyPress
from jiaoying.gateways.twilio.addresses import PATH
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.gateways.twilio.speech import (
    Spoken,
    Turn,
    read_turn,
    speak_after_key,
    speak_to_caller,
    speak_warning,
    words_of_unknown_call,
)
from jiaoying.gateways.twilio.webhooks import (
    MalformedCallback,
    parse_call_status,
    parse_gather,
    parse_message,
    parse_message_status,
    parse_picked_up,
    parse_voice,
    read_form,
)
from jiaoying.storage.database import Tx
from jiaoying.web.callbacks.readings import Reading, newest_reading_for, reading_of
from jiaoying.web.parts import WebParts

LARGEST_FORM = 64 * 1024
# The carrier hears from us within 2 s, whatever the database does.
ANSWER_S = 1.4
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_RETRY = {"Retry-After": "2"}
_DATABASE_AWAY = (DBAPIError, PoolTimeoutError, TimeoutError, OSError)

T = TypeVar("T")
E = TypeVar("E", bound=Event)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Callback:
    """What one of our carriers signed."""

    gateway: TwilioGateway
    form: MultiDict[str]
    query: MultiMapping[str]

    def key_address(self, reading: Reading | None) -> Callable[[Turn], str]:
        """Where the key pressed after a reading of the menu is posted to."""

        def address(turn: Turn) -> str:
            marks = {"repeats": turn.repeats, "wrong": turn.wrong, "silent": turn.silent}
            return self.gateway.addresses.of("gather", reading.attempt_id if reading else None, **marks)

        return address


def routes(parts: WebParts) -> list[web.RouteDef]:
    """The addresses that Twilio, and what speaks like it, calls."""
    callbacks = TwilioCallbacks(parts)
    handlers: dict[str, Handler] = {
        "message": callbacks.message,
        "message-status": callbacks.message_status,
        "call-status": callbacks.call_status,
        "picked-up": callbacks.picked_up,
        "voice": callbacks.voice,
        "gather": callbacks.gather,
    }
    return [web.post(f"{PATH}/{name}", _in_time(handler)) for name, handler in handlers.items()]


class TwilioCallbacks:
    """One handler for each kind of callback."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    async def message(self, request: web.Request) -> web.Response:
        """Somebody sent us a text. What we answer goes out as a message of its own."""
        callback = await self._signed(request)
        await self._keep(callback, _parsed(lambda: parse_message(callback.form)))
        return _twiml(EMPTY_TWIML)

    async def message_status(self, request: web.Request) -> web.Response:
        """The carrier's word about a text of ours."""
        callback = await self._signed(request)
        attempt_id = callback.gateway.attempt_in(callback.query)
        await self._keep(callback, _parsed(lambda: parse_message_status(callback.form, attempt_id)))
        # An empty 200 without a type counts as our failure at Twilio; 204 does not.
        return web.Response(status=204)

    async def call_status(self, request: web.Request) -> web.Response:
        """The carrier's word about a call of ours."""
        callback = await self._signed(request)
        attempt_id = callback.gateway.attempt_in(callback.query)
        await self._keep(callback, _parsed(lambda: parse_call_status(callback.form, attempt_id)))
        return web.Response(status=204)

    async def picked_up(self, request: web.Request) -> web.Response:
        """Whether a person or a machine took our call, as the carrier makes out while it goes on."""
        callback = await self._signed(request)
        attempt_id = callback.gateway.attempt_in(callback.query)
        await self._keep(callback, _parsed(lambda: parse_picked_up(callback.form, attempt_id)))
        return web.Response(status=204)

    async def voice(self, request: web.Request) -> web.Response:
        """Our call was picked up, or somebody rings us: what do they hear."""
        callback = await self._signed(request)
        attempt_id = callback.gateway.attempt_in(callback.query)
        key, event = _parsed(lambda: parse_voice(callback.form, attempt_id))
        reading = await self._keep(callback, (key, event), self._reading_for(callback, event))
        return _twiml(self._speech(callback, event, reading))

    async def gather(self, request: web.Request) -> web.Response:
        """A key was pressed, or the menu was heard to its end without one."""
        callback = await self._signed(request)
        attempt_id = callback.gateway.attempt_in(callback.query)
        turn = read_turn(*(callback.query.get(name, "") for name in ("repeats", "wrong", "silent")))
        key, event = _parsed(lambda: parse_gather(callback.form, attempt_id, turn))
        reading = await self._keep(callback, (key, event), self._reading_for(callback, event))
        digits = event.digits if isinstance(event, KeyPress) else ""
        return _twiml(speak_after_key(digits, turn, self._words_of(reading), callback.key_address(reading)))

    async def _signed(self, request: web.Request) -> Callback:
        """The callback, if one of our carriers signed it; else 403 and nothing is kept."""
        try:
            form = read_form(await _bounded_body(request))
        except MalformedCallback as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        for gateway in self._parts.gateways.values():
            if not isinstance(gateway, TwilioGateway) or gateway.account_sid != form.get("AccountSid"):
                continue
            # The raw path as it came: any re-encoding would not verify.
            if gateway.is_signed(request.raw_path, form, request.headers):
                return Callback(gateway, form, request.query)
        _log.warning("callback_not_signed", path=request.path)
        raise web.HTTPForbidden

    async def _keep(
        self, callback: Callback, keyed: tuple[str, Event], read: Callable[[Tx], Awaitable[T]] | None = None
    ) -> T | None:
        """Store the event, committed before anybody answers, and read what the answer needs.

        503 when the database is away: the carrier then calls again.
        """
        try:
            async with self._parts.database.transaction() as tx:
                now = self._parts.clock.now()
                stored = await store_events(tx, callback.gateway.name, [keyed], now)
                result = await read(tx) if read else None
        except _DATABASE_AWAY as error:
            # Its text may hold numbers and words of people.
            _log.error("callback_not_stored", gateway=callback.gateway.name, error=type(error).__name__)
            raise web.HTTPServiceUnavailable(headers=_RETRY) from error
        if stored:
            self._parts.wake.ring("settle")
        return result

    def _reading_for(self, callback: Callback, event: Event) -> Callable[[Tx], Awaitable[Reading | None]]:
        name = callback.gateway.name
        if isinstance(event, IncomingCall):
            return lambda tx: newest_reading_for(tx, name, event.from_number)
        attempt_id = callback.gateway.attempt_in(callback.query)
        return lambda tx: reading_of(tx, name, attempt_id, event.ref)

    def _speech(self, callback: Callback, event: Event, reading: Reading | None) -> str:
        address = callback.key_address(reading)
        if isinstance(event, IncomingCall):
            spoken, language = reading.spoken if reading else None, self._parts.settings.language
            return speak_to_caller(spoken, self._parts.home_name, language, address)
        return speak_warning(self._words_of(reading), address)

    def _words_of(self, reading: Reading | None) -> Spoken:
        """What is read into a call of ours."""
        if reading is not None:
            return reading.spoken
        return words_of_unknown_call(self._parts.home_name, self._parts.settings.language)


def _in_time(handler: Handler) -> Handler:
    """`handler`, or 503 after 1.4 s.

    Not simply a timeout around it: giving up a connection to a server that says nothing takes seconds
    itself, so the carrier is answered first.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        async with asyncio.TaskGroup() as group:
            work = group.create_task(_without_raising(handler, request))
            await asyncio.wait({work}, timeout=ANSWER_S)
            if work.done():
                return work.result()
            _log.error("callback_too_slow", path=request.path)
            late = web.Response(status=503, headers=_RETRY)
            # This line stays busy until the handler is done; the next callback needs another.
            late.force_close()
            with suppress(ConnectionError):
                await late.prepare(request)
                await late.write_eof()
            work.cancel()
        return late

    return answer


async def _without_raising(handler: Handler, request: web.Request) -> web.StreamResponse:
    """What the handler answers; a refusal is an answer too and does not break the group."""
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        headers = {name: value for name, value in refusal.headers.items() if name != "Content-Type"}
        return web.Response(status=refusal.status, text=refusal.text, headers=headers)


async def _bounded_body(request: web.Request) -> bytes:
    """The whole body; 413 beyond what any callback needs."""
    body = b""
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise web.HTTPRequestEntityTooLarge(LARGEST_FORM, len(body))
    return body


def _parsed(parse: Callable[[], tuple[str, E]]) -> tuple[str, E]:
    """400 for a signed callback that lacks a field; what cannot be kept must not look as if it were."""
    try:
        return parse()
    except MalformedCallback as error:
        _log.error("callback_malformed", field=str(error))
        raise web.HTTPBadRequest(text=f"{error} is missing") from error


def _twiml(body: str) -> web.Response:
    return web.Response(text=body, content_type="text/xml", charset="utf-8")
