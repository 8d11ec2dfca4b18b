"""A text is about a round of the daily dispatch, or about a warning, and never about both by a guess."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.daily_answers import DeskOfRound, RoundAsked, daily_answer
from jiaoying.dispatch.replies import Candidate, Meaning, understand
from jiaoying.duty.daily.model import READY_MADE

NOW = datetime(2026, 10, 1, 9, 10, tzinfo=UTC)
DESK = DeskOfRound(UUID(int=1), ("龙港镇值班室", "龙港镇"))
OTHER = DeskOfRound(UUID(int=2), ("十里乡值班室", "十里乡"))
OWN = UUID(int=10)
MINUTE = timedelta(minutes=1)


def asked(
    *desks: DeskOfRound, at: datetime = NOW - 10 * MINUTE, reported: bool = False, number: int = 5
) -> RoundAsked:
    form = READY_MADE["flood"]
    return RoundAsked(
        UUID(int=number), "调度", form, frozenset({"A2"}), desks or (DESK,), frozenset({OWN}), at, reported
    )


def warning(*, waits: bool, minutes_ago: int = 60) -> Candidate:
    reached = (NOW - minutes_ago * MINUTE,)
    return Candidate(UUID(int=20), UUID(int=21), "B7", exercise=False, open=waits, reached=reached)


def answered(text: str, rounds: list[RoundAsked], candidates: list[Candidate]) -> bool:
    return daily_answer(rounds, candidates, understand(text), text, (), NOW) is not None


@given(
    st.sampled_from(["无", "零报告", "12 35 0", "平安", "龙港镇 1 1 0"]), st.booleans(), st.integers(0, 600)
)
def test_nothing_and_figures_in_order_are_always_the_rounds(text: str, waits: bool, minutes: int) -> None:
    assert answered(text, [asked()], [warning(waits=waits, minutes_ago=minutes)])


@given(
    st.sampled_from(["1", "收到", "2", "3", "到岗", "好的", "打错了", "退订", "不在"]),
    st.booleans(),
    st.integers(0, 600),
)
def test_a_plain_answer_is_never_a_report(text: str, waits: bool, minutes: int) -> None:
    assert not answered(text, [asked()], [warning(waits=waits, minutes_ago=minutes)])


@pytest.mark.parametrize("text", ["转移12户35人", "已封闭2处", "正在统计"])
def test_other_words_are_the_rounds_only_where_nothing_else_can_be_meant(text: str) -> None:
    assert answered(text, [asked()], [])
    assert answered(text, [asked()], [warning(waits=False)])
    assert not answered(text, [asked()], [warning(waits=True)])
    assert not answered(text, [asked()], [warning(waits=False, minutes_ago=5)])
    assert answered(f"A2 {text}", [asked()], [warning(waits=True)])
    assert not answered(f"B7 {text}", [asked()], [warning(waits=False)])


def test_a_sign_on_that_waits_takes_no_report_away() -> None:
    sign_on = replace(warning(waits=True, minutes_ago=5), is_duty=True)
    assert answered("转移12户35人", [asked()], [sign_on])
    assert not answered("1", [asked()], [sign_on])


def test_a_message_that_had_no_time_to_be_read_is_not_answered() -> None:
    assert not answered("无", [asked(at=NOW - timedelta(seconds=5))], [])


def test_the_round_that_waits_comes_before_the_one_that_was_reported() -> None:
    first, second = asked(number=5), asked(number=6, at=NOW - MINUTE, reported=True)
    found = daily_answer([first, second], [], understand("无"), "无", (), NOW)
    assert found is not None
    assert found.round.id == first.id


def test_who_stands_at_two_desks_says_which_unless_nothing_happened() -> None:
    def desks(text: str) -> tuple[UUID, ...] | None:
        found = daily_answer([asked(DESK, OTHER)], [], understand(text), text, (), NOW)
        return found and found.desk_ids

    assert desks("无") == (DESK.id, OTHER.id)
    assert desks("十里乡无") == (OTHER.id,)
    assert desks("十里乡 12 35 0") == (OTHER.id,)
    assert desks("12 35 0") == ()


@pytest.mark.parametrize(
    ("text", "quiet"),
    [
        ("转移0户0人，险情0处", True),
        ("转移2户6人，险情0处，道路已封闭", True),
        ("转移0户0人，险情1处", False),
        ("转移0户0人，险情0处，有人被困", False),
        ("险情05处", False),
        ("后山滑坡", False),
    ],
)
def test_danger_is_quiet_only_where_it_says_that_there_is_none(text: str, quiet: bool) -> None:
    assert understand(text).meaning is Meaning.DANGER
    found = daily_answer([asked()], [], understand(text), text, (), NOW)
    assert found is not None
    assert found.is_quiet is quiet
