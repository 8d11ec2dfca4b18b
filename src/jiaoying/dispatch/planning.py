"""What a call-out does next: ring now, wait, or own up that the tries are spent. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.states import AttemptState
from jiaoying.gateways.base import Channel

# An open call-out is looked at again after this long even when nothing was heard of it.
GUARD_S = 120
# How long after the last text an answer is waited for before the person counts as not reached. Texts alone
# are for what may wait: the rung's own wait (30 minutes at the most in our ladders) runs out before this.
TEXT_GRACE_S = 1800
# Calls that have room again within this are waited for; past it the next person is asked meanwhile.
SHORT_WAIT_S = 120

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
    """A call-out as far as the decision needs it.

    `room_at` says of a channel and number when it can bear one more (dispatch.budget); where nothing is
    said, now. With `in_turn` each try takes the next channel, else all of them side by side.
    """

    id: UUID
    channels: tuple[Channel, ...]
    tries: int
    gap_s: int
    round: int
    numbers: tuple[Number, ...]
    attempts: tuple[PastAttempt, ...]
    in_turn: bool = False
    room_at: Mapping[tuple[Channel, str], datetime] = field(
        default_factory=dict[tuple[Channel, str], datetime]
    )


@dataclass(frozen=True, slots=True)
class PlannedAttempt:
    channel: Channel
    number: str


@dataclass(frozen=True, slots=True)
class Ring:
    """Begin round `round` with these attempts, all due now.

    `rest_at` is set where its calls have no room yet: they follow then, within the same round.
    """

    round: int
    attempts: tuple[PlannedAttempt, ...]
    rest_at: datetime | None = None
    spent_until: datetime | None = None

    @property
    def strongest(self) -> Channel:
        """The channel by which the round counts."""
        return _strongest(attempt.channel for attempt in self.attempts)


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Nothing to do before `at`."""

    at: datetime
    spent_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """Nothing more can be tried, for this reason."""

    reason: str


# `spent_until`: the budget of every number is spent for so long that the next person is asked meanwhile.
Plan = Ring | LookAgain | Spent


def next_round(call_out: OpenCallOut, now: datetime) -> Plan:
    """Decide on one open call-out at `now`."""
    usable = _usable_numbers(call_out)
    if not usable:
        return Spent(_why_unusable(call_out))
    if _is_under_way(call_out):
        return LookAgain(now + timedelta(seconds=GUARD_S))
    used = tries_used(call_out)
    if used >= call_out.tries:
        rest = _rest_until(call_out, max(call_out.gap_s, TEXT_GRACE_S if _waits_for_text(call_out) else 0))
        return LookAgain(rest) if rest and now < rest else Spent("no_answer")
    rest = _rest_until(call_out, call_out.gap_s)
    if rest and now < rest:
        return LookAgain(rest)
    resting = _resting_numbers(call_out, now)
    awake = tuple(number for number in usable if number.number not in resting)
    return _round(call_out, awake, used, now) if awake else LookAgain(min(resting.values()))


def _resting_numbers(call_out: OpenCallOut, now: datetime) -> dict[str, datetime]:
    """Numbers at which the whole message was heard just now, and until when they are left in peace."""
    return {
        attempt.number: until
        for attempt in call_out.attempts
        if attempt.heard_at and now < (until := attempt.heard_at + timedelta(seconds=HEARD_REST_S))
    }


def tries_used(call_out: OpenCallOut) -> int:
    """Rounds that left: one whose calls, or else whose texts, were all taken back comes again."""
    partly = {
        attempt.round
        for attempt in call_out.attempts
        if attempt.state is AttemptState.WITHDRAWN and attempt.round <= call_out.round
    }
    return call_out.round - sum(_was_taken_back(call_out, round_) for round_ in partly)


def _was_taken_back(call_out: OpenCallOut, round_: int) -> bool:
    of_round = [attempt for attempt in call_out.attempts if attempt.round == round_]
    strongest = _strongest(attempt.channel for attempt in of_round)
    return all(
        attempt.state is AttemptState.WITHDRAWN for attempt in of_round if attempt.channel is strongest
    )


def _strongest(channels: Iterable[Channel]) -> Channel:
    return Channel.VOICE if Channel.VOICE in set(channels) else Channel.SMS


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


def _is_under_way(call_out: OpenCallOut) -> bool:
    """Something waits for its hand-over, or rings: the end of a call decides about the next round.

    A text is not waited for once it is handed over, nor where its round still waits for its calls.
    """
    return any(
        (attempt.state in IN_FLIGHT and (attempt.round <= call_out.round or attempt.channel is Channel.VOICE))
        or (attempt.channel is Channel.VOICE and attempt.state is AttemptState.ACCEPTED)
        for attempt in call_out.attempts
    )


