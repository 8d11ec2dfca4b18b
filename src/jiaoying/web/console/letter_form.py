"""The form of a risk reminder letter: begun free or about a warning, changed as long as it is a draft."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from aiohttp import web
from sqlalchemy import or_, select

from jiaoying.dispatch.board import WarningFacts, warning_facts
from jiaoying.dispatch.letter_calls import facts_for_letter
from jiaoying.dispatch.store.letters import people_of_posts
from jiaoying.duty.letters import actions, store
from jiaoying.duty.letters.actions import Addressee
from jiaoying.duty.letters.model import (
    LEAST_MINUTES,
    MAX_REQUESTS,
    MAX_RISK,
    MAX_SERIES,
    MAX_TITLE,
    MOST_MINUTES,
    USUAL_MINUTES,
    Draft,
    Letter,
    Unit,
    WarningTold,
    usual_series,
)
from jiaoying.duty.model import Desk
from jiaoying.duty.store import all_desks
from jiaoying.kernel.areas import covers
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import CHINESE, LANGUAGES, say, speaking
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import areas, posts
from jiaoying.web.console.keeping import Mistakes, Values, read_place
from jiaoying.web.console.letters import seen_version
from jiaoying.web.console.rota import doer_of, mistakes_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import render, see_other, today_of

_TEXTS = {"title": MAX_TITLE, "series": MAX_SERIES, "risk": MAX_RISK, "requests": MAX_REQUESTS, "posts": 2000}
_CHOICES = {"language": 8, "confirm_minutes": 4, "warning": 36, "seen": 9}
_MOST_LINES = 40


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the form: its texts, and the desks that are ticked."""

    values: Values
    ticked: frozenset[str]


async def ask_new(request: web.Request) -> web.StreamResponse:
    """An empty form; about a warning it begins with its title and the desks of its area."""
    asked = request.query.get("warning", "")
    async with parts_of(request).database.transaction() as tx:
        about = await warning_facts(tx, read_id(asked)) if asked else None
        if asked and about is None:
            raise web.HTTPNotFound
        form = await _beginning(tx, request, about)
    return await _page(request, form, {}, about=about)


async def write(request: web.Request) -> web.StreamResponse:
    """What was typed becomes a draft."""
    form, mistakes = await _typed(request), Mistakes()
    letter: Letter | None = None
    async with parts_of(request).database.transaction() as tx:
        asked = form.values["warning"]
        about = await warning_facts(tx, read_id(asked)) if asked else None
        told = WarningTold()
        if about is not None:
            told = facts_for_letter(about, form.values["language"], parts_of(request).settings.timezone)
        try:
            units = await _read_units(tx, request, form, mistakes)
            letter = await actions.write(
                tx,
                _draft(form, told),
                units,
                doer_of(request),
                warning_id=about.id if about else None,
                exercise=about is not None and about.exercise,
            )
        except Refusal as refusal:
            mistakes |= mistakes_of(refusal, "title")
    if letter is None:
        return await _page(request, form, mistakes, about=about)
    return see_other(f"/letters/{letter.id}")


async def show_draft(request: web.Request) -> web.StreamResponse:
    """The form of a draft."""
    async with parts_of(request).database.transaction() as tx:
        letter = await _draft_in(tx, request)
        form = await _form_of(tx, letter)
        about = await warning_facts(tx, letter.warning_id) if letter.warning_id else None
    return await _page(request, form, {}, about=about, letter=letter)


async def change(request: web.Request) -> web.StreamResponse:
    """What was typed is the draft from now on."""
    form, mistakes = await _typed(request), Mistakes()
    async with parts_of(request).database.transaction() as tx:
        letter = await _draft_in(tx, request)
        about = await warning_facts(tx, letter.warning_id) if letter.warning_id else None
        try:
            units = await _read_units(tx, request, form, mistakes)
            draft, seen = _draft(form, letter.draft.told), await seen_version(request)
            await actions.change(tx, letter.id, draft, units, doer_of(request), seen=seen)
        except Refusal as refusal:
            mistakes |= mistakes_of(refusal, "title")
    if mistakes:
        return await _page(request, form, mistakes, about=about, letter=letter)
    return see_other(f"/letters/{letter.id}")


async def _beginning(tx: Tx, request: web.Request, about: WarningFacts | None) -> Form:
    home = parts_of(request).settings.home_area
    county = await tx.scalar(select(areas.c.name).where(areas.c.code == home))
    with speaking(CHINESE):
        title = say("Risk reminder letter")
        if about is not None:
            told = facts_for_letter(about, CHINESE, parts_of(request).settings.timezone)
            title = say("Risk reminder letter on {warning}", warning=told.warning)
    values = {
        **dict.fromkeys((*_TEXTS, *_CHOICES), ""),
        "title": title[:MAX_TITLE],
        "series": await store.last_series(tx) or usual_series(county or ""),
        "language": CHINESE,
        "confirm_minutes": str(USUAL_MINUTES),
        "warning": str(about.id) if about else "",
    }
    desks = [desk for desk in await all_desks(tx) if about and _lies_under(desk, about, home)]
    return Form(values, frozenset(str(desk.id) for desk in desks))


