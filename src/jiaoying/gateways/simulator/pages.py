"""The pages: the telephones of the town, and one telephone to hold in the hand."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from jinja2 import Environment, PackageLoader, select_autoescape

from jiaoying.gateways.simulator.answers import as_json
from jiaoying.gateways.simulator.habits import habit_name
from jiaoying.gateways.simulator.network import Network
from jiaoying.gateways.simulator.records import Call, Message, Phone
from jiaoying.gateways.simulator.texting import shown_status
from jiaoying.gateways.simulator.townsfolk import Townsfolk
from jiaoying.gateways.simulator.words import (
    call_words,
    habit_choices,
    habit_words,
    quick_replies,
    text_words,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import CHINESE, ENGLISH, best_language, current_language, say, speaking

PACKAGE = "jiaoying.gateways.simulator"
MOST_SHOWN, MOST_LISTED = 80, 100
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STATIC = {"town.css": "text/css", "town.js": "text/javascript", "town.svg": "image/svg+xml"}
Page = Callable[[web.Request], web.Response]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a telephone's story: a text or a call."""

    kind: str  # received, sent, call
    at: str
    text: str
    state: str
    bad: bool
    heard: tuple[str, ...] = ()
    keys: str = ""
    said: tuple[str, ...] = ()  # by what picked up


@dataclass(frozen=True, slots=True)
class Row:
    """One telephone in the list."""

    number: str
    name: str
    habit: str
    line: str  # ringing, in-progress or nothing
    last: str
    last_at: str
    count: int


class Pages:
    """The handlers and their routes."""

    def __init__(self, network: Network, folk: Townsfolk, timezone: ZoneInfo) -> None:
        self._network, self._folk, self._timezone = network, folk, timezone
        self._templates = Environment(
            loader=PackageLoader(PACKAGE, "page_templates"),
            autoescape=select_autoescape(default=True),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals["say"] = say  # pyright: ignore[reportUnknownMemberType]

    def routes(self) -> list[web.RouteDef]:
        """The list, one telephone, their live parts, and what they are drawn with."""
        return [
            web.get("/", _in_language(self._list)),
            web.get("/live", _in_language(self._list_live)),
            web.get("/phones/{number}", _in_language(self._phone)),
            web.get("/phones/{number}/live", _in_language(self._phone_live)),
            web.get("/static/{name}", self._static),
        ]

    def _list(self, request: web.Request) -> web.Response:
        search = request.query.get("search", "").strip()
        return self._page("list.html", request, search=search, **self._list_values(search))

    def _list_live(self, request: web.Request) -> web.Response:
        revision = str(self._network.records.revision)
        if request.query.get("since") == revision:
            return self._unchanged(revision)
        values = self._list_values(request.query.get("search", "").strip())
        return self._fragment("_list.html", revision, values)

    def _list_values(self, search: str) -> dict[str, Any]:
        records = self._network.records
        return {
            "rows": [self._row(phone) for phone in self._folk.phones(search, MOST_LISTED)],
            "total": len(records.phones),
            "texts": records.counts["messages_out"],
            "calls": records.counts["calls_out"],
            "faults": len(self._network.faults.orders),
            "revision": str(records.revision),
        }

    def _phone(self, request: web.Request) -> web.Response:
        phone = self._known_phone(request)
        return self._page(
            "phone.html",
            request,
            habits=habit_choices(),
            quick=quick_replies(),
            **self._phone_values(phone),
        )

    def _phone_live(self, request: web.Request) -> web.Response:
        phone = self._known_phone(request)
        if request.query.get("since") == str(phone.revision):
            return self._unchanged(str(phone.revision))
        return self._fragment("_phone.html", str(phone.revision), self._phone_values(phone))

    def _phone_values(self, phone: Phone) -> dict[str, Any]:
        habit = self._folk.habit_of(phone)
        records: list[Message | Call] = [*phone.messages, *phone.calls]
        records.sort(key=lambda record: record.seq)
        entries = [self._entry(record) for record in records[-MOST_SHOWN:] if record is not phone.line]
        return {
            "phone": phone,
            "line": phone.line,
            "habit": habit_words(habit),
            "habit_name": habit_name(habit) or "",
            "entries": entries,
            "revision": str(phone.revision),
            "our_number": self._network.our_number_for(phone),
        }

    def _known_phone(self, request: web.Request) -> Phone:
        number = request.match_info["number"]
        return self._folk.phone(number if number.startswith("+") else f"+{number}")

    def _entry(self, record: Message | Call) -> Entry:
        at = self._shown(record.created)
        if isinstance(record, Call):
            bad = record.over and not record.answered
            return Entry(
                "call",
                at,
                record.ours,
                call_words(record),
                bad,
                tuple(record.heard),
                record.keys,
                tuple(record.said),
            )
        status = shown_status(record, self._network.clock.now())
        kind = "sent" if record.inbound else "received"
        return Entry(kind, at, record.body, text_words(status), status in ("undelivered", "failed"))

    def _row(self, phone: Phone) -> Row:
        last, line = phone.last, phone.line
        return Row(
            number=phone.number,
            name=phone.name,
            habit=habit_words(self._folk.habit_of(phone)),
            line=line.status if line is not None and line.status != "queued" else "",
            last="" if last is None else call_words(last) if isinstance(last, Call) else last.body[:120],
            last_at="" if last is None else self._shown(last.created),
            count=len(phone.messages) + len(phone.calls),
        )

    def _shown(self, moment: datetime) -> str:
        local, today = moment.astimezone(self._timezone), self._network.clock.now().astimezone(self._timezone)
        return f"{local:%H:%M:%S}" if local.date() == today.date() else f"{local:%m-%d %H:%M}"

    def _clock(self) -> str:
        return f"{self._network.clock.now().astimezone(self._timezone):%H:%M:%S}"

    def _page(self, template: str, request: web.Request, **values: Any) -> web.Response:
        values["clock"], values["language"] = self._clock(), current_language()
        values["other"] = ENGLISH if current_language() == CHINESE else CHINESE
        values["path"] = request.path
        text = self._templates.get_template(template).render(values)
        response = web.Response(text=text, content_type="text/html", headers=SECURITY)
        if "lang" in request.query:
            response.set_cookie("lang", current_language(), samesite="Strict", httponly=True)
        return response

    def _fragment(self, template: str, revision: str, values: dict[str, Any]) -> web.Response:
        html = self._templates.get_template(template).render(values)
        return as_json({"revision": revision, "clock": self._clock(), "html": html}, headers=SECURITY)

    def _unchanged(self, revision: str) -> web.Response:
        return as_json({"revision": revision, "clock": self._clock(), "html": None}, headers=SECURITY)

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        content = (resources.files(PACKAGE) / "static" / name).read_bytes()
        return web.Response(body=content, content_type=STATIC[name], charset="utf-8", headers=SECURITY)


def _in_language(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The language of `?lang=`, else of the last page, else Chinese."""

    async def handle(request: web.Request) -> web.StreamResponse:
        wanted = request.query.get("lang") or request.cookies.get("lang") or CHINESE
        with speaking(best_language(wanted)):
            try:
                return page(request)
            except Refusal as refusal:
                return web.Response(status=404, text=str(refusal), headers=SECURITY)

    return handle
