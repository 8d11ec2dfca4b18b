"""How strongly a desk is called about the clocks of one incident, decided from the clocks and `now`."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.duty.incidents.clocks import next_moment, step_due
from jiaoying.duty.incidents.model import KeptObligation, ObligationState, Reminder, Step


@dataclass(frozen=True, slots=True)
class Look:
    """What one clock wants now: a step to be told of (None: nothing yet), and when to look again."""

    owed: KeptObligation
    told: Step | None
    reached: Step | None
    next_at: datetime


def look_at(owed: KeptObligation, now: datetime) -> Look:
    """A step is told once; only what has run out is told again, until it is done or lifted."""
    come = step_due(owed.starts_at, owed.due_at, now)
    is_new = come is not None and (owed.step is None or come.rank > owed.step.rank)
    told = come if is_new or come is Step.OVERDUE else None
    reached = told or owed.step
    return Look(owed, told, reached, next_moment(owed.starts_at, owed.due_at, reached, now))


def strongest(looks: Collection[Look]) -> Step | None:
    """The step by which the desk is called for all of them at once: one ring, however many clocks."""
    steps = [look.told for look in looks if look.told is not None]
    return max(steps, key=lambda step: step.rank, default=None)


def to_be_ended(reminders: Sequence[Reminder], owed: Collection[KeptObligation]) -> list[Reminder]:
    """Calls that run, and of which each clock is done, lifted, or told of by a later call no milder."""
    is_open = {one.id for one in owed if one.state is ObligationState.OPEN}
    found: list[Reminder] = []
    for place, one in enumerate(reminders):
        later = reminders[place + 1 :]
        told: set[UUID] = set()
        for other in later:
            if other.step.rank >= one.step.rank:
                told.update(other.obligation_ids)
        if one.ended_at is None and is_open.intersection(one.obligation_ids) <= told:
            found.append(one)
    return found
