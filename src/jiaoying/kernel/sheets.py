"""Workbooks and CSV files as rows of plain cells, whatever state they are in.

Reads from bytes and within bounds: these files come from strangers' desks.
"""

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path

from lxml import etree
from openpyxl import load_workbook

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_UNPACKED_BYTES = 192 * 1024 * 1024
MAX_PARTS = 2_000  # files inside a workbook
MAX_SHEETS = 50
MAX_ROWS = 100_000  # that hold anything, in one file
MAX_COLUMNS = 100
MAX_CELL_CHARACTERS = 2_000
HEADING_ROWS = 30  # the heading is looked for in the first rows that hold anything
MIN_HEADINGS = 3

Cell = str | int | float | datetime | date | time | None
_DITTO = re.compile(r"同上|同前|〃|″|[\"”“]|do\.?|ditto", re.IGNORECASE)
_MERGE = re.compile(rb"mergeCell\s[^>]*?ref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file as it was handed over; `name` is shown to people and says nothing about the content."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One row that holds something; `number` counts from 1 as the spreadsheet shows it."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: its rows in order, empty ones left out, vertically merged cells filled down."""

    name: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class SheetComplaint:
    """What is wrong at one place of a sheet; `row` 0 is the sheet as a whole, `column` its heading."""

    sheet: str
    row: int
    column: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows below a heading row, each as heading → cell, `同上` resolved."""

    sheet: str
    heading_row: int
    headings: tuple[str, ...]
    unknown: tuple[str, ...]  # headings that nobody knows, as written
    records: tuple[tuple[int, Mapping[str, Cell]], ...] = field(default=())


def read_file(path: Path) -> SheetFile:
    """The file with its name. Raises Refusal where it is missing or too large."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise Refusal(_too_large(path.name))
        return SheetFile(path.name, path.read_bytes())
    except OSError as error:
        raise Refusal(
            say("{name} cannot be read: {problem}", name=path.name, problem=error.strerror)
        ) from error


def read_grids(file: SheetFile) -> tuple[Grid, ...]:
    """Every sheet of an xlsx workbook or a CSV file. Raises Refusal with the remedy."""
    if len(file.data) > MAX_FILE_BYTES:
        raise Refusal(_too_large(file.name))
    if file.data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal(say("{name} is in the old .xls format; open it and save it as .xlsx", name=file.name))
    if file.data.startswith(b"PK"):
        return _read_workbook(file)
    return (_read_csv(file),)


def find_table(grid: Grid, synonyms: Mapping[str, str]) -> Table | None:
    """The table in a sheet: the first row with at least three known headings, and what is below it.

    `synonyms` maps every heading as written (blanks and brackets off, lower case) to its one name.
    None where no row looks like headings.
    """
    for position, row in enumerate(grid.rows[:HEADING_ROWS]):
        columns = _columns_of(row, synonyms)
        if len(set(columns.values())) < MIN_HEADINGS:
            continue
        first = position + 1
        # A heading over two rows: the second one is finer, and merged cells repeat the first.
        if first < len(grid.rows):
            finer = _columns_of(grid.rows[first], synonyms)
            if len(set(finer.values())) >= MIN_HEADINGS:
                columns, first = columns | finer, first + 1
        unknown = tuple(
            str(cell).strip()
            for place, cell in enumerate(row.cells)
            if isinstance(cell, str) and cell.strip() and place not in columns
        )
        headings = tuple(dict.fromkeys(columns.values()))
        return Table(grid.name, row.number, headings, unknown, tuple(_records(grid.rows[first:], columns)))
    return None


def plain_text(cell: Cell) -> str:
    """A cell as one line of text: NFKC, outer blanks off, whole floats without their `.0`."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = cell.isoformat() if isinstance(cell, (datetime, date, time)) else str(cell)
    return " ".join(unicodedata.normalize("NFKC", text[:MAX_CELL_CHARACTERS]).split())


def plain_heading(text: str) -> str:
    """A heading for comparing: no blanks, no remarks in brackets, lower case."""
    without_remark = re.sub(r"\(.*?\)|[*：:]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"\s+", "", without_remark).lower()


def _columns_of(row: Row, synonyms: Mapping[str, str]) -> dict[int, str]:
    named = (
        (place, synonyms.get(plain_heading(cell)))
        for place, cell in enumerate(row.cells)
        if isinstance(cell, str)
    )
    return {place: name for place, name in named if name is not None}


def _records(rows: Iterable[Row], columns: Mapping[int, str]) -> Iterator[tuple[int, Mapping[str, Cell]]]:
    above: dict[int, Cell] = {}
    for row in rows:
        record: dict[str, Cell] = {}
        for place, name in columns.items():
            cell = row.cells[place] if place < len(row.cells) else None
            if isinstance(cell, str) and _DITTO.fullmatch(cell.strip()):
                cell = above.get(place)
            above[place] = cell
            # Two columns of one meaning (电话, 手机): what is there counts, both where both are there.
            record[name] = _joined(record.get(name), cell)
        if any(plain_text(cell) for cell in record.values()):
            yield row.number, record


def _joined(first: Cell, second: Cell) -> Cell:
    if not plain_text(first):
        return second
    if not plain_text(second) or plain_text(first) == plain_text(second):
        return first
    return f"{plain_text(first)}\n{plain_text(second)}"


def _read_csv(file: SheetFile) -> Grid:
    text = _decoded(file)
    first_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=first_line.count)
    rows: list[Row] = []
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), start=1):
            _add_row(rows, number, [cell or None for cell in cells[:MAX_COLUMNS]], file.name)
    except csv.Error as error:
        raise Refusal(
            say("{name} is not a readable CSV file: {problem}", name=file.name, problem=error)
        ) from error
    return Grid(Path(file.name).stem, tuple(rows))


def _decoded(file: SheetFile) -> str:
    marked = file.data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = file.data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refusal(say("{name} is neither a workbook (.xlsx) nor a text file (.csv)", name=file.name))


def _read_workbook(file: SheetFile) -> tuple[Grid, ...]:
    try:
        with zipfile.ZipFile(io.BytesIO(file.data)) as parts, warnings.catch_warnings():
            # openpyxl warns of styles and validations that it does not keep; only cells matter here.
            warnings.simplefilter("ignore", UserWarning)
            _refuse_bombs(parts, file.name)
            return tuple(_read_sheets(parts, file))
    except Refusal:
        raise
    except Exception as error:  # a damaged workbook makes openpyxl raise almost anything
        raise Refusal(
            say("{name} is damaged and cannot be read; open it and save it again", name=file.name)
        ) from error


def _refuse_bombs(parts: zipfile.ZipFile, name: str) -> None:
    entries = parts.infolist()
    if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
        raise Refusal(_too_large(name))


def _read_sheets(parts: zipfile.ZipFile, file: SheetFile) -> Iterator[Grid]:
    workbook = load_workbook(io.BytesIO(file.data), read_only=True, data_only=True)
    merges = _merges_by_sheet(parts)
    budget: list[Row] = []
    try:
        for sheet in workbook.worksheets[:MAX_SHEETS]:
            if sheet.sheet_state != "visible":
                continue
            sheet.reset_dimensions()  # what a file says about its own size is often wrong
            filled = _fill_down(sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True), merges[sheet.title])
            start = len(budget)
            for number, cells in filled:
                _add_row(budget, number, cells, file.name)
            yield Grid(sheet.title, tuple(budget[start:]))
    finally:
        workbook.close()


def _fill_down(
    rows: Iterable[tuple[object, ...]], merges: Iterable[tuple[int, int, int]]
) -> Iterator[tuple[int, list[Cell]]]:
    """Rows with numbers; a cell of `merges` (column from 0, first row, last row) repeats downwards."""
    starts: dict[int, list[tuple[int, int]]] = {}
    for column, first, last in merges:
        starts.setdefault(first, []).append((column, last))
    running: dict[int, tuple[int, Cell]] = {}
    for number, values in enumerate(rows, start=1):
        cells = [_plain_cell(value) for value in values]
        for column, (last, value) in list(running.items()):
            if number > last:
                del running[column]
            elif column < len(cells) or value is not None:
                cells.extend([None] * (column + 1 - len(cells)))
                cells[column] = value
        for column, last in starts.get(number, ()):
            running[column] = (last, cells[column] if column < len(cells) else None)
        yield number, cells


def _plain_cell(value: object) -> Cell:
    if value is None or isinstance(value, (str, int, float, datetime, date, time)):
        return value[:MAX_CELL_CHARACTERS] if isinstance(value, str) else value
    return str(value)[:MAX_CELL_CHARACTERS]


def _add_row(rows: list[Row], number: int, cells: list[Cell], name: str) -> None:
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    if cells:
        if len(rows) >= MAX_ROWS:
            raise Refusal(_too_large(name))
        rows.append(Row(number, tuple(cells)))


def _merges_by_sheet(parts: zipfile.ZipFile) -> dict[str, list[tuple[int, int, int]]]:
    # openpyxl's reading mode for large files knows nothing of merged cells.
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    book = etree.fromstring(parts.read("xl/workbook.xml"), parser)
    relations = etree.fromstring(parts.read("xl/_rels/workbook.xml.rels"), parser)
    targets = {str(item.get("Id")): str(item.get("Target")) for item in relations}
    merges: dict[str, list[tuple[int, int, int]]] = {}
    for sheet in book.iter("{*}sheet"):
        target = targets[str(sheet.get(_RELATION))]
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        data = parts.read(path) if path.startswith("xl/worksheets/") else b""
        merges[str(sheet.get("name"))] = [
            (_column_index(found[1]), int(found[2]), int(found[4]))
            for found in _MERGE.finditer(data)
            if found[2] != found[4]
        ]
    return merges


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1


def _too_large(name: str) -> str:
    return say(
        "{name} is too large: at most {megabytes} MB and {rows} rows in one file; split it",
        name=name,
        megabytes=MAX_FILE_BYTES // 1024 // 1024,
        rows=MAX_ROWS,
    )
