"""The rota of one month as the grid that hangs at the desk (值班表): built from shifts, and written.

A row for each day, for each shift of the day who stands there, the leader (带班领导), and what was changed.
The words of the form are Chinese whatever the reader's language, as the offices print it; `month_reading`
reads it back. Fonts follow GB/T 9704-2012 as far as it speaks of them: 小标宋 for titles, 仿宋 for the body.
"""

import io
import re
from calendar import monthrange
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from jiaoying.duty.days import Calendar, DayKind
from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.rota import standing_in
from jiaoying.duty.shift_hours import Hours, clock_text, hours_between, hours_text
from jiaoying.kernel.phone import masked

NO_NUMBER, NOBODY = "—", "无"
_LONGEST_CODE = 10  # digits of a Chinese landline without its 0; a mobile has 11
WEEKDAYS = "一二三四五六日"
ROLE_WORDS: Mapping[Role, str] = {
    Role.OFFICER: "值班员",
    Role.SECOND: "第二值班员",
    Role.LEADER: "带班领导",
}
_KIND_WORDS: Mapping[ChangeKind, str] = {
    ChangeKind.OVERRIDE: "换人",
    ChangeKind.SWAP: "调班",
    ChangeKind.LEAVE: "请假",
    ChangeKind.TAKEOVER: "顶班",
}


