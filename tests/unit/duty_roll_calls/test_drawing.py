"""Desks drawn at random: the same again for the same seed, nobody safe, nobody forgotten."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.roll_calls.drawing import HEAVIEST, draw, weighed
from jiaoying.duty.roll_calls.model import Drawable

DESKS = [UUID(int=number) for number in range(1, 13)]
SEEDS = st.text(alphabet="0123456789abcdef", min_size=32, max_size=32)


@given(SEEDS, st.integers(1, 20), st.permutations(DESKS))
def test_the_seed_and_the_pool_decide_and_nothing_else(seed: str, count: int, order: list[UUID]) -> None:
    pool = [Drawable(desk_id, 1 + number % 3) for number, desk_id in enumerate(DESKS)]
    shuffled = sorted(pool, key=lambda one: order.index(one.desk_id))
    drawn = draw(pool, count, seed)
    assert drawn == draw(shuffled, count, seed)
    assert len(set(drawn)) == len(drawn) == min(count, len(DESKS))


def test_of_equal_desks_each_is_drawn_as_often() -> None:
    pool = weighed(DESKS, [])
    counts = Counter(desk_id for number in range(6000) for desk_id in draw(pool, 2, f"{number}"))
    assert all(900 < counts[desk_id] < 1100 for desk_id in DESKS)  # 1000 expected, 3.4 standard deviations


def test_who_was_passed_over_three_times_is_drawn_four_times_as_often() -> None:
    pool = [Drawable(desk_id, 4 if desk_id == DESKS[0] else 1) for desk_id in DESKS]
    counts = Counter(draw(pool, 1, f"{number}")[0] for number in range(6000))
    assert 3.4 < counts[DESKS[0]] / (sum(counts.values()) - counts[DESKS[0]]) * 11 < 4.6


@given(st.lists(st.sets(st.sampled_from(DESKS), max_size=4), max_size=30))
def test_a_desk_weighs_one_more_for_each_draw_since_it_was_drawn_last(draws: list[set[UUID]]) -> None:
    newest_first = [(frozenset(DESKS), frozenset(drawn)) for drawn in draws]
    weights = {one.desk_id: one.weight for one in weighed(DESKS, newest_first)}
    for desk_id in DESKS:
        since = next((number for number, drawn in enumerate(draws) if desk_id in drawn), len(draws))
        assert weights[desk_id] == 1 + min(since, HEAVIEST)


def test_who_could_not_have_been_drawn_gains_nothing() -> None:
    before = [(frozenset(DESKS[:6]), frozenset(DESKS[:2]))] * 3
    weights = {one.desk_id: one.weight for one in weighed(DESKS, before)}
    assert weights[DESKS[11]] == weights[DESKS[0]] == 1
    assert weights[DESKS[5]] == 4
