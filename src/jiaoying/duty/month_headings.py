"""The headings of a month grid: which column tells what, of which shift. Pure."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jiaoying.duty.rota_rows import plain_name
from jiaoying.duty.shift_hours import Hours, take_hours
from jiaoying.kernel.sheets import HEADING_ROWS, Cell, Grid, Row, plain_heading, worded_text

_MOST_HEADING_ROWS = 3


class Part(StrEnum):
    """What a column tells."""

    DATE = "date"
    WEEKDAY = "weekday"
    SHIFT = "shift"
    OFFICER = "officer"
    LEADER = "leader"
    NUMBER = "number"


PEOPLE = (Part.OFFICER, Part.LEADER)
_WHOLE_WORDS: Mapping[str, Part] = {
    "日期": Part.DATE,
    "值班日期": Part.DATE,
    "时间": Part.DATE,
    "值班时间": Part.DATE,
    "星期": Part.WEEKDAY,
    "周次": Part.WEEKDAY,
    "班次": Part.SHIFT,
    "班别": Part.SHIFT,
}
# A sheet with these is a list of shifts, not a grid.
_LIST_WORDS = frozenset({"起", "止", "开始时间", "结束时间", "起始时间", "截止时间", "from", "to"})
_IGNORED = frozenset({"职务", "单位", "部门", "备注", "说明", "序号", "值班电话", "值班室电话", "值班地点"})
_LEADER_WORD = re.compile(r"带班领导干部|带班领导|值班领导|带班干部|带班人员|带班人|带班")
_OFFICER_WORD = re.compile(r"第[一二]值班员|副值班员|值班人员|值班干部|值班员|值班人|主班|副班|正班")
_NUMBER_WORD = re.compile(r"联系电话|联系方式|电话号码|手机号码|手机号|手机|电话")
_NAME_WORD = re.compile(r"姓名")
_SHIFT_WORD = re.compile(r".*班")


@dataclass(frozen=True, slots=True)
class NamedShift:
    """A shift of the day as a heading names it; hours where it tells them."""

    name: str = ""
    hours: Hours | None = None

    def is_meant_by(self, text: str) -> bool:
        """Whether words behind a name (夜班, 20:00—次日08:00) mean this shift."""
        hours, rest = take_hours(text)
        is_named = not _bare(rest) or _bare(rest) == _bare(self.name)
        return is_named and hours in (None, self.hours)

    def is_same(self, other: "NamedShift | None") -> bool:
        """Whether both mean one shift, also where one heading has no hours."""
        if other is None or _bare(self.name) != _bare(other.name):
            return False
        return self.hours == other.hours or (bool(self.name) and None in (self.hours, other.hours))


@dataclass(frozen=True, slots=True)
class Column:
    """A column by what it tells, of which shift (None: of all), and for numbers of which role."""

    place: int
    part: Part
    heading: str
    shift: NamedShift | None = None
    role: Part | None = None


@dataclass(frozen=True, slots=True)
class GridHeadings:
    """The columns, the rows above them, and the rows below."""

    columns: tuple[Column, ...]
    above: tuple[Row, ...]
    below: tuple[Row, ...]

    def with_part(self, *parts: Part) -> list[Column]:
        return [column for column in self.columns if column.part in parts]

    def numbers_of(self, column: Column) -> Column | None:
        """Where the numbers of people stand: in the column that names the role, else in the next one."""
        behind = [
            each
            for each in self.with_part(Part.NUMBER)
            if each.place > column.place
            and each.role in (None, column.part)
            and (each.shift is None or each.shift.is_same(column.shift))
        ]
        return min(behind, key=lambda each: (each.role is None, each.place), default=None)


def find_headings(grid: Grid) -> GridHeadings | None:
    """The headings of a month grid, which has days and officers; None where a sheet is none."""
    for first, row in enumerate(grid.rows[:HEADING_ROWS]):
        words = [_heading_of(cell) for cell in row.cells]
        if not any(_WHOLE_WORDS.get(word) is Part.DATE for word in words) or _LIST_WORDS & set(words):
            continue
        after = first + 1
        while after - first < _MOST_HEADING_ROWS and _goes_on(grid.rows[after : after + 1], words):
            after += 1
        columns = _columns(grid, grid.rows[first:after])
        if any(column.part is Part.OFFICER for column in columns):
            return GridHeadings(columns, grid.rows[:first], grid.rows[after:])
    return None


def _goes_on(rows: Sequence[Row], above: Sequence[str]) -> bool:
    """Whether a row belongs to the headings: below the word for the day stands the same word, or nothing."""
    for row in rows:
        place = next(place for place, word in enumerate(above) if _WHOLE_WORDS.get(word) is Part.DATE)
        texts = [_heading_of(cell) for cell in row.cells]
        below = texts[place] if place < len(texts) else ""
        if below:
            return below == above[place]
        is_day = place < len(row.cells) and row.cells[place] is not None
        words = (_NAME_WORD, _NUMBER_WORD, _OFFICER_WORD, _LEADER_WORD)
        return not is_day and any(word.fullmatch(text) for word in words for text in texts)
    return False


def _columns(grid: Grid, rows: Sequence[Row]) -> tuple[Column, ...]:
    filled = [_across(grid, row) for row in rows]
    stacks = [
        list(dict.fromkeys(row[place] for row in filled if place < len(row) and row[place]))
        for place in range(max(len(row) for row in filled))
    ]
    read = (_column(place, texts) for place, texts in enumerate(stacks) if texts)
    return tuple(column for column in read if column is not None)


def _across(grid: Grid, row: Row) -> list[str]:
    """The texts of a heading row without the blanks that stretch them (值 班 员), merged ones repeated."""
    texts = [plain_name(worded_text(cell)) for cell in row.cells]
    for merge in grid.merges:
        if merge.first_row <= row.number <= merge.last_row and merge.first_column < len(texts):
            texts.extend([""] * (merge.last_column + 1 - len(texts)))
            for place in range(merge.first_column + 1, merge.last_column + 1):
                texts[place] = texts[merge.first_column]
    return texts


def _column(place: int, texts: Sequence[str]) -> Column | None:
    """What the headings over a column say, from the widest to the finest."""
    own = plain_heading(texts[-1])
    if own in _WHOLE_WORDS:
        return Column(place, _WHOLE_WORDS[own], texts[-1])
    if own in _IGNORED:
        return None
    role: Part | None = None
    hours: Hours | None = None
    names: list[str] = []
    for text in texts:
        told, rest = take_hours(text)
        hours, role = told or hours, _role_in(rest) or role
        names.append(_without_words(rest))
    name = " ".join(filter(None, names))
    shift = NamedShift(name, hours) if name or hours else None
    if any(_NUMBER_WORD.search(text) for text in texts):
        return Column(place, Part.NUMBER, texts[-1], shift, role)
    if role is None and (hours is not None or _SHIFT_WORD.fullmatch(name)):
        role = Part.OFFICER
    return None if role is None else Column(place, role, texts[-1], shift)


def _role_in(text: str) -> Part | None:
    if _LEADER_WORD.search(text):
        return Part.LEADER
    return Part.OFFICER if _OFFICER_WORD.search(text) else None


def _without_words(text: str) -> str:
    """What is left of a heading without the words for roles, names and numbers: the name of the shift."""
    for word in (_LEADER_WORD, _OFFICER_WORD, _NUMBER_WORD, _NAME_WORD):
        text = word.sub("", text)
    return " ".join(text.split())


def _heading_of(cell: Cell) -> str:
    return plain_heading(cell) if isinstance(cell, str) else ""


def _bare(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
