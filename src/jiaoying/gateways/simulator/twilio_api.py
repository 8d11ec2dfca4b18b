"""Twilio's API 2010-04-01 for texts and calls, over the town instead of the world."""

import asyncio
import base64
import hmac
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import unquote_to_bytes

from aiohttp import web

from jiaoying.gateways.simulator.answers import (
    as_json,
    call_json,
    message_json,
    new_message_bytes,
    page_json,
    refuse,
)
from jiaoying.gateways.simulator.calling import Calling
from jiaoying.gateways.simulator.faults import Fault, FaultKind
from jiaoying.gateways.simulator.listing import FilterError, list_calls, list_messages
from jiaoying.gateways.simulator.network import API_VERSION, Network
from jiaoying.gateways.simulator.records import Call, Message
from jiaoying.gateways.simulator.texting import DEFAULT_VALIDITY_S, NewMessage, Texting
from jiaoying.gateways.simulator.webhooks import is_loopback
from jiaoying.kernel.clock import monotonic, real_sleep

Work = Callable[["Form", bool], web.Response]

E164 = re.compile(r"\+[1-9]\d{6,14}")
LONGEST_BODY, LONGEST_TWIML = 1600, 4000
MOST_FIELDS = 200
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
# Twilio's test numbers, twilio.com/docs/iam/test-credentials.
TEST_RECEIVERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
TEST_SENDERS = {"+15005550007": 21606, "+15005550008": 21611}


class RefusedError(Exception):
    """The request is answered with an error of the carrier's."""

    def __init__(self, code: int, value: str = "") -> None:
        super().__init__(code)
        self.code, self.value = code, value


class Form:
    """The fields of a request, each as often as it was sent.

    Read by hand: at thousands of texts a second `parse_qsl` is a third of the work.
    """

    def __init__(self, content: bytes) -> None:
        fields = content.replace(b"+", b" ").split(b"&", MOST_FIELDS)
        self._pairs = [_name_and_value(field) for field in fields]
        self._first = dict(reversed(self._pairs))

    def get(self, name: str, default: str = "") -> str:
        return self._first.get(name, default)

    def has(self, name: str) -> bool:
        return name in self._first

    def words(self, name: str) -> frozenset[str]:
        """All values of a repeated field; one value may hold several words."""
        return frozenset(word for key, value in self._pairs if key == name for word in value.split())

    def number(self, name: str, default: float, most: float) -> float:
        """A whole number of seconds from 1 to `most`. Raises RefusedError."""
        text = self._first.get(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= most):
            raise RefusedError(20001, name)
        return float(text)

    def web_address(self, name: str, code: int) -> str:
        """An address on this machine, or nothing. Raises RefusedError with `code` for any other."""
        url = self._first.get(name, "")
        if url and not is_loopback(url):
            raise RefusedError(code, f"{url} (the simulator calls only addresses on this machine)")
        return url

    def method(self, name: str) -> str:
        """GET or POST. Raises RefusedError."""
        method = self._first.get(name, "POST").upper()
        if method not in ("GET", "POST"):
            raise RefusedError(20001, name)
        return method


