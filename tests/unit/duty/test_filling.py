"""A year shared out: how far the burdens of people lie apart, and what nobody may be asked."""

import sys
from collections import Counter
from datetime import date, timedelta
from itertools import combinations, pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.duty.constraints import Objection, Rules, Stint, objections
from jiaoying.duty.days import Calendar
from jiaoying.duty.filling import (
    Burden,
    Filled,
    Members,
    Place,
    blocks_of,
    counts_of,
    fill,
    places_of,
    suggest,
)
from jiaoying.duty.model import Leave, Role
from jiaoying.duty.shift_times import DAY_AND_NIGHT, READY_MADE, WHOLE_DAY, ShiftTime, moment_of, slots

CHINA, SHANGHAI = Calendar(), ZoneInfo("Asia/Shanghai")
DESK, OTHER_DESK = UUID(int=900), UUID(int=901)
OFFICERS = tuple(UUID(int=number) for number in range(1, 9))
LEADERS = tuple(UUID(int=number) for number in range(11, 16))
MEMBERS = Members(DESK, {Role.OFFICER: OFFICERS, Role.SECOND: OFFICERS, Role.LEADER: LEADERS})
NEW_YEAR, YEARS_END = date(2026, 1, 1), date(2026, 12, 31)


def stints_of(filled: Filled) -> list[Stint]:
    return [stint_of(one.place, one.person_id) for one in filled.taken]


def stint_of(place: Place, person_id: UUID, desk_id: UUID = DESK) -> Stint:
    slot = place.slot
    return Stint(
        person_id, place.role, desk_id, slot.day, slot.starts_at, slot.ends_at, is_night=slot.time.is_night
    )


@pytest.mark.parametrize("times", READY_MADE.values(), ids=READY_MADE)
def test_a_year_of_8_officers_and_5_leaders_is_as_fair_as_can_be(times: tuple[ShiftTime, ...]) -> None:
    """What cannot be divided lies one apart; printed beside the best that there is (pytest -s)."""
    places = places_of(slots(times, SHANGHAI, NEW_YEAR, YEARS_END))
    filled = fill(blocks_of(places), MEMBERS, [], CHINA)
    assert not filled.gaps
    counts = counts_of(stints_of(filled), CHINA)
    for role, people in ((Role.OFFICER, OFFICERS), (Role.LEADER, LEADERS)):
        for burden in Burden:
            shares = [counts[role, person, burden] for person in people]
            best = 1 if sum(shares) % len(people) else 0
            sys.stdout.write(f"\n{role:8}{burden:8}{shares} spread {max(shares) - min(shares)}, best {best}")
            assert max(shares) - min(shares) == best


@pytest.mark.parametrize("times", READY_MADE.values(), ids=READY_MADE)
def test_nobody_stands_twice_at_once_or_without_rest(times: tuple[ShiftTime, ...]) -> None:
    places = places_of(slots(times, SHANGHAI, NEW_YEAR, date(2026, 3, 31)))
    filled = fill(blocks_of(places), MEMBERS, [], CHINA)
    by_person: dict[UUID, list[Stint]] = {}
    for stint in stints_of(filled):
        by_person.setdefault(stint.person_id, []).append(stint)
    for person in OFFICERS:
        ordered = sorted(by_person[person], key=lambda stint: stint.starts_at)
        for one, other in pairwise(ordered):
            assert one.ends_at + Rules().rest <= other.starts_at


def test_no_shift_lacks_its_officer_because_another_has_two() -> None:
    """Two officers, and rest that lets each stand on one of two days only."""
    people = OFFICERS[:2]
    members = Members(DESK, {Role.OFFICER: people, Role.SECOND: people, Role.LEADER: LEADERS})
    days = list(slots(WHOLE_DAY, SHANGHAI, date(2026, 6, 1), date(2026, 6, 2)))
    both = {slot.day for slot in days}
    filled = fill(blocks_of(places_of(days, second_on=both)), members, [], CHINA)
    manned = {one.place.slot.day for one in filled.taken if one.place.role is Role.OFFICER}
    assert manned == both
    assert {gap.block[0].role for gap in filled.gaps} == {Role.SECOND}


def test_twice_on_one_run_of_holidays_only_where_days_outnumber_people_and_it_is_told() -> None:
    spring = places_of(slots(WHOLE_DAY, SHANGHAI, date(2026, 2, 15), date(2026, 2, 23)))  # nine days
    filled = fill(blocks_of(spring), MEMBERS, [], CHINA)
    twice = [one for one in filled.taken if one.against]
    assert {one.against for one in twice} == {(Objection.TWICE_ON_HOLIDAY,)}
    shares = Counter(one.person_id for one in filled.taken)
    assert sorted(shares[person] for person in OFFICERS) == [1] * 7 + [2]
    assert sorted(shares[person] for person in LEADERS) == [1, 2, 2, 2, 2]


