"""GeoJSON geometries (RFC 7946: lon, lat) as the polygons and circles of CAP (lat, lon)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap import MAX_POINTS
from jiaoying.warnings.formats.cap_values import REMARKS, Point
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.formats.records import a_list, as_list, as_object
from jiaoying.warnings.model import Circle

POLYGON_DEPTH = 3  # rings, positions, numbers


@dataclass(slots=True)
class Shapes:
    """What was drawn; several shapes are their union, as in CAP."""

    polygons: list[tuple[Point, ...]] = field(default_factory=list[tuple[Point, ...]])
    circles: list[Circle] = field(default_factory=list[Circle])


def read_geometry(value: object, path: str, notes: Notes) -> Shapes:
    """The shapes of a geometry; null has none. What cannot be read is left out and noted."""
    return _GeometryReader(path, notes).read(value)


def read_polygon_rings(coordinates: object, path: str, notes: Notes) -> Shapes:
    """The shapes of bare coordinates, of a polygon or of several: the depth tells which."""
    kind = "MultiPolygon" if _depth(coordinates) > POLYGON_DEPTH else "Polygon"
    return read_geometry({"type": kind, "coordinates": coordinates}, path, notes)


def _depth(value: object) -> int:
    """How deep lists lie in each other, looking at the first of each."""
    depth, listed = 0, a_list(value)
    while listed:
        depth, listed = depth + 1, a_list(listed[0])
    return depth


class _GeometryReader:
    def __init__(self, path: str, notes: Notes) -> None:
        self._path = path
        self._notes = notes
        self._shapes = Shapes()
        self._points_left = MAX_POINTS

    def read(self, value: object) -> Shapes:
        for kind, coordinates in _parts(value):
            if kind == "Polygon":
                self._polygon(coordinates)
            elif kind == "Point":
                self._point(coordinates)
            else:
                self._remark(
                    "unreadable-geometry", say("the geometry cannot be read as an area and was left out")
                )
        return self._shapes

    def _polygon(self, coordinates: object) -> None:
        rings = as_list(coordinates)
        if len(rings) > 1:
            told = say("the polygon has holes; they were ignored, and all inside its outer line counts")
            self._remark("polygon-hole", told)
        outer = as_list(rings[0]) if rings else []
        self._points_left -= len(outer)
        if self._points_left < 0:
            told = say("the message holds more than {count} points; left out", count=MAX_POINTS)
            self._remark("too-many-points", told)
            return
        placed = [_placed(position) for position in outer]
        points = tuple(point for point in placed if point is not None)
        if len(points) < len(placed):
            self._remark("out-of-range", say(REMARKS["out-of-range"]))
        elif len(set(points)) < 3:
            self._remark("too-few-points", say(REMARKS["too-few-points"]))
        else:
            self._shapes.polygons.append(self._closed(points))

    def _closed(self, points: tuple[Point, ...]) -> tuple[Point, ...]:
        if any(abs(lon) > 180 for _, lon in points):
            self._remark("past-antimeridian", say(REMARKS["past-antimeridian"]))
        if points[0] == points[-1]:
            return points
        self._remark("unclosed-polygon", say(REMARKS["unclosed-polygon"]))
        return (*points, points[0])

    def _point(self, coordinates: object) -> None:
        point = _placed(coordinates)
        if point is None:
            self._remark("out-of-range", say(REMARKS["out-of-range"]))
        else:
            self._shapes.circles.append(Circle(*point, 0.0))

    def _remark(self, code: str, text: str) -> None:
        self._notes.tolerate(code, self._path, text)


def _parts(value: object) -> Iterator[tuple[object, object]]:
    """Type and coordinates of each simple geometry in `value`. Its depth is bounded by its document's."""
    geometry = as_object(value)
    if geometry is None:
        if value is not None:
            yield None, None
        return
    kind, coordinates = geometry.get("type"), geometry.get("coordinates")
    if kind in ("MultiPolygon", "MultiPoint"):
        for part in as_list(coordinates):
            yield str(kind).removeprefix("Multi"), part
    elif kind == "GeometryCollection":
        for part in as_list(geometry.get("geometries")):
            yield from _parts(part)
    else:
        yield kind, coordinates


def _placed(position: object) -> Point | None:
    """lat, lon of a position (lon, lat and perhaps a height), or None when it is none on earth."""
    numbers = as_list(position)[:2]
    if len(numbers) != 2:
        return None
    lon, lat = numbers
    if not isinstance(lon, int | float) or not isinstance(lat, int | float):
        return None
    return (float(lat), float(lon)) if abs(lat) <= 90 and abs(lon) <= 360 else None
