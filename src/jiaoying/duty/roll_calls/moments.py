"""When a plan holds its next roll call, and what a moment that was missed comes to. Pure."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jiaoying.duty.shift_times import moment_of
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

# A moment is made up for so long after it: after a stop of the service, or while a grave warning went before.
MADE_UP_WITHIN = timedelta(minutes=30)
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def read_clock(text: str, field: str) -> time:
    """`21:30`. Raises Refusal naming the field."""
    try:
        wall = time.fromisoformat(text.strip())
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None or wall.second or wall.microsecond:
        sentence = say("Write the time as hours and minutes, for example 21:30")
        raise Refusal(sentence, (Complaint("roll_call", field, sentence),))
    return wall


def next_moment(
    days: Sequence[int], begins: str, ends: str | None, after: datetime, zone: ZoneInfo, lot: float
) -> datetime:
    """The next moment of a plan that lies after `after`.

    `lot`, from 0 up to but not including 1, draws the minute within the hours of the plan. Where `after` lies
    within them the next day's hours come next: one roll call a night, wherever in it the first one fell.
    """
    first = after.astimezone(zone).date() - _DAY
    for number in range(10):
        day = first + number * _DAY
        if day.weekday() not in days:
            continue
        begin, minutes = _hours_of(day, begins, ends, zone)
        if begin > after:
            return begin + int(lot * minutes) * _MINUTE
    raise AssertionError("every plan has a day in a week")


def _hours_of(day: date, begins: str, ends: str | None, zone: ZoneInfo) -> tuple[datetime, int]:
    """When the hours of a plan begin on a day, and how many minutes they have."""
    wall = time.fromisoformat(begins)
    begin = moment_of(day, wall, zone)
    if ends is None:
        return begin, 1
    until = time.fromisoformat(ends)
    end = moment_of(day + _DAY if until <= wall else day, until, zone)
    return begin, max(1, (end - begin) // _MINUTE)
