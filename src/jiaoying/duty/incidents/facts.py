"""What somebody typed into a report, read: each fact checked, and a sentence for each that is wrong.

A field that is empty says nothing. In a continued report that means: as it was.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from jiaoying.duty.incidents.model import (
    COUNTS,
    SHORT_TEXTS,
    Fact,
    FactValue,
    Grade,
    IncidentKind,
)
from jiaoying.duty.shift_times import moment_of
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say

MAX_SHORT = 100
MAX_LONG = 2000
MOST_COUNTED = 9_999_999
# Nobody is told today of something older; a slip of the year is caught.
OLDEST = timedelta(days=366)
_LOSS = re.compile(r"\d{1,8}(\.\d{1,4})?")
_COUNT = re.compile(r"\d{1,7}")

Typed = Mapping[str, str]


def read_facts(typed: Typed, now: datetime, zone: ZoneInfo) -> tuple[dict[Fact, FactValue], list[Complaint]]:
    """Every fact that something was written for, and a complaint for each that cannot be read."""
    found: dict[Fact, FactValue] = {}
    complaints: list[Complaint] = []
    for fact in Fact:
        text = typed.get(fact, "").strip()
        if not text:
            continue
        value = _read(fact, text, now, zone)
        if isinstance(value, Complaint):
            complaints.append(value)
        else:
            found[fact] = value
    return found, complaints


def missing_in_first(found: Mapping[Fact, FactValue], complaints: list[Complaint]) -> list[Complaint]:
    """What a first report cannot do without: what happened, where, and who says so."""
    named = {complaint.field for complaint in complaints}
    needed = {
        Fact.TITLE: say("Write what happened, as a short name"),
        Fact.SOURCE: say("Write who told of it"),
        Fact.PLACE: say("Write where it happened"),
    }
    return [_wrong(fact, text) for fact, text in needed.items() if fact not in found and fact not in named]


def read_moment(text: str, field: str, now: datetime, zone: ZoneInfo) -> datetime | Complaint:
    """A local time as a form gives it (`2026-08-07T03:12:45`), to the second, not ahead and not long ago."""
    try:
        wall = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
        moment = moment_of(wall.date(), wall.time(), zone)
    except (ValueError, OverflowError):
        return _wrong(field, say("Write the time as 2026-08-07 03:12:45"))
    if moment > now:
        return _wrong(field, say("This time lies ahead"))
    if moment < now - OLDEST:
        return _wrong(field, say("This time lies more than a year back"))
    return moment


def _read(fact: Fact, text: str, now: datetime, zone: ZoneInfo) -> FactValue | Complaint:
    match fact:
        case Fact.HAPPENED_AT:
            moment = read_moment(text, fact, now, zone)
            return moment if isinstance(moment, Complaint) else moment.astimezone(UTC).isoformat()
        case Fact.AREA:
            return text if is_area_code(text) else _wrong(fact, say("Write the place"))
        case Fact.KIND:
            return text if text in set(IncidentKind) else _wrong(fact, say("Choose what happened"))
        case Fact.GRADE:
            return text if text in set(Grade) else _wrong(fact, say("Choose how grave it is"))
        case Fact.LOSS:
            return _loss(text)
        case _ if fact in COUNTS:
            return int(text) if _COUNT.fullmatch(text) else _wrong(fact, say("Write a whole number"))
        case _:
            return _text(fact, text)


def _loss(text: str) -> FactValue | Complaint:
    if not _LOSS.fullmatch(text):
        return _wrong(Fact.LOSS, say("Write the loss in ten thousands of yuan, for example 12.5"))
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def _text(fact: Fact, text: str) -> FactValue | Complaint:
    most = MAX_SHORT if fact in SHORT_TEXTS else MAX_LONG
    if len(text) > most:
        return _wrong(fact, say("Shorten this to {count} signs", count=most))
    return text.replace("\r\n", "\n")


def _wrong(field: str, text: str) -> Complaint:
    return Complaint("incident", field, text)