# --- what stands on it ---


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as the sheet names them; the number as it is dialled here, empty where there is none."""

    name: str
    number: str = ""


@dataclass(frozen=True, slots=True, order=True)
class ShiftColumn:
    """The shifts of one name and the hours that most of them have."""

    hours: Hours
    name: str = ""

    def label(self, columns: Collection["ShiftColumn"]) -> str:
        """By what it is told from the other columns: its name, or its hours where that is not enough."""
        alike = [each for each in columns if each.name == self.name]
        return self.name if self.name and len(alike) == 1 else self.name + hours_text(self.hours)


@dataclass(frozen=True, slots=True)
class Entry:
    """Who stands in one shift as it begins; `hours` only where they are not those of the column."""

    officers: tuple[Person, ...]
    leader: Person | None = None
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day: an entry for each column, None where there is no such shift."""

    day: date
    kind: DayKind
    label: str
    entries: tuple[Entry | None, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filing:
    """Who hands the sheet in (填报单位, 填表人, 填表日期); what is empty is filled in by hand."""

    unit: str = ""
    by: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """A month of one desk."""

    desk: str
    month: date
    columns: tuple[ShiftColumn, ...]
    days: tuple[DayRow, ...]
    filing: Filing = Filing()

    @property
    def title(self) -> str:
        return f"{self.desk}{self.month.year}年{self.month.month}月值班表"


def dialled(e164: str) -> str:
    """A number as it is dialled in China: `13800000000`, `0356-7000000转801`; others as they are."""
    line, _, extension = e164.partition(";ext=")
    digits = line.removeprefix("+86")
    if line.startswith("+86") and len(digits) <= _LONGEST_CODE:
        code = 2 if digits[:1] in "12" else 3
        line = f"0{digits[:code]}-{digits[code:]}"
    elif line.startswith("+86"):
        line = digits
    return f"{line}转{extension}" if extension else line


def people_on_sheet(
    names: Mapping[UUID, str], numbers: Mapping[UUID, str], *, whole_numbers: bool = True
) -> dict[UUID, Person]:
    """The people of a sheet by id; the numbers are E.164, and masked where they are not to be whole."""
    written = dialled if whole_numbers else masked
    return {
        person_id: Person(name, written(numbers[person_id]) if numbers.get(person_id) else "")
        for person_id, name in names.items()
    }


# --- built ---


def month_sheet(
    desk: str,
    month: date,
    shifts: Iterable[Shift],
    changes: Iterable[Change],
    people: Mapping[UUID, Person],
    calendar: Calendar,
    zone: ZoneInfo,
    filing: Filing = Filing(),
) -> MonthSheet:
    """The sheet of a desk's shifts that begin in the month of a date, as they were changed."""
    begun = {shift: shift.starts_at.astimezone(zone).date() for shift in shifts}
    own = [shift for shift, day in begun.items() if (day.year, day.month) == (month.year, month.month)]
    own.sort(key=lambda shift: shift.starts_at)
    by_shift: dict[UUID, list[Change]] = {}
    for change in changes:
        by_shift.setdefault(change.shift_id, []).append(change)
    columns, column_of = _columns(own, begun, zone)
    entries: dict[tuple[date, ShiftColumn], Entry] = {}
    notes: dict[date, list[str]] = {}
    for shift in own:
        day, column = begun[shift], column_of[shift]
        entries[day, column] = _entry(shift, by_shift.get(shift.id, ()), people, column, zone)
        before = f"{column.label(columns)}：" if len(columns) > 1 else ""
        told = _notes(shift, by_shift.get(shift.id, ()), people, zone)
        notes.setdefault(day, []).extend(before + note for note in told)
    days = [
        date(month.year, month.month, number + 1) for number in range(monthrange(month.year, month.month)[1])
    ]
    rows = tuple(
        DayRow(
            day,
            calendar.kind(day),
            _label(day, calendar),
            tuple(entries.get((day, column)) for column in columns),
            tuple(notes.get(day, ())),
        )
        for day in days
    )
    return MonthSheet(desk, days[0], columns, rows, filing)


def _columns(
    shifts: Sequence[Shift], begun: Mapping[Shift, date], zone: ZoneInfo
) -> tuple[tuple[ShiftColumn, ...], dict[Shift, ShiftColumn]]:
    """The columns, and in which each shift stands: the usual hours first; unusual ones of the same name go
    into their column where it is free on those days."""
    alike: dict[ShiftColumn, list[Shift]] = {}
    for shift in shifts:
        hours = hours_between(shift.starts_at, shift.ends_at, zone)
        alike.setdefault(ShiftColumn(hours, shift.name), []).append(shift)
    taken: dict[ShiftColumn, set[date]] = {}
    column_of: dict[Shift, ShiftColumn] = {}
    for wanted, own in sorted(alike.items(), key=lambda item: (-len(item[1]), item[0])):
        days = {begun[shift] for shift in own}
        column = next(
            (each for each in taken if each.name == wanted.name and taken[each].isdisjoint(days)), wanted
        )
        taken.setdefault(column, set()).update(days)
        column_of |= dict.fromkeys(own, column)
    return tuple(sorted(taken)), column_of


def _entry(
    shift: Shift,
    changes: Sequence[Change],
    people: Mapping[UUID, Person],
    column: ShiftColumn,
    zone: ZoneInfo,
) -> Entry:
    standing = standing_in(shift, changes, shift.starts_at)
    officers = [standing.officer_id, *([standing.second_id] if standing.second_id else [])]
    hours = hours_between(shift.starts_at, shift.ends_at, zone)
    return Entry(
        tuple(people[person_id] for person_id in officers),
        people[standing.leader_id] if standing.leader_id else None,
        None if hours == column.hours else hours,
    )


def _notes(
    shift: Shift, changes: Sequence[Change], people: Mapping[UUID, Person], zone: ZoneInfo
) -> Iterator[str]:
    """Who was planned and does not stand as the shift begins, and who takes over while it runs."""
    standing = [change for change in changes if change.undone_at is None]
    planned = {Role.OFFICER: shift.officer_id, Role.SECOND: shift.second_id, Role.LEADER: shift.leader_id}
    for role in Role:
        own = sorted((each for each in standing if each.role is role), key=lambda each: each.made_at)
        stood = standing_in(shift, own, shift.starts_at).person_in(role)
        was = planned[role]
        whose = "" if role is Role.OFFICER else ROLE_WORDS[role]
        if stood != was:
            why = _KIND_WORDS[[each for each in own if each.starts_at <= shift.starts_at][-1].kind]
            yield f"{whose}原{people[was].name}，{why}" if was else f"{whose}增加，{why}"
        edges = {at for each in own for at in (each.starts_at, each.ends_at)}
        for at in sorted(edge for edge in edges if shift.starts_at < edge < shift.ends_at):
            after = standing_in(shift, own, at).person_in(role)
            if after not in (stood, None):
                yield f"{clock_text(at.astimezone(zone).time())}起{whose}{people[after].name}"
            stood = after


def _label(day: date, calendar: Calendar) -> str:
    """What the day is called; a day of rest among holidays has the name of the holiday."""
    run = calendar.run(day)
    if run is not None:
        own = (calendar.name(day) or "").partition("（")[0]
        return own if own and own != "休息日" else run.name.partition("（")[0]
    return "调休上班" if day.isoweekday() > 5 and calendar.kind(day) is DayKind.WORKDAY else ""


# --- written ---

_BODY_SIZE, _NOTE_SIZE = 12.0, 10.5  # 小四, 五号
_TITLE_FONT = Font(name="方正小标宋简体", size=22)
_HEAD_FONT = Font(name="黑体", size=_BODY_SIZE)
_BODY_FONT = Font(name="仿宋", size=_BODY_SIZE)
_NOTE_FONT = Font(name="仿宋", size=_NOTE_SIZE)
_THIN = Side(style="thin", color="000000")
_MEDIUM = Side(style="medium", color="000000")
_REST_FILLS = {DayKind.HOLIDAY: "D9D9D9", DayKind.WEEKEND: "F2F2F2"}
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)
_TITLE_ROW, _LINE_ROW, _HEAD_ROW, _FIRST_ROW = 1, 2, 3, 5
# In points: the rows above the days, a line of each size, and what a page of A4 holds between its margins.
_TOP_HEIGHTS = {_TITLE_ROW: 40.0, _LINE_ROW: 24.0, _HEAD_ROW: 36.0, _HEAD_ROW + 1: 22.0}
_LINE_HEIGHT, _SMALL_LINE_HEIGHT = 16.0, 14.0
_PAGE_HEIGHT = 735.0
_LITTLE_SMALLER = 1.15  # rather made smaller by this much than two rows on a second page
_ROW_HEIGHTS = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.5)
# In characters; numbers have room also where 仿宋 is missing and wider signs take its place.
_WIDTHS = {"日期": 11.5, "星期": 8.0, "联系电话": 17.5, "备注": 16.0}
_NAME_WIDTHS = 11.0, 22.0  # as the names need it, from one to the other
_PAGE_WIDTH = 97.0  # at which the page is full without being made smaller
_PADDING = 1.0
_LAST_NARROW = 0x2E7F
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class _Heading:
    """One column: the shift above it (its number, None outside of all), and its own word."""

    shift: int | None
    word: str


