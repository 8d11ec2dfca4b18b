"""The duty log on paper: what stands on the sheet of a day and of a month. Pure.

`log_workbook` writes it as Excel, `log_document` as Word; both from the same rows as the page.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty.log import LogKind, OwnLine
from jiaoying.duty.log_days import LogDay, LogRow, ShiftOfLog
from jiaoying.duty.log_files import LogFile
from jiaoying.duty.log_words import kind_word, long_day, size_words, warning_words
from jiaoying.duty.model import Desk
from jiaoying.duty.month_sheet import Filing
from jiaoying.kernel.language import say

_LISTED, _CALLED = "responsibility.listed", ("warning.matched", "warning.nobody_matched", "warning.held")
_MIDNIGHT, _END_OF_DAY = "00:00", "24:00"


class LineKind(StrEnum):
    """How a line of a sheet looks."""

    WRITTEN = "written"
    OWN = "own"  # by the program: shaded
    NOTE = "note"  # below the line that it belongs to, small, over all columns but the first
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, its width in signs, and whether its texts begin at the left."""

    heading: str
    width: float
    left: bool = False


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One line; that of a note has the one text."""

    cells: tuple[str, ...]
    kind: LineKind = LineKind.WRITTEN


@dataclass(frozen=True, slots=True)
class HeadTable:
    """Who stood there. `spans`: over how many columns of the table below each of its own lies."""

    headings: tuple[str, ...]
    spans: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class LogPaper:
    """A sheet: title, who hands it in, who stood there, the table, remarks, and where to sign."""

    title: str
    filed: tuple[str, str, str]
    head: HeadTable | None
    columns: tuple[Column, ...]
    lines: tuple[PaperLine, ...]
    remarks: tuple[str, ...]
    signatures: tuple[str, ...]


# --- a day ---


def day_paper(found: LogDay, filing: Filing, zone: ZoneInfo) -> LogPaper:
    """The sheet of one day, as it is signed and filed."""
    columns = (
        Column(say("Time"), 11),
        Column(say("Unit that rang or wrote"), 18),
        Column(say("Name, office, telephone"), 18),
        Column(say("Content"), 40, left=True),
        Column(say("How it was handled"), 24, left=True),
        Column(say("Leader's instruction"), 14, left=True),
        Column(say("Feedback"), 12, left=True),
        Column(say("Recorded by"), 11),
    )
    nobody = [_unmanned_words(found, zone)] if found.unmanned else []
    weather = [say("Weather: {text}", text=found.weather)] if found.weather else []
    return LogPaper(
        title=say("{desk} duty log", desk=found.desk.name),
        filed=(
            say("Unit: {name}", name=filing.unit),
            say("Filled in by: {name}", name=filing.by),
            say("Day of duty: {day}", day=long_day(found.day)),
        ),
        head=_shifts_table(found.shifts),
        columns=columns,
        lines=tuple(line for row in found.rows for line in _day_lines(row, zone))
        or (_nothing(len(columns), say("Nothing on this day yet.")),),
        remarks=(*weather, *nobody),
        signatures=(
            say("Handed over by (signature):"),
            say("Taken over by (signature):"),
            say("Leader on duty (signature):"),
        ),
    )


def _shifts_table(shifts: Sequence[ShiftOfLog]) -> HeadTable:
    headings = (say("Shift"), say("Hours"), say("Duty officer"), say("Leader on duty"), say("Weather"))
    rows = tuple((one.name, one.hours, one.officers, one.leaders, one.weather) for one in shifts)
    # Without a rota they are filled in by hand.
    return HeadTable(headings, (1, 2, 1, 1, 3), rows or (("",) * len(headings),))


def _day_lines(row: LogRow, zone: ZoneInfo) -> Iterator[PaperLine]:
    """A row, and below it in small type what it had said before, and its files."""
    cells = (
        f"{row.at.astimezone(zone):%H:%M:%S}",
        row.unit,
        " ".join(filter(None, (row.caller, row.phone))),
        say("[{about}] {content}", about=row.about, content=row.content),
        row.handling,
        row.instruction,
        row.feedback,
        row.recorded_by,
    )
    yield PaperLine(cells, LineKind.OWN if row.is_own else LineKind.WRITTEN)
    if row.correction:
        yield _note(say("{correction}; before: {text}", correction=row.correction, text=row.before))
    if row.files:
        yield _note(say("Files: {names}", names=say(", ").join(map(_file_words, row.files))))


def _file_words(file: LogFile) -> str:
    told = f"{file.name}（{size_words(file.size)}）"
    return say("{name} (struck)", name=told) if file.struck_with else told


def _note(text: str) -> PaperLine:
    return PaperLine((text,), LineKind.NOTE)


def _nothing(columns: int, sentence: str) -> PaperLine:
    return PaperLine(("", "", "", sentence, *("",) * (columns - 4)))


def _unmanned_words(found: LogDay, zone: ZoneInfo) -> str:
    return say("Nobody on duty: {times}", times=say(", ").join(_unmanned_times(found, zone)))


def _unmanned_times(found: LogDay, zone: ZoneInfo) -> Iterator[str]:
    for begins, ends in found.unmanned:
        until = f"{ends.astimezone(zone):%H:%M}"
        yield f"{begins.astimezone(zone):%H:%M}—{_END_OF_DAY if until == _MIDNIGHT else until}"


# --- a month ---


def month_paper(desk: Desk, days: Sequence[LogDay], filing: Filing, zone: ZoneInfo) -> LogPaper:
    """The sheet of a month: a line for each day, and the sums."""
    columns = (
        Column(say("Day"), 11),
        Column(say("Shifts and officers"), 30, left=True),
        Column(say("Leader on duty"), 12),
        *(_narrow(kind_word(kind)) for kind in LogKind),
        _narrow(say("Total")),
        Column(say("Warnings"), 26, left=True),
        _narrow(say("On the officer's list")),
        Column(say("Remarks"), 20, left=True),
    )
    begun = [[one for one in found.shifts if one.begins_here] for found in days]
    kinds = [_kinds(found) for found in days]
    listed = [_listed(found) for found in days]
    warnings = [_warnings(found) for found in days]
    lines = tuple(
        PaperLine(
            (
                _day_words(found.day),
                "\n".join(_shift_words(one) for one in begun[number]),
                say(", ").join(dict.fromkeys(one.leaders for one in begun[number] if one.leaders)),
                *_counted(kinds[number]),
                "\n".join(warnings[number].values()),
                str(listed[number] or ""),
                say("; ").join(_remarks(found, zone)),
            )
        )
        for number, found in enumerate(days)
    )
    together: dict[UUID, str] = {}
    for of_day in warnings:
        together |= of_day
    total = (
        say("Total"),
        "",
        "",
        *_counted(Counter(kind for of_day in kinds for kind in of_day.elements())),
        say("Warnings: {count}", count=len(together)) if together else "",
        str(sum(listed) or ""),
        "",
    )
    first = days[0].day
    return LogPaper(
        title=say("{desk} duty log {year}-{month}", desk=desk.name, year=first.year, month=first.month),
        filed=(
            say("Unit: {name}", name=filing.unit),
            say("Filled in by: {name}", name=filing.by),
            say("Filled in on: {day}", day=long_day(filing.on) if filing.on else ""),
        ),
        head=None,
        columns=columns,
        lines=(*lines, PaperLine(total, LineKind.TOTAL)),
        remarks=(say("On the officer's list: posts and desks that came onto it on that day."),),
        signatures=(say("Filled in by (signature):"), say("Leader on duty (signature):")),
    )


def _narrow(heading: str) -> Column:
    """A column of counts: as wide as some Chinese signs, or as a word of another script, not to be broken."""
    words = [len(word) * 1.2 + 2 for word in heading.split() if word.isascii()]
    return Column(heading, max(6.0, *words) if words else 6.0)


def _day_words(day: date) -> str:
    weekday = (say("Mon"), say("Tue"), say("Wed"), say("Thu"), say("Fri"), say("Sat"), say("Sun"))
    return f"{day.day} {weekday[day.weekday()]}"


def _shift_words(shift: ShiftOfLog) -> str:
    return f"{shift.name} {shift.hours} {shift.officers}".strip()


def _kinds(found: LogDay) -> Counter[LogKind]:
    return Counter(row.kind for row in found.rows if row.kind)


def _counted(kinds: Counter[LogKind]) -> Iterator[str]:
    """By kind and in all; what there was none of is left empty."""
    yield from (str(kinds[kind] or "") for kind in LogKind)
    yield str(kinds.total() or "")


def _listed(found: LogDay) -> int:
    return sum(line.count for line in _own(found) if line.event == _LISTED)


def _warnings(found: LogDay) -> dict[UUID, str]:
    """The warnings by which people were called on a day, or would have been, each once."""
    return {
        line.warning_id: warning_words(line)
        for line in _own(found)
        if line.warning_id and line.event in _CALLED
    }


def _own(found: LogDay) -> Iterable[OwnLine]:
    return (line for line in found.lines if isinstance(line, OwnLine))


def _remarks(found: LogDay, zone: ZoneInfo) -> Iterator[str]:
    if found.unmanned:
        yield _unmanned_words(found, zone)
    if corrected := sum(bool(row.correction) for row in found.rows):
        yield say("{count} corrected", count=corrected)
    if files := sum(not file.struck_with for row in found.rows for file in row.files):
        yield say("{count} files", count=files)
