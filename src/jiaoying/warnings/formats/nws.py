"""Alerts of the National Weather Service of the USA (api.weather.gov): a GeoJSON feature or a collection.

The properties carry the names of CAP, some of them changed: `messageType`, `response`, `geocode`,
`parameters`. `expires` is the end of the message; the end of the hazard is `ends`, told as the parameter
`eventEndingTime` that CAP from the same house has. Most features have no geometry: their zones
(`geocode` UGC, SAME) are the area.
"""

from datetime import datetime

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_schema import (
    CATEGORIES,
    CERTAINTIES,
    MESSAGE_TYPES,
    RESPONSE_TYPES,
    SCOPES,
    SEVERITIES,
    STATUSES,
    URGENCIES,
)
from jiaoying.warnings.formats.feed import Draft, cap_word, cap_words, choice, read_rows
from jiaoying.warnings.formats.geojson import read_geometry
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.records import Record, as_list, as_object, as_text
from jiaoying.warnings.model import Info, ParsedMessage, Reference, WarnedArea

FORMAT = "nws-geojson"
EVENT_END = "eventEndingTime"


def is_nws(document: JsonDocument) -> bool:
    """Whether the value is an alert of the service, or a collection of them (perhaps of none)."""
    value = as_object(document.value) or {}
    if value.get("type") == "FeatureCollection":
        features = as_list(value.get("features"))
        return _is_alert(features[0]) if features else "title" in value or "updated" in value
    return _is_alert(value)


def _is_alert(value: object) -> bool:
    feature = as_object(value) or {}
    properties = as_object(feature.get("properties")) or {}
    return feature.get("type") == "Feature" and "event" in properties and "messageType" in properties


def read_nws(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The message of each feature."""
    value = as_object(document.value) or {}
    features = as_list(value.get("features")) if value.get("type") == "FeatureCollection" else [value]
    return read_rows(features, FORMAT, _read_feature, document, now)


def _read_feature(feature: Record) -> Draft:
    record = feature.record("properties")
    scope = choice(record, "scope", SCOPES)
    if scope is None:  # left out before 2025; all that the service publishes is public
        record.tolerate("missing", "scope", say("is missing: taken for Public"))
    return Draft(
        identifier=record.text("id") or _last_part(feature.text("id")),
        sender=record.text("sender"),
        sent=record.moment("sent", zone=None),
        status=choice(record, "status", STATUSES),
        msg_type=choice(record, "messageType", MESSAGE_TYPES),
        scope=scope,
        code=record.texts("code"),
        note=record.text("note"),
        references=tuple(
            Reference(one.text("sender") or "", identifier, one.moment("sent", zone=None))
            for one in record.records("references")
            if (identifier := one.text("identifier")) is not None
        ),
        infos=(_info(record, feature),),
    )


def _last_part(address: str | None) -> str | None:
    """The identifier at the end of an address: `https://api.weather.gov/alerts/urn:oid:…`."""
    return None if address is None else address.rpartition("/")[2] or None


def _info(record: Record, feature: Record) -> Info:
    return Info(
        language=record.text("language") or "en-US",
        category=cap_words(record, "category", CATEGORIES),
        event=record.text("event"),
        response_type=cap_words(record, "response", RESPONSE_TYPES),
        urgency=cap_word(record, "urgency", URGENCIES),
        severity=cap_word(record, "severity", SEVERITIES),
        certainty=cap_word(record, "certainty", CERTAINTIES),
        event_code=_named_lists(record, "eventCode"),
        effective=record.moment("effective", zone=None),
        onset=record.moment("onset", zone=None),
        expires=record.moment("expires", zone=None),
        sender_name=record.text("senderName"),
        headline=record.text("headline"),
        description=record.text("description"),
        instruction=record.text("instruction"),
        web=record.text("web"),
        parameter=_parameters(record),
        areas=(_area(record, feature),),
    )


def _named_lists(record: Record, name: str) -> tuple[tuple[str, str], ...]:
    """`{"SAME": ["a", "b"]}` as pairs, in the order of the document."""
    lists = as_object(record.value.get(name)) or {}
    return tuple(
        (key, text)
        for key, values in lists.items()
        for value in as_list(values)
        if (text := as_text(value)) is not None
    )


def _parameters(record: Record) -> tuple[tuple[str, str], ...]:
    parameters = _named_lists(record, "parameters")
    ends = record.text("ends")
    told = any(name == EVENT_END for name, _ in parameters)
    return parameters if told or ends is None else (*parameters, (EVENT_END, ends))


def _area(record: Record, feature: Record) -> WarnedArea:
    shapes = read_geometry(feature.value.get("geometry"), "geometry", feature.notes)
    return WarnedArea(
        description=record.text("areaDesc"),
        polygons=tuple(shapes.polygons),
        circles=tuple(shapes.circles),
        geocodes=_named_lists(record, "geocode"),
    )
