"""What a roll call does next: it has a next step or an end, and gives way to every grave warning."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.roll_calls.model import CallState, Outcome, RollCall, Seen, Terms
from jiaoying.duty.roll_calls.moments import MADE_UP_WITHIN
from jiaoying.duty.roll_calls.steps import (
    GRAVE,
    MISSED,
    Begin,
    CallOff,
    End,
    GiveTime,
    GiveWay,
    GoOn,
    latest_end,
    step_of_running,
    step_of_waiting,
)

NOW = datetime(2026, 7, 15, 13, 30, tzinfo=UTC)
TERMS = Terms("140521000000")
WAITING = RollCall(
    UUID(int=1), None, NOW, TERMS, None, (), "x", CallState.WAITING, NOW, None, None, None, None, None, None
)
RUNNING = replace(
    WAITING, state=CallState.RUNNING, started_at=NOW, ends_at=NOW + TERMS.limit, next_at=NOW + TERMS.limit
)
LATER = st.integers(0, 7200).map(lambda seconds: NOW + timedelta(seconds=seconds))
OPEN, THERE = Seen(UUID(int=1)), Seen(UUID(int=2), Outcome.PRESENT)


@given(LATER, st.booleans(), st.booleans())
def test_what_waits_begins_within_half_an_hour_or_never(now: datetime, grave: bool, waited: bool) -> None:
    call = replace(WAITING, postponed_at=NOW) if waited else WAITING
    step = step_of_waiting(call, now, grave=grave)
    if now - NOW > MADE_UP_WITHIN:
        assert step == CallOff(GRAVE if waited else MISSED)
    elif grave:
        assert isinstance(step, GiveWay)
        assert now < step.at <= NOW + MADE_UP_WITHIN + timedelta(seconds=1)
    else:
        assert step == Begin()


@given(LATER, st.booleans(), st.lists(st.sampled_from([OPEN, THERE]), max_size=4))
def test_what_runs_ends_with_the_last_answer_at_the_limit_or_for_something_graver(
    now: datetime, grave: bool, seen: list[Seen]
) -> None:
    match step_of_running(RUNNING, seen, now, grave=grave):
        case GoOn():
            assert OPEN in seen
            assert not grave
            assert now < NOW + TERMS.limit
        case GiveTime(until):
            assert now > NOW + TERMS.limit
            assert until <= latest_end(RUNNING)
        case End(reason):
            assert OPEN not in seen or now >= NOW + TERMS.limit or grave
            assert reason == (GRAVE if grave and OPEN in seen else None)


def test_what_an_officer_ended_ends_at_once() -> None:
    assert step_of_running(replace(RUNNING, reason="by_hand"), [OPEN], NOW, grave=False) == End("by_hand")