class TwilioApi:
    """The handlers and their routes."""

    def __init__(self, network: Network, texting: Texting, calling: Calling, auth_token: str) -> None:
        self._network, self._texting, self._calling = network, texting, calling
        credentials = f"{network.account_sid}:{auth_token}".encode()
        self._authorization = b"Basic " + base64.b64encode(credentials)
        self._root = f"/{API_VERSION}/Accounts/{network.account_sid}"
        self._ours = frozenset(network.from_numbers)
        self.closing = asyncio.Event()

    def routes(self) -> list[web.RouteDef]:
        """The commonest request first: plain addresses are found without a search."""
        root = self._root
        return [
            web.post(f"{root}/Messages.json", self._create_message),
            web.get(f"{root}/Messages.json", self._list_messages),
            web.post(f"{root}/Calls.json", self._create_call),
            web.get(f"{root}/Calls.json", self._list_calls),
            web.get(f"{root}/Messages/{{sid}}.json", self._show_message),
            web.post(f"{root}/Messages/{{sid}}.json", self._change_message),
            web.get(f"{root}/Calls/{{sid}}.json", self._show_call),
            web.post(f"{root}/Calls/{{sid}}.json", self._change_call),
            web.route("*", f"/{API_VERSION}/{{rest:.*}}", self._nothing_here),
        ]

    async def _create_message(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "sms", "create", self._message_created)

    async def _create_call(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, "voice", "create", self._call_created)

    async def _list_messages(self, request: web.Request) -> web.StreamResponse:
        def work(_form: Form, _silent: bool) -> web.Response:
            found = list_messages(self._network.records, request.query, self._ours)
            return as_json(page_json("messages", request.path, request.query, found, self._message_json))

        return await self._serve(request, "sms", "read", work)

    async def _list_calls(self, request: web.Request) -> web.StreamResponse:
        def work(_form: Form, _silent: bool) -> web.Response:
            found = list_calls(self._network.records, request.query, self._ours)
            return as_json(page_json("calls", request.path, request.query, found, self._call_json))

        return await self._serve(request, "voice", "read", work)

    async def _show_message(self, request: web.Request) -> web.StreamResponse:
        def work(_form: Form, _silent: bool) -> web.Response:
            return as_json(self._message_json(self._known_message(request)))

        return await self._serve(request, "sms", "read", work)

    async def _show_call(self, request: web.Request) -> web.StreamResponse:
        def work(_form: Form, _silent: bool) -> web.Response:
            return as_json(self._call_json(self._known_call(request)))

        return await self._serve(request, "voice", "read", work)

    async def _change_message(self, request: web.Request) -> web.StreamResponse:
        def work(form: Form, _silent: bool) -> web.Response:
            return self._message_changed(self._known_message(request), form)

        return await self._serve(request, "sms", "change", work)

    async def _change_call(self, request: web.Request) -> web.StreamResponse:
        def work(form: Form, _silent: bool) -> web.Response:
            return self._call_changed(self._known_call(request), form)

        return await self._serve(request, "voice", "change", work)

    async def _nothing_here(self, request: web.Request) -> web.StreamResponse:
        return refuse(20404, request.path) if self._is_known(request) else refuse(20003)

    async def _serve(self, request: web.Request, channel: str, kind: str, work: Work) -> web.StreamResponse:
        content = await request.read()
        self._network.records.counts[f"requests_{channel}_{kind}"] += 1
        if not self._is_known(request):
            return refuse(20003, headers={"WWW-Authenticate": 'Basic realm="Twilio API"'})
        fault = self._network.faults.on_request(channel, kind)
        if fault is None:
            return _done(work, content, silent=False)
        self._network.records.counts[f"faults_{fault.kind}"] += 1
        return await self._trouble(request, fault, work, content)

    async def _trouble(
        self, request: web.Request, fault: Fault, work: Work, content: bytes
    ) -> web.StreamResponse:
        match fault.kind:
            case FaultKind.TIMEOUT:
                await self._hold(request, fault.seconds)
                return _cut(request)
            case FaultKind.DROP_BEFORE_REQUEST:
                return _cut(request)
            case FaultKind.THROTTLE_429:
                return refuse(20429, headers={"Retry-After": str(max(1, round(fault.seconds)))})
            case FaultKind.DROP_AFTER_REQUEST:
                _done(work, content, silent=False)
                return _cut(request)
            case FaultKind.ERROR_AFTER_REQUEST:
                _done(work, content, silent=False)
                return refuse(20500)
            case FaultKind.SLOW:
                response = _done(work, content, silent=False)
                await self._hold(request, fault.seconds)
                return response
            case FaultKind.ACCEPT_THEN_SILENCE:
                return _done(work, content, silent=True)
            case _:
                return refuse(20500)

    async def _hold(self, request: web.Request, seconds: float) -> None:
        """Keep the caller waiting by the wall, until it or we leave."""
        until = monotonic() + seconds
        while monotonic() < until and not self.closing.is_set():
            if request.transport is None or request.transport.is_closing():
                return
            await real_sleep(min(0.05, max(0.0, until - monotonic())))

    def _is_known(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, self._authorization)

    def _now(self) -> datetime:
        return self._network.clock.now()

    def _message_json(self, message: Message) -> dict[str, object]:
        return message_json(message, self._network.account_sid, self._now())

    def _call_json(self, call: Call) -> dict[str, object]:
        return call_json(call, self._network.account_sid)

    def _known_message(self, request: web.Request) -> Message:
        message = self._network.records.messages.get(request.match_info["sid"])
        if message is None:
            raise RefusedError(20404, request.path)
        return message

    def _known_call(self, request: web.Request) -> Call:
        call = self._network.records.calls.get(request.match_info["sid"])
        if call is None:
            raise RefusedError(20404, request.path)
        return call

    def _message_created(self, form: Form, silent: bool) -> web.Response:
        now, body = self._now(), form.get("Body")
        service_sid = form.get("MessagingServiceSid") or None
        ours = (
            self._sender(form, 21606)
            if form.get("From") or not service_sid
            else self._network.from_numbers[0]
        )
        number = self._receiver(form)
        if not body:
            raise RefusedError(21602)
        if len(body) > LONGEST_BODY:
            raise RefusedError(21617)
        phone = self._network.records.look_at(number)
        if phone.opted_out and ours in phone.opted_out:
            raise RefusedError(21610)
        new = NewMessage(
            number=number,
            ours=ours,
            body=body,
            callback=form.web_address("StatusCallback", 21609),
            service_sid=service_sid,
            valid_for_s=form.number("ValidityPeriod", DEFAULT_VALIDITY_S, DEFAULT_VALIDITY_S),
            send_at=_send_at(form, now),
            silent=silent,
        )
        message = self._texting.accept(new, now)
        return web.Response(
            body=new_message_bytes(message, self._network.account_sid),
            status=201,
            headers={"Content-Type": "application/json; charset=utf-8"},
        )

    def _call_created(self, form: Form, silent: bool) -> web.Response:
        now = self._now()
        ours, number = self._sender(form, 21210), self._receiver(form)
        url, twiml = form.web_address("Url", 21205), form.get("Twiml")
        if not (url or twiml):
            raise RefusedError(21205, "Url or Twiml is required")
        sid, seq = self._network.records.next_sid("CA")
        call = Call(sid, seq, number, ours, "outbound-api", now, now, url=url, silent=silent)
        call.twiml, call.method = _inline(twiml), form.method("Method")
        call.fallback_url = form.web_address("FallbackUrl", 21205)
        call.timeout_s = form.number("Timeout", 60.0, 600)
        call.time_limit_s = form.number("TimeLimit", 14_400.0, 86_400)
        call.callback = form.web_address("StatusCallback", 21609)
        call.callback_method = form.method("StatusCallbackMethod")
        call.callback_events = _events(form)
        call.machine_detection = form.get("MachineDetection") in ("Enable", "DetectMessageEnd")
        if form.get("AsyncAmd").lower() == "true":
            call.async_detection_url = form.web_address("AsyncAmdStatusCallback", 21609)
        self._calling.accept(call, now)
        return as_json(self._call_json(call), 201)

    def _message_changed(self, message: Message, form: Form) -> web.Response:
        if form.has("Status"):
            if form.get("Status") != "canceled":
                raise RefusedError(20001, "Status")
            if not self._texting.cancel(message, self._now()):
                raise RefusedError(30409)
        if form.has("Body"):
            if form.get("Body"):
                raise RefusedError(20001, "Body")
            message.body = ""
        return as_json(self._message_json(message))

    def _call_changed(self, call: Call, form: Form) -> web.Response:
        status, url = form.get("Status"), form.web_address("Url", 21205)
        if call.over:
            raise RefusedError(21220)
        if status in ("canceled", "completed"):
            if status == "canceled" and call.status == "in-progress":
                raise RefusedError(21220)
            self._calling.stop(call, self._now())
        elif status:
            raise RefusedError(20001, "Status")
        elif url or form.get("Twiml"):
            self._calling.redirect(call, url, form.method("Method"), _inline(form.get("Twiml")), self._now())
        return as_json(self._call_json(call))

    def _sender(self, form: Form, unknown: int) -> str:
        number = form.get("From")
        if not number:
            raise RefusedError(21603)
        if number in TEST_SENDERS:
            raise RefusedError(TEST_SENDERS[number], number)
        if number not in self._ours:
            raise RefusedError(unknown if E164.fullmatch(number) else 21212, number)
        return number

    def _receiver(self, form: Form) -> str:
        number = form.get("To")
        if not number:
            raise RefusedError(21604)
        if number in TEST_RECEIVERS:
            raise RefusedError(TEST_RECEIVERS[number], number)
        phone = self._network.records.look_at(number)
        if not E164.fullmatch(number) or not self._network.habit_of(phone).exists:
            raise RefusedError(21211, number)
        return number


