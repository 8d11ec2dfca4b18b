"""What a responsibility does next: wait, climb, be covered, be given up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiaoying.dispatch.ladders.model import Ladder, Rung, Stop
from jiaoying.dispatch.states import CallOutState

# How often a rung whose people still stand in the queue is looked at again.
QUEUE_LOOK_S = 20


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """One person asked for a responsibility: on which rung, and how it stands with them.

    `handed_over_at` is their first accepted hand-over on the channel that the rung's wait counts
    from (the call, where the rung has one), since the rung began.
    """

    rung: int
    state: CallOutState
    handed_over_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A responsibility as far as the decision needs it. `rung` is -1 before the first."""

    rung: int
    began_at: datetime | None
    deadline_at: datetime
    listed: bool
    leave_rung: int | None = None  # an officer asked to go on from this rung


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`. `wait_from` is when the rung's wait began to run, if it has."""

    until: datetime
    wait_from: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Climb:
    """Begin rung `rung` now."""

    rung: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cover:
    """Somebody answered for it."""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The ladder has run out: it stays on the officer's list."""

    reason: str


Step = Wait | Climb | Cover | GiveUp


def next_step(standing: Standing, ladder: Ladder, people: Sequence[AskedPerson], now: datetime) -> Step:
    """Decide on one open responsibility at `now`."""
    if _is_covered(ladder.stop, standing.rung, people):
        return Cover()
    if standing.rung < 0:
        return Climb(0, "first_rung")
    rung = ladder.rungs[standing.rung]
    asked = [person for person in people if person.rung == standing.rung]
    reason = _reason_to_climb(rung, standing, asked, now)
    if reason is None:
        return _wait(rung, standing, asked, now)
    if standing.rung + 1 < len(ladder.rungs):
        return Climb(standing.rung + 1, reason)
    if any(person.state == CallOutState.OPEN for person in people):
        # Somebody is still being tried; given up only when nobody is.
        return Wait(now + timedelta(seconds=QUEUE_LOOK_S), standing.began_at, "last_tries")
    return GiveUp(reason)


def is_overdue(standing: Standing, now: datetime) -> bool:
    """Whether it belongs on the officer's list from now on."""
    return not standing.listed and now >= standing.deadline_at


def _is_covered(stop: Stop, rung: int, people: Sequence[AskedPerson]) -> bool:
    asked = people if stop.needed else [person for person in people if person.rung == rung]
    answered = sum(person.state == CallOutState.ANSWERED for person in asked)
    return bool(asked) and answered >= (stop.needed or len(asked))


def _reason_to_climb(
    rung: Rung, standing: Standing, asked: Sequence[AskedPerson], now: datetime
) -> str | None:
    if standing.leave_rung == standing.rung:
        return "by_hand"
    if not asked:
        return "nobody_to_ask"
    if all(person.state == CallOutState.DECLINED for person in asked):
        return "declined"
    if all(person.state != CallOutState.OPEN for person in asked):
        return "not_reached"
    wait_from = _wait_from(standing, asked)
    if wait_from is not None and now >= wait_from + timedelta(seconds=rung.wait_s):
        return "wait_ran_out"
    return None


def _wait_from(standing: Standing, asked: Sequence[AskedPerson]) -> datetime | None:
    """The first hand-over; one made before the rung began counts from the rung's own beginning."""
    moments = [person.handed_over_at for person in asked if person.handed_over_at is not None]
    if not moments:
        return None
    first = min(moments)
    return max(first, standing.began_at) if standing.began_at else first


def _wait(rung: Rung, standing: Standing, asked: Sequence[AskedPerson], now: datetime) -> Wait:
    wait_from = _wait_from(standing, asked)
    if wait_from is None:
        until, reason = now + timedelta(seconds=QUEUE_LOOK_S), "still_in_queue"
    else:
        until, reason = wait_from + timedelta(seconds=rung.wait_s), "waiting_for_answer"
    if not standing.listed and now < standing.deadline_at:
        until = min(until, standing.deadline_at)
    return Wait(until, wait_from, reason)
