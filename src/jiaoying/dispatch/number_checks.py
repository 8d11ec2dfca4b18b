"""What a check of numbers (号码核查) does next: ask a few, wait, give way, end. Pure.

Friendly texts by day, a few a minute, behind everything else in every queue. It plans no more than what the
next minute sends, so that little is queued when a grave warning comes, and nothing is lost when it is taken
back: who has not been asked is a question to the attempts.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

# Behind drills, which stand behind everything real (matching.EXERCISE_PRIORITY).
CHECK_PRIORITY = 1000
# Whose number was verified since then is left in peace.
VERIFIED_FOR = timedelta(days=25)
ASKED_A_MINUTE = 20
MINUTE = timedelta(minutes=1)
# Nobody is disturbed outside of these, by local time.
DAY_BEGINS, DAY_ENDS = time(9), time(18)
# While a grave warning runs, and for so long after it.
CALM_FOR = timedelta(minutes=10)
# After the last text, before the answers are counted.
ANSWERS_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CheckSituation:
    """How a running check stands. `left` are numbers not asked yet, as far as they fit into a minute."""

    left: int
    queued: int  # texts of it that have not left
    last_asked_at: datetime
    grave: bool  # a real orange or red warning runs


@dataclass(frozen=True, slots=True)
class AskSome:
    """Text so many numbers over the next minute."""

    count: int


@dataclass(frozen=True, slots=True)
class GiveWay:
    """Take back what is queued, and look again at `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class WaitUntil:
    at: datetime


@dataclass(frozen=True, slots=True)
class EndCheck:
    """Everybody was asked and had time to answer."""


CheckStep = AskSome | GiveWay | WaitUntil | EndCheck


def next_step(check: CheckSituation, local: datetime) -> CheckStep:
    """Decide on a running check; `local` is now, in local time."""
    if check.grave:
        return GiveWay(local + CALM_FOR)
    if check.left:
        begins = next_daytime(local)
        if begins > local:
            return WaitUntil(begins)
        room = ASKED_A_MINUTE - check.queued
        return AskSome(min(check.left, room)) if room > 0 else WaitUntil(local + MINUTE)
    answers_until = check.last_asked_at + ANSWERS_FOR
    return WaitUntil(answers_until) if local < answers_until else EndCheck()


def next_daytime(local: datetime) -> datetime:
    """`local` itself by day, else the next morning, in local time."""
    begins = local.replace(hour=DAY_BEGINS.hour, minute=0, second=0, microsecond=0)
    if local.time() >= DAY_ENDS:
        return begins + timedelta(days=1)
    return max(local, begins)


def end_of_day(local: datetime) -> datetime:
    """When the texts of a day are not worth sending any more."""
    return local.replace(hour=DAY_ENDS.hour, minute=0, second=0, microsecond=0)


def minutes_for(numbers: int) -> int:
    """How many minutes of daytime so many numbers take."""
    return -(-numbers // ASKED_A_MINUTE)
