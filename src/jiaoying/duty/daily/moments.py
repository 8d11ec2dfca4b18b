"""When a plan asks next. Pure."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from jiaoying.duty.daily.model import PlanFields
from jiaoying.duty.shift_times import moment_of

# An hour that was missed by a stop of the service is made up for so long.
MADE_UP_WITHIN = timedelta(minutes=30)


def next_moment(fields: PlanFields, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first hour of the plan that lies after `after`; None where all are over."""
    return next((at for at in _moments(fields, after, zone) if at > after), None)


def _moments(fields: PlanFields, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    first = max(fields.first, after.astimezone(zone).date())
    for number in range((fields.last - first).days + 1):
        for hour in fields.hours:
            yield moment_of(first + timedelta(days=number), time.fromisoformat(hour), zone)
