"""Where a warning holds inside the home area, how closely that is known, and who waits for the officer. Pure.

Codes name areas with all that lies inside them. A polygon is held against what is known of the ground
(`contacts.area_index`): outlines, seats, and for danger points their own place. Where a county's outline is
the finest there is and less than half of it lies under the polygon, nobody can say which villages are
meant. Desks, county and townships are called at once; the villages wait until the officer ticks their
townships, and under red until a clock runs out (`dispatch.waiting`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from jiaoying.contacts.areas.index import Precision, Touched
from jiaoying.kernel.areas import ancestors_of, covers, prefix_of

# Under less than this share of an outline its villages wait: more of them are outside than inside.
WAITS_BELOW = 0.5
BY_CODE = "code"
BY_POINT = "point"
_CODE_LENGTH = 12


class Direction(StrEnum):
    """How a unit came to be concerned."""

    INSIDE = "inside"  # it lies under the warning
    ABOVE = "above"  # something inside it does


@dataclass(frozen=True, slots=True)
class CoveredUnit:
    """A unit under a warning: `whole`, with all that lies inside it, or by itself alone.

    `precision` says how it was found: by `code`, by its `shape` or `seat`, as the `nearest`, by a danger
    `point` inside it, or only by a `coarse` outline. Posts at villages of a unit that `waits` are not
    called yet.
    """

    code: str
    direction: Direction
    precision: str
    whole: bool = False
    waits: bool = False

    @property
    def bounds(self) -> tuple[str, str]:
        """The first and the last code that may lie in it."""
        if not self.whole:
            return self.code, self.code
        prefix = prefix_of(self.code)
        return prefix.ljust(_CODE_LENGTH, "0"), prefix.ljust(_CODE_LENGTH, "9")


@dataclass(frozen=True, slots=True)
class CoveredArea:
    """Where a warning holds, inside the home area: no place lies in two of the `units`.

    `points` are the danger points under a polygon, where a polygon decides: a point whose place is known
    then counts by that and not by its area. None where codes decide.
    """

    units: tuple[CoveredUnit, ...]
    points: tuple[UUID, ...] | None = None

    @property
    def inside(self) -> tuple[str, ...]:
        return tuple(unit.code for unit in self.units if unit.direction is Direction.INSIDE)

    @property
    def above(self) -> tuple[str, ...]:
        return tuple(unit.code for unit in self.units if unit.direction is Direction.ABOVE)

    @property
    def precision(self) -> str:
        """The coarsest that is among what lies inside: what may be said of the whole."""
        found = {unit.precision for unit in self.units if unit.direction is Direction.INSIDE}
        return next((word for word in _COARSEST_FIRST if word in found), BY_CODE)

    def released(self, townships: Collection[str]) -> "CoveredArea":
        """The same with nobody waiting in these townships any more."""
        free = frozenset(townships)
        return replace(
            self,
            units=tuple(
                replace(unit, waits=False) if unit.waits and township_of(unit.code) in free else unit
                for unit in self.units
            ),
        )


_COARSEST_FIRST = (Precision.COARSE, Precision.NEAREST, BY_POINT, Precision.SEAT, Precision.SHAPE)


@dataclass(frozen=True, slots=True)
class OutsideHome:
    """No part of the warning lies in the home area."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PointUnder:
    """A danger point under a polygon, by its own place."""

    id: UUID
    area_code: str


def township_of(code: str) -> str:
    """The township that an area is or lies in; counties and above stay themselves."""
    return f"{code[:9]}000"


def covered_by_codes(codes: Sequence[str], home: str) -> CoveredArea | OutsideHome:
    """Clip a warning's codes to the home area; a wider code (province, city) covers all of home."""
    inside = {
        home if covers(code, home) else code for code in codes if covers(code, home) or covers(home, code)
    }
    if not inside:
        return OutsideHome(tuple(codes))
    # Those above a code come from its own digits: to hold each code against each other takes minutes
    # for a list of all villages of a province.
    widest = sorted(code for code in inside if inside.isdisjoint(ancestors_of(code)))
    above = {over for code in widest for over in ancestors_of(code) if covers(home, over)}
    return CoveredArea(
        (
            *(CoveredUnit(code, Direction.INSIDE, BY_CODE, whole=True) for code in widest),
            *(CoveredUnit(code, Direction.ABOVE, BY_CODE) for code in sorted(above - inside)),
        )
    )


def covered_by_ground(
    touched: Sequence[Touched], points: Sequence[PointUnder], home: str
) -> CoveredArea | OutsideHome:
    """What a polygon or circle covers: areas each by itself, and danger points by their own place.

    Where a point lies under it, so does ground of the point's area, whatever is known of that: its own
    people and those above are called too.
    """
    found = {
        item.code: CoveredUnit(item.code, Direction.INSIDE, item.precision, waits=_waits(item))
        for item in touched
    }
    for point in points:
        known = found.get(point.area_code)
        if known is None or known.waits:
            found[point.area_code] = CoveredUnit(point.area_code, Direction.INSIDE, BY_POINT)
    over = {above: code for code in found for above in ancestors_of(code) if covers(home, above)}
    for above, code in over.items():
        kept = found.get(above) or CoveredUnit(above, Direction.ABOVE, found[code].precision)
        found[above] = replace(kept, direction=Direction.ABOVE)
    if not found:
        return OutsideHome(())
    units = tuple(found[code] for code in sorted(found))
    return CoveredArea(units, tuple(sorted(point.id for point in points)))


def _waits(item: Touched) -> bool:
    # Rounded: half is half, however the corners were computed.
    return item.precision is Precision.COARSE and round(item.share, 6) < WAITS_BELOW
