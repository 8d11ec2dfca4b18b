"""Columns under a heading that nobody knows, told by what stands in their cells. Pure.

A list may call its villages 所辖村庄社 or its numbers 应急通: no table of synonyms holds them all. What was
guessed is told, so that the keeper can see how the column was read.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from jiaoying.contacts.reading.cells import numbers_in
from jiaoying.contacts.reading.columns import Layout
from jiaoying.contacts.reading.places import PlaceFinder
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level, covers
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.phone import read_number
from jiaoying.kernel.sheets import Cell, Row, plain_text

SAMPLE = 40  # filled cells of a column that are looked at
SHARE = 0.6  # so many of them must say the same
_PLACE_COLUMNS = {Level.VILLAGE: "village", Level.TOWNSHIP: "township"}


@dataclass(frozen=True, slots=True)
class Guess:
    """How a column was read: `column` is a name of `words.COLUMNS`."""

    heading: str
    column: str


def guess_columns(
    layout: Layout, rows: Sequence[Row], finder: PlaceFinder, dialling_code: str
) -> tuple[Layout, tuple[Guess, ...]]:
    """The layout with its unknown columns read by their cells, as far as these speak clearly."""
    guesses: list[Guess] = []
    columns = {name: list(places) for name, places in layout.columns.items()}
    for place in [place for place, label in layout.labels.items() if label in layout.unknown]:
        cells = _filled(rows, place)
        column = _of_places(cells, finder) or _of_numbers(cells, dialling_code)
        if column is None:
            continue
        if column == "mobile":
            person = _person_at_left(layout, place)
            if person is None:
                continue
            person.setdefault("mobile", []).append(place)
        elif column not in columns:
            columns[column] = [place]
        else:
            continue
        guesses.append(Guess(layout.labels[place], column))
    told = {guess.heading for guess in guesses}
    unknown = [heading for heading in layout.unknown if heading not in told]
    return replace(layout, columns=columns, unknown=unknown), tuple(guesses)


def _filled(rows: Sequence[Row], place: int) -> list[Cell]:
    cells = (row.cells[place] for row in rows if place < len(row.cells))
    return [cell for cell in cells if plain_text(cell)][:SAMPLE]


def _of_places(cells: Sequence[Cell], finder: PlaceFinder) -> str | None:
    for level, column in _PLACE_COLUMNS.items():
        if _most(cells, [_is_at_home(cell, finder, level) for cell in cells]):
            return column
    return None


def _is_at_home(cell: Cell, finder: PlaceFinder, level: Level) -> bool:
    found = finder.named(plain_text(cell), level=level)
    areas = (found,) if isinstance(found, Area) else found.candidates if found is not None else ()
    return any(area.level == level and covers(finder.home, area.code) for area in areas)


def _of_numbers(cells: Sequence[Cell], dialling_code: str) -> str | None:
    def is_number(cell: Cell) -> bool:
        pieces = numbers_in(cell)
        return bool(pieces) and not any(
            isinstance(read_number(piece, dialling_code), Complaint) for piece in pieces
        )

    return "mobile" if _most(cells, [is_number(cell) for cell in cells]) else None


def _most(cells: Sequence[Cell], fitting: Sequence[bool]) -> bool:
    return bool(cells) and sum(fitting) >= SHARE * len(cells)


def _person_at_left(layout: Layout, place: int) -> dict[str, list[int]] | None:
    """The columns of the person nearest at the left."""
    firsts = [(min(map(min, group.columns.values())), group) for group in layout.groups if group.columns]
    left = [(first, group) for first, group in firsts if first < place]
    return max(left, key=lambda each: each[0])[1].columns if left else None
