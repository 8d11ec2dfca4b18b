"""The demonstration county's files, as they lie in the package."""

import csv
import io
from dataclasses import dataclass
from importlib import resources

from jiaoying.contacts.areas.files import read_areas
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile

AREAS, BOUNDARY, ROSTER, DESKS = "areas.csv", "boundary.geojson", "roster.xlsx", "desks.csv"
DESK_COLUMNS = ("desk", "area_code", "number", "officers", "leaders")
BETWEEN_PEOPLE, BEFORE_NUMBER = "；", "："


@dataclass(frozen=True, slots=True)
class DeskLine:
    """A desk of `desks.csv`: its fixed number, and who takes turns there, by name and number."""

    name: str
    area_code: str
    number: Number
    officers: tuple[tuple[str, Number], ...]
    leaders: tuple[tuple[str, Number], ...]


def demonstration_file(name: str) -> SheetFile:
    """One of the files above."""
    return SheetFile(name, (resources.files("jiaoying.demonstration") / "data" / name).read_bytes())


def demonstration_areas() -> tuple[Area, ...]:
    """沁水县 with its townships and villages, its city and its province."""
    return read_areas(demonstration_file(AREAS)).areas


def demonstration_desks() -> tuple[DeskLine, ...]:
    """The county's desk and those of the twelve townships."""
    text = demonstration_file(DESKS).data.decode("utf-8")
    return tuple(
        DeskLine(
            record["desk"],
            record["area_code"],
            Number(record["number"], NumberKind.LANDLINE),
            _people(record["officers"]),
            _people(record["leaders"]),
        )
        for record in csv.DictReader(io.StringIO(text))
    )


def _people(text: str) -> tuple[tuple[str, Number], ...]:
    pairs = (person.split(BEFORE_NUMBER) for person in text.split(BETWEEN_PEOPLE))
    return tuple((name, Number(number, NumberKind.MOBILE)) for name, number in pairs)
