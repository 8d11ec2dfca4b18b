"""When the desk is reminded of a clock that runs out, and how strongly: decided from the clock and `now`.

Half of the time over: a text to the officer. A quarter left: the officer is rung. Run out: the leader is rung
too, with an alarm, and again every half hour until it is done or lifted. The first two come at least five
minutes before the end, so that of a short clock the stronger comes at once. Shares and minutes are ours.
"""

from datetime import datetime, timedelta

from jiaoying.duty.incidents.model import Step

LEAST_BEFORE = timedelta(minutes=5)
AGAIN_EVERY = timedelta(minutes=30)


def moment_of(step: Step, starts_at: datetime, due_at: datetime) -> datetime:
    """When a step of this clock is due."""
    limit = due_at - starts_at
    match step:
        case Step.REMINDED:
            return due_at - max(limit / 2, LEAST_BEFORE)
        case Step.PRESSED:
            return due_at - max(limit / 4, LEAST_BEFORE)
        case Step.OVERDUE:
            return due_at


def step_due(starts_at: datetime, due_at: datetime, now: datetime) -> Step | None:
    """The strongest step whose moment has come: after an outage the milder ones are not made up for."""
    come = [step for step in Step if moment_of(step, starts_at, due_at) <= now]
    return come[-1] if come else None


def next_moment(starts_at: datetime, due_at: datetime, reached: Step | None, now: datetime) -> datetime:
    """When to look again; an open clock always has such a moment."""
    if reached is Step.OVERDUE:
        return now + AGAIN_EVERY
    ahead = [step for step in Step if reached is None or step.rank > reached.rank]
    return min(moment_of(step, starts_at, due_at) for step in ahead)
