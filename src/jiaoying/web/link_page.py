"""The page of a link (`/a/<token>`): the warning in full, and buttons to answer, without signing in.

Looking at it is no answer: telephones and mail programs open links by themselves. Only its form answers.
The token in its address is what the bearer proves themselves with, so the form needs no other one.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.actions import BELLS
from jiaoying.dispatch.board import WarningFacts, warning_facts
from jiaoying.dispatch.by_link import (
    MAX_DANGER_LENGTH,
    LinkForm,
    note_link_opened,
    read_form,
    take_by_link,
)
from jiaoying.dispatch.links import token_hash
from jiaoying.dispatch.photos import MAX_PHOTO_BYTES, SUFFIXES
from jiaoying.dispatch.states import CallOutState, WarningState
from jiaoying.dispatch.store.call_outs import labels_of
from jiaoying.dispatch.store.links import LinkedCallOut, SaidByLink, attachment, linked, said_so_far
from jiaoying.duty.letters.document import LetterPaper
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import LANGUAGES, say, speaking
from jiaoying.storage.database import Tx
from jiaoying.web.console.letters import papers_by_call
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.limits import Limit
from jiaoying.web.link_daily import DailyLink, daily_link, daily_page, file_by_link, posted_in
from jiaoying.web.middlewares import LANGUAGE_COOKIE
from jiaoying.web.pages import NO_STORE, now_of, render, see_other

LONGEST_TOKEN = 64
# A telephone sends its form a few times in a night, never dozens of times in ten minutes.
FORMS_PER_LINK, FORMS_WINDOW_S = 30, 600.0
# Wrong addresses from one place. Who has a right one is served all the same: a whole county may stand behind
# one address of the carrier's.
MISSES, MISSES_WINDOW_S = 20, 60.0
# Photos that are held in memory at once.
PHOTOS_AT_ONCE = 4
_LARGEST_FORM = MAX_PHOTO_BYTES + 64 * 1024


@dataclass(slots=True)
class Bounds:
    """What keeps strangers from making us work."""

    forms: Limit = field(default_factory=lambda: Limit(FORMS_PER_LINK, FORMS_WINDOW_S))
    misses: Limit = field(default_factory=lambda: Limit(MISSES, MISSES_WINDOW_S))
    photos: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PHOTOS_AT_ONCE))


BOUNDS = web.AppKey("link_bounds", Bounds)


@dataclass(frozen=True, slots=True)
class Shown:
    """One warning as the bearer of a link sees it."""

    call_out: LinkedCallOut
    warning: WarningFacts
    roles: tuple[str, ...]
    said: Sequence[SaidByLink]
    over: bool
    letter: LetterPaper | None = None  # what a duty call tells of: read instead of a warning, and confirmed

    @property
    def answered(self) -> bool:
        return self.call_out.state is CallOutState.ANSWERED


async def show_link(request: web.Request) -> web.StreamResponse:
    """The page. Changes nothing but when it was opened first."""
    digest, now = _digest_of(request), now_of(request)
    async with parts_of(request).database.transaction() as tx:
        found = await linked(tx, digest, now)
        if found:
            await note_link_opened(tx, digest, found, now)
        daily = await daily_link(tx, found, now)
        shown = await _read_shown(tx, request, found, now)
    if daily:
        with speaking(_language_of(request, daily.call_out)):
            return daily_page(request, daily)
    return _page(request, shown) if shown else _nothing_here(request)


async def answer_by_link(request: web.Request) -> web.StreamResponse:
    """Take what the form says: an answer, a report, a photo."""
    digest, now, parts = _digest_of(request), now_of(request), parts_of(request)
    bounds, at = request.config_dict[BOUNDS], monotonic()
    async with parts.database.transaction() as tx:
        found = await linked(tx, digest, now)
        daily = await daily_link(tx, found, now)
        shown = await _read_shown(tx, request, found, now)
    if daily:
        with speaking(_language_of(request, daily.call_out)):
            return await _file_daily(request, digest, daily)
    if not shown:
        return _nothing_here(request)
    running = [one.call_out for one in shown if not one.over]
    if not running:
        return _page(request, shown)
    if bounds.forms.is_reached(digest.hex(), at):
        sentence = say("This was sent many times just now: wait ten minutes, or ring the duty desk.")
        return _page(request, shown, mistake=sentence, status=429)
    bounds.forms.note(digest.hex(), at)
    try:
        async with bounds.photos:
            form = await _read_form(request)
            async with parts.database.transaction() as tx:
                await take_by_link(tx, digest, running, form, now)
    except Refusal as refusal:
        return _page(request, shown, mistake=str(refusal), status=422)
    parts.wake.ring(*BELLS)
    return see_other(f"{request.path}?sent=1")


async def _file_daily(request: web.Request, digest: bytes, link: DailyLink) -> web.StreamResponse:
    """Take a report on the daily dispatch, under the same limit as answers."""
    forms, at = request.config_dict[BOUNDS].forms, monotonic()
    if not link.is_open:
        return daily_page(request, link)
    if forms.is_reached(digest.hex(), at):
        sentence = say("This was sent many times just now: wait ten minutes, or ring the duty desk.")
        return daily_page(request, link, refusal=Refusal(sentence), status=429)
    forms.note(digest.hex(), at)
    posted = await posted_in(request)
    try:
        async with parts_of(request).database.transaction() as tx:
            await file_by_link(tx, digest, link, posted, now_of(request))
    except Refusal as refusal:
        return daily_page(request, link, posted=posted, refusal=refusal, status=422)
    parts_of(request).wake.ring("daily", *BELLS)
    return see_other(f"{request.path}?sent=1")


async def download_photo(request: web.Request) -> web.StreamResponse:
    """A photo that came with feedback, as a file: never shown by the browser as a page of ours."""
    photo_id: UUID = read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        found = await attachment(tx, photo_id)
    if found is None:
        raise web.HTTPNotFound
    name = f"{photo_id}.{SUFFIXES[found.media_type]}"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=found.body, content_type=found.media_type, headers=headers)


def _digest_of(request: web.Request) -> bytes:
    return token_hash(request.match_info["token"][:LONGEST_TOKEN])


async def _read_shown(
    tx: Tx, request: web.Request, found: Sequence[LinkedCallOut], now: datetime
) -> list[Shown]:
    letters = await papers_by_call(tx, request, [one.warning_id for one in found])
    roles = await labels_of(tx, [one.call_out_id for one in found])
    shown: list[Shown] = []
    for one in found:
        warning = await warning_facts(tx, one.warning_id)
        if warning is not None:
            over = warning.state is WarningState.WITHDRAWN or now >= warning.valid_to
            said = await said_so_far(tx, one.call_out_id)
            own = roles.get(one.call_out_id, ())
            shown.append(Shown(one, warning, own, said, over, letters.get(one.warning_id)))
    return shown


async def _read_form(request: web.Request) -> LinkForm:
    """The form, its photo too. Raises Refusal for what is too large or makes no sense."""
    try:
        posted = await request.clone(client_max_size=_LARGEST_FORM).post()
    except web.HTTPRequestEntityTooLarge:
        raise Refusal(
            say("The photo is too large: at most {most} MB", most=MAX_PHOTO_BYTES // (1024 * 1024))
        ) from None

    def text(name: str) -> str:
        value = posted.get(name, "")
        return value.replace("\0", "").strip()[: MAX_DANGER_LENGTH + 1] if isinstance(value, str) else ""

    try:
        photo = posted.get("photo")
        body = None
        if isinstance(photo, web.FileField) and photo.filename:
            body = await asyncio.to_thread(photo.file.read, MAX_PHOTO_BYTES + 1)
        return read_form(
            answer=text("answer"),
            stages=[str(stage) for stage in posted.getall("stage", ())][:4],
            households=text("households"),
            people=text("people"),
            danger=text("danger"),
            photo=body,
        )
    finally:
        for value in posted.values():
            if isinstance(value, web.FileField):
                value.file.close()


def _nothing_here(request: web.Request) -> web.StreamResponse:
    """The same for an address that never was and for one that is over: nobody learns which."""
    misses, sender, at = request.config_dict[BOUNDS].misses, request.remote or "", monotonic()
    barred = misses.is_reached(sender, at)
    misses.note(sender, at)
    return render(request, "link_gone.html", status=429 if barred else 404)


def _page(
    request: web.Request, shown: Sequence[Shown], *, mistake: str | None = None, status: int = 200
) -> web.StreamResponse:
    with speaking(_language_of(request, shown[0].call_out)):
        return render(
            request,
            "link.html",
            status=status,
            shown=shown,
            action=request.path,
            open=any(not one.over for one in shown),
            sent="sent" in request.query,
            mistake=mistake,
            most_danger=MAX_DANGER_LENGTH,
        )


def _language_of(request: web.Request, of: LinkedCallOut) -> str:
    """As the reader chose on a page of ours, else as the roster has it."""
    chosen = request.query.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else of.language
