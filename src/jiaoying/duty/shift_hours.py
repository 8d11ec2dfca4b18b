"""The hours of a shift as they stand on a sheet: “08:30—次日08:30”. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jiaoying.duty.shift_times import moment_of

_MIDNIGHT = time(0)
_NOON = 12
_CLOCK = r"(\d{1,2})\s*[:：时点]\s*(?:(\d{1,2})(?:[:：](\d{2}))?\s*分?)?"
_LATER = r"(次日|翌日|第二天|第二日|第三日|第三天|第\s*\d\s*[日天])?"
_RANGE = re.compile(
    rf"[(（\[【]?\s*(?:当日|当天)?\s*(早上?|上午|下午|晚上?|夜间)?\s*{_CLOCK}\s*(?:[-‐-―－~～〜]+|至|到)\s*{_LATER}\s*{_CLOCK}\s*[)）\]】]?"
)
_AFTER_NOON = ("下午", "晚", "晚上", "夜间")
_NEXT_DAY = ("次日", "翌日", "第二天", "第二日")
_DAY_AFTER = ("第三日", "第三天")


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From one wall time to another, `days_on` days later."""

    begins: time
    ends: time
    days_on: int = 0


def hours_between(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Hours:
    """The wall times of a shift."""
    begins, ends = starts_at.astimezone(zone), ends_at.astimezone(zone)
    return Hours(begins.time(), ends.time(), (ends.date() - begins.date()).days)


def moments_of(day: date, hours: Hours, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From when to when they last where they begin on a day."""
    ends_on = day + timedelta(days=hours.days_on)
    return moment_of(day, hours.begins, zone), moment_of(ends_on, hours.ends, zone)


def hours_text(hours: Hours) -> str:
    """As they are written on a sheet; the midnight at which a day ends is 24:00."""
    if hours.ends == _MIDNIGHT and hours.days_on == 1:
        return f"{clock_text(hours.begins)}—24:00"
    later = {0: "", 1: "次日"}.get(hours.days_on, f"第{hours.days_on + 1}日")
    return f"{clock_text(hours.begins)}—{later}{clock_text(hours.ends)}"


def clock_text(at: time) -> str:
    """`08:30`; seconds only where there are any."""
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def take_hours(text: str) -> tuple[Hours | None, str]:
    """The last hours that a text tells, in whatever hand, and the text without them."""
    *_, found = [None, *_RANGE.finditer(text)]
    hours = None if found is None else _read(found)
    if found is None or hours is None:
        return None, text
    return hours, text[: found.start()] + text[found.end() :]


def _read(found: re.Match[str]) -> Hours | None:
    part_of_day, begin, later, end = found[1], found.groups()[1:4], found[5], found.groups()[5:]
    try:
        begins, _ = _time(begin)
        ends, past = _time(end)
    except ValueError:
        return None
    if part_of_day in _AFTER_NOON and begins.hour < _NOON:
        return None  # “下午2:00—6:00”: not guessed at
    if later is None:
        return Hours(begins, ends, past or int(ends <= begins))
    return Hours(begins, ends, _days_on(later) + past)


def _days_on(later: str) -> int:
    if later in _NEXT_DAY:
        return 1
    return 2 if later in _DAY_AFTER else int(re.sub(r"\D", "", later)) - 1


def _time(parts: tuple[str | None, ...]) -> tuple[time, int]:
    """A wall time, and 1 where it is the midnight at the end of the day. Raises ValueError."""
    hour, minute, second = (int(part or 0) for part in parts)
    if (hour, minute, second) == (24, 0, 0):
        return _MIDNIGHT, 1
    return time(hour, minute, second), 0
