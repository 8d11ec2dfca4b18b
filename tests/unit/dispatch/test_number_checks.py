"""A check of numbers disturbs nobody and gives way to everything."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.ladders.model import Tier
from jiaoying.dispatch.matching import EXERCISE_PRIORITY, priority_of
from jiaoying.dispatch.number_checks import (
    ANSWERS_FOR,
    ASKED_A_MINUTE,
    CALM_FOR,
    CHECK_PRIORITY,
    DAY_BEGINS,
    DAY_ENDS,
    AskSome,
    CheckSituation,
    EndCheck,
    GiveWay,
    WaitUntil,
    minutes_for,
    next_step,
)
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.monthly import MonthlyMoment, read_monthly

ZONE = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 7, 15, 10, 0, tzinfo=ZONE)
BEGUN = CheckSituation(left=20, queued=0, last_asked_at=TEN, grave=False)


def test_a_few_are_asked_each_minute() -> None:
    assert next_step(BEGUN, TEN) == AskSome(ASKED_A_MINUTE)
    assert next_step(replace(BEGUN, left=3), TEN) == AskSome(3)
    assert next_step(replace(BEGUN, queued=15), TEN) == AskSome(5)
    assert next_step(replace(BEGUN, queued=20), TEN) == WaitUntil(TEN + timedelta(minutes=1))


@pytest.mark.parametrize(("hour", "waits_for"), [(3, (15, 9)), (8, (15, 9)), (18, (16, 9)), (23, (16, 9))])
def test_nobody_is_disturbed_early_or_late(hour: int, waits_for: tuple[int, int]) -> None:
    day, nine = waits_for
    assert next_step(BEGUN, TEN.replace(hour=hour)) == WaitUntil(TEN.replace(day=day, hour=nine))


def test_a_grave_warning_comes_first() -> None:
    assert next_step(replace(BEGUN, grave=True), TEN) == GiveWay(TEN + CALM_FOR)


def test_the_answers_are_counted_a_day_after_the_last_text() -> None:
    done = replace(BEGUN, left=0)
    assert next_step(done, TEN + timedelta(hours=3)) == WaitUntil(TEN + ANSWERS_FOR)
    assert next_step(done, TEN + ANSWERS_FOR) == EndCheck()


@given(
    st.builds(
        CheckSituation,
        left=st.integers(0, 20),
        queued=st.integers(0, 40),
        last_asked_at=st.just(TEN),
        grave=st.booleans(),
    ),
    st.integers(0, 3 * 24 * 60),
)
def test_whatever_comes_it_has_a_next_moment_or_an_end(check: CheckSituation, minute: int) -> None:
    local = TEN + timedelta(minutes=minute)
    step = next_step(check, local)
    if isinstance(step, WaitUntil | GiveWay):
        assert step.at > local
    if isinstance(step, AskSome):
        assert 0 < step.count <= check.left
        assert step.count + check.queued <= ASKED_A_MINUTE
        assert DAY_BEGINS <= local.time() < DAY_ENDS
        assert not check.grave


def test_it_stands_behind_everything_in_every_queue() -> None:
    last = max(priority_of(tier, colour, exercise=True) for tier in Tier for colour in (*Colour, None))
    assert CHECK_PRIORITY > last > EXERCISE_PRIORITY


def test_how_long_it_takes() -> None:
    assert (minutes_for(0), minutes_for(1), minutes_for(20), minutes_for(3000)) == (0, 1, 1, 150)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (TEN, TEN.replace(day=1)),
        (TEN.replace(day=1), TEN.replace(day=1)),
        (TEN.replace(day=1, hour=9), TEN.replace(month=6, day=1)),
        (TEN.replace(month=1, day=1, hour=3), TEN.replace(year=2025, month=12, day=1)),
    ],
)
def test_the_moment_of_the_month(now: datetime, last: datetime) -> None:
    assert MonthlyMoment(1, 10, 0).last_before(now, ZONE) == last


@pytest.mark.parametrize("text", ["", "10:00", "0 10:00", "29 10:00", "1 24:00", "1 9:60", "1 ten", "1 9"])
def test_what_is_no_moment_of_the_month(text: str) -> None:
    with pytest.raises(ValueError, match="^" + text):
        read_monthly(text)


def test_a_moment_is_written_as_it_is_read() -> None:
    assert str(read_monthly("28 9:05")) == "28 9:05"
