"""Writes made-up seats into the areas of the package: `python -m jiaoying.demonstration.make_seats`.

The same points for the same codes and outline. They are spread over the county so that the villages of a
township lie together, and stand for nothing in the real one.
"""

import csv
import io
import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from jiaoying.contacts.areas.files import read_areas
from jiaoying.demonstration.data_files import AREAS, BOUNDARY, demonstration_areas, demonstration_file
from jiaoying.demonstration.people import COUNTY, chance
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level

DATA = Path(__file__).parent / "data"
COLUMNS = ("code", "name", "level", "parent_code", "lat", "lon", "seat_made_up")
# Where the county's offices are taken to be (lon, lat).
FIRST = (112.19, 35.69)
STEP = 0.01  # degrees between two places where a seat could be
MARGIN = 0.008  # degrees from the county's border

Place = tuple[float, float]  # lon, lat


def with_seats(areas: Sequence[Area], outline: BaseGeometry) -> list[Area]:
    """The areas with a point for the county, each township and each village."""
    places = _places(outline)
    townships = sorted(area.code for area in areas if area.level == Level.TOWNSHIP)
    seats = dict(zip(townships, _spread(places, len(townships), FIRST), strict=True))
    around: defaultdict[str, list[Place]] = defaultdict(list)
    for place in places:
        around[min(townships, key=lambda code: math.dist(seats[code], place))].append(place)
    for township in townships:
        villages = [area.code for area in areas if area.parent_code == township]
        # The township's own seat is the first of them, and no village's.
        points = _spread(around[township], len(villages) + 1, seats[township])[1:]
        seats |= zip(sorted(villages, key=lambda code: chance(code, "seat")), points, strict=True)
    seats[COUNTY] = seats[townships[0]]
    return [_seated(area, seats[area.code]) if area.code in seats else area for area in areas]


def _seated(area: Area, place: Place) -> Area:
    return replace(area, lat=round(place[1], 4), lon=round(place[0], 4), seat_made_up=True)


def _places(outline: BaseGeometry) -> list[Place]:
    """Points a step apart, each a little out of line, that lie well inside the county."""
    inner = outline.buffer(-MARGIN)
    west, south, east, north = inner.bounds
    grid = ((lon, lat) for lon in np.arange(west, east, STEP) for lat in np.arange(south, north, STEP))
    moved = (_moved(float(lon), float(lat)) for lon, lat in grid)
    return [place for place in moved if shapely.contains_xy(inner, *place)]


def _moved(lon: float, lat: float) -> Place:
    key = f"{lon:.4f}/{lat:.4f}"
    return lon + STEP * (chance(key, "east") - 0.5), lat + STEP * (chance(key, "north") - 0.5)


def _spread(places: Sequence[Place], number: int, first: Place) -> list[Place]:
    """`number` of the places as far from one another as can be, beginning with the one nearest to `first`."""
    chosen = [min(places, key=lambda place: math.dist(place, first))]
    distances = [math.dist(place, chosen[0]) for place in places]
    for _ in range(number - 1):
        farthest = places[max(range(len(places)), key=distances.__getitem__)]
        chosen.append(farthest)
        distances = [
            min(old, math.dist(place, farthest)) for old, place in zip(distances, places, strict=True)
        ]
    return chosen


def file_of(areas: Sequence[Area]) -> bytes:
    """The areas as the package holds them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_lines(areas))
    return text.getvalue().encode()


def _lines(areas: Sequence[Area]) -> Iterator[tuple[object, ...]]:
    for area in areas:
        seat = (area.lat, area.lon, 1) if area.seat_made_up else ("", "", "")
        yield (area.code, area.name, area.level, area.parent_code or "", *seat)


def main() -> None:
    outline = shapely.from_wkb(read_areas(demonstration_file(BOUNDARY)).shapes[COUNTY])
    areas = with_seats(demonstration_areas(), outline)
    (DATA / AREAS).write_bytes(file_of(areas))
    sys.stdout.write(f"{sum(area.seat_made_up for area in areas)} seats\n")


if __name__ == "__main__":
    main()