def month_workbook(sheet: MonthSheet) -> bytes:
    """The sheet as a workbook (xlsx) for A4 upright, one page wide."""
    book = Workbook()
    page: Any = book.active
    page.title = f"{sheet.month.year}年{sheet.month.month}月"
    book.properties.title, book.properties.creator = sheet.title, sheet.filing.by or sheet.desk
    headings = _headings(sheet)
    _write_top(page, sheet, headings)
    _write_headings(page, sheet, headings)
    days = [_texts(row, headings, sheet.columns) for row in sheet.days]
    for number, (row, texts) in enumerate(zip(sheet.days, days, strict=True), start=_FIRST_ROW):
        _write_day(page, number, row, headings, texts)
    widths = _widths(headings, days)
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    fits = _set_heights(page, headings, days, widths)
    _frame(page, _FIRST_ROW + len(sheet.days) - 1, len(headings))
    _set_print(page, _FIRST_ROW + len(sheet.days) - 1, len(headings), pages_high=1 if fits else 0)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _headings(sheet: MonthSheet) -> list[_Heading]:
    found = [_Heading(None, "日期"), _Heading(None, "星期")]
    for number in range(len(sheet.columns)):
        found += [_Heading(number, ROLE_WORDS[Role.OFFICER]), _Heading(number, "联系电话")]
    return [
        *found,
        _Heading(None, ROLE_WORDS[Role.LEADER]),
        _Heading(None, "联系电话"),
        _Heading(None, "备注"),
    ]


