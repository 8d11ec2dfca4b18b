"""Wordings: what people read and hear, written by the county where it wants its own words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from aiohttp import web

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import CHINESE, LANGUAGES, say
from jiaoying.templates.book import book_of
from jiaoying.templates.files import (
    DEFAULT,
    HAZARDS,
    SMS,
    VOICE,
    WordingFile,
    built_in_files,
    built_in_text,
    read_name,
)
from jiaoying.templates.store import WordingVersion, newest_versions, save_wording, versions_of
from jiaoying.templates.trying import MAX_LENGTH, names_in, problems_of, samples_of
from jiaoying.web.context import actor_of, parts_of
from jiaoying.web.pages import now_of, render, see_other, text_field

MAX_NOTE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class WordingLine:
    """One wording in the list. `own` is the county's version in force, where it has one."""

    file: WordingFile
    own: WordingVersion | None


@dataclass(frozen=True, slots=True)
class WordingRow:
    """What is said on one occasion, by channel."""

    name: str
    colour: Colour | None
    lines: Mapping[str, WordingLine | None]


async def show_wordings(request: web.Request) -> web.StreamResponse:
    """All wordings of one language, grouped by what they are for."""
    language = request.query.get("language", CHINESE)
    if language not in LANGUAGES:
        raise web.HTTPNotFound
    async with parts_of(request).database.transaction() as tx:
        newest = await newest_versions(tx)
    groups = {name: _rows(files, newest) for name, files in _groups(language, newest).items()}
    return render(request, "wordings.html", groups=groups, languages=LANGUAGES, shown=language)


async def show_wording(request: web.Request) -> web.StreamResponse:
    """One wording: its text in force, how it would go out, its versions."""
    file = _file_in(request)
    body = _in_force(file, await _newest(request))
    return await _page(request, file, body, "", ())


async def try_wording(request: web.Request) -> web.StreamResponse:
    """How a text would go out; nothing is stored."""
    file, body, note = await _typed(request)
    problems = problems_of(file, body, book_of(_own(await _newest(request))))
    return await _page(request, file, body, note, problems, tried=True)


async def save(request: web.Request) -> web.StreamResponse:
    """Put a text in force; what is wrong is told, and nothing typed is lost."""
    file, body, note = await _typed(request)
    problems = problems_of(file, body, book_of(_own(await _newest(request))))
    if problems:
        return await _page(request, file, body, note, problems, status=422)
    await _store(request, file, body, note)
    return see_other(f"/wordings/edit?path={file.path}")


async def put_back(request: web.Request) -> web.StreamResponse:
    """Put what comes along in force again."""
    file = _file_in(request)
    await _store(request, file, None, say("as it comes along"))
    return see_other(f"/wordings/edit?path={file.path}")


async def _store(request: web.Request, file: WordingFile, body: str | None, note: str) -> None:
    seen = (await request.post()).get("seen", "")
    if not (isinstance(seen, str) and seen.isdigit() and len(seen) < 9):
        raise Refusal(say("This page is incomplete: open it again, then store"))
    async with parts_of(request).database.transaction() as tx:
        by = actor_of(request)
        await save_wording(tx, file.path, body, seen=int(seen), note=note or None, by=by, now=now_of(request))


async def _page(
    request: web.Request,
    file: WordingFile,
    body: str,
    note: str,
    problems: Sequence[str],
    *,
    tried: bool = False,
    status: int = 200,
) -> web.StreamResponse:
    newest = await _newest(request)
    async with parts_of(request).database.transaction() as tx:
        versions = await versions_of(tx, file.path)
    own = newest.get(file.path)
    return render(
        request,
        "wording.html",
        status=status,
        file=file,
        body=body,
        note=note,
        problems=problems,
        tried=tried,
        samples=samples_of(file, body, book_of(_own(newest))),
        versions=versions,
        own=own if own and own.body is not None else None,
        seen=versions[0].version if versions else 0,
        names=names_in(file),
        most=MAX_LENGTH,
        coloured=_coloured(file),
    )


def _coloured(file: WordingFile) -> dict[Colour, str]:
    """Where the words for one colour only are written."""
    if not file.is_call or file.colour:
        return {}
    return {colour: replace(file, colour=colour).path for colour in Colour}


async def _newest(request: web.Request) -> Mapping[str, WordingVersion]:
    async with parts_of(request).database.transaction() as tx:
        return await newest_versions(tx)


async def _typed(request: web.Request) -> tuple[WordingFile, str, str]:
    file = _file_in(request)
    body = (await text_field(request, "body", most=MAX_LENGTH)).replace("\r\n", "\n")
    return file, body, await text_field(request, "note", most=MAX_NOTE_LENGTH)


def _file_in(request: web.Request) -> WordingFile:
    """The wording in the address. Raises HTTPNotFound for a path that names none."""
    file = read_name(request.query.get("path", ""))
    if file is None:
        raise web.HTTPNotFound
    return file


def _own(newest: Mapping[str, WordingVersion]) -> dict[str, str]:
    return {path: version.body for path, version in newest.items() if version.body is not None}


def _in_force(file: WordingFile, newest: Mapping[str, WordingVersion]) -> str:
    """The text that goes out under this name: its own, or that of what it falls back to."""
    own = _own(newest)
    bodies = (own.get(one.path) or built_in_text(one.path) for one in file.falls_back_to())
    return next((body for body in bodies if body), "").rstrip()


def _line(file: WordingFile, newest: Mapping[str, WordingVersion]) -> WordingLine:
    version = newest.get(file.path)
    return WordingLine(file, version if version and version.body is not None else None)


def _rows(files: Sequence[WordingFile], newest: Mapping[str, WordingVersion]) -> list[WordingRow]:
    by_row = groupby(files, key=lambda file: (file.name, file.colour))
    rows: list[WordingRow] = []
    for (name, colour), of_row in by_row:
        lines = {file.channel or SMS: _line(file, newest) for file in of_row}
        rows.append(WordingRow(name, colour, {channel: lines.get(channel) for channel in (SMS, VOICE)}))
    return rows


def _groups(language: str, newest: Mapping[str, WordingVersion]) -> dict[str, list[WordingFile]]:
    """What calls, what tells without asking, what replies; a county's own for a colour beside the plain."""
    names = (DEFAULT, *sorted(HAZARDS))
    calls = [WordingFile(language, name, channel) for name in names for channel in (SMS, VOICE)]
    own = [file for path in newest if newest[path].body is not None and (file := read_name(path))]
    calls += [file for file in own if file.language == language and file.colour]
    calls.sort(key=lambda file: (file.name != DEFAULT, file.name, file.colour or "", file.channel or ""))
    others = [file for file in built_in_files() if file.language == language and not file.is_call]
    return {
        "calls": calls,
        "notices": [file for file in others if not file.is_reply],
        "replies": [file for file in others if file.is_reply],
    }
