"""Pages: the Jinja environment and what every page shows around its own content."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from jiaoying.dispatch.ladders import describing
from jiaoying.dispatch.outlook import words as outlook_words
from jiaoying.duty import log_words
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import CHINESE, ENGLISH, current_language, say
from jiaoying.kernel.phone import masked
from jiaoying.web import (
    daily_words,
    feedback_words,
    forecast_words,
    formats,
    handover_words,
    incident_words,
    letter_words,
    response_words,
    roll_call_words,
    roster_words,
    rota_words,
    routine_words,
    source_words,
    steering_words,
    wording_words,
    words,
)
from jiaoying.web.assets.names import asset_address
from jiaoying.web.context import PAGES, PAUSES, is_fragment, may, parts_of, who_asks
from jiaoying.web.parts import WebParts
from jiaoying.web.roles import May, role_name

NO_STORE = {"Cache-Control": "no-store"}


class Pages:
    """Renders the templates in the reader's language."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts
        self._environment = Environment(
            loader=PackageLoader("jiaoying.web", "page_templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        zone = parts.settings.timezone
        self._everywhere = {
            "_": say,
            "asset": asset_address,
            "words": words,
            "letter_words": letter_words,
            "log_words": log_words,
            "forecast_words": forecast_words,
            "feedback_words": feedback_words,
            "source_words": source_words,
            "roster_words": roster_words,
            "daily_words": daily_words,
            "roll_call_words": roll_call_words,
            "rota_words": rota_words,
            "incident_words": incident_words,
            "handover_words": handover_words,
            "routine_words": routine_words,
            "wording_words": wording_words,
            "steering_words": steering_words,
            "ladder_words": describing,
            "outlook_words": outlook_words,
            "response_words": response_words,
            "role_name": role_name,
            "May": May,
            "zone": str(zone),
            "home_name": parts.home_name,
            "phones_url": parts.phones_url,
            "clock_rate": parts.settings.clock_rate,
        }
        self._environment.filters.update(  # pyright: ignore[reportUnknownMemberType]
            {
                "clock": partial(formats.clock_time, zone=zone),
                "ahead": partial(formats.time_ahead, zone=zone),
                "stamp": partial(formats.full_time, zone=zone),
                "day": partial(formats.day_time, zone=zone),
                "duration": formats.duration,
                "countdown": formats.countdown,
                "elapsed": formats.elapsed,
                "ms": formats.milliseconds,
                "masked": masked,
                "plain": formats.plain_number,
                "undrilled": formats.without_drill_mark,
            }
        )

    def text_of(self, template: str, request: web.Request, values: Mapping[str, Any]) -> str:
        """The page or fragment `template` as HTML."""
        asking = who_asks(request)
        now: datetime = self._parts.clock.now()
        around = {
            **self._everywhere,
            "language": current_language(),
            "other_language": ENGLISH if current_language() == CHINESE else CHINESE,
            "here": request.path,
            "fragment": is_fragment(request),
            "now": now,
            "signed_in": asking,
            "csrf_token": asking.csrf_token if asking else "",
            "may": partial(may, request),
            "pauses": request.get(PAUSES, []),
            "only_simulated": all(not gateway.live for gateway in self._parts.gateways.values()),
        }
        return self._environment.get_template(template).render({**around, **values})


def render(request: web.Request, template: str, /, *, status: int = 200, **values: Any) -> web.Response:
    """Answer with the page or fragment `template`, which is never kept by a browser or a proxy."""
    text = request.config_dict[PAGES].text_of(template, request, values)
    return web.Response(text=text, status=status, content_type="text/html", headers=NO_STORE)


def now_of(request: web.Request) -> datetime:
    """Business time."""
    return parts_of(request).clock.now()


def today_of(request: web.Request) -> date:
    """The day by business time, where this installation is."""
    return now_of(request).astimezone(parts_of(request).settings.timezone).date()


def see_other(path: str) -> web.Response:
    """The browser asks for `path` next."""
    return web.Response(status=303, headers={**NO_STORE, "Location": path})


def close_sheet() -> web.Response:
    """The card beside the page closes, and the page fetches what changed."""
    return web.Response(headers={"HX-Retarget": "#sheet", "HX-Reswap": "innerHTML", "HX-Trigger": "refresh"})


async def text_field(request: web.Request, name: str, *, most: int) -> str:
    """One field of a form, blanks at its ends off. Raises Refusal when it is longer than `most` signs."""
    text = str((await request.post()).get(name, "")).replace("\0", "").strip()
    if len(text) > most:
        raise Refusal(say("“{name}” is too long: at most {most} characters", name=name, most=most))
    return text


async def moment_field(request: web.Request, name: str) -> datetime | None:
    """A time of day in local time (`23:41`) as its latest moment up to now; None where it is empty.

    Raises Refusal for what is no time.
    """
    words = await text_field(request, name, most=8)
    if not words:
        return None
    try:
        wanted = time.fromisoformat(words)
    except ValueError:
        raise Refusal(say("Write the time as hours and minutes, for example 23:41")) from None
    now = now_of(request).astimezone(parts_of(request).settings.timezone)
    moment = datetime.combine(now.date(), wanted.replace(tzinfo=None), now.tzinfo)
    return moment if moment <= now else moment - timedelta(days=1)
