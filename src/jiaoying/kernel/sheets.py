"""Workbooks, CSV files and HTML tables as rows of plain cells, whatever state they are in.

Reads from bytes and within bounds: these files come from strangers' desks.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import lru_cache
from pathlib import Path

from lxml.etree import LxmlError

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.markup_tables import looks_like_markup, read_markup
from jiaoying.kernel.workbooks import (
    MAX_CELL_CHARACTERS,
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_ROWS,
    Cell,
    Merge,
    RawSheet,
    UnreadableWorkbook,
    read_workbook,
)

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_FILLED = 500_000  # cells that repeat a merged one above them
HEADING_ROWS = 30  # the heading is looked for in the first rows that hold anything
MIN_HEADINGS = 3

_DITTO = re.compile(r"同上|同前|[〃″\"”“]|''|do\.?|ditto", re.IGNORECASE)


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
    """One sheet: its rows in order, empty ones left out, vertically merged cells filled down.

    `merges` are the merged cells as in the file, `repeated` the places (row, column from 0) that were
    filled down. The rows of a hidden sheet are `concealed`, so that nobody reads them by mistake.
    """

    name: str
    rows: tuple[Row, ...]
    merges: tuple[Merge, ...] = ()
    repeated: frozenset[tuple[int, int]] = frozenset()
    concealed: tuple[Row, ...] = ()


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
    """Every sheet of a workbook (xlsx, xls, et, xlsb, ods), a CSV file or a page with tables.

    Raises Refusal with the remedy.
    """
    if len(file.data) > MAX_FILE_BYTES:
        raise Refusal(_too_large(file.name))
    try:
        if file.data.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"\x09\x08")):
            return tuple(_grid(sheet) for sheet in read_workbook(file.data))
        text = _decoded(file)
        stem = Path(file.name).stem
        if looks_like_markup(text):
            return tuple(_grid(sheet) for sheet in read_markup(text, stem))
        return (_grid(_read_csv(text, stem)),)
    except UnreadableWorkbook as error:
        raise Refusal(_refusal(error.trouble, file.name)) from error
    except (csv.Error, LxmlError) as error:
        problem = str(error)[: MAX_CELL_CHARACTERS // 10]
        raise Refusal(
            say("{name} is not a readable CSV file: {problem}", name=file.name, problem=problem)
        ) from error


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
    if isinstance(cell, str):
        return _plain(cell)
    return _plain(_text_of(cell))


def worded_text(cell: Cell) -> str:
    """The same in its own letters, for sentences that people read: “，” stays “，”."""
    return " ".join(_text_of(cell)[:MAX_CELL_CHARACTERS].split())


def _text_of(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return cell.isoformat() if isinstance(cell, (datetime, date, time)) else str(cell)


@lru_cache(maxsize=32_768)
def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text[:MAX_CELL_CHARACTERS]).split())


def is_ditto(text: str) -> bool:
    """Whether a cell says that it is as the one above: 同上, 〃."""
    return _DITTO.fullmatch(text.strip()) is not None


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
            if isinstance(cell, str) and is_ditto(cell):
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


def _read_csv(text: str, name: str) -> RawSheet:
    beginning = text[:20_000].splitlines()[:HEADING_ROWS]
    delimiter = max(",;\t|", key=lambda sign: max((line.count(sign) for line in beginning), default=0))
    rows: list[tuple[int, tuple[Cell, ...]]] = []
    cells_left = MAX_CELLS
    for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1):
        filled = [cell[:MAX_CELL_CHARACTERS] or None for cell in cells[:MAX_COLUMNS]]
        while filled and filled[-1] is None:
            filled.pop()
        if filled:
            rows.append((number, tuple(filled)))
            cells_left -= len(filled)
        if len(rows) > MAX_ROWS or cells_left < 0:
            raise UnreadableWorkbook("large")
    return RawSheet(name, tuple(rows))


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


def _grid(sheet: RawSheet) -> Grid:
    """A sheet with the cell of each vertical merge repeated in every row that it covers."""
    if sheet.hidden:
        return Grid(sheet.name, (), concealed=tuple(Row(number, cells) for number, cells in sheet.rows))
    starts: dict[int, list[Merge]] = {}
    for merge in sheet.merges:
        if merge.last_row > merge.first_row and merge.first_column < MAX_COLUMNS:
            starts.setdefault(merge.first_row, []).append(merge)
    rows: list[Row] = []
    repeated: set[tuple[int, int]] = set()
    running: dict[int, tuple[int, Cell]] = {}  # column → the last row of a merge, and its value
    for number, written in sheet.rows:
        cells = list(written)
        running = {column: run for column, run in running.items() if number <= run[0]}
        for column, (_, value) in running.items():
            cells.extend([None] * (column + 1 - len(cells)))
            cells[column] = value
            repeated.add((number, column))
        if len(repeated) > MAX_FILLED:
            raise UnreadableWorkbook("large")
        for merge in starts.get(number, ()):
            value = cells[merge.first_column] if merge.first_column < len(cells) else None
            if value is not None:
                running[merge.first_column] = (merge.last_row, value)
        rows.append(Row(number, tuple(cells)))
    return Grid(sheet.name, tuple(rows), sheet.merges, frozenset(repeated))


def _refusal(trouble: str, name: str) -> str:
    if trouble == "large":
        return _too_large(name)
    if trouble == "password":
        return say("{name} is protected by a password; open it, take the password off and save it", name=name)
    return say("{name} is damaged and cannot be read; open it and save it again", name=name)


def _too_large(name: str) -> str:
    return say(
        "{name} is too large: at most {megabytes} MB and {rows} rows in one file; split it",
        name=name,
        megabytes=MAX_FILE_BYTES // 1024 // 1024,
        rows=MAX_ROWS,
    )
