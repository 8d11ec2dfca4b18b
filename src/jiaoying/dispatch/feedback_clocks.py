"""When whoever answered reports what was done, and what follows where nothing comes (ADR 0033). Pure.

A clock runs for each stage that the ladder of a duty asks for. Not reported in time, the person is asked
once by text; still nothing, and the officer sees it in red. Nobody is called again for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.ladders.model import FeedbackClock, Who
from jiaoying.dispatch.reports import Reported
from jiaoying.kernel.areas import Level, ancestors_of, covers, level_of
from jiaoying.kernel.transitions import Table

# From the text that asks to the red line: time to read it and to write a word.
ASKED_FOR_S = 300


class ClockState(StrEnum):
    RUNNING = "running"
    ASKED = "asked"
    MISSED = "missed"  # in red before the officer
    REPORTED = "reported"
    OVER = "over"  # nobody need report any more


class ClockEvent(StrEnum):
    ASK = "ask"
    MISS = "miss"
    REPORT = "report"
    END = "end"


_STILL_OPEN = (ClockState.RUNNING, ClockState.ASKED, ClockState.MISSED)
CLOCK = Table(
    "feedback clock",
    {
        (ClockState.RUNNING, ClockEvent.ASK): ClockState.ASKED,
        # Nobody who takes texts: the officer has it at once.
        (ClockState.RUNNING, ClockEvent.MISS): ClockState.MISSED,
        (ClockState.ASKED, ClockEvent.MISS): ClockState.MISSED,
        **{(state, ClockEvent.REPORT): ClockState.REPORTED for state in _STILL_OPEN},
        **{(state, ClockEvent.END): ClockState.OVER for state in _STILL_OPEN},
    },
    frozenset(
        {
            (ClockState.ASKED, ClockEvent.ASK),
            (ClockState.MISSED, ClockEvent.ASK),
            (ClockState.MISSED, ClockEvent.MISS),
            *((ClockState.REPORTED, event) for event in ClockEvent),
            *((ClockState.OVER, event) for event in ClockEvent),
        }
    ),
)

_WORKERS = (Who.HOLDER, Who.DEPUTY, Who.POST, Who.PERSON)
_ORDER = tuple(FeedbackStage)
# What is true of the place, whoever of its people says it.
OF_THE_PLACE = frozenset(
    {FeedbackStage.MOVING, FeedbackStage.MOVED, FeedbackStage.SETTLED, FeedbackStage.ENDED}
)


@dataclass(frozen=True, slots=True)
class Duty:
    """What one person was called for: a place, in a role, with the clocks of its frozen ladder."""

    call_out_id: UUID
    responsibility_id: UUID
    role: Who
    area_code: str
    of_desk: bool  # the duty is a desk's own
    stands: bool  # not withdrawn
    clocks: tuple[FeedbackClock, ...]

    @property
    def is_work(self) -> bool:
        """Whether the person acts there, and does not only answer for somebody else who should."""
        return self.stands and (self.role in _WORKERS or (self.role is Who.DESK and self.of_desk))


def clocks_after_answer(duties: Iterable[Duty], answered_at: datetime) -> dict[FeedbackStage, datetime]:
    """When which stage is due from somebody who answered; of two clocks for one stage the earlier."""
    due: dict[FeedbackStage, datetime] = {}
    for clock in (clock for duty in duties if duty.is_work for clock in duty.clocks):
        at = answered_at + timedelta(seconds=clock.within_s)
        due[clock.stage] = min(at, due.get(clock.stage, at))
    return due


def meets(report: Reported, stage: FeedbackStage) -> bool:
    """Whether a report is what the clock of `stage` waits for: that stage, or one further on."""
    if report.stage is FeedbackStage.DANGER:
        return stage in (FeedbackStage.ON_POST, FeedbackStage.PATROL)  # seen on the spot
    if report.stage is FeedbackStage.MOVING and report.people == 0:
        return stage is not FeedbackStage.ENDED  # nobody there has to move
    return _ORDER.index(report.stage) >= _ORDER.index(stage)


def booked_on(duties: Sequence[Duty]) -> str | None:
    """The place whose figures a report of somebody with these duties is: the narrowest that holds them all.

    Who answers for one village reports for it; who answers for two, without saying which, for their
    township: to book it on both would count it twice. None without any duty.
    """
    codes = {duty.area_code for duty in duties if duty.is_work} or {duty.area_code for duty in duties}
    return narrowest_of(codes)


def narrowest_of(codes: Iterable[str]) -> str | None:
    """The smallest division that holds all of these."""
    first, *others = sorted(set(codes)) or [None]
    if first is None:
        return None
    above = (first, *ancestors_of(first))
    return next((code for code in above if all(covers(code, other) for other in others if other)), None)


def is_village(code: str) -> bool:
    """Whether a code names a village, and not a place that holds villages."""
    return level_of(code) is Level.VILLAGE