def test_on_a_sensitive_day_two_officers_stand_and_they_are_two() -> None:
    day = date(2026, 3, 5)
    filled = fill(
        blocks_of(places_of(slots(DAY_AND_NIGHT, SHANGHAI, day, day), second_on=[day])), MEMBERS, [], CHINA
    )
    roles = Counter(one.place.role for one in filled.taken)
    assert roles == {Role.OFFICER: 2, Role.SECOND: 2, Role.LEADER: 2}
    officers = [one.person_id for one in filled.taken if one.place.role is not Role.LEADER]
    assert len(set(officers)) == 4


def test_a_leader_who_changes_by_the_week_keeps_the_week() -> None:
    places = places_of(slots(WHOLE_DAY, SHANGHAI, date(2026, 3, 2), date(2026, 4, 5)))
    filled = fill(blocks_of(places, by_week=[Role.LEADER]), MEMBERS, [], CHINA)
    weeks: dict[int, set[UUID]] = {}
    for one in filled.taken:
        if one.place.role is Role.LEADER:
            weeks.setdefault(one.place.slot.day.isocalendar().week, set()).add(one.person_id)
    assert [len(people) for people in weeks.values()] == [1] * 5
    assert len({person for people in weeks.values() for person in people}) == 5


def test_who_is_away_is_not_asked_and_what_nobody_can_take_is_a_gap_with_reasons() -> None:
    day = date(2026, 3, 5)
    starts, ends = (
        moment_of(day, WHOLE_DAY[0].begins, SHANGHAI),
        moment_of(day + timedelta(days=1), WHOLE_DAY[0].ends, SHANGHAI),
    )
    leaves = [Leave(person, starts, ends) for person in LEADERS]
    filled = fill(
        blocks_of(places_of(slots(WHOLE_DAY, SHANGHAI, day, day))), MEMBERS, [], CHINA, leaves=leaves
    )
    (gap,) = filled.gaps
    assert gap.block[0].role is Role.LEADER
    assert dict(gap.why) == dict.fromkeys(LEADERS, (Objection.ON_LEAVE,))
    assert [one.place.role for one in filled.taken] == [Role.OFFICER]


def test_who_stood_more_this_year_is_spared() -> None:
    before = places_of(slots(WHOLE_DAY, SHANGHAI, date(2026, 3, 2), date(2026, 3, 5)))
    history = [stint_of(place, OFFICERS[0]) for place in before if place.role is Role.OFFICER]
    later = places_of(slots(WHOLE_DAY, SHANGHAI, date(2026, 3, 9), date(2026, 3, 13)))
    filled = fill(blocks_of(later), MEMBERS, history, CHINA)
    assert OFFICERS[0] not in {one.person_id for one in filled.taken}


def test_suggestions_name_who_bore_least_first_and_what_speaks_against_the_others() -> None:
    (day, next_day) = (date(2026, 3, 5), date(2026, 3, 6))
    places = places_of(slots(WHOLE_DAY, SHANGHAI, day, next_day))
    history = [stint_of(places[0], OFFICERS[0]), stint_of(places[0], OFFICERS[1], OTHER_DESK)]
    wanted = next(place for place in places if place.slot.day == next_day and place.role is Role.OFFICER)
    suggested = suggest((wanted,), MEMBERS, history, CHINA)
    assert [person for person, against in suggested if not against] == list(OFFICERS[2:])
    assert dict(suggested)[OFFICERS[0]] == (Objection.TOO_LITTLE_REST,)
    assert dict(suggested)[OFFICERS[1]] == (Objection.TOO_LITTLE_REST,)


def test_one_person_is_neither_at_two_desks_nor_in_two_roles() -> None:
    day = date(2026, 3, 5)
    officer, leader = places_of(slots(WHOLE_DAY, SHANGHAI, day, day))
    here, there = stint_of(officer, LEADERS[0]), stint_of(officer, LEADERS[0], OTHER_DESK)
    wanted = stint_of(leader, LEADERS[0])
    assert objections(wanted, [here], [], Rules(), CHINA) == (Objection.TWO_ROLES,)
    assert objections(wanted, [there], [], Rules(), CHINA) == (Objection.ELSEWHERE,)
    assert objections(wanted, [stint_of(officer, LEADERS[1])], [], Rules(), CHINA) == ()


@settings(max_examples=40, deadline=None)
@given(
    times=st.sampled_from(list(READY_MADE.values())),
    first=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    days=st.integers(1, 40),
    officers=st.integers(0, 9),
    leaders=st.integers(0, 6),
)
def test_every_place_is_taken_once_or_a_gap(
    times: tuple[ShiftTime, ...], first: date, days: int, officers: int, leaders: int
) -> None:
    members = Members(DESK, {Role.OFFICER: OFFICERS[:officers], Role.LEADER: LEADERS[:leaders]})
    places = places_of(slots(times, SHANGHAI, first, first + timedelta(days=days - 1)))
    filled = fill(blocks_of(places), members, [], CHINA)
    outcome = Counter(one.place for one in filled.taken)
    outcome.update(place for gap in filled.gaps for place in gap.block)
    assert outcome == Counter(places)
    stints = stints_of(filled)
    for one, other in combinations(stints, 2):
        if one.person_id == other.person_id:
            assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at
