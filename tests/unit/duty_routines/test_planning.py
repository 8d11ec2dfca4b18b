from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jiaoying.duty.days import Calendar
from jiaoying.duty.routines.model import (
    Charge,
    Occurrence,
    OccurrenceState,
    Outcome,
    Routine,
    outcome_of,
)
from jiaoying.duty.routines.planning import Step, next_step, rewriting
from jiaoying.duty.routines.rules import Every, Moved, Rule
from jiaoying.duty.routines.said import says_done

ZONE, CHINA = ZoneInfo("Asia/Shanghai"), Calendar()
NOW = datetime(2026, 7, 15, 2, tzinfo=UTC)
CHARGE = Charge("安全生产月报", "市应急管理局", "", UUID(int=1), UUID(int=2))
MONTHLY = Routine(
    UUID(int=3),
    CHARGE,
    Rule(Every.MONTH, 25, time(17), moved=Moved.EARLIER),
    None,
    date(2026, 7, 1),
    NOW,
    "user:officer",
    None,
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def written(routine: Routine = MONTHLY, now: datetime = NOW) -> list[Occurrence]:
    return list(rewriting(routine, (), (), CHINA, ZONE, now).added)


def due_on(occurrences: list[Occurrence]) -> list[str]:
    return [one.due_at.astimezone(ZONE).strftime("%m-%d") for one in occurrences]


def test_times_are_written_ahead_and_the_same_again_writes_nothing() -> None:
    rows = written()
    # 25 July is a Saturday, and 25 September one of the days off of the moon festival.
    assert due_on(rows) == ["07-24", "08-25", "09-24"]
    assert rewriting(MONTHLY, rows, (), CHINA, ZONE, NOW).is_empty


def test_a_change_of_the_rule_touches_only_what_has_not_begun() -> None:
    july, *ahead = written()
    later = replace(MONTHLY, rule=replace(MONTHLY.rule, day=28, moved=Moved.STAYS), changed_at=NOW + 8 * DAY)
    found = rewriting(later, ahead, {july.day}, CHINA, ZONE, NOW + 8 * DAY)
    assert [one.day for one in found.added] == [date(2026, 7, 28), date(2026, 8, 28), date(2026, 9, 28)]
    assert set(found.dropped) == {one.id for one in ahead}


def test_an_earlier_day_makes_nothing_late_that_was_not_due_before() -> None:
    changed = replace(MONTHLY, rule=replace(MONTHLY.rule, day=20), changed_at=NOW + 8 * DAY)
    found = rewriting(changed, written()[1:], {date(2026, 7, 25)}, CHINA, ZONE, NOW + 8 * DAY)
    # 20 September is a Sunday that is worked in exchange.
    assert due_on(list(found.added)) == ["08-20", "09-20", "10-20"]


def test_a_duty_counts_from_its_first_day() -> None:
    assert due_on(written(replace(MONTHLY, counts_from=date(2026, 8, 1)))) == ["08-25", "09-24"]


def test_another_owner_or_hour_keeps_the_rows_and_changes_them() -> None:
    rows = written()
    charge = replace(CHARGE, owner_id=UUID(int=9))
    found = rewriting(replace(MONTHLY, charge=charge), rows, (), CHINA, ZONE, NOW)
    assert [one.id for one in found.changed] == [one.id for one in rows]
    assert {one.owner_id for one in found.changed} == {UUID(int=9)}
    assert not found.added
    assert not found.dropped


def test_a_duty_that_ended_leaves_only_what_has_begun() -> None:
    july, *ahead = written()
    found = rewriting(replace(MONTHLY, ended_at=NOW), ahead, {july.day}, CHINA, ZONE, NOW)
    assert set(found.dropped) == {one.id for one in ahead}


def test_what_was_due_while_the_machine_stood_still_is_written_late_and_not_left_out() -> None:
    in_october = datetime(2026, 10, 15, 2, tzinfo=UTC)
    assert due_on(written(now=in_october)) == ["07-24", "08-25", "09-24", "10-23", "11-25", "12-25"]


def test_reminded_then_late_then_once_a_day() -> None:
    (july, *_) = written()
    first = july.reminders[0]
    step = next_step(july, was_called=False, zone=ZONE, now=first)
    assert (step.step, step.next_at) == (Step.REMIND, july.reminders[1])
    last = next_step(july, was_called=False, zone=ZONE, now=july.reminders[-1])
    assert (last.step, last.next_at) == (Step.REMIND, july.due_at)
    late = next_step(july, was_called=False, zone=ZONE, now=july.due_at)
    assert late.step is Step.TELL_LATE
    assert late.next_at.astimezone(ZONE) == datetime(2026, 7, 25, 9, tzinfo=ZONE)
    again = next_step(replace(july, state=OccurrenceState.LATE), was_called=True, zone=ZONE, now=late.next_at)
    assert again.step is Step.REMIND_LATE
    assert again.next_at == late.next_at + DAY


def test_what_is_due_at_night_is_told_at_once_and_called_about_in_the_morning() -> None:
    midnight = replace(MONTHLY, rule=replace(MONTHLY.rule, at=time(23, 59)))
    (july, *_) = written(midnight)
    told = next_step(july, was_called=False, zone=ZONE, now=july.due_at)
    assert told.step is Step.ALARM_ALONE
    assert told.next_at.astimezone(ZONE) == datetime(2026, 7, 25, 7, tzinfo=ZONE)
    called = next_step(
        replace(july, state=OccurrenceState.LATE), was_called=False, zone=ZONE, now=told.next_at
    )
    assert called.step is Step.CALL_LATE


@given(
    some.integers(0, 23),
    some.integers(0, 30),
    some.integers(0, 23),
    some.integers(-40 * 24 * 60, 9 * 24 * 60),
)
def test_whatever_is_open_has_its_next_moment_ahead(
    due_hour: int, remind_days: int, remind_hour: int, minutes: int
) -> None:
    rule = Rule(Every.MONTH, 24, time(due_hour, 30), remind_days=remind_days, remind_at=time(remind_hour))
    (july, *_) = written(replace(MONTHLY, rule=rule))
    now = july.due_at + timedelta(minutes=minutes)
    for state in (OccurrenceState.AHEAD, OccurrenceState.REMINDED, OccurrenceState.LATE):
        for was_called in (False, True):
            found = next_step(replace(july, state=state), was_called=was_called, zone=ZONE, now=now)
            assert found.next_at > now
            assert (found.step is Step.REMIND) == (now < july.due_at)


def test_how_it_came_out() -> None:
    (july, *_) = written()
    done = replace(july, state=OccurrenceState.DONE, next_at=None, ended_at=july.due_at)
    assert outcome_of(done, NOW + 90 * DAY) is Outcome.IN_TIME
    assert outcome_of(replace(done, ended_at=july.due_at + HOUR), NOW) is Outcome.LATE
    assert outcome_of(july, july.due_at) is Outcome.TO_COME
    assert outcome_of(july, july.due_at + HOUR) is Outcome.MISSED
    assert outcome_of(replace(done, state=OccurrenceState.SKIPPED), NOW) is Outcome.SKIPPED


@pytest.mark.parametrize(
    "text",
    [
        "已报",
        "已报送。",
        "收到，已报",
        "A7 已报",
        "a12已上报",
        "1，已报",
        "Done",
        "done!",
        "报过了，谢谢",
        "已经报了",
    ],
)
def test_done_is_understood(text: str) -> None:
    assert says_done(text)


@pytest.mark.parametrize(
    "text", ["1", "收到", "未报", "还没报", "已报一半", "没有已报", "明天报", "undone", "not done", "", "A7"]
)
def test_received_or_not_yet_is_not_done(text: str) -> None:
    assert not says_done(text)
