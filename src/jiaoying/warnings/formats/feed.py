"""What all feeds that are not CAP share: from rows to messages in the words of CAP.

A row is read by its format; here it gets what CAP demands of every message, and what is missing is
taken from the identifier where that tells it, else refused. Nothing is assumed in silence.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap import MAX_FUTURE, MAX_KEY_CHARACTERS
from jiaoying.warnings.formats.cap_schema import UNKNOWN_LEVEL
from jiaoying.warnings.formats.feed_times import read_feed_time
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.formats.records import Record, as_object
from jiaoying.warnings.model import UNKNOWN, Info, Message, ParsedMessage, Reference, Verdict, WarnedArea

MAX_WARNINGS = 5_000  # the longest list of warnings in force at once that was heard of had some 900
# The name under which a code of the national table stands in `eventCode`: that of its element in 12379.
NATIONAL_EVENT = "eventType"
CHINESE = "zh-CN"
ENGLISH = "en"

# 12379: unit code (6 digits area, 8 digits organisation), entry time in Beijing time, perhaps a number.
_NATIONAL_IDENTIFIER = re.compile(
    r"(?P<unit>(?P<area>\d{6})\d{8})_(?P<entered>\d{14})(?:_\d{1,4})?", re.ASCII
)
_HAN = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Draft:
    """A warning as a feed tells it, before it is a message. None where the feed says nothing."""

    identifier: str | None
    sender: str | None
    sent: datetime | None
    infos: tuple[Info, ...]
    status: str | None = "Actual"  # open feeds carry what is in force and nothing else
    msg_type: str | None = "Alert"
    scope: str | None = "Public"
    source: str | None = None
    restriction: str | None = None
    code: tuple[str, ...] = ()
    note: str | None = None
    addresses: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()


ReadRow = Callable[[Record], "Draft | None"]


def read_rows(
    rows: Sequence[object], form: str, read_row: ReadRow, document: JsonDocument, now: datetime
) -> list[ParsedMessage]:
    """The message in each row. A row for which `read_row` gives None says that nothing is in force.

    What was forgiven about the document as a whole stands with its first message.
    """
    parsed = [
        _read_row(row, index, form, read_row, document, now) for index, row in enumerate(rows[:MAX_WARNINGS])
    ]
    if len(rows) > MAX_WARNINGS:
        parsed.append(_too_many(form))
    return parsed or [nothing_in_force(form, document)]


def _too_many(form: str) -> ParsedMessage:
    notes = Notes()
    told = say("the list holds more than {count} warnings: the others were not read", count=MAX_WARNINGS)
    notes.reject("too-many-warnings", "document", told)
    return ParsedMessage(MAX_WARNINGS, form, notes.verdict, notes.complaints)


def nothing_in_force(form: str, document: JsonDocument) -> ParsedMessage:
    """What is told of a feed that holds no warning: all is well, and there is no message."""
    notes = _begun(document)
    reason = say("there is no warning in it: nothing is in force")
    return ParsedMessage(0, form, notes.verdict, notes.complaints, not_actionable=reason)


def is_empty_list(document: JsonDocument) -> bool:
    """Whether the value is `[]`: a feed that is a bare list says so that nothing is in force."""
    return document.value == []


def read_empty_list(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """That nothing is in force; of which format the list is cannot be told."""
    del now
    return [nothing_in_force(UNKNOWN, document)]


def _read_row(
    row: object, index: int, form: str, read_row: ReadRow, document: JsonDocument, now: datetime
) -> ParsedMessage:
    notes = _begun(document) if index == 0 else Notes()
    value = as_object(row)
    if value is None:
        notes.reject("not-an-object", "document", say("this entry is no JSON object and cannot be read"))
        return ParsedMessage(index, form, notes.verdict, notes.complaints)
    draft = read_row(Record(value, "", notes))
    if draft is None:
        return replace(nothing_in_force(form, JsonDocument(None, notes.complaints)), index=index)
    return finish(draft, index, form, notes, now)


def _begun(document: JsonDocument) -> Notes:
    notes = Notes()
    for remark in document.remarks:
        notes.tolerate(remark.code, remark.field, remark.text)
    return notes


# --- draft → message ---


def finish(draft: Draft, index: int, form: str, notes: Notes, now: datetime) -> ParsedMessage:
    """The message that a draft becomes, or its rejection with every reason."""
    message = _message(draft, notes, now)
    extras = {"identifier": draft.identifier or "", "sender": draft.sender or ""}
    if notes.rejected:
        return ParsedMessage(index, form, Verdict.REJECT, notes.complaints, extras=extras)
    return ParsedMessage(index, form, notes.verdict, notes.complaints, message, extras=extras)


def _message(draft: Draft, notes: Notes, now: datetime) -> Message | None:
    identifier = _key(draft.identifier, "identifier", notes)
    sender = _key(draft.sender or _unit_as_sender(draft, notes), "sender", notes)
    sent = _sent(draft, notes, now)
    for name, value in (("status", draft.status), ("msgType", draft.msg_type)):
        if value is None:
            notes.reject("missing", name, say("is missing or unknown, and cannot be assumed"))
    if notes.rejected or sent is None or draft.status is None or draft.msg_type is None:
        return None
    message = Message(
        identifier=identifier,
        sender=sender,
        sent=sent,
        status=draft.status,
        msg_type=draft.msg_type,
        scope=draft.scope,
        source=draft.source,
        restriction=draft.restriction,
        addresses=draft.addresses,
        code=draft.code,
        note=draft.note,
        references=_others(draft.references, sender, identifier, notes),
        incidents=draft.incidents,
        infos=tuple(_levels_told(info) for info in draft.infos),
    )
    _note_gaps(message, notes)
    return message


def _levels_told(info: Info) -> Info:
    """Levels that CAP demands are Unknown where a feed has no word for them, never the least."""
    return replace(
        info,
        urgency=info.urgency or UNKNOWN_LEVEL,
        severity=info.severity or UNKNOWN_LEVEL,
        certainty=info.certainty or UNKNOWN_LEVEL,
    )


def _unit_as_sender(draft: Draft, notes: Notes) -> str | None:
    unit = unit_in(draft.identifier)
    if unit is not None:
        notes.tolerate("missing", "sender", say("is missing: the code of the unit was taken"))
    return unit


def _key(text: str | None, name: str, notes: Notes) -> str:
    if text is None:
        notes.reject("missing", name, say("is missing; every message has one"))
    elif len(text) > MAX_KEY_CHARACTERS:
        notes.reject("too-long", name, say("is longer than {count} characters", count=MAX_KEY_CHARACTERS))
    return text or ""


def _sent(draft: Draft, notes: Notes, now: datetime) -> datetime | None:
    sent = draft.sent or _entered_at(draft.identifier)
    if sent is None:
        told = say("is missing or cannot be read; every message has its time")
        notes.reject("missing", "sent", told)
        return None
    if draft.sent is None:
        notes.tolerate(
            "sent-from-identifier", "sent", say("is missing: the time in the identifier was taken")
        )
    if sent > now + MAX_FUTURE:
        value = sent.isoformat()
        told = say("“{value}” lies more than a day ahead: check the clock and the calendar", value=value)
        notes.reject("sent-in-future", "sent", told)
    return sent


def _others(
    references: Sequence[Reference], sender: str, identifier: str, notes: Notes
) -> tuple[Reference, ...]:
    """Each reference once, without one to the message itself (weather.com.cn has it on every first issue)."""
    others = tuple(dict.fromkeys(one for one in references if one.identifier != identifier))
    if len(others) < len(set(references)):
        told = say("the message refers to itself; that reference has no effect")
        notes.tolerate("self-reference", "references", told)
    # Without a sender the reference is to a message of the same unit: 12379 names identifiers only.
    unit = unit_in(identifier)
    return tuple(
        Reference(sender, one.identifier, one.sent)
        if not one.sender and unit is not None and unit_in(one.identifier) == unit
        else one
        for one in others
    )


def _note_gaps(message: Message, notes: Notes) -> None:
    infos = message.infos
    if message.msg_type in ("Update", "Cancel") and not message.references:
        told = say("is missing, which CAP demands for this kind of message")
        notes.tolerate("missing", "references", told)
    if infos and all(info.expires is None for info in infos):
        told = say("is absent: the warning is taken to hold for our own default time")
        notes.tolerate("no-expires", "expires", told)
    if any(info.expires is not None and info.expires <= message.sent for info in infos):
        notes.tolerate("expires-before-sent", "expires", say("is not after “sent”"))
    if infos and not any(info.areas for info in infos):
        told = say("names no area; the territory of the sender is meant")
        notes.tolerate("no-area", "area", told)


# --- what an identifier tells ---


def unit_in(identifier: str | None) -> str | None:
    """The 14 digits of the issuing unit in an identifier of the national platform."""
    found = _NATIONAL_IDENTIFIER.fullmatch(identifier or "")
    return found["unit"] if found else None


def _entered_at(identifier: str | None) -> datetime | None:
    found = _NATIONAL_IDENTIFIER.fullmatch(identifier or "")
    return read_feed_time(found["entered"]).moment if found else None


def area_of_unit(
    identifier: str | None, notes: Notes, description: str | None = None
) -> tuple[WarnedArea, ...]:
    """The territory of the issuing unit, for feeds that name no area: the first six digits."""
    found = _NATIONAL_IDENTIFIER.fullmatch(identifier or "")
    if found is None:
        return (WarnedArea(description),) if description else ()
    told = say(
        "names no area by code: the territory of the issuing unit ({code}) is meant", code=found["area"]
    )
    notes.tolerate("area-of-issuer", "area", told)
    return (WarnedArea(description, geocodes=(("adcode", found["area"]),)),)


# --- words ---


def cap_word(record: Record, name: str, allowed: tuple[str, ...]) -> str:
    """A level in the letters of CAP; Unknown where the feed says nothing or something else."""
    text = record.text(name)
    if text is None:
        return UNKNOWN_LEVEL
    value = {word.casefold(): word for word in allowed}.get(text.casefold())
    if value is None:
        told = say("“{value}” is unknown in CAP: read as unknown", value=text[:60])
        record.tolerate("unknown-value", name, told)
    return value or UNKNOWN_LEVEL


def cap_words(record: Record, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Several words in the letters of CAP; those that CAP does not know are told and left out."""
    words = {word.casefold(): word for word in allowed}
    for text in record.texts(name):
        if text.casefold() not in words:
            told = say("“{value}” is unknown in CAP: read as unknown", value=text[:60])
            record.tolerate("unknown-value", name, told)
    return tuple(words[text.casefold()] for text in record.texts(name) if text.casefold() in words)


def choice(record: Record, name: str, allowed: tuple[str, ...]) -> str | None:
    """One word in the letters of CAP; None where the feed says nothing or something else."""
    return {word.casefold(): word for word in allowed}.get((record.text(name) or "").casefold())


def language_of(*texts: str | None) -> str:
    """Feeds do not say their language: Chinese where there are Chinese characters, else English."""
    return CHINESE if _HAN.search("".join(text or "" for text in texts)) else ENGLISH


def paired(*pairs: tuple[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Names with their values, without those that have none."""
    return tuple((name, value) for name, value in pairs if value)
