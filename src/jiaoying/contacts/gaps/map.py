"""The territory drawn, to be coloured by its gaps: shapes where known, else its outline and seats."""

import asyncio
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select

from jiaoying.kernel.areas import Level, level_of, prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import area_shapes, areas

WIDTH = 1000  # units of the drawing, whatever its size on the page
_MARGIN = 20
_DETAIL = 1.5  # units: a bend smaller than this is not drawn
# More than these are one blot; a province is drawn by its units.
_MOST_SHAPES = 500
_MOST_SEATS = 2_000


@dataclass(frozen=True, slots=True)
class MapShape:
    """An area as the path of an SVG."""

    code: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class MapSeat:
    """A village as a point of the drawing."""

    code: str
    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class AreaMap:
    """A drawing `WIDTH` wide and `height` high, north above."""

    height: int
    outline: str
    shapes: tuple[MapShape, ...]
    seats: tuple[MapSeat, ...]


async def read_map(tx: Tx, area: str) -> AreaMap | None:
    """The map of `area`; None where no place inside it can be coloured."""
    prefix = prefix_of(area)
    level = _drawn_level(area)
    known = await tx.execute(
        select(areas.c.code, areas.c.name, area_shapes.c.shape_wkb)
        .join(area_shapes, area_shapes.c.area_code == areas.c.code)
        .where(
            areas.c.code.startswith(prefix),
            areas.c.retired_at.is_(None),
            (areas.c.code == area) | (areas.c.level == level),
        )
        .order_by(areas.c.code)
        .limit(_MOST_SHAPES)
    )
    shapes = [(code, name, wkb) for code, name, wkb in known]
    found = await tx.execute(
        select(areas.c.code, areas.c.name, areas.c.lon, areas.c.lat)
        .where(
            areas.c.code.startswith(prefix),
            areas.c.level == (Level.VILLAGE if len(prefix) >= 6 else level),
            areas.c.retired_at.is_(None),
            func.num_nonnulls(areas.c.lon, areas.c.lat) == 2,
        )
        .order_by(areas.c.code)
        .limit(_MOST_SEATS)
    )
    seats = [(code, name, lon, lat) for code, name, lon, lat in found]
    return await asyncio.to_thread(draw, area, shapes, seats)


def draw(
    area: str, shapes: Sequence[tuple[str, str, bytes]], seats: Sequence[tuple[str, str, float, float]]
) -> AreaMap | None:
    """The map of WKB shapes, in degrees, and of seats (longitude before latitude)."""
    land = [(code, name, shapely.from_wkb(wkb)) for code, name, wkb in shapes]
    if not seats and all(code == area for code, _, _ in land):
        return None
    boxes = [shape.bounds for _, _, shape in land] + [(lon, lat, lon, lat) for _, _, lon, lat in seats]
    sheet = _Sheet.around(boxes)
    return AreaMap(
        sheet.height,
        "".join(sheet.path(shape) for code, _, shape in land if code == area),
        tuple(MapShape(code, name, sheet.path(shape)) for code, name, shape in land if code != area),
        tuple(MapSeat(code, name, *sheet.point(lon, lat)) for code, name, lon, lat in seats),
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Degrees to units: a degree of longitude is shorter the farther north it lies."""

    west: float
    north: float
    squeeze: float
    scale: float
    height: int

    @classmethod
    def around(cls, boxes: Sequence[tuple[float, float, float, float]]) -> "_Sheet":
        west, south = (min(box[side] for box in boxes) for side in (0, 1))
        east, north = (max(box[side] for box in boxes) for side in (2, 3))
        squeeze = math.cos(math.radians((south + north) / 2))
        scale = (WIDTH - 2 * _MARGIN) / max((east - west) * squeeze, north - south, 0.01)
        height = round((north - south) * scale) + 2 * _MARGIN
        centred = west - ((WIDTH - 2 * _MARGIN) / scale - (east - west) * squeeze) / 2 / squeeze
        return cls(centred, north, squeeze, scale, height)

    def point(self, lon: float, lat: float) -> tuple[float, float]:
        x = (lon - self.west) * self.squeeze * self.scale + _MARGIN
        return round(x, 1), round((self.north - lat) * self.scale + _MARGIN, 1)

    def path(self, shape: BaseGeometry) -> str:
        simple = shape.simplify(_DETAIL / self.scale)
        return "".join(
            self._ring(ring) for part in _polygons(simple) for ring in (part.exterior, *part.interiors)
        )

    def _ring(self, ring: BaseGeometry) -> str:
        corners = (self.point(lon, lat) for lon, lat in shapely.get_coordinates(ring).tolist())
        return "M" + "L".join(f"{x:g},{y:g}" for x, y in corners) + "Z"


def _polygons(shape: BaseGeometry) -> Iterable[Polygon]:
    if isinstance(shape, Polygon):
        yield shape
    elif isinstance(shape, MultiPolygon):
        yield from shape.geoms


def _drawn_level(area: str) -> Level:
    """Of a county its townships, of a city its counties."""
    below = {Level.PROVINCE: Level.CITY, Level.CITY: Level.COUNTY, Level.COUNTY: Level.TOWNSHIP}
    return below.get(level_of(area), Level.VILLAGE)
