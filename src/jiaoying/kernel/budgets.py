"""How often one number may be called or texted: so many times within any stretch of so long."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_UNITS_S = {"s": 1, "min": 60, "h": 3600, "d": 86_400}
_ALLOWANCE = re.compile(r"(\d+)/(\d*)(s|min|h|d)")
_CHANNELS = ("voice", "sms")
LONGEST_S = 7 * 86_400
MOST_TIMES = 10_000


@dataclass(frozen=True, slots=True, order=True)
class Allowance:
    """At most `times` within any `seconds`, however the stretch lies."""

    seconds: int
    times: int

    def __str__(self) -> str:
        unit = next(name for name, length in reversed(_UNITS_S.items()) if self.seconds % length == 0)
        count = self.seconds // _UNITS_S[unit]
        return f"{self.times}/{'' if count == 1 else count}{unit}"


@dataclass(frozen=True, slots=True)
class NumberBudget:
    """The allowances of each channel (`voice`, `sms`), the shortest first; no entry is no limit."""

    allowances: Mapping[str, tuple[Allowance, ...]] = field(default_factory=dict[str, tuple[Allowance, ...]])

    def of(self, channel: str) -> tuple[Allowance, ...]:
        """What one number may be asked to bear on a channel."""
        return self.allowances.get(channel, ())

    @property
    def longest_s(self) -> int:
        """How far back must be looked to know what is left; 0 where nothing is limited."""
        return max((item.seconds for some in self.allowances.values() for item in some), default=0)

    def __str__(self) -> str:
        written = (f"{name} {' '.join(map(str, some))}" for name, some in self.allowances.items())
        return "; ".join(written) or "none"


UNLIMITED = NumberBudget()


def read_budget(value: str) -> NumberBudget:
    """`voice 1/min 5/h 20/d; sms 10/h 50/d`, or `none`. Raises ValueError for anything else."""
    if value.strip().casefold() == "none":
        return UNLIMITED
    found: dict[str, tuple[Allowance, ...]] = {}
    for clause in filter(None, map(str.strip, value.casefold().split(";"))):
        channel, *words = clause.split()
        if channel not in _CHANNELS or channel in found or not words:
            raise ValueError(value)
        found[channel] = tuple(sorted(_allowance(word) for word in words))
    if not found:
        raise ValueError(value)
    return NumberBudget(found)


def _allowance(word: str) -> Allowance:
    parts = _ALLOWANCE.fullmatch(word)
    if parts is None:
        raise ValueError(word)
    times, seconds = int(parts[1]), int(parts[2] or 1) * _UNITS_S[parts[3]]
    if not 1 <= times <= MOST_TIMES or not 1 <= seconds <= LONGEST_S:
        raise ValueError(word)
    return Allowance(seconds, times)


# Aliyun's limits to one called number, failed calls counted; texts as Baidu and Aliyun have them
# (domain notes 4.1). Who has a better contract says so.
USUAL_BUDGET = read_budget("voice 1/min 5/h 20/d; sms 10/h 50/d")
