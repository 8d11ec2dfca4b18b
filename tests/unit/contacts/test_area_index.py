"""Which areas a polygon names: the cases by hand, and a slow reference that looks at every area in turn."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest
import shapely
from shapely import Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from jiaoying.contacts.areas.index import (
    SEAT_SLACK,
    SLIVER,
    AreaIndex,
    Ground,
    Precision,
    Ring,
    Touched,
    contains_points,
)
from jiaoying.contacts.areas.shapes import warned_region
from jiaoying.kernel.areas import Level, ancestors_of, covers, level_of
from jiaoying.kernel.polygon_rule import TOUCH, PolygonRule, RuleKind, parse_rule
from jiaoying.warnings.model import Circle

COUNTY, WEST, EAST = "140521000000", "140521100000", "140521101000"
A, B, C, D = "140521100201", "140521100202", "140521101201", "140521101202"
SEAT = PolygonRule(RuleKind.SEAT)
SHARE = parse_rule("share:0.3")
# Four villages side by side, a degree wide each; two townships, one county.
SHAPES = {
    COUNTY: box(110, 35, 114, 36),
    WEST: box(110, 35, 112, 36),
    EAST: box(112, 35, 114, 36),
    A: box(110, 35, 111, 36),
    B: box(111, 35, 112, 36),
    C: box(112, 35, 113, 36),
    D: box(113, 35, 114, 36),
}
SEATS = {A: (110.2, 35.5), B: (111.2, 35.5), C: (112.2, 35.5), D: (113.2, 35.5)}
EVERY = (COUNTY, WEST, EAST, A, B, C, D)


def county(outlined: Sequence[str], seated: Sequence[str] = (), areas: Sequence[str] = EVERY) -> AreaIndex:
    """An index that knows these outlines and these seats."""
    return AreaIndex([ground(code, outlined, seated) for code in areas], COUNTY)


def ground(code: str, outlined: Sequence[str], seated: Sequence[str]) -> Ground:
    lon, lat = SEATS[code] if code in seated else (None, None)
    shape = shapely.to_wkb(SHAPES[code]) if code in outlined else None
    return Ground(code, level_of(code), shape, lat, lon)


def square(west: float, east: float, south: float = 35.4, north: float = 35.6) -> Ring:
    return [(south, west), (south, east), (north, east), (north, west), (south, west)]


def named(index: AreaIndex, *polygons: Ring, rule: PolygonRule = TOUCH) -> dict[str, Precision]:
    return {one.code: one.precision for one in index.touched(polygons, [], rule)}


VILLAGES = (A, B, C, D)
SHAPE, NEAREST, COARSE = Precision.SHAPE, Precision.NEAREST, Precision.COARSE


def test_villages_with_outlines_are_named_by_them_with_all_above() -> None:
    index = county(EVERY)
    assert named(index, square(110.5, 111.5)) == dict.fromkeys((COUNTY, WEST, A, B), SHAPE)
    (first, *_) = index.touched([square(110, 110.5, 35, 36)], [])
    assert first == Touched(COUNTY, Level.COUNTY, SHAPE, pytest.approx(0.125), COUNTY)  # type: ignore[arg-type]
    assert named(index, square(112, 113, 35, 36)).keys() == {COUNTY, EAST, C}, "a common border alone is none"
    assert named(index, square(120, 121)) == {}


def test_villages_with_seats_are_decided_by_them_and_the_head_of_the_township_knows() -> None:
    index = county([COUNTY, WEST, EAST], VILLAGES)
    assert named(index, square(110.1, 112.1)) == {
        **dict.fromkeys((COUNTY, WEST, EAST), SHAPE),
        A: Precision.SEAT,
        B: Precision.SEAT,
    }
    assert named(county([COUNTY], VILLAGES), square(110.1, 110.3)) == {
        COUNTY: SHAPE,
        WEST: Precision.SEAT,
        A: Precision.SEAT,
    }


def test_warned_ground_without_a_seat_falls_to_the_nearest_village() -> None:
    index = county([COUNTY], VILLAGES)
    assert named(index, square(111.5, 111.6)) == {COUNTY: SHAPE, WEST: NEAREST, B: NEAREST}
    two_pieces = named(index, square(110.1, 110.3), square(113.5, 113.6))
    assert two_pieces[A] is Precision.SEAT
    assert two_pieces[D] is NEAREST, "each piece names somebody"
    assert index.touched([], [Circle(35.5, 112.3, 0)])[-1].code == C


def test_of_what_nothing_is_known_the_nearest_outline_above_decides() -> None:
    assert named(county([COUNTY, WEST]), square(110.5, 110.6)) == dict.fromkeys((COUNTY, WEST, A, B), SHAPE)
    coarse = county([COUNTY]).touched([square(110, 111, 35, 36)], [])
    assert {one.code: one.precision for one in coarse if one.code != COUNTY} == dict.fromkeys(
        EVERY[1:], COARSE
    )
    assert {(round(one.share, 6), one.by) for one in coarse} == {(0.25, COUNTY)}


def test_a_hole_in_the_map_is_where_the_unknown_must_lie() -> None:
    index = county([COUNTY, A, B])
    assert named(index, square(110.5, 111.5)).keys() == {COUNTY, WEST, A, B}
    assert named(index, square(112.5, 112.6)) == {COUNTY: SHAPE, EAST: COARSE, C: COARSE, D: COARSE}
    # The others' outlines hold all of the county: the fourth is not on the map, and may be anywhere.
    all_but_one = [Ground(COUNTY, Level.COUNTY, shapely.to_wkb(box(110, 35, 113, 36)))]
    all_but_one += [ground(code, [A, B, C], []) for code in EVERY[1:]]
    assert D in named(AreaIndex(all_but_one, COUNTY), square(110.5, 110.6))


def test_what_is_under_the_warning_whole_is_named_whole() -> None:
    misplaced = [Ground(COUNTY, Level.COUNTY, shapely.to_wkb(SHAPES[COUNTY]))]
    misplaced += [Ground(A, Level.VILLAGE, None, 35.5, 109.99), Ground(B, Level.VILLAGE, None, 35.5, 111.2)]
    assert A in named(AreaIndex(misplaced, COUNTY), square(110, 114, 35, 36))


def test_a_seat_far_away_is_a_slip() -> None:
    slipped = [Ground(COUNTY, Level.COUNTY, shapely.to_wkb(SHAPES[COUNTY]))]
    slipped += [Ground(A, Level.VILLAGE, None, 0.0, 0.0), Ground(B, Level.VILLAGE, None, 35.5, 111.2)]
    assert named(AreaIndex(slipped, COUNTY), square(111.1, 111.3)) == {
        COUNTY: SHAPE,
        A: COARSE,
        B: Precision.SEAT,
    }


def test_the_rule_of_share_and_whom_a_small_circle_falls_to() -> None:
    index = county(EVERY)
    assert named(index, square(110.5, 111.2, 35, 36), rule=SHARE).keys() == {COUNTY, WEST, A}
    assert named(index, square(110.9, 111.1), rule=SHARE).keys() == {COUNTY, WEST, A, B}, "too small for both"


def test_the_rule_of_seats() -> None:
    index = county(EVERY, [A, B, C])
    assert named(index, square(110.1, 111.1), rule=SEAT) == {
        COUNTY: SHAPE,
        WEST: SHAPE,
        A: Precision.SEAT,
    }
    assert D in named(index, square(113.5, 113.6), rule=SEAT), "without a seat any ground counts"
    assert B in named(index, square(111.5, 111.6), rule=SEAT), "no seat inside: whose ground it is"


def test_without_an_outline_of_home_the_hull_of_what_is_known_stands_in() -> None:
    index = county([], VILLAGES, areas=(*EVERY, "140521101203"))
    assert named(index, square(112.1, 112.3))["140521101203"] is COARSE
    assert named(index, square(120, 121)) == {}
    assert named(county([]), square(112.1, 112.3)) == {}, "nothing is known at all"


def test_only_home_counts() -> None:
    neighbour = Ground("140522000000", Level.COUNTY, shapely.to_wkb(box(114, 35, 115, 36)))
    index = AreaIndex([neighbour, *(ground(code, EVERY, []) for code in EVERY)], COUNTY)
    assert named(index, square(114.2, 114.4)) == {}


def test_points_under_a_warning() -> None:
    lats = np.array([35.5, 35.5, np.nan, 35.4])
    lons = np.array([110.5, 112.0, 110.5, 110.6])
    inside = contains_points([square(110.4, 110.6)], [Circle(35.5, 112.0, 0)], lats, lons)
    assert inside.tolist() == [True, True, False, True]


@pytest.mark.parametrize("text", ["", "share", "share:0", "share:2", "touch:1", "half", "share:nan"])
def test_rules_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        parse_rule(text)


# --- the slow reference ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Slow:
    """The rules of the module once more: every area by itself, no index, nothing remembered."""

    grounds: Sequence[Ground]
    land: BaseGeometry
    points: BaseGeometry
    rule: PolygonRule

    def answer(self) -> set[Touched]:
        found: dict[str, Touched] = {}
        lowest = [one for one in self.grounds if self.is_lowest(one)]
        for one in self.grounds:
            if (
                touched := self.by_itself(one) or (self.by_outline_above(one) if one in lowest else None)
            ) is not None:
                found[one.code] = touched
        for piece in (*pieces(self.land), *pieces(self.points)):
            for touched in self.somebody_for(piece, lowest, found):
                found.setdefault(touched.code, touched)
        best = sorted(
            found.values(),
            key=lambda one: (list(Precision).index(one.precision), -round(one.share, 9), one.code),
        )
        for one in self.grounds:
            inside = [other for other in best if other.code != one.code and covers(one.code, other.code)]
            if one.code not in found and inside:
                first = inside[0]
                found[one.code] = Touched(one.code, one.level, first.precision, first.share, first.by)
        return set(found.values())

    def is_lowest(self, one: Ground) -> bool:
        return not any(other is not one and covers(one.code, other.code) for other in self.grounds)

    @cached_property
    def outlines(self) -> dict[str, BaseGeometry]:
        known = {
            one.code: shapely.from_wkb(one.shape_wkb) for one in self.grounds if one.shape_wkb is not None
        }
        seats = [seat for one in self.grounds if (seat := written_seat(one)) is not None]
        if COUNTY not in known and (known or seats):
            known[COUNTY] = shapely.GeometryCollection([*known.values(), *seats]).convex_hull
        return known

    def outline(self, code: str) -> BaseGeometry | None:
        return self.outlines.get(code)

    def seat(self, one: Ground) -> Point | None:
        seat = written_seat(one)
        for code in (one.code, *ancestors_of(one.code)):
            outline = self.outline(code) if covers(COUNTY, code) else None
            if outline is not None and seat is not None:
                return seat if seat.distance(outline) <= SEAT_SLACK else None
        return seat

    def share(self, outline: BaseGeometry | None) -> float | None:
        """How much of an outline is warned; None where it is not touched."""
        if outline is None:
            return None
        if self.land.intersects(outline) and not self.land.touches(outline):
            return self.land.intersection(outline).area / outline.area if outline.area else 0.0
        return 0.0 if self.points.intersects(outline) else None

    def by_itself(self, one: Ground) -> Touched | None:
        outline, seat = self.outline(one.code), self.seat(one)
        by_seat = one.shape_wkb is None or (
            one.level == Level.VILLAGE and self.rule.kind is RuleKind.SEAT and seat is not None
        )
        share = self.share(outline)
        if share is not None and not (by_seat and one.shape_wkb is not None):
            enough = (
                one.level != Level.VILLAGE
                or self.rule.kind is not RuleKind.SHARE
                or share >= self.rule.share
                or self.points.intersects(outline)
            )
            if enough:
                precision = SHAPE if one.shape_wkb is not None else COARSE
                return Touched(one.code, one.level, precision, share, one.code)
        if by_seat and seat is not None and (self.land.intersects(seat) or self.points.intersects(seat)):
            return Touched(one.code, one.level, Precision.SEAT, 1.0, one.code)
        return None

    def by_outline_above(self, one: Ground) -> Touched | None:
        above = [code for code in (one.code, *ancestors_of(one.code)) if self.outline(code) is not None]
        above = [code for code in above if covers(COUNTY, code)]
        for code in above:
            if (self.share(self.outline(code)) or 0) >= 1 - SLIVER:
                return self.inherited(one, code)
        above = [code for code in above if code != one.code]
        if one.shape_wkb is None and self.seat(one) is None and above and self.in_the_hole(above[0]):
            return self.inherited(one, above[0])
        return None

    def inherited(self, one: Ground, code: str) -> Touched:
        share = self.share(self.outline(code))
        assert share is not None
        return Touched(one.code, one.level, COARSE if code == COUNTY else SHAPE, share, code)

    def hole(self, code: str) -> BaseGeometry:
        rest = outline = self.outline(code)
        assert outline is not None
        assert rest is not None
        for one in self.grounds:
            if one.code != code and covers(code, one.code) and one.shape_wkb is not None:
                rest = rest.difference(shapely.from_wkb(one.shape_wkb))
        return rest if rest.area > SLIVER * outline.area else outline

    def in_the_hole(self, code: str) -> bool:
        outline, hole = self.outline(code), self.hole(code)
        assert outline is not None
        if self.share(outline) is None:
            return False
        if hole.equals(outline) or self.points.intersects(hole):
            return True
        warned = self.land.intersection(outline).area
        return self.land.intersection(hole).area > SLIVER * min(warned, hole.area)

    def somebody_for(
        self, piece: BaseGeometry, lowest: Sequence[Ground], found: dict[str, Touched]
    ) -> Iterator[Touched]:
        alone = Slow(self.grounds, *((piece, Point()) if piece.area else (Polygon(), piece)), self.rule)
        outlines = [one for one in self.grounds if alone.share(self.outline(one.code)) is not None]
        seats = [one for one in lowest if (seat := self.seat(one)) is not None and piece.intersects(seat)]
        if not (outlines or seats):
            return
        for one in lowest:
            touched = found.get(one.code)
            if touched is None:
                continue
            if one in outlines or one in seats:
                return
            is_whole = touched.share >= 1 - SLIVER
            if touched.by != one.code and touched.precision is not NEAREST and one.level == Level.VILLAGE:
                ground = self.outline(touched.by) if is_whole else self.hole(touched.by)
                if piece.intersects(ground):
                    return
        own = [one for one in lowest if one in outlines and one.shape_wkb is not None]
        for one in own:
            yield Touched(one.code, one.level, SHAPE, self.share(self.outline(one.code)) or 0.0, one.code)
        places = {one.code: self.outline(one.code) if one.shape_wkb else self.seat(one) for one in lowest}
        distances = {code: place.distance(piece) for code, place in places.items() if place is not None}
        if not own and distances:
            for one in lowest:
                if distances.get(one.code) == min(distances.values()):
                    yield Touched(one.code, one.level, NEAREST, 0.0, one.code)


def written_seat(one: Ground) -> Point | None:
    return None if one.lat is None or one.lon is None else Point(one.lon, one.lat)


def pieces(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = list(getattr(shape, "geoms", [shape]))
    return [part for part in parts if not part.is_empty]


SIDE = 0.1  # degrees of a village
TOWNS, PER_TOWN = 2, 2  # in each direction


def layout(chance: random.Random) -> list[Ground]:
    """A county of townships of villages, of each of which something is known or not."""
    knows = {level: chance.choice((0, 0.5, 1)) for level in (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)}
    seated = chance.choice((0, 0.5, 1))
    span = SIDE * TOWNS * PER_TOWN
    whole = box(110, 35, 110 + span, 35 + span)
    grounds = [described(chance, COUNTY, whole, knows[Level.COUNTY], 0)]
    for town in range(TOWNS * TOWNS):
        west = 110 + town % TOWNS * SIDE * PER_TOWN
        south = 35 + town // TOWNS * SIDE * PER_TOWN
        code = f"140521{100 + town}000"
        ground = box(west, south, west + SIDE * PER_TOWN, south + SIDE * PER_TOWN)
        grounds.append(described(chance, code, ground, knows[Level.TOWNSHIP], seated))
        for village in range(PER_TOWN * PER_TOWN):
            left, low = west + village % PER_TOWN * SIDE, south + village // PER_TOWN * SIDE
            ground = box(left, low, left + SIDE, low + SIDE)
            code = f"140521{100 + town}{200 + village}"
            grounds.append(described(chance, code, ground, knows[Level.VILLAGE], seated))
    return [one for one in grounds if chance.random() < 0.95 or one.code == COUNTY]


def described(
    chance: random.Random, code: str, ground: BaseGeometry, outlined: float, seated: float
) -> Ground:
    west, south, east, north = ground.bounds
    lat = lon = wkb = None
    if chance.random() < outlined:
        # Simplified apart from its neighbours, or with an enclave of somebody else's in it.
        shape = ground.buffer(-chance.choice((0, 0, 0.001)))
        if chance.random() < 0.2:
            shape = shape.difference(Point((west + east) / 2, (south + north) / 2).buffer(SIDE / 5))
        wkb = shapely.to_wkb(shape)
    if chance.random() < seated:
        slip = chance.choice((0, 0, 0, 0, 0.01, 0.3))
        lon, lat = chance.uniform(west, east) + slip, chance.uniform(south, north) - slip
    return Ground(code, level_of(code), wkb, lat, lon)


def warning(chance: random.Random) -> tuple[list[Ring], list[Circle]]:
    """Polygons, also along the borders, crossing themselves, wide; circles, also bare points."""

    def place() -> float:
        along = chance.uniform(-0.5, 4.5) if chance.random() < 0.6 else chance.randint(-1, 5) / 1.0
        return along * SIDE

    kind = chance.random()
    if kind < 0.35:
        (south, north), (west, east) = (sorted((place(), place())) for _ in range(2))
        return [square(110 + west, 110 + east, 35 + south, 35 + north)], []
    if kind < 0.7:
        around = [(35 + place(), 110 + place()) for _ in range(chance.randint(3, 6))]
        small = chance.choice((1, 1, 0.1))
        first = around[0]
        ring = [
            (first[0] + (lat - first[0]) * small, first[1] + (lon - first[1]) * small) for lat, lon in around
        ]
        others = [square(110 + place(), 110.01 + place())] if chance.random() < 0.2 else []
        return [[*ring, ring[0]], *others], []
    return [], [
        Circle(35 + place(), 110 + place(), chance.choice((0, 0.5, 3, 20)))
        for _ in range(chance.randint(1, 2))
    ]


def rounded(found: Sequence[Touched] | set[Touched]) -> set[tuple[object, ...]]:
    return {(one.code, one.level, one.precision, round(one.share, 6), one.by) for one in found}


@pytest.mark.parametrize("seed", range(7))
def test_the_index_agrees_with_looking_at_every_area(seed: int) -> None:
    chance = random.Random(seed)
    asked = with_somebody = 0
    for _ in range(25):
        grounds = layout(chance)
        index = AreaIndex(grounds, COUNTY)
        for _ in range(12):
            polygons, circles = warning(chance)
            rule = chance.choice((TOUCH, SHARE, SEAT))
            found = index.touched(polygons, circles, rule)
            truth = Slow(grounds, *warned_region(polygons, circles), rule).answer()
            assert rounded(found) == rounded(truth), (grounds, polygons, circles, rule)
            asked += 1
            with_somebody += bool(found)
    assert with_somebody > asked / 3