def _lies_under(desk: Desk, about: WarningFacts, home: str) -> bool:
    """Whether a warning names the area of a desk, or one around it; the home desk writes the letter."""
    return desk.area_code != home and any(covers(code, desk.area_code) for code in about.area_codes)


async def _typed(request: web.Request) -> Form:
    posted = await request.post()
    limits = {**_TEXTS, **_CHOICES}
    values = {
        name: str(posted.get(name, "")).replace("\0", "").replace("\r\n", "\n").strip()[: 2 * most]
        for name, most in limits.items()
    }
    values["language"] = values["language"] if values["language"] in LANGUAGES else CHINESE
    return Form(values, frozenset(str(each)[:36] for each in posted.getall("desks", ())[:200]))


def _draft(form: Form, told: WarningTold) -> Draft:
    minutes = form.values["confirm_minutes"]
    return Draft(
        form.values["title"],
        form.values["series"],
        form.values["language"],
        form.values["risk"],
        form.values["requests"],
        int(minutes) if minutes.isascii() and minutes.isdigit() else 0,
        told,
    )


async def _read_units(tx: Tx, request: web.Request, form: Form, mistakes: Mistakes) -> Sequence[Addressee]:
    """The desks that are ticked, then the posts that are written; what means none is a mistake."""
    desks = [
        Addressee(desk.id, None, desk.name) for desk in await all_desks(tx) if str(desk.id) in form.ticked
    ]
    lines = [line.strip() for line in form.values["posts"].split("\n") if line.strip()]
    found: dict[UUID, Addressee] = {}
    for line in lines[:_MOST_LINES]:
        try:
            post = await _read_post(tx, request, line)
        except Refusal as refusal:
            mistakes["posts"] = " · ".join(filter(None, (mistakes.get("posts", ""), str(refusal))))
        else:
            found[post[0]] = Addressee(None, *post)
    if mistakes.get("posts"):
        raise Refusal(mistakes["posts"], (Complaint("letter", "posts", mistakes["posts"]),))
    return [*desks, *found.values()]


async def _read_post(tx: Tx, request: web.Request, line: str) -> tuple[UUID, str]:
    """The post in force that a line names: the place, a blank, and what the post is called."""
    place, _, kind = line.rpartition(" ")
    if not place:
        raise Refusal(say("“{line}”: write the place, a blank and the post", line=line[:40]))
    area = await read_place(tx, place, parts_of(request).settings.home_area)
    if isinstance(area, Complaint):
        raise Refusal(area.text)
    today = today_of(request)
    ids = list(
        await tx.scalars(
            select(posts.c.id)
            .where(
                posts.c.area_code == area.code,
                posts.c.kind == kind,
                or_(posts.c.valid_to.is_(None), posts.c.valid_to >= today),
            )
            .order_by(posts.c.id)
        )
    )
    if not ids:
        raise Refusal(say("{place} has no post “{kind}”", place=area.name, kind=kind[:40]))
    people = await people_of_posts(tx, ids)
    held = next((row_id for row_id in ids if people.get(row_id)), None)
    if held is None:
        raise Refusal(say("Nobody holds the post {place} {kind}", place=area.name, kind=kind[:40]))
    return held, f"{area.name} {kind}"


async def _form_of(tx: Tx, letter: Letter) -> Form:
    units: Sequence[Unit] = (await store.units_of(tx, [letter.id])).get(letter.id, [])
    draft = letter.draft
    values = {
        **dict.fromkeys((*_TEXTS, *_CHOICES), ""),
        "title": draft.title,
        "series": draft.series,
        "risk": draft.risk,
        "requests": draft.requests,
        "posts": "\n".join(unit.label for unit in units if unit.post_id),
        "language": draft.language,
        "confirm_minutes": str(draft.confirm_minutes),
    }
    return Form(values, frozenset(str(unit.desk_id) for unit in units if unit.desk_id))


async def _draft_in(tx: Tx, request: web.Request) -> Letter:
    letter = await store.letter_by_id(tx, read_id(request.match_info["id"]))
    if letter is None or not letter.is_draft:
        raise web.HTTPNotFound
    return letter


async def _page(
    request: web.Request,
    form: Form,
    mistakes: Mistakes,
    *,
    about: WarningFacts | None = None,
    letter: Letter | None = None,
) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        desks = await all_desks(tx)
    return render(
        request,
        "letter_form.html",
        status=422 if mistakes else 200,
        letter=letter,
        about=about,
        values=form.values,
        ticked=form.ticked,
        mistakes=mistakes,
        desks=desks,
        languages=LANGUAGES,
        most=_TEXTS,
        least_minutes=LEAST_MINUTES,
        most_minutes=MOST_MINUTES,
    )
