"""Reads the month grid of a desk (值班表): what `month_sheet` writes, and forms filled in by hand.

A grid is known by its headings: 日期 with 值班员, mostly 带班领导; above them a title with year and month.
Nothing is guessed: whose a number is and which month is meant must be on the sheet, the hours of a shift
there or in the rule of the desk's rota.
A sheet with anything unreadable gives no shifts at all, and a complaint for each place to mend.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from jiaoying.duty.month_cells import (
    MAX_TEXT,
    Unreadable,
    WrittenPerson,
    check_weekday,
    day_in,
    folded,
    says_nobody,
    written_numbers,
    written_people,
)
from jiaoying.duty.month_headings import PEOPLE, Column, GridHeadings, NamedShift, Part, find_headings
from jiaoying.duty.month_sheet import NOBODY
from jiaoying.duty.rota import LONGEST_SHIFT
from jiaoying.duty.rota_rows import Named, RotaRow
from jiaoying.duty.shift_hours import Hours, moments_of, take_hours
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import Number
from jiaoying.kernel.sheets import Cell, Grid, Row, SheetComplaint, is_ditto, plain_text, worded_text

MOST_OFFICERS = 2
DUTY_ROOM = "值班室"  # a title may name the office alone
_YEAR_MONTH = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月份?(?!\s*\d)")
_WHOLE_MONTH = re.compile(
    r"[(（]?(\d{4})年(\d{1,2})月0?1日?\s*[-—至到~～]+\s*(?:\1年)?\2月(?:28|29|30|31)日?[)）]?"
)
_DESK_IN_TITLE = re.compile(r"\s*(.*?(?:值班室|(?=领导|干部|带班|值班|值守|工作人员|人员|排班|$)))")
_UNIT = re.compile(r"(?:填报单位|值班单位|单位)\s*[:：]\s*(\S*)")
_NOTES = re.compile(r"[，。；;、]")

Cells = Mapping[int, Cell]
# By the name of the desk, then of the shift.
UsualHours = Mapping[str, Mapping[str, Hours]]
NO_HOURS: UsualHours = {}


def read_month_grid(
    grid: Grid, locality: Locality, usual: UsualHours = NO_HOURS
) -> tuple[list[RotaRow], list[SheetComplaint]] | None:
    """The shifts of a month grid, and what is wrong with it; None where a sheet is no such grid.

    Where anything is wrong there are no shifts. `usual` are the hours of the desks' shifts where the sheet
    says none.
    """
    headings = find_headings(grid)
    if headings is None:
        return None
    reader = _GridReader(grid.name, headings, locality, usual)
    rows = reader.read()
    if reader.complaints:
        text = say("Nothing of this sheet is taken over until the rest is mended")
        return [], [*reader.complaints, SheetComplaint(grid.name, 0, "", "sheet_left_out", text)]
    return rows, []


@dataclass(frozen=True, slots=True)
class _Title:
    year: int
    month: int
    desk: str


@dataclass(frozen=True, slots=True)
class _Filled:
    """Who stands in a column of one row, and the hours that are written there."""

    people: Sequence[WrittenPerson]
    hours: Hours | None


@dataclass(slots=True)
class _GridReader:
    sheet: str
    headings: GridHeadings
    locality: Locality
    usual: UsualHours
    complaints: list[SheetComplaint] = field(default_factory=list[SheetComplaint])
    remarks: list[Row] = field(default_factory=list[Row])
    noted: list[tuple[Hours, str]] = field(default_factory=list[tuple[Hours, str]])

    def read(self) -> list[RotaRow]:
        title = self._title()
        dates, *others = self.headings.with_part(Part.DATE)
        if others:
            text = say("There are two columns of days side by side: put the days below each other")
            self._complain(0, others[0].heading, "two_grids", text)
        if title is None or self.complaints:
            return []
        found: dict[datetime, RotaRow] = {}
        days = self._days(dates)
        self.noted = list(_noted((*self.headings.above, *self.remarks)))
        for number, cells in days:
            for row in self._row(number, cells, dates, title):
                first = found.setdefault(row.starts_at, row)
                if first is not row:
                    text = say("This shift stands in row {row} already: write each once", row=first.row)
                    self._complain(number, dates.heading, "shift_twice", text)
        return list(found.values())

    # --- above and below ---

    def _title(self) -> _Title | None:
        """Year and month from the title, else from the name of the sheet; the desk beside them."""
        above = [worded_text(cell) for row in self.headings.above for cell in row.cells]
        unit = next((found[1] for text in above if (found := _UNIT.match(text))), "")
        for text in (*above, self.sheet):
            found = _YEAR_MONTH.search(text) or _WHOLE_MONTH.search(text)
            if found is None or not 1 <= int(found[2]) <= 12:
                continue
            named = "" if text is self.sheet else _desk_beside(text, found)
            desk = named or unit or _desk_in(each for each in above if each is not text)
            if not desk:
                text = say("The title names no desk: write it as 沁水县应急值班室2026年8月值班表")
                self._complain(0, "", "desk_missing", text)
                return None
            return _Title(int(found[1]), int(found[2]), desk[:MAX_TEXT])
        text = say("The title names no month: write it as 沁水县应急值班室2026年8月值班表")
        self._complain(0, "", "month_missing", text)
        return None

    def _days(self, dates: Column) -> list[tuple[int, Cells]]:
        """The rows of days, 同上 resolved; what stands below the last one is kept as remarks."""
        rows = list(self.headings.below)
        while rows and _is_remark(rows[-1], dates):
            self.remarks.append(rows.pop())
        several_a_day = bool(self.headings.with_part(Part.SHIFT))
        above: dict[int, Cell] = {}
        found: list[tuple[int, Cells]] = []
        for row in rows:
            cells: dict[int, Cell] = {}
            for column in self.headings.columns:
                cell = row.cells[column.place] if column.place < len(row.cells) else None
                goes_on = several_a_day and column is dates and cell is None
                if goes_on or (isinstance(cell, str) and is_ditto(cell)):
                    cell = above.get(column.place)
                cells[column.place] = above[column.place] = cell
            found.append((row.number, cells))
        return found

    def _noted_hours(self, name: str) -> Hours | None:
        """The hours that a line outside the grid gives to a shift (白班8:00至20:00), or to the only one."""
        found = {hours for hours, rest in self.noted if name in rest}
        return found.pop() if len(found) == 1 else None

    def _usual_hours(self, name: str, desk: str) -> Hours | None:
        """The hours of the desk's own rule: of this shift, or of its only one where the sheet names none."""
        known = self.usual.get(desk) or self.usual.get(desk + DUTY_ROOM) or {}
        return next(iter(known.values())) if not name and len(known) == 1 else known.get(name)

    # --- one row ---

    def _row(self, number: int, cells: Cells, dates: Column, title: _Title) -> list[RotaRow]:
        """The shifts of a day; none where anything in the row cannot be used."""
        people = self.headings.with_part(*PEOPLE)
        if all(says_nobody(folded(cells[column.place])) for column in people):
            return []
        at = dates
        try:
            day = day_in(cells[dates.place], title.year, title.month)
            for at in self.headings.with_part(Part.WEEKDAY):
                check_weekday(day, plain_text(cells[at.place]))
            filled: dict[Column, _Filled] = {}
            for at in people:
                filled[at] = self._filled(at, cells)
            rows: list[RotaRow] = []
            for shift, columns in self._officers(cells).items():
                at = columns[0]
                officers = [_named(person) for column in columns for person in filled[column].people]
                if officers:
                    told = next((filled[column].hours for column in columns if filled[column].hours), None)
                    starts_at, ends_at = self._times(day, shift, told, title.desk)
                    row = RotaRow(
                        self.sheet,
                        number,
                        title.desk,
                        starts_at,
                        ends_at,
                        officers[0],
                        self._leader(shift, filled),
                        second=_second(officers),
                        name=shift.name,
                        as_stands=True,
                    )
                    rows.append(row)
        except Unreadable as trouble:
            self._complain(number, at.heading, trouble.code, trouble.text)
            return []
        return rows

    def _officers(self, cells: Cells) -> dict[NamedShift, list[Column]]:
        """The columns of officers by shift; a column 班次 names it for the row."""
        of_row = NamedShift()
        for column in self.headings.with_part(Part.SHIFT):
            hours, rest = take_hours(worded_text(cells[column.place]))
            of_row = NamedShift(" ".join(rest.split()), hours)
        found: dict[NamedShift, list[Column]] = {}
        for column in self.headings.with_part(Part.OFFICER):
            found.setdefault(column.shift or of_row, []).append(column)
        return found

    def _times(
        self, day: date, shift: NamedShift, told: Hours | None, desk: str
    ) -> tuple[datetime, datetime]:
        hours = told or shift.hours or self._noted_hours(shift.name) or self._usual_hours(shift.name, desk)
        if hours is None:
            raise Unreadable(
                "hours_missing",
                say("When this shift begins and ends is not said: write 08:30—次日08:30 into its heading"),
            )
        starts_at, ends_at = moments_of(day, hours, self.locality.timezone)
        if not starts_at < ends_at <= starts_at + LONGEST_SHIFT:
            text = say("A shift lasts from a minute to {hours} hours; mend its times", hours=48)
            raise Unreadable("shift_length", text)
        return starts_at, ends_at

    def _leader(self, shift: NamedShift, filled: Mapping[Column, _Filled]) -> Named | None:
        """Whom the shift's own column names, else the one for all; a shift behind a name counts first."""
        leaders = self.headings.with_part(Part.LEADER)
        own = [column for column in leaders if column.shift and shift.is_same(column.shift)]
        shared = [column for column in leaders if column.shift is None]
        people = [person for column in own or shared for person in filled[column].people]
        marked = [person for person in people if person.mark and shift.is_meant_by(person.mark)]
        chosen = marked or [person for person in people if not person.mark]
        if len(chosen) > 1:
            raise Unreadable("leaders_several", say("Several leaders stand there for one shift: write one"))
        return _named(chosen[0]) if chosen and chosen[0].name != NOBODY else None

    # --- one cell ---

    def _filled(self, column: Column, cells: Cells) -> _Filled:
        """Who stands in a column, with numbers from the cell itself or from the column of numbers."""
        hours, text = self._text(column, cells)
        people = self._written(column, text)
        numbers = self._numbers(column, cells, len(people))
        with_numbers = [
            WrittenPerson(person.name, person.number or number, person.mark)
            for person, number in zip(people, numbers, strict=True)
        ]
        return _Filled(with_numbers, hours)

    def _text(self, column: Column, cells: Cells) -> tuple[Hours | None, str]:
        """The hours that stand with the officers where they are not those of the heading; and the rest."""
        text = folded(cells[column.place])
        return take_hours(text) if column.part is Part.OFFICER else (None, text)

    def _written(self, column: Column, text: str) -> list[WrittenPerson]:
        shifts = [each.shift for each in self.headings.with_part(Part.OFFICER) if each.shift]

        def is_mark(words: str) -> bool:
            in_question = column.part is Part.LEADER and column.shift is None and bool(words.strip())
            return in_question and any(shift.is_meant_by(words) for shift in shifts)

        return written_people(text, self.locality.dialling_code, is_mark)

    def _numbers(self, column: Column, cells: Cells, count: int) -> list[Number | None]:
        """A number, or None, for each of the people of a column.

        One column of numbers may serve several of people (值班员, 带班领导, 联系电话), theirs in order.
        """
        at = self.headings.numbers_of(column)
        read = written_numbers(folded(cells[at.place]), self.locality.dialling_code) if at else []
        if not any(read):
            return [None] * count
        sharing = [each for each in self.headings.with_part(*PEOPLE) if self.headings.numbers_of(each) == at]
        counts = [len(self._written(each, self._text(each, cells)[1])) for each in sharing]
        if sum(counts) == 1:
            return read[:count]  # several numbers of one person: the first is enough to tell who it is
        if sum(counts) != len(read):
            raise Unreadable(
                "numbers_unclear",
                say("Whose each number is cannot be told: write as many numbers as names, one to a line"),
            )
        before = sum(counts[: sharing.index(column)])
        return read[before : before + count]

    def _complain(self, row: int, column: str, code: str, text: str) -> None:
        self.complaints.append(SheetComplaint(self.sheet, row, column, code, text))