def _write_top(page: Any, sheet: MonthSheet, headings: Sequence[_Heading]) -> None:
    _put(page, _TITLE_ROW, 1, sheet.title, _TITLE_FONT, _MIDDLE)
    page.merge_cells(start_row=_TITLE_ROW, start_column=1, end_row=_TITLE_ROW, end_column=len(headings))
    on = sheet.filing.on
    day = f"{on.year}年{on.month}月{on.day}日" if on else "　　年　月　日"
    texts = (f"填报单位：{sheet.filing.unit}", f"填表人：{sheet.filing.by}", f"填表日期：{day}")
    last = len(headings)
    # Who fills it in writes into the middle: the unit has the widest part.
    parts = ((1, last - 4, "left"), (last - 3, last - 2, "left"), (last - 1, last, "right"))
    for text, (first, end, side) in zip(texts, parts, strict=True):
        alignment = Alignment(horizontal=side, vertical="center", shrink_to_fit=True)
        _put(page, _LINE_ROW, first, text, _BODY_FONT, alignment)
        page.merge_cells(start_row=_LINE_ROW, start_column=first, end_row=_LINE_ROW, end_column=end)


def _write_headings(page: Any, sheet: MonthSheet, headings: Sequence[_Heading]) -> None:
    """Two rows: the shift with its hours above who stands in it; the other columns over both."""
    for place, heading in enumerate(headings, start=1):
        if heading.shift is None:
            _put(page, _HEAD_ROW, place, heading.word, _HEAD_FONT, _MIDDLE)
            page.merge_cells(start_row=_HEAD_ROW, start_column=place, end_row=_HEAD_ROW + 1, end_column=place)
        else:
            _put(page, _HEAD_ROW + 1, place, heading.word, _HEAD_FONT, _MIDDLE)
    for number, column in enumerate(sheet.columns):
        own = [place for place, heading in enumerate(headings, start=1) if heading.shift == number]
        text = "\n".join(filter(None, (column.name, hours_text(column.hours))))
        _put(page, _HEAD_ROW, own[0], text, _HEAD_FONT, _MIDDLE)
        page.merge_cells(start_row=_HEAD_ROW, start_column=own[0], end_row=_HEAD_ROW, end_column=own[-1])


def _texts(row: DayRow, headings: Sequence[_Heading], columns: Sequence[ShiftColumn]) -> list[str]:
    """What stands in each cell of a day."""
    leaders = list(_leaders(row, columns))
    texts: list[str] = []
    whose: Sequence[Person | None] = ()
    for heading in headings:
        entry = None if heading.shift is None else row.entries[heading.shift]
        match heading.word:
            case "日期":
                texts.append(f"{row.day.month}月{row.day.day}日\n{row.label}".strip())
            case "星期":
                texts.append(f"星期{WEEKDAYS[row.day.weekday()]}")
            case "联系电话":
                texts.append(_numbers_text(whose))
            case "备注":
                texts.append("\n".join(row.notes))
            case "值班员":
                whose = entry.officers if entry else ()
                texts.append(_officers_text(entry) if entry else "")
            case _:
                whose = [leader for leader, _ in leaders]
                texts.append("\n".join(text for _, text in leaders))
    return texts


def _leaders(row: DayRow, columns: Sequence[ShiftColumn]) -> Iterator[tuple[Person | None, str]]:
    """Who leads on most shifts of a day; then, with the shift behind the name, who leads on the others."""
    led = {column: entry.leader for column, entry in zip(columns, row.entries, strict=True) if entry}
    if not led:
        return
    usual, _ = Counter(led.values()).most_common(1)[0]
    if usual is not None:
        yield usual, usual.name
    for column, leader in led.items():
        if leader != usual:
            yield leader, f"{leader.name if leader else NOBODY}（{column.label(columns)}）"


def _officers_text(entry: Entry) -> str:
    lines = [person.name for person in entry.officers]
    return "\n".join([*lines, f"（{hours_text(entry.hours)}）"] if entry.hours else lines)


def _numbers_text(people: Sequence[Person | None]) -> str:
    """A line for each; empty where nobody has one."""
    numbers = [person.number if person else "" for person in people]
    return "\n".join(number or NO_NUMBER for number in numbers) if any(numbers) else ""


