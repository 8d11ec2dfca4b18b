"""What a responsibility does next: wait, climb, be covered, be given up. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.ladders.model import Ladder, Rung, Stop
from jiaoying.dispatch.states import CallOutState, DoorState, ResponsibilityState

# What is waited for rings by itself; whoever misses the bell looks again after this.
GUARD_S = 120


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """One person asked for a responsibility: who, on which rung, and how it stands with them.

    `handed_over_at` is their first accepted hand-over on the channel that the rung's wait counts
    from (the call, where the rung has one), since the rung began.
    """

    who: UUID
    rung: int
    state: CallOutState
    handed_over_at: datetime | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk to somebody's door that a rung asked for: how it stands, and when it is looked at again.

    Who goes there answers for nothing by it. Whom they wake does.
    """

    rung: int
    state: DoorState
    handed_over_at: datetime | None
    next_at: datetime | None
    in_vain: bool = False  # they were there and found nobody, or no word came of them


@dataclass(frozen=True, slots=True)
class Standing:
    """A responsibility as far as the decision needs it. `rung` is -1 before the first.

    `turn_at` is when its turn comes at the latest; None where it is asked directly.
    """

    rung: int
    began_at: datetime | None
    deadline_at: datetime
    listed: bool
    turn_at: datetime | None = None
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


def next_step(
    standing: Standing,
    ladder: Ladder,
    people: Sequence[AskedPerson],
    now: datetime,
    *,
    walks: Sequence[Walk] = (),
    before: Sequence[ResponsibilityState] = (),
) -> Step:
    """Decide on one open responsibility at `now`.

    `before` are the responsibilities that it waits for where it is asked step by step; nobody there is
    nobody to wait for.
    """
    if _is_covered(ladder.stop, people):
        return Cover()
    if standing.rung < 0:
        return _first(standing, ladder, before, now)
    rung = ladder.rungs[standing.rung]
    asked = [person for person in people if person.rung == standing.rung]
    sent = [walk for walk in walks if walk.rung == standing.rung]
    reason = _reason_to_climb(rung, standing, asked, sent, now)
    if reason is None:
        return _wait(rung, standing, asked, sent, now)
    if standing.rung + 1 < len(ladder.rungs):
        return Climb(standing.rung + 1, reason)
    if any(person.state == CallOutState.OPEN for person in people) or any(map(_is_under_way, walks)):
        # Somebody is still being tried, or on the way; given up only when nobody is.
        until = _by_deadline(now + timedelta(seconds=GUARD_S), standing, now)
        return Wait(until, standing.began_at, "last_tries")
    return GiveUp(reason)


def is_overdue(standing: Standing, now: datetime, walks: Sequence[Walk] = ()) -> bool:
    """Whether it belongs on the officer's list from now on: late, or nobody was found at the door."""
    in_vain = any(walk.in_vain for walk in walks)
    return not standing.listed and (now >= standing.deadline_at or in_vain)


def is_turn(ladder: Ladder, turn_at: datetime | None, before: Sequence[ResponsibilityState]) -> bool:
    """Whether it may begin although its wait has not run out: those before it answered, or none is left who
    may."""
    if ladder.after is None or turn_at is None:
        return True
    return ResponsibilityState.COVERED in before or ResponsibilityState.OPEN not in before


def _first(
    standing: Standing, ladder: Ladder, before: Sequence[ResponsibilityState], now: datetime
) -> Climb | Wait:
    if standing.turn_at is not None and now < standing.turn_at:
        if not is_turn(ladder, standing.turn_at, before):
            return Wait(standing.turn_at, None, "waits_its_turn")
        return Climb(0, "its_turn")
    return Climb(0, "first_rung" if standing.turn_at is None else "turn_ran_out")


def _is_covered(stop: Stop, people: Sequence[AskedPerson]) -> bool:
    if stop.needed is not None:
        # Asked on two rungs, a person is still one.
        return len({person.who for person in people if person.state == CallOutState.ANSWERED}) >= stop.needed
    rungs = {person.rung for person in people}
    return any(
        all(person.state == CallOutState.ANSWERED for person in people if person.rung == rung)
        for rung in rungs
    )


def _is_under_way(walk: Walk) -> bool:
    return walk.state in (DoorState.OPEN, DoorState.TAKEN)


def _reason_to_climb(
    rung: Rung, standing: Standing, asked: Sequence[AskedPerson], sent: Sequence[Walk], now: datetime
) -> str | None:
    if standing.leave_rung == standing.rung:
        return "by_hand"
    if not asked and not sent:
        return "nobody_to_ask"
    if all(person.state != CallOutState.OPEN for person in asked) and not any(map(_is_under_way, sent)):
        return _why_nobody_is_left(asked, sent)
    if any(walk.state is DoorState.TAKEN for walk in sent):
        # Somebody is on the way: the walk has a clock of its own.
        return None
    wait_from = _wait_from(standing, asked, sent)
    if wait_from is not None and now >= wait_from + timedelta(seconds=rung.wait_s):
        return "wait_ran_out"
    return None


def _why_nobody_is_left(asked: Sequence[AskedPerson], sent: Sequence[Walk]) -> str:
    if any(walk.in_vain for walk in sent):
        return "door_in_vain"
    if any(person.state == CallOutState.ANSWERED for person in asked):
        return "more_needed"
    declined = bool(asked) and all(person.state == CallOutState.DECLINED for person in asked)
    return "declined" if declined and not sent else "not_reached"


def _wait_from(standing: Standing, asked: Sequence[AskedPerson], sent: Sequence[Walk]) -> datetime | None:
    """The first hand-over; one made before the rung began counts from the rung's own beginning."""
    moments = [one.handed_over_at for one in (*asked, *sent) if one.handed_over_at is not None]
    if not moments:
        return None
    first = min(moments)
    return max(first, standing.began_at) if standing.began_at else first


def _wait(
    rung: Rung, standing: Standing, asked: Sequence[AskedPerson], sent: Sequence[Walk], now: datetime
) -> Wait:
    wait_from = _wait_from(standing, asked, sent)
    ends = wait_from and wait_from + timedelta(seconds=rung.wait_s)
    if ends is not None and ends > now:
        until, reason = ends, "waiting_for_answer"
    elif wait_from is not None:
        until, reason = _next_of_walks(sent, now), "on_the_way"
    else:
        # The wait has not begun: whenever it does, it ends later than this.
        until, reason = now + timedelta(seconds=rung.wait_s), "still_in_queue"
    return Wait(_by_deadline(until, standing, now), wait_from, reason)


def _by_deadline(until: datetime, standing: Standing, now: datetime) -> datetime:
    """It is looked at when it belongs on the officer's list, whatever it waits for."""
    listed_later = not standing.listed and now < standing.deadline_at
    return min(until, standing.deadline_at) if listed_later else until


def _next_of_walks(sent: Sequence[Walk], now: datetime) -> datetime:
    moments = [walk.next_at for walk in sent if walk.next_at is not None and walk.next_at > now]
    return min(moments, default=now + timedelta(seconds=GUARD_S))
