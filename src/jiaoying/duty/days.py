"""Which days are workdays, weekends and holidays. Pure.

The days of rest that the State Council arranges each year (国务院办公厅关于部分节假日安排的通知), with the
weekends that are worked in exchange (调休), come from the library `holidays`. Before a year's notice is out
it knows the statutory days alone (全国年节及纪念日放假办法); `is_arranged` tells the two apart.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

import holidays

_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """How a day counts where duty is shared out fairly."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class HolidayRun:
    """Days of rest in a row around a holiday, weekends included: 春节 from the first to the last day off."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one country, by its ISO 3166 code; those of China in Chinese or in English."""

    country: str = "CN"
    in_english: bool = False
    _known: holidays.HolidayBase = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Raises NotImplementedError for a country that the library does not know."""
        of_china = "en_US" if self.in_english else "zh_CN"
        language = of_china if self.country == "CN" else None
        object.__setattr__(self, "_known", holidays.country_holidays(self.country, language=language))

    def kind(self, day: date) -> DayKind:
        if self._known.is_working_day(day):
            return DayKind.WORKDAY
        return DayKind.WEEKEND if self.run(day) is None else DayKind.HOLIDAY

    def name(self, day: date) -> str | None:
        """What the day is called, or why it is one of rest; None for an ordinary day."""
        return self._known.get(day)

    def run(self, day: date) -> HolidayRun | None:
        """The days of rest around a holiday that this day is one of."""
        if self._known.is_working_day(day):
            return None
        first, last = self._end(day, -_DAY), self._end(day, _DAY)
        days = (first + number * _DAY for number in range((last - first).days + 1))
        names = Counter(name for one in days if (name := self._known.get(one)))
        return HolidayRun(first, last, names.most_common(1)[0][0]) if names else None

    def is_arranged(self, year: int) -> bool:
        """Whether the notice with the year's exchanged weekends is known. Other countries exchange none."""
        self._known.get(date(year, 1, 1))  # the library fills a year when it is first asked for a day of it
        return self.country != "CN" or any(day.year == year for day in self._known.weekend_workdays)

    def _end(self, day: date, step: timedelta) -> date:
        while not self._known.is_working_day(day + step):
            day += step
        return day
