"""The protocol between us and a carrier, and everything it may answer.

A gateway answers with a value, never with an exception for what its peer did. What it may have
sent is `Ambiguous`, and only reconciling settles that; see docs/adr for why nothing is repeated blindly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from jiaoying.kernel.budgets import UNLIMITED, NumberBudget


class Channel(StrEnum):
    SMS = "sms"
    VOICE = "voice"


class Scope(StrEnum):
    """Whom a refusal is about, and so who stops."""

    RECIPIENT = "recipient"  # this number; the person's next number or channel is tried
    CONTENT = "content"  # this text; our mistake
    SENDER = "sender"  # our number at the carrier
    ACCOUNT = "account"  # everything at this carrier: alarm


class NumberSign(StrEnum):
    """What a carrier's word says of the number itself."""

    NOT_IN_USE = "not_in_use"  # 空号
    SUSPENDED = "suspended"  # 停机
    OFF = "off"  # 关机, or without signal
    NOBODY = "nobody"  # it rang, or was busy, and nobody took it


class PickedUp(StrEnum):
    """Who took a call, as far as the carrier can tell. It is a guess: a key press is the only proof."""

    HUMAN = "human"
    MACHINE = "machine"  # an answering machine, or an assistant that speaks like one
    FAX = "fax"
    UNKNOWN = "unknown"  # the carrier listened and could not say


@dataclass(frozen=True, slots=True)
class HandOver:
    """One attempt, ready for the carrier. Its row is committed before this exists."""

    attempt_id: UUID
    channel: Channel
    number: str  # E.164
    text: str
    language: str  # BCP 47
    valid_for_s: int  # the carrier need not try longer than this
    demonstration: bool
    drill: bool = False  # of which no real telephone may ring


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier owns it now. Nothing is said about delivery."""

    ref: str


@dataclass(frozen=True, slots=True)
class Throttled:
    """Surely not processed; to be handed over again, not before `retry_after_s`."""

    code: str
    retry_after_s: float


@dataclass(frozen=True, slots=True)
class Refused:
    """Surely not sent, and the same request would be refused again."""

    scope: Scope
    code: str
    text: str
    sign: NumberSign | None = None


@dataclass(frozen=True, slots=True)
class Unreachable:
    """Surely not sent: no connection came about."""

    text: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """May have been sent."""

    text: str


Outcome = Accepted | Throttled | Refused | Unreachable | Ambiguous


@dataclass(frozen=True, slots=True)
class Found:
    """The carrier has it."""

    ref: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The carrier was asked and has no such hand-over (yet)."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The carrier could not be asked, or cannot tell one hand-over from another."""

    text: str


Reconciled = Found | NotFound | CannotTell


class ReportState(StrEnum):
    """What a carrier says became of a hand-over, in our words."""

    UNDER_WAY = "under_way"  # queued, sent, ringing, in progress
    DELIVERED = "delivered"  # text on the handset; call connected to its end (no proof of anything)
    FAILED = "failed"  # busy, no answer, switched off, refused, undeliverable


@dataclass(frozen=True, slots=True)
class Report:
    """A carrier's word about one hand-over; may be early, late, repeated or out of order."""

    ref: str
    state: ReportState
    code: str  # the carrier's own status or error code, for the record
    attempt_id: UUID | None = None
    # Of a failure: whom it is about (None: another try may do better), and why in a sentence.
    scope: Scope | None = None
    text: str = ""
    seconds: int | None = None  # how long a call was connected
    sign: NumberSign | None = None  # of a failure: what it says of the number
    picked_up_by: PickedUp | None = None  # of a call; None: the carrier did not say
    heard_whole: bool = False  # the whole message was played into the call, and no key came


@dataclass(frozen=True, slots=True)
class Reply:
    """A text that somebody sent us."""

    ref: str
    from_number: str
    to_number: str
    text: str


@dataclass(frozen=True, slots=True)
class KeyPress:
    """Keys pressed during one of our calls; empty when the menu was read and no key came.

    When they rang us, `ref` is their own call and `attempt_id` the attempt that was read to them.
    """

    ref: str
    digits: str
    from_number: str
    attempt_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """Somebody rings us."""

    ref: str
    from_number: str


Event = Report | Reply | KeyPress | IncomingCall


@dataclass(frozen=True, slots=True)
class Limits:
    """What one gateway may be asked at once, 0 is unlimited; and how often one number may be asked."""

    lines: int
    calls_per_s: float
    segments_per_s: float
    number_budget: NumberBudget = UNLIMITED


class Gateway(Protocol):
    """A carrier seen through our eyes."""

    @property
    def name(self) -> str: ...

    @property
    def limits(self) -> Limits: ...

    @property
    def live(self) -> bool:
        """Whether real telephones may ring. False only for a peer that proved to be our simulator."""
        ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def hand_over(self, item: HandOver) -> Outcome:
        """Give one attempt to the carrier. Never raises for what the peer does or fails to do."""
        ...

    async def reconcile(self, item: HandOver, since: datetime, known_refs: Sequence[str]) -> Reconciled:
        """Look at the carrier for a hand-over whose answer was never seen.

        `since` is the wall moment before the request left; `known_refs` are refs of other attempts
        to the same number, which are not taken for this one.
        """
        ...

    async def hang_up(self, ref: str) -> bool:
        """Stop a call or a queued text, as far as the carrier still can."""
        ...


def report_seconds(channel: Channel) -> int:
    """How long an accepted hand-over may stay silent before it counts as lost, in seconds.

    A call reports within ringing (45 s), two readings (60 s) and some queueing; a text within minutes
    on any network that is up (our own choice; no carrier promises a figure).
    """
    return {Channel.VOICE: 240, Channel.SMS: 900}[channel]


Params = Mapping[str, str]
