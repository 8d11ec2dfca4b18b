"""Roster sheets, as counties have them, read into rows and complaints."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from jiaoying.contacts.model import HouseholdRow, PointRow, PostLevel, RosterRow
from jiaoying.contacts.words import (
    DANGER_POINT_COLUMNS,
    IDLE_HEADINGS,
    SYNONYMS,
    hazards_named,
    level_named,
)
from jiaoying.kernel.area_names import Area, AreaNames, Doubt
from jiaoying.kernel.areas import Level, complete_code
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import best_language, say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import Number, read_number, split_numbers
from jiaoying.kernel.sheets import Cell, Grid, SheetComplaint, Table, find_table, plain_heading, plain_text

MAX_NAME = 40  # characters of a name, a post, a unit
MAX_NOTE = 500
MAX_NUMBERS = 6  # of one person

_SEVERAL = re.compile(r"[、,，;；/\n]+")
_BRACKETS = re.compile(r"(.+?)\((.+?)\)")
_HAN_BLANK = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?|(\d{4})(\d{2})(\d{2})")
_SPREADSHEET_DAY_ZERO = date(1899, 12, 30)
# The mark of made-up people belongs to their name and is no office.
_DEMONSTRATION_MARK = "演示"


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


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    title: str | None
    numbers: tuple[Number, ...]


def read_roster(grids: Sequence[Grid], areas: AreaNames, locality: Locality) -> RosterSheet:
    """The rows of all sheets that hold a roster. A sheet without headings is a complaint."""
    rows: list[RosterRow] = []
    complaints: list[SheetComplaint] = []
    left_out: set[str] = set()
    for grid in grids:
        if not grid.rows:
            continue
        table = find_table(grid, SYNONYMS)
        if table is None:
            complaints.append(_no_headings(grid.name))
            continue
        complaints.extend(_complaints_of_headings(table))
        for number, record in table.records:
            reader = _RowReader(table.sheet, number, record, areas, locality, complaints)
            rows.extend(reader.read())
            left_out |= reader.left_out
    if not any(grid.rows for grid in grids):
        complaints.append(SheetComplaint("", 0, "", "sheet_empty", say("The file holds no rows")))
    return RosterSheet(tuple(rows), tuple(complaints), frozenset(left_out))


def clean_name(text: str) -> tuple[str, str | None]:
    """A person's name without inner blanks, and the office that stood in brackets behind it."""
    name = _HAN_BLANK.sub("", text.strip())
    found = _BRACKETS.fullmatch(name)
    if found is None:
        return name, None
    if found[2] == _DEMONSTRATION_MARK:
        return f"{found[1]}（{_DEMONSTRATION_MARK}）", None
    return found[1].strip(), found[2].strip()


