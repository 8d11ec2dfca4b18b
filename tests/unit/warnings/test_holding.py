"""What holds a warning, and what ends the wait."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.states import WARNING, WarningEvent, WarningState
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.holding import (
    ASK_AGAIN_S,
    DECISION_WAIT_S,
    MOST_BY_ONE_PERSON,
    REMIND_S,
    START_AT_ONCE,
    STARTS_BY_ITSELF,
    CallLeader,
    GiveWay,
    Held,
    Hold,
    HoldPolicy,
    HoldReason,
    KeepHolding,
    Leader,
    Running,
    SecondPerson,
    Start,
    Waiting,
    hold_on_arrival,
    next_move,
    second_person_needed,
)
from jiaoying.warnings.model import Circle, IssuedWarning, Kind

NOW = datetime(2026, 7, 14, 19, 0, tzinfo=UTC)
COUNTY, TOWNSHIP, OTHER_TOWNSHIP, VILLAGE = "140521000000", "140521100000", "140521101000", "140521100201"
TEN_MINUTES = HoldPolicy({str(colour): 600 for colour in Colour})
SQUARE = ((35.0, 112.0), (35.0, 112.5), (35.5, 112.5), (35.5, 112.0), (35.0, 112.0))
SMALLER = ((35.1, 112.1), (35.1, 112.2), (35.2, 112.2), (35.2, 112.1), (35.1, 112.1))


def issued(
    colour: Colour | None = Colour.RED, kind: Kind = Kind.ALERT, codes: tuple[str, ...] = (COUNTY,)
) -> IssuedWarning:
    return IssuedWarning(
        sender="bureau",
        identifier="1",
        kind=kind,
        exercise=False,
        hazard=Hazard.RAIN,
        event="暴雨",
        event_code=None,
        colour=colour,
        sender_name=None,
        headline="暴雨预警",
        text="",
        instruction=None,
        area_names="沁水县",
        area_codes=codes,
        polygons=(),
        circles=(),
        references=(),
        sent_at=NOW,
        valid_from=NOW,
        valid_to=NOW + timedelta(hours=6),
    )


def running(
    colour: Colour | None = Colour.ORANGE, codes: tuple[str, ...] = (COUNTY,), **lines: object
) -> Running:
    return replace(Running(colour, codes, (), ()), **lines)  # type: ignore[arg-type]


def held_by(
    warning: IssuedWarning,
    policy: HoldPolicy = TEN_MINUTES,
    *,
    questions: bool = False,
    second: bool = False,
    over: Running | None = None,
    after: Waiting | None = None,
) -> Hold | None:
    return hold_on_arrival(
        warning,
        policy=policy,
        has_questions=questions,
        second_person=second,
        running=over,
        waiting=after,
        now=NOW,
    )


# --- what holds a warning ---


def test_what_no_policy_names_starts_at_once() -> None:
    assert held_by(issued(), START_AT_ONCE) is None
    assert held_by(issued(Colour.RED), HoldPolicy({"blue": 600})) is None
    assert held_by(issued(Colour.RED), HoldPolicy({"red": 0})) is None


@pytest.mark.parametrize("colour", list(Colour))
def test_a_policy_holds_its_colour_until_its_clock(colour: Colour) -> None:
    assert held_by(issued(colour)) == Hold(HoldReason.POLICY, NOW + timedelta(seconds=600))


def test_without_a_colour_the_entry_none_counts_and_else_that_of_yellow() -> None:
    assert held_by(issued(None), HoldPolicy({"none": 60, "yellow": 600})) == Hold(
        HoldReason.POLICY, NOW + timedelta(seconds=60)
    )
    assert held_by(issued(None), HoldPolicy({"yellow": 600, "blue": 0})) is not None
    assert held_by(issued(None), HoldPolicy({"blue": 600})) is None


def test_a_wait_takes_at_most_half_of_what_a_warning_is_good_for() -> None:
    short = replace(issued(), valid_to=NOW + timedelta(minutes=10))
    assert held_by(short) == Hold(HoldReason.POLICY, NOW + timedelta(minutes=5))


@pytest.mark.parametrize("kind", [Kind.CANCEL, Kind.ALL_CLEAR])
def test_what_ends_a_warning_is_never_held(kind: Kind) -> None:
    assert held_by(issued(kind=kind), questions=True, second=True) is None


def test_open_questions_hold_whatever_the_policy_says() -> None:
    until = NOW + timedelta(seconds=DECISION_WAIT_S)
    assert held_by(issued(), START_AT_ONCE, questions=True) == Hold(HoldReason.QUESTIONS, until)
    assert held_by(issued(kind=Kind.UPDATE), START_AT_ONCE, questions=True, over=running()) is not None


def test_a_second_person_is_waited_for_whatever_the_policy_says() -> None:
    found = held_by(issued(), START_AT_ONCE, questions=True, second=True)
    assert found is not None
    assert found.reason is HoldReason.SECOND_PERSON


def test_an_update_that_is_neither_graver_nor_wider_is_not_held() -> None:
    update = issued(Colour.ORANGE, Kind.UPDATE, (TOWNSHIP, VILLAGE))
    assert held_by(update, over=running(Colour.ORANGE)) is None
    assert held_by(update, over=running(Colour.RED)) is None
    assert held_by(replace(update, colour=None), over=running(Colour.YELLOW)) is None


def test_an_update_that_is_graver_or_wider_is_held() -> None:
    update = issued(Colour.ORANGE, Kind.UPDATE, (TOWNSHIP, OTHER_TOWNSHIP))
    assert held_by(update, over=running(Colour.YELLOW)) is not None
    assert held_by(update, over=running(Colour.ORANGE, (TOWNSHIP,))) is not None
    assert held_by(replace(update, colour=None), over=running(Colour.BLUE)) is not None


def test_lines_are_wider_where_they_leave_the_lines_before() -> None:
    bare = replace(issued(Colour.ORANGE, Kind.UPDATE, ()), polygons=(SMALLER,))
    assert held_by(bare, over=running(codes=(), polygons=(SQUARE,))) is None
    assert held_by(replace(bare, polygons=(SQUARE,)), over=running(codes=(), polygons=(SMALLER,)))
    assert held_by(bare, over=running(codes=(TOWNSHIP,)))
    circle = replace(bare, polygons=(), circles=(Circle(35.25, 112.25, 5),))
    assert held_by(circle, over=running(codes=(), polygons=(SQUARE,))) is None


def test_a_message_that_repeats_itself_does_not_push_its_clock_before_it() -> None:
    soon = NOW + timedelta(minutes=1)
    waiting = Waiting(Colour.RED, soon)
    assert held_by(issued(Colour.RED, Kind.UPDATE), after=waiting) == Hold(HoldReason.POLICY, soon)
    assert held_by(issued(Colour.ORANGE, Kind.UPDATE), after=waiting) == Hold(HoldReason.POLICY, soon)
    graver = held_by(issued(Colour.RED, Kind.UPDATE), after=Waiting(Colour.BLUE, soon))
    assert graver == Hold(HoldReason.POLICY, NOW + timedelta(minutes=10))


# --- what ends the wait ---


def held(
    colour: Colour | None = Colour.RED,
    reason: HoldReason = HoldReason.POLICY,
    leader: Leader = Leader.NOT_ASKED,
    asked_at: datetime | None = None,
) -> Held:
    return Held(reason, colour, NOW, superseded=False, leader=leader, asked_at=asked_at)


def test_before_the_clock_nothing_happens() -> None:
    early = NOW - timedelta(seconds=1)
    assert next_move(held(), early) == KeepHolding(NOW, "clock_runs")


@pytest.mark.parametrize("colour", STARTS_BY_ITSELF)
def test_red_and_orange_start_by_themselves_at_the_clock(colour: Colour) -> None:
    assert next_move(held(colour), NOW) == Start("clock")


@pytest.mark.parametrize("colour", [Colour.BLUE, Colour.YELLOW, None])
def test_what_is_milder_or_unknown_has_the_leader_called(colour: Colour | None) -> None:
    assert next_move(held(colour), NOW) == CallLeader("clock")


@pytest.mark.parametrize("reason", [HoldReason.QUESTIONS, HoldReason.SECOND_PERSON, HoldReason.BROKE])
def test_no_clock_starts_what_lacks_an_answer_or_a_person(reason: HoldReason) -> None:
    assert next_move(held(Colour.RED, reason), NOW + timedelta(hours=3)) == CallLeader("clock")


def test_a_newer_version_takes_its_place_whatever_the_clock_says() -> None:
    for moment in (NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)):
        assert next_move(replace(held(), superseded=True), moment) == GiveWay("replaced")


@pytest.mark.parametrize(
    ("leader", "after_s"),
    [(Leader.SILENT, ASK_AGAIN_S), (Leader.RINGING, ASK_AGAIN_S), (Leader.ANSWERED, REMIND_S)],
)
def test_the_leader_is_called_again_after_a_while_and_not_before(leader: Leader, after_s: int) -> None:
    asked = held(Colour.BLUE, leader=leader, asked_at=NOW)
    again = NOW + timedelta(seconds=after_s)
    waiting = next_move(asked, again - timedelta(seconds=1))
    assert isinstance(waiting, KeepHolding)
    assert waiting.until == again
    due = next_move(asked, again)
    assert isinstance(due, KeepHolding if leader is Leader.RINGING else CallLeader)


@given(
    st.sampled_from([None, *Colour]),
    st.sampled_from(list(HoldReason)),
    st.sampled_from(list(Leader)),
    st.integers(-4000, 8000),
    st.integers(0, 4000),
)
def test_whatever_is_held_has_a_next_moment_ahead_or_an_end(
    colour: Colour | None, reason: HoldReason, leader: Leader, ahead_s: int, asked_ago_s: int
) -> None:
    now = NOW + timedelta(seconds=ahead_s)
    move = next_move(held(colour, reason, leader, now - timedelta(seconds=asked_ago_s)), now)
    if isinstance(move, KeepHolding):
        assert move.until > now
    if isinstance(move, Start):
        assert reason is HoldReason.POLICY
        assert colour in STARTS_BY_ITSELF
        assert now >= NOW


# What may happen to a held warning, in any order: time passes, the stage looks (and may have been
# killed before it wrote anything), the officer starts or vetoes it, a newer version comes in.
STEPS = st.lists(st.sampled_from(["look", "killed look", "wait", "start", "veto", "supersede"]), max_size=14)


@given(STEPS, st.sampled_from([None, *Colour]), st.sampled_from(list(HoldReason)))
def test_in_any_order_it_starts_at_most_once_and_never_after_a_veto(
    steps: list[str], colour: Colour | None, reason: HoldReason
) -> None:
    state, now, story = WarningState.HELD, NOW - timedelta(minutes=5), list[str]()
    known = held(colour, reason)
    for step in steps:
        if step == "wait":
            now += timedelta(minutes=2)
        elif step == "supersede":
            known = replace(known, superseded=True)
        elif step in ("start", "veto"):
            event = WarningEvent.START if step == "start" else WarningEvent.WITHDRAW
            after = WARNING.after(state, event)
            if after is not state:
                story.append(step)
                state = after
        elif step == "look" and state is WarningState.HELD:
            move = next_move(known, now)
            if isinstance(move, Start):
                state = WARNING.after(state, WarningEvent.START)
                story.append("start")
            elif isinstance(move, GiveWay):
                state = WARNING.after(state, WarningEvent.WITHDRAW)
                story.append("veto")
    assert story.count("start") <= 1
    assert "start" not in story[story.index("veto") :] if "veto" in story else True


# --- two persons ---


def needed(
    people: int,
    *,
    kind: Kind = Kind.ALERT,
    largest: int | None = None,
    colour: Colour | None = Colour.YELLOW,
    two_persons_for: tuple[Colour, ...] = (),
) -> SecondPerson | None:
    return second_person_needed(
        kind=kind, people=people, largest=largest, colour=colour, two_persons_for=two_persons_for
    )


def test_a_thousand_people_are_one_persons_to_call_and_one_more_is_not() -> None:
    assert needed(MOST_BY_ONE_PERSON) is None
    assert needed(MOST_BY_ONE_PERSON + 1) is SecondPerson.MANY_PEOPLE


def test_more_than_twice_the_largest_so_far_needs_a_second_person() -> None:
    assert needed(200, largest=100) is None
    assert needed(201, largest=100) is SecondPerson.LARGER_THAN_BEFORE
    assert needed(201, largest=None) is None


def test_a_colour_needs_two_persons_where_the_county_wants_it() -> None:
    assert needed(1, colour=Colour.RED) is None
    assert needed(1, colour=Colour.RED, two_persons_for=(Colour.RED,)) is SecondPerson.COLOUR
    assert needed(1, colour=None, two_persons_for=(Colour.RED,)) is None


def test_standing_down_takes_one_person() -> None:
    assert needed(5000, kind=Kind.CANCEL, colour=Colour.RED, two_persons_for=(Colour.RED,)) is None
