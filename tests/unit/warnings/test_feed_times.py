"""Moments as feeds write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.warnings.formats.feed_times import read_feed_time

MOMENT = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026/07/15 16:30",
        "2026/7/15 16:30",
        "2026-07-15 16:30:00",
        "2026-07-15 16:30:00.0",
        "2026-07-15T16:30",
        "20260715163000",
        "202607151630",
        "2026年07月15日16时30分",
        "2026年7月15日 16時30分",
    ],
)
def test_without_a_zone_it_is_the_time_of_china(text: str) -> None:
    reading = read_feed_time(text)
    assert (reading.moment, reading.remarks) == (MOMENT, ("no-zone",))
    assert read_feed_time(text, None).moment is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-15 16:30 GMT+8",
        "2026-07-15 16:30:00  GMT+8",
        "2026-07-15 16:30:00+08:00",
        "2026-07-15T16:30+08:00",
        "2026-07-15T16:30:00+0800",
        "2026-07-15T08:30Z",
        "2026-07-15 04:30:00-04:00",
        "1784104200",
        "1784104200000",
    ],
)
def test_with_a_zone_nothing_is_assumed(text: str) -> None:
    reading = read_feed_time(text)
    assert (reading.moment, reading.remarks) == (MOMENT, ())


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-13-01 00:00", "20260231000000", "date:now -1 hour", "16:30"]
)
def test_anything_else_is_no_moment(text: str) -> None:
    reading = read_feed_time(text)
    assert (reading.moment, reading.remarks) == (None, ("unreadable-time",))


@settings(deadline=None)
@given(st.text(max_size=40))
def test_no_text_raises(text: str) -> None:
    read_feed_time(text)
