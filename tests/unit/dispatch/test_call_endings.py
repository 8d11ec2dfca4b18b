"""How a call was heard, whatever order its reports come in."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.call_endings import (
    NOTHING_HEARD,
    CallEnding,
    CallHeard,
    heard_in,
    together,
)
from jiaoying.gateways.base import PickedUp, Report, ReportState

CALL = UUID(int=1)
AT = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)
HUMAN = Report("CA1", ReportState.UNDER_WAY, "human", picked_up_by=PickedUp.HUMAN)
ASSISTANT = Report("CA1", ReportState.UNDER_WAY, "unknown", picked_up_by=PickedUp.UNKNOWN)
WHOLE = Report("CA1", ReportState.UNDER_WAY, "heard", heard_whole=True)
OVER = Report("CA1", ReportState.DELIVERED, "completed", seconds=4)
RANG_OUT = Report("CA1", ReportState.FAILED, "no-answer", seconds=0)


@pytest.mark.parametrize(
    ("reports", "ending"),
    [
        ((HUMAN, WHOLE, OVER), CallEnding.HEARD),
        ((WHOLE, OVER), CallEnding.HEARD),
        ((HUMAN, OVER), CallEnding.CUT_OFF),
        ((OVER,), CallEnding.CUT_OFF),
        ((ASSISTANT, WHOLE, OVER), CallEnding.MACHINE),
        ((ASSISTANT,), CallEnding.MACHINE),
        ((HUMAN,), None),
        ((RANG_OUT,), None),
    ],
)
def test_the_ending_is_the_same_in_any_order_and_in_any_batches(
    reports: tuple[Report, ...], ending: CallEnding | None
) -> None:
    for order in permutations(reports):
        at_once = heard_in((CALL, report, AT) for report in order).get(CALL, NOTHING_HEARD)
        one_by_one = NOTHING_HEARD
        for report in order:
            one_by_one = together(one_by_one, heard_in([(CALL, report, AT)]).get(CALL, NOTHING_HEARD))
        assert at_once == one_by_one
        assert at_once.ending is ending


@given(st.lists(st.sampled_from([HUMAN, ASSISTANT, WHOLE, OVER, RANG_OUT]), max_size=6))
@settings(max_examples=100)
def test_only_a_human_who_heard_it_all_may_ever_count(reports: list[Report]) -> None:
    heard = heard_in((CALL, report, AT) for report in reports).get(CALL, NOTHING_HEARD)
    first_who = next((report.picked_up_by for report in reports if report.picked_up_by), None)
    assert heard.by_human == (WHOLE in reports and first_who is PickedUp.HUMAN)


def test_what_was_known_first_stands() -> None:
    later = AT + timedelta(seconds=30)
    assert together(CallHeard(AT, 20, PickedUp.HUMAN), CallHeard(later, 53, PickedUp.MACHINE)) == CallHeard(
        AT, 20, PickedUp.HUMAN
    )
