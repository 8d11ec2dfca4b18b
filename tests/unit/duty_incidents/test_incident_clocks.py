"""A clock never runs out unnoticed: its steps come in order, each once, and an open one has a next moment."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.incidents.clocks import AGAIN_EVERY, moment_of, next_moment, step_due
from jiaoying.duty.incidents.model import KeptObligation, Means, ObligationState, Reminder, Step
from jiaoying.duty.incidents.reminding import look_at, strongest, to_be_ended

AT = datetime(2026, 8, 6, 19, 0, tzinfo=UTC)  # 03:00 in Shanxi
MINUTE = timedelta(minutes=1)


def owed(
    minutes: int, step: Step | None = None, state: ObligationState = ObligationState.OPEN, number: int = 1
) -> KeptObligation:
    due_at = AT + minutes * MINUTE
    next_at = next_moment(AT, due_at, step, AT) if state is ObligationState.OPEN else None
    return KeptObligation(
        UUID(int=number), UUID(int=9), "市政府总值班室", Means.PHONE, AT, due_at, "规则", "来源", 0, state,
        step, next_at, None, None, None, None,
    )  # fmt: skip


def test_two_hours_are_told_of_after_one_hour_pressed_half_an_hour_before_the_end() -> None:
    due_at = AT + 120 * MINUTE
    assert [(moment_of(step, AT, due_at) - AT) / MINUTE for step in Step] == [60, 90, 120]


def test_of_a_short_clock_the_stronger_comes_at_once() -> None:
    due_at = AT + 10 * MINUTE
    assert step_due(AT, due_at, AT + 4 * MINUTE) is None
    assert step_due(AT, due_at, AT + 5 * MINUTE) is Step.PRESSED
    assert step_due(AT, AT + 3 * MINUTE, AT) is Step.PRESSED


@given(st.integers(1, 600), st.lists(st.integers(0, 120), min_size=1, max_size=40))
def test_at_whatever_moments_it_is_looked_at_each_step_is_told_once(limit: int, waits: list[int]) -> None:
    one, now, told = owed(limit), AT, list[Step]()
    for wait in waits:
        now += wait * MINUTE
        look = look_at(one, now)
        assert look.next_at > now or look.reached is not None
        if look.told:
            told.append(look.told)
        one = owed(limit, look.reached)
    mild = [step for step in told if step is not Step.OVERDUE]
    assert mild == sorted(set(mild), key=lambda step: step.rank)
    assert told == sorted(told, key=lambda step: step.rank)


@given(st.integers(1, 600))
def test_looked_at_only_when_it_wants_it_nothing_is_missed(limit: int) -> None:
    one, told = owed(limit), list[Step]()
    now = one.next_at
    for _ in range(5):
        assert now is not None
        look = look_at(one, now)
        assert look.told is not None
        told.append(look.told)
        assert look.next_at > now
        one, now = owed(limit, look.reached), look.next_at
    assert told[-3:] == [Step.OVERDUE] * 3
    assert Step.PRESSED in told


def test_what_ran_out_is_told_again_every_half_hour() -> None:
    late = owed(20, Step.OVERDUE)
    look = look_at(late, AT + 50 * MINUTE)
    assert (look.told, look.next_at) == (Step.OVERDUE, AT + 50 * MINUTE + AGAIN_EVERY)


def test_after_an_outage_only_the_strongest_step_is_told() -> None:
    looks = [look_at(owed(20), AT + 25 * MINUTE), look_at(owed(40), AT + 25 * MINUTE)]
    assert [look.told for look in looks] == [Step.OVERDUE, Step.REMINDED]
    assert strongest(looks) is Step.OVERDUE


def _reminder(number: int, step: Step, *ids: int) -> Reminder:
    return Reminder(
        UUID(int=number), UUID(int=9), step, tuple(UUID(int=each) for each in ids), None, AT, None
    )


def test_a_call_ends_when_a_later_one_no_milder_tells_of_it_or_nothing_of_it_is_open() -> None:
    first, second = owed(20, Step.OVERDUE, number=1), owed(40, Step.REMINDED, number=2)
    done = owed(40, Step.REMINDED, ObligationState.DONE, number=2)
    pressed, overdue = _reminder(1, Step.PRESSED, 1), _reminder(2, Step.OVERDUE, 1)
    text = _reminder(3, Step.REMINDED, 2)
    # The leader goes on being rung for what ran out when the text for the other goes out.
    assert to_be_ended([pressed, overdue, text], [first, second]) == [pressed]
    assert to_be_ended([overdue, text], [first, done]) == [text]
    assert to_be_ended([overdue, _reminder(4, Step.REMINDED, 1)], [first]) == []
