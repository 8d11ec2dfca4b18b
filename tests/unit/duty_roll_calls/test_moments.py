"""When a plan of roll calls holds its next one."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.roll_calls.moments import next_moment, read_clock
from jiaoying.kernel.errors import Refusal

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
EVERY_DAY = tuple(range(7))
MOMENTS = st.integers(0, 730 * 1440).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE)
CLOCKS = st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda at: f"{at[0]:02d}:{at[1]:02d}")


@given(MOMENTS, st.sets(st.integers(0, 6), min_size=1), CLOCKS)
def test_a_fixed_time_comes_next_on_one_of_its_days(after: datetime, days: set[int], begins: str) -> None:
    at = next_moment(tuple(days), begins, None, after, SHANGHAI, 0.5)
    local = at.astimezone(SHANGHAI)
    assert after < at <= after + timedelta(days=8)
    assert (f"{local:%H:%M}", local.weekday() in days) == (begins, True)


@given(MOMENTS, CLOCKS, CLOCKS, st.floats(0, 1, exclude_max=True), st.sampled_from([SHANGHAI, BERLIN]))
def test_a_random_minute_lies_within_its_hours_and_ahead(
    after: datetime, begins: str, ends: str, lot: float, zone: ZoneInfo
) -> None:
    at = next_moment(EVERY_DAY, begins, ends, after, zone, lot)
    earliest = next_moment(EVERY_DAY, begins, ends, after, zone, 0)
    latest = next_moment(EVERY_DAY, begins, ends, after, zone, 1 - 1e-9)
    assert after < earliest <= at <= latest
    assert latest - earliest < timedelta(hours=25)
    # Whatever the lot, the night after it comes once: the minute drawn is never drawn again.
    assert next_moment(EVERY_DAY, begins, ends, at, zone, lot) > latest


def test_over_midnight_the_night_is_that_of_the_day_on_which_it_begins() -> None:
    friday = datetime(2026, 7, 17, 12, tzinfo=SHANGHAI)
    at = next_moment((4,), "23:00", "05:00", friday, SHANGHAI, 0.9)
    assert f"{at.astimezone(SHANGHAI):%d %H:%M}" == "18 04:24"


@pytest.mark.parametrize("text", ["", "24:00", "9", "21:30:10", "半夜", "21:30+08:00"])
def test_what_is_no_time_is_refused_by_its_field(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_clock(text, "begins")
    assert [complaint.field for complaint in refused.value.complaints] == ["begins"]
