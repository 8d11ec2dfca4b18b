"""Land and points of a warning, and outlines that cross themselves."""

import pytest
from shapely import MultiPolygon, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from jiaoying.contacts.areas.shapes import mended, warned_region
from jiaoying.warnings.model import Circle

EAST = box(113, 35, 114, 36)


def square(south: float, west: float, north: float, east: float) -> list[tuple[float, float]]:
    return [(south, west), (south, east), (north, east), (north, west), (south, west)]


def test_latitude_comes_first() -> None:
    land, points = warned_region([square(35.2, 112.2, 35.4, 112.4)], [])
    assert land.equals(box(112.2, 35.2, 112.4, 35.4))
    assert points.is_empty


def test_a_circle_reaches_as_far_as_its_radius() -> None:
    # One degree of longitude at 35.5° is 90.6 km: 9 km west of the border.
    centre = (35.5, 112.9)
    assert not warned_region([], [Circle(*centre, 8)])[0].intersects(EAST)
    assert warned_region([], [Circle(*centre, 10)])[0].intersects(EAST)


def test_a_circle_without_radius_is_a_point() -> None:
    land, points = warned_region([], [Circle(35.5, 113.5, 0)])
    assert land.is_empty
    assert points.equals(Point(113.5, 35.5))


def test_nothing_warned_is_no_land() -> None:
    for polygons in ([], [[(35.2, 112.2), (35.3, 112.3)]]):
        land, points = warned_region(polygons, [])
        assert land.is_empty
        assert points.is_empty


def test_a_ring_that_crosses_itself_is_mended() -> None:
    bow_tie = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    whole = mended(bow_tie)
    assert whole is not None
    assert whole.is_valid
    assert whole.area == pytest.approx(2)


@pytest.mark.parametrize("shape", [Point(1, 1), MultiPolygon(), Polygon([(0, 0), (1, 1), (0, 0)])])
def test_what_has_no_land_is_none(shape: BaseGeometry) -> None:
    assert mended(shape) is None
