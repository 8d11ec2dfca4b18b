"""The score of a warning or drill: who was woken within 3, 5 and 15 minutes, who was not, and why. Pure.

Each person's clock runs from the moment when they were to be called (`domain`: 5分钟内叫醒); who was only
in reserve and was never tried is not counted. A refusal ("cannot come") counts as woken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiaoying.dispatch.states import CallOutState
from jiaoying.kernel.areas import Level

# What counties ask for: five minutes, and three where people are in danger; fifteen is a duty desk's.
MARKS = tuple(timedelta(minutes=minutes) for minutes in (3, 5, 15))
# 到岗: feedback is expected so long after the answer, unless the ladder says otherwise.
FEEDBACK_WITHIN = timedelta(minutes=15)
CURVE_STEP = timedelta(seconds=30)
CURVE_STEPS = 30  # fifteen minutes


@dataclass(frozen=True, slots=True)
class ScoredPerson:
    """One person who was called, or should have been."""

    name: str
    labels: tuple[str, ...]
    level: Level
    township: str  # code
    township_name: str
    asked_at: datetime
    called_at: datetime | None  # the first hand-over
    woken_at: datetime | None
    reported_at: datetime | None  # the first feedback
    feedback_within: timedelta
    state: CallOutState
    reason: str | None

    @property
    def woken_after(self) -> timedelta | None:
        """How long after they were to be called they answered."""
        return self.woken_at - self.asked_at if self.woken_at else None

    @property
    def reported_in_time(self) -> bool:
        """Whether their first feedback came within its clock."""
        if self.woken_at is None or self.reported_at is None:
            return False
        return self.reported_at <= self.woken_at + self.feedback_within


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of some people."""

    people: int
    woken: int
    within: tuple[int, ...]  # by MARKS
    reported: int
    reported_in_time: int

    def percent(self, count: int) -> float | None:
        """A part of the people in percent; None of nobody."""
        return round(100 * count / self.people, 1) if self.people else None

    @property
    def percents(self) -> tuple[float | None, ...]:
        """The share woken within each of MARKS."""
        return tuple(self.percent(count) for count in self.within)


@dataclass(frozen=True, slots=True)
class Score:
    """Everything that a score's page and its sheet show."""

    total: Tally
    levels: Mapping[Level, Tally]
    townships: Mapping[str, tuple[str, Tally]]  # by code: name and figures
    not_woken: tuple[ScoredPerson, ...]
    first_call_after: timedelta | None  # from the arrival of the warning to the first hand-over
    slowest_call_after: timedelta | None  # of anybody, from when they were to be called
    curve: tuple[float, ...]  # percent woken after each CURVE_STEP


def score_of(people: Sequence[ScoredPerson], received_at: datetime) -> Score:
    """Score a warning that arrived at `received_at`."""
    levels = {level: [one for one in people if one.level is level] for level in reversed(Level)}
    townships: dict[str, list[ScoredPerson]] = {}
    for person in people:
        townships.setdefault(person.township, []).append(person)
    waits = [one.called_at - one.asked_at for one in people if one.called_at]
    first = min((one.called_at for one in people if one.called_at), default=None)
    return Score(
        total=tally(people),
        levels={level: tally(some) for level, some in levels.items() if some},
        townships={code: (some[0].township_name, tally(some)) for code, some in sorted(townships.items())},
        not_woken=tuple(
            sorted((one for one in people if one.woken_at is None), key=lambda one: (one.township, one.name))
        ),
        first_call_after=first - received_at if first else None,
        slowest_call_after=max(waits, default=None),
        curve=curve_of([after for one in people if (after := one.woken_after) is not None], len(people)),
    )


def tally(people: Iterable[ScoredPerson]) -> Tally:
    """The figures of these people."""
    some = list(people)
    waits = [after for one in some if (after := one.woken_after) is not None]
    return Tally(
        people=len(some),
        woken=len(waits),
        within=tuple(sum(wait <= mark for wait in waits) for mark in MARKS),
        reported=sum(one.reported_at is not None for one in some),
        reported_in_time=sum(one.reported_in_time for one in some),
    )


def curve_of(waits: Sequence[timedelta], people: int) -> tuple[float, ...]:
    """Percent of `people` woken after each half minute, from nought to fifteen minutes."""
    if not people:
        return ()
    steps = [CURVE_STEP * step for step in range(CURVE_STEPS + 1)]
    return tuple(round(100 * sum(wait <= step for wait in waits) / people, 1) for step in steps)
