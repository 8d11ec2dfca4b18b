"""What a call-out does next: ring now, wait, or own up that the tries are spent. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.states import AttemptState
from jiaoying.gateways.base import Channel

# An open call-out is looked at again after this long even when nothing was heard of it.
GUARD_S = 120
# How long after the last text an answer is waited for before the person counts as not reached. Texts alone
# are for what may wait: the rung's own wait (30 minutes at the most in our ladders) runs out before this.
TEXT_GRACE_S = 1800

# Who just heard the whole message is not rung again at once (product.md, "What counts").
HEARD_REST_S = 120

IN_FLIGHT = frozenset({AttemptState.DUE, AttemptState.SENDING})
_TEXT_OUT = frozenset({AttemptState.ACCEPTED, AttemptState.DELIVERED, AttemptState.ANSWERED})


@dataclass(frozen=True, slots=True)
class Number:
    """One of a person's numbers, in the order in which they are tried."""

    number: str
    takes_texts: bool
    doubtful: bool = False  # dead, suspended, or somebody else's, for all that is known


@dataclass(frozen=True, slots=True)
class PastAttempt:
    """An earlier attempt of the same call-out. `last_at` is when it last changed."""

    channel: Channel
    number: str
    state: AttemptState
    round: int
    last_at: datetime
    refused_for_good: bool  # the carrier says the number itself cannot be reached
    heard_at: datetime | None = None  # when a call had been heard to its end without a key


@dataclass(frozen=True, slots=True)
class OpenCallOut:
    """A call-out as far as the decision needs it."""

    id: UUID
    channels: tuple[Channel, ...]
    tries: int
    gap_s: int
    round: int
    numbers: tuple[Number, ...]
    attempts: tuple[PastAttempt, ...]


@dataclass(frozen=True, slots=True)
class PlannedAttempt:
    channel: Channel
    number: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Begin round `round` with these attempts, all due now."""

    round: int
    attempts: tuple[PlannedAttempt, ...]


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing to do before `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """Nothing more can be tried, for this reason."""

    reason: str


Plan = Ring | LookAgain | Spent


def next_round(call_out: OpenCallOut, now: datetime) -> Plan:
    """Decide on one open call-out at `now`."""
    usable = _usable_numbers(call_out)
    if not usable:
        return Spent(_why_unusable(call_out))
    if any(attempt.state in IN_FLIGHT for attempt in call_out.attempts):
        return LookAgain(now + timedelta(seconds=GUARD_S))
    if _is_ringing(call_out):
        return LookAgain(now + timedelta(seconds=GUARD_S))
    if call_out.round >= call_out.tries:
        rest = _rest_until(call_out, max(call_out.gap_s, TEXT_GRACE_S if _waits_for_text(call_out) else 0))
        return LookAgain(rest) if rest and now < rest else Spent("no_answer")
    rest = _rest_until(call_out, call_out.gap_s)
    if rest and now < rest:
        return LookAgain(rest)
    resting = _resting_numbers(call_out, now)
    awake = tuple(number for number in usable if number.number not in resting)
    if not awake:
        return LookAgain(min(resting.values()))
    attempts = _attempts_of_round(call_out, awake)
    return Ring(call_out.round + 1, attempts) if attempts else Spent("no_number_for_channel")


def _texts_only(call_out: OpenCallOut) -> bool:
    return call_out.channels == (Channel.SMS,)


def _waits_for_text(call_out: OpenCallOut) -> bool:
    return _texts_only(call_out) and any(attempt.state in _TEXT_OUT for attempt in call_out.attempts)


def _why_unusable(call_out: OpenCallOut) -> str:
    if not call_out.numbers:
        return "no_number"
    refused = any(attempt.refused_for_good for attempt in call_out.attempts)
    return "number_refused" if refused else "no_number_for_channel"


def _usable_numbers(call_out: OpenCallOut) -> tuple[Number, ...]:
    """Numbers left after what the carriers refused for good on every channel asked for."""
    refused = {(attempt.channel, attempt.number) for attempt in call_out.attempts if attempt.refused_for_good}
    return tuple(
        number
        for number in call_out.numbers
        if any((channel, number.number) not in refused for channel in _channels_for(call_out, number))
    )


def _channels_for(call_out: OpenCallOut, number: Number) -> tuple[Channel, ...]:
    return tuple(channel for channel in call_out.channels if channel is Channel.VOICE or number.takes_texts)


def _is_ringing(call_out: OpenCallOut) -> bool:
    """A call is with the carrier: its end decides about the next round. A text is not waited for."""
    return any(
        attempt.channel is Channel.VOICE and attempt.state is AttemptState.ACCEPTED
        for attempt in call_out.attempts
    )


def _rest_until(call_out: OpenCallOut, gap_s: int) -> datetime | None:
    """When the pause after the last round is over; None before the first."""
    last = [attempt.last_at for attempt in call_out.attempts if attempt.round == call_out.round]
    return max(last) + timedelta(seconds=gap_s) if last else None


def _resting_numbers(call_out: OpenCallOut, now: datetime) -> dict[str, datetime]:
    """Numbers at which the whole message was heard just now, and until when they are left in peace."""
    return {
        attempt.number: until
        for attempt in call_out.attempts
        if attempt.heard_at and now < (until := attempt.heard_at + timedelta(seconds=HEARD_REST_S))
    }


def _attempts_of_round(call_out: OpenCallOut, usable: Sequence[Number]) -> tuple[PlannedAttempt, ...]:
    """One attempt for each channel: the numbers in turn, and a text only where none has arrived yet."""
    refused = {(attempt.channel, attempt.number) for attempt in call_out.attempts if attempt.refused_for_good}
    planned: list[PlannedAttempt] = []
    for channel in call_out.channels:
        able = [
            number
            for number in usable
            if channel in _channels_for(call_out, number) and (channel, number.number) not in refused
        ]
        if able and not (channel is Channel.SMS and _text_is_out(call_out)):
            planned.append(PlannedAttempt(channel, _number_of_round(able, call_out.round, call_out.tries)))
    return tuple(planned)


def _number_of_round(able: Sequence[Number], round_: int, tries: int) -> str:
    """The numbers in turn; a doubtful one has its turn in the last try only, where others are left.

    A mark may be wrong, so nobody's number is given up for it; nor may it cost a phone that works its tries.
    """
    sound = [number for number in able if not number.doubtful]
    doubtful = [number for number in able if number.doubtful]
    if not sound:
        return doubtful[round_ % len(doubtful)].number
    is_last_chance = round_ == tries - 1 and round_ >= len(sound)
    return doubtful[0].number if doubtful and is_last_chance else sound[round_ % len(sound)].number


def _text_is_out(call_out: OpenCallOut) -> bool:
    """Texts repeat only in text-only ladders: beside calls, one that was taken on is enough."""
    if _texts_only(call_out):
        return False
    return any(attempt.channel is Channel.SMS and attempt.state in _TEXT_OUT for attempt in call_out.attempts)