def _rest_until(call_out: OpenCallOut, gap_s: int) -> datetime | None:
    """When the pause after the last round that left is over; None before the first."""
    left = [
        attempt
        for attempt in call_out.attempts
        if attempt.round <= call_out.round and attempt.state is not AttemptState.WITHDRAWN
    ]
    last_round = max((attempt.round for attempt in left), default=0)
    last = [attempt.last_at for attempt in left if attempt.round == last_round]
    return max(last) + timedelta(seconds=gap_s) if last else None


def _round(call_out: OpenCallOut, usable: Sequence[Number], used: int, now: datetime) -> Plan:
    """What can go now goes; calls that have no room yet follow in the same round."""
    coming, wanted = _coming_round(call_out), _numbers_by_channel(call_out, usable, used)
    if not wanted:
        return Spent("no_number_for_channel")
    left_to_do = {channel: able for channel, able in wanted.items() if not _left(call_out, coming, channel)}
    if left_to_do:
        wanted = left_to_do
    else:
        # Its text went while the phone was taken, and no call of it can follow.
        rest = max(attempt.last_at for attempt in _left(call_out, coming)) + timedelta(seconds=call_out.gap_s)
        if now < rest:
            return LookAgain(rest)
        coming += 1
    rooms = {channel: _first_with_room(call_out, channel, able, now) for channel, able in wanted.items()}
    going = tuple(PlannedAttempt(channel, number) for channel, (number, at) in rooms.items() if at <= now)
    later = rooms[_strongest(rooms)][1]
    waits = later if later > now else None
    long = waits if waits and waits > now + timedelta(seconds=SHORT_WAIT_S) else None
    if going:
        return Ring(coming, going, waits, long)
    return LookAgain(min(at for _, at in rooms.values()), long)


def _coming_round(call_out: OpenCallOut) -> int:
    """The next one in which nothing was taken back."""
    taken_back = [item.round for item in call_out.attempts if item.state is AttemptState.WITHDRAWN]
    return max([call_out.round, *taken_back]) + 1


def _left(call_out: OpenCallOut, round_: int, channel: Channel | None = None) -> list[PastAttempt]:
    """What left in a round, by one channel or any."""
    return [
        attempt
        for attempt in call_out.attempts
        if attempt.round == round_
        and channel in (None, attempt.channel)
        and attempt.state is not AttemptState.WITHDRAWN
    ]


def _numbers_by_channel(
    call_out: OpenCallOut, usable: Sequence[Number], used: int
) -> dict[Channel, tuple[str, ...]]:
    """The channels of the coming try, each with its numbers, the one whose turn it is first.

    A text is sent only where none has arrived yet.
    """
    refused = {(attempt.channel, attempt.number) for attempt in call_out.attempts if attempt.refused_for_good}
    found: dict[Channel, tuple[str, ...]] = {}
    for channel in call_out.channels:
        able = [
            number
            for number in usable
            if channel in _channels_for(call_out, number) and (channel, number.number) not in refused
        ]
        if able and not (channel is Channel.SMS and _text_is_out(call_out)):
            found[channel] = _numbers_in_turn(able, used, call_out.tries)
    if call_out.in_turn and found:
        turn = _channel_in_turn(call_out, used, found)
        return {turn: found[turn]}
    return found


def _channel_in_turn(call_out: OpenCallOut, used: int, able: Collection[Channel]) -> Channel:
    """The channel of this try; one that cannot be used gives its turn to the next."""
    start = used % len(call_out.channels)
    turns = call_out.channels[start:] + call_out.channels[:start]
    return next(channel for channel in turns if channel in able)


def _first_with_room(
    call_out: OpenCallOut, channel: Channel, numbers: Sequence[str], now: datetime
) -> tuple[str, datetime]:
    """The number whose turn it is, or the next that has room; where none has, whichever has it first."""
    rooms = [(number, call_out.room_at.get((channel, number), now)) for number in numbers]
    return next((room for room in rooms if room[1] <= now), min(rooms, key=lambda room: room[1]))


def _numbers_in_turn(able: Sequence[Number], round_: int, tries: int) -> tuple[str, ...]:
    """The numbers in turn; a doubtful one has its turn in the last try only, where others are left.

    A mark may be wrong, so nobody's number is given up for it; nor may it cost a phone that works its tries.
    """
    sound = [number.number for number in able if not number.doubtful]
    doubtful = [number.number for number in able if number.doubtful]
    if not sound:
        return _turned(doubtful, round_)
    is_last_chance = round_ == tries - 1 and round_ >= len(sound)
    if doubtful and is_last_chance:
        return (*doubtful, *_turned(sound, round_))
    return (*_turned(sound, round_), *doubtful)


def _turned(numbers: Sequence[str], round_: int) -> tuple[str, ...]:
    start = round_ % len(numbers)
    return (*numbers[start:], *numbers[:start])


def _text_is_out(call_out: OpenCallOut) -> bool:
    """Texts repeat only in text-only ladders: beside calls, one that was taken on is enough."""
    if _texts_only(call_out):
        return False
    return any(
        attempt.channel is Channel.SMS and attempt.state in _TEXT_OUT | IN_FLIGHT
        for attempt in call_out.attempts
    )
