"""The reporting rules: those in force, what was saved before, and a draft that is looked over and saved."""

from aiohttp import web

from jiaoying.duty.incidents.book import (
    LONGEST_NOTE,
    READY_MADE,
    newest_version,
    rules_of,
    save_rules,
    versions,
)
from jiaoying.duty.incidents.reading import parse_rules
from jiaoying.duty.incidents.rules import RuleBook
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.plain_data import MAX_TEXT_LENGTH
from jiaoying.storage.database import Tx
from jiaoying.web.context import actor_of, parts_of
from jiaoying.web.pages import NO_STORE, now_of, render, see_other


async def show_rules(request: web.Request) -> web.StreamResponse:
    """The rules in force, or an earlier version."""
    async with parts_of(request).database.transaction() as tx:
        newest = await newest_version(tx)
        number = _version_in(request, newest)
        book, _ = await _version(tx, number)
        saved = await versions(tx)
    return render(request, "incident_rules.html", book=book, number=number, newest=newest, saved=saved)


async def download(request: web.Request) -> web.StreamResponse:
    """A version as the file that it was written as."""
    async with parts_of(request).database.transaction() as tx:
        number = _version_in(request, await newest_version(tx))
        _, text = await _version(tx, number)
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="reporting-rules-{number}.yaml"'}
    return web.Response(text=text, content_type="application/yaml", headers=headers)


async def show_draft(request: web.Request) -> web.StreamResponse:
    """A version as a draft to be changed."""
    async with parts_of(request).database.transaction() as tx:
        newest = await newest_version(tx)
        _, text = await _version(tx, _version_in(request, newest))
    return _draft_page(request, text, "", newest)


async def look_over(request: web.Request) -> web.StreamResponse:
    """What was written is looked over; nothing is saved."""
    text, note, shown = await _posted(request)
    return _draft_page(request, text, note, shown)


async def save(request: web.Request) -> web.StreamResponse:
    """Put what was written in force as the next version."""
    text, note, shown = await _posted(request)
    try:
        async with parts_of(request).database.transaction() as tx:
            made = await save_rules(
                tx, text, note=note, shown=shown, by=actor_of(request), now=now_of(request)
            )
    except Refusal as refusal:
        return _draft_page(request, text, note, shown, refusal=refusal)
    return see_other(f"/incidents/rules?saved={made.version}")


def _draft_page(
    request: web.Request, text: str, note: str, shown: int, *, refusal: Refusal | None = None
) -> web.StreamResponse:
    book, complaints = _read(text)
    return render(
        request,
        "incident_rules_draft.html",
        status=422 if refusal or complaints else 200,
        text=text,
        note=note,
        shown=shown,
        book=book,
        complaints=complaints,
        refused=str(refusal) if refusal and not complaints else "",
        longest_note=LONGEST_NOTE,
        longest_text=MAX_TEXT_LENGTH,
    )


def _read(text: str) -> tuple[RuleBook | None, tuple[Complaint, ...]]:
    """The rules that a text says, or what is wrong with it."""
    try:
        return parse_rules(text), ()
    except Refusal as refusal:
        return None, refusal.complaints or (Complaint("rules", "file", str(refusal)),)


async def _posted(request: web.Request) -> tuple[str, str, int]:
    form = await request.post()
    text = str(form.get("text", ""))[: MAX_TEXT_LENGTH + 1].replace("\r\n", "\n").replace("\0", " ")
    shown = str(form.get("shown", ""))
    number = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 7 else READY_MADE
    return text, str(form.get("note", ""))[:LONGEST_NOTE], number


def _version_in(request: web.Request, newest: int) -> int:
    typed = request.query.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 7 else newest


async def _version(tx: Tx, number: int) -> tuple[RuleBook, str]:
    try:
        return await rules_of(tx, number)
    except Refusal:
        raise web.HTTPNotFound from None
