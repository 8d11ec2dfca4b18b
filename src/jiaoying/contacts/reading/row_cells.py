"""The cells of one row by what their columns mean."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from jiaoying.contacts.reading.cells import MAX_NAME, names_nobody, read_count, read_date, split_unit_title
from jiaoying.contacts.reading.columns import Layout, PersonGroup
from jiaoying.contacts.reading.row_people import Complain, Written
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import Cell, Row, is_ditto, plain_text, worded_text

MAX_NOTE = 500
_HAN_BLANK = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class RowCells:
    """One row of a table. Blanks inside Chinese words are off."""

    row: Row
    layout: Layout

    def cell(self, column: str) -> Cell:
        """What the columns of this meaning hold; several are one text of several lines."""
        places = self.layout.columns.get(column)
        if places is None:
            return None
        cells = [cell for place in places if plain_text(cell := self.at(place))]
        return cells[0] if len(cells) == 1 else "\n".join(map(plain_text, cells)) or None

    def text(self, column: str, most: int = MAX_NAME) -> str:
        """The same as one line."""
        return without_blanks(self.cell(column))[:most]

    def words(self, column: str, most: int) -> str:
        """The same in its own letters, as somebody wrote it for others to read."""
        cells = (worded_text(self.at(place)) for place in self.layout.columns.get(column, ()))
        return " ".join(filter(None, cells))[:most]

    def at(self, place: int) -> Cell:
        """The cell at a place from 0."""
        return self.row.cells[place] if place < len(self.row.cells) else None

    def written(self, group: PersonGroup) -> Written:
        """What the row says of one of its people."""
        names = [(place, self.at(place)) for place in group.columns.get("name", ())]
        numbers = [
            (place, self.at(place))
            for column in ("mobile", "landline")
            for place in group.columns.get(column, ())
        ]
        return Written(names, numbers)

    def deputy(self) -> Written:
        """The deputy of the row."""
        return self._written("deputy", "deputy_mobile")

    def superior(self) -> Written:
        """Who stands above the people of the row."""
        return self._written("superior", "superior_mobile")

    def heads(self) -> Written:
        """The heads of the threatened households."""
        return self._written("head", "head_mobile")

    def unit_and_title(self, group: PersonGroup) -> tuple[str | None, str | None]:
        """Where one of the people works and as what; a column for the whole row counts for everybody."""
        unit = self._group_text(group, "unit") or self.organisation(group) or self.text("unit") or None
        title = self._group_text(group, "title") or None
        both = self._group_text(group, "unit_title")
        if both:
            own_unit, own_title = split_unit_title(both)
            unit, title = unit or own_unit, title or own_title
        return (unit and unit[:MAX_NAME]) or None, (title and title[:MAX_NAME]) or None

    def organisation(self, group: PersonGroup) -> str:
        """The office in a column of its own: 管理单位 beside 管理单位责任人."""
        for place, words in self.layout.organisations.items():
            if group.role.startswith(words):
                return without_blanks(self.at(place))
        return ""

    def label(self, group: PersonGroup, *columns: str) -> str:
        """The heading of the first of these columns that the group has."""
        places = [place for column in columns for place in group.columns.get(column, ())]
        return self.layout.label(places[0]) if places else group.role

    def note(self) -> str | None:
        """The remark, the hamlet or group that no area code names, and what else stands there."""
        particulars = [
            f"{self.layout.label(place)}：{text}"
            for place in self.layout.columns.get("particular", ())
            if (text := worded_text(self.at(place)))
        ]
        parts = [self.words("note", MAX_NOTE), self.text("hamlet"), *particulars]
        return "；".join(filter(None, parts))[:MAX_NOTE] or None

    def validity(self, complain: Complain) -> tuple[date | None, date | None]:
        """The first and the last day in force."""
        begin, end = self._date("valid_from", complain), self._date("valid_to", complain)
        if begin and end and end < begin:
            place = self.layout.columns["valid_to"][0]
            text = say("It ends before it begins; both dates are left out")
            complain(place, "dates_crossed", text)
            return None, None
        return begin, end

    def count(self, column: str, complain: Complain) -> int | None:
        """A figure such as 12户; what is none is told."""
        try:
            return read_count(self.cell(column))
        except ValueError:
            text = say("“{text}” is no count; write a number such as 12", text=self.text(column))
            complain(self.layout.columns[column][0], "count_unreadable", text)
            return None

    def _date(self, column: str, complain: Complain) -> date | None:
        try:
            return read_date(self.cell(column))
        except ValueError:
            text = say("“{text}” is no date; write it as 2026-06-01", text=self.text(column))
            complain(self.layout.columns[column][0], "date_unreadable", text)
            return None

    def _written(self, names: str, numbers: str) -> Written:
        columns = self.layout.columns
        return Written(
            [(place, self.at(place)) for place in columns.get(names, ())],
            [(place, self.at(place)) for place in columns.get(numbers, ())],
        )

    def _group_text(self, group: PersonGroup, column: str) -> str:
        texts = (
            _HAN_BLANK.sub("", text)
            for place in group.columns.get(column, ())
            if (text := plain_text(self.at(place))) and not names_nobody(text)
        )
        return next(texts, "")


def without_blanks(cell: Cell) -> str:
    """A cell as one line, without blanks inside Chinese words."""
    return _HAN_BLANK.sub("", plain_text(cell))


def without_dittos(rows: Iterable[Row], layout: Layout) -> Iterator[Row]:
    """The rows with 同上 replaced by what stands above, and 同左 by the person at the left."""
    left = {
        place: before.columns[column][0]
        for before, group in zip(layout.groups, layout.groups[1:], strict=False)
        for column, places in group.columns.items()
        for place in places
        if column in before.columns
    }
    above: dict[int, Cell] = {}
    for row in rows:
        cells = list(row.cells)
        for place, cell in enumerate(cells):
            if not isinstance(cell, str):
                pass
            elif is_ditto(cell):
                cells[place] = above.get(place)
            elif cell.strip() == "同左" and place in left:
                cells[place] = cells[left[place]]
            above[place] = cells[place]
        yield Row(row.number, tuple(cells))
