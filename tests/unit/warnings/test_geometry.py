"""Lines of a warning: mended, on the earth, without holes, bounded."""

import math
import time

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import MultiPoint, Point, Polygon
from shapely.geometry.base import BaseGeometry

from jiaoying.warnings.geometry import (
    MAX_POINTS,
    MAX_RING_POINTS,
    MAX_RINGS,
    STRIP_DEG,
    TOLERANCES_DEG,
    Lines,
    Ring,
    disc,
    mended_lines,
    shapes_of,
)
from jiaoying.warnings.model import Circle, WarnedArea

SQUARE: Ring = ((35.0, 112.0), (35.0, 112.4), (35.4, 112.4), (35.4, 112.0), (35.0, 112.0))


def lines_of(*rings: Ring, circles: tuple[Circle, ...] = (), exclude: str = "") -> Lines:
    codes = (("EXCLUDE_POLYGON", exclude),) if exclude else ()
    return mended_lines([WarnedArea("x", polygons=rings, circles=circles, geocodes=codes)])


def land(lines: Lines) -> BaseGeometry:
    return shapely.union_all(shapes_of(lines.polygons, lines.circles))


def holds(lines: Lines, lat: float, lon: float) -> bool:
    return land(lines).covers(Point(lon, lat))


def text_of(ring: Ring) -> str:
    return " ".join(f"{lat:.7f},{lon:.7f}" for lat, lon in ring)


# --- what is right stays as it is ---


def test_a_good_polygon_stays_as_sent() -> None:
    assert lines_of(SQUARE) == Lines((SQUARE,), (), ())


def test_an_open_ring_is_closed() -> None:
    assert lines_of(SQUARE[:-1]).polygons == (SQUARE,)


def test_the_same_ring_in_two_areas_is_drawn_once() -> None:
    both = [WarnedArea("x", polygons=(SQUARE,)), WarnedArea("y", polygons=(SQUARE,))]
    assert mended_lines(both).polygons == (SQUARE,)


# --- axes ---


def test_axes_are_exchanged_where_that_is_proved() -> None:
    swapped = tuple((lon, lat) for lat, lon in SQUARE)
    assert lines_of(swapped) == Lines((SQUARE,), (), ("axes-exchanged",))


@pytest.mark.parametrize("other", [112.4, 50.0])
def test_axes_that_prove_nothing_set_the_ring_aside_and_the_others_stand(other: float) -> None:
    """One impossible point: swapped, mistyped, or a third thing. Nobody can tell."""
    doubtful = ((95.0, 12.0), (35.0, other), (35.4, other), (95.0, 12.0))
    lines = lines_of(doubtful, SQUARE)
    assert lines.polygons == (SQUARE,)
    assert lines.remarks == ("geometry-set-aside",)


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1000.0])
def test_what_lies_outside_the_earth_is_set_aside(bad: float) -> None:
    assert lines_of(((bad, 112.0), *SQUARE[1:-1])).remarks == ("geometry-set-aside",)
    assert lines_of(circles=(Circle(35, bad, 5),)).remarks == ("geometry-set-aside",)
    if bad != 1000.0:
        assert lines_of(circles=(Circle(35, 112, bad),)).circles == ()


# --- lines and points ---


def test_a_polygon_of_one_place_is_a_point() -> None:
    lines = lines_of(((35.0, 112.0), (35.0, 112.0)))
    assert lines == Lines((), (Circle(35.0, 112.0, 0.0),), ("line-or-point",))


@pytest.mark.parametrize(
    "ring",
    [
        ((35.0, 112.0), (35.0, 112.4), (35.0, 112.0)),
        ((35.0, 112.0), (35.0, 112.2), (35.0, 112.4), (35.0, 112.0)),
    ],
)
def test_a_polygon_without_area_is_a_strip_along_its_line(ring: Ring) -> None:
    lines = lines_of(ring)
    assert lines.remarks == ("line-or-point",)
    assert holds(lines, 35.0, 112.3)
    assert not holds(lines, 35.0 + 3 * STRIP_DEG, 112.3)


def test_a_circle_of_radius_zero_is_a_point_and_not_an_empty_area() -> None:
    lines = lines_of(circles=(Circle(35.0, 112.0, 0.0),))
    assert lines.circles == (Circle(35.0, 112.0, 0.0),)
    assert holds(lines, 35.0, 112.0)


# --- rings that cross themselves ---


def test_both_wings_of_a_bow_are_warned() -> None:
    lines = lines_of(((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)))
    assert lines.remarks == ("crossing-mended",)
    assert holds(lines, 0.9, 0.5)
    assert holds(lines, 0.1, 0.5)


