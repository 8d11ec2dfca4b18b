"""What a responsibility does next."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.escalation import (
    AskedPerson,
    Climb,
    Cover,
    GiveUp,
    Standing,
    Step,
    Wait,
    is_overdue,
    next_step,
)
from jiaoying.dispatch.ladders.model import ALL, ANY, Ladder, Rung, Who
from jiaoying.dispatch.states import CallOutState
from jiaoying.gateways.base import Channel

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
RUNG = Rung((Who.HOLDER,), (Channel.SMS, Channel.VOICE), 3, 60, 180)
LADDER = Ladder(ANY, 300, (RUNG, RUNG))


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def standing(rung: int, *, listed: bool = False) -> Standing:
    return Standing(rung, NOW if rung >= 0 else None, at(300), listed)


def person(
    state: CallOutState = CallOutState.OPEN, *, rung: int = 0, handed_over_s: float | None = 0
) -> AskedPerson:
    return AskedPerson(rung, state, None if handed_over_s is None else at(handed_over_s))


def step_after(seconds: float, rung: int, *people: AskedPerson, ladder: Ladder = LADDER) -> Step:
    return next_step(standing(rung), ladder, people, at(seconds))


def test_the_first_rung_begins_at_once() -> None:
    assert step_after(0, -1) == Climb(0, "first_rung")


def test_an_answer_covers() -> None:
    assert step_after(10, 0, person(CallOutState.ANSWERED)) == Cover()


def test_the_wait_runs_from_the_hand_over_and_not_from_the_rung() -> None:
    handed_over = person(handed_over_s=100)
    assert step_after(279, 0, handed_over) == Wait(at(280), at(100), "waiting_for_answer")
    assert step_after(280, 0, handed_over) == Climb(1, "wait_ran_out")


def test_an_order_to_go_on_leaves_the_rung_that_it_names_and_no_other() -> None:
    waiting = person(handed_over_s=0)
    ordered = Standing(0, NOW, at(300), listed=False, leave_rung=0)
    assert next_step(ordered, LADDER, [waiting], at(1)) == Climb(1, "by_hand")
    # The ladder has left it: the order is spent.
    spent = Standing(1, NOW, at(300), listed=False, leave_rung=0)
    assert isinstance(next_step(spent, LADDER, [person(rung=1)], at(1)), Wait)
    # Whoever answered meanwhile covers.
    assert next_step(ordered, LADDER, [person(CallOutState.ANSWERED)], at(1)) == Cover()


def test_somebody_still_in_the_queue_is_not_passed_over() -> None:
    step = step_after(10_000, 0, person(handed_over_s=None))
    assert isinstance(step, Wait)
    assert step.reason == "still_in_queue"


def test_cannot_goes_to_the_next_person_at_once() -> None:
    assert step_after(5, 0, person(CallOutState.DECLINED)) == Climb(1, "declined")


def test_spent_tries_go_on_at_once() -> None:
    assert step_after(5, 0, person(CallOutState.EXHAUSTED)) == Climb(1, "not_reached")


def test_an_empty_rung_goes_on_at_once() -> None:
    assert step_after(0, 0) == Climb(1, "nobody_to_ask")


def test_the_first_to_decline_does_not_pass_over_the_second() -> None:
    step = step_after(5, 0, person(CallOutState.DECLINED), person())
    assert isinstance(step, Wait)


def test_the_last_rung_gives_up_only_when_nobody_is_tried_any_more() -> None:
    spent = person(CallOutState.EXHAUSTED, rung=1)
    assert isinstance(step_after(500, 1, person(), spent), Wait)
    assert step_after(500, 1, person(CallOutState.EXHAUSTED), spent) == GiveUp("not_reached")


def test_somebody_of_an_earlier_rung_may_still_answer() -> None:
    answered_late = person(CallOutState.ANSWERED, rung=0)
    assert step_after(500, 1, answered_late, person(rung=1)) == Cover()


def test_all_must_answer_where_the_ladder_says_so() -> None:
    ladder = Ladder(ALL, 300, (RUNG,))
    one = (person(CallOutState.ANSWERED), person())
    both = (person(CallOutState.ANSWERED), person(CallOutState.ANSWERED))
    assert isinstance(step_after(5, 0, *one, ladder=ladder), Wait)
    assert step_after(5, 0, *both, ladder=ladder) == Cover()


def test_the_deadline_is_looked_at_even_while_waiting() -> None:
    step = step_after(250, 0, person(handed_over_s=240))
    assert step == Wait(at(300), at(240), "waiting_for_answer")


def test_overdue_once() -> None:
    assert not is_overdue(standing(0), at(299))
    assert is_overdue(standing(0), at(300))
    assert not is_overdue(standing(0, listed=True), at(300))


@given(
    st.integers(-1, 1),
    st.lists(
        st.builds(
            person,
            st.sampled_from(CallOutState),
            rung=st.integers(0, 1),
            handed_over_s=st.one_of(st.none(), st.floats(0, 600)),
        ),
        max_size=4,
    ),
    st.floats(0, 2000),
)
def test_every_open_responsibility_has_a_next_moment_or_an_end(
    rung: int, people: list[AskedPerson], seconds: float
) -> None:
    step = next_step(standing(rung), LADDER, people, at(seconds))
    if isinstance(step, Wait):
        assert step.until > at(seconds)
    if isinstance(step, Climb):
        assert step.rung == rung + 1
    if isinstance(step, GiveUp):
        assert all(item.state is not CallOutState.OPEN for item in people)
