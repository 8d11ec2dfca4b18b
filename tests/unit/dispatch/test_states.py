"""The lives, over every sequence of events up to length five."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import permutations, product
from typing import Any

import pytest

from jiaoying.dispatch.states import (
    ATTEMPT,
    CALL_OUT,
    RESPONSIBILITY,
    WARNING,
    AttemptEvent,
    AttemptState,
    CallOutEvent,
    CallOutState,
    ResponsibilityEvent,
    ResponsibilityState,
    WarningEvent,
    WarningState,
)
from jiaoying.kernel.transitions import Table

TABLES: Sequence[tuple[Table[Any, Any], type[StrEnum], type[StrEnum]]] = (
    (WARNING, WarningState, WarningEvent),
    (RESPONSIBILITY, ResponsibilityState, ResponsibilityEvent),
    (CALL_OUT, CallOutState, CallOutEvent),
    (ATTEMPT, AttemptState, AttemptEvent),
)


@pytest.mark.parametrize(("table", "states", "events"), TABLES, ids=lambda item: getattr(item, "name", ""))
def test_every_pair_is_spelled_out_once(
    table: Table[Any, Any], states: type[StrEnum], events: type[StrEnum]
) -> None:
    pairs = set(product(states, events))
    assert set(table.moves) | table.heard == pairs
    assert not set(table.moves) & table.heard


def run(table: Table[Any, Any], state: StrEnum, events: Sequence[StrEnum]) -> StrEnum:
    for event in events:
        state = table.after(state, event)
    return state


@pytest.mark.parametrize(
    ("table", "events", "answer", "answered"),
    [
        (CALL_OUT, CallOutEvent, CallOutEvent.ANSWER, CallOutState.ANSWERED),
        (ATTEMPT, AttemptEvent, AttemptEvent.ANSWER, AttemptState.ANSWERED),
    ],
)
def test_once_answered_always_answered(
    table: Table[Any, Any], events: type[StrEnum], answer: StrEnum, answered: StrEnum
) -> None:
    for sequence in product(events, repeat=4):
        assert run(table, answered, sequence) == answered
    assert answer in events


def test_an_answer_reaches_every_call_out_whatever_came_before() -> None:
    for sequence in product(CallOutEvent, repeat=5):
        if CallOutEvent.ANSWER in sequence:
            assert run(CALL_OUT, CallOutState.OPEN, sequence) == CallOutState.ANSWERED


def test_a_withdrawn_responsibility_stays_withdrawn() -> None:
    for sequence in product(ResponsibilityEvent, repeat=5):
        if ResponsibilityEvent.WITHDRAW in sequence:
            assert run(RESPONSIBILITY, ResponsibilityState.OPEN, sequence) == ResponsibilityState.WITHDRAWN


@pytest.mark.parametrize(
    "happened",
    [
        (AttemptEvent.ACCEPT, AttemptEvent.DELIVER),
        (AttemptEvent.ACCEPT, AttemptEvent.FAIL),
        (AttemptEvent.ACCEPT, AttemptEvent.DELIVER, AttemptEvent.ANSWER),
        (AttemptEvent.ACCEPT, AttemptEvent.FAIL, AttemptEvent.ANSWER),
        (AttemptEvent.ACCEPT, AttemptEvent.FAIL, AttemptEvent.DELIVER),
        (AttemptEvent.ACCEPT, AttemptEvent.DELIVER, AttemptEvent.DELIVER, AttemptEvent.ANSWER),
    ],
)
def test_hand_over_report_and_reply_lead_to_the_same_state_in_any_order(
    happened: tuple[AttemptEvent, ...],
) -> None:
    ends = {run(ATTEMPT, AttemptState.SENDING, order) for order in permutations(happened)}
    assert len(ends) == 1


def test_an_attempt_that_left_never_becomes_due_again_but_for_a_throttle() -> None:
    for sequence in product(AttemptEvent, repeat=5):
        if AttemptEvent.THROTTLE not in sequence:
            assert run(ATTEMPT, AttemptState.SENDING, sequence) != AttemptState.DUE


def test_a_pair_that_nobody_thought_of_is_a_defect() -> None:
    empty: Table[AttemptState, AttemptEvent] = Table("empty", {}, frozenset())
    with pytest.raises(KeyError, match="nothing is said"):
        empty.after(AttemptState.DUE, AttemptEvent.CLAIM)
