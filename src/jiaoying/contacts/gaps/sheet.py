"""The gaps of the roster as a workbook to print and hang on a wall: by township, village and gravity."""

import io
import re
from collections.abc import Iterable

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from jiaoying.contacts.gaps.model import Gap, GapReport, Severity
from jiaoying.contacts.gaps.words import gap_text, gap_word, remedy
from jiaoying.kernel.language import say

# Nobody mends more from paper; a spreadsheet ends at a million rows.
MOST_ROWS = 100_000
_WIDTHS = (14, 16, 18, 52, 16, 34)
_TINTS = {Severity.GRAVE: "F8CECC", Severity.SERIOUS: "FFE0B2", Severity.WEAK: "FFF9C4"}
_LINE = Border(bottom=Side(style="thin", color="BBBBBB"))
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def gap_sheet(report: GapReport, title: str) -> bytes:
    """The workbook of the gaps in `report`; slow for thousands, so call it through `asyncio.to_thread`."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(say("Gaps"))
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
    sheet.freeze_panes = "A4"
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions[chr(ord("A") + place)].width = width

    def cells(
        texts: Iterable[str], *, bold: bool = False, size: int = 11, tint: str | None = None
    ) -> list[object]:
        row: list[object] = []
        for text in texts:
            cell = WriteOnlyCell(sheet, value=_CONTROL.sub("", text) or None)
            if cell.value is not None:
                cell.data_type = "s"  # a name that begins with = is a name, not a formula
            cell.font = Font(bold=bold, size=size)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if tint or not bold:
                cell.border = _LINE
            if tint:
                cell.fill = PatternFill("solid", fgColor=tint)
            row.append(cell)
        return row

    zone = report.week.timezone
    begin, end = (
        f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" for moment in (report.week.begin, report.week.end)
    )
    sheet.append(cells([title], bold=True, size=16))
    sheet.append(cells([say("For the hours from {begin} to {end}", begin=begin, end=end)]))
    headings = (
        say("Township"),
        say("Place"),
        say("Gap"),
        say("What is missing"),
        say("Person"),
        say("What mends it"),
    )
    sheet.append(cells(headings, bold=True))
    for gap in sorted(report.gaps, key=_order)[:MOST_ROWS]:
        place = (gap.township_name or gap.area_name, gap.area_name)
        what = (gap_word(gap.kind), gap_text(gap, zone), gap.name, remedy(gap))
        sheet.append(cells((*place, *what), tint=_TINTS[gap.severity]))
    if report.wanted > MOST_ROWS:
        sheet.append(cells([say("and {count} more", count=report.wanted - MOST_ROWS)], bold=True))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _order(gap: Gap) -> tuple[str, int]:
    return gap.area_code, -gap.severity
