"""When a plan of the daily dispatch asks, and what a round does next."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.daily.model import READY_MADE, PlanFields, Round, RoundState, checked_plan, read_hours
from jiaoying.duty.daily.moments import next_moment
from jiaoying.duty.daily.steps import Chase, Close, GoOn, closes_after_chase, next_step
from jiaoying.kernel.errors import Refusal

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 7)
PLAN = PlanFields("国庆每日调度", FIRST, LAST, ("09:00", "17:00"), READY_MADE["holiday"], "140521000000")
NOW = datetime(2026, 10, 1, 9, tzinfo=ZONE).astimezone(UTC)
ROUND = Round(
    UUID(int=1),
    UUID(int=2),
    PLAN.name,
    NOW,
    PLAN.form,
    RoundState.ASKING,
    NOW,
    NOW + PLAN.limit,
    NOW + PLAN.closes,
    NOW + PLAN.limit,
    None,
    None,
    None,
)


def test_every_hour_of_every_day_comes_once_and_then_nothing() -> None:
    at: datetime | None = datetime(2026, 9, 1, tzinfo=UTC)
    found: list[str] = []
    while at := next_moment(PLAN, at, ZONE):
        found.append(f"{at.astimezone(ZONE):%d %H:%M}")
    assert found == [f"{day:02d} {hour}" for day in range(1, 8) for hour in PLAN.hours]


@given(st.sampled_from([RoundState.ASKING, RoundState.CHASING]), st.integers(0, 12), st.integers(0, 400))
def test_nobody_is_told_of_as_missing_who_was_not_rung(state: RoundState, missing: int, minutes: int) -> None:
    now = NOW + timedelta(minutes=minutes)
    found = replace(ROUND, state=state)
    step = next_step(found, missing, now)
    if not missing:
        assert step == Close()
    elif state is RoundState.ASKING:
        assert step == (Chase() if now >= ROUND.limit_at else GoOn())
        assert closes_after_chase(found, now) >= now + (PLAN.closes - PLAN.limit)
    else:
        assert step == (Close() if now >= ROUND.closes_at else GoOn())


def test_hours_are_read_as_people_write_them() -> None:
    assert read_hours("9:00，17：30、21:00") == ("09:00", "17:30", "21:00")
    with pytest.raises(Refusal, match="25:00"):
        read_hours("25:00")


def test_each_wrong_field_is_named() -> None:
    wrong = PlanFields(" ", LAST, FIRST, (), PLAN.form, "", limit=timedelta(hours=9), closes=timedelta(0))
    with pytest.raises(Refusal) as refused:
        checked_plan(wrong, FIRST)
    fields = [complaint.field for complaint in refused.value.complaints]
    assert fields == ["name", "last", "hours", "area", "limit", "closes"]
