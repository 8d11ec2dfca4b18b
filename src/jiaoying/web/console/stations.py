"""Monitoring stations, to look at: what they measure, how it stands, which are silent."""

from aiohttp import web

from jiaoying.warnings.stations.announcing import kind_word, level_word, window_word
from jiaoying.warnings.stations.model import UNITS, Level
from jiaoying.warnings.stations.store import Station, all_stations, names_of
from jiaoying.web.context import parts_of
from jiaoying.web.pages import render


async def show_stations(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _stations(request, "stations.html")


async def show_stations_part(request: web.Request) -> web.StreamResponse:
    """The part of the page that lives."""
    return await _stations(request, "stations_live.html")


async def _stations(request: web.Request, template: str) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        found = await all_stations(tx)
        places = {one.id: await names_of(tx, one.setup.area_codes) for one in found}
    return render(
        request,
        template,
        stations=sorted(found, key=_gravest_first),
        places=places,
        units=UNITS,
        kind_word=kind_word,
        level_word=level_word,
        window_word=window_word,
    )


def _gravest_first(station: Station) -> tuple[int, bool, str]:
    calm = station.standing.level is Level.NONE
    return -station.standing.level.rank, calm and station.silent_since is None, station.setup.code
