"""Who owes which report, and what meets it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.feedback_clocks import (
    CLOCK,
    ClockEvent,
    ClockState,
    Duty,
    booked_on,
    clocks_after_answer,
    meets,
    narrowest_of,
)
from jiaoying.dispatch.ladders.model import FeedbackClock, Who
from jiaoying.dispatch.reports import Reported

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
COUNTY, TOWN, OTHER_TOWN = "140521000000", "140521100000", "140521101000"
VILLAGE, NEXT_VILLAGE, FAR_VILLAGE = "140521100201", "140521100202", "140521101201"
ON_POST, PATROL = FeedbackClock(FeedbackStage.ON_POST, 900), FeedbackClock(FeedbackStage.PATROL, 1800)


def duty(
    area: str, role: Who = Who.HOLDER, *clocks: FeedbackClock, of_desk: bool = False, stands: bool = True
) -> Duty:
    return Duty(UUID(int=1), UUID(int=2), role, area, of_desk, stands, clocks)


def test_whoever_acts_there_reports_in_time_after_the_answer() -> None:
    assert clocks_after_answer([duty(VILLAGE, Who.DEPUTY, ON_POST, PATROL)], NOW) == {
        FeedbackStage.ON_POST: NOW + timedelta(minutes=15),
        FeedbackStage.PATROL: NOW + timedelta(minutes=30),
    }


def test_of_two_clocks_for_one_stage_the_earlier_counts() -> None:
    sooner = FeedbackClock(FeedbackStage.ON_POST, 300)
    due = clocks_after_answer([duty(VILLAGE, Who.HOLDER, ON_POST), duty(TOWN, Who.HOLDER, sooner)], NOW)
    assert due == {FeedbackStage.ON_POST: NOW + timedelta(minutes=5)}


@pytest.mark.parametrize("role", [Who.SUPERIOR, Who.LEADER, Who.DESK])
def test_who_only_answers_for_somebody_else_owes_no_report(role: Who) -> None:
    assert clocks_after_answer([duty(VILLAGE, role, ON_POST)], NOW) == {}


def test_a_desk_reports_for_itself_only() -> None:
    assert clocks_after_answer([duty(TOWN, Who.DESK, ON_POST, of_desk=True)], NOW)


def test_a_withdrawn_duty_asks_nothing() -> None:
    assert clocks_after_answer([duty(VILLAGE, Who.HOLDER, ON_POST, stands=False)], NOW) == {}


@pytest.mark.parametrize(
    ("report", "met", "not_met"),
    [
        (Reported(FeedbackStage.ON_POST), ["on_post"], ["patrol", "moved"]),
        (Reported(FeedbackStage.PATROL), ["on_post", "patrol"], ["moving", "moved"]),
        (Reported(FeedbackStage.MOVING, 12, 35), ["on_post", "patrol", "moving"], ["moved", "settled"]),
        (Reported(FeedbackStage.MOVING, 0, 0), ["on_post", "moved", "settled"], ["ended"]),
        (Reported(FeedbackStage.MOVED, 12, 35), ["on_post", "moved"], ["settled", "ended"]),
        (Reported(FeedbackStage.DANGER), ["on_post", "patrol"], ["moved", "ended"]),
        (Reported(FeedbackStage.ENDED), ["on_post", "patrol", "moved", "settled", "ended"], []),
    ],
)
def test_a_report_meets_its_stage_and_what_comes_before(
    report: Reported, met: list[str], not_met: list[str]
) -> None:
    assert all(meets(report, FeedbackStage(stage)) for stage in met)
    assert not any(meets(report, FeedbackStage(stage)) for stage in not_met)


@pytest.mark.parametrize(
    ("codes", "place"),
    [
        ([VILLAGE], VILLAGE),
        ([VILLAGE, NEXT_VILLAGE], TOWN),
        ([VILLAGE, TOWN], TOWN),
        ([VILLAGE, FAR_VILLAGE], COUNTY),
        ([TOWN, OTHER_TOWN, COUNTY], COUNTY),
        ([], None),
    ],
)
def test_the_narrowest_place_that_holds_all(codes: list[str], place: str | None) -> None:
    assert narrowest_of(codes) == place
    assert booked_on([duty(code) for code in codes]) == place


def test_figures_are_of_the_own_place_and_not_of_one_that_somebody_answers_for_too() -> None:
    assert booked_on([duty(VILLAGE), duty(FAR_VILLAGE, Who.SUPERIOR)]) == VILLAGE


def test_every_pair_is_spelled_out_and_a_report_is_never_taken_back() -> None:
    for state in ClockState:
        for event in ClockEvent:
            after = CLOCK.after(state, event)
            if state is ClockState.REPORTED:
                assert after is ClockState.REPORTED
    still_owed = (ClockState.RUNNING, ClockState.ASKED, ClockState.MISSED)
    assert {CLOCK.after(state, ClockEvent.REPORT) for state in still_owed} == {ClockState.REPORTED}
