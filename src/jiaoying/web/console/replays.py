"""Everybody who would be called: by a draft, or by a past warning if it came today."""

from aiohttp import web

from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.outlook.ahead import ahead_of
from jiaoying.dispatch.outlook.listing import list_people
from jiaoying.dispatch.outlook.replay import replay
from jiaoying.dispatch.outlook.subjects import past_warning
from jiaoying.warnings.drafts import read_draft
from jiaoying.web.console.draft_look import would_be_of_draft
from jiaoying.web.console.ladder_trials import limits_for
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import now_of, render

PAGE = 100


def _page_of(request: web.Request) -> int:
    typed = request.query.get("page", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 0


async def show_replay(request: web.Request) -> web.StreamResponse:
    """A past warning on today's roster and ladders, beside who was called then."""
    parts, page = parts_of(request), _page_of(request)
    async with parts.database.transaction(patient=True) as tx:
        past = await past_warning(tx, read_id(request.match_info["id"]))
        if past is None:
            raise web.HTTPNotFound
        found = await replay(
            tx,
            past,
            home=parts.home_map,
            timezone=parts.settings.timezone,
            limits=limits_for(request, exercise=past.warning.exercise),
            desk_name=parts.home_name,
            now=now_of(request),
            begin=page * PAGE,
            most=PAGE,
        )
    outside = isinstance(found, OutsideHome)
    return render(
        request,
        "replay.html",
        past=past,
        found=None if outside else found,
        page=page,
        pages=0 if outside else -(-(found.figures.people + found.figures.later) // PAGE),
    )


async def show_draft_people(request: web.Request) -> web.StreamResponse:
    """Everybody whom a draft would call, one by one."""
    parts, page, now = parts_of(request), _page_of(request), now_of(request)
    async with parts.database.transaction(patient=True) as tx:
        draft = await read_draft(tx, read_id(request.match_info["id"]))
        if draft is None or draft.fields.ends:
            raise web.HTTPNotFound
        would_be = await would_be_of_draft(tx, draft.fields, request)
        ahead = await ahead_of(tx, would_be, home=parts.home_map, timezone=parts.settings.timezone, now=now)
        people = () if isinstance(ahead, OutsideHome) else ahead.people
        limits = limits_for(request, exercise=draft.fields.exercise)
        listed = await list_people(tx, people, would_be.facts, limits, begin=page * PAGE, most=PAGE)
    return render(
        request,
        "draft_people.html",
        draft=draft,
        people=listed,
        total=len(people),
        page=page,
        pages=-(-len(people) // PAGE),
    )
