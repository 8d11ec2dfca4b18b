"""The roster as a list: by place, by what is typed, by hazard, level and sore spot."""

from datetime import date
from enum import StrEnum
from typing import TypeVar

from aiohttp import web

from jiaoying.contacts.keeping.listing import (
    Only,
    RosterWish,
    counts_of,
    path_to,
    places_inside,
    roster_counts,
    roster_page,
    words_of,
)
from jiaoying.contacts.model import PostLevel
from jiaoying.kernel.areas import covers, is_area_code
from jiaoying.kernel.hazards import Hazard
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import now_of, render

PAGE = 100
W = TypeVar("W", bound=StrEnum)


async def show_roster(request: web.Request) -> web.StreamResponse:
    """Posts in force and who holds them, a page at a time."""
    wish = _wish_of(request)
    after = request.query.get("after")
    home = parts_of(request).settings.home_area
    async with parts_of(request).database.transaction() as tx:
        lines = await roster_page(tx, wish, after=read_id(after) if after else None, limit=PAGE + 1)
        complete = after is None and len(lines) <= PAGE
        counts = counts_of(lines) if complete else await roster_counts(tx, wish)
        path = await path_to(tx, wish.area_code, home)
        inside = await places_inside(tx, wish.area_code)
    return render(
        request,
        "roster.html",
        lines=lines[:PAGE],
        more=len(lines) > PAGE,
        counts=counts,
        wish=wish,
        typed=" ".join(wish.words),
        path=path,
        inside=inside,
        hazards=list(Hazard),
        levels=list(PostLevel),
        choices=list(Only),
        query=_query(request),
        is_first=not after,
    )


def area_asked(request: web.Request) -> str:
    """The area in the address, if it lies at home; else home."""
    home = parts_of(request).settings.home_area
    area = request.query.get("area", "")
    return area if is_area_code(area) and covers(home, area) else home


def choice_of(kind: type[W], text: str) -> W | None:
    """The word of a closed list that an address names; None for anything else."""
    return kind(text) if text in set(kind) else None


def today_of(request: web.Request) -> date:
    """The local day."""
    return now_of(request).astimezone(parts_of(request).settings.timezone).date()


def _wish_of(request: web.Request) -> RosterWish:
    return RosterWish(
        area_code=area_asked(request),
        day=today_of(request),
        words=words_of(request.query.get("q", "")),
        hazard=choice_of(Hazard, request.query.get("hazard", "")),
        level=choice_of(PostLevel, request.query.get("level", "")),
        only=choice_of(Only, request.query.get("only", "")),
    )


def _query(request: web.Request) -> dict[str, str]:
    """What the address asks for, so that a link can ask for the same and one thing more."""
    names = ("area", "q", "hazard", "level", "only")
    return {name: request.query[name] for name in names if request.query.get(name)}
