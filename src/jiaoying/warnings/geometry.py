"""Lines of a warning, as the product draws them: whole, on the earth, free of holes, bounded. Pure.

CAP 1.2, 3.2.4 asks for closed rings of `lat,lon` in degrees (WGS 84) and for circles with a radius in
kilometres. What is sent breaks this in known ways, and each is mended by one rule:

- *Axes*: exchanged where every point is impossible as lat,lon and possible the other way; where some
  points are impossible and it cannot be proved, the ring is set aside and the rest of the area stands.
- *Rings that cross themselves*: what the ring winds round is inside (nonzero winding), so both wings of a
  bow are warned, and a hole drawn by a ring that goes back the other way stays a hole.
- *Lines and points* (rings of one or two different points, or without area): a strip of `STRIP_DEG` to
  both sides, or a circle of radius 0.
- *Antimeridian*: an edge of more than 180° of longitude goes the short way round (RFC 7946, 3.1.9), and
  what lies beyond ±180 is cut there and brought back.
- *Excluded polygons* (DWD's geocode `EXCLUDE_POLYGON`) are subtracted from their own area. What is left
  is cut through its holes, since a ring has none.
- *Size*: see `MAX_RING_POINTS`, `MAX_POINTS` and `MAX_RINGS`. The message as it came in keeps every point.

Nothing shrinks what is warned by more than the tolerance of the simplification; where a shape cannot be
kept within bounds, its convex hull stands for it: better one too many before the officer than one too few.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPoint, Polygon
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from jiaoying.warnings.formats.cap_values import read_polygon
from jiaoying.warnings.hazard_words import folded_name
from jiaoying.warnings.model import Circle, WarnedArea

Point = tuple[float, float]  # lat, lon
Ring = tuple[Point, ...]

STRIP_DEG = 0.0005  # some 55 m
# The median ring of real messages has 28 points, the largest seen 41,009. Above this many a ring is
# simplified (Douglas-Peucker) with a tolerance that begins at some 55 m and doubles up to some 1.8 km.
MAX_RING_POINTS = 2_000
TOLERANCES_DEG = tuple(0.0005 * 2**step for step in range(6))
# Of one warning. Above, every ring is simplified; what is still more is gathered into hulls of neighbours.
MAX_POINTS = 30_000
MAX_RINGS = 1_000
# Simplifying recurses for each point at worst and is quadratic then: a comb of 150,000 points overflows the
# stack of the process. So a long ring is taken in pieces, a shorter one whole, which crosses itself less.
_CHUNK = 250
_MOST_AT_ONCE = 10_000
_MAX_EXCLUDED_POINTS = 4_000  # of an area and what is taken out of it: their edges may all cross
# Rings beyond all counting are gathered by the square that they begin in, of so many degrees.
_GATHERINGS_DEG = (0.1, 1.0, 10.0, 360.0)
# Of a ring that crosses itself; neighbours count as three each. A star of 1,000 points crosses itself half
# a million times and takes minutes to mend.
_MAX_CROSSINGS = 20_000

_EARTH_RADIUS_KM = 6371.0088  # mean radius (IUGG)
_CIRCLE_CORNERS = 64
# Drawn round the circle and not into it, and wide enough for the flattening of the earth (0.56 %): who
# stands at its very edge is warned.
_CIRCLE_SLACK = 1.0056 / math.cos(math.pi / _CIRCLE_CORNERS)

# How each remark is told; the code is the complaint's.
REMARKS = {
    "geometry-set-aside": "coordinates lie outside the earth and the right ones cannot be told:"
    " the lines were set aside, codes and names of the area stand",
    "axes-exchanged": "every point is possible only as “lon,lat”: the axes were exchanged",
    "crossing-mended": "a polygon crosses itself: everything that its line winds round is warned",
    "line-or-point": "a polygon has no area: it is drawn as a narrow strip or a point",
    "antimeridian-cut": "a polygon crosses the 180th meridian: it was cut there",
    "excluded": "the polygons that the sender excludes were taken out of the area",
    "exclusion-unusable": "what the sender excludes cannot be read, is too large or is the whole area:"
    " nothing was taken out",
    "simplified": "a polygon of very many points was simplified; the message keeps every point",
    "hull-instead": "the polygons are too many or too tangled: their convex hull is warned instead",
}


@dataclass(frozen=True, slots=True)
class Lines:
    """Polygons and circles that can be laid on a map, and the codes of what was done to get them."""

    polygons: tuple[Ring, ...] = ()
    circles: tuple[Circle, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    """What has been mended so far. Polygons are in the order of GeoJSON (lon, lat)."""

    kept: list[Ring] = field(default_factory=list[Ring])  # exactly as sent
    drawn: list[Polygon] = field(default_factory=list[Polygon])
    circles: list[Circle] = field(default_factory=list[Circle])
    remarks: dict[str, None] = field(default_factory=dict[str, None])

    def remark(self, code: str) -> None:
        self.remarks[code] = None


def mended_lines(areas: Iterable[WarnedArea]) -> Lines:
    """The union of the lines of `areas`, each drawn once."""
    parts = [_mended_area(area) for area in areas]
    rings = tuple(dict.fromkeys(ring for part in parts for ring in part.polygons))
    circles = tuple(dict.fromkeys(circle for part in parts for circle in part.circles))
    bounded, remarks = _bounded(rings)
    every = dict.fromkeys([*(code for part in parts for code in part.remarks), *remarks])
    return Lines(bounded, circles, tuple(every))


def shapes_of(polygons: Iterable[Ring], circles: Iterable[Circle]) -> list[BaseGeometry]:
    """Polygons and circles in the order of GeoJSON (lon, lat), degrees; a radius of 0 is a point."""
    land = [_valid(Polygon(_turned(ring)), _Draft()) for ring in polygons if len(ring) >= 4]
    return [*land, *(disc(circle) for circle in circles)]


def disc(circle: Circle) -> BaseGeometry:
    """The circle on the sphere, as a polygon of lon, lat cut at ±180; a radius of 0 is a point."""
    if circle.radius_km <= 0:
        return shapely.Point(circle.lon, circle.lat)
    angle = min(circle.radius_km * _CIRCLE_SLACK / _EARTH_RADIUS_KM, math.pi)
    centre = math.radians(circle.lat)
    north, south = centre + angle >= math.pi / 2, centre - angle <= -math.pi / 2
    if north and south:
        return shapely.box(-180, -90, 180, 90)
    bearings = np.arange(_CIRCLE_CORNERS) * (2 * math.pi / _CIRCLE_CORNERS)
    lats = np.arcsin(np.sin(centre) * np.cos(angle) + np.cos(centre) * np.sin(angle) * np.cos(bearings))
    turns = np.arctan2(
        np.sin(bearings) * np.sin(angle) * np.cos(centre), np.cos(angle) - np.sin(centre) * np.sin(lats)
    )
    lons = circle.lon + np.degrees(turns)
    if north or south:
        return _cap_of_pole(lons, np.degrees(lats), 90 if north else -90)
    return shapely.union_all(_cut_at_antimeridian(Polygon(np.stack([lons, np.degrees(lats)], axis=1))))


def _cap_of_pole(lons: NDArray[np.float64], lats: NDArray[np.float64], pole: int) -> Polygon:
    around = (lons + 180) % 360 - 180
    order = np.argsort(around)
    edge = float(lats.min() if pole > 0 else lats.max())
    rim = [(float(around[at]), float(lats[at])) for at in order]
    return Polygon([(-180, pole), (-180, edge), *rim, (180, edge), (180, pole)])


# --- one area ---


def _mended_area(area: WarnedArea) -> Lines:
    draft = _Draft()
    for ring in area.polygons:
        _mend_ring(ring, draft)
    for circle in area.circles:
        _mend_circle(circle, draft)
    _exclude([value for name, value in area.geocodes if folded_name(name) == "excludepolygon"], draft)
    drawn = [ring for polygon in draft.drawn for ring in _rings_of(polygon)]
    return Lines((*draft.kept, *drawn), tuple(draft.circles), tuple(draft.remarks))


def _mend_ring(ring: Ring, draft: _Draft) -> None:
    placed = _placed(ring, draft)
    if placed is None:
        return
    points = tuple(dict.fromkeys(placed))
    if len(points) <= 1:
        draft.remark("line-or-point")
        draft.circles += [Circle(lat, _on_globe(lon), 0.0) for lat, lon in points]
        return
    closed = placed if placed[0] == placed[-1] else (*placed, placed[0])
    outline = _unwrapped(_turned(closed))
    if len(outline) > MAX_RING_POINTS:
        outline = _simplified(outline, draft)
    polygon = Polygon(outline) if len(outline) >= 4 else None
    plain = polygon is not None and polygon.is_valid and polygon.area > 0
    whole = polygon if polygon is not None and plain else _with_area(outline, draft)
    pieces = _cut_at_antimeridian(whole)
    if pieces == [polygon] and outline == _turned(closed):
        draft.kept.append(closed)
        return
    if any(abs(x) > 180 for x, _ in outline):
        draft.remark("antimeridian-cut")
    draft.drawn += pieces


def _placed(ring: Ring, draft: _Draft) -> Ring | None:
    """The ring as lat, lon; None where that cannot be told."""
    if all(abs(lat) <= 90 and abs(lon) <= 360 for lat, lon in ring):
        return ring
    if all(90 < abs(first) <= 360 and abs(second) <= 90 for first, second in ring):
        draft.remark("axes-exchanged")
        return tuple((lat, lon) for lon, lat in ring)
    draft.remark("geometry-set-aside")
    return None


def _mend_circle(circle: Circle, draft: _Draft) -> None:
    placed = _placed(((circle.lat, circle.lon),), draft) if math.isfinite(circle.radius_km) else None
    if placed is None:
        draft.remark("geometry-set-aside")
        return
    [(lat, lon)] = placed
    draft.circles.append(Circle(lat, _on_globe(lon), max(circle.radius_km, 0.0)))


def _exclude(values: Sequence[str], draft: _Draft) -> None:
    """Subtract the polygons that `values` hold from everything drawn in the area."""
    if not values:
        return
    aside = _Draft()
    for value in values:
        points = read_polygon(value).points
        if points is None:
            draft.remark("exclusion-unusable")
        else:
            _mend_ring(points, aside)
    if (
        _points_in([*draft.kept, *aside.kept])
        + sum(len(_corners(polygon)) for polygon in (*draft.drawn, *aside.drawn))
        > _MAX_EXCLUDED_POINTS
    ):
        draft.remark("exclusion-unusable")
        return
    without = shapely.union_all([*aside.drawn, *(Polygon(_turned(ring)) for ring in aside.kept)])
    land = [*draft.drawn, *(Polygon(_turned(ring)) for ring in draft.kept)]
    round_ones = [circle for circle in draft.circles if circle.radius_km > 0]
    whole = shapely.union_all([*land, *(disc(circle) for circle in round_ones)])
    if without.is_empty or not whole.intersects(without):
        return
    rest = _polygons_in(shapely.difference(whole, without))
    if not rest:
        draft.remark("exclusion-unusable")
        return
    draft.remark("excluded")
    draft.kept, draft.drawn = [], rest
    draft.circles = [circle for circle in draft.circles if circle.radius_km <= 0]


# --- one ring, in the order of GeoJSON ---


def _unwrapped(outline: list[Point]) -> list[Point]:
    """Without jumps over the antimeridian: longitudes may then lie beyond ±180."""
    shift, unrolled = 0.0, outline[:1]
    for (before, _), (x, y) in pairwise(outline):
        if abs(x - before) > 180:
            shift += 360.0 if x < before else -360.0
        unrolled.append((x + shift, y))
    if unrolled == outline or {x for x, _ in outline} >= {-180.0, 180.0}:
        return outline  # what runs along both edges of the map is drawn flat: the world, a polar cap
    if shift:  # a ring round a pole does not close when it is unrolled
        pole = 90.0 if sum(y for _, y in outline) > 0 else -90.0
        return [*unrolled, (unrolled[-1][0], pole), (unrolled[0][0], pole), unrolled[0]]
    return unrolled


def _simplified(outline: list[Point], draft: _Draft) -> list[Point]:
    for tolerance in TOLERANCES_DEG:
        thin = _thinned(outline, tolerance)
        if len(thin) <= MAX_RING_POINTS:
            draft.remark("simplified")
            return thin
    draft.remark("hull-instead")
    return _corners(MultiPoint(outline).convex_hull)


def _thinned(outline: list[Point], tolerance: float) -> list[Point]:
    """A closed ring with fewer points, none of which was further off than `tolerance` degrees."""
    if len(outline) <= _MOST_AT_ONCE and (polygon := Polygon(outline)).is_valid:
        return _corners(polygon.simplify(tolerance, preserve_topology=True))
    chunks = [outline[at : at + _CHUNK + 1] for at in range(0, len(outline) - 1, _CHUNK)]
    thin = [
        point
        for chunk in chunks
        for point in _corners(LineString(chunk).simplify(tolerance, preserve_topology=False))[:-1]
    ]
    return [*thin, outline[-1]]


def _with_area(outline: list[Point], draft: _Draft) -> BaseGeometry:
    """The land of a ring that crosses itself or has none."""
    hull = MultiPoint(outline).convex_hull
    mended = _valid(Polygon(outline), draft) if len(outline) >= 4 and hull.area > 0 else None
    if mended is not None and mended.area > 0:
        return mended
    draft.remark("line-or-point")
    strip = LineString(outline).buffer(STRIP_DEG)
    return shapely.intersection(strip, shapely.box(-720, -90, 720, 90))


def _valid(polygon: Polygon, draft: _Draft) -> BaseGeometry:
    if polygon.is_valid:
        return polygon
    edges = [LineString(edge) for edge in pairwise(_corners(polygon))]
    met = shapely.STRtree(edges).query(edges, predicate="intersects").shape[1]
    if met > 3 * len(edges) + _MAX_CROSSINGS:
        draft.remark("hull-instead")
        return polygon.convex_hull
    draft.remark("crossing-mended")
    return shapely.make_valid(polygon, method="structure", keep_collapsed=False)


def _cut_at_antimeridian(land: BaseGeometry) -> list[Polygon]:
    """Its polygons, each within ±180."""
    west, _, east, _ = land.bounds
    if west >= -180 and east <= 180:
        return _polygons_in(land)
    pieces: list[Polygon] = []
    for turn in range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1):
        window = shapely.box(-180 + 360 * turn, -90, 180 + 360 * turn, 90)
        pieces += _polygons_in(translate(shapely.intersection(land, window), xoff=-360.0 * turn))
    return pieces


def _rings_of(polygon: Polygon) -> list[Ring]:
    """The polygon as closed rings of lat, lon, cut through its holes."""
    rings: list[Ring] = []
    waiting = [polygon]
    while waiting:
        one = waiting.pop()
        holes = sorted(hole.bounds[0] + hole.bounds[2] for hole in one.interiors)
        if not holes:
            rings.append(tuple((y, x) for x, y in _corners(one)))
            continue
        west, south, east, north = one.bounds
        middle = holes[len(holes) // 2] / 2
        for half in (shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)):
            waiting += _polygons_in(shapely.intersection(one, half))
    return rings


# --- all rings of a warning ---


def _bounded(rings: tuple[Ring, ...]) -> tuple[tuple[Ring, ...], tuple[str, ...]]:
    """Rings within `MAX_RINGS` and `MAX_POINTS`, thinner or gathered, and how that was done.

    They are not united: the edges of many may cross a million times, and nothing bounds that.
    """
    if len(rings) <= MAX_RINGS:
        for tolerance in (0.0, *TOLERANCES_DEG):
            thin = tuple(_thin_ring(ring, tolerance) for ring in rings) if tolerance else rings
            if _points_in(thin) <= MAX_POINTS:
                return thin, ("simplified",) if tolerance else ()
    hulls = next(
        hulls
        for size in _GATHERINGS_DEG
        if _fits(hulls := _gathered(rings, size)) or size == _GATHERINGS_DEG[-1]
    )
    return hulls, ("hull-instead",)


def _fits(rings: tuple[Ring, ...]) -> bool:
    return len(rings) <= MAX_RINGS and _points_in(rings) <= MAX_POINTS


def _thin_ring(ring: Ring, tolerance: float) -> Ring:
    """The ring with fewer points, or its hull where it would cross itself then."""
    polygon = Polygon(_thinned(_turned(ring), tolerance))
    plain = polygon if polygon.is_valid and polygon.area > 0 else MultiPoint(_turned(ring)).convex_hull
    return tuple((y, x) for x, y in _corners(plain))


def _gathered(rings: tuple[Ring, ...], size: float) -> tuple[Ring, ...]:
    """The hulls of the rings that begin in one square of `size` degrees."""
    squares: dict[tuple[int, int], list[Point]] = {}
    for ring in rings:
        lat, lon = ring[0]
        squares.setdefault((math.floor(lat / size), math.floor(lon / size)), []).extend(_turned(ring))
    hulls = (MultiPoint(points).convex_hull for points in squares.values())
    return tuple(tuple((y, x) for x, y in _corners(hull)) for hull in hulls)


def _points_in(rings: Iterable[Ring]) -> int:
    return sum(len(ring) for ring in rings)


# --- small things ---


def _turned(ring: Ring) -> list[Point]:
    """lat, lon as lon, lat."""
    return [(lon, lat) for lat, lon in ring]


def _corners(shape: BaseGeometry) -> list[Point]:
    """Corners of a polygon's outer ring, or of a line."""
    line = shape.exterior if isinstance(shape, Polygon) else shape
    return [(float(x), float(y)) for x, y in line.coords]


def _polygons_in(shape: BaseGeometry) -> list[Polygon]:
    parts = shapely.get_parts(shapely.get_parts(np.array([shape], dtype=object))).tolist()
    return [part for part in parts if isinstance(part, Polygon) and part.area > 0]


def _on_globe(lon: float) -> float:
    return lon if abs(lon) <= 180 else (lon + 180) % 360 - 180
