"""Which areas lie under a warned polygon or circle, from an index that is built once for each map.

Counties know their places unevenly: here an outline, there only the point where people live (the seat),
elsewhere nothing. An area is looked for by the finest thing that is known of it:

(a) a village with an outline is under the warning as the rule says: any shared ground (`touch`), a share of
    its ground (`share`), or its seat (`seat`; without one, any ground);
(b) a village with a seat only, when its seat lies inside; the township above it, by its own outline, in any
    case, since its head has to know;
(c) the same under a county with an outline only: its township is named with it;
(d) a village of which nothing is known, with its township's outline, else with that of the nearest level
    above (`coarse`, with the share of that outline under the warning, for the caller to decide on);
    not where outlines inside that one hold all of the warned ground, so that it cannot be the village's.

Units above villages are named by any shared ground, and always together with what is named inside them.

Nobody falls out between those rules:

- all that lies in an outline that is under the warning whole is under it, wherever its seat was put;
- a seat far outside the outline above it is a slip, and not believed: the village counts as (d);
- a separate piece of warned ground in which the rules find no village (a hillside between two seats, a
  circle smaller than the share) falls to those whose ground it touches, else to the nearest;
- where the home area has no outline, the hull of all that is known in it stands in for one.

A common border alone is no shared ground. What lies on the edge itself is inside.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from jiaoying.contacts.areas.shapes import Disc, flat_parts, warned_region
from jiaoying.kernel.areas import Level, ancestors_of, covers, prefix_of
from jiaoying.kernel.polygon_rule import TOUCH, PolygonRule, RuleKind

Ring = Sequence[tuple[float, float]]  # (lat, lon) in degrees, as warnings have them

# Neighbouring outlines were simplified apart: a gap below this share of what it is compared with is no land,
# and what lacks no more than that is whole.
SLIVER = 0.01
# Degrees that a seat may lie outside its outline: outlines are simplified by as much.
SEAT_SLACK = 0.02


class Precision(StrEnum):
    """How closely it is known that an area lies under a polygon."""

    SHAPE = "shape"  # by its own outline, or its township's
    SEAT = "seat"  # its seat lies inside
    NEAREST = "nearest"  # nothing known lies inside; this is the village nearest to the warned ground
    COARSE = "coarse"  # by the outline of its county, city or province, the finest there is


_FINEST_FIRST = list(Precision)
_NOWHERE = shapely.MultiPolygon()


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of where an area lies: outline (WKB, lon lat), seat (degrees), either or neither."""

    code: str
    level: Level
    shape_wkb: bytes | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Touched:
    """One area under a warning, itself alone: areas inside it are only touched where they are named too.

    `by` is the area whose outline or seat decided; `share` (0…1) how much of that outline's ground is
    under the warning: 1 for a seat inside, 0 for a bare point and for `nearest`.
    """

    code: str
    level: Level
    precision: Precision
    share: float
    by: str


