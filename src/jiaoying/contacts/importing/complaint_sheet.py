"""The complaints about a list as a workbook, to be worked through beside it."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint

_WIDTHS = {"A": 20, "B": 8, "C": 16, "D": 90}


def complaints_sheet(complaints: Sequence[SheetComplaint]) -> bytes:
    """An xlsx workbook: sheet, row, column, and in plain words what is wrong and what to do."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("Complaints"))
    sheet.freeze_panes = "A2"
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    heading = [
        WriteOnlyCell(sheet, value=word)
        for word in (say("Sheet"), say("Row"), say("Column"), say("What is wrong, and what to do"))
    ]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for complaint in complaints:
        texts = [
            WriteOnlyCell(sheet, value=text)
            for text in (complaint.sheet, column_words(complaint.column), complaint.text)
        ]
        for cell in texts:
            cell.data_type = "s"  # what begins with = came from somebody's list and is no formula
        texts[2].alignment = Alignment(wrap_text=True)
        sheet.append([texts[0], complaint.row or None, *texts[1:]])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def column_words(column: str) -> str:
    """What a column is called where a complaint speaks of it by its own word."""
    return {
        "name": say("name"),
        "mobile": say("telephone"),
        "deputy": say("deputy (B角)"),
        "superior": say("superior"),
        "helper": say("helper (一对一)"),
        "point": say("danger point"),
    }.get(column, column)
