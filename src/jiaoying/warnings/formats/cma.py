"""weather.cma.cn (中国气象局): warnings of a station (`/api/weather/view`) or of the map (`/api/map/alarm`).

`{"data": {"alarm": […]}}`, `{"data": […]}` or the array alone; rows of `id` (identifier of 12379), `title` or
`headline`, `effective` (local), and of a station `eventType` (national code), `severity` (ORANGE),
`signaltype`, `signallevel`; of the map `description`. `type` is the name of the icon. That the rows of the
map have these fields was seen in public software only.
"""

from datetime import datetime

from jiaoying.warnings.formats.feed import (
    CHINESE,
    NATIONAL_EVENT,
    Draft,
    area_of_unit,
    read_rows,
    unit_in,
)
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import colour_parameter, level_in_title, read_level, severity_of
from jiaoying.warnings.formats.nmc import ICON_TYPES, icon_codes, read_icon
from jiaoying.warnings.formats.records import Record, a_list, as_object
from jiaoying.warnings.formats.titles import event_in_title, issuer_in_title, message_type_of
from jiaoying.warnings.model import Info, ParsedMessage

FORMAT = "cma"


def is_cma(document: JsonDocument) -> bool:
    """Whether the value holds rows of this site, or is its answer without any."""
    rows = _rows(document)
    if rows is None:
        return False
    if rows:
        return _is_row(rows[0])
    data = as_object((as_object(document.value) or {}).get("data"))
    return data is not None and "alarm" in data


def _is_row(row: object) -> bool:
    keys = (as_object(row) or {}).keys()
    return (
        {"id", "effective"} <= keys
        and bool({"title", "headline"} & keys)
        and bool({"type", "signaltype"} & keys)
    )


def read_cma(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of the answer."""
    return read_rows(_rows(document) or [], FORMAT, _read_row, document, now)


def _rows(document: JsonDocument) -> list[object] | None:
    data = (as_object(document.value) or {}).get("data")
    listed = a_list(document.value)
    if listed is None:
        listed = a_list(data)
    return a_list((as_object(data) or {}).get("alarm")) if listed is None else listed


def _read_row(record: Record) -> Draft:
    identifier, title = record.text("id"), record.text("headline", "title")
    type_, icon_level = read_icon(record.text("type"))
    level = read_level(record, "severity") or read_level(record, "signallevel")
    level = level or level_in_title(title) or icon_level
    effective, code = record.moment("effective"), record.text("eventType")
    info = Info(
        language=CHINESE,
        event=record.text("signaltype")
        or event_in_title(title)
        or ICON_TYPES.get(type_ or "", (None, None))[0],
        severity=severity_of(level),
        event_code=((NATIONAL_EVENT, code), *icon_codes(type_)[:1]) if code else icon_codes(type_),
        effective=effective,
        sender_name=issuer_in_title(title),
        headline=title,
        description=record.text("description"),
        parameter=colour_parameter(level),
        areas=area_of_unit(identifier, record.notes),
    )
    return Draft(
        identifier=identifier,
        sender=unit_in(identifier) or "weather.cma.cn",
        sent=effective,
        msg_type=message_type_of(title),
        infos=(info,),
    )
