from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jiaoying.duty.days import Calendar, DayKind
from jiaoying.duty.routines.rules import (
    LONGEST_MOVE,
    MOST_REMIND_DAYS,
    WHOLE_YEAR,
    Every,
    Moved,
    Rule,
    by_day,
    dues,
    next_due,
    reminders,
    rule_as_data,
    rule_from_data,
)
from jiaoying.kernel.errors import Refusal

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
CHINA = Calendar()
FIVE = time(17)


def due_days(rule: Rule, first: date, last: date) -> list[str]:
    """The days on which it is due, after they were moved."""
    found = dues(rule, first, last, CHINA, SHANGHAI)
    return [due.due_at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") for due in found]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Counted by hand on the calendar of 2026: 25 January is a Sunday, 25 April a Saturday.
        (
            Rule(Every.MONTH, 25, FIVE),
            ["01-25", "02-25", "03-25", "04-25", "05-25", "06-25"],
        ),
        (
            Rule(Every.MONTH, 25, FIVE, moved=Moved.EARLIER),
            ["01-23", "02-25", "03-25", "04-24", "05-25", "06-25"],
        ),
        (
            Rule(Every.MONTH, 25, FIVE, moved=Moved.LATER),
            ["01-26", "02-25", "03-25", "04-27", "05-25", "06-25"],
        ),
        # The last of a quarter's months.
        (Rule(Every.MONTH, 25, FIVE, (3, 6, 9, 12)), ["03-25", "06-25"]),
        # The 31st is the last day where a month is shorter.
        (
            Rule(Every.MONTH, 31, FIVE),
            ["01-31", "02-28", "03-31", "04-30", "05-31", "06-30"],
        ),
        # The last workday: 31 January is a Saturday, 28 February one that is worked.
        (
            Rule(Every.LAST_WORKDAY, 1, FIVE),
            ["01-30", "02-28", "03-31", "04-30", "05-29", "06-30"],
        ),
        # Once a year: 20 April 2026 is a Monday.
        (Rule(Every.MONTH, 20, FIVE, (4,)), ["04-20"]),
    ],
)
def test_the_first_half_of_2026_by_hand(rule: Rule, expected: list[str]) -> None:
    found = due_days(rule, date(2026, 1, 1), date(2026, 6, 30))
    assert found == [f"{day} 17:00" for day in expected]


def test_across_the_spring_festival_of_2026() -> None:
    """Off from Sunday 15 to Monday 23 February; worked on Saturdays 14 and 28."""
    fridays = Rule(Every.WEEK, 5, FIVE, moved=Moved.EARLIER)
    spring = date(2026, 2, 9), date(2026, 3, 8)
    assert due_days(fridays, *spring) == ["02-13 17:00", "02-14 17:00", "02-27 17:00", "03-06 17:00"]
    later = Rule(Every.WEEK, 5, FIVE, moved=Moved.LATER)
    assert due_days(later, *spring) == ["02-13 17:00", "02-24 17:00", "02-27 17:00", "03-06 17:00"]
    # A Saturday that is worked in exchange is no day of rest.
    saturdays = Rule(Every.WEEK, 6, FIVE, moved=Moved.EARLIER)
    assert due_days(saturdays, *spring) == ["02-14 17:00", "02-14 17:00", "02-28 17:00", "03-06 17:00"]


def test_the_end_of_february_in_a_leap_year_and_not() -> None:
    for day in (29, 30, 31):
        rule = Rule(Every.MONTH, day, FIVE, (2,))
        assert due_days(rule, date(2027, 1, 1), date(2028, 12, 31)) == ["02-28 17:00", "02-29 17:00"]


def test_reminders_come_days_ahead_on_the_day_before_and_on_the_day() -> None:
    rule = Rule(Every.MONTH, 25, FIVE, remind_days=3)
    wanted = [datetime(2026, 3, day, 1, tzinfo=UTC) for day in (22, 24, 25)]  # 09:00 in Shanxi
    assert list(reminders(rule, date(2026, 3, 25), SHANGHAI)) == wanted
    same_day = Rule(Every.MONTH, 25, FIVE, remind_days=0)
    assert list(reminders(same_day, date(2026, 3, 25), SHANGHAI)) == wanted[-1:]
    in_the_morning = Rule(Every.MONTH, 25, time(8, 30), remind_days=1)
    assert list(reminders(in_the_morning, date(2026, 3, 25), SHANGHAI)) == wanted[1:2]