def read_date(cell: Cell) -> date | None:
    """A day from a date cell, `2025-06-01`, `2025年6月1日`, or a spreadsheet's day number.

    Raises ValueError for anything else that is not blank.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = plain_text(cell)
    if not text:
        return None
    found = _DATE.fullmatch(text)
    if found:
        year, month, day = (int(part) for part in found.groups() if part is not None)
        return date(year, month, day)
    if text.isdigit() and 30_000 < int(text) < 80_000:
        return _SPREADSHEET_DAY_ZERO + timedelta(days=int(text))
    raise ValueError(text)


@dataclass(slots=True)
class _RowReader:
    """Reads one record; what is wrong goes to `complaints`, and what can be used is used."""

    sheet: str
    number: int
    record: Mapping[str, Cell]
    areas: AreaNames
    locality: Locality
    complaints: list[SheetComplaint]
    left_out: set[str] = field(default_factory=set[str])

    def read(self) -> list[RosterRow]:
        people = self._people("name", ("mobile", "landline"))
        post = self._text("post")
        level = self._level()
        area = self._area(level)
        if not people:
            self._complain("name", "name_missing", say("There is no name; the row is left out"))
        if not post:
            self._complain("post", "post_missing", say("There is no post; the row is left out"))
        if not people or not post or area is None:
            self.left_out.update(person.name for person in people)
            return []
        for person in people:
            if not person.numbers:
                self._complain(
                    "mobile", "unreachable", say("{name} has no number that can be called", name=person.name)
                )
        return self._rows(people, post, level or PostLevel.of_area(area.level), area)

    def _rows(self, people: list[_Person], post: str, level: PostLevel, area: Area) -> list[RosterRow]:
        deputies = self._people("deputy", ("deputy_mobile",))
        valid_from, valid_to = self._date("valid_from"), self._date("valid_to")
        if valid_from and valid_to and valid_to < valid_from:
            self._complain(
                "valid_to", "dates_crossed", say("It ends before it begins; both dates are left out")
            )
            valid_from = valid_to = None
        hazards, unit, title, superior = self._hazards(), self._text("unit"), self._text("title"), None
        if self._text("superior"):
            superior, _ = clean_name(self._text("superior"))
        language, note = self._text("language"), self._note()
        if len(deputies) > 1:
            self._complain("deputy", "several_deputies", say("Only the first deputy is kept"))
        return [
            RosterRow(
                sheet=self.sheet,
                row=self.number,
                name=person.name,
                numbers=person.numbers,
                area_code=area.code,
                post=post,
                level=level,
                hazards=hazards,
                unit=unit or None,
                title=title or person.title,
                deputy=deputies[0].name if deputies else None,
                deputy_numbers=deputies[0].numbers if deputies else (),
                superior=superior,
                valid_from=valid_from,
                valid_to=valid_to,
                language=best_language(language) if language else None,
                note=note,
            )
            for person in people
        ]

    def _people(self, column: str, number_columns: Sequence[str]) -> list[_Person]:
        """The people of one cell. Several names need as many numbers, or nobody knows whose is whose."""
        cell = str(self.record.get(column) or "")
        names = [clean_name(part) for part in _SEVERAL.split(plain_lines(cell)) if part.strip()]
        names = [(name[:MAX_NAME], title) for name, title in names if name]
        numbers = self._numbers(number_columns)
        if len(names) <= 1:
            return [_Person(name, title, numbers) for name, title in names]
        if len(numbers) == len(names):
            return [
                _Person(name, title, (number,)) for (name, title), number in zip(names, numbers, strict=True)
            ]
        self._complain(
            column,
            "several_people",
            say(
                "{people} people and {numbers} numbers in one cell: write one person to a row",
                people=len(names),
                numbers=len(numbers),
            ),
        )
        return [_Person(name, title, ()) for name, title in names]

    def _numbers(self, columns: Sequence[str]) -> tuple[Number, ...]:
        found: dict[str, Number] = {}
        for column in columns:
            cell = self.record.get(column)
            pieces = split_numbers(cell) if isinstance(cell, str) else [] if cell is None else [cell]
            for piece in pieces[:MAX_NUMBERS]:
                number = read_number(piece, self.locality.dialling_code)
                if isinstance(number, Complaint):
                    self._complain(column, number.code, number.text)
                else:
                    found[number.e164] = number
        return tuple(found.values())

    def _area(self, level: PostLevel | None) -> Area | None:
        code = plain_text(self.record.get("area_code"))
        if code:
            found = self.areas.get(complete_code(code) or "")
            if found is not None:
                return found
            self._complain(
                "area_code", "area_unknown", say("No area has the code “{code}”", code=code[:MAX_NAME])
            )
        place, text = self._place_named(level)
        if isinstance(place, Area):
            return place
        if text:
            self._complain_of_place(text, place)
        elif not code:
            self._complain("area", "area_missing", say("There is no area; the row is left out"))
        return None

    def _place_named(self, level: PostLevel | None) -> tuple[Area | Doubt | None, str]:
        """The place, and the words for it: one column holds it all, or it is spread over 县/乡镇/村."""
        spread = [plain_text(self.record.get(column)) for column in ("county", "township", "village")]
        area = plain_text(self.record.get("area"))
        above = "".join(spread[:2])
        readings = filter(None, dict.fromkeys((above + (spread[2] or area), area, "".join(spread))))
        wanted = Level(level) if level in (PostLevel.VILLAGE, PostLevel.TOWNSHIP) else None
        found: Area | Doubt | None = None
        text = ""
        for text in readings:
            found = self.areas.find(text, within=self.locality.home_area, level=wanted)
            if isinstance(found, Area):
                break
        return found, text

    def _complain_of_place(self, text: str, place: Doubt | None) -> None:
        if place is None:
            self._complain("area", "area_unknown", say("No area is called “{text}”", text=text[:MAX_NAME]))
            return
        choices = ", ".join(f"{area.name} {area.code}" for area in place.candidates[:5])
        self._complain(
            "area",
            "area_doubtful",
            say("“{text}” may be {choices}: write the township or the code", text=text, choices=choices),
        )

    def _level(self) -> PostLevel | None:
        text = self._text("level")
        level = level_named(text) if text else None
        if text and level is None:
            self._complain(
                "level", "level_unknown", say("“{text}” is no level; write 县级, 乡级 or 村级", text=text)
            )
        return level

    def _hazards(self) -> tuple[Hazard, ...]:
        families, unknown = hazards_named(plain_lines(str(self.record.get("hazards") or "")))
        if unknown:
            words = ", ".join(unknown)[:MAX_NAME]
            self._complain("hazards", "hazard_unknown", say("No hazard is called “{words}”", words=words))
        return families

    def _date(self, column: str) -> date | None:
        try:
            return read_date(self.record.get(column))
        except ValueError:
            text = plain_text(self.record.get(column))[:MAX_NAME]
            self._complain(
                column, "date_unreadable", say("“{text}” is no date; write it as 2026-06-01", text=text)
            )
            return None

    def _note(self) -> str | None:
        particulars = [
            f"{column}：{text}"
            for column in DANGER_POINT_COLUMNS
            if (text := plain_text(self.record.get(column)))
        ]
        return "；".join(filter(None, [plain_text(self.record.get("note")), *particulars]))[:MAX_NOTE] or None

    def _text(self, column: str) -> str:
        return _HAN_BLANK.sub("", plain_text(self.record.get(column)))[:MAX_NAME]

    def _complain(self, column: str, code: str, text: str) -> None:
        self.complaints.append(SheetComplaint(self.sheet, self.number, column, code, text))


def plain_lines(text: str) -> str:
    """NFKC of each line of a cell; the line breaks stay, they part people and numbers."""
    return "\n".join(plain_text(line) for line in text.splitlines() if line.strip())


def _no_headings(sheet: str) -> SheetComplaint:
    return SheetComplaint(
        sheet,
        0,
        "",
        "no_headings",
        say("No row with headings such as 姓名, 手机, 责任区域, 岗位 was found; the sheet is left out"),
    )


def _complaints_of_headings(table: Table) -> Iterable[SheetComplaint]:
    for heading in table.unknown:
        if plain_heading(heading) not in IDLE_HEADINGS:
            text = say("The column “{heading}” is not known and is left out", heading=heading[:MAX_NAME])
            yield SheetComplaint(table.sheet, table.heading_row, heading[:MAX_NAME], "column_unknown", text)
