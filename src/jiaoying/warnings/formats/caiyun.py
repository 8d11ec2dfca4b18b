"""Caiyun (彩云天气), v2.6 and v3: `{"result": {"alert": {"content": […]}}}`, the `alert` or the array alone.

`code` is `TTLL` in v2.6, and in v3 `156` (China), `11`, the letter's number and two digits: `156110214` is
11B14. `pubtimestamp` is in seconds since 1970. `latlon` is the place that was asked for, not the area of
the warning: that is `adcode`.
"""

import re
from datetime import UTC, datetime

from jiaoying.warnings.formats.feed import (
    NATIONAL_EVENT,
    Draft,
    area_of_unit,
    language_of,
    paired,
    read_rows,
    unit_in,
)
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import colour_parameter, level_in_title, severity_of
from jiaoying.warnings.formats.records import Record, a_list, as_object
from jiaoying.warnings.formats.titles import event_in_title, issuer_in_title, message_type_of
from jiaoying.warnings.formats.type_and_level import CAIYUN_TYPES, level_of_code
from jiaoying.warnings.model import Info, ParsedMessage, WarnedArea

FORMAT = "caiyun"
_V3_CODE = re.compile(r"156(?P<group>1\d)(?P<letter>0[1-9]|1\d|2[0-6])(?P<number>\d\d)", re.ASCII)
_ADCODE = re.compile(r"\d{6}(?:\d{6})?", re.ASCII)


def is_caiyun(document: JsonDocument) -> bool:
    """Whether the value is a whole answer, its `alert`, or the array of it."""
    rows = _rows(document)
    if rows is None:
        return False
    return not rows or {"alertId", "pubtimestamp"} <= (as_object(rows[0]) or {}).keys()


def read_caiyun(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of the answer."""
    return read_rows(_rows(document) or [], FORMAT, _read_row, document, now)


def _rows(document: JsonDocument) -> list[object] | None:
    alone = a_list(document.value)
    if alone is not None:
        return alone or None
    value = as_object(document.value) or {}
    result = as_object(value.get("result")) or value
    alert = as_object(result.get("alert")) or (value if "content" in value and "status" in value else {})
    return a_list(alert.get("content"))


def _read_row(record: Record) -> Draft:
    title, code = record.text("title"), record.text("code") or ""
    level = level_in_title(title) or level_of_code(code if len(code) == 4 else "")
    status = record.text("status")
    info = Info(
        language=language_of(title),
        event=event_in_title(title) or CAIYUN_TYPES.get(code[:2] if len(code) == 4 else "", (None, None))[0],
        severity=severity_of(level),
        event_code=_event_codes(code),
        sender_name=issuer_in_title(title),
        headline=title,
        description=record.text("description"),
        parameter=colour_parameter(level),
        areas=_areas(record),
    )
    by_title = message_type_of(title)
    return Draft(
        identifier=record.text("alertId"),
        sender=unit_in(record.text("alertId")) or record.text("source") or "caiyunapp.com",
        sent=_published(record),
        msg_type=message_type_of(status) if by_title == "Alert" and status else by_title,
        source=record.text("source"),
        infos=(info,),
    )


def _published(record: Record) -> datetime | None:
    # JSON numbers may come as 1753583100.0.
    seconds = record.number("pubtimestamp")
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None and 0 < seconds < 4e9 else None


def _areas(record: Record) -> tuple[WarnedArea, ...]:
    names = dict.fromkeys(record.text(name) for name in ("province", "city", "county"))
    place = record.text("location") or "".join(name for name in names if name) or None
    adcode = record.text("adcode")
    if adcode is None or _ADCODE.fullmatch(adcode) is None:
        return area_of_unit(record.text("alertId"), record.notes, place)
    return (WarnedArea(place, geocodes=(("adcode", adcode),)),)


def _event_codes(code: str) -> tuple[tuple[str, str], ...]:
    return (("Caiyun", code), *paired((NATIONAL_EVENT, national_code(code)))) if code else ()


def national_code(code: str) -> str | None:
    """`11B14` of `156110214` (v3) or of `0902` (v2.6)."""
    v3 = _V3_CODE.fullmatch(code)
    if v3 is not None:
        return f"{v3['group']}{chr(ord('A') - 1 + int(v3['letter']))}{v3['number']}"
    return CAIYUN_TYPES.get(code[:2], (None, None))[1] if len(code) == 4 else None
