"""A check of a number is never ticked together with a call, nor instead of one."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.check_answers import WRITING, CheckAnswer, CheckAsked, check_answer
from jiaoying.dispatch.replies import Candidate, Meaning, Understood, understand

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
ME = understand("1")


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def check(minutes: float, *, answered: bool = False) -> CheckAsked:
    return CheckAsked(UUID(int=9), at(minutes), answered)


def call(minutes: float | None, *, is_open: bool = True, exercise: bool = False) -> Candidate:
    reached = () if minutes is None else (at(minutes),)
    return Candidate(UUID(int=1), UUID(int=2), "A7", exercise, is_open, reached)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("1", CheckAnswer.ME),
        ("收到", CheckAnswer.ME),
        ("9", CheckAnswer.NOT_ME),
        ("打错了，我不是", CheckAnswer.NOT_ME),
        ("1 A7", CheckAnswer.NO_ANSWER),
        ("2", CheckAnswer.NO_ANSWER),
        ("转移 3户", CheckAnswer.NO_ANSWER),
        ("滑坡了", CheckAnswer.NO_ANSWER),
    ],
)
def test_what_answers_a_check_that_stands_alone(words: str, answer: CheckAnswer) -> None:
    assert check_answer(check(0), [], understand(words), at(3)) is answer


@pytest.mark.parametrize(
    ("asked", "calls", "answer"),
    [
        (None, [], CheckAnswer.NO_ANSWER),
        (check(2.9), [], CheckAnswer.NO_ANSWER),  # had no time to be read
        (check(0), [call(-60, is_open=False)], CheckAnswer.ME),
        (check(0), [call(1, is_open=False)], CheckAnswer.NO_ANSWER),
        (check(0), [call(None)], CheckAnswer.ME),  # the call has not reached anybody yet
        (check(0), [call(-60)], CheckAnswer.WHICH),
        (check(0), [call(1)], CheckAnswer.WHICH),
        (check(0), [call(2.95)], CheckAnswer.WHICH),
        (check(0), [call(1, exercise=True)], CheckAnswer.WHICH),
        (check(-15), [call(1)], CheckAnswer.NO_ANSWER),  # an old check holds up no answer to a call
        (check(0, answered=True), [call(1)], CheckAnswer.NO_ANSWER),
    ],
)
def test_a_plain_one_near_a_call(
    asked: CheckAsked | None, calls: list[Candidate], answer: CheckAnswer
) -> None:
    assert check_answer(asked, calls, ME, at(3)) is answer


def test_nine_is_for_the_check_whatever_waits() -> None:
    """No call offers it in a text."""
    assert check_answer(check(0), [call(1)], Understood(Meaning.NOT_ME), at(3)) is CheckAnswer.NOT_ME


minutes = st.floats(-30, 3) | st.none()


@given(
    asked=st.floats(-30, 2.5),
    answered=st.booleans(),
    calls=st.lists(st.builds(call, minutes, is_open=st.booleans(), exercise=st.booleans()), max_size=4),
)
def test_whatever_came_before_a_plain_one_ticks_a_check_only_where_no_call_waits(
    asked: float, answered: bool, calls: list[Candidate]
) -> None:
    found = check_answer(check(asked, answered=answered), calls, ME, at(3))
    reached = [item.reached_at for item in calls if item.reached_at]
    waiting = any(item.open for item in calls if item.reached_at)
    if found is CheckAnswer.ME:
        assert not waiting
    if waiting and not answered and max(reached) <= at(asked) + WRITING:
        assert found is CheckAnswer.WHICH
