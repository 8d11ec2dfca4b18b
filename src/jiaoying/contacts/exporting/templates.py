"""Empty lists to download: the county's own headings, lists to choose from, notes, and a sheet that explains.

The example stands on the sheet of notes, where nobody can forget to take it out before importing.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from jiaoying.contacts.exporting.sheet_writer import TEXT_FORMAT, new_book, save_book
from jiaoying.contacts.exporting.template_columns import (
    CHOICES,
    NOTES,
    NUMBERS,
    REQUIRED,
    TEMPLATES,
    Group,
    ListKind,
    Sheet,
)
from jiaoying.kernel.language import say

ROWS = 2000  # that are prepared for filling in
_HEAD = PatternFill("solid", fgColor="DDE7F0")
_EDGE = Side(style="thin", color="8A97A3")
_LINE = Border(left=_EDGE, right=_EDGE, top=_EDGE, bottom=_EDGE)
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)


def template_bytes(kind: ListKind) -> bytes:
    """The empty list as a workbook (xlsx), the same bytes each time; notes are in the reader's language."""
    book = new_book(write_only=False)
    first: Any = book.active
    book.remove(first)
    for sheet in TEMPLATES[kind]:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    _write_notes(book.create_sheet(say("Notes (not imported)")), TEMPLATES[kind])
    file = io.BytesIO()
    save_book(book, file)
    return file.getvalue()


def _write_sheet(page: Any, sheet: Sheet) -> None:
    heading_row = 2 if sheet.has_groups else 1
    page.freeze_panes = page.cell(heading_row + 1, 1)
    for place, (role, heading) in enumerate(_columns(sheet), start=1):
        _write_heading(page, heading_row, place, heading, in_group=role is not None)
        _prepare_column(page, heading_row + 1, place, heading)
    for role, first, last in _spans(sheet):
        _head(page.cell(1, first, role))
        page.merge_cells(start_row=1, start_column=first, end_row=1, end_column=last)


def _write_heading(page: Any, row: int, place: int, heading: str, *, in_group: bool) -> None:
    top = row if in_group else 1
    cell = page.cell(top, place, heading)
    _head(cell)
    if top < row:
        page.merge_cells(start_row=top, start_column=place, end_row=row, end_column=place)
    required = say("(must be filled in)") if heading in REQUIRED and not in_group else ""
    cell.comment = Comment(f"{say(NOTES[heading][0])} {required}".strip(), "jiaoying", height=90, width=240)


def _prepare_column(page: Any, first_row: int, place: int, heading: str) -> None:
    """Cells of text, so that numbers keep their digits, and the list to choose from."""
    letter = get_column_letter(place)
    page.column_dimensions[letter].width = 16 if heading in NUMBERS else max(12, 2 * len(heading) + 4)
    page.column_dimensions[letter].number_format = TEXT_FORMAT
    if heading in CHOICES:
        words, others_too = CHOICES[heading]
        validation: Any = DataValidation(
            type="list",
            formula1=f'"{",".join(words)}"',
            allow_blank=True,
            showErrorMessage=not others_too,
            errorTitle=heading,
            error=say("Choose one of the words of the list"),
        )
        validation.add(f"{letter}{first_row}:{letter}{first_row + ROWS}")
        page.add_data_validation(validation)


def _write_notes(page: Any, sheets: Sequence[Sheet]) -> None:
    """One column of a list in each row: never a row that reads as a heading."""
    page.append([say("Fill in the other sheets; this one is not imported. The people in it are made up.")])
    page.append([])
    headings = [heading for sheet in sheets for _, heading in _columns(sheet)]
    page.append([say("Column"), say("What is written there"), say("Example")])
    for cell in page[page.max_row]:
        _head(cell)
    for heading in dict.fromkeys(headings):
        page.append([heading, say(NOTES[heading][0]), NOTES[heading][1]])
        page.cell(page.max_row, 3).number_format = TEXT_FORMAT
    for letter, width in (("A", 16), ("B", 70), ("C", 24)):
        page.column_dimensions[letter].width = width


def _columns(sheet: Sheet) -> Iterator[tuple[str | None, str]]:
    for column in sheet.columns:
        if isinstance(column, Group):
            yield from ((column.role, heading) for heading in column.columns)
        else:
            yield None, column


def _spans(sheet: Sheet) -> Iterator[tuple[str, int, int]]:
    """Each group with its first and last place, from 1."""
    place = 1
    for column in sheet.columns:
        if isinstance(column, Group):
            yield column.role, place, place + len(column.columns) - 1
            place += len(column.columns)
        else:
            place += 1


def _head(cell: Any) -> None:
    cell.font, cell.fill, cell.border, cell.alignment = Font(bold=True), _HEAD, _LINE, _MIDDLE