class AreaIndex:
    """The home area's outlines and seats, for many questions. Building takes time: not on the event loop."""

    def __init__(self, grounds: Iterable[Ground], home_area: str) -> None:
        inside = sorted((one for one in grounds if covers(home_area, one.code)), key=lambda one: one.code)
        self.home_area = home_area
        self.levels = {one.code: one.level for one in inside}
        self.above = {code: _known_above(code, home_area, self.levels) for code in self.levels}
        parents = {code for above in self.above.values() for code in above}
        self.leaves = [code for code in self.levels if code not in parents]
        self.outlines: dict[str, BaseGeometry] = {
            one.code: shapely.from_wkb(one.shape_wkb) for one in inside if one.shape_wkb is not None
        }
        seats = {one.code: point for one in inside if (point := _seat_of(one)) is not None}
        self.is_stand_in = home_area not in self.outlines and bool(self.outlines or seats)
        if self.is_stand_in:
            known = [*self.outlines.values(), *seats.values()]
            hull: BaseGeometry = shapely.convex_hull(shapely.GeometryCollection(known))
            self.outlines = {home_area: hull, **self.outlines}
        self.seats = {code: seat for code, seat in seats.items() if self._is_believed(code, seat)}
        self.leaf_set = frozenset(self.leaves)
        self.loose = self._loose_leaves()
        self._holes: dict[str, BaseGeometry] = {}
        self._codes = sorted(self.outlines)
        self._tree = shapely.STRtree([self.outlines[code] for code in self._codes])
        self._seated = list(self.seats)
        self._seat_tree = shapely.STRtree(list(self.seats.values()))
        self._placed = [code for code in self.leaves if code in self.outlines or code in self.seats]
        self._places = shapely.STRtree(
            [self.outlines[code] if code in self.outlines else self.seats[code] for code in self._placed]
        )

    def touched(
        self, polygons: Sequence[Ring], circles: Sequence[Disc], rule: PolygonRule = TOUCH
    ) -> tuple[Touched, ...]:
        """Every area under the warning, by code: villages, and each unit above them up to the home area."""
        if not self.outlines:
            return ()
        land, points = warned_region(polygons, circles)
        shapely.prepare(land)
        named = _Finding(self, land, points, rule).named()
        return tuple(named[code] for code in sorted(named))

    def outlines_under(self, land: BaseGeometry, points: BaseGeometry) -> dict[str, float]:
        """The outlines that share ground with `land` or hold one of `points`, each with its share of land."""
        hits = self._tree.query(land, predicate="intersects")
        shapes = self._tree.geometries.take(hits)
        hits = hits[~shapely.touches(land, shapes)]
        shapes = self._tree.geometries.take(hits)
        whole = shapely.contains_properly(land, shapes)
        shares = whole.astype(float)
        parts = _areas_of(shapely.intersection(land, shapes[~whole]))
        shares[~whole] = parts / np.maximum(_areas_of(shapes[~whole]), np.finfo(float).tiny)
        found: dict[str, float] = {
            self._codes[hit]: 0.0 for hit in self._tree.query(points, predicate="intersects").tolist()
        }
        return found | {
            self._codes[hit]: min(share, 1.0)
            for hit, share in zip(hits.tolist(), shares.tolist(), strict=True)
        }

    def seats_under(self, land: BaseGeometry, points: BaseGeometry) -> list[str]:
        """The areas whose seat lies in `land`, or at one of `points`."""
        seats = self._seat_tree
        hits = {*seats.query(land, predicate="intersects"), *seats.query(points, predicate="intersects")}
        return [self._seated[hit] for hit in sorted(hits)]

    def nearest_to(self, part: BaseGeometry) -> list[str]:
        """The lowest areas whose outline or seat is nearest to `part`."""
        return [self._placed[place] for place in self._places.query_nearest(part)]

    def hole_in(self, code: str) -> BaseGeometry:
        """Where in an outline those areas must lie of which nothing is known: what others in it leave free.

        All of it where they leave nothing to speak of: then the map does not show those areas at all.
        """
        if code not in self._holes:
            outline = self.outlines[code]
            inside = [self.outlines[inner] for inner in _inside(self._codes, code) if inner != code]
            hole = shapely.difference(outline, shapely.union_all(inside)) if inside else outline
            self._holes[code] = hole if hole.area > SLIVER * outline.area else outline
        return self._holes[code]

    def leaves_in(self, code: str) -> list[str]:
        """The lowest areas inside one."""
        return _inside(self.leaves, code)

    def _nearest_outline(self, above: Iterable[str]) -> str | None:
        return next((code for code in above if code in self.outlines), None)

    def _is_believed(self, code: str, seat: BaseGeometry) -> bool:
        outline = self._nearest_outline((code, *self.above[code]))
        return outline is None or bool(shapely.dwithin(seat, self.outlines[outline], SEAT_SLACK))

    def _loose_leaves(self) -> dict[str, list[str]]:
        """The lowest areas of which nothing is known, by the outline that they are somewhere in."""
        loose: defaultdict[str, list[str]] = defaultdict(list)
        for code in self.leaves:
            outline = self._nearest_outline(self.above[code])
            if code not in self.outlines and code not in self.seats and outline is not None:
                loose[outline].append(code)
        return dict(loose)


