"""Nouns of a warning: the message as sent, and what the product makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.hazards import Hazard

# The format of what cannot be told apart.
UNKNOWN = "unknown"


class Kind(StrEnum):
    """What a warning does to those before it."""

    ALERT = "alert"
    UPDATE = "update"
    CANCEL = "cancel"
    ALL_CLEAR = "all-clear"


class Verdict(StrEnum):
    ACCEPT = "accept"
    ACCEPT_WITH_WARNINGS = "accept-with-warnings"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Reference:
    """A message that this one speaks of. `sent` often lies (China CAP): match by the other two."""

    sender: str
    identifier: str
    sent: datetime | None


@dataclass(frozen=True, slots=True)
class Circle:
    lat: float
    lon: float
    radius_km: float  # 0 is a point


@dataclass(frozen=True, slots=True)
class WarnedArea:
    """A CAP area: the union of its polygons, circles and geocodes."""

    description: str | None
    polygons: tuple[tuple[tuple[float, float], ...], ...] = ()  # (lat, lon), closed
    circles: tuple[Circle, ...] = ()
    geocodes: tuple[tuple[str, str], ...] = ()
    altitude: float | None = None
    ceiling: float | None = None


@dataclass(frozen=True, slots=True)
class Info:
    """A CAP info block. Texts are as sent, outer blanks off; absent is None."""

    language: str
    event: str | None
    category: tuple[str, ...] = ()
    response_type: tuple[str, ...] = ()
    urgency: str | None = None
    severity: str | None = None
    certainty: str | None = None
    audience: str | None = None
    event_code: tuple[tuple[str, str], ...] = ()
    effective: datetime | None = None
    onset: datetime | None = None
    expires: datetime | None = None
    sender_name: str | None = None
    headline: str | None = None
    description: str | None = None
    instruction: str | None = None
    web: str | None = None
    contact: str | None = None
    parameter: tuple[tuple[str, str], ...] = ()
    areas: tuple[WarnedArea, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was sent, in the words of CAP 1.2."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str | None
    source: str | None = None
    restriction: str | None = None
    addresses: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    note: str | None = None
    references: tuple[Reference, ...] = ()
    incidents: tuple[str, ...] = ()
    infos: tuple[Info, ...] = ()


@dataclass(frozen=True, slots=True)
class IssuedWarning:
    """What the product makes of a message: whom it is about, where, when and how grave.

    `valid_to` is the end of the hazard, by our policy (24 hours) where the sender gave none; it is always
    after `valid_from`. `polygons` are whole, closed, within ±180 and without holes (`geometry.py`): what the
    sender excludes is taken out already. The message keeps them as they were sent.
    """

    sender: str
    identifier: str
    kind: Kind
    exercise: bool
    hazard: Hazard
    event: str
    event_code: str | None
    colour: Colour | None
    sender_name: str | None
    headline: str
    text: str
    instruction: str | None
    area_names: str
    area_codes: tuple[str, ...]
    polygons: tuple[tuple[tuple[float, float], ...], ...]
    circles: tuple[Circle, ...]
    references: tuple[Reference, ...]
    sent_at: datetime
    valid_from: datetime
    valid_to: datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """Which words of a text led to which field: `words` stand at `start` to `end` (exclusive)."""

    field: str  # colour, hazard, areas, valid_from …
    words: str
    start: int
    end: int
    value: str  # what was made of them: red, rain, 140521000000, an RFC 3339 moment
    sure: bool


@dataclass(frozen=True, slots=True)
class Question:
    """What a text leaves open and the officer must settle: `晋城西北部` names no places.

    `choices` are values with the words that a person reads; empty where any answer is possible. Where a text
    puts places under several colours, a question about places is about one `colour` only.
    """

    field: str
    words: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    colour: Colour | None = None  # the one warning of several that it is about; None for all


@dataclass(frozen=True, slots=True)
class ByHand:
    """Who confirmed a warning that was written here, and how many people its preview counted.

    `second_person` is the rule that wants another person to confirm too (holding.SecondPerson), or None.
    """

    by: str
    people: int
    second_person: str | None
    real_phones: bool = False  # a drill that is to ring real telephones


@dataclass(frozen=True, slots=True)
class ParsedMessage:
    """One message found in a file: how well it read, and what came of it."""

    index: int
    format: str
    verdict: Verdict
    complaints: tuple[Complaint, ...]
    message: Message | None = None
    issued_warnings: tuple[IssuedWarning, ...] = ()
    # Why it must not call anybody although it is well formed (Test, Draft, System, Green, …).
    not_actionable: str | None = None
    extras: Mapping[str, str] = field(default_factory=dict[str, str])
    # Of free text only. With open questions nothing starts by itself: the officer settles them.
    evidence: tuple[Evidence, ...] = ()
    questions: tuple[Question, ...] = ()
