"""The month of a desk as a workbook to print: A4 upright, one page wide, as offices post it."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, PatternFill
from openpyxl.utils import get_column_letter

from jiaoying.duty.days import DayKind
from jiaoying.duty.model import Role
from jiaoying.duty.month_sheet import (
    NO_NUMBER,
    NOBODY,
    ROLE_WORDS,
    WEEKDAYS,
    DayRow,
    Entry,
    MonthSheet,
    Person,
    ShiftColumn,
)
from jiaoying.duty.sheet_style import (
    BODY_FONT,
    BODY_SIZE,
    HEAD_FONT,
    LEFT,
    LINE_HEIGHT,
    MIDDLE,
    NOTE_FONT,
    NOTE_SIZE,
    PADDING,
    SMALL_LINE_HEIGHT,
    TITLE_FONT,
    frame,
    lines_in,
    number_pages,
    put,
    signs_of,
)
from jiaoying.duty.shift_hours import hours_text

_REST_FILLS = {DayKind.HOLIDAY: "D9D9D9", DayKind.WEEKEND: "F2F2F2"}
_TITLE_ROW, _LINE_ROW, _HEAD_ROW, _FIRST_ROW = 1, 2, 3, 5
# In points: the rows above the days, and what a page of A4 holds between its margins.
_TOP_HEIGHTS = {_TITLE_ROW: 40.0, _LINE_ROW: 24.0, _HEAD_ROW: 36.0, _HEAD_ROW + 1: 22.0}
_PAGE_HEIGHT = 735.0
_LITTLE_SMALLER = 1.15  # rather made smaller by this much than two rows on a second page
_ROW_HEIGHTS = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.5)
# In characters, from one to the other as the texts need it. Numbers have room also where 仿宋 is missing and
# wider signs take its place.
_WIDTHS = {"日期": (11.5, 11.5), "星期": (8.0, 8.0), "联系电话": (17.5, 24.0), "备注": (16.0, 16.0)}
_NAME_WIDTHS = 11.0, 22.0
_PAGE_WIDTH = 97.0  # at which the page is full without being made smaller


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
    frame(page, _HEAD_ROW, _FIRST_ROW + len(sheet.days) - 1, len(headings))
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
    put(page, _TITLE_ROW, 1, sheet.title, TITLE_FONT, MIDDLE)
    page.merge_cells(start_row=_TITLE_ROW, start_column=1, end_row=_TITLE_ROW, end_column=len(headings))
    on = sheet.filing.on
    day = f"{on.year}年{on.month}月{on.day}日" if on else "　　年　月　日"
    texts = (f"填报单位：{sheet.filing.unit}", f"填表人：{sheet.filing.by}", f"填表日期：{day}")
    last = len(headings)
    # Who fills it in writes into the middle: the unit has the widest part.
    parts = ((1, last - 4, "left"), (last - 3, last - 2, "left"), (last - 1, last, "right"))
    for text, (first, end, side) in zip(texts, parts, strict=True):
        alignment = Alignment(horizontal=side, vertical="center", shrink_to_fit=True)
        put(page, _LINE_ROW, first, text, BODY_FONT, alignment)
        if end > first:
            page.merge_cells(start_row=_LINE_ROW, start_column=first, end_row=_LINE_ROW, end_column=end)


def _write_headings(page: Any, sheet: MonthSheet, headings: Sequence[_Heading]) -> None:
    """Two rows: the shift with its hours above who stands in it; the other columns over both."""
    for place, heading in enumerate(headings, start=1):
        if heading.shift is None:
            put(page, _HEAD_ROW, place, heading.word, HEAD_FONT, MIDDLE)
            page.merge_cells(start_row=_HEAD_ROW, start_column=place, end_row=_HEAD_ROW + 1, end_column=place)
        else:
            put(page, _HEAD_ROW + 1, place, heading.word, HEAD_FONT, MIDDLE)
    for number, column in enumerate(sheet.columns):
        own = [place for place, heading in enumerate(headings, start=1) if heading.shift == number]
        text = "\n".join(filter(None, (column.name, hours_text(column.hours))))
        put(page, _HEAD_ROW, own[0], text, HEAD_FONT, MIDDLE)
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
        font, alignment = (NOTE_FONT, LEFT) if is_note else (BODY_FONT, MIDDLE)
        cell = put(page, number, place, text, font, alignment)
        cell.number_format = "@"
        if fill is not None:
            cell.fill = fill


def _widths(headings: Sequence[_Heading], days: Sequence[Sequence[str]]) -> list[float]:
    """Names and numbers have the room that they need; the remarks take what is left of the page."""
    found: list[float] = []
    for place, heading in enumerate(headings):
        longest = max((signs_of(line) for texts in days for line in texts[place].split("\n")), default=0.0)
        least, most = _WIDTHS.get(heading.word, _NAME_WIDTHS)
        found.append(min(max(least, longest + PADDING), most))
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
        room = width * (BODY_SIZE / NOTE_SIZE if small else 1.0)
        lines = sum(lines_in(line, room) for line in text.split("\n"))
        needed.append(lines * (SMALL_LINE_HEIGHT if small else LINE_HEIGHT) + 2)
    return max(needed)


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
    number_pages(page)
    page.freeze_panes = page.cell(_FIRST_ROW, 3)