def test_what_a_ring_winds_round_twice_is_inside() -> None:
    """By the even-odd rule the middle of a pentagram would be free; people live there."""
    corners = [(math.sin(turn * 4 * math.pi / 5), math.cos(turn * 4 * math.pi / 5)) for turn in range(5)]
    lines = lines_of((*corners, corners[0]))
    assert holds(lines, 0.0, 0.0)


def test_a_hole_drawn_by_going_back_stays_a_hole() -> None:
    keyhole = ((0, 0), (0, 4), (4, 4), (4, 0), (0, 0), (1, 1), (2, 1), (2, 2), (1, 2), (1, 1), (0, 0))
    lines = lines_of(keyhole)
    assert not holds(lines, 1.5, 1.5)
    assert holds(lines, 3.0, 3.0)


def test_a_tangle_becomes_its_hull_in_a_moment() -> None:
    """A star of 1,500 points crosses itself a million times."""
    angles = [2 * math.pi * turn * 749 / 1500 for turn in range(1500)]
    before = time.perf_counter()
    lines = lines_of(tuple((math.sin(angle), math.cos(angle)) for angle in angles))
    assert lines.remarks == ("hull-instead",)
    assert holds(lines, 0.9, 0.0)
    assert time.perf_counter() - before < 20


# --- the antimeridian ---


def test_a_ring_over_the_antimeridian_is_cut_there() -> None:
    lines = lines_of(((60, 170), (60, -170), (65, -170), (65, 170), (60, 170)))
    assert lines.remarks == ("antimeridian-cut",)
    assert len(lines.polygons) == 2
    assert holds(lines, 62, 175)
    assert holds(lines, 62, -175)
    assert not holds(lines, 62, 0)


def test_longitudes_beyond_180_come_back() -> None:
    """As a worldwide disaster feed writes its buffers."""
    lines = lines_of(((10, 175), (10, 190), (15, 190), (15, 175), (10, 175)))
    assert holds(lines, 12, -175)
    assert holds(lines, 12, 178)
    assert all(abs(lon) <= 180 for ring in lines.polygons for _, lon in ring)
    assert lines_of(circles=(Circle(10, 190, 5),)).circles == (Circle(10, -170, 5),)


@pytest.mark.parametrize(
    "ring",
    [
        ((-90, -180), (-90, 180), (90, 180), (90, -180), (-90, -180)),  # the world
        ((60, -180), (60, -90), (60, 0), (60, 90), (60, 180), (90, 180), (90, -180), (60, -180)),
    ],
)
def test_what_runs_along_both_edges_of_the_map_stays_as_drawn(ring: Ring) -> None:
    assert lines_of(ring) == Lines((ring,), (), ())


@pytest.mark.parametrize("pole", [1, -1])
def test_a_ring_round_a_pole_holds_the_pole(pole: int) -> None:
    lines = lines_of(((60 * pole, 0), (60 * pole, 120), (60 * pole, -120), (60 * pole, 0)))
    assert holds(lines, 89 * pole, 30)
    assert holds(lines, 61 * pole, -179)
    assert not holds(lines, 59 * pole, 30)


# --- excluded polygons ---


def test_an_excluded_polygon_is_subtracted() -> None:
    """DWD: a geocode EXCLUDE_POLYGON, although the standard says union."""
    hole: Ring = ((35.1, 112.1), (35.1, 112.3), (35.3, 112.3), (35.3, 112.1), (35.1, 112.1))
    lines = lines_of(SQUARE, exclude=text_of(hole))
    assert lines.remarks == ("excluded",)
    assert not holds(lines, 35.2, 112.2)
    assert holds(lines, 35.05, 112.2)
    assert all(Polygon(ring).is_valid for ring in lines.polygons)
    assert land(lines).area == pytest.approx(0.16 - 0.04)


def test_an_excluded_polygon_is_taken_out_of_a_circle_too() -> None:
    hole: Ring = ((34.9, 111.9), (34.9, 112.1), (35.1, 112.1), (35.1, 111.9), (34.9, 111.9))
    lines = lines_of(circles=(Circle(35, 112, 50),), exclude=text_of(hole))
    assert not holds(lines, 35, 112)
    assert holds(lines, 35.3, 112)
    assert lines.circles == ()


@pytest.mark.parametrize("exclude", ["soon", text_of(SQUARE)])
def test_an_exclusion_that_makes_no_sense_takes_nothing_out(exclude: str) -> None:
    lines = lines_of(SQUARE, exclude=exclude)
    assert lines.polygons == (SQUARE,)
    assert lines.remarks == ("exclusion-unusable",)


def test_an_exclusion_counts_in_its_own_area_only() -> None:
    free = WarnedArea("x", polygons=(SQUARE,))
    hole = WarnedArea(
        "y", polygons=(SQUARE,), geocodes=(("EXCLUDE_POLYGON", "35.1,112.1 35.1,112.3 35.3,112.2"),)
    )
    assert land(mended_lines([free, hole])).area == pytest.approx(0.16)


