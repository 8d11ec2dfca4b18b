"""Whether a text reports on a round of the daily dispatch (每日调度), and for which desk. Pure.

`无` and bare figures in the order of the questions are nothing else, whatever warning is open beside.
Everything else is the round's only where its message was the last that was read and no warning waits for an
answer; `1` and its like say that the message was got, and report nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.replies import READING_S, Candidate, Meaning, Understood, understand
from jiaoying.duty.daily.model import Form
from jiaoying.duty.daily.reading import Manner, Reading, read_reply, without_noughts

# A round may be reported on for so long.
ACCEPTED_FOR = timedelta(hours=24)
# What may be a report in other words; every other meaning is an answer of its own.
_MAYBE = (
    *(Meaning.NOT_UNDERSTOOD, Meaning.DANGER, Meaning.PLANNED, Meaning.MOVED, Meaning.MOVING),
    *(Meaning.SETTLED, Meaning.REPORTED, Meaning.ASK_TOTAL),
)


@dataclass(frozen=True, slots=True)
class DeskOfRound:
    """A desk that a number was asked for; `names` are what people call it, the place too."""

    id: UUID
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoundAsked:
    """A round as one number was asked in it. `reached_at`: its last message there; `reported`: all desks."""

    id: UUID
    name: str
    form: Form
    references: frozenset[str]
    desks: tuple[DeskOfRound, ...]
    call_out_ids: frozenset[UUID]
    reached_at: datetime | None
    reported: bool


@dataclass(frozen=True, slots=True)
class DailyAnswer:
    """What a text comes to for a round. Without desks it cannot be told which of several is meant."""

    round: RoundAsked
    desk_ids: tuple[UUID, ...]
    reading: Reading
    # Its words tell of no danger, but where they say that there is none: 险情0处.
    is_quiet: bool


def daily_answer(
    asked: Sequence[RoundAsked],
    candidates: Sequence[Candidate],
    understood: Understood,
    text: str,
    names: Sequence[str],
    at: datetime,
) -> DailyAnswer | None:
    """What a text said at `at` is to the rounds that its number was asked in; None where it is about none.

    `names` are those of the sender.
    """
    found = _round_meant(asked, candidates, understood.reference, at)
    if found is None:
        return None
    plain = text.replace(understood.reference or "\0", " ").replace(
        (understood.reference or "\0").lower(), " "
    )
    known = [*names, *(name for desk in found.desks for name in desk.names)]
    reading = read_reply(plain, found.form, known)
    # `12户 35人` is said to a warning just as well.
    is_plain = reading.manner is Manner.ZERO or (reading.manner is Manner.ORDERED and not understood.reports)
    certain = is_plain or understood.reference in found.references
    if understood.meaning not in _MAYBE and not is_plain:
        return None
    if not certain and not _is_last_read(found, candidates, at):
        return None
    is_quiet = understand(without_noughts(text, found.form)).meaning is not Meaning.DANGER
    return DailyAnswer(found, _desks_meant(found, reading, text), reading, is_quiet)


def _round_meant(
    asked: Sequence[RoundAsked], candidates: Sequence[Candidate], reference: str | None, at: datetime
) -> RoundAsked | None:
    """The one that a reference names; else the last that was read, those that wait before the others."""
    read = [one for one in asked if one.reached_at and one.reached_at + timedelta(seconds=READING_S) <= at]
    named = [one for one in read if reference in one.references]
    if not named and reference is not None and any(one.is_called(reference) for one in candidates):
        return None
    return max(named or read, key=lambda one: (not one.reported, one.reached_at or at), default=None)


def _is_last_read(found: RoundAsked, candidates: Sequence[Candidate], at: datetime) -> bool:
    """Whether nothing else can be meant: no warning waits, and none was read later. What is told by words is
    never said to a duty call."""
    others = [one for one in candidates if not one.is_duty]
    if any(one.open for one in others):
        return False
    later = (one.last_read(at) for one in others)
    return not any(moment and found.reached_at and moment > found.reached_at for moment in later)


def _desks_meant(found: RoundAsked, reading: Reading, text: str) -> tuple[UUID, ...]:
    """Whoever stands at several desks says which; that nothing happened may be said of all."""
    named = [desk.id for desk in found.desks if any(name in text for name in desk.names)]
    if len(found.desks) == 1 or (reading.manner is Manner.ZERO and not named):
        return tuple(desk.id for desk in found.desks)
    return tuple(named) if len(named) == 1 or reading.manner is Manner.ZERO else ()
