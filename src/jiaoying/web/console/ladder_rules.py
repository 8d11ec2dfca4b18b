"""One rule of a draft as a form: rungs are added, moved, taken away, and the rule is taken over."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.ladders.book import as_yaml, newest_version, text_of
from jiaoying.dispatch.ladders.editing import (
    RuleData,
    new_rule,
    rules_of,
    tier_data,
    with_rule,
    with_rungs_changed,
)
from jiaoying.dispatch.ladders.model import MAX_RUNGS, MAX_TRIES, LadderBook, Tier, Who
from jiaoying.dispatch.ladders.reading import parse_book
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.web.console.ladders import draft_page, look_at_draft, text_in
from jiaoying.web.console.rule_form import Fields, rule_in
from jiaoying.web.context import parts_of
from jiaoying.web.pages import render

_ROLES = tuple(who for who in Who if who not in (Who.POST, Who.PERSON))
_PLACES = (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY)


async def show_rule(request: web.Request) -> web.StreamResponse:
    """A rule of the ladders in force, or with the number after the last one a new rule."""
    async with parts_of(request).database.transaction() as tx:
        text = await text_of(tx, await newest_version(tx))
    return await _open(request, text)


async def open_rule(request: web.Request) -> web.StreamResponse:
    """A rule of a draft that is not saved yet."""
    return await _open(request, text_in(str((await request.post()).get("text", ""))))


async def _open(request: web.Request, text: str) -> web.StreamResponse:
    book = await asyncio.to_thread(parse_book, text)
    number, rules = _number_of(request, book), rules_of(book)
    return _form(request, text, number, rules[number - 1] if number <= len(rules) else new_rule())


async def change_rule(request: web.Request) -> web.StreamResponse:
    """What was typed: a deed changes the rungs and shows the form again; `take` takes the rule over."""
    posted = await request.post()
    text = text_in(str(posted.get("text", "")))
    book = await asyncio.to_thread(parse_book, text)
    number = _number_of(request, book)
    fields = Fields({name: [str(value) for value in posted.getall(name)] for name in posted})
    rule = rule_in(fields)
    deed, tier, place = [*str(posted.get("do", "take")).split(":"), "", ""][:3]
    if deed != "take":
        changed = with_rungs_changed(rule, deed, tier, int(place) if place.isdigit() else 0)
        return _form(request, text, number, changed, open_tier=tier)
    drafted = as_yaml(with_rule(book, number, rule))
    try:
        await asyncio.to_thread(parse_book, drafted)
    except Refusal as refusal:
        return _form(request, text, number, rule, refusal.complaints, status=422)
    async with parts_of(request).database.transaction() as tx:
        look = await look_at_draft(tx, drafted, request)
    return draft_page(request, look)


def _number_of(request: web.Request, book: LadderBook) -> int:
    """Which rule the address names, from 1; one past the end is a new one."""
    number = int(request.match_info["number"])
    if not 1 <= number <= len(book.rules) + 1:
        raise web.HTTPNotFound
    return number


def _form(
    request: web.Request,
    text: str,
    number: int,
    rule: RuleData,
    complaints: Sequence[Complaint] = (),
    status: int = 200,
    open_tier: str = Tier.VILLAGE,
) -> web.StreamResponse:
    return render(
        request,
        "ladder_rule.html",
        status=status,
        text=text,
        number=number,
        rule=rule,
        complaints=complaints,
        open_tier=open_tier,
        tiers=list(Tier),
        tier_data=tier_data,
        hazards=list(Hazard),
        colours=list(Colour),
        roles=_ROLES,
        places=_PLACES,
        channels=list(Channel),
        stages=list(FeedbackStage),
        most_rungs=MAX_RUNGS,
        most_tries=MAX_TRIES,
    )
