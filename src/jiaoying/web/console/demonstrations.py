"""Sending one of the demonstration's warnings, through the same door as a bureau's."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from jiaoying.demonstration.messages import NAMES, fresh_copy
from jiaoying.dispatch.desk_reads import has_demonstration_data, newest_sent
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.warnings.intake import take_in
from jiaoying.web.context import parts_of
from jiaoying.web.pages import now_of, see_other, text_field

SOURCE = "demonstration"
MEDIA_TYPE = "application/cap+xml"
# The colour of the rain warning that each of these speaks of.
_SPEAKS_OF = {"rain_update": "orange", "rain_cancel": "red"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the messages, and what its button says."""

    name: str
    title: str


def demonstration_choices() -> list[Choice]:
    """The eight messages in the order of the night."""
    titles = {
        "rain_blue": say("Rain, blue"),
        "rain_yellow": say("Rain, yellow"),
        "rain_orange": say("Rain, orange"),
        "rain_red": say("Rain, red"),
        "flash_flood_red": say("Flash flood, red: move people now"),
        "rain_update": say("Update of the orange one"),
        "rain_cancel": say("Cancel the red one"),
        "exercise": say("Drill"),
    }
    return [Choice(name, titles[name]) for name in NAMES]


async def send(request: web.Request) -> web.StreamResponse:
    """Take in a fresh copy of the message that was chosen."""
    parts, now = parts_of(request), now_of(request)
    name = await text_field(request, "name", most=30)
    async with parts.database.transaction() as tx:
        if name not in NAMES or not await has_demonstration_data(tx):
            raise web.HTTPNotFound
        refers_to = await _sent_before(tx, name)
    await take_in(
        parts.database,
        fresh_copy(name, now, refers_to=refers_to),
        media_type=MEDIA_TYPE,
        source=SOURCE,
        now=now,
        wall=wall_now(),
        home_area=parts.settings.home_area,
    )
    parts.wake.ring("match", "changes")
    return see_other("/warnings")


async def _sent_before(tx: Tx, name: str) -> datetime | None:
    colour = _SPEAKS_OF.get(name)
    return await newest_sent(tx, SOURCE, "rain", colour) if colour else None
