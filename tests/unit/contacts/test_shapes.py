"""What a polygon or a circle touches."""

import pytest
from shapely import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from jiaoying.contacts.shapes import mended, touched_codes, warned_region
from jiaoying.kernel.areas import covers
from jiaoying.warnings.model import Circle

COUNTY, WEST, EAST = "140521000000", "140521100000", "140521101000"
NEXT_COUNTY = "140522000000"
# A county two degrees wide in two halves, and its neighbour to the east.
SHAPES = {
    COUNTY: box(112, 35, 114, 36),
    WEST: box(112, 35, 113, 36),
    EAST: box(113, 35, 114, 36),
    NEXT_COUNTY: box(114, 35, 115, 36),
}


def square(south: float, west: float, north: float, east: float) -> list[tuple[float, float]]:
    return [(south, west), (south, east), (north, east), (north, west), (south, west)]


def touched(
    polygons: list[list[tuple[float, float]]],
    circles: list[Circle] | None = None,
    without: frozenset[str] = frozenset(),
) -> list[str]:
    shapes = {code: shape for code, shape in SHAPES.items() if code not in without}
    return touched_codes(*warned_region(polygons, circles or []), shapes, covers)


def test_the_finest_areas_are_named_and_latitude_comes_first() -> None:
    assert touched([square(35.2, 112.2, 35.4, 112.4)]) == [WEST]
    assert touched([square(35.2, 112.8, 35.4, 113.2)]) == [WEST, EAST]


def test_where_only_the_county_has_a_shape_the_county_is_named() -> None:
    assert touched([square(35.2, 112.2, 35.4, 112.4)], without=frozenset({WEST, EAST})) == [COUNTY]


def test_a_hole_in_the_finer_map_loses_nobody() -> None:
    half_mapped = frozenset({EAST})
    assert touched([square(35.2, 112.8, 35.4, 113.2)], without=half_mapped) == [COUNTY, WEST]
    assert touched([square(35.2, 113.2, 35.4, 113.4)], without=half_mapped) == [COUNTY]


def test_a_common_border_is_no_touch() -> None:
    assert touched([square(35, 112, 36, 114)]) == [WEST, EAST]


def test_a_circle_reaches_as_far_as_its_radius() -> None:
    # One degree of longitude at 35.5° is 90.6 km: 9 km west of the border.
    centre = (35.5, 112.9)
    assert touched([], [Circle(*centre, 8)]) == [WEST]
    assert touched([], [Circle(*centre, 10)]) == [WEST, EAST]


def test_a_circle_without_radius_is_a_point() -> None:
    assert touched([], [Circle(35.5, 113.5, 0)]) == [EAST]
    assert touched([], [Circle(35.5, 113.5, 0)], without=frozenset({EAST})) == [COUNTY]


def test_nothing_warned_touches_nothing() -> None:
    assert touched([]) == []
    assert touched([[(35.2, 112.2), (35.3, 112.3)]]) == []
    assert touched([square(10, 10, 11, 11)]) == []


def test_a_ring_that_crosses_itself_is_mended() -> None:
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    whole = mended(bow_tie)
    assert whole is not None
    assert whole.is_valid
    assert whole.area == pytest.approx(2)
    assert touched([[(35, 112.2), (35.4, 112.4), (35, 112.4), (35.4, 112.2), (35, 112.2)]]) == [WEST]


@pytest.mark.parametrize("shape", [Point(1, 1), MultiPolygon(), Polygon([(0, 0), (1, 1), (0, 0)])])
def test_what_has_no_land_is_none(shape: BaseGeometry) -> None:
    assert mended(shape) is None