# --- circles ---


@pytest.mark.parametrize(("lat", "lon"), [(0, 0), (35, 112), (-70, 20), (51, 179.9)])
@pytest.mark.parametrize("radius", [1.0, 50.0, 800.0])
def test_a_disc_holds_its_circle_and_little_more(lat: float, lon: float, radius: float) -> None:
    shape = disc(Circle(lat, lon, radius))
    for bearing in range(0, 360, 7):
        assert shape.covers(Point(at(lat, lon, radius * 0.999, bearing)))
        assert not shape.covers(Point(at(lat, lon, radius * 1.02, bearing)))


@pytest.mark.parametrize("pole", [90, -90])
def test_a_disc_over_a_pole_covers_all_longitudes(pole: int) -> None:
    shape = disc(Circle(pole * 85 / 90, 20, 1000))
    assert shape.is_valid
    assert shape.covers(Point(-160, pole * 89 / 90))
    assert not shape.covers(Point(20, 0))


def test_a_disc_wider_than_the_earth_is_the_earth() -> None:
    assert disc(Circle(35, 112, 1e300)).covers(Point(-60, -80))


def at(lat: float, lon: float, km: float, bearing: float) -> tuple[float, float]:
    """lon, lat of the place so far away, on the sphere of the mean radius."""
    angle, turn, start = km / 6371.0088, math.radians(bearing), math.radians(lat)
    end = math.asin(math.sin(start) * math.cos(angle) + math.cos(start) * math.sin(angle) * math.cos(turn))
    east = math.atan2(
        math.sin(turn) * math.sin(angle) * math.cos(start), math.cos(angle) - math.sin(start) * math.sin(end)
    )
    return (lon + math.degrees(east) + 180) % 360 - 180, math.degrees(end)


# --- size ---


def coast(points: int) -> Ring:
    """A circle of some 300 km with a ragged edge of a kilometre."""
    turns = [2 * math.pi * at / points for at in range(points)]
    return tuple(
        (12 + r * math.sin(t), -1 + r * math.cos(t)) for t in turns for r in [3 + 0.01 * math.sin(900 * t)]
    )


def test_a_polygon_of_41009_points_is_simplified_within_its_tolerance() -> None:
    ring = coast(41_009)
    before = time.perf_counter()
    lines = lines_of(ring)
    assert time.perf_counter() - before < 5
    assert lines.remarks == ("simplified",)
    assert sum(len(one) for one in lines.polygons) <= MAX_RING_POINTS
    off = Polygon([(lon, lat) for lat, lon in ring]).symmetric_difference(land(lines))
    assert off.buffer(-TOLERANCES_DEG[-1]).is_empty


def squares(rows: int, columns: int, size: float, gap: float = 0) -> tuple[Ring, ...]:
    corners = ((0, 0), (0, 1), (1, 1), (1, 0), (0, 0))
    return tuple(
        tuple((row * (size + gap) + dy * size, column * (size + gap) + dx * size) for dy, dx in corners)
        for row in range(rows)
        for column in range(columns)
    )


def test_very_many_neighbours_are_gathered_and_stay_what_they_are() -> None:
    """A province said in thousands of small squares; nobody in it may get lost."""
    rings = squares(60, 60, 0.01)
    lines = lines_of(*rings)
    assert lines.remarks == ("hull-instead",)
    assert len(lines.polygons) <= MAX_RINGS
    assert land(lines).area == pytest.approx(0.36, rel=0.1)
    assert all(holds(lines, lat + 0.005, lon + 0.005) for (lat, lon), *_ in rings[::97])


def test_scattered_polygons_beyond_all_bounds_are_still_all_inside() -> None:
    rings = squares(35, 35, 0.1, gap=2)
    lines = lines_of(*rings)
    assert len(lines.polygons) <= MAX_RINGS
    assert all(holds(lines, lat + 0.05, lon + 0.05) for (lat, lon), *_ in rings[::17])


def test_many_long_rings_are_simplified_all_of_them() -> None:
    rings = tuple(tuple((lat + 10 * turn, lon + 7) for lat, lon in coast(1_900)) for turn in range(-4, 4))
    assert lines_of(*rings).remarks == ()
    many = [
        WarnedArea("x", polygons=tuple(tuple((a, b + east) for a, b in ring) for ring in rings))
        for east in (0, 40, -40)
    ]
    lines = mended_lines(many)
    assert lines.remarks == ("simplified",)
    assert sum(len(ring) for ring in lines.polygons) <= MAX_POINTS


