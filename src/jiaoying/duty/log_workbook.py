"""The duty log as a workbook to print: A4 across, one page wide, headings on each page."""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from jiaoying.duty.log_paper import HeadTable, LineKind, LogPaper, PaperLine
from jiaoying.duty.sheet_style import (
    BODY_FONT,
    BODY_SIZE,
    BODY_TYPE,
    HEAD_TYPE,
    LEFT,
    MIDDLE,
    NOTE_FONT,
    NOTE_SIZE,
    PADDING,
    SMALL_SIZE,
    TITLE_FONT,
    frame,
    number_pages,
    printable,
    put,
    sign_width,
)

_HEAD_FONT = Font(name=HEAD_TYPE, size=NOTE_SIZE)
_SMALL_FONT = Font(name=BODY_TYPE, size=SMALL_SIZE)
_SHADE = PatternFill("solid", fgColor="F2F2F2")
# In points; a line has room also where 仿宋 is missing and a higher type takes its place.
_TITLE_HEIGHT, _LINE_HEIGHT, _SMALL_LINE_HEIGHT, _AROUND = 40.0, 15.5, 13.5, 6.0
_LEAST_HEIGHT = 22.0
# A row is at most 409 points high: a long text goes on in the next one.
_MOST_LINES = 24
_LONGEST_TITLE = 31
_UNFIT_FOR_TITLES = re.compile(r"[\[\]*?:/\\']")


def log_workbook(paper: LogPaper) -> bytes:
    """The sheet as a workbook (xlsx)."""
    book = Workbook()
    page: Any = book.active
    page.title = _UNFIT_FOR_TITLES.sub("", printable(paper.title))[:_LONGEST_TITLE] or "1"
    book.properties.title = printable(paper.title)
    widths = [column.width for column in paper.columns]
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    row = _write_top(page, paper)
    if paper.head:
        row = _write_head(page, row, paper.head, widths)
    head_row = row
    row = _write_line(page, row, [column.heading for column in paper.columns], widths, _HEAD_FONT)
    for line in paper.lines:
        row = _write(page, row, line, paper)
    frame(page, head_row, row - 1, len(widths))
    for remark in paper.remarks:
        row = _write_over(page, row, 1, remark, widths)
    _write_signatures(page, row + 1, paper.signatures, len(widths))
    _set_print(page, head_row, row + 1, len(widths))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _write_top(page: Any, paper: LogPaper) -> int:
    """The title, and below it who hands it in, each in a third of the width; the next free row."""
    last = len(paper.columns)
    put(page, 1, 1, paper.title, TITLE_FONT, MIDDLE)
    page.merge_cells(start_row=1, start_column=1, end_row=1, end_column=last)
    page.row_dimensions[1].height = _TITLE_HEIGHT
    _write_thirds(page, 2, paper.filed, last, ("left", "center", "right"))
    page.row_dimensions[2].height = _LEAST_HEIGHT
    return 3


def _write_signatures(page: Any, row: int, signatures: Sequence[str], columns: int) -> None:
    _write_thirds(page, row, signatures, columns, ("left", "left", "left"))
    page.row_dimensions[row].height = _LEAST_HEIGHT + _AROUND


def _write_thirds(page: Any, row: int, texts: Sequence[str], columns: int, sides: Sequence[str]) -> None:
    """Some texts side by side, each over as much of the width as the columns allow."""
    widths = [page.column_dimensions[get_column_letter(place)].width for place in range(1, columns + 1)]
    edges = [sum(widths[:place]) for place in range(columns + 1)]
    begin = 1
    for number, (text, side) in enumerate(zip(texts, sides, strict=False), start=1):
        wanted = edges[-1] * number / len(texts)
        end = min(range(begin, columns + 1), key=lambda place: abs(edges[place] - wanted))
        put(page, row, begin, text, BODY_FONT, Alignment(horizontal=side, vertical="center"))
        if end > begin:
            page.merge_cells(start_row=row, start_column=begin, end_row=row, end_column=end)
        begin = end + 1


