"""Workbooks of every kind (xlsx, xls, et, xlsb, ods) as plain cells.

They are read in a process of their own with bounded memory and time. The reader is native code and lays
a sheet out in full: two cells at far corners of a sheet, a file of a few kilobytes, end its process.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from lxml import etree

MAX_UNPACKED_BYTES = 192 * 1024 * 1024
MAX_PARTS = 2_000  # files inside a workbook
MAX_SHEETS = 50
MAX_ROWS = 100_000  # that hold anything, in one file
MAX_COLUMNS = 100
MAX_CELLS = 3_000_000
MAX_CELL_CHARACTERS = 2_000
READ_WITHIN_S = 60.0

Cell = str | int | float | datetime | date | time | None

_CHILD = Path(__file__).with_name("workbook_child.py")
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_BEGIN_OF_WORKBOOK = b"\x09\x08\x10\x00"  # record BOF with its 16 bytes; FilePass comes right after it
_FILE_PASS = b"\x2f\x00"
_MOMENTS: Mapping[str, Callable[[str], Cell]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged cell: rows from 1 as the spreadsheet shows them, columns from 0; both ends included."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, slots=True)
class RawSheet:
    """One sheet as it lies in the file: rows that hold anything, by number from 1, and its merged cells."""

    name: str
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    merges: tuple[Merge, ...] = ()
    hidden: bool = False


class UnreadableWorkbook(Exception):
    """`trouble` is `password`, `large` or `damaged`."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def read_workbook(data: bytes) -> tuple[RawSheet, ...]:
    """Every sheet of a workbook. Raises UnreadableWorkbook."""
    spans: Mapping[str, tuple[Merge, ...]] = {}
    if data.startswith(b"PK"):
        try:
            spans = _look_inside(data)
        except (
            zipfile.BadZipFile,
            etree.XMLSyntaxError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise UnreadableWorkbook("damaged") from error
    elif _is_protected(data):
        raise UnreadableWorkbook("password")
    limits = (MAX_SHEETS, MAX_ROWS, MAX_COLUMNS, MAX_CELLS, MAX_CELL_CHARACTERS)
    command = [sys.executable, "-I", str(_CHILD), *map(str, limits)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file and numbers
            command, input=data, capture_output=True, timeout=READ_WITHIN_S, check=False
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError) as error:
        raise UnreadableWorkbook("damaged") from error
    if "trouble" in answer:
        raise UnreadableWorkbook(answer["trouble"])
    return tuple(_sheet(sheet, spans.get(sheet["name"], ())) for sheet in answer["sheets"])


def _is_protected(data: bytes) -> bool:
    """Whether an old container holds an encrypted workbook, [MS-OFFCRYPTO] 2.3.4 or [MS-XLS] 2.2.10.

    The reader tells some of these from damaged files, and not all.
    """
    begin = data.find(_BEGIN_OF_WORKBOOK)
    first_record = data[begin + 20 : begin + 22] if begin >= 0 else b""
    return _ENCRYPTED_STREAM in data or first_record == _FILE_PASS


def _sheet(sheet: Mapping[str, Any], spans: tuple[Merge, ...]) -> RawSheet:
    rows = tuple((number, tuple(_cell(cell) for cell in cells)) for number, cells in sheet["rows"])
    merges = tuple(
        Merge(first_row + 1, first_column, last_row + 1, last_column)
        for first_row, first_column, last_row, last_column in sheet["merges"]
    )
    return RawSheet(sheet["name"], rows, merges or spans, sheet["hidden"])


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        ((kind, text),) = cast("dict[str, str]", value).items()
        return _MOMENTS[kind](text)
    return value


def _look_inside(data: bytes) -> Mapping[str, tuple[Merge, ...]]:
    """Refuses what unpacks to too much; the merged cells of an OpenDocument, which the reader leaves out."""
    with zipfile.ZipFile(BytesIO(data)) as parts:
        entries = parts.infolist()
        if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise UnreadableWorkbook("large")
        names = {entry.filename for entry in entries}
        if "mimetype" in names and parts.read("mimetype").strip() == _OPEN_DOCUMENT:
            with parts.open("content.xml") as content:
                return _open_document_spans(content)
    return {}


def _open_document_spans(content: Any) -> Mapping[str, tuple[Merge, ...]]:
    found: dict[str, tuple[Merge, ...]] = {}
    merges: list[Merge] = []
    row = column = 1
    events = etree.iterparse(content, events=("start", "end"), resolve_entities=False, no_network=True)
    for event, element in events:
        if event == "start":
            if element.tag == f"{_TABLE}table":
                merges, row = [], 1
            elif element.tag == f"{_TABLE}table-row":
                column = 0
            continue
        if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            down = _count(element, "number-rows-spanned")
            across = _count(element, "number-columns-spanned")
            if down > 1 or across > 1:
                merges.append(Merge(row, column, row + down - 1, column + across - 1))
            column += _count(element, "number-columns-repeated")
            element.clear()
        elif element.tag == f"{_TABLE}table-row":
            row += _count(element, "number-rows-repeated")
            element.clear()
        elif element.tag == f"{_TABLE}table":
            found[str(element.get(f"{_TABLE}name"))] = tuple(merges)
    return found


def _count(element: Any, name: str) -> int:
    text = str(element.get(f"{_TABLE}{name}") or "1")
    return int(text) if text.isdecimal() and len(text) < 8 else 1
