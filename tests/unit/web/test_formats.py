"""Moments, waits and numbers as a reader sees them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jiaoying.kernel.language import speaking
from jiaoying.web import formats

ZONE = ZoneInfo("Asia/Shanghai")
MOMENT = datetime(2026, 7, 14, 19, 12, 45, 900_000, tzinfo=UTC)


def test_evidence_is_local_and_to_the_second() -> None:
    assert formats.full_time(MOMENT, ZONE) == "2026-07-15 03:12:45"
    assert formats.clock_time(MOMENT, ZONE) == "03:12:45"


def test_what_comes_on_another_day_says_so() -> None:
    with speaking("zh-CN"):
        assert formats.time_ahead(MOMENT, MOMENT - timedelta(hours=3), ZONE) == "03:12:45"
        assert formats.time_ahead(MOMENT, MOMENT - timedelta(hours=4), ZONE) == "7月15日 03:12"


def test_a_day_is_written_as_the_reader_does() -> None:
    with speaking("zh-CN"):
        assert formats.day_time(MOMENT, ZONE) == "7月15日 03:12"
    with speaking("en"):
        assert formats.day_time(MOMENT, ZONE) == "15 Jul 03:12"


@pytest.mark.parametrize(
    ("seconds", "chinese", "english"),
    [
        (0, "0秒", "0 s"),
        (59, "59秒", "59 s"),
        (330, "5分30秒", "5 min 30 s"),
        (3600, "1小时0分", "1 h 0 min"),
        (90000, "1天1小时", "1 d 1 h"),
    ],
)
def test_a_span_in_words(seconds: int, chinese: str, english: str) -> None:
    with speaking("zh-CN"):
        assert formats.duration(timedelta(seconds=seconds)) == chinese
    with speaking("en"):
        assert formats.duration(seconds) == english


def test_a_countdown_runs_into_overdue() -> None:
    assert formats.countdown(MOMENT + timedelta(seconds=299), MOMENT) == "04:59"
    assert formats.countdown(MOMENT, MOMENT) == "00:00"
    assert formats.countdown(MOMENT - timedelta(seconds=72), MOMENT) == "+01:12"
    assert formats.countdown(MOMENT + timedelta(hours=2), MOMENT) == "2:00:00"


def test_time_gone_by_is_never_negative() -> None:
    assert formats.elapsed(MOMENT - timedelta(minutes=12, seconds=7), MOMENT) == "12:07"
    assert formats.elapsed(MOMENT + timedelta(seconds=5), MOMENT) == "00:00"


@pytest.mark.parametrize(
    ("number", "dialled"),
    [
        ("+8610012345678", "10012345678"),
        ("+863560000012", "03560000012"),
        ("+863560000012;ext=801", "03560000012-801"),
        ("+442071234567", "+442071234567"),
    ],
)
def test_numbers_as_they_are_dialled_here(number: str, dialled: str) -> None:
    assert formats.plain_number(number) == dialled


@pytest.mark.parametrize("mark", ["【演练】", "[Drill] ", "[EXERCISE]"])
def test_a_drill_is_marked_once(mark: str) -> None:
    assert formats.without_drill_mark(f"{mark}暴雨红色预警") == "暴雨红色预警"
    assert formats.without_drill_mark("演练通知") == "演练通知"
