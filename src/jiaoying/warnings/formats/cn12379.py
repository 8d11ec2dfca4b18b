"""The national warning platform's own form (国家突发事件预警信息发布系统, 12379), as XML and as a JSON list.

It looks like CAP and has no namespace. What is known comes from a message of a provincial bureau and
from descriptions in public software of the platform's interface; the standards (GB/T 35965.1, GB/T 34283)
were not seen. What differs from CAP:

- `sendTime` in Beijing time, with a blank for the T; `senderCode` beside `sender`; `senderName` is the
  person who signed, not the office.
- `severity` is a colour (Red, Orange, Yellow, Blue, Unknown), `eventType` a code of the national table.
- `references` holds identifiers only, that of the first issue. `expires` and `onset` are often blank.
- `geocode` and `areaDesc` are comma lists, with stray commas and repeats; a `circle` has metres.
- `code` holds a block for each way of publishing: `method` with `methodName`, `message`, `audienceGrp` and
  `audenceprt` (so written). A sender writes `Cancle`.

The JSON list (`findWarnCapByElement`) has `eventTypeCN` and `referencesInfo` besides, and no areas.
"""

import re
from collections.abc import Iterable
from datetime import datetime

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_schema import CERTAINTIES, MESSAGE_TYPES, SCOPES, STATUSES, URGENCIES
from jiaoying.warnings.formats.cap_shapes import circles_in, polygons_in, remark
from jiaoying.warnings.formats.cap_values import Point
from jiaoying.warnings.formats.feed import (
    CHINESE,
    NATIONAL_EVENT,
    Draft,
    area_of_unit,
    cap_word,
    paired,
    read_rows,
)
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.guarded_xml import Document, Node
from jiaoying.warnings.formats.levels import colour_parameter, level_in_title, read_level, severity_of
from jiaoying.warnings.formats.records import Record, as_list, as_object
from jiaoying.warnings.formats.titles import event_in_title, message_type_of
from jiaoying.warnings.hazards import EVENT_TYPES
from jiaoying.warnings.model import Circle, Info, ParsedMessage, Reference, WarnedArea

FORMAT, JSON_FORMAT = "cn-12379", "cn-12379-json"

_OWN_ELEMENTS = frozenset({"sendTime", "senderCode", "secClassification"})
_MISSPELT = {"cancle": "Cancel", "cancell": "Cancel", "canceled": "Cancel", "cancelled": "Cancel",
             "updata": "Update", "upadte": "Update", "alart": "Alert", "alter": "Alert",
             "verylikely": "Likely"}  # fmt: skip
_LIST = re.compile(r"[,，;；、\s]+")
_MAX_LIST_CHARACTERS = 100_000
_NAMES_BY_CODE = {code: name for names in EVENT_TYPES.values() for code, name in names.items()}
METRES_PER_KILOMETRE = 1000


def is_cn12379(document: Document) -> bool:
    """Whether the root is an `alert` without a namespace that has elements of the platform's own."""
    root = document.root
    children = {child.name for child in root.children}
    return root.name == "alert" and not root.namespace and not children.isdisjoint(_OWN_ELEMENTS)


def is_cn12379_json(document: JsonDocument) -> bool:
    """Whether the value is a list of the platform's rows."""
    rows = as_list(document.value)
    keys = (as_object(rows[0]) or {}).keys() if rows else set[str]()
    return {"identifier", "headline"} <= keys and bool({"eventTypeCN", "referencesInfo", "senderCode"} & keys)


def read_cn12379(document: Document, now: datetime) -> list[ParsedMessage]:
    """The message of a document."""
    return read_rows(
        [_as_json(document.root)], FORMAT, _read_alert, JsonDocument(None, document.remarks), now
    )


