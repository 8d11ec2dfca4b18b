"""A moment of every month, by local time."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

_WRITTEN = re.compile(r"([0-9]{1,2}) +([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class MonthlyMoment:
    """`day` 1 to 28, so that every month has it; `hour` and `minute` by the clock on the wall."""

    day: int
    hour: int
    minute: int

    def __str__(self) -> str:
        return f"{self.day} {self.hour}:{self.minute:02d}"

    def last_before(self, now: datetime, zone: tzinfo) -> datetime:
        """The newest of these moments that is not after `now`, which has a zone."""
        local = now.astimezone(zone)
        this_month = local.replace(day=self.day, hour=self.hour, minute=self.minute, second=0, microsecond=0)
        if this_month <= local:
            return this_month
        return (this_month.replace(day=1) - timedelta(days=1)).replace(day=self.day)


def read_monthly(text: str) -> MonthlyMoment:
    """`1 10:00`: the first of the month, ten in the morning. Raises ValueError for anything else."""
    written = _WRITTEN.fullmatch(text.strip())
    if written is None:
        raise ValueError(text)
    day, hour, minute = (int(part) for part in written.groups())
    if not (1 <= day <= 28 and hour <= 23 and minute <= 59):
        raise ValueError(text)
    return MonthlyMoment(day, hour, minute)
