"""Whether a warning concerns the territory that this installation serves. Pure."""

from shapely.geometry.base import BaseGeometry

from jiaoying.kernel.areas import covers
from jiaoying.warnings import geometry
from jiaoying.warnings.model import IssuedWarning


def lies_outside(issued: IssuedWarning, home_area: str, home_shape: BaseGeometry | None) -> bool:
    """Whether no part of the warning's area touches the home area.

    An area is the union of its codes and its lines (CAP 1.2, 3.2.4), so either is enough to be
    inside. Where nothing can be decided (no code, and no line or no shape to lay it on) the warning
    is kept: better one too many before the duty officer than one too few.
    """
    if any(covers(home_area, code) or covers(code, home_area) for code in issued.area_codes):
        return False
    lines = has_lines(issued)
    if lines and home_shape is not None:
        return not any(shape.intersects(home_shape) for shape in shapes_of(issued))
    return bool(issued.area_codes)


def has_lines(issued: IssuedWarning) -> bool:
    """Whether it draws polygons or circles."""
    return bool(issued.polygons or issued.circles)


def shapes_of(issued: IssuedWarning) -> list[BaseGeometry]:
    """Its polygons and circles in the order of GeoJSON (lon, lat), degrees."""
    return geometry.shapes_of(issued.polygons, issued.circles)
