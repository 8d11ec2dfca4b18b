"""What a roll call does next: begin, give way, be called off, go on, end. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiaoying.duty.roll_calls.model import RollCall, Seen
from jiaoying.duty.roll_calls.moments import MADE_UP_WITHIN

LOOK_AGAIN = timedelta(minutes=1)
# Looked at every second: what is seen so long after the limit was not looked at when it came.
STOPPED_FOR = timedelta(seconds=30)
GRAVE, MISSED = "grave_warning", "missed"


@dataclass(frozen=True, slots=True)
class Begin:
    """Call the desks now."""


@dataclass(frozen=True, slots=True)
class GiveWay:
    """A grave warning runs: look again at `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CallOff:
    """Its moment is over; nobody was called."""

    reason: str


@dataclass(frozen=True, slots=True)
class GoOn:
    """Desks are still being called."""


@dataclass(frozen=True, slots=True)
class GiveTime:
    """The service did not run when the limit came: the desks have their time again, up to `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class End:
    """Keep what was seen. `reason` where it ends before everybody answered or the limit came."""

    reason: str | None = None


def step_of_waiting(call: RollCall, now: datetime, *, grave: bool) -> Begin | GiveWay | CallOff:
    """What a roll call that has not begun does at `now`, when its moment has come."""
    latest = call.planned_at + MADE_UP_WITHIN
    if now > latest:
        return CallOff(GRAVE if call.postponed_at else MISSED)
    if grave:
        return GiveWay(min(now + LOOK_AGAIN, latest + timedelta(seconds=1)))
    return Begin()


def step_of_running(
    call: RollCall, seen: Sequence[Seen], now: datetime, *, grave: bool
) -> GoOn | GiveTime | End:
    """What a roll call does whose desks are being called; what is complete ends as such, whatever else runs.

    One that an officer ended has its reason already (`actions.end_early`).
    """
    if call.reason:
        return End(call.reason)
    if all(one.outcome for one in seen):
        return End()
    if grave:
        return End(GRAVE)
    if call.ends_at is None or now < call.ends_at:
        return GoOn()
    # Who was not rung for as long as was promised is not called silent.
    until = now + call.terms.limit
    if now - call.ends_at > STOPPED_FOR and until <= latest_end(call):
        return GiveTime(until)
    return End()


def latest_end(call: RollCall) -> datetime:
    """When it is over whatever happens."""
    return (call.started_at or call.planned_at) + call.terms.limit + MADE_UP_WITHIN
