"""A day of the duty log as it is shown: its head, and its rows in words.

The page and the sheets take their rows from here and from nowhere else, so that they never differ.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from jiaoying.duty.board import Manned, Stay, with_people
from jiaoying.duty.change_store import is_one_of, meant_gaps_between
from jiaoying.duty.log import LogEntry, LogKind, LogLine, OwnLine
from jiaoying.duty.log_file_store import files_of
from jiaoying.duty.log_files import LogFile
from jiaoying.duty.log_store import first_versions, log_between, written_between
from jiaoying.duty.log_words import (
    done_by,
    first_words,
    hours_words,
    kind_word,
    own_words,
    short_day,
    written_by,
)
from jiaoying.duty.model import Desk, Role
from jiaoying.duty.month_sheet import dialled
from jiaoying.duty.shift_hours import clock_text, hours_between
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import first_shift_at, shifts_between
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import masked
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contacts

_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row, all of it in words. Without `first_id` the program wrote it by itself.

    `correction` is why it was put right, `before` what it had said at first.
    """

    at: datetime
    about: str
    unit: str
    caller: str
    phone: str
    content: str
    handling: str
    instruction: str
    feedback: str
    recorded_by: str
    first_id: UUID | None = None
    kind: LogKind | None = None
    warning_id: UUID | None = None
    page: str = ""  # where what it is about is dealt with
    correction: str = ""
    before: str = ""
    files: tuple[LogFile, ...] = ()

    @property
    def is_own(self) -> bool:
        return self.first_id is None


@dataclass(frozen=True, slots=True)
class ShiftOfLog:
    """A shift as the head of a day names it: who stood there, as it was changed, and the weather."""

    shift_id: UUID
    name: str
    hours: str
    officers: str
    leaders: str
    weather: str
    runs: bool
    begins_here: bool  # else it began on a day before


@dataclass(frozen=True, slots=True)
class LogDay:
    """A day of a desk's log; `weather` is what was written of it in no shift, `lines` are what the rows say.

    `unmanned` are the times until now in which the rota had nobody, and nobody meant that.
    """

    desk: Desk
    day: date
    shifts: tuple[ShiftOfLog, ...]
    weather: str
    unmanned: tuple[Span, ...]
    lines: tuple[LogLine, ...]
    rows: tuple[LogRow, ...]


async def load_days(
    tx: Tx, desk: Desk, first: date, last: date, now: datetime, zone: ZoneInfo, *, whole_numbers: bool
) -> list[LogDay]:
    """The days of a desk from `first` to `last`, each from midnight to midnight by the wall."""
    begin, end = moment_of(first, time(0), zone), moment_of(last + _DAY, time(0), zone)
    lines = await log_between(tx, desk.id, begin, end)
    rows = await rows_of(tx, lines, zone, whole_numbers=whole_numbers)
    shifts = await with_people(tx, await shifts_between(tx, [desk.id], begin, end))
    names = await _names(tx, {person for one in shifts for person in one.people})
    # Also of a shift that began the day before.
    earliest = min([begin, *(one.shift.starts_at for one in shifts)])
    written = await written_between(tx, desk.id, earliest, end)
    weather = [entry for entry in written if entry.kind is LogKind.WEATHER]
    since = await first_shift_at(tx, desk.id)
    meant = await meant_gaps_between(tx, [desk.id], begin, end)
    spans = [(one.shift.starts_at, one.shift.ends_at) for one in shifts]
    spans += [(gap.starts_at, gap.ends_at) for gap in meant]
    days = [first + _DAY * number for number in range((last - first).days + 1)]
    together = list(zip(lines, rows, strict=True))
    found: list[LogDay] = []
    for day in days:
        begin, end = moment_of(day, time(0), zone), moment_of(day + _DAY, time(0), zone)
        own = [(line, row) for line, row in together if begin <= line.at < end]
        touching = [one for one in shifts if one.shift.starts_at < end and begin < one.shift.ends_at]
        outside = [entry for entry in weather if begin <= entry.at < end and not _in_any(entry, touching)]
        found.append(
            LogDay(
                desk,
                day,
                tuple(_shift(one, weather, names, day, now, zone) for one in touching),
                _told(outside),
                tuple(uncovered((max(begin, since), min(end, now)), spans)) if since else (),
                tuple(line for line, _ in own),
                tuple(row for _, row in own),
            )
        )
    return found


async def rows_of(tx: Tx, lines: Sequence[LogLine], zone: ZoneInfo, *, whole_numbers: bool) -> list[LogRow]:
    """A row for each of these lines; telephone numbers masked unless they are to be whole."""
    entries = [line for line in lines if isinstance(line, LogEntry)]
    files = await files_of(tx, [entry.first_id for entry in entries])
    firsts = await first_versions(tx, [entry.first_id for entry in entries if entry.version > 1])
    return [
        _written_row(line, firsts.get(line.first_id), files.get(line.first_id, ()), zone, whole_numbers)
        if isinstance(line, LogEntry)
        else _own_row(line)
        for line in lines
    ]


