"""Roster sheets, as counties have them, read into people, danger points, households and complaints."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from jiaoying.contacts.model import HouseholdRow, PointRow, RosterRow
from jiaoying.contacts.reading.cells import MAX_NAME, clean_name, read_date
from jiaoying.contacts.reading.layout import SheetTable, tables_in, transposed
from jiaoying.contacts.reading.places import PlaceFinder
from jiaoying.contacts.reading.row_people import NumberReader
from jiaoying.contacts.reading.row_points import KnownPoints
from jiaoying.contacts.reading.table_reader import TableReader
from jiaoying.kernel.area_names import AreaNames
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import Grid, SheetComplaint

__all__ = ["MAX_NAME", "RosterSheet", "clean_name", "read_date", "read_roster"]


_Read = TypeVar("_Read", RosterRow, HouseholdRow)


# A sheet that says how the others are filled in holds no people, whatever its examples look like.
_EXPLAINS = re.compile(r"填写说明（不导入）|Notes \(not imported\)")


@dataclass(frozen=True, slots=True)
class RosterSheet:
    """Everything that was read from one file, and everything that is wrong with it.

    `left_out` are the names in rows that could not be used.
    """

    rows: tuple[RosterRow, ...]
    complaints: tuple[SheetComplaint, ...]
    left_out: frozenset[str] = frozenset()
    points: tuple[PointRow, ...] = ()
    households: tuple[HouseholdRow, ...] = ()


def read_roster(grids: Sequence[Grid], areas: AreaNames, locality: Locality) -> RosterSheet:
    """The people of all tables in all sheets. A sheet without headings is a complaint, no failure."""
    finder = PlaceFinder(areas, locality.home_area)
    numbers = NumberReader(locality.dialling_code)
    points = KnownPoints()
    rows: list[RosterRow] = []
    households: list[HouseholdRow] = []
    complaints: list[SheetComplaint] = []
    left_out: set[str] = set()
    grids = [grid for grid in grids if not _EXPLAINS.fullmatch(grid.name.strip())]
    found = [(grid, _tables_of(grid)) for grid in grids]
    complaints.extend(_complaints_of_sheets(found))
    tables = [table for _, tables in found for table in tables]
    for table in sorted(tables, key=_says_less_of_points):
        reader = TableReader(table, finder, numbers, points)
        reader.read()
        rows.extend(reader.rows)
        households.extend(reader.households)
        complaints.extend(reader.complaints)
        left_out |= reader.left_out
    return RosterSheet(
        _in_order(rows, grids),
        tuple(complaints),
        frozenset(left_out),
        points.rows(),
        _in_order(households, grids),
    )


def _says_less_of_points(table: SheetTable) -> int:
    """Lists of points first: lists of people and households name a point that another sheet explains."""
    layout = table.layout
    if not layout.has_points or layout.has_households:
        return 2
    return 1 if "post" in layout.columns else 0


def _tables_of(grid: Grid) -> tuple[SheetTable, ...]:
    found = tables_in(grid)
    upright = transposed(grid) if not found else None
    return tables_in(upright) if upright is not None else found


def _in_order(rows: list[_Read], grids: Sequence[Grid]) -> tuple[_Read, ...]:
    places = {grid.name: place for place, grid in enumerate(grids)}
    return tuple(sorted(rows, key=lambda row: (places.get(row.sheet, 0), row.row)))


def _complaints_of_sheets(found: Sequence[tuple[Grid, tuple[SheetTable, ...]]]) -> Iterable[SheetComplaint]:
    for grid, tables in found:
        # Not of the lists behind the drop-downs of a form.
        if grid.concealed and tables_in(Grid(grid.name, grid.concealed)):
            text = say("The sheet is hidden and is left out; show it if its people count")
            yield SheetComplaint(grid.name, 0, "", "sheet_hidden", text)
        elif grid.rows and not tables:
            text = say(
                "No row with headings such as 姓名, 手机, 责任区域, 岗位 was found; the sheet is left out"
            )
            yield SheetComplaint(grid.name, 0, "", "no_headings", text)
    if not any(grid.rows for grid, _ in found):
        yield SheetComplaint("", 0, "", "sheet_empty", say("The file holds no rows"))
