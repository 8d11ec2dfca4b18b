from datetime import date

import pytest

from jiaoying.duty.days import Calendar, DayKind, HolidayRun

CHINA = Calendar()


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        # 国办发明电〔2025〕7号: 春节 15–23 February 2026, worked on the 14th and 28th; 国庆 1–7 October.
        (date(2026, 2, 14), DayKind.WORKDAY),  # a Saturday
        (date(2026, 2, 15), DayKind.HOLIDAY),
        (date(2026, 2, 21), DayKind.HOLIDAY),  # a Saturday within
        (date(2026, 2, 24), DayKind.WORKDAY),
        (date(2026, 2, 28), DayKind.WORKDAY),
        (date(2026, 3, 7), DayKind.WEEKEND),
        (date(2026, 10, 7), DayKind.HOLIDAY),
        (date(2026, 10, 10), DayKind.WORKDAY),
    ],
)
def test_days_count_as_the_notice_says(day: date, kind: DayKind) -> None:
    assert CHINA.kind(day) is kind


def test_a_run_of_holidays_has_its_weekends() -> None:
    spring = HolidayRun(date(2026, 2, 15), date(2026, 2, 23), "春节")
    assert CHINA.run(date(2026, 2, 18)) == CHINA.run(date(2026, 2, 22)) == spring
    assert CHINA.run(date(2026, 3, 7)) is None
    assert CHINA.run(date(2026, 2, 14)) is None


def test_a_year_whose_notice_is_not_out_is_told_apart() -> None:
    assert CHINA.is_arranged(2026)
    assert not CHINA.is_arranged(2099)
    assert CHINA.kind(date(2099, 10, 1)) is DayKind.HOLIDAY


def test_another_country_has_its_own() -> None:
    nepal = Calendar("NP")
    assert nepal.kind(date(2026, 10, 1)) is DayKind.WORKDAY
    assert nepal.is_arranged(2026)


def test_a_country_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(NotImplementedError):
        Calendar("XX")