def _write_head(page: Any, row: int, head: HeadTable, widths: Sequence[float]) -> int:
    """Who stood there, in columns of its own above those of the table; the next free row."""
    begins = [1 + sum(head.spans[:number]) for number in range(len(head.spans))]
    own = [sum(widths[begin - 1 : begin - 1 + span]) for begin, span in zip(begins, head.spans, strict=True)]
    first = row
    for number, texts in enumerate((head.headings, *head.rows)):
        font = _HEAD_FONT if number == 0 else NOTE_FONT
        for begin, span, text in zip(begins, head.spans, texts, strict=True):
            put(page, row, begin, text, font, MIDDLE)
            if span > 1:
                page.merge_cells(start_row=row, start_column=begin, end_row=row, end_column=begin + span - 1)
        page.row_dimensions[row].height = _height(
            max(len(broken(text, width)) for text, width in zip(texts, own, strict=True))
        )
        row += 1
    frame(page, first, row - 1, len(widths))
    return row


def _write(page: Any, row: int, line: PaperLine, paper: LogPaper) -> int:
    """One line of the table, in as many rows as its texts need; the next free row."""
    widths = [column.width for column in paper.columns]
    if line.kind is LineKind.NOTE:
        return _write_over(page, row, 2, line.cells[0], widths)
    lefts = [column.left for column in paper.columns]
    fill = _SHADE if line.kind is not LineKind.WRITTEN else None
    font = _HEAD_FONT if line.kind is LineKind.TOTAL else NOTE_FONT
    return _write_line(page, row, line.cells, widths, font, lefts, fill)


def _write_line(
    page: Any,
    row: int,
    cells: Sequence[str],
    widths: Sequence[float],
    font: Font,
    lefts: Sequence[bool] = (),
    fill: PatternFill | None = None,
) -> int:
    for texts, lines in _pieces(cells, widths):
        for place, text in enumerate(texts, start=1):
            is_left = bool(lefts) and lefts[place - 1]
            cell = put(page, row, place, text, font, LEFT if is_left else MIDDLE)
            cell.number_format = "@"
            if fill:
                cell.fill = fill
        page.row_dimensions[row].height = _height(lines)
        row += 1
    return row


def _write_over(page: Any, row: int, first: int, text: str, widths: Sequence[float]) -> int:
    """A small text over the columns from `first` on, in as many rows as it needs; the next free row."""
    for (piece,), lines in _pieces([text], [sum(widths[first - 1 :])], SMALL_SIZE):
        put(page, row, first, piece, _SMALL_FONT, LEFT)
        page.merge_cells(start_row=row, start_column=first, end_row=row, end_column=len(widths))
        page.row_dimensions[row].height = lines * _SMALL_LINE_HEIGHT + _AROUND
        row += 1
    return row


def _pieces(
    cells: Sequence[str], widths: Sequence[float], size: float = NOTE_SIZE
) -> Iterator[tuple[list[str], int]]:
    """The texts of a line as they are, with how many lines the longest takes; cut into several rows where
    they are higher than a row can be."""
    lines = [broken(text, width, size) for text, width in zip(cells, widths, strict=True)]
    most = max(map(len, lines))
    if most <= _MOST_LINES:
        yield list(cells), most
        return
    for begin in range(0, most, _MOST_LINES):
        pieces = [found[begin : begin + _MOST_LINES] for found in lines]
        yield ["\n".join(piece) for piece in pieces], max(map(len, pieces))


def broken(text: str, width: float, size: float = NOTE_SIZE) -> list[str]:
    """The lines into which a text of this size is broken in a column, by the widths of its signs."""
    room = (width - PADDING) * BODY_SIZE / size
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for sign in paragraph:
            if line and used + sign_width(sign) > room:
                lines.append(line)
                line, used = "", 0.0
            line, used = line + sign, used + sign_width(sign)
        lines.append(line)
    return lines


def _height(lines: int) -> float:
    return max(_LEAST_HEIGHT, lines * _LINE_HEIGHT + _AROUND)


def _set_print(page: Any, head_row: int, last_row: int, columns: int) -> None:
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.print_title_rows = f"{head_row}:{head_row}"
    page.print_area = f"A1:{get_column_letter(columns)}{last_row}"
    margins = page.page_margins
    margins.left = margins.right = 0.5
    margins.top, margins.bottom, margins.footer = 0.6, 0.6, 0.3
    number_pages(page)
    page.freeze_panes = page.cell(head_row + 1, 1)
