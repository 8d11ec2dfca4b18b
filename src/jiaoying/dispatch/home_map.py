"""The home area's map, as warnings are held against it; one for each process."""

from dataclasses import dataclass

from jiaoying.contacts.areas.holder import AreaHolder
from jiaoying.kernel.polygon_rule import TOUCH, PolygonRule


@dataclass(frozen=True, slots=True)
class HomeMap:
    """Whose territory this is, what is known of the ground there, and when a polygon counts for a village."""

    home_area: str
    areas: AreaHolder
    rule: PolygonRule = TOUCH


def map_of(home_area: str, rule: PolygonRule = TOUCH) -> HomeMap:
    """The map of a territory, with nothing read of it yet."""
    return HomeMap(home_area, AreaHolder(home_area), rule)
