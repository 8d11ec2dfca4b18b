"""weather.com.cn (中国天气网): the list of rows by position, and the page of one warning as JSONP.

A row is `[place, file, lon, lat, identifier, references, title, {"coordinates": …}]`; lists of older pages
have the first two only. The file's name ends in the time and in `TTLL` (type, level). The page is
`var alarminfo={"head", "ISSUETIME", "RELIEVETIME", "ISSUECONTENT", "TYPECODE", "LEVELCODE", "msgType", …};`.
Numbers are texts, `NAMEEN` is pinyin and no English, and a first issue refers to itself.
"""

import re
from datetime import datetime

from jiaoying.warnings.formats.cap_schema import MESSAGE_TYPES
from jiaoying.warnings.formats.feed import (
    CHINESE,
    NATIONAL_EVENT,
    Draft,
    area_of_unit,
    choice,
    paired,
    read_rows,
    unit_in,
)
from jiaoying.warnings.formats.feed_times import read_feed_time
from jiaoying.warnings.formats.geojson import Shapes, read_polygon_rings
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import colour_parameter, level_in_title, read_level, severity_of
from jiaoying.warnings.formats.records import Record, a_list, as_object, as_text
from jiaoying.warnings.formats.titles import event_in_title, issuer_in_title, message_type_of
from jiaoying.warnings.formats.type_and_level import WEATHERCN_TYPES, level_of_code
from jiaoying.warnings.model import Info, ParsedMessage, Reference, WarnedArea

FORMAT = "weathercn"
_FILE = re.compile(r"\d{3,12}-(?P<time>\d{14})-(?P<code>\d{4})(?:\.html?)?", re.ASCII)
_COLUMNS = ("place", "file", "lon", "lat", "identifier", "references", "title", "shape")


def is_weathercn_list(document: JsonDocument) -> bool:
    """Whether the value holds rows by position, or is an answer without any."""
    rows = _rows(document)
    if rows is None:
        return False
    return _is_row(rows[0]) if rows else "count" in _holder(document)


def is_weathercn_detail(document: JsonDocument) -> bool:
    """Whether the value is the page of one warning."""
    keys = (as_object(document.value) or {}).keys()
    return {"ISSUETIME", "ISSUECONTENT"} <= keys or {"ALERTID", "SIGNALTYPE"} <= keys


def read_weathercn_list(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of the list."""
    rows = [_named(row) for row in _rows(document) or []]
    return read_rows(rows, FORMAT, _read_row, document, now)


def read_weathercn_detail(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warning of a page."""
    return read_rows([document.value], FORMAT, _read_detail, document, now)


def _holder(document: JsonDocument) -> dict[str, object]:
    value = as_object(document.value) or {}
    return as_object(value.get("result")) or value


def _rows(document: JsonDocument) -> list[object] | None:
    alone = a_list(document.value)
    if alone is not None:
        return [alone] if _is_row(alone) else alone
    return a_list(_holder(document).get("data"))


def _is_row(row: object) -> bool:
    columns = a_list(row) or []
    return len(columns) > 1 and isinstance(columns[1], str) and _FILE.fullmatch(columns[1]) is not None


def _named(row: object) -> object:
    """The row with names to its columns; what is no list stays as it is and is refused."""
    columns = a_list(row)
    return row if columns is None else dict(zip(_COLUMNS, columns, strict=False))


def _read_row(record: Record) -> Draft:
    title, file = record.text("title"), record.text("file")
    found = _FILE.fullmatch(file or "")
    code = found["code"] if found else ""
    identifier = record.text("identifier") or (file or "").removesuffix(".html") or None
    level = level_in_title(title) or level_of_code(code)
    info = Info(
        language=CHINESE,
        event=event_in_title(title) or WEATHERCN_TYPES.get(code[:2], (None, None))[0],
        severity=severity_of(level),
        event_code=_event_codes(code),
        sender_name=issuer_in_title(title),
        headline=title,
        parameter=colour_parameter(level),
        areas=_areas(record, identifier),
    )
    references = _references(record.text("references"))
    changed = any(one.identifier != identifier for one in references)
    by_title = message_type_of(title)
    return Draft(
        identifier=identifier,
        sender=unit_in(identifier) or "weather.com.cn",
        sent=read_feed_time(found["time"]).moment if found else None,
        msg_type="Update" if by_title == "Alert" and changed else by_title,
        references=references,
        infos=(info,),
    )


def _read_detail(record: Record) -> Draft:
    title = record.text("head")
    code = (record.text("TYPECODE") or "") + (record.text("LEVELCODE") or "")
    level = read_level(record, "SIGNALLEVEL") or level_in_title(title) or level_of_code(code)
    identifier = record.text("identifier", "ALERTID")
    info = Info(
        language=CHINESE,
        event=record.text("SIGNALTYPE") or WEATHERCN_TYPES.get(code[:2], (None, None))[0],
        severity=severity_of(level),
        event_code=_event_codes(code),
        expires=record.moment("RELIEVETIME"),
        sender_name=issuer_in_title(title),
        headline=title,
        description=record.text("ISSUECONTENT"),
        parameter=colour_parameter(level),
        areas=area_of_unit(identifier, record.notes, _place(record)),
    )
    return Draft(
        identifier=identifier,
        sender=unit_in(identifier) or "weather.com.cn",
        sent=record.moment("ISSUETIME"),
        msg_type=choice(record, "msgType", MESSAGE_TYPES) or message_type_of(title),
        references=_references(record.text("references")),
        infos=(info,),
    )


def _place(record: Record) -> str | None:
    names = dict.fromkeys(record.text(name) for name in ("PROVINCE", "CITY", "STATIONNAME"))
    return "".join(name for name in names if name) or None


def _areas(record: Record, identifier: str | None) -> tuple[WarnedArea, ...]:
    shape = record.record("shape").value.get("coordinates")
    shapes = Shapes() if shape is None else read_polygon_rings(shape, "coordinates", record.notes)
    place = as_text(record.value.get("place"))
    if not shapes.polygons:
        return area_of_unit(identifier, record.notes, place)
    codes = [code for area in area_of_unit(identifier, record.notes) for code in area.geocodes]
    return (WarnedArea(place, polygons=tuple(shapes.polygons), geocodes=tuple(codes)),)


def _references(text: str | None) -> tuple[Reference, ...]:
    return tuple(Reference("", one, None) for one in re.split(r"[,;\s]+", (text or "")[:10_000]) if one)


def _event_codes(code: str) -> tuple[tuple[str, str], ...]:
    if not code:
        return ()
    national = WEATHERCN_TYPES.get(code[:2], (None, None))[1]
    return (("weather.com.cn", code), *paired((NATIONAL_EVENT, national)))