class _Finding:
    """One question to the index, answered in the order of the rules above."""

    def __init__(self, index: AreaIndex, land: BaseGeometry, points: BaseGeometry, rule: PolygonRule) -> None:
        self._index = index
        self._land = land
        self._points = points
        self._rule = rule
        self._outlines = index.outlines_under(land, points)
        self._seats = set(index.seats_under(land, points))
        self._named: dict[str, Touched] = {}
        self._grounds: list[BaseGeometry] = []  # on which villages are named without a place of their own

    def named(self) -> dict[str, Touched]:
        self._name_by_outline()
        self._name_by_seat()
        self._name_inside_whole()
        self._name_loose()
        for piece in flat_parts(self._land):
            self._name_nearest(piece, self._index.outlines_under(piece, _NOWHERE))
        for piece in flat_parts(self._points):
            self._name_nearest(piece, self._index.outlines_under(_NOWHERE, piece))
        self._name_above()
        return self._named

    def _name(self, code: str, precision: Precision, share: float, by: str) -> None:
        # Of the home area itself there may be no row.
        if code not in self._named and code in self._index.levels:
            self._named[code] = Touched(code, self._index.levels[code], precision, share, by)

    def _name_by_outline(self) -> None:
        for code, share in self._outlines.items():
            if self._counts(code, share):
                is_outlined = code != self._index.home_area or not self._index.is_stand_in
                self._name(code, Precision.SHAPE if is_outlined else Precision.COARSE, share, code)

    def _counts(self, code: str, share: float) -> bool:
        """Whether the rule takes an outline that is touched. A bare point has no ground to measure."""
        if self._index.levels.get(code) != Level.VILLAGE or self._rule.kind is RuleKind.TOUCH:
            return True
        if self._rule.kind is RuleKind.SEAT:
            return not self._goes_by_seat(code)
        return share >= self._rule.share or bool(shapely.intersects(self._points, self._index.outlines[code]))

    def _name_by_seat(self) -> None:
        for code in filter(self._goes_by_seat, self._seats):
            self._name(code, Precision.SEAT, 1.0, code)

    def _goes_by_seat(self, code: str) -> bool:
        if code not in self._index.outlines:
            return True
        is_village = self._index.levels.get(code) == Level.VILLAGE
        return is_village and self._rule.kind is RuleKind.SEAT and code in self._index.seats

    def _name_inside_whole(self) -> None:
        whole = [code for code, share in self._outlines.items() if share >= 1 - SLIVER]
        for outline in sorted(whole, key=lambda code: len(prefix_of(code)), reverse=True):
            self._name_inside(outline, self._index.leaves_in(outline), self._index.outlines[outline])

    def _name_loose(self) -> None:
        for outline, leaves in self._index.loose.items():
            if outline in self._outlines and self._may_hold_loose(outline):
                self._name_inside(outline, leaves, self._index.hole_in(outline))

    def _name_inside(self, outline: str, leaves: Sequence[str], ground: BaseGeometry) -> None:
        """Name leaves that are somewhere on this ground inside an outline."""
        index, share = self._index, self._outlines[outline]
        is_stand_in = index.is_stand_in and outline == index.home_area
        is_fine = index.levels.get(outline) in (Level.TOWNSHIP, Level.VILLAGE) and not is_stand_in
        for code in leaves:
            self._name(code, Precision.SHAPE if is_fine else Precision.COARSE, share, outline)
        if any(index.levels[code] == Level.VILLAGE for code in leaves):
            self._grounds.append(ground)

    def _may_hold_loose(self, outline: str) -> bool:
        """Whether warned ground lies where the areas must be of which nothing is known."""
        whole, hole = self._index.outlines[outline], self._index.hole_in(outline)
        if hole is whole or shapely.intersects(self._points, hole):
            return True
        warned = self._outlines[outline] * whole.area
        return shapely.intersection(self._land, hole).area > SLIVER * min(warned, hole.area)

    def _name_nearest(self, piece: BaseGeometry, outlines: Mapping[str, float]) -> None:
        """Somebody for a separate piece of warned ground at home, where the rules name no village for it."""
        leaves = [code for code in outlines if code in self._index.leaf_set]
        on_piece = {*leaves, *self._index.seats_under(piece, _NOWHERE)} & self._index.leaf_set
        is_away = not outlines and not on_piece
        if is_away or on_piece & self._named.keys() or shapely.intersects(piece, self._grounds).any():
            return
        for code in leaves:
            self._name(code, Precision.SHAPE, self._outlines[code], code)
        if not leaves:
            for code in self._index.nearest_to(piece):
                self._name(code, Precision.NEAREST, 0.0, code)

    def _name_above(self) -> None:
        """The units over what is named, each for the best known of it."""
        best_first = sorted(
            self._named.values(),
            key=lambda one: (_FINEST_FIRST.index(one.precision), -round(one.share, 9), one.code),
        )
        for inner in best_first:
            for code in self._index.above[inner.code]:
                self._name(code, inner.precision, inner.share, inner.by)


def contains_points(
    polygons: Sequence[Ring],
    circles: Sequence[Disc],
    lats: NDArray[np.float64],
    lons: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """For each point (degrees; NaN where unknown): whether it lies under the warning, its edge included."""
    land, points = warned_region(polygons, circles)
    shapely.prepare([land, points])
    known = np.isfinite(lats) & np.isfinite(lons)
    found = np.zeros(known.shape, dtype=np.bool_)
    at = (lons[known], lats[known])
    found[known] = shapely.intersects_xy(land, *at) | shapely.intersects_xy(points, *at)
    return found


def _known_above(code: str, home_area: str, known: Container[str]) -> tuple[str, ...]:
    """The areas above one that there are rows of, nearest first, up to the home area."""
    return tuple(
        over
        for over in ancestors_of(code)
        if over == home_area or (over in known and covers(home_area, over))
    )


def _seat_of(ground: Ground) -> BaseGeometry | None:
    return None if ground.lat is None or ground.lon is None else shapely.Point(ground.lon, ground.lat)


def _areas_of(shapes: Iterable[BaseGeometry]) -> NDArray[np.float64]:
    return np.array([shape.area for shape in shapes], dtype=np.float64)


def _inside(codes: Sequence[str], outer: str) -> list[str]:
    """Of codes in order, those inside `outer` and itself."""
    prefix = prefix_of(outer)
    return list(codes[bisect_left(codes, prefix) : bisect_left(codes, prefix + ":")])  # the sign after 9
