"""The made-up seats of the demonstration county."""

import math

import shapely

from jiaoying.contacts.areas.files import read_areas
from jiaoying.contacts.areas.index import AreaIndex, Ground, Precision
from jiaoying.demonstration.data_files import AREAS, BOUNDARY, demonstration_areas, demonstration_file
from jiaoying.demonstration.make_seats import file_of, with_seats
from jiaoying.demonstration.people import COUNTY
from jiaoying.kernel.areas import Level
from jiaoying.warnings.model import Circle

OUTLINE = read_areas(demonstration_file(BOUNDARY)).shapes[COUNTY]


def test_the_file_in_the_package_is_current() -> None:
    made = file_of(with_seats(demonstration_areas(), shapely.from_wkb(OUTLINE)))
    assert demonstration_file(AREAS).data == made, "run python -m jiaoying.demonstration.make_seats"


def test_every_village_has_a_place_of_its_own_beside_the_others_of_its_township() -> None:
    areas = {area.code: area for area in demonstration_areas()}
    places = {code: (area.lon, area.lat) for code, area in areas.items() if area.lat is not None and area.lon}
    assert all(areas[code].seat_made_up for code in places)
    inner = [code for code, area in areas.items() if area.level in (Level.TOWNSHIP, Level.VILLAGE)]
    assert places.keys() == {COUNTY, *inner}
    assert len({places[code] for code in inner}) == len(inner)
    outline = shapely.from_wkb(OUTLINE)
    townships = [code for code in inner if areas[code].level == Level.TOWNSHIP]
    for code in inner:
        assert shapely.contains_xy(outline, *places[code]), code
        nearest = min(townships, key=lambda town: math.dist(places[town], places[code]))
        assert nearest in (code, areas[code].parent_code)


def test_a_storm_over_some_villages_names_them_and_not_the_county_as_a_whole() -> None:
    grounds = [
        Ground(area.code, area.level, OUTLINE if area.code == COUNTY else None, area.lat, area.lon)
        for area in demonstration_areas()
    ]
    found = AreaIndex(grounds, COUNTY).touched([], [Circle(35.69, 112.19, 6)])
    villages = [one for one in found if one.level == Level.VILLAGE]
    assert 2 <= len(villages) <= 20
    assert {one.precision for one in villages} == {Precision.SEAT}