def _desk_beside(text: str, month: re.Match[str]) -> str:
    """The desk of a title: all that stands before the month, else what stands behind it up to 值班表."""
    before = text[: month.start()].strip(" (（[【")
    if before and not before.endswith("表"):
        return before
    return _desk_in([before, text[month.end() :]])


def _desk_in(texts: Iterable[str]) -> str:
    """The desk of a title without the month: 沁水县应急值班室值班表."""
    found = (_DESK_IN_TITLE.match(text) for text in texts if "值班" in text and "表" in text)
    return next((match[1].strip() for match in found if match and match[1].strip()), "")


def _noted(rows: Iterable[Row]) -> Iterator[tuple[Hours, str]]:
    """The hours that lines outside the grid tell, each with the words around them."""
    for row in rows:
        for piece in (piece for cell in row.cells for piece in _NOTES.split(worded_text(cell))):
            hours, rest = take_hours(piece)
            if hours is not None:
                yield hours, rest


def _named(person: WrittenPerson) -> Named:
    return person.name, person.number


def _second(officers: Sequence[Named]) -> Named | None:
    """The second of at most two officers. Raises Unreadable."""
    if len(officers) > MOST_OFFICERS:
        raise Unreadable("officers_several", say("More than two officers stand there: write two at most"))
    if len(officers) == 1:
        return None
    if officers[0] == officers[1]:
        raise Unreadable("officer_twice", say("The same officer stands there twice: write two, or one once"))
    return officers[1]


def _is_remark(row: Row, dates: Column) -> bool:
    """Whether a row holds words in the place of a day, or a line to sign (审核：…)."""
    cell = row.cells[dates.place] if dates.place < len(row.cells) else None
    if isinstance(cell, str) and cell.strip():
        return not plain_text(cell)[:1].isdigit() and not is_ditto(cell)
    return cell is None and any(isinstance(each, str) and ":" in plain_text(each) for each in row.cells)