def comb(teeth: int) -> Ring:
    """Long thin teeth: the worst for whoever simplifies by recursion."""
    points = [
        (y, tooth * 1e-4) for tooth in range(teeth) for y in ((0.0, 5.0) if tooth % 2 == 0 else (5.0, 0.1))
    ]
    return (*points, (-1.0, teeth * 1e-4), (-1.0, 0.0), points[0])


def test_a_comb_of_300000_points_does_not_overflow_anything() -> None:
    before = time.perf_counter()
    lines = lines_of(comb(149_000))
    assert holds(lines, -0.5, 5.0)
    assert time.perf_counter() - before < 30


def test_an_area_too_large_for_its_exclusion_stays_whole() -> None:
    rings = (
        coast(1_900),
        tuple((lat + 10, lon) for lat, lon in coast(1_900)),
        tuple((lat - 10, lon) for lat, lon in coast(1_900)),
    )
    lines = lines_of(*rings, exclude="12,-1 12.1,-1 12.1,-1.1 12,-1")
    assert lines.remarks == ("exclusion-unusable",)
    assert holds(lines, 12.05, -1.04)


# --- properties ---

places = st.tuples(st.floats(-60, 60), st.floats(-89, 89)).map(lambda p: (round(p[0], 3), round(p[1], 3)))
rings = st.lists(places, min_size=1, max_size=12).map(lambda points: (*points, points[0]))


@st.composite
def stars(draw: st.DrawFn) -> Ring:
    """A valid polygon: corners at growing angles round a middle."""
    lat, lon = draw(st.floats(-50, 50)), draw(st.floats(-170, 170))
    turns = sorted(draw(st.sets(st.integers(0, 71), min_size=4, max_size=20)))
    assume(max(b - a for a, b in zip(turns, [*turns[1:], turns[0] + 72], strict=True)) < 30)
    reach = [draw(st.floats(1, 9)) for _ in turns]
    ring = tuple(
        (lat + r * math.sin(math.radians(5 * t)), lon + r * math.cos(math.radians(5 * t)))
        for t, r in zip(turns, reach, strict=True)
    )
    return (*ring, ring[0])


@given(st.lists(rings, min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_mending_twice_is_mending_once(several: list[Ring]) -> None:
    once = lines_of(*several)
    again = mended_lines([WarnedArea("x", polygons=once.polygons, circles=once.circles)])
    assert again == Lines(once.polygons, once.circles, ())


@given(rings)
@settings(max_examples=150, deadline=None)
def test_nothing_is_warned_beyond_the_hull(ring: Ring) -> None:
    hull = MultiPoint([(lon, lat) for lat, lon in ring]).convex_hull.buffer(2 * STRIP_DEG)
    assert hull.covers(land(lines_of(ring)))


@given(rings)
@settings(max_examples=150, deadline=None)
def test_every_mended_ring_is_a_plain_polygon(ring: Ring) -> None:
    lines = lines_of(ring)
    assert lines.polygons or lines.circles
    assert all(len(one) >= 4 and one[0] == one[-1] and Polygon(one).is_valid for one in lines.polygons)


@given(stars(), st.floats(0.01, 0.5), st.integers(0, 359))
@settings(max_examples=150, deadline=None)
def test_who_is_inside_a_good_polygon_stays_inside(ring: Ring, near: float, bearing: int) -> None:
    shape = Polygon([(lon, lat) for lat, lon in ring])
    assume(shape.is_valid)
    middle = shape.representative_point()
    where = Point(
        middle.x + near * math.cos(math.radians(bearing)), middle.y + near * math.sin(math.radians(bearing))
    )
    assume(shape.contains(where) and shape.boundary.distance(where) > 1e-6)
    assert holds(lines_of(ring), where.y, (where.x + 180) % 360 - 180)


@given(stars(), stars())
@settings(max_examples=100, deadline=None)
def test_holes_are_free_and_the_rest_is_warned(ring: Ring, hole: Ring) -> None:
    outer, inner = (Polygon([(lon, lat) for lat, lon in one]) for one in (ring, hole))
    assume(outer.is_valid and inner.is_valid)
    assume(all(abs(x) < 180 for x in (*outer.bounds, *inner.bounds)))
    rest = outer.difference(inner)
    assume(rest.area > 0.01)
    off = rest.symmetric_difference(land(lines_of(ring, exclude=text_of(hole))))
    assert off.area < 1e-4


@given(stars(), st.floats(100, 260))
@settings(max_examples=100, deadline=None)
def test_moving_round_the_globe_changes_no_area(ring: Ring, east: float) -> None:
    """However a ring is written over the antimeridian, it is the same land."""
    moved = tuple((lat, lon / 18 + 180 + east / 100) for lat, lon in ring)
    wrapped = tuple((lat, (lon + 180) % 360 - 180) for lat, lon in moved)
    one, other = land(lines_of(moved)), land(lines_of(wrapped))
    assert one.symmetric_difference(other).area < 1e-6
