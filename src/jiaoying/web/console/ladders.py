"""The ladders: those in force, what was saved before, and a draft that is looked over and saved."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import web

from jiaoying.dispatch.ladders.book import (
    LONGEST_NOTE,
    READY_MADE,
    Checked,
    as_yaml,
    book_now,
    book_of,
    check_book,
    check_text,
    newest_version,
    save_book,
    text_of,
    versions,
)
from jiaoying.dispatch.ladders.comparing import ChangedLine, difference
from jiaoying.dispatch.ladders.editing import with_rules_changed
from jiaoying.dispatch.ladders.findings import errors_of, warnings_of
from jiaoying.dispatch.ladders.reading import parse_book
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import MAX_TEXT_LENGTH
from jiaoying.storage.database import Tx
from jiaoying.web.context import actor_of, parts_of
from jiaoying.web.pages import NO_STORE, now_of, render, see_other, today_of


@dataclass(frozen=True, slots=True)
class DraftLook:
    """A draft with what was found in it, and what it changes of the ladders in force."""

    text: str
    newest: int
    checked: Checked | None  # None where it cannot be read
    refusal: Refusal | None
    changes: Sequence[ChangedLine]

    @property
    def errors(self) -> list[str]:
        """What refuses it, each led by its place."""
        return [self.checked.told(one) for one in errors_of(self.checked.findings)] if self.checked else []

    @property
    def warnings(self) -> list[str]:
        """What somebody may say is meant."""
        return [self.checked.told(one) for one in warnings_of(self.checked.findings)] if self.checked else []


async def show_ladders(request: web.Request) -> web.StreamResponse:
    """The ladders in force, with what is to be said against them today."""
    async with parts_of(request).database.transaction() as tx:
        book = await book_now(tx)
        checked = await check_book(tx, book, today_of(request))
        saved = await versions(tx)
        newest = await newest_version(tx)
    return render(request, "ladders.html", book=book, checked=checked, saved=saved, newest=newest)


async def show_version(request: web.Request) -> web.StreamResponse:
    """A version, and what is different in the one in force."""
    number = int(request.match_info["version"])
    async with parts_of(request).database.transaction() as tx:
        newest = await newest_version(tx)
        other = _version_in(request.query.get("with", ""), newest)
        try:
            book, compared = await book_of(tx, number), await book_of(tx, other)
        except Refusal:
            raise web.HTTPNotFound from None
        saved = await versions(tx)
    changes = difference(book, compared)
    return render(
        request,
        "ladder_version.html",
        book=book,
        number=number,
        other=other,
        newest=newest,
        changes=changes,
        saved=saved,
        made=next((one for one in saved if one.version == number), None),
    )


def _version_in(typed: str, newest: int) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else newest


async def download(request: web.Request) -> web.StreamResponse:
    """A version as the YAML file that it was written as."""
    async with parts_of(request).database.transaction() as tx:
        number = _version_in(request.query.get("version", ""), await newest_version(tx))
        try:
            text = await text_of(tx, number)
        except Refusal:
            raise web.HTTPNotFound from None
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="ladders-{number}.yaml"'}
    return web.Response(text=text, content_type="application/yaml", headers=headers)


async def show_draft(request: web.Request) -> web.StreamResponse:
    """A version as a draft, to be changed: the one in force, or an earlier one to be put in force again."""
    async with parts_of(request).database.transaction() as tx:
        number = _version_in(request.query.get("version", ""), await newest_version(tx))
        try:
            text = await text_of(tx, number)
        except Refusal:
            raise web.HTTPNotFound from None
        look = await look_at_draft(tx, text, request)
    earlier = number != look.newest
    note = say("version {version} again", version=number) if earlier and number != READY_MADE else ""
    return draft_page(request, look, note=note)


async def look_over(request: web.Request) -> web.StreamResponse:
    """What somebody wrote is looked over; a deed moves, doubles or removes one of its rules first."""
    form = await request.post()
    text = text_in(str(form.get("text", "")))
    async with parts_of(request).database.transaction() as tx:
        # What cannot be read stays as it was written, and is told below.
        with suppress(Refusal):
            text = await asyncio.to_thread(_after_deed, text, str(form.get("do", "")))
        look = await look_at_draft(tx, text, request)
    return draft_page(request, look, note=str(form.get("note", "")), status=422 if look.refusal else 200)


def text_in(posted: str) -> str:
    """A posted file: lines end as files have them, and the database keeps no NUL."""
    return posted[: MAX_TEXT_LENGTH + 1].replace("\r\n", "\n").replace("\0", " ")


def _after_deed(text: str, typed: str) -> str:
    deed, _, number = typed.partition(":")
    if not number.isdigit():
        return text
    return as_yaml(with_rules_changed(parse_book(text), deed, int(number[:4])))


async def look_at_draft(tx: Tx, text: str, request: web.Request) -> DraftLook:
    """A draft on today's roster, beside the ladders in force."""
    newest = await newest_version(tx)
    try:
        checked = await check_text(tx, text, today_of(request))
    except Refusal as refusal:
        return DraftLook(text, newest, None, refusal, ())
    changes = await asyncio.to_thread(difference, await book_now(tx), checked.book)
    return DraftLook(text, newest, checked, None, changes)


def draft_page(
    request: web.Request, look: DraftLook, *, note: str = "", refusal: str = "", status: int = 200
) -> web.StreamResponse:
    """The page of a draft that nobody has saved."""
    return render(
        request,
        "ladder_draft.html",
        status=status,
        look=look,
        note=note[:LONGEST_NOTE],
        longest_note=LONGEST_NOTE,
        longest_text=MAX_TEXT_LENGTH,
        refused=refusal,
    )


async def save(request: web.Request) -> web.StreamResponse:
    """Put a draft in force. What is doubtful in it needs a tick, what is wrong is refused."""
    form, parts = await request.post(), parts_of(request)
    text, note = text_in(str(form.get("text", ""))), str(form.get("note", ""))
    refused = ""
    async with parts.database.transaction() as tx:
        look = await look_at_draft(tx, text, request)
        if look.warnings and form.get("meant") != "yes":
            refused = say("Tick that the warnings are meant, or mend them")
        elif look.refusal is None:
            try:
                version = await save_book(
                    tx,
                    text,
                    by=actor_of(request),
                    now=now_of(request),
                    on=today_of(request),
                    note=note,
                    shown=_version_in(str(form.get("shown", "")), look.newest),
                )
            except Refusal as refusal:
                refused = str(refusal)
            else:
                return see_other(f"/ladders?saved={version}")
    return draft_page(request, look, note=note, refusal=refused, status=422)
