"""A CAP message written as JSON with the element names of CAP.

The mirror of the WMO (`cn-cma-xx`) writes one info, area or geocode as an object and several as a list.
MeteoAlarm's JSON (`{"warnings": [{"alert": …}]}`, or one `{"alert": …, "uuid": …}`) wraps the same and puts
the type of the message into `incidents` a second time (in every message seen).
"""

from datetime import datetime

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap import DEFAULT_LANGUAGE
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
from jiaoying.warnings.formats.cap_shapes import circles_in, polygons_in
from jiaoying.warnings.formats.cap_values import (
    REMARKS,
    read_references,
    read_words,
)
from jiaoying.warnings.formats.feed import Draft, cap_word, cap_words, choice, read_rows
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.records import Record, a_list, as_list, as_object
from jiaoying.warnings.model import Info, ParsedMessage, Reference, WarnedArea

FORMAT, METEOALARM = "cap-json", "meteoalarm-json"
MAX_CODED_CHARACTERS = 100_000


def is_cap_json(document: JsonDocument) -> bool:
    """Whether the value is an alert with the names of CAP, or a list of such."""
    rows = as_list(document.value)
    return bool(rows) and all(_is_alert(row) for row in rows[:1])


def is_meteoalarm(document: JsonDocument) -> bool:
    """Whether the value is MeteoAlarm's, of one warning or of many."""
    value = as_object(document.value) or {}
    if "alert" in value:
        return _is_alert(value["alert"])
    rows = a_list(value.get("warnings"))
    if not rows:
        return rows is not None
    return _is_alert((as_object(rows[0]) or {}).get("alert"))


def _is_alert(value: object) -> bool:
    alert = as_object(value) or {}
    return "identifier" in alert and "info" in alert and ("msgType" in alert or "sent" in alert)


def read_cap_json(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The messages of the WMO's mirror."""
    return read_rows(as_list(document.value), FORMAT, read_alert, document, now)


def read_meteoalarm(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The messages of MeteoAlarm's JSON."""
    value = as_object(document.value) or {}
    warnings = as_list(value.get("warnings")) if "warnings" in value else [value]
    rows = [(as_object(warning) or {}).get("alert") for warning in warnings]
    return read_rows(rows, METEOALARM, _read_meteoalarm_alert, document, now)


def _read_meteoalarm_alert(record: Record) -> Draft:
    incidents = _words(record, "incidents")
    types = {word.casefold() for word in MESSAGE_TYPES}
    if any(word.casefold() in types for word in incidents):
        told = say("holds the type of the message: kept as sent, and no incident is meant")
        record.tolerate("type-in-incidents", "incidents", told)
    return read_alert(record)


def read_alert(record: Record) -> Draft:
    """One alert. A missing status or type rejects it, as in XML."""
    scope = choice(record, "scope", SCOPES)
    if scope is None:
        record.tolerate("missing", "scope", say("is missing: taken for Public"))
    return Draft(
        identifier=record.text("identifier"),
        sender=record.text("sender"),
        sent=record.moment("sent", zone=None),
        status=choice(record, "status", STATUSES),
        msg_type=choice(record, "msgType", MESSAGE_TYPES) or _type_in_incidents(record),
        scope=scope,
        source=record.text("source"),
        restriction=record.text("restriction"),
        addresses=_words(record, "addresses"),
        code=record.texts("code"),
        note=record.text("note"),
        references=_references(record),
        incidents=_words(record, "incidents"),
        infos=tuple(_info(info) for info in record.records("info")),
    )


def _type_in_incidents(record: Record) -> str | None:
    words = [word.casefold() for word in _words(record, "incidents")]
    return next((word for word in MESSAGE_TYPES if word.casefold() in words), None)


def _words(record: Record, name: str) -> tuple[str, ...]:
    return tuple(word for text in record.texts(name) for word in read_words(text[:MAX_CODED_CHARACTERS]))


def _references(record: Record) -> tuple[Reference, ...]:
    found: list[Reference] = []
    for text in record.texts("references"):
        references, remarks = read_references(text[:MAX_CODED_CHARACTERS], None)
        _remark(record, "references", remarks, text)
        found.extend(references)
    return tuple(found)


def _remark(record: Record, name: str, codes: tuple[str, ...], text: str) -> None:
    for code in codes:
        # Z is how JSON writes UTC; CAP's rule against it is one for XML.
        if code not in ("zone-z", "no-seconds"):
            record.tolerate(code, name, say(REMARKS[code], value=text[:60]))


def _info(record: Record) -> Info:
    return Info(
        language=record.text("language") or DEFAULT_LANGUAGE,
        category=cap_words(record, "category", CATEGORIES),
        event=record.text("event"),
        response_type=cap_words(record, "responseType", RESPONSE_TYPES),
        urgency=cap_word(record, "urgency", URGENCIES),
        severity=cap_word(record, "severity", SEVERITIES),
        certainty=cap_word(record, "certainty", CERTAINTIES),
        audience=record.text("audience"),
        event_code=_pairs(record, "eventCode"),
        effective=record.moment("effective", zone=None),
        onset=record.moment("onset", zone=None),
        expires=record.moment("expires", zone=None),
        sender_name=record.text("senderName"),
        headline=record.text("headline"),
        description=record.text("description"),
        instruction=record.text("instruction"),
        web=record.text("web"),
        contact=record.text("contact"),
        parameter=_pairs(record, "parameter"),
        areas=tuple(_area(area) for area in record.records("area")),
    )


def _pairs(record: Record, name: str) -> tuple[tuple[str, str], ...]:
    return tuple((pair.text("valueName") or "", pair.text("value") or "") for pair in record.records(name))


def _area(record: Record) -> WarnedArea:
    return WarnedArea(
        description=record.text("areaDesc"),
        polygons=polygons_in(record),
        circles=circles_in(record),
        geocodes=_pairs(record, "geocode"),
        altitude=record.number("altitude"),
        ceiling=record.number("ceiling"),
    )
