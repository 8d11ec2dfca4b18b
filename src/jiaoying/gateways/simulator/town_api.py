"""`/town/…`: habits, telephones operated by hand, trouble, figures, and the proof of who we are."""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any, cast

from aiohttp import web

from jiaoying.gateways.simulator.answers import as_json
from jiaoying.gateways.simulator.faults import faults_from_json
from jiaoying.gateways.simulator.habits import LONGEST_WAIT_S, habit_from_json
from jiaoying.gateways.simulator.network import Network
from jiaoying.gateways.simulator.records import Phone
from jiaoying.gateways.simulator.townsfolk import Townsfolk, call_json, phone_json, text_json
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

Answering = Callable[[web.Request, dict[str, Any]], object]
LONGEST_NONCE = 200


class TownApi:
    """The handlers and their routes."""

    def __init__(self, network: Network, folk: Townsfolk, secret: str) -> None:
        self._network, self._folk, self._secret = network, folk, secret.encode()

    def routes(self) -> list[web.RouteDef]:
        """Everything below /town."""
        one = "/town/phones/{number}"
        return [
            web.get("/town/phones", _answering(self._list_phones)),
            web.get(one, _answering(self._show_phone)),
            web.put(one, _answering(self._set_phone)),
            web.post(f"{one}/text", _answering(self._text)),
            web.post(f"{one}/answer", _answering(self._answer)),
            web.post(f"{one}/keys", _answering(self._press)),
            web.post(f"{one}/hang-up", _answering(self._hang_up)),
            web.post(f"{one}/ring-us", _answering(self._ring_us)),
            web.put("/town/webhooks", _answering(self._set_webhooks)),
            web.get("/town/webhooks", _answering(self._show_webhooks)),
            web.post("/town/faults", _answering(self._add_faults)),
            web.get("/town/faults", _answering(self._show_faults)),
            web.delete("/town/faults", _answering(self._clear_faults)),
            web.get("/town/statistics", _answering(self._show_statistics)),
            web.get("/town/proof", self._prove),
        ]

    def _list_phones(self, request: web.Request, _body: dict[str, Any]) -> object:
        found = self._folk.phones(request.query.get("search", ""), _most(request))
        return {"phones": [self._phone(phone, 1) for phone in found]}

    def _show_phone(self, request: web.Request, _body: dict[str, Any]) -> object:
        return self._phone(self._folk.phone(_number(request)), _most(request))

    def _set_phone(self, request: web.Request, body: dict[str, Any]) -> object:
        loose = {key: body[key] for key in ("call", "text", "exists") if key in body}
        given = body.get("habit", loose or None)
        habit = None if given is None else habit_from_json(given)
        return self._phone(self._folk.set_phone(_number(request), habit, _text_of(body, "name")), 200)

    def _text(self, request: web.Request, body: dict[str, Any]) -> object:
        message = self._folk.text(_number(request), str(body.get("body", "")), _text_of(body, "to"))
        return text_json(message, self._network.clock.now())

    def _answer(self, request: web.Request, _body: dict[str, Any]) -> object:
        return call_json(self._folk.answer(_number(request)))

    def _press(self, request: web.Request, body: dict[str, Any]) -> object:
        return call_json(self._folk.press(_number(request), str(body.get("digits", body.get("keys", "")))))

    def _hang_up(self, request: web.Request, _body: dict[str, Any]) -> object:
        return call_json(self._folk.hang_up(_number(request)))

    def _ring_us(self, request: web.Request, body: dict[str, Any]) -> object:
        keys, after_s = str(body.get("keys", body.get("digits", ""))), body.get("key_after_s", 3.0)
        if not isinstance(after_s, int | float) or not 0 <= after_s <= LONGEST_WAIT_S:
            raise _refusal("key_after_s", say("write seconds from 0 to {most}", most=LONGEST_WAIT_S))
        return call_json(self._folk.ring_us(_number(request), _text_of(body, "to"), keys, after_s))

    def _set_webhooks(self, request: web.Request, body: dict[str, Any]) -> object:
        self._folk.set_webhooks(_text_of(body, "message_url"), _text_of(body, "voice_url"))
        return self._show_webhooks(request, body)

    def _show_webhooks(self, _request: web.Request, _body: dict[str, Any]) -> object:
        return asdict(self._network.webhooks)

    def _add_faults(self, request: web.Request, body: dict[str, Any]) -> object:
        self._folk.add_faults(faults_from_json(body.get("faults", body)))
        return self._show_faults(request, body)

    def _show_faults(self, _request: web.Request, _body: dict[str, Any]) -> object:
        return {"faults": [asdict(fault) for fault in self._network.faults.orders]}

    def _clear_faults(self, request: web.Request, body: dict[str, Any]) -> object:
        self._folk.clear_faults()
        return self._show_faults(request, body)

    def _show_statistics(self, _request: web.Request, _body: dict[str, Any]) -> object:
        return self._folk.statistics()

    async def _prove(self, request: web.Request) -> web.StreamResponse:
        nonce = request.query.get("nonce", "")
        if not 1 <= len(nonce) <= LONGEST_NONCE:
            return _complaint(_refusal("nonce", say("write 1 to {most} characters", most=LONGEST_NONCE)))
        return as_json({"proof": hmac.new(self._secret, nonce.encode(), hashlib.sha256).hexdigest()})

    def _phone(self, phone: Phone, most: int) -> dict[str, Any]:
        return phone_json(phone, self._folk.habit_of(phone), self._network.clock.now(), most)


def _answering(work: Answering) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Around every handler: JSON in, JSON out, and a refusal as a sentence with status 400."""

    async def handle(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return as_json({"error": "another site may not do this"}, 403)
        try:
            return as_json(work(request, await _body_of(request)))
        except Refusal as refusal:
            return _complaint(refusal)

    return handle


async def _body_of(request: web.Request) -> dict[str, Any]:
    content = await request.read()
    if not content:
        return {}
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        raise _refusal("body", say("is not JSON")) from None
    if isinstance(value, list):
        return {"faults": value}
    if not isinstance(value, dict):
        raise _refusal("body", say("write an object"))
    return cast("dict[str, Any]", value)


def _complaint(refusal: Refusal) -> web.Response:
    complaints = [asdict(complaint) for complaint in refusal.complaints]
    return as_json({"error": str(refusal), "complaints": complaints}, 400)


def _number(request: web.Request) -> str:
    number = request.match_info["number"].strip()
    return number if number.startswith("+") else f"+{number}"


def _text_of(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise _refusal(name, say("write text"))
    return value


def _most(request: web.Request) -> int:
    said = request.query.get("limit", "")
    return min(int(said), 1000) if said.isascii() and said.isdigit() and len(said) < 6 else 200


def _refusal(field: str, remedy: str) -> Refusal:
    text = f"{field}: {remedy}"
    return Refusal(text, (Complaint("town", field, text),))
