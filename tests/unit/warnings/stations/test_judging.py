"""When a station's readings raise a level, and when they let it go."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.warnings.stations.judging import exceeded, gravest, judge, measure
from jiaoying.warnings.stations.model import CALM_FOR, CALM_SHARE, Level, Reading, Standing, Threshold

BEGIN = datetime(2026, 7, 14, 15, 0, tzinfo=UTC)
HOURLY = (Threshold(3600, 30.0, 50.0),)
LEVEL = (Threshold(0, 2.0, 3.0),)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def follow(
    values: list[float], thresholds: tuple[Threshold, ...], confirmations: int, every: float = 5
) -> list[Standing]:
    """The standing after each reading, one every `every` minutes."""
    standing, told, readings = Standing(), list[Standing](), list[Reading]()
    for number, value in enumerate(values):
        readings.append(Reading(at(number * every), value))
        standing = judge(standing, readings, thresholds, readings[-1].at, confirmations=confirmations)
        told.append(standing)
    return told


def levels(told: list[Standing]) -> list[Level]:
    return [one.level for one in told]


def test_rain_adds_up_over_the_window() -> None:
    told = follow([10, 10, 10, 10, 10], HOURLY, 1)
    assert levels(told) == [Level.NONE, Level.NONE, Level.PREPARE, Level.PREPARE, Level.EVACUATE]
    reason = told[-1].reason
    assert reason is not None
    assert (reason.measured, reason.limit, reason.window_s) == (50.0, 50.0, 3600)


def test_what_fell_before_the_window_does_not_count() -> None:
    assert measure([Reading(at(0), 40), Reading(at(60), 5)], 3600, at(60)) == 5
    assert measure([Reading(at(1), 40), Reading(at(60), 5)], 3600, at(60)) == 45


def test_tenths_of_a_millimetre_reach_the_limit() -> None:
    readings = [Reading(at(number), 0.1) for number in range(10)]
    assert exceeded(readings, (Threshold(3600, 1.0, None),), at(10))


def test_one_spike_of_a_gauge_raises_nothing() -> None:
    assert levels(follow([1.0, 9.9, 1.0, 9.9, 1.0], LEVEL, 2)) == [Level.NONE] * 5


def test_a_rise_is_taken_on_step_by_step_without_starting_over() -> None:
    told = follow([2.1, 3.1, 3.2], LEVEL, 2)
    assert levels(told) == [Level.NONE, Level.PREPARE, Level.EVACUATE]


def test_a_level_does_not_flicker_around_its_limit() -> None:
    values = [2.1, 2.1, 1.9, 2.1, 1.9, 1.7, 2.0, 1.7]
    assert levels(follow(values, LEVEL, 2))[1:] == [Level.PREPARE] * 7


def test_a_level_ends_after_half_an_hour_of_calm() -> None:
    told = levels(follow([2.1, 2.1, *[1.0] * 8], LEVEL, 2))
    assert told[:8] == [Level.NONE, *[Level.PREPARE] * 7]
    assert told[8:] == [Level.NONE, Level.NONE]


def test_calm_begins_anew_when_the_water_comes_back() -> None:
    told = levels(follow([2.1, 2.1, *[1.0] * 5, 2.5, *[1.0] * 6], LEVEL, 2))
    assert set(told[1:]) == {Level.PREPARE}


def test_evacuation_falls_to_preparation_where_that_is_still_reached() -> None:
    told = levels(follow([3.1, 3.1, *[2.2] * 8], LEVEL, 2))
    assert told[1] == Level.EVACUATE
    assert told[-1] == Level.PREPARE


def test_of_several_limits_the_gravest_is_the_reason() -> None:
    readings = [Reading(at(0), 60)]
    both = (Threshold(3600, 30, 80), Threshold(10_800, 40, 55))
    found = gravest(exceeded(readings, both, at(0)))
    assert found is not None
    assert (found.level, found.window_s) == (Level.EVACUATE, 10_800)


@given(st.lists(st.floats(0, 5), min_size=1, max_size=40), st.integers(1, 3))
def test_no_level_without_a_limit_reached_and_none_let_go_early(
    values: list[float], confirmations: int
) -> None:
    before, calm_for = Standing(), timedelta()
    for standing, value in zip(follow(values, LEVEL, confirmations), values, strict=True):
        if standing.level.rank > before.level.rank:
            assert value >= 2.0
        limit = {Level.NONE: 0.0, Level.PREPARE: 2.0, Level.EVACUATE: 3.0}[before.level]
        calm_for = calm_for + timedelta(minutes=5) if value < limit * CALM_SHARE else timedelta(minutes=-5)
        if standing.level.rank < before.level.rank:
            assert calm_for >= CALM_FOR
            calm_for = timedelta(minutes=-5)
        before = standing
