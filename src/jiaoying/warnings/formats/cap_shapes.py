"""Polygons and circles that a feed writes as CAP does: `lat,lon lat,lon …` and `lat,lon radius`."""

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap import MAX_POINTS
from jiaoying.warnings.formats.cap_values import REMARKS, Point, read_circle, read_polygon
from jiaoying.warnings.formats.records import Record
from jiaoying.warnings.model import Circle


def polygons_in(record: Record, name: str = "polygon") -> tuple[tuple[Point, ...], ...]:
    """The polygons of a field, one text or several."""
    polygons: list[tuple[Point, ...]] = []
    points_left = MAX_POINTS
    for text in record.texts(name):
        points_left -= text.count(",")
        if points_left < 0:
            told = say("the message holds more than {count} points; left out", count=MAX_POINTS)
            record.tolerate("too-many-points", name, told)
            break
        reading = read_polygon(text)
        remark(record, name, reading.remarks, text)
        if reading.points is not None:
            polygons.append(reading.points)
    return tuple(polygons)


def circles_in(record: Record, name: str = "circle") -> tuple[Circle, ...]:
    """The circles of a field, one text or several."""
    circles: list[Circle] = []
    for text in record.texts(name):
        reading = read_circle(text[:200])
        remark(record, name, reading.remarks, text)
        if reading.circle is not None:
            circles.append(reading.circle)
    return tuple(circles)


def remark(record: Record, name: str, codes: tuple[str, ...], value: str) -> None:
    """Note what the reading of a single value forgave."""
    for code in codes:
        record.tolerate(code, name, say(REMARKS[code], value=value[:60]))
