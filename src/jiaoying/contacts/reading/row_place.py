"""The place of each row of a table, with what stands above it and around it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jiaoying.contacts.model import PostLevel
from jiaoying.contacts.reading.cells import MAX_NAME, names_nobody
from jiaoying.contacts.reading.layout import SheetTable
from jiaoying.contacts.reading.places import Place, PlaceFinder, is_code
from jiaoying.contacts.reading.row_cells import RowCells, without_blanks
from jiaoying.contacts.reading.row_people import Complain
from jiaoying.kernel.area_names import Area, Doubt
from jiaoying.kernel.areas import Level
from jiaoying.kernel.language import say

PLACE_COLUMNS = frozenset({"county", "township", "village", "area"})
# A list is grouped where at least every so-manieth row leaves its place blank: one blank is a slip.
_GROUPED_ONE_IN = 5
_MAX_PLACE = 80
_MAX_CHOICES = 5


@dataclass(slots=True)
class PlaceReader:
    """Finds the place of rows in the order of the sheet.

    Where a list names a village once and leaves it blank for the people below, blank is as above; where
    the file merges its cells instead, a blank is a blank. `from_above` are the rows so read, `missing`
    those for which neither the table nor its title says a place.
    """

    finder: PlaceFinder
    table: SheetTable
    rows: Sequence[RowCells]
    around: Area | None
    from_above: list[int] = field(default_factory=list[int])
    missing: list[int] = field(default_factory=list[int])
    _section: Area | None = None
    _township_above: str = ""
    _above: tuple[Area, ...] = ()
    _grouped: bool = False

    def __post_init__(self) -> None:
        places = {place for name in PLACE_COLUMNS for place in self.table.layout.columns.get(name, ())}
        below = self.table.layout.row
        merged = any(place in places for number, place in self.table.repeated if number > below)
        blank = [not _place_texts(cells) for cells in self.rows]
        self._grouped = not merged and blank[:1] == [False] and sum(blank) * _GROUPED_ONE_IN >= len(blank)

    @property
    def has_columns(self) -> bool:
        """Whether the table has columns for places at all."""
        columns = self.table.layout.columns
        return bool(columns.keys() & (PLACE_COLUMNS | {"area_code"}))

    def begin_section(self, text: str) -> None:
        """Notes a row that only says where the rows below it lie: 二、龙港镇."""
        found = self.finder.context([text])
        if found is not None and found.level in (Level.TOWNSHIP, Level.VILLAGE):
            self._section = found
            self._township_above = ""

    def areas_of(
        self, cells: RowCells, level: PostLevel | None, complain: Complain, otherwise: Area | None = None
    ) -> tuple[Area, ...]:
        """The places of a row, mostly one; empty where none can be told, which is complained of."""
        found = self._areas_of(cells, level, complain, otherwise)
        if found:
            self._above = found
        return found

    def _areas_of(
        self, cells: RowCells, level: PostLevel | None, complain: Complain, otherwise: Area | None
    ) -> tuple[Area, ...]:
        code = cells.text("area_code") or next(
            (text for name in PLACE_COLUMNS if is_code(text := cells.text(name))), ""
        )
        if code:
            by_code = self.finder.by_code(code)
            if by_code is not None:
                return (by_code,)
            text = say("No area has the code “{code}”", code=code[:MAX_NAME])
            complain(self._column(cells, "area_code"), "area_unknown", text)
        if _place_texts(cells) and not is_code(_place_text(cells, "area")):
            return self._named(cells, level, complain)
        if code:
            return ()
        return self._unnamed(cells, level, complain, otherwise)

    def _named(self, cells: RowCells, level: PostLevel | None, complain: Complain) -> tuple[Area, ...]:
        county, township, village, area = (
            _place_text(cells, name) for name in ("county", "township", "village", "area")
        )
        wanted = Level(level) if level in (PostLevel.VILLAGE, PostLevel.TOWNSHIP) else None
        context = self._context()
        if township:
            self._township_above = township
        elif village and self._township_above:
            above = self.finder.named(self._township_above, level=Level.TOWNSHIP)
            context = above if isinstance(above, Area) else context
        found: Place = None
        if county or township or village:
            found = self.finder.in_columns(county, township, village or area, context, wanted)
        if not isinstance(found, Area) and area:
            inside = self.finder.named(area, within=context.code) if context is not None else None
            by_area = inside or self.finder.named(area, level=wanted)
            found = by_area if by_area is not None else found
        if isinstance(found, Area):
            return (found,)
        finest = village or area or township
        upper = self.finder.named(township, level=Level.TOWNSHIP) if township else context
        upper = upper if isinstance(upper, Area) and upper.level == Level.TOWNSHIP else None
        several = self.finder.several(finest, upper)
        if several:
            return several
        begun = self.finder.beginning(finest, upper) if finest != township else None
        if begun is not None and (upper is None or begun.code[:9] == upper.code[:9]):
            if begun.level != Level.VILLAGE:
                text = say(
                    "“{text}” is not known below {area}; the row counts for all of it",
                    text=finest[:MAX_NAME],
                    area=begun.name,
                )
                complain(self._column(cells), "area_coarse", text)
            return (begun,)
        self._complain_of(county + township + (village or area), found, cells, complain)
        return ()

    def _unnamed(
        self, cells: RowCells, level: PostLevel | None, complain: Complain, otherwise: Area | None
    ) -> tuple[Area, ...]:
        if otherwise is not None:
            return (otherwise,)
        context = self._context()
        located = self.finder.beginning(cells.text("location", _MAX_PLACE), context)
        if located is not None:
            return (located,)
        if self.has_columns:
            home = self.finder.get(self.finder.home)
            if level == PostLevel.COUNTY and home is not None:
                return (home,)
            if self._grouped and self._above:
                self.from_above.append(cells.row.number)
                return self._above
            if context is not None and context.level != Level.COUNTY:
                return (context,)
            text = say("There is no area; the row is left out")
            complain(self._column(cells), "area_missing", text)
            return ()
        for text in (*self._offices(cells), cells.text("point_name")):
            found = self.finder.beginning(text, context) if text else None
            if found is not None:
                return (found,)
        if context is not None:
            return (context,)
        self.missing.append(cells.row.number)
        return ()

    def _offices(self, cells: RowCells) -> list[str]:
        units = [cells.unit_and_title(group)[0] for group in self.table.layout.groups]
        return [unit for unit in units if unit]

    def _context(self) -> Area | None:
        return self._section or self.around

    def _column(self, cells: RowCells, *wanted: str) -> int:
        names = (*wanted, "village", "area", "township", "county", "area_code")
        return next((cells.layout.columns[name][0] for name in names if name in cells.layout.columns), -1)

    def _complain_of(self, text: str, found: Place, cells: RowCells, complain: Complain) -> None:
        text = text[:MAX_NAME]
        if isinstance(found, Doubt):
            choices = ", ".join(f"{area.name} {area.code}" for area in found.candidates[:_MAX_CHOICES])
            sentence = say(
                "“{text}” may be {choices}; the row is left out: write the township or the code",
                text=text,
                choices=choices,
            )
            complain(self._column(cells), "area_doubtful", sentence)
        else:
            sentence = say(
                "No area is called “{text}”; the row is left out: correct the name or write the code",
                text=text,
            )
            complain(self._column(cells), "area_unknown", sentence)


def _place_text(cells: RowCells, column: str) -> str:
    """The text of a place column, its lines parted by 、; 无 and its like mean that none is meant."""
    lines = str(cells.cell(column) or "").splitlines()
    text = "、".join(filter(None, map(without_blanks, lines)))[:_MAX_PLACE]
    return "" if names_nobody(text) else text


def _place_texts(cells: RowCells) -> bool:
    return any(_place_text(cells, column) for column in PLACE_COLUMNS)