def _name_and_value(field: bytes) -> tuple[str, str]:
    name, _, value = field.partition(b"=")
    return unquote_to_bytes(name).decode("utf-8", "replace"), unquote_to_bytes(value).decode(
        "utf-8", "replace"
    )


def _done(work: Work, content: bytes, *, silent: bool) -> web.Response:
    try:
        return work(Form(content), silent)
    except RefusedError as refused:
        return refuse(refused.code, refused.value)
    except FilterError as trouble:
        return refuse(20001, str(trouble))


def _cut(request: web.Request) -> web.Response:
    """Close the connection; the response is for nobody."""
    if request.transport is not None:
        request.transport.close()
    return web.Response(status=500)


def _events(form: Form) -> frozenset[str]:
    events = form.words("StatusCallbackEvent")
    if not events <= EVENTS:
        raise RefusedError(20001, "StatusCallbackEvent")
    return events or frozenset({"completed"})


def _inline(twiml: str) -> str:
    if len(twiml) > LONGEST_TWIML:
        raise RefusedError(20001, f"Twiml: at most {LONGEST_TWIML} characters")
    return twiml


def _send_at(form: Form, now: datetime) -> datetime | None:
    """The moment of a scheduled text: 5 minutes to 35 days ahead, with a Messaging Service only."""
    if form.get("ScheduleType") != "fixed":
        return None
    try:
        moment = datetime.fromisoformat(form.get("SendAt"))
    except ValueError:
        raise RefusedError(20001, "SendAt") from None
    ahead = moment - now if moment.tzinfo else timedelta(0)
    if not form.get("MessagingServiceSid") or not timedelta(minutes=5) <= ahead <= timedelta(days=35):
        raise RefusedError(20001, "SendAt")
    return moment
