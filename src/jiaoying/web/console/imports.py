"""Lists that are handed in: looked at first, taken over as a whole, taken back if they were wrong."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.exporting.template_columns import ListKind
from jiaoying.contacts.importing.complaint_sheet import column_words
from jiaoying.contacts.importing.differences import About, Difference, Turn, change_words
from jiaoying.contacts.importing.doubts import count_open_doubts
from jiaoying.contacts.importing.imports import (
    ImportState,
    apply_import,
    complaints_sheet,
    discard_import,
    import_by_id,
    imports_page,
    preview_import,
    undo_import,
)
from jiaoying.contacts.keeping.listing import names_of, path_to, places_inside
from jiaoying.kernel.areas import Level, covers, is_area_code, level_of
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import MAX_FILE_BYTES, SheetFile
from jiaoying.web.console.keeping import locality_of, values_in
from jiaoying.web.context import actor_of, parts_of, read_id
from jiaoying.web.pages import NO_STORE, now_of, render, see_other

PAGE = 50
MOST_SHOWN = 200  # differences of one township, complaints: the rest is in the workbook
_LONGEST_NAME = 200
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Group:
    """What an import does in one township, what ends first."""

    place: str
    added: int
    changed: int
    ended: int
    shown: tuple[Difference, ...]
    left: int  # that are not shown


async def show_imports(request: web.Request) -> web.StreamResponse:
    """The form for a new list, and the lists of before."""
    return await _front(request)


async def upload(request: web.Request) -> web.StreamResponse:
    """Read a list and compare it with the roster; nothing is changed yet."""
    posted = await request.post()
    handed_in = posted.get("list")
    if not isinstance(handed_in, web.FileField) or not handed_in.filename:
        return await _front(request, mistake=say("Choose the list first"))
    scope = str(posted.get("replace_scope", ""))
    home = locality_of(request).home_area
    if scope and not (is_area_code(scope) and covers(home, scope)):
        return await _front(request, mistake=say("Choose from the list which area it replaces"))
    data = await asyncio.to_thread(handed_in.file.read, MAX_FILE_BYTES + 1)
    try:
        made = await preview_import(
            parts_of(request).database,
            SheetFile(handed_in.filename[-_LONGEST_NAME:].replace("\0", ""), data),
            locality=locality_of(request),
            now=now_of(request),
            actor=actor_of(request),
            replace_scope=scope or None,
        )
    except Refusal as refusal:
        return await _front(request, mistake=str(refusal))
    return see_other(f"/roster/imports/{made.id}")


async def show_import(request: web.Request) -> web.StreamResponse:
    """What a list would change, or has changed."""
    return await _page(request)


async def download_complaints(request: web.Request) -> web.StreamResponse:
    """What is wrong in the list, as a workbook to send back to whoever wrote it."""
    async with parts_of(request).database.transaction() as tx:
        found = await import_by_id(tx, _id_of(request))
    if found is None:
        raise web.HTTPNotFound
    body = await asyncio.to_thread(complaints_sheet, found.complaints)
    name = quote(say("complaints about {name}", name=found.file_name.rpartition(".")[0]) + ".xlsx")
    headers = {**NO_STORE, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return web.Response(body=body, content_type=_XLSX, headers=headers)


async def apply(request: web.Request) -> web.StreamResponse:
    """Take the list over, all of it or nothing."""
    typed = (await values_in(request)).get("confirm_ended", "").strip()
    confirmed = int(typed) if typed.isdecimal() and len(typed) < 9 else None
    try:
        await apply_import(
            parts_of(request).database,
            _id_of(request),
            locality=locality_of(request),
            now=now_of(request),
            actor=actor_of(request),
            confirm_ended=confirmed,
        )
    except Refusal as refusal:
        return await _page(request, refusal=refusal)
    return see_other(f"/roster/imports/{_id_of(request)}")


async def undo(request: web.Request) -> web.StreamResponse:
    """Put everything back that the list changed."""
    try:
        await undo_import(
            parts_of(request).database,
            _id_of(request),
            locality=locality_of(request),
            now=now_of(request),
            actor=actor_of(request),
        )
    except Refusal as refusal:
        return await _page(request, refusal=refusal)
    return see_other(f"/roster/imports/{_id_of(request)}")


async def discard(request: web.Request) -> web.StreamResponse:
    """Throw a list away that was only looked at."""
    try:
        await discard_import(
            parts_of(request).database, _id_of(request), now=now_of(request), actor=actor_of(request)
        )
    except Refusal as refusal:
        return await _page(request, refusal=refusal)
    return see_other("/roster/imports")


def grouped(differences: Iterable[Difference], names: dict[str, str], most: int) -> list[Group]:
    """The differences by township (`names` by code), at most `most` of each, what ends first."""
    by_place: defaultdict[str, list[Difference]] = defaultdict(list)
    for one in differences:
        by_place[_township_of(one.area_code)].append(one)
    return [
        _group(names.get(code, code), sorted(found, key=_weight), most)
        for code, found in sorted(by_place.items())
    ]


def places_in(differences: Iterable[Difference]) -> set[str]:
    """The areas that differences name, and the townships by which they are grouped."""
    return {code for one in differences for code in (one.area_code, _township_of(one.area_code))}


def _group(place: str, found: list[Difference], most: int) -> Group:
    turns = [one.turn for one in found]
    return Group(
        place=place,
        added=turns.count(Turn.ADDED),
        changed=turns.count(Turn.CHANGED),
        ended=turns.count(Turn.ENDED),
        shown=tuple(found[:most]),
        left=max(0, len(found) - most),
    )


def _weight(one: Difference) -> tuple[int, int, str, str]:
    """What ends is looked at first, then what changes; posts before the people and points around them."""
    turns, abouts = (Turn.ENDED, Turn.CHANGED, Turn.ADDED), list(About)
    return turns.index(one.turn), abouts.index(one.about), one.area_code, one.what


def _township_of(code: str) -> str:
    return code if level_of(code) != Level.VILLAGE else f"{code[:9]}000"


async def _front(request: web.Request, *, mistake: str | None = None) -> web.StreamResponse:
    before = request.query.get("before")
    home = locality_of(request).home_area
    async with parts_of(request).database.transaction() as tx:
        found = await imports_page(tx, before=read_id(before) if before else None, limit=PAGE + 1)
        doubts = await count_open_doubts(tx)
        whole = await path_to(tx, home, home)
        inside = await places_inside(tx, home)
    return render(
        request,
        "imports.html",
        status=422 if mistake else 200,
        imports=found[:PAGE],
        more=len(found) > PAGE,
        doubts=doubts,
        mistake=mistake,
        scopes=[*whole, *inside],
        list_kinds=list(ListKind),
        largest_mib=MAX_FILE_BYTES // (1024 * 1024),
    )


async def _page(request: web.Request, *, refusal: Refusal | None = None) -> web.StreamResponse:
    async with parts_of(request).database.transaction() as tx:
        found = await import_by_id(tx, _id_of(request))
        if found is None:
            raise web.HTTPNotFound
        names = await names_of(tx, {*places_in(found.differences), found.replace_scope or ""})
        doubts = await count_open_doubts(tx)
    return render(
        request,
        "import.html",
        status=422 if refusal else 200,
        found=found,
        names=names,
        groups=grouped(found.differences, names, MOST_SHOWN),
        scope_name=names.get(found.replace_scope or "", ""),
        refusal=refusal,
        doubts=doubts,
        most=MOST_SHOWN,
        change_words=change_words,
        column_words=column_words,
        waits=found.state == ImportState.PREVIEWED,
    )


def _id_of(request: web.Request) -> UUID:
    return read_id(request.match_info["id"])
