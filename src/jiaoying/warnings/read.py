"""One door for all formats: bytes in, messages out, and their form as JSON for programs."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.bulletin_message import BULLETIN
from jiaoying.warnings.formats.containers import alerts_inside, is_zip, unpack
from jiaoying.warnings.formats.feed_index import is_index
from jiaoying.warnings.formats.guarded_json import begins_like_json, read_json
from jiaoying.warnings.formats.guarded_xml import Document, read_documents
from jiaoying.warnings.formats.notes import verdict_on
from jiaoying.warnings.formats.registry import JSON_READERS, TEXT_READERS, XML_READERS
from jiaoying.warnings.gazetteer import Gazetteer, china_counties
from jiaoying.warnings.interpret import interpret
from jiaoying.warnings.model import (
    UNKNOWN,
    Evidence,
    Info,
    IssuedWarning,
    Message,
    ParsedMessage,
    Question,
    Verdict,
    WarnedArea,
)
from jiaoying.warnings.named_areas import code_named_areas

MAX_MESSAGES = 10_000  # in one file
_LOOKED_AT = 4_000  # bytes by which plain text is recognised
# [7月15日]沁水县…: no JSON, although it begins like it.
_BRACKETED = re.compile(rb"\[\s*\d{0,4}\s*[\x80-\xff]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffe\uffff]")
_MARKS_AND_BLANKS = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"


def read_messages(body: bytes, now: datetime, places: Gazetteer | None = None) -> list[ParsedMessage]:
    """The messages in `body`, whatever their format; `now` bounds how far ahead one may be dated.

    Names of places are looked up in `places`; without them, among the counties of China. Never raises:
    what cannot be read is one rejected message that says why.
    """
    return [_interpreted(parsed, places) for parsed in read_as_sent(body, now, places)]


def read_as_sent(body: bytes, now: datetime, places: Gazetteer | None = None) -> list[ParsedMessage]:
    """The messages in `body` in the words of their senders; what they mean is not asked yet.

    There is always one result at least. Behind MAX_MESSAGES of them nothing more is read, and that is told.
    """
    found = list(islice(_read_file(body, now, places or china_counties()), MAX_MESSAGES + 1))
    if len(found) > MAX_MESSAGES:
        text = say("the file holds more than {count} messages: the rest was not read", count=MAX_MESSAGES)
        found[-1] = _refused("too-many-messages", text)
    return [one if one.index == index else replace(one, index=index) for index, one in enumerate(found)]


def _read_file(body: bytes, now: datetime, places: Gazetteer) -> Iterator[ParsedMessage]:
    """A single document, several one after the other, or an archive of such."""
    if not is_zip(body):
        yield from _read_body(body, now, places)
        return
    empty = True
    for entry in unpack(body):
        empty = False
        if isinstance(entry, Complaint):
            yield ParsedMessage(0, UNKNOWN, Verdict.REJECT, (entry,))
        else:
            yield from (_of_entry(one, entry.name) for one in _read_body(entry.body, now, places))
    if empty:
        yield _refused("empty", say("the archive holds no files"))


def _of_entry(parsed: ParsedMessage, name: str) -> ParsedMessage:
    return replace(parsed, extras={**parsed.extras, "entry": name})


def _read_body(body: bytes, now: datetime, places: Gazetteer) -> Iterator[ParsedMessage]:
    start = body.lstrip(_MARKS_AND_BLANKS)
    if not start:
        yield _refused("empty", say("the document is empty"))
    elif is_text(body):
        yield from _read_text(body, now, places)
    elif begins_like_json(body):
        yield from _read_as_json(body, now)
    elif start.startswith(b"<"):
        yield from _read_xml(body, now)
    else:
        yield _unknown_format()


def _read_xml(body: bytes, now: datetime) -> Iterator[ParsedMessage]:
    for document in read_documents(body):
        if isinstance(document, Complaint):
            yield ParsedMessage(0, UNKNOWN, Verdict.REJECT, (document,))
            continue
        for part in _parts(document):
            reader = next(reader for reader in XML_READERS if reader.recognises(part))
            yield from reader.read(part, now)


def _parts(document: Document) -> list[Document]:
    """What is read of a document: itself, or the alerts inside, and the feed that more of them hang on."""
    alerts = alerts_inside(document)
    return [*alerts, document] if not alerts or is_index(document) else alerts


def must_be(parsed: ParsedMessage, wanted: str) -> ParsedMessage:
    """The result when only messages of one format were asked for: others are refused."""
    if parsed.format in (wanted, UNKNOWN):
        return parsed
    text = say("it is {found}, not {wanted}", found=parsed.format, wanted=wanted)
    return ParsedMessage(
        parsed.index, parsed.format, Verdict.REJECT, (Complaint("other-format", "document", text),)
    )


def media_type_of(body: bytes) -> str:
    """The media type that the bytes themselves suggest, for what comes without one."""
    if is_zip(body):
        return "application/zip"
    begin = body.lstrip(_MARKS_AND_BLANKS)[:1]
    return {b"<": "application/xml", b"{": "application/json", b"[": "application/json"}.get(
        begin, "text/plain"
    )


def _read_as_json(body: bytes, now: datetime) -> list[ParsedMessage]:
    document = read_json(body)
    if isinstance(document, Complaint):
        return [ParsedMessage(0, UNKNOWN, Verdict.REJECT, (document,))]
    reader = next((reader for reader in JSON_READERS if reader.recognises(document)), None)
    return [_unknown_format()] if reader is None else reader.read(document, now)


# --- plain text ---


def is_text(body: bytes) -> bool:
    """Whether `body` is plain text that a format of plain text may read, and no XML, JSON or archive."""
    start = body.lstrip(_MARKS_AND_BLANKS)
    like_json = begins_like_json(body) and not _BRACKETED.match(start)
    if like_json or start.startswith(b"<") or is_zip(body):
        return False
    text = _decoded(body[:_LOOKED_AT])
    return text is not None and any(reader.recognises(text[0]) for reader in TEXT_READERS)


def _decoded(body: bytes) -> tuple[str, str] | None:
    """The text and its encoding; None where it is no text. A character that was cut in two is left out."""
    if b"\x00" in body and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    encodings = ("utf-16",) if body.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        for cut in range(4):
            try:
                text = body[: len(body) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return None if _CONTROLS.search(text) else (text, encoding)
    return None


def _read_text(body: bytes, now: datetime, places: Gazetteer) -> list[ParsedMessage]:
    decoded = _decoded(body)
    if decoded is None:
        return [_refused("not-text", say("the text is in no encoding that is known: send it as UTF-8"))]
    text, encoding = decoded
    reader = next((reader for reader in TEXT_READERS if reader.recognises(text)), None)
    if reader is None:
        return [_unknown_format()]
    found = reader.read(text, now, places)
    if encoding == "utf-8-sig":
        return found
    remark = say("the text is in {encoding}, not in UTF-8: read all the same", encoding=encoding.upper())
    return [_with_remark(one, Complaint("encoding", "document", remark)) for one in found]


def _with_remark(parsed: ParsedMessage, remark: Complaint) -> ParsedMessage:
    complaints = (*parsed.complaints, remark)
    verdict = verdict_on(complaints, rejected=parsed.verdict is Verdict.REJECT)
    return replace(parsed, complaints=complaints, verdict=verdict)


def _unknown_format() -> ParsedMessage:
    text = say(
        "the format is not recognised: send a warning as CAP, as 12379 XML, in one of the JSON forms, or as"
        " Chinese text"
    )
    return _refused("unknown-format", text)


def _refused(code: str, text: str) -> ParsedMessage:
    return ParsedMessage(0, UNKNOWN, Verdict.REJECT, (Complaint(code, "document", text),))


def _interpreted(parsed: ParsedMessage, places: Gazetteer | None) -> ParsedMessage:
    if parsed.message is None:
        return parsed
    message, remarks = parsed.message, ()
    if parsed.format != BULLETIN:  # a bulletin has looked at its names already, and asks where it must
        message, remarks = code_named_areas(message, places or china_counties())
    outcome = interpret(message)
    complaints = (*parsed.complaints, *remarks, *outcome.complaints)
    return replace(
        parsed,
        verdict=verdict_on(complaints, rejected=parsed.verdict is Verdict.REJECT),
        complaints=complaints,
        issued_warnings=outcome.issued_warnings,
        not_actionable=outcome.not_actionable,
        questions=(*parsed.questions, *outcome.questions),
    )


# --- as JSON ---


def to_json(parsed: ParsedMessage, file: str) -> dict[str, object]:
    """One line of `warnings parse`: element names of CAP, times in UTC, absent text null.

    A message that is not meant for action has no issued warnings; `not_actionable` says why.
    """
    actionable = parsed.not_actionable is None
    return {
        "file": file,
        "index": parsed.index,
        "format": parsed.format,
        "verdict": str(parsed.verdict),
        "complaints": [
            {"code": complaint.code, "field": complaint.field, "text": complaint.text}
            for complaint in parsed.complaints
        ],
        "message": None if parsed.message is None else message_to_json(parsed.message),
        "issued_warnings": [_warning(issued) for issued in parsed.issued_warnings if actionable],
        "not_actionable": parsed.not_actionable,
        "evidence": [_evidence(one) for one in parsed.evidence],
        "questions": [_question(one) for one in parsed.questions],
    }


def _evidence(one: Evidence) -> dict[str, object]:
    return {
        "field": one.field,
        "words": one.words,
        "start": one.start,
        "end": one.end,
        "value": one.value,
        "sure": one.sure,
    }


def _question(one: Question) -> dict[str, object]:
    choices = [{"value": value, "words": words} for value, words in one.choices]
    return {"field": one.field, "words": one.words, "text": one.text, "choices": choices}


def message_to_json(message: Message) -> dict[str, object]:
    """The message as `warnings parse` prints it; the digest of its content is taken over this too."""
    return {
        "identifier": message.identifier,
        "sender": message.sender,
        "sent": _moment(message.sent),
        "status": message.status,
        "msgType": message.msg_type,
        "scope": message.scope,
        "source": message.source,
        "restriction": message.restriction,
        "addresses": list(message.addresses),
        "code": list(message.code),
        "note": message.note,
        "references": [
            {"sender": one.sender or None, "identifier": one.identifier, "sent": _moment(one.sent)}
            for one in message.references
        ],
        "incidents": list(message.incidents),
        "infos": [_info(info) for info in message.infos],
    }


def _info(info: Info) -> dict[str, object]:
    return {
        "language": info.language,
        "category": list(info.category),
        "event": info.event,
        "responseType": list(info.response_type),
        "urgency": info.urgency,
        "severity": info.severity,
        "certainty": info.certainty,
        "audience": info.audience,
        "eventCode": _pairs(info.event_code),
        "effective": _moment(info.effective),
        "onset": _moment(info.onset),
        "expires": _moment(info.expires),
        "senderName": info.sender_name,
        "headline": info.headline,
        "description": info.description,
        "instruction": info.instruction,
        "web": info.web,
        "contact": info.contact,
        "parameter": _pairs(info.parameter),
        "areas": [_area(area) for area in info.areas],
    }


def _area(area: WarnedArea) -> dict[str, object]:
    return {
        "areaDesc": area.description,
        "polygons": _polygons(area.polygons),
        "circles": [{"lat": one.lat, "lon": one.lon, "radius_km": one.radius_km} for one in area.circles],
        "geocodes": _pairs(area.geocodes),
        "altitude": area.altitude,
        "ceiling": area.ceiling,
    }


def _warning(issued: IssuedWarning) -> dict[str, object]:
    return {
        "hazard": str(issued.hazard),
        "event_code": issued.event_code,
        "colour": None if issued.colour is None else str(issued.colour),
        "area_codes": list(issued.area_codes),
        "polygons": _polygons(issued.polygons),
        "valid_from": _moment(issued.valid_from),
        "valid_to": _moment(issued.valid_to),
        "kind": str(issued.kind),
        "exercise": issued.exercise,
        "headline": issued.headline,
        "text": issued.text,
    }


def _polygons(polygons: tuple[tuple[tuple[float, float], ...], ...]) -> list[list[list[float]]]:
    return [[[lat, lon] for lat, lon in polygon] for polygon in polygons]


def _pairs(pairs: tuple[tuple[str, str], ...]) -> list[dict[str, str | None]]:
    return [{"valueName": name or None, "value": value or None} for name, value in pairs]


def _moment(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, whole seconds."""
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")
