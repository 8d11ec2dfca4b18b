"""Overrides, swaps and their undoing, in whatever order they are made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiaoying.duty.changes import Part, belonging_to, instead, swap, who_has
from jiaoying.duty.model import Change, ChangeKind, Desk, Role, Shift, Standing
from jiaoying.duty.rota import resolve, standing_in
from jiaoying.kernel.errors import Refusal

BEGIN = datetime(2026, 7, 13, 0, 30, tzinfo=UTC)  # 08:30 in Shanxi
DAY = timedelta(days=1)
DESK = Desk(UUID(int=1), "140521100000", "龙港镇值班室", None)
BEFORE = BEGIN - DAY


def shift(number: int, *, second: bool = False) -> Shift:
    starts_at = BEGIN + number * DAY
    people = (UUID(int=10 + number), UUID(int=20 + number), UUID(int=30 + number) if second else None)
    return Shift(UUID(int=100 + number), DESK.id, starts_at, starts_at + DAY, *people)


def officer_at(shifts: list[Shift], changes: list[Change], at: datetime) -> UUID:
    standing = resolve(DESK, shifts, at, changes)
    assert isinstance(standing, Standing)
    return standing.officer_id


def test_an_override_beats_the_rota_for_its_time_and_no_longer() -> None:
    one = shift(0)
    noon, evening = BEGIN + timedelta(hours=4), BEGIN + timedelta(hours=10)
    other = UUID(int=77)
    change = instead((one, Role.OFFICER), other, ChangeKind.OVERRIDE, BEFORE, begin=noon, end=evening)
    for at, who in (
        (noon - timedelta(seconds=1), one.officer_id),
        (noon, other),
        (evening - timedelta(seconds=1), other),
        (evening, one.officer_id),
    ):
        assert officer_at([one], [change], at) == who


def test_of_two_overrides_the_later_made_counts_and_undoing_it_brings_back_the_earlier() -> None:
    one, part = shift(0), (shift(0), Role.LEADER)
    first = instead(part, UUID(int=71), ChangeKind.OVERRIDE, BEFORE)
    second = instead(part, UUID(int=72), ChangeKind.LEAVE, BEFORE + timedelta(hours=1))
    assert standing_in(one, [second, first], BEGIN).leader_id == UUID(int=72)
    undone = replace(second, undone_at=BEFORE + timedelta(hours=2))
    assert standing_in(one, [undone, first], BEGIN).leader_id == UUID(int=71)


def test_a_shift_that_runs_is_taken_over_from_now_on() -> None:
    one, now = shift(0), BEGIN + timedelta(hours=3)
    taken = instead((one, Role.OFFICER), UUID(int=77), ChangeKind.TAKEOVER, now)
    assert (taken.starts_at, taken.ends_at) == (now, one.ends_at)
    assert officer_at([one], [taken], now - timedelta(seconds=1)) == one.officer_id


def test_swapped_in_the_middle_each_stands_for_what_is_left() -> None:
    one, other, now = shift(0), shift(1), BEGIN + timedelta(hours=3)
    changes = list(swap((one, Role.OFFICER), (other, Role.OFFICER), [], now))
    assert officer_at([one, other], changes, now - timedelta(seconds=1)) == one.officer_id
    assert officer_at([one, other], changes, now) == other.officer_id
    assert officer_at([one, other], changes, other.starts_at) == one.officer_id


@pytest.mark.parametrize(
    ("one", "other", "now"),
    [
        ((shift(0), Role.OFFICER), (shift(1), Role.OFFICER), BEGIN + DAY),  # the first is over
        ((shift(0), Role.SECOND), (shift(1), Role.OFFICER), BEFORE),  # nobody is second
        ((shift(0), Role.OFFICER), (shift(0), Role.OFFICER), BEFORE),
    ],
)
def test_what_cannot_be_swapped_is_refused(one: Part, other: Part, now: datetime) -> None:
    with pytest.raises(Refusal):
        swap(one, other, [], now)


def test_outside_the_shift_nobody_can_be_named() -> None:
    for begin, end in ((BEGIN - DAY, None), (None, BEGIN + 2 * DAY), (BEGIN + DAY, BEGIN + DAY)):
        with pytest.raises(Refusal):
            instead(
                (shift(0), Role.OFFICER), UUID(int=7), ChangeKind.OVERRIDE, BEFORE - DAY, begin=begin, end=end
            )


PARTS = st.tuples(st.integers(0, 3), st.sampled_from([Role.OFFICER, Role.LEADER]))
STEPS = st.lists(st.tuples(PARTS, PARTS, st.integers(0, 1)), max_size=8)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, PARTS, PARTS, st.integers(-24, 90))
def test_a_swap_is_symmetric_and_undoing_restores(
    earlier: list[tuple[tuple[int, Role], tuple[int, Role], int]],
    one: tuple[int, Role],
    other: tuple[int, Role],
    hours: int,
) -> None:
    """Whatever was changed before: the two change places, a swap back and an undoing come to the same."""
    now = BEFORE
    changes: list[Change] = []
    for number, (first, second, kind) in enumerate(earlier):
        at = now + timedelta(seconds=number)
        part, further = (shift(first[0]), first[1]), (shift(second[0]), second[1])
        try:
            changes += (
                swap(part, further, changes, at)
                if kind
                else [instead(part, UUID(int=500 + number), ChangeKind.OVERRIDE, at)]
            )
        except Refusal:
            continue
    now = BEFORE + timedelta(minutes=1)
    part, further = (shift(one[0]), one[1]), (shift(other[0]), other[1])
    had = who_has(part, changes, now), who_has(further, changes, now)
    try:
        made = swap(part, further, changes, now)
    except Refusal:
        assert had[0] == had[1]
        return
    after = [*changes, *made]
    assert (who_has(further, after, now), who_has(part, after, now)) == had
    back = [*after, *swap(part, further, after, now + timedelta(minutes=1))]
    undone = [
        replace(each, undone_at=now) if each in belonging_to(made[0], after) else each for each in after
    ]
    at = BEGIN + timedelta(hours=hours)
    for each in (shift(number) for number in range(4)):
        if each.starts_at <= at < each.ends_at:
            before = standing_in(each, changes, at)
            assert standing_in(each, undone, at) == before
            assert standing_in(each, back, at) == before