def test_wall_time_is_kept_where_the_clocks_change() -> None:
    """In Berlin 2026 clocks go from 2 to 3 on 29 March, and back from 3 to 2 on 25 October."""
    sundays = Rule(Every.WEEK, 7, FIVE, remind_days=1)
    spring = list(dues(sundays, date(2026, 3, 22), date(2026, 3, 29), CHINA, BERLIN))
    assert [due.due_at.hour for due in spring] == [16, 15]  # UTC
    assert spring[1].reminders == (
        datetime(2026, 3, 28, 8, tzinfo=UTC),
        datetime(2026, 3, 29, 7, tzinfo=UTC),
    )
    skipped = Rule(Every.WEEK, 7, time(2, 40), remind_days=0, remind_at=time(2, 10))
    (due,) = dues(skipped, date(2026, 3, 29), date(2026, 3, 29), CHINA, BERLIN)
    assert due.due_at == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert due.reminders == (due.due_at,)


def test_the_next_one_is_found_years_ahead() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    april = next_due(Rule(Every.MONTH, 20, FIVE, (4,)), now, CHINA, SHANGHAI)
    assert april.day == date(2027, 4, 20)


def test_nobody_is_called_in_the_night() -> None:
    night, morning = datetime(2026, 3, 25, 14, 30, tzinfo=UTC), datetime(2026, 3, 25, 23, tzinfo=UTC)
    assert by_day(night, SHANGHAI) == morning  # 22:30 waits for 07:00
    assert by_day(datetime(2026, 3, 25, 20, tzinfo=UTC), SHANGHAI) == morning  # so does 04:00
    assert by_day(datetime(2026, 3, 25, 9, tzinfo=UTC), SHANGHAI) == datetime(2026, 3, 25, 9, tzinfo=UTC)


rules = some.builds(
    Rule,
    every=some.sampled_from(Every),
    day=some.integers(1, 7),
    at=some.times().map(lambda at: at.replace(second=0, microsecond=0)),
    months=some.sets(some.integers(1, 12), min_size=1).map(lambda months: tuple(sorted(months))),
    moved=some.sampled_from(Moved),
    remind_days=some.integers(1, MOST_REMIND_DAYS),
    remind_at=some.times().map(lambda at: at.replace(second=0, microsecond=0)),
)
days = some.dates(date(2024, 1, 1), date(2030, 12, 31))


@given(rules, days, some.integers(0, 400))
def test_days_come_in_order_near_their_rule_and_on_workdays_if_moved(
    rule: Rule, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    found = list(dues(rule, first, last, CHINA, SHANGHAI))
    assert [due.day for due in found] == sorted({due.day for due in found})
    for due in found:
        assert first <= due.day <= last
        on = due.due_at.astimezone(SHANGHAI).date()
        assert abs(on - due.day) <= LONGEST_MOVE
        if rule.moved is not Moved.STAYS or rule.every is Every.LAST_WORKDAY:
            assert CHINA.kind(on) is DayKind.WORKDAY
        assert due.reminders
        assert all(moment < due.due_at for moment in due.reminders)


@given(rules, days, some.integers(0, 200), some.integers(0, 200))
def test_what_is_asked_in_two_parts_is_the_same_as_at_once(
    rule: Rule, first: date, one: int, two: int
) -> None:
    middle, last = first + timedelta(days=one), first + timedelta(days=one + 1 + two)
    parts = [
        *dues(rule, first, middle, CHINA, SHANGHAI),
        *dues(rule, middle + timedelta(days=1), last, CHINA, SHANGHAI),
    ]
    assert parts == list(dues(rule, first, last, CHINA, SHANGHAI))


@given(rules, days.map(lambda day: datetime.combine(day, FIVE, UTC)))
def test_every_rule_is_due_again(rule: Rule, now: datetime) -> None:
    assert next_due(rule, now, CHINA, SHANGHAI).due_at > now


@given(rules)
def test_a_rule_is_kept_as_it_is(rule: Rule) -> None:
    assert rule_from_data(rule_as_data(rule)) == rule


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"every": "day"}, {"every"}),
        ({"day": 32}, {"day"}),
        ({"every": "week", "day": 8}, {"day"}),
        ({"day": "25"}, {"day"}),
        ({"months": []}, {"months"}),
        ({"months": [13]}, {"months"}),
        ({"at": "25:00"}, {"at"}),
        ({"moved": "away"}, {"moved"}),
        ({"remind_days": 31}, {"remind_days"}),
        ({"remind_days": 0, "remind_at": "17:00"}, {"remind_at"}),
        ({"at": "", "remind_days": -1}, {"at", "remind_days"}),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, object], fields: set[str]) -> None:
    data = rule_as_data(Rule(Every.MONTH, 25, FIVE, WHOLE_YEAR)) | wrong
    with pytest.raises(Refusal) as refused:
        rule_from_data(data)
    assert {complaint.field for complaint in refused.value.complaints} == fields
