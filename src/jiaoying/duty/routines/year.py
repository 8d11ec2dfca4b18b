"""The table of a year: each duty, when it was due, and how it came out. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty.routines.model import Occurrence, Outcome, outcome_of

# Counted in this order; what is to come counts for nothing yet.
COUNTED = (Outcome.IN_TIME, Outcome.LATE, Outcome.MISSED, Outcome.SKIPPED)


@dataclass(frozen=True, slots=True)
class Mark:
    """One time in the table: on which day it was due, how it came out, and when it was done."""

    due_on: date
    outcome: Outcome
    done_on: date | None


@dataclass(frozen=True, slots=True)
class YearRow:
    """One duty through a year, by month; named as it was last."""

    routine_id: UUID
    title: str
    recipient: str
    owner: str
    months: Mapping[int, Sequence[Mark]]
    counts: Mapping[Outcome, int]


def year_rows(
    occurrences: Iterable[Occurrence], owners: Mapping[UUID, str], zone: ZoneInfo, now: datetime
) -> list[YearRow]:
    """The rows of a year from its occurrences, in the order in which duties were first due.

    `owners` are the names of people and desks: of one without an owner the desk's.
    """
    by_routine: dict[UUID, list[Occurrence]] = {}
    for occurrence in occurrences:
        by_routine.setdefault(occurrence.routine_id, []).append(occurrence)
    return [_row(found, owners, zone, now) for found in by_routine.values()]


def _row(found: Sequence[Occurrence], owners: Mapping[UUID, str], zone: ZoneInfo, now: datetime) -> YearRow:
    months: dict[int, list[Mark]] = {}
    for occurrence in found:
        mark = _mark(occurrence, zone, now)
        months.setdefault(mark.due_on.month, []).append(mark)
    last = found[-1]
    counts = Counter(mark.outcome for marks in months.values() for mark in marks)
    return YearRow(
        last.routine_id,
        last.title,
        last.recipient,
        owners.get(last.owner_id or last.desk_id, "–"),
        months,
        {outcome: counts[outcome] for outcome in COUNTED},
    )


def _mark(occurrence: Occurrence, zone: ZoneInfo, now: datetime) -> Mark:
    outcome = outcome_of(occurrence, now)
    is_done = outcome in (Outcome.IN_TIME, Outcome.LATE)
    ended = occurrence.ended_at.astimezone(zone).date() if occurrence.ended_at and is_done else None
    return Mark(occurrence.due_at.astimezone(zone).date(), outcome, ended)
