"""Danger points as rows name them. Pure."""

from dataclasses import dataclass, field, replace

from jiaoying.contacts.exporting.sheet_writer import POINT_KIND_WORDS
from jiaoying.contacts.model import PointKind, PointRef, PointRow
from jiaoying.contacts.reading.cells import MAX_NAME, read_counts, read_degrees, read_position
from jiaoying.contacts.reading.row_cells import MAX_NOTE, RowCells
from jiaoying.contacts.reading.row_people import Complain
from jiaoying.contacts.reading.things import Thing, thing_named
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import worded_text

_CLASSES = {word: kind for kind, word in POINT_KIND_WORDS.items()}
MAX_WORDS = 200  # of a signal, a route, a shelter


@dataclass(slots=True)
class KnownPoints:
    """The points of a file, each once, however many rows and sheets speak of it."""

    _by_ref: dict[PointRef, PointRow] = field(default_factory=dict[PointRef, PointRow])
    _by_code: dict[str, PointRef] = field(default_factory=dict[str, PointRef])
    _by_name: dict[str, list[PointRef]] = field(default_factory=dict[str, list[PointRef]])

    def rows(self) -> tuple[PointRow, ...]:
        """Every point, in the order in which the file first names it."""
        return tuple(self._by_ref.values())

    def kind_of(self, ref: PointRef) -> PointKind:
        """What threatens at a point."""
        return self._by_ref[ref].kind

    def known(self, code: str | None, name: str, area_code: str | None) -> PointRef | None:
        """The point that a row means: by its number, else by its name where only one is called so there."""
        if code is not None and code in self._by_code:
            return self._by_code[code]
        named = self._by_name.get(name, ())
        if area_code is not None:
            named = [ref for ref in named if ref.area_code == area_code]
        if code is not None:
            named = [ref for ref in named if ref.code is None]
        return named[0] if len(named) == 1 else None

    def add(self, row: PointRow) -> PointRef:
        """Notes a point; what the first row about it left open, a later one may fill in."""
        ref = self.known(row.ref.code, row.ref.name, row.ref.area_code) or row.ref
        before = self._by_ref.get(ref)
        if before is None:
            self._by_ref[ref] = replace(row, ref=ref)
            self._by_name.setdefault(ref.name, []).append(ref)
            if ref.code is not None:
                self._by_code[ref.code] = ref
            return ref
        self._by_ref[ref] = replace(
            before,
            lat=before.lat if before.lat is not None else row.lat,
            lon=before.lon if before.lon is not None else row.lon,
            households=before.households if before.households is not None else row.households,
            people=before.people if before.people is not None else row.people,
            grade=before.grade or row.grade,
            signal=before.signal or row.signal,
            route=before.route or row.route,
            shelter=before.shelter or row.shelter,
            note=before.note or row.note,
            kind=row.kind if before.kind is PointKind.OTHER else before.kind,
        )
        return ref


def read_point(
    cells: RowCells, area_code: str, thing: Thing | None, complain: Complain, sheet: str
) -> PointRow:
    """The point that a row describes; what cannot be read of it is told and left open."""
    code, name = cells.text("point_code"), cells.text("point_name")
    lat, lon = _position(cells, complain)
    households, people = _threatened(cells, complain)
    return PointRow(
        sheet=sheet,
        row=cells.row.number,
        ref=PointRef(code or None, name or code, area_code),
        kind=_kind(cells, name, thing),
        lat=lat,
        lon=lon,
        grade=cells.text("grade") or None,
        households=households,
        people=people,
        signal=cells.words("signal", MAX_WORDS) or None,
        route=cells.words("route", MAX_WORDS) or None,
        shelter=cells.words("shelter", MAX_WORDS) or None,
        note=_note(cells),
    )


def _kind(cells: RowCells, name: str, thing: Thing | None) -> PointKind:
    """By our own word for it, else the column 类型, the heading of its name, the title, the name itself."""
    ours = cells.text("point_class")
    if ours in _CLASSES:
        return _CLASSES[ours]
    label = cells.layout.label_of("point_name", "point_code")
    for text in (cells.text("point_kind"), label):
        found = thing_named(text)
        if found is not None and found.kind is not None:
            return found.kind
    if thing is not None and thing.kind is not None:
        return thing.kind
    found = thing_named(name)
    return found.kind if found is not None and found.kind is not None else PointKind.OTHER


def _position(cells: RowCells, complain: Complain) -> tuple[float | None, float | None]:
    columns = cells.layout.columns
    try:
        lat, lon = read_degrees(cells.cell("lat")), read_degrees(cells.cell("lon"))
        if lat is None and lon is None:
            lat, lon = read_position(cells.cell("position"))
    except ValueError as error:
        text = say("“{text}” is no position; write degrees such as 112.19", text=str(error)[:MAX_NAME])
        place = next(columns[name][0] for name in ("lat", "lon", "position") if name in columns)
        complain(place, "position_unreadable", text)
        return None, None
    if lat is None or lon is None:
        return None, None
    # China lies east of 73° and south of 54°: the larger one is the longitude, whatever its column says.
    lat, lon = min(lat, lon), max(lat, lon)
    return (lat, lon) if lat <= 90 else (None, None)


def _threatened(cells: RowCells, complain: Complain) -> tuple[int | None, int | None]:
    if not cells.text("households_people"):
        return cells.count("households", complain), cells.count("people", complain)
    try:
        return read_counts(cells.cell("households_people"))
    except ValueError as error:
        text = say("“{text}” is no count; write a number such as 12", text=str(error)[:MAX_NAME])
        complain(cells.layout.columns["households_people"][0], "count_unreadable", text)
        return None, None


def _note(cells: RowCells) -> str | None:
    """What has no field of its own, in the words of the list: 规模：小型；位置：后山."""
    layout = cells.layout
    parts = [
        f"{layout.label(place)}：{text}"
        for column in ("point_kind", "location", "particular")
        for place in layout.columns.get(column, ())
        if (text := worded_text(cells.at(place)))
    ]
    own = [cells.words("note", MAX_NOTE), cells.text("hamlet")] if layout.tells_of_points else []
    return "；".join(filter(None, [*parts, *own]))[:MAX_NOTE] or None
