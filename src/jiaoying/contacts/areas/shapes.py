"""Geometry of areas: mending what crosses itself, and what a warned polygon or circle touches.

Everything is in degrees, longitude before latitude, as WKB and GeoJSON have it. Warnings have latitude
first (CAP 1.2, 3.2.4) and are turned round here and nowhere else.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import shapely
from shapely import MultiPolygon, Point, Polygon
from shapely.geometry.base import BaseGeometry

_KM_PER_DEGREE = 111.32  # of latitude
_CIRCLE_CORNERS = 64


class Disc(Protocol):
    """A warned circle; `radius_km` 0 is a point."""

    @property
    def lat(self) -> float: ...
    @property
    def lon(self) -> float: ...
    @property
    def radius_km(self) -> float: ...


def mended(shape: BaseGeometry) -> BaseGeometry | None:
    """The same land without rings that cross themselves; None where no land is left."""
    whole = shape if shape.is_valid else shapely.make_valid(shape)
    parts = [part for part in flat_parts(whole) if isinstance(part, Polygon) and part.area > 0]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.union_all(parts)


def warned_region(
    polygons: Sequence[Sequence[tuple[float, float]]], circles: Sequence[Disc]
) -> tuple[BaseGeometry, BaseGeometry]:
    """The land and the bare points that a warning names."""
    land = [
        shape
        for ring in polygons
        if len(ring) >= 4 and (shape := mended(Polygon([(lon, lat) for lat, lon in ring]))) is not None
    ]
    land += [_disc(circle) for circle in circles if circle.radius_km > 0]
    points = [Point(circle.lon, circle.lat) for circle in circles if circle.radius_km <= 0]
    return shapely.union_all(land) if land else MultiPolygon(), shapely.union_all(points)


def _disc(circle: Disc) -> BaseGeometry:
    # Drawn round the circle, not into it: who stands at its very edge is warned.
    radius = circle.radius_km / math.cos(math.pi / _CIRCLE_CORNERS) / _KM_PER_DEGREE
    stretch = max(math.cos(math.radians(circle.lat)), 0.01)
    corners = (2 * math.pi * number / _CIRCLE_CORNERS for number in range(_CIRCLE_CORNERS))
    return Polygon(
        [
            (circle.lon + radius / stretch * math.cos(angle), circle.lat + radius * math.sin(angle))
            for angle in corners
        ]
    )


def flat_parts(shape: BaseGeometry) -> Iterator[BaseGeometry]:
    """The single polygons, lines and points of a shape; nothing of an empty one."""
    parts: Iterable[BaseGeometry] | None = getattr(shape, "geoms", None)
    if parts is None:
        if not shape.is_empty:
            yield shape
    else:
        for part in parts:
            yield from flat_parts(part)