def _written_row(
    entry: LogEntry,
    first: LogEntry | None,
    files: Sequence[LogFile],
    zone: ZoneInfo,
    whole_numbers: bool,
) -> LogRow:
    is_consultation = entry.kind is LogKind.CONSULTATION
    unit, caller, content, handling = entry.unit, entry.caller, entry.content, entry.handling
    if is_consultation:
        unit, caller = entry.units, say("Host: {name}", name=entry.host)
        content = say("{name}: {value}", name=entry.place, value=content)
        decided = say("Decision: {text}", text=entry.decision) if entry.decision else say("No decision yet")
        handling = say("; ").join(filter(None, (decided, handling)))
    return LogRow(
        at=entry.at,
        about=kind_word(entry.kind),
        unit=unit,
        caller=caller,
        phone=_phone(entry, whole_numbers),
        content=content,
        handling=handling,
        instruction=entry.instruction,
        feedback=entry.feedback,
        recorded_by=written_by(entry.written_by),
        first_id=entry.first_id,
        kind=entry.kind,
        warning_id=entry.warning_id,
        correction=_correction(entry, zone) if first else "",
        before=first_words(first, _phone(first, whole_numbers)) if first else "",
        files=tuple(files),
    )


def _own_row(line: OwnLine) -> LogRow:
    return LogRow(
        at=line.at,
        about=say("automatic record"),
        unit="",
        caller="",
        phone="",
        content=own_words(line),
        handling="",
        instruction="",
        feedback="",
        recorded_by=done_by(line.actor),
        warning_id=line.warning_id,
        page=_page_of(line),
    )


def _page_of(line: OwnLine) -> str:
    if line.warning_id:
        return f"/warnings/{line.warning_id}"
    return f"/incidents/{line.incident}" if line.incident else ""


def _correction(entry: LogEntry, zone: ZoneInfo) -> str:
    at = entry.written_at.astimezone(zone)
    return say(
        "corrected {day} {time} by {name}: {reason}",
        day=at.date(),
        time=clock_text(at.time().replace(second=0, microsecond=0)),
        name=written_by(entry.written_by),
        reason=entry.reason,
    )


def _phone(entry: LogEntry, whole_numbers: bool) -> str:
    if not entry.phone:
        return ""
    return dialled(entry.phone) if whole_numbers else masked(entry.phone)


# --- the head of a day ---


def _shift(
    manned: Manned,
    weather: Iterable[LogEntry],
    names: Mapping[UUID, str],
    day: date,
    now: datetime,
    zone: ZoneInfo,
) -> ShiftOfLog:
    shift = manned.shift
    begins = shift.starts_at.astimezone(zone).date()
    hours = hours_words(hours_between(shift.starts_at, shift.ends_at, zone))
    officers = (*manned.stays[Role.OFFICER], *manned.stays[Role.SECOND])
    return ShiftOfLog(
        shift.id,
        shift.name,
        hours if begins == day else f"{short_day(begins)} {hours}",
        _people(officers, manned, names, zone),
        _people(manned.stays[Role.LEADER], manned, names, zone),
        _told(entry for entry in weather if _in_any(entry, [manned])),
        shift.starts_at <= now < shift.ends_at,
        begins == day,
    )


def _people(stays: Sequence[Stay], manned: Manned, names: Mapping[UUID, str], zone: ZoneInfo) -> str:
    """Who stood in a role; with the hours behind the name of whoever stood for a part of the shift only."""
    told: list[str] = []
    for stay in stays:
        if stay.person_id is None:
            continue
        name = names.get(stay.person_id, "–")
        is_whole = (stay.starts_at, stay.ends_at) == (manned.shift.starts_at, manned.shift.ends_at)
        told.append(name if is_whole else f"{name}（{_clocks(stay, zone)}）")
    return say(", ").join(told)


def _clocks(stay: Stay, zone: ZoneInfo) -> str:
    return f"{stay.starts_at.astimezone(zone):%H:%M}—{stay.ends_at.astimezone(zone):%H:%M}"


def uncovered(whole: Span, covered: Iterable[Span]) -> Iterator[Span]:
    """What is left of a span; nothing of one that ends before it begins."""
    at, end = whole
    for begins, ends in sorted(covered):
        if at < min(begins, end):
            yield at, min(begins, end)
        at = max(at, ends)
    if at < end:
        yield at, end


def _told(weather: Iterable[LogEntry]) -> str:
    """What was written of the weather, each word once."""
    return say("; ").join(dict.fromkeys(entry.content for entry in weather))


def _in_any(entry: LogEntry, shifts: Iterable[Manned]) -> bool:
    return any(one.shift.starts_at <= entry.at < one.shift.ends_at for one in shifts)


async def _names(tx: Tx, ids: set[UUID]) -> dict[UUID, str]:
    rows = await tx.execute(select(contacts.c.id, contacts.c.name).where(is_one_of(contacts.c.id, ids)))
    return {row.id: row.name for row in rows}
