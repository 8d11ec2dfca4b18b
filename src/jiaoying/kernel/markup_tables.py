"""Tables in HTML and in the XML spreadsheets of 2003: what many county systems export as `.xls`."""

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree, html

from jiaoying.kernel.workbooks import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_ROWS,
    MAX_SHEETS,
    Cell,
    Merge,
    RawSheet,
    UnreadableWorkbook,
)

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


def looks_like_markup(text: str) -> bool:
    """Whether a text is a page with tables or an XML spreadsheet, whatever its file is called."""
    return text.lstrip()[:1] == "<" and ("<table" in text.lower() or _SS[1:-1] in text)


def read_markup(text: str, name: str) -> tuple[RawSheet, ...]:
    """Every table as a sheet; a page with none gives none. Raises UnreadableWorkbook and LxmlError."""
    if _SS[1:-1] in text[:5000] and "<table" not in text[:5000].partition(_SS[1:-1])[0].lower():
        return _xml_spreadsheet(text)
    page: Any = html.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))  # pyright: ignore[reportUnknownMemberType]
    tables: list[Any] = [table for table in page.iter("table") if table.find(".//table") is None]
    many = len(tables) > 1
    return tuple(
        _sheet(f"{name} {place}" if many else name, _html_rows(table))
        for place, table in enumerate(tables[:MAX_SHEETS], start=1)
    )


def _html_rows(table: Any) -> Iterable[tuple[int, Iterable[tuple[int, int, int, Cell]]]]:
    for number, row in enumerate(table.iter("tr"), start=1):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        yield (
            number,
            [(0, _span(cell, "rowspan"), _span(cell, "colspan"), _html_text(cell)) for cell in cells],
        )


def _html_text(cell: Any) -> str:
    for line_break in cell.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    return str(cell.text_content()).replace("\xa0", " ").strip()


def _xml_spreadsheet(text: str) -> tuple[RawSheet, ...]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    book = etree.fromstring(text.encode(), parser)
    if book is None:
        raise UnreadableWorkbook("damaged")
    sheets = book.findall(f"{_SS}Worksheet")[:MAX_SHEETS]
    return tuple(_sheet(str(sheet.get(f"{_SS}Name")), _xml_rows(sheet)) for sheet in sheets)


def _xml_rows(sheet: Any) -> Iterable[tuple[int, Iterable[tuple[int, int, int, Cell]]]]:
    number = 0
    for row in sheet.iter(f"{_SS}Row"):
        # Rows go down, whatever they say of themselves.
        number = max(number + 1, _span(row, f"{_SS}Index", 0))
        yield (
            number,
            [
                (
                    _span(cell, f"{_SS}Index", 0),
                    _span(cell, f"{_SS}MergeDown", 0) + 1,
                    _span(cell, f"{_SS}MergeAcross", 0) + 1,
                    "".join(cell.itertext()).strip(),
                )
                for cell in row.findall(f"{_SS}Cell")
            ],
        )


def _sheet(name: str, rows: Iterable[tuple[int, Iterable[tuple[int, int, int, Cell]]]]) -> RawSheet:
    """Lays cells (column from 1 or 0 for the next, rows down, columns across, text) into a grid."""
    placed: list[tuple[int, tuple[Cell, ...]]] = []
    merges: list[Merge] = []
    taken: dict[int, int] = {}  # column → the last row that a cell from above covers
    for number, cells in rows:
        if len(placed) >= MAX_ROWS:
            raise UnreadableWorkbook("large")
        line: dict[int, Cell] = {}
        column = 0
        for wanted, down, across, text in cells:
            column = max(column, wanted - 1)
            while taken.get(column, 0) >= number:
                column += 1
            if column >= MAX_COLUMNS:
                break
            line[column] = text[:MAX_CELL_CHARACTERS] if isinstance(text, str) else text
            last = min(column + across, MAX_COLUMNS) - 1
            if down > 1 or across > 1:
                merges.append(Merge(number, column, number + down - 1, last))
                taken |= dict.fromkeys(range(column, last + 1), number + down - 1)
            column = last + 1
        if any(line.values()):
            placed.append((number, tuple(line.get(place) or None for place in range(max(line) + 1))))
    return RawSheet(name, tuple(placed), tuple(merges))


def _span(element: Any, name: str, otherwise: int = 1) -> int:
    text = str(element.get(name) or "")
    return int(text) if text.isdecimal() and len(text) < 7 else otherwise
