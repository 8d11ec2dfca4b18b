"""Reads a workbook from standard input and writes its visible cells as JSON: run by `workbooks`, alone.

Imports nothing of ours: it starts anew for every file and must start quickly.
"""

import io
import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

MEMORY_BYTES = 3 * 1024**3  # a sheet is laid out in full: 65,536 × 256 cells of the old format need half a GB
CPU_S = 60


def main() -> None:
    max_sheets, max_rows, max_columns, max_cells, max_characters = (int(word) for word in sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    reader = _Reader(max_rows, max_columns, max_cells, max_characters)
    answer: dict[str, Any]
    try:
        answer = {"sheets": reader.sheets_of(sys.stdin.buffer.read(), max_sheets)}
    except PasswordError:
        answer = {"trouble": "password"}
    except _TooLarge:
        answer = {"trouble": "large"}
    except CalamineError:
        answer = {"trouble": "damaged"}
    json.dump(answer, sys.stdout)


class _TooLarge(Exception):
    pass


class _Reader:
    def __init__(self, max_rows: int, max_columns: int, max_cells: int, max_characters: int) -> None:
        self.rows_left, self.cells_left = max_rows, max_cells
        self.max_columns, self.max_characters = max_columns, max_characters

    def sheets_of(self, data: bytes, max_sheets: int) -> list[dict[str, Any]]:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found: list[dict[str, Any]] = []
        for metadata in book.sheets_metadata[:max_sheets]:
            # Some formats do not tell sheets of cells from charts; a chart has no cells.
            sheet = book.get_sheet_by_name(metadata.name)
            hidden = metadata.visible is not SheetVisibleEnum.Visible
            found.append(
                {
                    "name": metadata.name.replace("\0", ""),
                    "hidden": hidden,
                    "rows": self._rows_of(sheet),
                    "merges": [(*start, *end) for start, end in sheet.merged_cell_ranges or ()],
                }
            )
        return found

    def _rows_of(self, sheet: CalamineSheet) -> list[tuple[int, list[object]]]:
        if sheet.start is None:
            return []
        # The reader gives the empty rows above the first cell, and leaves out the columns before it.
        _, first_column = sheet.start
        before: list[object] = [None] * min(first_column, self.max_columns)
        rows: list[tuple[int, list[object]]] = []
        for number, values in enumerate(sheet.iter_rows(), start=1):
            cells = before + [self._cell(value) for value in values[: self.max_columns - len(before)]]
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                self.rows_left -= 1
                self.cells_left -= len(cells)
                if self.rows_left < 0 or self.cells_left < 0:
                    raise _TooLarge
                rows.append((number, cells))
        return rows

    def _cell(self, value: object) -> object:
        if isinstance(value, str):
            # Old formats hold any sign; no database stores this one.
            return value[: self.max_characters].replace("\0", "") or None
        if isinstance(value, (datetime, date, time)):
            return {type(value).__name__: value.isoformat()}
        if isinstance(value, timedelta):
            return str(value)
        return value


if __name__ == "__main__":
    main()
