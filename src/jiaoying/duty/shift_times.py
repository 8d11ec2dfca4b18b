"""When the shifts of a desk begin and end, in local wall time. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ShiftTime:
    """One shift of a day; one that ends no later than it begins ends on the day after."""

    name: str
    begins: time
    ends: time

    @property
    def is_night(self) -> bool:
        """Whether midnight lies within it, or is its beginning."""
        return self.ends <= self.begins or self.begins == time(0)


# What counties keep: around the clock from half past eight, day and night, three shifts.
WHOLE_DAY = (ShiftTime("全天", time(8, 30), time(8, 30)),)
DAY_AND_NIGHT = (ShiftTime("白班", time(8), time(20)), ShiftTime("夜班", time(20), time(8)))
THREE_SHIFTS = (
    ShiftTime("早班", time(8), time(16)),
    ShiftTime("中班", time(16), time(0)),
    ShiftTime("夜班", time(0), time(8)),
)
READY_MADE = {"whole_day": WHOLE_DAY, "day_and_night": DAY_AND_NIGHT, "three_shifts": THREE_SHIFTS}


@dataclass(frozen=True, slots=True)
class Slot:
    """A shift that somebody must take: of which day, from when up to (exclusive) when."""

    day: date
    time: ShiftTime
    starts_at: datetime
    ends_at: datetime


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The moment of a local wall time.

    One that comes twice means the first. One that the clocks skip means the moment in which they skip it, so
    that shifts which follow each other on the wall follow each other in truth.
    """
    wall = datetime.combine(day, at)
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return _change_between(after, before, zone) if after < before else before


def _change_between(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The first moment with the offset of `late`; the clocks are changed once after `early`."""
    offset = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late


def slots(times: Sequence[ShiftTime], zone: ZoneInfo, first: date, last: date) -> Iterator[Slot]:
    """Every shift that begins on the days from `first` to `last`, in order.

    A shift lasts from one wall time to the other: on the days of a change of clocks an hour more or less.
    """
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        for shift in sorted(times, key=lambda each: each.begins):
            ends_on = day + _DAY if shift.ends <= shift.begins else day
            starts_at, ends_at = moment_of(day, shift.begins, zone), moment_of(ends_on, shift.ends, zone)
            if starts_at < ends_at:
                yield Slot(day, shift, starts_at, ends_at)


def uncovered(times: Sequence[ShiftTime]) -> list[tuple[time, time]]:
    """The parts of a day that no shift covers, as (from, to); `to` may lie on the day after."""
    return [(before, after) for before, after, gap in _seams(times) if gap > timedelta()]


def overlapping(times: Sequence[ShiftTime]) -> list[time]:
    """The beginnings of shifts that begin before the one before them has ended."""
    return [after for _, after, gap in _seams(times) if gap < timedelta()]


def _seams(times: Sequence[ShiftTime]) -> Iterator[tuple[time, time, timedelta]]:
    """From the end of each shift to the beginning of the next, round the clock: (end, beginning, gap)."""
    ordered = sorted(times, key=lambda each: each.begins)
    for number, shift in enumerate(ordered):
        following = ordered[(number + 1) % len(ordered)]
        begins = _of_midnight(following.begins) + (_DAY if number + 1 == len(ordered) else timedelta())
        ends = _of_midnight(shift.ends) + (_DAY if shift.ends <= shift.begins else timedelta())
        yield shift.ends, following.begins, begins - ends


def _of_midnight(at: time) -> timedelta:
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
