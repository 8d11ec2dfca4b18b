"""Single values of CAP: moments, polygons, circles, references. Text in; value and remarks out.

A remark is the code of something that was forgiven or given up; the sentences to the codes lie in
`REMARKS`, so that one place says how each is told.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import chain

from jiaoying.warnings.model import Circle, Reference

Point = tuple[float, float]

# CAP 1.2, 3.3.2: YYYY-MM-DDThh:mm:ss±hh:mm, and nothing else; what is seen besides is forgiven.
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(T|t| +)(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)? *(Z|z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_WIDEST_ZONE = timedelta(hours=14)  # XML Schema
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_QUOTED_OR_WORD = re.compile(r'"([^"]*)"|(\S+)')

REMARKS = {
    "zone-z": "“{value}” writes UTC as Z, which CAP forbids (3.3.2): read as UTC",
    "no-seconds": "“{value}” has no seconds: read as second 0",
    "fraction": "“{value}” has a fraction of a second, which was dropped",
    "zone-form": "“{value}” writes its zone without a colon: read all the same",
    "time-form": "“{value}” has no capital T between date and time: read all the same",
    "no-zone": "“{value}” has no time zone: the zone of “sent” was assumed",
    "unreadable-time": "“{value}” is not a moment (YYYY-MM-DDThh:mm:ss±hh:mm): read as absent",
    "empty-polygon": "the polygon is empty and was left out",
    "unreadable-polygon": "the polygon cannot be read (pairs “lat,lon” separated by blanks) and was left out",
    "too-few-points": "the polygon has fewer than three different points and was left out",
    "out-of-range": "the coordinates lie outside the earth and were left out",
    "unclosed-polygon": "the polygon was not closed: its first point was added at the end",
    "polygon-separators": "the points are separated by something other than one blank: read all the same",
    "swapped-axes": "every point is possible only as “lon,lat”: the axes were exchanged",
    "past-antimeridian": "longitudes run past ±180: kept as sent",
    "empty-circle": "the circle is empty and was left out",
    "unreadable-circle": "the circle cannot be read (“lat,lon radius”) and was left out",
    "unreadable-number": "“{value}” is not a number: read as absent",
    "reference-blanks": "a reference has blanks beside its commas: read all the same",
    "unreadable-reference": "“{value}” is not “sender,identifier,sent”: what could be read was kept",
}


@dataclass(frozen=True, slots=True)
class MomentReading:
    moment: datetime | None
    remarks: tuple[str, ...]
    zone: tzinfo | None = None  # as written


@dataclass(frozen=True, slots=True)
class PolygonReading:
    points: tuple[Point, ...] | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CircleReading:
    circle: Circle | None
    remarks: tuple[str, ...]


def read_moment(text: str, fallback_zone: tzinfo | None = None) -> MomentReading:
    """A moment in UTC. Without a zone, `fallback_zone` is taken; without that too, there is no moment."""
    return _moment_as_demanded(text) or _moment_as_seen(text, fallback_zone)


def _moment_as_demanded(text: str) -> MomentReading | None:
    """As 3.3.2 wants it, which nearly all are: the quick way. None for every other."""
    if len(text) != 25 or f"{text[4]}{text[7]}{text[10]}{text[13]}{text[16]}{text[22]}" != "--T:::":
        return None
    try:
        moment = datetime.fromisoformat(text)
        offset = moment.utcoffset()
        if offset is None or not -_WIDEST_ZONE <= offset <= _WIDEST_ZONE:
            return None
        return MomentReading(moment.astimezone(UTC), (), moment.tzinfo)
    except (ValueError, OverflowError):
        return None


def _moment_as_seen(text: str, fallback_zone: tzinfo | None) -> MomentReading:
    found = _MOMENT.fullmatch(text)
    if found is None:
        return MomentReading(None, ("unreadable-time",))
    year, month, day, separator, hour, minute, second, fraction, zone_text = found.groups()
    zone = _zone(zone_text) if zone_text else fallback_zone
    if zone is None:
        return MomentReading(None, ("no-zone",))
    try:
        moment = _moment(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), zone)
    except (ValueError, OverflowError):
        return MomentReading(None, ("unreadable-time",))
    remarks = {
        "time-form": separator != "T",
        "no-seconds": second is None,
        "fraction": fraction is not None,
        "zone-z": zone_text in ("Z", "z"),
        "zone-form": zone_text is not None and zone_text not in ("Z", "z") and ":" not in zone_text,
        "no-zone": zone_text is None,
    }
    return MomentReading(moment, tuple(code for code, holds in remarks.items() if holds), zone)


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int, zone: tzinfo) -> datetime:
    if (hour, minute, second) == (24, 0, 0):  # XML Schema: the end of the day
        return datetime(year, month, day, tzinfo=zone).astimezone(UTC) + timedelta(days=1)
    return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)


def _zone(text: str) -> tzinfo | None:
    """The zone of `Z`, `+08:00`, `+0800` or `+08`; None beyond the 14 hours that XML Schema allows."""
    if text in ("Z", "z"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if offset > _WIDEST_ZONE or int(digits[2:]) > 59:
        return None
    return timezone(-offset if text[0] == "-" else offset)


def read_number(text: str) -> float | None:
    """A plain decimal number; None for anything else (also for `nan` and `1_000`, which Python reads)."""
    return float(text) if _NUMBER.fullmatch(text) else None


def read_polygon(text: str) -> PolygonReading:
    """Points (lat, lon) of a closed ring (CAP 1.2, 3.2.4: at least four pairs, first = last)."""
    if not text.strip():
        return PolygonReading(None, ("empty-polygon",))
    placed, remarks = _plain_points(text), tuple[str, ...]()
    if placed is None:
        pairs, remarks = _pairs(text)
        if pairs is None:
            return PolygonReading(None, ("unreadable-polygon",))
        placed, more = _on_earth(pairs)
        if placed is None:
            return PolygonReading(None, more)
        remarks = (*remarks, *more)
    if placed[0] != placed[-1]:
        placed, remarks = (*placed, placed[0]), (*remarks, "unclosed-polygon")
    if not _has_three_points(placed):
        return PolygonReading(None, ("too-few-points",))
    return PolygonReading(placed, remarks)


def _has_three_points(points: tuple[Point, ...]) -> bool:
    seen: set[Point] = set()
    for point in points:
        seen.add(point)
        if len(seen) == 3:
            return True
    return False


def _plain_points(text: str) -> tuple[Point, ...] | None:
    """Points on earth, written as the standard wants them: the quick way. None for every other text."""
    try:
        marks = text.encode("ascii").translate(None, b"0123456789.+-")
        if marks != b", " * (len(marks) // 2) + b",":
            return None
        numbers = list(map(float, text.replace(" ", ",").split(",")))
    except ValueError:
        return None
    lats, lons = numbers[::2], numbers[1::2]
    if min(lats) < -90 or max(lats) > 90 or min(lons) < -180 or max(lons) > 180:
        return None
    return tuple(zip(lats, lons, strict=True))


def _pairs(text: str) -> tuple[tuple[Point, ...] | None, tuple[str, ...]]:
    tidy = _commas_tidied(text)
    odd = tidy != text or re.search(r"[^\S ]|  ", text) is not None
    numbers = [[read_number(half) for half in pair.split(",")] for pair in tidy.split()]
    if any(len(halves) != 2 for halves in numbers) or None in chain.from_iterable(numbers):
        return None, ()
    points = tuple((lat, lon) for lat, lon in numbers if lat is not None and lon is not None)
    return points, ("polygon-separators",) if odd else ()


def _commas_tidied(text: str) -> str:
    """Without blanks around commas. Not by a pattern: `\\s*,` is quadratic in a long run of blanks."""
    return ",".join(part.strip() for part in text.split(","))


def _on_earth(points: tuple[Point, ...]) -> tuple[tuple[Point, ...] | None, tuple[str, ...]]:
    """The points as lat, lon. They are exchanged only where they cannot be meant otherwise."""
    lats, lons = zip(*points, strict=True)
    if max(lats) <= 90 and min(lats) >= -90 and max(lons) <= 360 and min(lons) >= -360:
        past = max(lons) > 180 or min(lons) < -180
        return points, ("past-antimeridian",) if past else ()
    if all(90 < abs(first) <= 180 and abs(second) <= 90 for first, second in points):
        return tuple((lat, lon) for lon, lat in points), ("swapped-axes",)
    return None, ("out-of-range",)


def read_circle(text: str) -> CircleReading:
    """A circle (CAP 1.2, 3.2.4): `lat,lon radius`, the radius in kilometres; 0 is a point."""
    if not text.strip():
        return CircleReading(None, ("empty-circle",))
    halves = _commas_tidied(text).split()
    numbers = [read_number(number) for number in ",".join(halves).split(",")] if len(halves) == 2 else []
    if len(numbers) != 3 or "," not in halves[0]:
        return CircleReading(None, ("unreadable-circle",))
    first, second, radius_km = numbers
    if first is None or second is None or radius_km is None or radius_km < 0:
        return CircleReading(None, ("unreadable-circle",))
    placed, remarks = _on_earth(((first, second),))
    if placed is None:
        return CircleReading(None, remarks)
    return CircleReading(Circle(*placed[0], radius_km), remarks)


def read_references(
    text: str, fallback_zone: tzinfo | None, *, separator: str = ","
) -> tuple[tuple[Reference, ...], tuple[str, ...]]:
    """References (CAP 1.2, 3.2.1): `sender,identifier,sent`, separated by blanks.

    Where there is one part only it is the identifier, as the sites that omit the rest have it. With
    `separator` “/” such a part may be `identifier/sender`, the form of CAP 1.0.
    """
    if not text:
        return (), ()
    tidy = _commas_tidied(text)
    remarks = {"reference-blanks": None} if tidy != text else dict[str, None]()
    references: list[Reference] = []
    for triple in tidy.split():
        parts = triple.split(",")
        if separator == "/" and len(parts) == 1 and "/" in triple:
            identifier, _, sender = triple.rpartition("/")
            references.append(Reference(sender, identifier, None))
            continue
        sent = read_moment(parts[2], fallback_zone) if len(parts) == 3 else MomentReading(None, ())
        if len(parts) != 3 or sent.moment is None:
            remarks["unreadable-reference"] = None
        remarks.update(dict.fromkeys(code for code in sent.remarks if code != "unreadable-time"))
        sender, identifier = ("", parts[0]) if len(parts) == 1 else (parts[0], parts[1])
        if identifier:
            references.append(Reference(sender, identifier, sent.moment))
    return tuple(references), tuple(remarks)


def read_words(text: str) -> tuple[str, ...]:
    """Blank-separated values, those with blanks in double quotes (CAP 1.2, 3.2.1: addresses, incidents)."""
    if not text:
        return ()
    return tuple(quoted or word for quoted, word in _QUOTED_OR_WORD.findall(text) if quoted or word)
