"""Writes the made-up roster and desks into the package: `python -m jiaoying.demonstration.make_roster`."""

import csv
import io
import sys
from pathlib import Path

from jiaoying.contacts.exporting.sheet_writer import sheet_bytes
from jiaoying.demonstration.data_files import (
    BEFORE_NUMBER,
    BETWEEN_PEOPLE,
    DESK_COLUMNS,
    DESKS,
    ROSTER,
    demonstration_areas,
)
from jiaoying.demonstration.people import County, MadeUp, made_up_county

DATA = Path(__file__).parent / "data"


def files_of(county: County) -> dict[str, bytes]:
    """The files by name, the same bytes for the same county."""
    return {ROSTER: sheet_bytes(county.posts), DESKS: _desks(county)}


def _desks(county: County) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(DESK_COLUMNS)
    for desk in county.desks:
        people = (_written(desk.officers), _written(desk.leaders))
        writer.writerow([desk.name, desk.area_code, desk.number, *people])
    return text.getvalue().encode()


def _written(people: tuple[MadeUp, ...]) -> str:
    return BETWEEN_PEOPLE.join(f"{person.name}{BEFORE_NUMBER}{person.number}" for person in people)


def main() -> None:
    county = made_up_county(demonstration_areas())
    for name, data in files_of(county).items():
        (DATA / name).write_bytes(data)
    sys.stdout.write(
        f"{len(county.numbers())} numbers, {len(county.posts)} posts, {len(county.desks)} desks\n"
    )


if __name__ == "__main__":
    main()
