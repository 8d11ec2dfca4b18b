"""Reads one table of a roster: each row gives its place, its danger point, its people and households."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jiaoying.contacts.model import HAZARDS_AT, HouseholdRow, PointKind, PointRef, PostLevel, RosterRow
from jiaoying.contacts.reading.cells import MAX_NAME, looks_like_name, numbers_in, people_in
from jiaoying.contacts.reading.columns import PersonGroup
from jiaoying.contacts.reading.guesses import guess_columns
from jiaoying.contacts.reading.layout import SheetTable, is_single, rows_of
from jiaoying.contacts.reading.places import PlaceFinder
from jiaoying.contacts.reading.row_cells import RowCells, without_dittos
from jiaoying.contacts.reading.row_people import Complain, NumberReader, Person, people_of
from jiaoying.contacts.reading.row_place import PlaceReader
from jiaoying.contacts.reading.row_points import KnownPoints, read_point
from jiaoying.contacts.reading.things import (
    Thing,
    desk_words,
    duty_in_title,
    post_of_group,
    thing_in,
    thing_named,
)
from jiaoying.contacts.reading.words import hazards_named, languages_named, level_named, level_within
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import best_language, say
from jiaoying.kernel.sheets import Row, SheetComplaint, plain_heading, plain_text

_NOTE = re.compile(
    r"(?:[(（]?(?:填报|填表|制表|审核|审批|经办|报送|单位负责人|分管领导签|负责人签|联系人|联系电话|咨询|注|备注|说明|日期|时间)"
    r".{0,8}?[:：]|注\d|注释|※)"
)
_SUM = re.compile(r"(?:合|总|小|共)\s*计.{0,20}|汇总|平均")
_MAX_EXAMPLES = 8


@dataclass(slots=True)
class TableReader:
    """Reads a table into `rows`, `households` and, for danger points, `points`; what is wrong is told."""

    table: SheetTable
    finder: PlaceFinder
    numbers: NumberReader
    points: KnownPoints
    rows: list[RosterRow] = field(default_factory=list[RosterRow])
    households: list[HouseholdRow] = field(default_factory=list[HouseholdRow])
    complaints: list[SheetComplaint] = field(default_factory=list[SheetComplaint])
    left_out: set[str] = field(default_factory=set[str])
    _thing: Thing | None = None
    _duty: str | None = None
    _names_points: bool = False
    _point_above: PointRef | None = None
    _seen: set[RosterRow] = field(default_factory=set[RosterRow])
    _by_column: dict[tuple[str, str], list[int]] = field(default_factory=dict[tuple[str, str], list[int]])

    def read(self) -> None:
        """Read every row."""
        titles = [*reversed(self.table.above), self.table.sheet]
        self._thing = self._thing_of_points() or thing_in(titles)
        self._duty = duty_in_title(titles, self.finder.names_in_home())
        self._names_points = self._has_points()
        rows = [row for row in rows_of(self.table) if not self._is_remark(row)]
        self._guess_headings(rows)
        self._tell_of_headings()
        rows = list(without_dittos(rows, self.table.layout))
        cells = [RowCells(row, self.table.layout) for row in rows]
        place = PlaceReader(self.finder, self.table, cells, self.finder.context(titles))
        for each in cells:
            self._read_row(each, place)
        self._by_column |= {
            (self.table.layout.label_of("village", "area", "township"), code): numbers
            for code, numbers in (("place_from_above", place.from_above), ("area_missing", place.missing))
            if numbers
        }
        for (column, code), numbers in self._by_column.items():
            self._tell_once(column, code, numbers)

    # --- rows -------------------------------------------------------------------------------------

    def _read_row(self, cells: RowCells, places: PlaceReader) -> None:
        single = is_single(cells.row)
        if single is not None and not self._is_name(single, cells):
            places.begin_section(single)
            return
        people = [(group, self._people(group, cells)) for group in self.table.layout.groups]
        if not any(cells.text(name) for name in self.table.layout.columns) and not any(
            found or cells.written(group).number_text for group, found in people
        ):
            return
        level = self._level(cells)
        areas = places.areas_of(cells, level, self._complain_at(cells.row.number), self._area_of_point(cells))
        if not areas:
            self.left_out.update(person.name for _, found in people for person in found if person.name)
            self.left_out.update(person.name for person in people_in(cells.cell("head")))
            return
        point = self._point(cells, areas[0]) if self._names_points else None
        for group, found in people:
            self._read_group(group, found, cells, areas, point, level)
        if self.table.layout.has_households:
            self._read_households(cells, point)

    def _people(self, group: PersonGroup, cells: RowCells) -> list[Person]:
        return people_of(cells.written(group), self.numbers, self._complain_at(cells.row.number))

    def _read_group(
        self,
        group: PersonGroup,
        people: Sequence[Person],
        cells: RowCells,
        areas: Sequence[Area],
        point: PointRef | None,
        level: PostLevel | None,
    ) -> None:
        if not people:
            people = self._nobody(group, cells, areas[0], point)
        post = self._post(group, cells) if people else ""
        if people and not post:
            self._post_missing(people, cells)
            return
        for person in people:
            for area in areas:
                self._add(self._row(group, person, post, cells, area, point, level), group, cells)

    def _row(
        self,
        group: PersonGroup,
        person: Person,
        post: str,
        cells: RowCells,
        area: Area,
        point: PointRef | None,
        level: PostLevel | None,
    ) -> RosterRow:
        alone = self._is_alone(group)
        unit, title = cells.unit_and_title(group)
        deputies = self._deputies(cells) if alone else []
        valid_from, valid_to = cells.validity(self._complain_at(cells.row.number))
        languages = languages_named(cells.text("language"))
        superior = self._superior(cells) if alone else None
        words = level_within(group.role) if not group.is_generic else None
        own_level = words or level or level_within(post)
        note = cells.note() if not self._names_points or self._has_post_column else None
        return RosterRow(
            sheet=self.table.sheet,
            row=cells.row.number,
            name=person.name,
            numbers=person.numbers,
            area_code=area.code,
            post=post,
            level=own_level or PostLevel.of_area(area.level),
            hazards=self._hazards(group, cells, point),
            unit=unit,
            title=title or person.title,
            deputy=deputies[0].name if deputies else None,
            deputy_numbers=deputies[0].numbers if deputies else (),
            superior=superior.name if superior else None,
            superior_numbers=superior.numbers if superior else (),
            valid_from=valid_from,
            valid_to=valid_to,
            language=best_language(languages[0]) if languages else None,
            other_languages=languages[1:],
            note=note,
            point=point,
            code=(cells.text("person_code") or None) if alone else None,
        )

    def _add(self, row: RosterRow, group: PersonGroup, cells: RowCells) -> None:
        """Keep a row; who is written again for each household, or merged over them, is listed once."""
        place = group.columns.get("name", [-1])[0]
        again = self.table.layout.has_households or (cells.row.number, place) in self.table.repeated
        if again and replace(row, row=0) in self._seen:
            return
        if again or self.table.repeated:
            self._seen.add(replace(row, row=0))
        self.rows.append(row)

    def _nobody(
        self, group: PersonGroup, cells: RowCells, area: Area, point: PointRef | None
    ) -> Sequence[Person]:
        """Who stands for a group without a name: a desk with its number, or nobody, which is told."""
        written = cells.written(group)
        if "name" not in group.columns and written.number_text:
            return self._desk(group, cells, area, point)
        label = cells.label(group, "name", "mobile")
        if written.number_text:
            text = say("There is a number and no name; write whose it is")
            self.complaints.append(
                SheetComplaint(self.table.sheet, cells.row.number, label, "name_missing", text)
            )
        elif self._is_alone(group) and not self._names_points and not self.table.layout.has_households:
            text = say("There is no name; the row is left out")
            self.complaints.append(
                SheetComplaint(self.table.sheet, cells.row.number, label, "name_missing", text)
            )
        else:
            self._by_column.setdefault((label, "nobody_named"), []).append(cells.row.number)
        return ()

    def _desk(self, group: PersonGroup, cells: RowCells, area: Area, point: PointRef | None) -> list[Person]:
        units = [cells.unit_and_title(each)[0] for each in (group, *self.table.layout.groups)]
        unit = next(filter(None, units), None)
        of_whom = point.name if point is not None else unit or cells.text("point_name") or area.name
        words = desk_words(group.role)
        name = of_whom if of_whom.endswith(words) else of_whom + words
        pieces = [
            (place, piece) for place, cell in cells.written(group).numbers for piece in numbers_in(cell)
        ]
        numbers = self.numbers.read(pieces, self._complain_at(cells.row.number))
        return [Person(name[:MAX_NAME], None, numbers)] if numbers else []

    # --- what goes with the people ----------------------------------------------------------------

    @property
    def _has_post_column(self) -> bool:
        return "post" in self.table.layout.columns

    def _is_alone(self, group: PersonGroup) -> bool:
        """Whether the columns 岗位, B角 and their like are about this group."""
        return len(self.table.layout.groups) == 1 or group.is_generic

    def _post(self, group: PersonGroup, cells: RowCells) -> str:
        if group.is_generic and self._has_post_column:
            return cells.text("post") or (self._duty or "")
        if "name" not in group.columns:
            return post_of_group(desk_words(group.role), self._thing)[:MAX_NAME]
        if not group.is_generic:
            return post_of_group(group.role, self._thing)[:MAX_NAME]
        if self._duty is not None and len(self.table.layout.groups) == 1:
            return self._duty
        if group.role or len(self.table.layout.groups) > 1:
            return post_of_group(group.role or "责任人", self._thing)
        if self._thing is not None:
            return post_of_group("责任人", self._thing)
        _, title = cells.unit_and_title(group)
        return title or ""

    def _post_missing(self, people: Sequence[Person], cells: RowCells) -> None:
        self.left_out.update(person.name for person in people if person.name)
        if self._has_post_column:
            text = say("There is no post; the row is left out")
            self._complain(cells.row.number, "post", "post_missing", text)
        else:
            self._by_column.setdefault((cells.layout.label_of("post"), "post_missing"), []).append(
                cells.row.number
            )

    def _level(self, cells: RowCells) -> PostLevel | None:
        text = cells.text("level")
        level = level_named(text) if text else None
        if text and level is None:
            text = say("“{text}” is no level; write 县级, 乡级 or 村级", text=text)
            self._complain(cells.row.number, "level", "level_unknown", text)
        return level

    def _hazards(self, group: PersonGroup, cells: RowCells, point: PointRef | None) -> tuple[Hazard, ...]:
        """Those of the column; else of the point; else of the group's own words; else of the title."""
        written = cells.text("hazards")
        families, unknown = hazards_named(written) if written else ((), ())
        if unknown:
            words = ", ".join(unknown)[:MAX_NAME]
            text = say("No hazard is called “{words}”", words=words)
            self._complain(cells.row.number, "hazards", "hazard_unknown", text)
        if written or "hazards" in self.table.layout.columns:
            return families
        kind = self.points.kind_of(point) if point is not None else PointKind.OTHER
        if kind is not PointKind.OTHER:
            return HAZARDS_AT[kind]
        own = thing_named(group.role) if not group.is_generic else None
        thing = own or self._thing
        return thing.hazards if thing is not None else ()

    def _deputies(self, cells: RowCells) -> list[Person]:
        written = cells.deputy()
        if not written.name_text:
            return []
        found = [
            person
            for person in people_of(written, self.numbers, self._complain_unless_unreachable(cells))
            if person.name
        ]
        if len(found) > 1:
            self._complain(
                cells.row.number, "deputy", "several_deputies", say("Only the first deputy is kept")
            )
        return found

    def _superior(self, cells: RowCells) -> Person | None:
        written = cells.superior()
        if not written.name_text:
            return None
        found = people_of(written, self.numbers, self._complain_unless_unreachable(cells))
        return next((person for person in found if person.name), None)

    # --- points and households --------------------------------------------------------------------

    def _thing_of_points(self) -> Thing | None:
        """What the heading over the names says: 水库名称."""
        layout = self.table.layout
        found = thing_named(layout.label_of("point_name")) if "point_name" in layout.columns else None
        return found if found is not None and found.kind is not None else None

    def _has_points(self) -> bool:
        """Whether the table names danger points; a bare 名称 is one only where the title says so."""
        layout = self.table.layout
        if not layout.has_points:
            return False
        if "point_code" in layout.columns or (self._thing is not None and self._thing.kind is not None):
            return True
        label = plain_heading(layout.label_of("point_name"))
        return thing_named(label) is not None or label in (
            "隐患点",
            "危险区",
            "危险区名称",
            "防治区",
            "风险点",
            "风险点名称",
            "点位名称",
            "point_name",
        )

    def _area_of_point(self, cells: RowCells) -> Area | None:
        """Where a point lies that another sheet has placed already."""
        code, name = cells.text("point_code"), cells.text("point_name")
        if not self._names_points or not (code or name):
            return self.finder.get(self._point_above.area_code) if self._point_above is not None else None
        ref = self.points.known(code or None, name, None)
        return self.finder.get(ref.area_code) if ref is not None else None

    def _point(self, cells: RowCells, area: Area) -> PointRef | None:
        named = cells.text("point_name") or cells.text("point_code")
        if not named:
            # In a list of points a blank is as above; in a list of people it is nowhere in particular.
            return None if self._has_post_column else self._point_above
        if self._has_post_column and (known := self._point_of_list(cells, area)) is not None:
            return known
        row = read_point(cells, area.code, self._thing, self._complain_at(cells.row.number), self.table.sheet)
        self._point_above = self.points.add(row)
        return self._point_above

    def _point_of_list(self, cells: RowCells, area: Area) -> PointRef | None:
        """A point that another sheet describes: somebody may answer for it from another place."""
        code, name = cells.text("point_code") or None, cells.text("point_name")
        return self.points.known(code, name, area.code) or self.points.known(code, name, None)

    def _read_households(self, cells: RowCells, point: PointRef | None) -> None:
        head_cells = cells.heads()
        complain = self._complain_unless_unreachable(cells)
        heads = [person for person in people_of(head_cells, self.numbers, complain) if person.name]
        if not heads:
            return
        if point is None:
            self.left_out.update(head.name for head in heads)
            self._by_column.setdefault((cells.layout.label_of("head"), "point_missing"), []).append(
                cells.row.number
            )
            return
        helper = self.table.layout.helper
        helpers = people_of(cells.written(helper), self.numbers, complain) if helper is not None else []
        people = cells.count("family", self._complain_at(cells.row.number))
        for place, head in enumerate(heads):
            own = helpers[place] if len(helpers) == len(heads) else helpers[0] if helpers else None
            self.households.append(
                HouseholdRow(
                    sheet=self.table.sheet,
                    row=cells.row.number,
                    point=point,
                    head=head.name,
                    number=head.numbers[0] if head.numbers else None,
                    people=people if len(heads) == 1 else None,
                    helper=own.name or None if own is not None else None,
                    helper_numbers=own.numbers if own is not None else (),
                    note=None if self.table.layout.tells_of_points else cells.note(),
                )
            )

    # --- complaints -------------------------------------------------------------------------------

    def _is_remark(self, row: Row) -> bool:
        """Sums, signatures and notes below a table: 合计, 填表人：…, 注：…"""
        texts = [text for cell in row.cells if (text := plain_text(cell))]
        return not texts or bool(_NOTE.match(texts[0]) or any(_SUM.fullmatch(text) for text in texts[:2]))

    def _is_name(self, text: str, cells: RowCells) -> bool:
        """Whether the only text of a row stands where names stand, and is one."""
        places = [place for group in self.table.layout.groups for place in group.columns.get("name", ())]
        stands_there = any(place < len(cells.row.cells) and cells.row.cells[place] for place in places)
        return stands_there and looks_like_name(text) and self.finder.context([text]) is None

    def _guess_headings(self, rows: Sequence[Row]) -> None:
        layout, guesses = guess_columns(self.table.layout, rows, self.finder, self.numbers.dialling_code)
        self.table = replace(self.table, layout=layout)
        words = {"village": say("villages"), "township": say("townships"), "mobile": say("numbers")}
        for guess in guesses:
            heading, what = guess.heading[:MAX_NAME], words[guess.column]
            text = say(
                "The column “{heading}” is not known; it is read as {what}", heading=heading, what=what
            )
            self.complaints.append(
                SheetComplaint(self.table.sheet, layout.row, heading, "column_guessed", text)
            )

    def _tell_of_headings(self) -> None:
        layout = self.table.layout
        for heading in layout.unknown:
            text = say("The column “{heading}” is not known and is left out", heading=heading[:MAX_NAME])
            self.complaints.append(
                SheetComplaint(self.table.sheet, layout.row, heading[:MAX_NAME], "column_unknown", text)
            )

    def _tell_once(self, column: str, code: str, numbers: Sequence[int]) -> None:
        shown = ", ".join(map(str, numbers[:_MAX_EXAMPLES])) + (" …" if len(numbers) > _MAX_EXAMPLES else "")
        sentences = {
            "nobody_named": say("Rows in which this column names nobody: {rows}", rows=shown),
            "place_from_above": say(
                "Rows in which a blank place is read as the one above it: {rows}", rows=shown
            ),
            "area_missing": say(
                "Nothing says where these people answer for; add a column 责任区域 (rows {rows})", rows=shown
            ),
            "post_missing": say(
                "Nothing says what these people answer for; add a column 岗位 (rows {rows})", rows=shown
            ),
            "point_missing": say(
                "These households belong to no danger point; add a column 隐患点名称 (rows {rows})",
                rows=shown,
            ),
        }
        self.complaints.append(SheetComplaint(self.table.sheet, numbers[0], column, code, sentences[code]))

    def _complain_at(self, number: int) -> Complain:
        def complain(place: int, code: str, text: str) -> None:
            label = self.table.layout.label(place)
            self.complaints.append(SheetComplaint(self.table.sheet, number, label, code, text))

        return complain

    def _complain_unless_unreachable(self, cells: RowCells) -> Complain:
        complain = self._complain_at(cells.row.number)

        def unless(place: int, code: str, text: str) -> None:
            if code != "unreachable":
                complain(place, code, text)

        return unless

    def _complain(self, number: int, column: str, code: str, text: str) -> None:
        label = self.table.layout.label_of(column)
        self.complaints.append(SheetComplaint(self.table.sheet, number, label, code, text))