def read_cn12379_json(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The messages of a list."""
    return read_rows(as_list(document.value), JSON_FORMAT, _read_alert, document, now)


def _as_json(node: Node) -> dict[str, object]:
    """An element with its children by name; those that hold text only are that text."""
    value: dict[str, list[object]] = {}
    for child in node.children:
        value.setdefault(child.name, []).append(_as_json(child) if child.children else child.text)
    return dict(value)


def _read_alert(record: Record) -> Draft:
    identifier = record.text("identifier")
    sender = record.text("sender") or _code_as_sender(record)
    headline = record.text("headline")
    has_type = record.text("msgType") is not None or headline is None
    return Draft(
        identifier=identifier,
        sender=sender,
        sent=record.moment("sendTime", "sent", "effective"),
        status=_word(record, "status", STATUSES) if "status" in record.value else _assumed_actual(record),
        msg_type=_word(record, "msgType", MESSAGE_TYPES) if has_type else message_type_of(headline),
        scope=_word(record, "scope", SCOPES) or _assumed_public(record),
        restriction=_restriction(record),
        code=tuple(name for method in _methods(record) if (name := method.text("methodName"))),
        note=record.text("note"),
        references=tuple(
            Reference("", one, None) for one in _items(record.text("references", "referencesInfo"))
        ),
        infos=tuple(_info(info, record, identifier, sender) for info in _infos(record)),
    )


def _code_as_sender(record: Record) -> str | None:
    code = record.text("senderCode")
    if code is not None:
        record.tolerate("missing", "sender", say("is missing: the code of the unit was taken"))
    return code


def _assumed_actual(record: Record) -> str:
    # The JSON list has no status: it carries what the public sees.
    record.tolerate("missing", "status", say("is missing: taken for Actual"))
    return "Actual"


def _assumed_public(record: Record) -> str:
    """The platform uses Public only."""
    if "scope" in record.value:
        record.tolerate("unknown-value", "scope", say("is missing: taken for Public"))
    return "Public"


def _word(record: Record, name: str, allowed: tuple[str, ...]) -> str | None:
    """An enumeration, with the misspellings that were seen."""
    text = record.text(name)
    if text is None:
        return None
    folded = text.casefold()
    value = {word.casefold(): word for word in allowed}.get(folded) or _MISSPELT.get(folded)
    if value is not None and value.casefold() != folded:
        record.tolerate(
            "misspelt", name, say("“{value}” is taken for “{right}”", value=text[:60], right=value)
        )
    return value if value in allowed else None


def _restriction(record: Record) -> str | None:
    """`secClassification`: None, or Inner for what must not be published."""
    text = record.text("secClassification")
    return None if text is None or text.casefold() == "none" else text


def _methods(record: Record) -> list[Record]:
    return [method for code in record.records("code") for method in code.records("method")]


def _infos(record: Record) -> list[Record]:
    """The infos; the JSON list has their fields beside the rest."""
    return record.records("info") or [record]


def _items(text: str | None) -> tuple[str, ...]:
    parts = _LIST.split((text or "")[:_MAX_LIST_CHARACTERS])
    return tuple(dict.fromkeys(part for part in parts if part))


def _info(info: Record, alert: Record, identifier: str | None, sender: str | None) -> Info:
    headline, code = info.text("headline"), info.text("eventType")
    level = read_level(info, "severity") or level_in_title(headline)
    if info.text("severity") not in (None, "Unknown") and level is None:
        told = say("“{value}” is no colour that is known here", value=(info.text("severity") or "")[:60])
        info.tolerate("unknown-value", "severity", told)
    # Handed on, the name of the person who signed would be shown as the office that warns.
    if info is not alert and info.text("senderName") not in (None, sender):
        told = say("names the person who signed: the issuing office was put in its place")
        info.tolerate("person-as-sender", "senderName", told)
    return Info(
        language=info.text("language") or CHINESE,
        event=_event(info.text("eventTypeCN"), code, headline),
        urgency=cap_word(info, "urgency", URGENCIES),
        severity=severity_of(level),
        certainty=_word(info, "certainty", CERTAINTIES) or "Unknown",
        event_code=paired((NATIONAL_EVENT, code)),
        effective=info.moment("effective"),
        onset=info.moment("onset"),
        expires=info.moment("expires"),
        sender_name=sender,
        headline=headline,
        description=info.text("description"),
        instruction=info.text("instruction"),
        web=info.text("web"),
        contact=info.text("contact"),
        parameter=(*colour_parameter(level), *_texts_by_method(alert, info.text("description"))),
        areas=tuple(_area(area) for area in info.records("area")) or area_of_unit(identifier, info.notes),
    )


def _event(name: str | None, code: str | None, headline: str | None) -> str | None:
    told = name or _NAMES_BY_CODE.get((code or "").upper()) or event_in_title(headline)
    return None if told is None else told.removesuffix("事件") or told


def _texts_by_method(alert: Record, description: str | None) -> Iterable[tuple[str, str]]:
    """What is published by SMS or loudspeaker, where it differs from the description."""
    for method in _methods(alert):
        name, message = method.text("methodName"), method.text("message")
        if name is not None and message is not None and message != description:
            yield f"message {name}", message


def _area(record: Record) -> WarnedArea:
    text = record.text("geocode") or ""
    codes = _items(text)
    if ",".join(codes) != text:
        told = say("the list has stray commas, blanks or repeats: each code was read once")
        record.tolerate("untidy-list", "geocode", told)
    return WarnedArea(
        description=record.text("areaDesc"),
        polygons=_polygons(record),
        circles=_circles(record),
        geocodes=tuple(("geocode", code) for code in codes),
    )


def _polygons(record: Record) -> tuple[tuple[Point, ...], ...]:
    """The order of coordinates is not described: latitude first, as in CAP, unless that is not in China."""
    polygons = polygons_in(record)
    if not any(map(_only_in_china_as_lon_lat, polygons)):
        return polygons
    remark(record, "polygon", ("swapped-axes",), "")
    return tuple(
        tuple((lat, lon) for lon, lat in polygon) if _only_in_china_as_lon_lat(polygon) else polygon
        for polygon in polygons
    )


def _only_in_china_as_lon_lat(points: tuple[Point, ...]) -> bool:
    """China lies between 3 and 54 north, 73 and 136 east: no point of it has a latitude above 73."""
    return all(73 <= first <= 136 and 3 <= second <= 54 for first, second in points)


def _circles(record: Record) -> tuple[Circle, ...]:
    circles = circles_in(record)
    if circles:
        told = say("the radius is read in metres, as the national platform has it")
        record.tolerate("radius-in-metres", "circle", told)
    return tuple(Circle(one.lat, one.lon, one.radius_km / METRES_PER_KILOMETRE) for one in circles)
