"""The table of a year as a workbook to print: A4 across, one page wide, as offices keep it.

In Chinese whatever the reader's language, like every sheet that is posted. Fonts follow GB/T 9704-2012 as far
as it speaks of them: 小标宋 for titles, 仿宋 for the body.
"""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from jiaoying.duty.routines.model import Outcome
from jiaoying.duty.routines.year import COUNTED, Mark, YearRow
from jiaoying.duty.sheet_style import LEFT, MIDDLE, number_pages, put

_TITLE_FONT = Font(name="方正小标宋简体", size=20)
_HEAD_FONT = Font(name="黑体", size=11)
_BODY_FONT = Font(name="仿宋", size=11)
_THIN = Side(style="thin", color="000000")
_FRAME = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_MISSED_FILL = PatternFill("solid", fgColor="D9D9D9")
_COUNT_WORDS = {
    Outcome.IN_TIME: "按时",
    Outcome.LATE: "迟报",
    Outcome.MISSED: "未办",
    Outcome.SKIPPED: "免办",
}
_BEFORE, _AFTER = ("序号", "任务", "报送单位", "经办"), tuple(_COUNT_WORDS[outcome] for outcome in COUNTED)
_WIDTHS = (5, 24, 16, 10, *(9,) * 12, *(6,) * 4)
_TITLE_ROW, _LINE_ROW, _HEAD_ROW, _FIRST_ROW = 1, 2, 3, 4
_LINE_HEIGHT = 15.0


def year_workbook(year: int, rows: Sequence[YearRow], unit: str, on: date) -> bytes:
    """The rows of a year as a workbook (xlsx). `unit` filled it in, `on` that day."""
    book = Workbook()
    page: Any = book.active
    page.title = f"{year}年"
    book.properties.title, book.properties.creator = f"{year}年定期任务办理情况表", unit
    columns = len(_WIDTHS)
    put(page, _TITLE_ROW, 1, f"{year}年定期任务办理情况表", _TITLE_FONT, MIDDLE)
    page.merge_cells(start_row=_TITLE_ROW, start_column=1, end_row=_TITLE_ROW, end_column=columns)
    put(page, _LINE_ROW, 1, f"填报单位：{unit}", _BODY_FONT, LEFT)
    page.merge_cells(start_row=_LINE_ROW, start_column=1, end_row=_LINE_ROW, end_column=8)
    day = f"填表日期：{on.year}年{on.month}月{on.day}日"
    put(page, _LINE_ROW, 9, day, _BODY_FONT, Alignment(horizontal="right", vertical="center"))
    page.merge_cells(start_row=_LINE_ROW, start_column=9, end_row=_LINE_ROW, end_column=columns)
    headings = (*_BEFORE, *(f"{month}月" for month in range(1, 13)), *_AFTER)
    for place, word in enumerate(headings, start=1):
        put(page, _HEAD_ROW, place, word, _HEAD_FONT, MIDDLE).border = _FRAME
    for number, row in enumerate(rows, start=1):
        _write_row(page, _FIRST_ROW + number - 1, number, row)
    last = _FIRST_ROW + max(len(rows), 1)
    put(page, last, 1, "√按时 ▲迟报（办结日） ×未办 ○免办 △未到期", _BODY_FONT, LEFT)
    page.merge_cells(start_row=last, start_column=1, end_row=last, end_column=columns)
    _set_print(page, last)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_row(page: Any, place: int, number: int, row: YearRow) -> None:
    texts = [str(number), row.title, row.recipient, row.owner]
    texts += ["\n".join(_mark_text(mark) for mark in row.months.get(month, ())) for month in range(1, 13)]
    texts += [str(row.counts[outcome] or "") for outcome in COUNTED]
    for column, text in enumerate(texts, start=1):
        cell = put(page, place, column, text, _BODY_FONT, LEFT if column in (2, 3) else MIDDLE)
        cell.border = _FRAME
        month = column - len(_BEFORE)
        if any(mark.outcome is Outcome.MISSED for mark in row.months.get(month, ())):
            cell.fill = _MISSED_FILL
    lines = max(
        *(len(marks) for marks in row.months.values()),
        -(-len(row.title) // 11),
        -(-len(row.recipient) // 7),
        -(-len(row.owner) // 4),
    )
    page.row_dimensions[place].height = max(26.0, lines * _LINE_HEIGHT + 4)


def _mark_text(mark: Mark) -> str:
    day = f"{mark.due_on.day}日"
    match mark.outcome:
        case Outcome.IN_TIME:
            return f"√{day}"
        case Outcome.LATE:
            done = mark.done_on or mark.due_on
            return f"▲{done.month}.{done.day}"
        case Outcome.MISSED:
            return f"×{day}"
        case Outcome.SKIPPED:
            return f"○{day}"
        case Outcome.TO_COME:
            return f"△{day}"


def _set_print(page: Any, last_row: int) -> None:
    for place, width in enumerate(_WIDTHS, start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    for row, height in ((_TITLE_ROW, 38.0), (_LINE_ROW, 22.0), (_HEAD_ROW, 26.0), (last_row, 22.0)):
        page.row_dimensions[row].height = height
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.print_title_rows = f"{_HEAD_ROW}:{_HEAD_ROW}"
    page.print_area = f"A1:{get_column_letter(len(_WIDTHS))}{last_row}"
    margins = page.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.footer = 0.6, 0.6, 0.3
    number_pages(page)
    page.freeze_panes = page.cell(_FIRST_ROW, len(_BEFORE) + 1)
