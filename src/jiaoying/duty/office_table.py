"""A table as Chinese government offices print it: title, who hands it in, ruled lines, pages counted.

Fonts follow GB/T 9704-2012 as far as it speaks of them: 小标宋 for titles, 仿宋 for the body.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from jiaoying.duty.sheet_style import LEFT, MIDDLE, frame, number_pages, put

_TITLE_FONT = Font(name="方正小标宋简体", size=20)
_HEAD_FONT = Font(name="黑体", size=11)
_BODY_FONT = Font(name="仿宋", size=11)
_TITLE_ROW, _LINE_ROW, _HEAD_ROW = 1, 2, 3
_TITLE_HEIGHT, _LINE_HEIGHT, _ROW_HEIGHT, _PADDING = 36.0, 15.0, 22.0, 1.0
_LAST_NARROW = 0x2E7F

Value = str | int | None


@dataclass(frozen=True, slots=True)
class Heading:
    """One column; `width` in signs of the usual size, `to_left` where sentences stand."""

    text: str
    width: float
    to_left: bool = False


@dataclass(frozen=True, slots=True)
class OfficeTable:
    """One sheet. The last `totals` of its rows stand apart; `notes` follow below the table.

    `across` prints it on as many pages side by side as it needs, the first column on each; `one_page` makes
    it as small as one page wants.
    """

    name: str
    title: str
    unit: str  # 填报单位
    by: str  # 填表人
    on: date
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Value]]
    totals: int = 0
    notes: Sequence[str] = ()
    across: bool = False
    one_page: bool = False


def office_workbook(tables: Sequence[OfficeTable]) -> bytes:
    """The tables as a workbook (xlsx) for A4 on its side, a sheet each."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = tables[0].title, tables[0].by or tables[0].unit
    for table in tables:
        _write(book.create_sheet(table.name), table)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write(page: Any, table: OfficeTable) -> None:
    columns = len(table.headings)
    _write_top(page, table, columns)
    for place, heading in enumerate(table.headings, start=1):
        put(page, _HEAD_ROW, place, heading.text, _HEAD_FONT, MIDDLE)
        page.column_dimensions[get_column_letter(place)].width = heading.width
    page.row_dimensions[_HEAD_ROW].height = _height([heading.text for heading in table.headings], table)
    first_total = len(table.rows) - table.totals
    for number, values in enumerate(table.rows):
        font = _HEAD_FONT if number >= first_total else _BODY_FONT
        row = _HEAD_ROW + 1 + number
        for place, (value, heading) in enumerate(zip(values, table.headings, strict=True), start=1):
            put(page, row, place, value, font, LEFT if heading.to_left else MIDDLE)
        page.row_dimensions[row].height = _height(values, table)
    last = _HEAD_ROW + len(table.rows)
    frame(page, _HEAD_ROW, last, columns)
    _write_notes(page, table, last + 1, columns)
    _set_print(page, table, last + len(table.notes), columns)


def _write_top(page: Any, table: OfficeTable, columns: int) -> None:
    put(page, _TITLE_ROW, 1, table.title, _TITLE_FONT, MIDDLE)
    page.row_dimensions[_TITLE_ROW].height = _TITLE_HEIGHT
    on = table.on
    line = f"填报单位：{table.unit}　　填表人：{table.by}　　填表日期：{on.year}年{on.month}月{on.day}日"
    put(page, _LINE_ROW, 1, line, _BODY_FONT, Alignment(horizontal="left", vertical="center"))
    page.row_dimensions[_LINE_ROW].height = _ROW_HEIGHT
    if not table.across:
        for row in (_TITLE_ROW, _LINE_ROW):
            page.merge_cells(start_row=row, start_column=1, end_row=row, end_column=columns)
    else:
        page.cell(_TITLE_ROW, 1).alignment = Alignment(horizontal="left", vertical="center")


def _write_notes(page: Any, table: OfficeTable, row: int, columns: int) -> None:
    width = sum(heading.width for heading in table.headings)
    for number, note in enumerate(table.notes):
        put(page, row + number, 1, note, _BODY_FONT, LEFT)
        page.merge_cells(start_row=row + number, start_column=1, end_row=row + number, end_column=columns)
        page.row_dimensions[row + number].height = _lines(note, width) * _LINE_HEIGHT + 4


def _height(values: Sequence[Value], table: OfficeTable) -> float:
    """What the cell with the most lines needs; spreadsheets do not find that out by themselves."""
    lines = [
        sum(_lines(line, heading.width) for line in str(value or "").split("\n"))
        for value, heading in zip(values, table.headings, strict=True)
    ]
    return max(_ROW_HEIGHT, max(lines) * _LINE_HEIGHT + 4)


def _lines(text: str, width: float) -> int:
    signs = sum(2.1 if ord(sign) > _LAST_NARROW else 1.1 for sign in text)
    return max(1, ceil(round(signs / (width - _PADDING), 3)))


def _set_print(page: Any, table: OfficeTable, last_row: int, columns: int) -> None:
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.orientation = "landscape"
    if table.across:
        page.print_title_cols = "A:A"
    else:
        page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, int(table.one_page)
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.print_options.horizontalCentered = True
    page.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    page.print_area = f"A1:{get_column_letter(columns)}{last_row}"
    margins = page.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.footer = 0.6, 0.6, 0.3
    number_pages(page)
    page.freeze_panes = page.cell(_HEAD_ROW + 1, 2)
