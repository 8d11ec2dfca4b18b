"""QWeather (和风天气): `v7/warning/now` and the newer `weatheralert/v1/current`.

Both answer for one place and do not say which area a warning is for. v7 has no type of message but a
status; v1 has one and names what it supersedes. The maker asks not to enumerate values: an unknown one
is Unknown here, and told. The end of a warning is `expireTime` in its samples, `expiredTime` in its prose
and `expiresTime` in captures of 2026: all three are read.
"""

from datetime import datetime

from jiaoying.warnings.formats.cap_schema import (
    CERTAINTIES,
    MESSAGE_TYPES,
    RESPONSE_TYPES,
    SEVERITIES,
    UNKNOWN_LEVEL,
    URGENCIES,
)
from jiaoying.warnings.formats.feed import (
    NATIONAL_EVENT,
    Draft,
    cap_word,
    cap_words,
    choice,
    language_of,
    paired,
    read_rows,
)
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import colour_parameter, read_level, severity_of
from jiaoying.warnings.formats.records import Record, a_list, as_list, as_object
from jiaoying.warnings.formats.titles import message_type_of
from jiaoying.warnings.hazards import kind_of_code
from jiaoying.warnings.model import Info, ParsedMessage, Reference

V7, V1 = "qweather-v7", "qweather-alert-v1"

# Type of QWeather → code of the national table, where both give the same name. 1001 to 1048 besides:
# their last two digits are those of 11B01 to 11B48.
_NATIONAL_CODES = {
    "1201": "11A01", "1202": "11A02", "1203": "11A03", "1204": "11A04", "1205": "11A05", "1210": "11A10",
    "1214": "11A51", "1215": "11A52", "1216": "11A53", "1217": "11A54", "1219": "11A51", "1209": "11A51",
    "1211": "11A01", "1207": "11A01", "1213": "11A02", "1206": "11A02", "1241": "11D01", "1242": "11D02",
    "1243": "11D03", "1244": "11D04", "1245": "11D05", "1246": "11D06", "1247": "11D07", "1248": "11B37",
    "1249": "11B37", "1250": "11D00", "1251": "11B37", "1064": "11B38", "1067": "11B29",
    "1073": "11A01", "1075": "11A02", "1076": "11A01", "1077": "11B25", "1078": "11B22", "1084": "11B41",
    "1603": "11D01", "1604": "11B01", "1609": "11B03", "1610": "11B16", "1704": "11B01", "1708": "11A02",
    "1803": "11B01", "1804": "11B03", "1802": "11E02",
}  # fmt: skip
_V7_STATUS = {"active": "Alert", "update": "Update", "cancel": "Cancel"}


def is_qweather_v7(document: JsonDocument) -> bool:
    """Whether the value is an answer of `warning/now`, or its list."""
    value = as_object(document.value) or {}
    rows = a_list(value.get("warning"))
    if rows is not None:
        return _is_v7(rows[0]) if rows else "code" in value or "updateTime" in value
    if value.get("code") == "204":  # the request was right, and there is nothing to tell
        return True
    alone = a_list(document.value)
    return bool(alone) and _is_v7(alone[0])


def _is_v7(row: object) -> bool:
    return {"id", "pubTime", "typeName"} <= (as_object(row) or {}).keys()


def is_qweather_v1(document: JsonDocument) -> bool:
    """Whether the value is an answer of `weatheralert`."""
    value = as_object(document.value) or {}
    rows = a_list(value.get("alerts"))
    if not rows:
        return rows is not None and "metadata" in value
    return {"id", "issuedTime", "eventType"} <= (as_object(rows[0]) or {}).keys()


def read_qweather_v7(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of `warning/now`."""
    value = as_object(document.value)
    rows = as_list(document.value) if value is None else as_list(value.get("warning"))
    return read_rows(rows, V7, _read_v7, document, now)


def read_qweather_v1(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """The warnings of `weatheralert`."""
    rows = as_list((as_object(document.value) or {}).get("alerts"))
    return read_rows(rows, V1, _read_v1, document, now)


def _read_v7(record: Record) -> Draft:
    sender, title = record.text("sender"), record.text("title")
    # `level` held the colour until 2021; it is empty or stale since.
    level = read_level(record, "severityColor") or read_level(record, "level")
    severity = cap_word(record, "severity", SEVERITIES)
    info = Info(
        language=language_of(title, record.text("text")),
        event=record.text("typeName"),
        urgency=cap_word(record, "urgency", URGENCIES),
        severity=severity_of(level) if severity == UNKNOWN_LEVEL else severity,
        certainty=cap_word(record, "certainty", CERTAINTIES),
        event_code=_event_codes(record.text("type")),
        onset=record.moment("startTime"),
        expires=record.moment("endTime"),
        sender_name=sender,
        headline=title,
        description=record.text("text"),
        parameter=colour_parameter(level),
    )
    return Draft(
        identifier=record.text("id"),
        sender=sender,
        sent=record.moment("pubTime"),
        # Before 2021 `status` was missing; the title tells.
        msg_type=_V7_STATUS.get((record.text("status") or "").casefold(), message_type_of(title)),
        references=_related(record),
        infos=(info,),
    )


def _related(record: Record) -> tuple[Reference, ...]:
    """`related` is one identifier, or several with commas between them."""
    texts = (part.strip() for text in record.texts("related") for part in text[:10_000].split(","))
    return tuple(Reference("", text, None) for text in texts if text)


def _read_v1(record: Record) -> Draft:
    sender, headline = record.text("senderName"), record.text("headline")
    message_type, event = record.record("messageType"), record.record("eventType")
    level = read_level(record.record("color"), "code")
    severity = cap_word(record, "severity", SEVERITIES)
    info = Info(
        language=language_of(headline, record.text("description")),
        event=event.text("name"),
        response_type=cap_words(record, "responseTypes", RESPONSE_TYPES),
        urgency=cap_word(record, "urgency", URGENCIES),
        severity=severity_of(level) if severity == UNKNOWN_LEVEL else severity,
        certainty=cap_word(record, "certainty", CERTAINTIES),
        event_code=_event_codes(event.text("code")),
        effective=record.moment("effectiveTime"),
        onset=record.moment("onsetTime"),
        expires=record.moment("expireTime", "expiredTime", "expiresTime"),
        sender_name=sender,
        headline=headline,
        description=record.text("description"),
        instruction=record.text("instruction"),
        parameter=(*colour_parameter(level), *paired(("criteria", record.text("criteria")))),
    )
    return Draft(
        identifier=record.text("id"),
        sender=sender,
        sent=record.moment("issuedTime"),
        msg_type=choice(message_type, "code", MESSAGE_TYPES) or message_type_of(headline),
        references=tuple(Reference("", text, None) for text in message_type.texts("supersedes")),
        infos=(info,),
    )


def _event_codes(type_: str | None) -> tuple[tuple[str, str], ...]:
    """The type as sent, and the national code that it means. Older keys have the national code itself."""
    if type_ is None:
        return ()
    if kind_of_code(type_) is not None:
        return ((NATIONAL_EVENT, type_),)
    return (("QWeather", type_), *paired((NATIONAL_EVENT, national_code(type_))))


def national_code(type_: str) -> str | None:
    """`11B06` of `1006`."""
    if len(type_) == 4 and type_.isascii() and type_.isdigit() and 1001 <= int(type_) <= 1048:
        return f"11B{type_[2:]}"
    return _NATIONAL_CODES.get(type_)