def _write_day(
    page: Any, number: int, row: DayRow, headings: Sequence[_Heading], texts: Sequence[str]
) -> None:
    fill = PatternFill("solid", fgColor=_REST_FILLS[row.kind]) if row.kind in _REST_FILLS else None
    for place, (heading, text) in enumerate(zip(headings, texts, strict=True), start=1):
        is_note = heading.word == "备注"
        font, alignment = (_NOTE_FONT, _LEFT) if is_note else (_BODY_FONT, _MIDDLE)
        cell = _put(page, number, place, text, font, alignment)
        cell.number_format = "@"
        if fill is not None:
            cell.fill = fill


def _widths(headings: Sequence[_Heading], days: Sequence[Sequence[str]]) -> list[float]:
    """Names have the room that they need; the remarks take what is left of the page."""
    found: list[float] = []
    for place, heading in enumerate(headings):
        longest = max((_signs(line) for texts in days for line in texts[place].split("\n")), default=0.0)
        least, most = _NAME_WIDTHS
        found.append(_WIDTHS.get(heading.word, min(max(least, longest + _PADDING), most)))
    found[-1] += max(0.0, _PAGE_WIDTH - sum(found))
    return found


def _set_heights(
    page: Any, headings: Sequence[_Heading], days: Sequence[Sequence[str]], widths: Sequence[float]
) -> bool:
    """Each row high enough, and all of them as high as fits on one page; whether they do fit."""
    for number, height in _TOP_HEIGHTS.items():
        page.row_dimensions[number].height = height
    room = _PAGE_HEIGHT * max(1.0, sum(widths) / _PAGE_WIDTH) - sum(_TOP_HEIGHTS.values())
    needed = [_height(headings, texts, widths) for texts in days]
    least = next(
        (least for least in _ROW_HEIGHTS if sum(max(least, height) for height in needed) <= room),
        _ROW_HEIGHTS[-1],
    )
    heights = [max(least, height) for height in needed]
    for number, height in enumerate(heights, start=_FIRST_ROW):
        page.row_dimensions[number].height = height
    return sum(heights) <= room * _LITTLE_SMALLER


def _height(headings: Sequence[_Heading], texts: Sequence[str], widths: Sequence[float]) -> float:
    """What the cell with the most lines needs; spreadsheets do not find that out by themselves."""
    needed = [0.0]
    for heading, text, width in zip(headings, texts, widths, strict=True):
        small = heading.word == "备注"
        room = width * (_BODY_SIZE / _NOTE_SIZE if small else 1.0)
        lines = sum(_lines(line, room) for line in text.split("\n"))
        needed.append(lines * (_SMALL_LINE_HEIGHT if small else _LINE_HEIGHT) + 2)
    return max(needed)


def _lines(text: str, width: float) -> int:
    """Into how many lines a text is broken in a column."""
    return max(1, ceil(_signs(text) / (width - _PADDING)))


def _signs(text: str) -> float:
    """How wide a text of 12 points is, in the signs of 11 by which columns are measured; a Chinese one is two."""
    return sum(2.3 if ord(sign) > _LAST_NARROW else 1.15 for sign in text)


def _frame(page: Any, last_row: int, columns: int) -> None:
    """Thin lines inside, heavier ones around the whole."""
    for number in range(_HEAD_ROW, last_row + 1):
        for place in range(1, columns + 1):
            page.cell(number, place).border = Border(
                left=_MEDIUM if place == 1 else _THIN,
                right=_MEDIUM if place == columns else _THIN,
                top=_MEDIUM if number == _HEAD_ROW else _THIN,
                bottom=_MEDIUM if number == last_row else _THIN,
            )


def _set_print(page: Any, last_row: int, columns: int, *, pages_high: int) -> None:
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.orientation = "portrait"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, pages_high
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW + 1}"
    page.print_area = f"A1:{get_column_letter(columns)}{last_row}"
    margins = page.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.footer = 0.6, 0.6, 0.3
    page.oddFooter.center.text = "第 &P 页 共 &N 页"
    page.freeze_panes = page.cell(_FIRST_ROW, 3)


def _put(page: Any, row: int, column: int, text: str, font: Font, alignment: Alignment) -> Any:
    cell = page.cell(row, column)
    cell.value = _CONTROL.sub("", text) or None
    if cell.value is not None:
        cell.data_type = "s"  # a name that begins with = is a name, not a formula
    cell.font, cell.alignment = font, alignment
    return cell
