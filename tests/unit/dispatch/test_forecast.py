"""The queue played through beforehand, against arithmetic that can be done by hand."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.forecast import (
    ASSUMED,
    MOST_STEPS,
    Binding,
    Ending,
    Lane,
    Pace,
    Waiting,
    forecast,
    lines_needed,
    play,
)

ONE, OTHER = UUID(int=1), UUID(int=2)
# Every call takes 45 s and is answered: the arithmetic of the counties.
EVEN = Pace(first=(Ending(1.0, 45.0, again=False),), later=(Ending(1.0, 45.0, again=False),))
# Nobody ever answers.
NOBODY = Pace(first=(Ending(1.0, 50.0, again=True),), later=(Ending(1.0, 50.0, again=True),))
FREE = Lane(0, 0.0)


def _minutes(people: int, lines: int) -> float:
    return forecast(ONE, [Waiting(ONE, 1, people)], [], Lane(lines, 0.0), FREE, EVEN).first_pass_s / 60


def test_the_arithmetic_of_the_counties() -> None:
    assert round(_minutes(506, 8), 1) == 48.0  # 47.4 and the last wave, which is not full
    assert round(_minutes(506, 30), 1) == 12.8
    assert round(_minutes(506, 120), 1) == 3.8
    assert round(_minutes(3000, 30), 1) == 75.0


def test_danger_comes_first_and_offices_wait() -> None:
    courses = play([Waiting(ONE, 3, 10), Waiting(OTHER, 0, 10)], Lane(10, 0.0), EVEN)
    assert (courses[OTHER].first_pass_s, courses[ONE].first_pass_s) == (45.0, 90.0)


def test_two_warnings_of_one_colour_share_the_lines() -> None:
    alone = play([Waiting(OTHER, 1, 12)], Lane(4, 0.0), EVEN)[OTHER].first_pass_s
    beside = play([Waiting(ONE, 1, 3000), Waiting(OTHER, 1, 12)], Lane(4, 0.0), EVEN)[OTHER].first_pass_s
    assert alone == 135.0
    assert beside == 2 * alone


def test_who_does_not_answer_is_rung_again_after_the_others_and_after_the_gap() -> None:
    found = forecast(ONE, [Waiting(ONE, 1, 4, more=2, gap_s=60.0)], [], Lane(2, 0.0), FREE, NOBODY)
    assert found.calls == 12
    assert found.first_pass_s == 100.0
    # Two and two: first rings end at 50 and 100, second ones at 160 and 210, third ones at 270 and 320.
    assert found.all_rounds_s == 320.0


def test_what_binds_is_named() -> None:
    calls, texts = [Waiting(ONE, 1, 100)], [Waiting(ONE, 1, 100, size=2.0)]

    def binding(voice: Lane, sms: Lane) -> Binding:
        return forecast(ONE, calls, texts, voice, sms, EVEN).binding

    assert binding(Lane(10, 0.0), Lane(0, 100.0)) is Binding.LINES
    assert binding(Lane(500, 1.0), Lane(0, 100.0)) is Binding.CALLS_PER_S
    assert binding(Lane(500, 0.0), Lane(0, 1.0)) is Binding.PARTS_PER_S
    assert binding(Lane(500, 0.0), Lane(0, 100.0)) is Binding.NONE


def test_lines_for_the_promise_of_five_minutes() -> None:
    calls = [Waiting(ONE, 1, 506, more=2, gap_s=60.0)]
    needed = lines_needed(ONE, calls, Lane(8, 0.0), EVEN, 300.0)
    assert needed == 85  # six waves of 45 s
    assert play(calls, Lane(85, 0.0), EVEN)[ONE].first_pass_s <= 300.0
    # A carrier that begins one call a second cannot ring 506 people in five minutes with any lines.
    assert lines_needed(ONE, calls, Lane(8, 1.0), EVEN, 300.0) is None


def test_a_call_under_way_holds_its_line() -> None:
    waiting = [Waiting(ONE, 1, 2, under_way=True), Waiting(ONE, 1, 2)]
    assert play(waiting, Lane(2, 0.0), EVEN)[ONE].first_pass_s == 67.5


def test_the_curve_falls_from_all_to_none() -> None:
    curve = forecast(ONE, [Waiting(ONE, 1, 60)], [], Lane(6, 0.0), FREE, EVEN).curve
    left = [people for _, people in curve]
    assert (left[0], left[-1]) == (60, 0)
    assert left == sorted(left, reverse=True)


def test_a_province_is_played_in_steps_that_come_to_the_same() -> None:
    found = forecast(ONE, [Waiting(ONE, 1, 100_000)], [], Lane(500, 0.0), FREE, EVEN)
    assert MOST_STEPS < 100_000
    assert abs(found.first_pass_s - 9000) < 90


@given(
    st.lists(
        st.builds(
            Waiting,
            warning=st.sampled_from([ONE, OTHER]),
            priority=st.integers(0, 3),
            people=st.integers(1, 40),
            round=st.integers(1, 2),
            more=st.integers(0, 2),
            gap_s=st.just(60.0),
            ready_s=st.sampled_from([0.0, 30.0]),
            under_way=st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 50),
)
def test_whatever_waits_everybody_is_rung_and_more_lines_hardly_delay(
    waiting: list[Waiting], lines: int
) -> None:
    courses = play(waiting, Lane(lines, 10.0), ASSUMED)
    for warning in (ONE, OTHER):
        people = sum(group.people for group in waiting if group.warning == warning)
        if people:
            assert courses[warning].handed_over >= people
            assert courses[warning].all_rounds_s >= courses[warning].first_pass_s
    freer = play(waiting, Lane(lines * 2, 10.0), ASSUMED)
    slowest = max(course.all_rounds_s for course in courses.values())
    # Endings fall on other people in another order: a call and its gap at the most.
    assert max(course.all_rounds_s for course in freer.values()) <= slowest + 3 * 140
