"""Which times of a duty are written ahead, and what each does next. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.duty.days import Calendar
from jiaoying.duty.routines.model import Occurrence, OccurrenceState, Routine
from jiaoying.duty.routines.rules import LONGEST_MOVE, MOST_REMIND_DAYS, Due, by_day, day_after, dues
from jiaoying.kernel.ids import new_id

AHEAD = timedelta(days=60)
# What was due while the machine stood still is written afterwards, and is late, as long back as this.
BEHIND = timedelta(days=100)
# Written somewhat further, so that whatever may be looked at is there before somebody is reminded of it.
_WRITTEN_AHEAD = AHEAD + timedelta(days=MOST_REMIND_DAYS)


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What becomes of the rows of one duty: those not begun follow its rule, the others stay."""

    added: tuple[Occurrence, ...]
    changed: tuple[Occurrence, ...]
    dropped: tuple[UUID, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.dropped)


def rewriting(
    routine: Routine,
    ahead: Iterable[Occurrence],
    begun_days: Collection[date],
    calendar: Calendar,
    zone: ZoneInfo,
    now: datetime,
) -> Rewriting:
    """What must be written so that the rows not begun (`ahead`) are those that the rule asks for.

    `begun_days` are days by the rule that have a row which somebody was reminded of, or which has ended: they
    are past changing. The rule may have changed, or the days of rest: a year's notice comes out late in the
    year before.
    """
    wanted = {due.day: due for due in _wanted(routine, calendar, zone, now) if due.day not in begun_days}
    kept = {occurrence.day: occurrence for occurrence in ahead}
    fitting = {day: _made(routine, wanted[day], kept[day].id) for day in kept.keys() & wanted.keys()}
    return Rewriting(
        added=tuple(_made(routine, due, new_id(now)) for day, due in wanted.items() if day not in kept),
        changed=tuple(made for day, made in sorted(fitting.items()) if made != kept[day]),
        dropped=tuple(one.id for day, one in sorted(kept.items()) if day not in wanted),
    )


def _wanted(routine: Routine, calendar: Calendar, zone: ZoneInfo, now: datetime) -> list[Due]:
    if routine.ended_at is not None:
        return []
    today = now.astimezone(zone).date()
    first = max(routine.counts_from - LONGEST_MOVE, today - BEHIND)
    return [
        due
        for due in dues(routine.rule, first, today + _WRITTEN_AHEAD, calendar, zone)
        if due.due_at > routine.changed_at and due.due_at.astimezone(zone).date() >= routine.counts_from
    ]


def _made(routine: Routine, due: Due, row_id: UUID) -> Occurrence:
    charge = routine.charge
    return Occurrence(
        id=row_id,
        routine_id=routine.id,
        day=due.day,
        due_at=due.due_at,
        title=charge.title,
        recipient=charge.recipient,
        note=charge.note,
        desk_id=charge.desk_id,
        owner_id=charge.owner_id,
        reminders=due.reminders,
        state=OccurrenceState.AHEAD,
        next_at=due.reminders[0],
    )


class Step(StrEnum):
    """What is done about an open one at its next moment."""

    REMIND = "remind"  # the owner, by text
    TELL_LATE = "tell_late"  # an alarm, and the owner is called, then the leader on duty
    ALARM_ALONE = "alarm_alone"  # the same in the night: the call waits for the morning
    CALL_LATE = "call_late"  # the call that waited
    REMIND_LATE = "remind_late"  # once a day as long as it is not done


@dataclass(frozen=True, slots=True)
class NextStep:
    """What is done now, and when something is to be done next."""

    step: Step
    next_at: datetime


def next_step(occurrence: Occurrence, *, was_called: bool, zone: ZoneInfo, now: datetime) -> NextStep:
    """What an open one does whose next moment has come; `was_called`: about its being late.

    Of reminders that fell together, as after a standstill, one is sent.
    """
    tomorrow = by_day(day_after(now, occurrence.reminders[0].astimezone(zone).time(), zone), zone)
    if now < occurrence.due_at:
        return NextStep(Step.REMIND, _first_after(now, (*occurrence.reminders, occurrence.due_at)))
    if was_called:
        return NextStep(Step.REMIND_LATE, tomorrow)
    morning = by_day(now, zone)
    is_told = occurrence.state is OccurrenceState.LATE
    if morning > now:
        return NextStep(Step.ALARM_ALONE, morning)
    return NextStep(Step.CALL_LATE if is_told else Step.TELL_LATE, tomorrow)


def reopened_at(occurrence: Occurrence, zone: ZoneInfo, now: datetime) -> datetime:
    """When something is to be done next about one that was noted as done by mistake."""
    if now >= occurrence.due_at:
        return by_day(now, zone)
    return _first_after(now, (*occurrence.reminders, occurrence.due_at))


def _first_after(now: datetime, moments: Sequence[datetime]) -> datetime:
    return min(moment for moment in moments if moment > now)
