"""How moments, waits and numbers are written for a reader."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jiaoying.kernel.language import CHINESE, current_language, say

_DRILL_MARK = re.compile(r"^\s*[【\[](演练|drill|exercise)[】\]]\s*", re.IGNORECASE)


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """The local time to the second: `03:12:45`."""
    return f"{moment.astimezone(zone):%H:%M:%S}"


def time_ahead(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """What is to come: the time to the second today, with its day on any other day."""
    is_today = moment.astimezone(zone).date() == now.astimezone(zone).date()
    return clock_time(moment, zone) if is_today else day_time(moment, zone)


def full_time(moment: datetime, zone: ZoneInfo) -> str:
    """The local date and time to the second, as evidence is written: `2026-07-15 03:12:45`."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def day_time(moment: datetime, zone: ZoneInfo) -> str:
    """The local day and minute: `7月15日 03:12` or `15 Jul 03:12`."""
    local = moment.astimezone(zone)
    if current_language() == CHINESE:
        return f"{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%b %H:%M}"


def duration(span: timedelta | float) -> str:
    """A span in words to the second, days and hours first: `5分30秒`."""
    seconds = round(span.total_seconds() if isinstance(span, timedelta) else span)
    minutes, seconds = divmod(abs(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return say("{days} d {hours} h", days=hours // 24, hours=hours % 24)
    if hours:
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if minutes:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=seconds)
    return say("{seconds} s", seconds=seconds)


def countdown(until: datetime, now: datetime) -> str:
    """Time left as a clock, `04:59`; what is overdue begins with a plus: `+01:12`."""
    left = int((until - now).total_seconds())
    return ("+" if left < 0 else "") + _as_clock(abs(left))


def elapsed(since: datetime, now: datetime) -> str:
    """Time gone by as a clock: `12:07`."""
    return _as_clock(max(0, int((now - since).total_seconds())))


def milliseconds(moment: datetime) -> int:
    """For the script of the page: milliseconds since 1970."""
    return int(moment.timestamp() * 1000)


def plain_number(number: str) -> str:
    """A number as it is dialled here: Chinese numbers without the country code, extensions after a dash."""
    base, _, extension = number.partition(";ext=")
    base = base.removeprefix("+86")
    # A Chinese landline is dialled with the 0 that E.164 leaves out; a mobile has 11 digits and none.
    if number.startswith("+86") and len(base) < 11:
        base = f"0{base}"
    return f"{base}-{extension}" if extension else base


def _as_clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def without_drill_mark(headline: str) -> str:
    """A headline without the mark that the sender put before it: the page shows its own."""
    return _DRILL_MARK.sub("", headline, count=1)
