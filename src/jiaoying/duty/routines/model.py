"""Nouns of periodic duties (定期任务): the duty by its rule, and each time that it is due."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.duty.routines.rules import Rule


@dataclass(frozen=True, slots=True)
class Charge:
    """What is to be done, to whom it goes (报送单位), and who sees to it: a person, or whoever is on duty
    as officer at the desk. The desk's leader is called when it is late."""

    title: str
    recipient: str
    note: str
    desk_id: UUID
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Routine:
    """A duty that comes again. It is due from `counts_from` on, and never before it was last changed."""

    id: UUID
    charge: Charge
    rule: Rule
    suggestion: str | None  # the ready-made one that it came from
    counts_from: date
    changed_at: datetime
    created_by: str
    ended_at: datetime | None


class OccurrenceState(StrEnum):
    """How one time stands. The first three are open, and have a next moment."""

    AHEAD = "ahead"  # nobody was reminded of it yet
    REMINDED = "reminded"
    LATE = "late"  # past its time, and not done
    DONE = "done"
    SKIPPED = "skipped"  # not to be done this time, with a reason


OPEN = (OccurrenceState.AHEAD, OccurrenceState.REMINDED, OccurrenceState.LATE)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a duty is due, as it was when somebody was first reminded of it."""

    id: UUID
    routine_id: UUID
    day: date  # by the rule, before it was moved off days of rest
    due_at: datetime
    title: str
    recipient: str
    note: str
    desk_id: UUID
    owner_id: UUID | None
    reminders: tuple[datetime, ...]
    state: OccurrenceState
    next_at: datetime | None
    begun_at: datetime | None = None
    reopened_at: datetime | None = None  # what was answered before counts no more
    received_at: datetime | None = None  # somebody has read a reminder, and said no more
    received_by: UUID | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None  # as the ledger names them
    ended_how: str | None = None  # hand, reply
    reported_by: UUID | None = None  # who replied that it is done
    remark: str = ""  # what was noted with it; the reason of one that was skipped

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def was_late(self) -> bool:
        """Done, and after its time."""
        return (
            self.state is OccurrenceState.DONE and self.ended_at is not None and self.ended_at > self.due_at
        )


class Outcome(StrEnum):
    """How one time came out, as the table of a year counts it."""

    IN_TIME = "in_time"
    LATE = "late"
    MISSED = "missed"  # its time has passed, and it is not done
    SKIPPED = "skipped"
    TO_COME = "to_come"


def outcome_of(occurrence: Occurrence, now: datetime) -> Outcome:
    """How it came out by now."""
    match occurrence.state:
        case OccurrenceState.DONE:
            return Outcome.LATE if occurrence.was_late else Outcome.IN_TIME
        case OccurrenceState.SKIPPED:
            return Outcome.SKIPPED
        case _:
            return Outcome.MISSED if occurrence.due_at < now else Outcome.TO_COME
