"""On which days a periodic duty is due, and when somebody is reminded of it. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from jiaoying.duty.days import Calendar, DayKind
from jiaoying.duty.shift_times import moment_of
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.plain_data import DataReader

WHOLE_YEAR = tuple(range(1, 13))
MOST_REMIND_DAYS = 30
# No holidays in China have ever been this long in a row: a day is moved off them by less.
LONGEST_MOVE = timedelta(days=15)
# Nobody is called about a table in the night.
CALLS_FROM, CALLS_UNTIL = time(7), time(22)
_DAY = timedelta(days=1)
# Within this every rule is due once at least: once a year, moved by the longest move.
_LOOK_AHEAD = timedelta(days=366) + LONGEST_MOVE


class Every(StrEnum):
    """What a rule repeats."""

    WEEK = "week"  # on a weekday
    MONTH = "month"  # on a day of the month
    LAST_WORKDAY = "last_workday"  # of the month


class Moved(StrEnum):
    """Where a day goes that is one of rest."""

    STAYS = "stays"
    EARLIER = "earlier"  # the last workday before it
    LATER = "later"  # the first workday after it


@dataclass(frozen=True, slots=True)
class Rule:
    """When a duty is due, in local wall time.

    `day` is the weekday (1 Monday to 7 Sunday), or the day of the month: in a month that is shorter, its last
    day. `months` are those that count: all of them, the last of each quarter, one in the year; every week
    counts. Reminders come `remind_days` before the day that is due, on the day before it, and on it.
    """

    every: Every
    day: int
    at: time
    months: tuple[int, ...] = WHOLE_YEAR
    moved: Moved = Moved.STAYS
    remind_days: int = 3
    remind_at: time = time(9)


@dataclass(frozen=True, slots=True)
class Due:
    """One time that a duty is due: `day` by its rule, `due_at` after it was moved off days of rest."""

    day: date
    due_at: datetime
    reminders: tuple[datetime, ...]


def dues(rule: Rule, first: date, last: date, calendar: Calendar, zone: ZoneInfo) -> Iterator[Due]:
    """Every time that it is due on the days from `first` to `last` by its rule, in order."""
    for day in _days_by_rule(rule, first, last, calendar):
        on = _moved(day, rule.moved, calendar)
        yield Due(day, moment_of(on, rule.at, zone), reminders(rule, on, zone))


def next_due(rule: Rule, after: datetime, calendar: Calendar, zone: ZoneInfo) -> Due:
    """The next time that it is due after a moment."""
    today = after.astimezone(zone).date()
    coming = dues(rule, today - LONGEST_MOVE, today + _LOOK_AHEAD, calendar, zone)
    return next(due for due in coming if due.due_at > after)


def reminders(rule: Rule, on: date, zone: ZoneInfo) -> tuple[datetime, ...]:
    """The moments at which the owner is reminded of what is due `on` a day, each before it is due; where a
    change of the clocks leaves no room before it, that moment itself."""
    due_at = moment_of(on, rule.at, zone)
    wanted = {before for before in (rule.remind_days, 1, 0) if before <= rule.remind_days}
    moments = (moment_of(on - before * _DAY, rule.remind_at, zone) for before in wanted)
    return tuple(sorted(moment for moment in moments if moment < due_at)) or (due_at,)


def by_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment itself, or, where it lies in the night, the next at which people may be called."""
    local = moment.astimezone(zone)
    if local.time() < CALLS_FROM:
        return moment_of(local.date(), CALLS_FROM, zone)
    if local.time() >= CALLS_UNTIL:
        return moment_of(local.date() + _DAY, CALLS_FROM, zone)
    return moment


def day_after(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """On the next day at this time of day."""
    return moment_of(moment.astimezone(zone).date() + _DAY, at, zone)


def _days_by_rule(rule: Rule, first: date, last: date, calendar: Calendar) -> Iterator[date]:
    if rule.every is Every.WEEK:
        day = first + (rule.day - first.isoweekday()) % 7 * _DAY
        while day <= last:
            yield day
            day += 7 * _DAY
        return
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        if month in rule.months and first <= (day := _day_in(rule, year, month, calendar)) <= last:
            yield day
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def _day_in(rule: Rule, year: int, month: int, calendar: Calendar) -> date:
    length = monthrange(year, month)[1]
    if rule.every is Every.LAST_WORKDAY:
        return _moved(date(year, month, length), Moved.EARLIER, calendar)
    return date(year, month, min(rule.day, length))


def _moved(day: date, moved: Moved, calendar: Calendar) -> date:
    step = {Moved.STAYS: 0, Moved.EARLIER: -1, Moved.LATER: 1}[moved] * _DAY
    while step and calendar.kind(day) is not DayKind.WORKDAY:
        day += step
    return day


# --- as it is kept and typed ---


def rule_as_data(rule: Rule) -> dict[str, object]:
    """The rule as plain data, times as `17:00`."""
    times = {"at": f"{rule.at:%H:%M}", "remind_at": f"{rule.remind_at:%H:%M}"}
    return {**asdict(rule), "months": list(rule.months), **times}


def rule_from_data(raw: object) -> Rule:
    """A rule from a JSON column, or as a page sent it. Raises Refusal naming each field that is wrong."""
    reader = DataReader("routine")
    data = reader.mapping(raw, "rule")
    every = reader.word(Every, data.get("every"), "every")
    moved = reader.word(Moved, data.get("moved"), "moved")
    day = reader.number(data.get("day"), "day", 1, 7 if every is Every.WEEK else 31)
    items = reader.items(data.get("months"), "months")
    months = {month for item in items if (month := reader.number(item, "months", 1, 12))}
    if not items:
        reader.complain("months", say("choose at least one month"))
    at, remind_at = (_clock(reader, data.get(key), key) for key in ("at", "remind_at"))
    remind_days = reader.number(data.get("remind_days"), "remind_days", 0, MOST_REMIND_DAYS)
    if remind_days == 0 and at and remind_at and remind_at >= at:
        reader.complain("remind_at", say("the reminder must come before it is due"))
    if (
        reader.complaints
        or not (every and moved and day and months)
        or at is None
        or remind_at is None
        or remind_days is None
    ):
        text = "; ".join(complaint.text for complaint in reader.complaints)
        raise Refusal(say("The rule cannot be used: {text}", text=text), tuple(reader.complaints))
    return Rule(every, day, at, tuple(sorted(months)), moved, remind_days, remind_at)


def _clock(reader: DataReader, raw: object, at: str) -> time | None:
    """Hours and minutes: seconds that somebody typed count for nothing."""
    read = reader.time(raw, at)
    return read and read.replace(second=0, microsecond=0, tzinfo=None)
