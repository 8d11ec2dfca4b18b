"""When two messages that came by different roads speak of one warning. Pure.

Feeds carry one another's warnings: the national system, its CAP mirror, web pages, vendors. Their bytes,
senders and texts differ. What they have in common is the identifier of the national system, and where a
vendor gives its own, at most the words.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jiaoying.kernel.areas import covers
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.model import IssuedWarning

# GB/T 35965.1-2018: code of the unit, moment of entry, and a number where one moment holds several.
_NATIONAL = re.compile(r"[0-9]{14}_[0-9]{14}(_[0-9]+)?")
# Two roads of one warning tell its moment this much apart (some give whole minutes); two issues of one
# office are further apart than that.
MOMENTS_APART = timedelta(minutes=10)
_ISSUER = re.compile(
    r"^(?:[0-9年月日时分:：\s-]+)?(?P<issuer>[^，。,;；]{2,40}?)(?:继续|联合|[将把][^，。]{0,40}?)?"
    r"(?:发布|更新|变更|升级|降级|解除)"
)
# Blanks, and the moment that many headlines give between the office and its verb.
_NOT_OFFICE = re.compile(r"\s+|[0-9]+[年月日号时点分:：-]?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says of a warning, as far as two can be compared."""

    hazard: Hazard
    colour: Colour | None
    area_codes: tuple[str, ...]
    has_lines: bool
    headline: str
    sender_name: str | None
    text: str
    instruction: str | None
    event_code: str | None
    sent_at: datetime


def reading_of(issued: IssuedWarning) -> Reading:
    """What a warning says, for comparison."""
    return Reading(
        issued.hazard,
        issued.colour,
        issued.area_codes,
        bool(issued.polygons or issued.circles),
        issued.headline,
        issued.sender_name,
        issued.text,
        issued.instruction,
        issued.event_code,
        issued.sent_at,
    )


class Second(StrEnum):
    """What a second reading of one warning is, beside the first."""

    SAME = "same"  # nothing more to be done than to note by which road it came too
    MORE = "more"  # graver, or of places that the first does not name: followed like an update
    DISAGREES = "disagrees"  # milder, or of another hazard: the first stands, and the officer looks


def is_national(identifier: str) -> bool:
    """Whether an identifier is that of the national system: one warning, whoever hands it on."""
    return _NATIONAL.fullmatch(identifier) is not None


def compare(first: Reading, second: Reading) -> Second:
    """How a second reading stands to the first of the same identifier.

    What one of them could not tell (no colour, hazard unknown) is no disagreement.
    """
    if first.hazard != second.hazard and Hazard.OTHER not in (first.hazard, second.hazard):
        return Second.DISAGREES
    if first.colour and second.colour and first.colour != second.colour:
        return Second.MORE if second.colour.rank > first.colour.rank else Second.DISAGREES
    return Second.MORE if added_places(first, second) else Second.SAME


def added_places(first: Reading, second: Reading) -> tuple[str, ...]:
    """Codes of the second that the first says nothing of.

    A code that only names a wider area around one of the first is a vaguer reading, not a further place:
    a list that knows no more than the county must not call the county beside the villages.
    """
    if not first.area_codes and first.has_lines:
        return ()
    return tuple(
        code
        for code in second.area_codes
        if not any(covers(known, code) or covers(code, known) for known in first.area_codes)
    )


def completed(first: Reading, second: Reading) -> dict[str, str]:
    """What the second reading tells and the first left out, by column; nothing is ever overwritten."""
    pairs = {
        "text": (first.text, second.text),
        "instruction": (first.instruction, second.instruction),
        "event_code": (first.event_code, second.event_code),
        "sender_name": (first.sender_name, second.sender_name),
    }
    return {name: told for name, (known, told) in pairs.items() if told and not known}


def is_possible_twin(first: Reading, second: Reading) -> bool:
    """Whether two warnings with identifiers of their own agree in issuer, hazard, colour, area and moment."""
    return (
        first.hazard == second.hazard
        and first.colour == second.colour
        and bool(first.area_codes)
        and set(first.area_codes) == set(second.area_codes)
        and abs(first.sent_at - second.sent_at) <= MOMENTS_APART
        and is_same_issuer(first, second)
    )


def is_same_issuer(first: Reading, second: Reading) -> bool:
    """By the words before 发布: 山西省晋城市沁水县气象台 and 沁水县气象台 are one office."""
    one, other = issuer_of(first), issuer_of(second)
    return bool(one and other) and (one.endswith(other) or other.endswith(one))


def issuer_of(reading: Reading) -> str:
    """Who issued it: in the headline, else as the sender names itself; empty where neither tells."""
    found = _ISSUER.match(reading.headline.strip())
    return _NOT_OFFICE.sub("", found["issuer"] if found else reading.sender_name or "")


def overlap(first: Collection[str], second: Collection[str]) -> bool:
    """Whether two areas touch; an area that is not known may be anywhere."""
    if not first or not second:
        return True
    return any(covers(one, other) or covers(other, one) for one in first for other in second)


def union_of(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes once each, in their order."""
    return tuple(dict.fromkeys(codes))
