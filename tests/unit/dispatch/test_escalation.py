"""What a responsibility does next."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

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
    Walk,
    is_overdue,
    next_step,
)
from jiaoying.dispatch.ladders.model import ALL, ANY, After, Ladder, Rung, Stop, Tier, Who
from jiaoying.dispatch.states import CallOutState, DoorState, ResponsibilityState
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
    return AskedPerson(uuid4(), rung, state, None if handed_over_s is None else at(handed_over_s))


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


STEPPED = Ladder(ANY, 300, (RUNG,), After(Tier.TOWNSHIP, 600))
OPEN, COVERED, UNCOVERED = (
    ResponsibilityState.OPEN,
    ResponsibilityState.COVERED,
    ResponsibilityState.UNCOVERED,
)


def first_step(seconds: float, *before: ResponsibilityState, ladder: Ladder = STEPPED) -> Step:
    waiting = Standing(-1, None, at(900), listed=False, turn_at=at(600))
    return next_step(waiting, ladder, (), at(seconds), before=before)


def test_a_village_waits_while_its_township_is_being_called() -> None:
    assert first_step(0, OPEN, UNCOVERED) == Wait(at(600), None, "waits_its_turn")


def test_it_begins_when_one_there_has_answered_or_none_is_left_who_may() -> None:
    assert first_step(10, OPEN, COVERED) == Climb(0, "its_turn")
    assert first_step(10, UNCOVERED) == Climb(0, "its_turn")
    assert first_step(0) == Climb(0, "its_turn")


def test_it_begins_at_the_latest_when_its_wait_runs_out() -> None:
    assert first_step(600, OPEN) == Climb(0, "turn_ran_out")


def test_a_milder_ladder_that_waits_for_nobody_begins() -> None:
    assert first_step(10, OPEN, ladder=LADDER) == Climb(0, "its_turn")


def test_n_persons_must_answer_and_one_on_two_rungs_is_one() -> None:
    ladder = Ladder(Stop(2), 300, (RUNG, RUNG))
    first, second = person(CallOutState.ANSWERED), person(CallOutState.ANSWERED, rung=1)
    again = AskedPerson(first.who, 1, CallOutState.ANSWERED, at(0))
    assert isinstance(step_after(5, 1, first, again, person(rung=1), ladder=ladder), Wait)
    assert step_after(5, 1, first, second, ladder=ladder) == Cover()
    assert step_after(5, 0, first, ladder=ladder) == Climb(1, "more_needed")


def test_all_of_an_earlier_rung_may_still_answer() -> None:
    ladder = Ladder(ALL, 300, (RUNG, RUNG))
    both = (person(CallOutState.ANSWERED), person(CallOutState.ANSWERED))
    assert step_after(500, 1, *both, person(rung=1), ladder=ladder) == Cover()


def walk(state: DoorState, *, in_vain: bool = False, next_s: float | None = 1200) -> Walk:
    live = state in (DoorState.OPEN, DoorState.TAKEN)
    return Walk(0, state, at(0), at(next_s) if live and next_s else None, in_vain)


def after_walk(seconds: float, *walks: Walk, rung: int = 0, ladder: Ladder = LADDER) -> Step:
    return next_step(standing(rung, listed=True), ladder, (), at(seconds), walks=walks)


def test_who_goes_to_the_door_answers_for_nothing_by_it() -> None:
    assert isinstance(after_walk(5, walk(DoorState.TAKEN)), Wait)
    assert isinstance(after_walk(5, walk(DoorState.DONE)), Climb)


def test_nobody_takes_the_walk_within_the_wait() -> None:
    assert after_walk(179, walk(DoorState.OPEN)) == Wait(at(180), at(0), "waiting_for_answer")
    assert after_walk(180, walk(DoorState.OPEN)) == Climb(1, "wait_ran_out")


def test_a_walk_that_is_taken_has_a_clock_of_its_own() -> None:
    assert after_walk(600, walk(DoorState.TAKEN)) == Wait(at(1200), at(0), "on_the_way")


def test_nobody_home_goes_on_and_is_listed_at_once() -> None:
    nobody = walk(DoorState.FAILED, in_vain=True)
    assert after_walk(100, nobody) == Climb(1, "door_in_vain")
    assert is_overdue(standing(0), at(100), [nobody])
    assert not is_overdue(standing(0), at(100), [walk(DoorState.FAILED)])


def test_it_is_not_given_up_while_somebody_is_on_the_way() -> None:
    only = Ladder(ANY, 300, (RUNG, RUNG))
    taken = walk(DoorState.TAKEN)
    assert isinstance(after_walk(5000, taken, rung=1, ladder=only), Wait)
    assert after_walk(5000, walk(DoorState.FAILED), rung=1, ladder=only) == GiveUp("nobody_to_ask")


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
