"""Which areas lie under a warned polygon or circle, from an index that is built once for each map."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from jiaoying.contacts.shapes import Disc
from jiaoying.kernel.areas import Level
from jiaoying.kernel.polygon_rule import TOUCH, PolygonRule

Ring = Sequence[tuple[float, float]]  # (lat, lon) in degrees, as warnings have them


class Precision(StrEnum):
    """How closely it is known that an area lies under a polygon."""

    SHAPE = "shape"  # by its own outline, or its township's
    SEAT = "seat"  # its seat lies inside
    NEAREST = "nearest"  # nothing known lies inside; this is the village nearest to the warned ground
    COARSE = "coarse"  # by the outline of its county, city or province, the finest there is


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
    under the warning: 1 for a seat, 0 for a bare point.
    """

    code: str
    level: Level
    precision: Precision
    share: float
    by: str


class AreaIndex:
    """The home area's outlines and seats, for many questions."""

    def __init__(self, grounds: Iterable[Ground], home_area: str) -> None:
        raise NotImplementedError

    def touched(
        self, polygons: Sequence[Ring], circles: Sequence[Disc], rule: PolygonRule = TOUCH
    ) -> tuple[Touched, ...]:
        """Every area under the warning, by code: villages, and each unit above them up to the home area."""
        raise NotImplementedError


def contains_points(
    polygons: Sequence[Ring],
    circles: Sequence[Disc],
    lats: NDArray[np.float64],
    lons: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """For each point (degrees; NaN where unknown): whether it lies under the warning, its edge included."""
    raise NotImplementedError
