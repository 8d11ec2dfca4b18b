"""Hand-overs on the wall and in truth, across the changes of clocks; the tables are worked out by hand."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.rotation import Every, Rotation, hand_over_at, member_at, turn_number, turns
from jiaoying.duty.shift_times import (
    DAY_AND_NIGHT,
    READY_MADE,
    THREE_SHIFTS,
    ShiftTime,
    moment_of,
    overlapping,
    slots,
    uncovered,
)

SHANGHAI, CHICAGO = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Chicago")
LORD_HOWE, KATHMANDU = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")
ZONES = (SHANGHAI, CHICAGO, LORD_HOWE, KATHMANDU)
MEMBERS = (UUID(int=1), UUID(int=2), UUID(int=3))


def utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


# Shanghai is always 8 h ahead, Kathmandu 5 h 45 min. Chicago is 6 h behind, and 5 h from 8 March 2026 02:00
# to 1 November 2026 02:00. Lord Howe is 10 h 30 min ahead in winter and 11 h in summer: it goes back half an
# hour on 5 April 2026 at 02:00 summer time, and on half an hour on 4 October 2026 at 02:00.
WALL = [
    (SHANGHAI, "2026-03-08 08:30", "2026-03-08 00:30"),
    (KATHMANDU, "2026-03-08 08:30", "2026-03-08 02:45"),
    (CHICAGO, "2026-03-07 08:30", "2026-03-07 14:30"),
    (CHICAGO, "2026-03-08 01:59", "2026-03-08 07:59"),
    (CHICAGO, "2026-03-08 02:00", "2026-03-08 08:00"),  # skipped: the moment of the change
    (CHICAGO, "2026-03-08 02:30", "2026-03-08 08:00"),  # skipped
    (CHICAGO, "2026-03-08 03:00", "2026-03-08 08:00"),
    (CHICAGO, "2026-03-08 08:30", "2026-03-08 13:30"),
    (CHICAGO, "2026-11-01 01:30", "2026-11-01 06:30"),  # comes twice: the first
    (CHICAGO, "2026-11-01 02:00", "2026-11-01 08:00"),
    (LORD_HOWE, "2026-04-05 01:30", "2026-04-04 14:30"),  # comes twice: the first
    (LORD_HOWE, "2026-04-05 02:00", "2026-04-04 15:30"),
    (LORD_HOWE, "2026-10-04 01:59", "2026-10-03 15:29"),
    (LORD_HOWE, "2026-10-04 02:15", "2026-10-03 15:30"),  # skipped
    (LORD_HOWE, "2026-10-04 02:30", "2026-10-03 15:30"),
    (LORD_HOWE, "2026-10-04 08:30", "2026-10-03 21:30"),
]


@pytest.mark.parametrize(("zone", "wall", "moment"), WALL, ids=[f"{z.key} {w}" for z, w, _ in WALL])
def test_a_wall_time_is_this_moment(zone: ZoneInfo, wall: str, moment: str) -> None:
    at = utc(wall)
    assert moment_of(at.date(), at.time(), zone) == utc(moment)


# The rotation, and the moments at which its first turns begin.
HAND_OVERS = [
    (
        Rotation(MEMBERS, date(2026, 3, 6), time(8, 30), CHICAGO, Every.DAY),
        ["2026-03-06 14:30", "2026-03-07 14:30", "2026-03-08 13:30", "2026-03-09 13:30"],
    ),
    (
        Rotation(MEMBERS, date(2026, 10, 25), time(20, 0), CHICAGO, Every.WEEK),
        ["2026-10-26 01:00", "2026-11-02 02:00", "2026-11-09 02:00"],
    ),
    (
        Rotation(MEMBERS, date(2026, 3, 7), time(20, 0), CHICAGO, Every.HOUR, 12),
        ["2026-03-08 02:00", "2026-03-08 14:00", "2026-03-09 02:00"],
    ),
    (
        Rotation(MEMBERS, date(2026, 4, 4), time(8, 0), LORD_HOWE, Every.DAY),
        ["2026-04-03 21:00", "2026-04-04 21:30", "2026-04-05 21:30"],
    ),
    (
        Rotation(MEMBERS, date(2026, 9, 27), time(2, 15), LORD_HOWE, Every.WEEK),
        ["2026-09-26 15:45", "2026-10-03 15:30", "2026-10-10 15:15"],
    ),
    (
        Rotation(MEMBERS, date(2026, 1, 31), time(8, 30), KATHMANDU, Every.MONTH),
        ["2026-01-31 02:45", "2026-02-28 02:45", "2026-03-31 02:45", "2026-04-30 02:45"],
    ),
    (
        Rotation(MEMBERS, date(2026, 9, 30), time(8, 30), SHANGHAI, Every.DAY, 2),
        ["2026-09-30 00:30", "2026-10-02 00:30", "2026-10-04 00:30"],
    ),
]


@pytest.mark.parametrize(
    ("rotation", "begins"), HAND_OVERS, ids=[f"{r.zone.key} {r.every}" for r, _ in HAND_OVERS]
)
def test_turns_begin_at_these_moments(rotation: Rotation, begins: list[str]) -> None:
    assert [hand_over_at(rotation, number) for number in range(len(begins))] == [utc(one) for one in begins]


def test_members_take_turns_also_before_the_first() -> None:
    rotation = Rotation(MEMBERS, date(2026, 7, 1), time(8, 30), SHANGHAI, Every.DAY)
    noon = datetime(2026, 7, 1, 4, tzinfo=UTC)
    days = [member_at(rotation, noon + timedelta(days=number)) for number in range(-2, 3)]
    assert days == [MEMBERS[1], MEMBERS[2], MEMBERS[0], MEMBERS[1], MEMBERS[2]]


def test_without_members_it_is_nobodys_turn() -> None:
    rotation = Rotation((), date(2026, 7, 1), time(8, 30), SHANGHAI, Every.DAY)
    assert member_at(rotation, utc("2026-07-01 01:00")) is None
    assert list(turns(rotation, utc("2026-07-01 01:00"), utc("2026-08-01 01:00"))) == []


ROTATIONS = st.builds(
    Rotation,
    st.lists(st.uuids(), min_size=1, max_size=5, unique=True).map(tuple),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES),
    st.sampled_from(Every),
    st.integers(1, 7),
)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=2000)).map(lambda later: utc("2023-01-01 00:00") + later)


@given(ROTATIONS, MOMENTS, st.integers(1, 90))
def test_turns_follow_each_other_and_cover_every_moment_once(
    rotation: Rotation, begin: datetime, days: int
) -> None:
    end = begin + timedelta(days=days)
    found = list(turns(rotation, begin, end))
    assert found[0].starts_at <= begin < found[0].ends_at
    assert found[-1].starts_at < end <= found[-1].ends_at
    for before, after in pairwise(found):
        assert before.ends_at == after.starts_at
    for turn in found:
        assert turn.starts_at < turn.ends_at
        assert member_at(rotation, turn.starts_at) == turn.member


@given(ROTATIONS, MOMENTS)
def test_a_moment_lies_in_its_turn(rotation: Rotation, at: datetime) -> None:
    number = turn_number(rotation, at)
    assert hand_over_at(rotation, number) <= at < hand_over_at(rotation, number + 1)


# --- the shifts of a desk ---


@pytest.mark.parametrize("times", READY_MADE.values(), ids=READY_MADE)
@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: zone.key)
def test_ready_made_shifts_cover_a_year_without_gap_and_overlap(
    times: tuple[ShiftTime, ...], zone: ZoneInfo
) -> None:
    year = list(slots(times, zone, date(2026, 1, 1), date(2026, 12, 31)))
    assert len(year) == 365 * len(times)
    assert all(before.ends_at == after.starts_at for before, after in pairwise(year))


def test_a_night_in_which_the_clocks_change_is_an_hour_shorter_or_longer() -> None:
    nights = {
        slot.day: slot.ends_at - slot.starts_at
        for slot in slots(DAY_AND_NIGHT, CHICAGO, date(2026, 3, 7), date(2026, 10, 31))
        if slot.time.is_night
    }
    assert nights[date(2026, 3, 7)] == timedelta(hours=11)
    assert nights[date(2026, 3, 8)] == timedelta(hours=12)
    assert nights[date(2026, 10, 31)] == timedelta(hours=13)


def test_a_shift_that_lies_in_what_the_clocks_skip_is_left_out() -> None:
    times = (ShiftTime("a", time(2), time(3)), ShiftTime("b", time(3), time(2)))
    found = list(slots(times, CHICAGO, date(2026, 3, 7), date(2026, 3, 8)))
    assert [slot.time.name for slot in found] == ["a", "b", "b"]
    assert all(before.ends_at == after.starts_at for before, after in pairwise(found))


def test_gaps_and_overlaps_of_a_pattern_are_found() -> None:
    assert uncovered(THREE_SHIFTS) == overlapping(THREE_SHIFTS) == []
    office = (ShiftTime("上午", time(8), time(12)), ShiftTime("下午", time(14), time(18)))
    assert uncovered(office) == [(time(12), time(14)), (time(18), time(8))]
    doubled = (ShiftTime("白班", time(8), time(21)), ShiftTime("夜班", time(20), time(8)))
    assert overlapping(doubled) == [time(20)]
