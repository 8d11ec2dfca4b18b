"""What the forms of the duty log say: its fields, its moment, its files."""

import asyncio
from datetime import date, datetime

from aiohttp import web

from jiaoying.duty.log import MAX_LONG, MAX_SHORT, LogFields, LogKind
from jiaoying.duty.log_files import (
    MAX_LOG_FILE_BYTES,
    MOST_LOG_FILES,
    CheckedFile,
    GivenFile,
    checked_file,
)
from jiaoying.duty.shift_times import moment_of
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.file_types import ENDINGS
from jiaoying.kernel.language import say
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import moment_field, now_of, text_field, today_of

SHORT = ("unit", "caller", "phone")
LONG = ("content", "handling", "instruction", "feedback")
SHORT_OF_CONSULTATIONS = ("place", "host")
LONG_OF_CONSULTATIONS = ("units", "content", "decision", "handling", "instruction", "feedback")
MOST = {
    **dict.fromkeys((*SHORT, *SHORT_OF_CONSULTATIONS), MAX_SHORT),
    **dict.fromkeys((*LONG, *LONG_OF_CONSULTATIONS), MAX_LONG),
}
# What the browser offers to choose; what a file is, its content says.
CHOOSABLE = ",".join(f".{ending}" for endings in ENDINGS.values() for ending in endings)
# Forms whose files are held in memory at once.
FORMS_AT_ONCE = 2
UPLOADS = web.AppKey("log_uploads", asyncio.Semaphore)


async def entry_fields(request: web.Request, at: datetime) -> LogFields:
    """An entry of any kind but a consultation. Raises Refusal for what makes no sense."""
    kind = await text_field(request, "kind", most=20)
    if kind not in set(LogKind) - {LogKind.CONSULTATION}:
        raise _refusal("kind", say("Choose what the entry is about"))
    texts = await _texts(request, (*SHORT, *LONG))
    return LogFields(at, LogKind(kind), warning_id=None, **texts)


async def consultation_fields(request: web.Request, at: datetime) -> LogFields:
    """A consultation, and the warning that it is about, where one is chosen. Raises Refusal."""
    texts = await _texts(request, (*SHORT_OF_CONSULTATIONS, *LONG_OF_CONSULTATIONS))
    chosen = await text_field(request, "warning_id", most=36)
    warning_id = read_id(chosen) if chosen else None
    return LogFields(at, LogKind.CONSULTATION, **texts, warning_id=warning_id)


async def moment_on(request: web.Request, day: date | None) -> datetime | None:
    """The time of day that a form gives, on this day, or without one as its latest moment; None where none
    is given. Raises Refusal for what is no time."""
    at = await moment_field(request, "at")
    if at is None or day is None:
        return at
    zone = parts_of(request).settings.timezone
    return moment_of(day, at.astimezone(zone).time(), zone)


async def moment_of_writing(request: web.Request) -> datetime:
    """When what is written down happened: just now, or at the time that is given. On the page of a day that
    is over the time is of that day, and must be given. Raises Refusal."""
    named = await text_field(request, "day", most=10)
    day = day_in(named, today_of(request))
    is_today = day == today_of(request)
    at = await moment_on(request, None if is_today else day)
    if at is None and not is_today:
        raise _refusal("at", say("Write when it was: the day is over"))
    return at or now_of(request)


def day_in(text: str, today: date) -> date:
    """The day that an address or a form names, today at the latest; today for what names none."""
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


async def files_in(request: web.Request) -> list[CheckedFile]:
    """The files that came with the form. Raises Refusal for one that is not taken."""
    posted = await request.post()
    given = [one for one in posted.getall("files", ()) if isinstance(one, web.FileField) and one.filename]
    if len(given) > MOST_LOG_FILES:
        raise _refusal("files", say("At most {count} files belong to one entry", count=MOST_LOG_FILES))
    checked: list[CheckedFile] = []
    for one in given:
        body = await asyncio.to_thread(one.file.read, MAX_LOG_FILE_BYTES + 1)
        checked.append(await asyncio.to_thread(checked_file, GivenFile(one.filename, body)))
    return checked


async def posted_texts(request: web.Request) -> dict[str, str]:
    """What was typed, to be shown again; `had_files` where files were chosen, which no page can keep."""
    posted = await request.post()
    texts = {name: value for name, value in posted.items() if isinstance(value, str)}
    if any(isinstance(one, web.FileField) and one.filename for one in posted.getall("files", ())):
        texts["had_files"] = "yes"
    return texts


async def _texts(request: web.Request, names: tuple[str, ...]) -> dict[str, str]:
    return {name: await text_field(request, name, most=MOST[name]) for name in names}


def _refusal(field: str, text: str) -> Refusal:
    return Refusal(text, (Complaint("log", field, text),))
