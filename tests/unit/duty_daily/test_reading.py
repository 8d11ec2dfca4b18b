"""What a text says to the questions of a round: nothing is guessed at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.daily.model import READY_MADE, Form, Kind, form_of
from jiaoying.duty.daily.reading import Manner, read_reply

FLOOD, HOLIDAY = READY_MADE["flood"], READY_MADE["holiday"]
PEOPLE = form_of(("转移人数", Kind.FIGURE, "人"), ("失联人数", Kind.FIGURE, "人"))
ASKS = form_of(("事故", Kind.FIGURE, "起"), ("有无人员伤亡", Kind.YES_NO, ""))


@pytest.mark.parametrize(
    "text",
    [
        "无",
        " 无。",
        "零报告",
        "平安",
        "收到，无",
        "龙港镇零报告",
        "龙港镇值班室：无",
        "赵演示 今日无情况",
        "报平安",
        "NIL",
        "无险情",
        "无！谢谢",
    ],
)
def test_nothing_happened(text: str) -> None:
    read = read_reply(text, FLOOD, ["赵演示", "龙港镇值班室", "龙港镇"])
    assert (read.manner, read.whole, read.answers) == (Manner.ZERO, True, {"q1": 0, "q2": 0, "q3": 0})


@pytest.mark.parametrize("text", ["12 35 0", "12，35，0", "12、35、无", "12户 35人 0处", "龙港镇 12 35 0"])
def test_figures_in_the_order_of_the_questions(text: str) -> None:
    read = read_reply(text, FLOOD, ["龙港镇"])
    assert (read.whole, read.answers) == (True, {"q1": 12, "q2": 35, "q3": 0})


@pytest.mark.parametrize(
    ("text", "form", "answers", "whole"),
    [
        ("转移12户35人，险情0处", FLOOD, {"q1": 12, "q2": 35, "q3": 0}, True),
        ("转移12户35人，无险情", FLOOD, {"q1": 12, "q2": 35, "q3": 0}, True),
        ("已转移12户，35人", FLOOD, {"q1": 12, "q2": 35}, False),
        ("12户35人", FLOOD, {"q1": 12, "q2": 35}, False),
        ("转移2户5人，险情0处，路已封", FLOOD, {"q1": 2, "q2": 5, "q3": 0, "q4": "路已封"}, True),
        ("转移35人失联2人，路已封", PEOPLE, {"q1": 35, "q2": 2}, False),
        ("转移35人失联2人", PEOPLE, {"q1": 35, "q2": 2}, True),
        ("事故1起，无人员伤亡", ASKS, {"q1": 1, "q2": False}, True),
        ("事故1起 有人员伤亡", ASKS, {"q1": 1, "q2": True}, True),
        ("0 无", ASKS, {"q1": 0, "q2": False}, True),
        ("事故2起", HOLIDAY, {"q1": 2}, False),
    ],
)
def test_figures_by_their_names(text: str, form: Form, answers: dict[str, object], whole: bool) -> None:
    read = read_reply(text, form)
    assert (dict(read.answers), read.whole) == (answers, whole)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("3人失联", FLOOD),
        ("在岗3人", FLOOD),
        ("35人", PEOPLE),
        ("又转移3户8人", FLOOD),
        ("转移约12户35人", FLOOD),
        ("还没转移，12户35人", FLOOD),
        ("转移12户35人，12户", FLOOD),
        ("12 35", FLOOD),
        ("12 35 0 4", FLOOD),
        ("10:30", PEOPLE),
        ("1", form_of(("事故", Kind.FIGURE, "起"))),
        ("收到", FLOOD),
        ("正在统计，稍后上报", FLOOD),
        ("13800000000", FLOOD),
        ("", FLOOD),
        ("一切不正常", FLOOD),
        ("不平安", FLOOD),
    ],
)
def test_what_is_not_certain_is_kept_as_words(text: str, form: Form) -> None:
    read = read_reply(text, form)
    assert (read.manner, read.answers, read.whole) == (Manner.WORDS, {}, False)


FIGURES = st.integers(0, 999_999)


@given(st.lists(FIGURES, min_size=3, max_size=3), st.sampled_from([" ", "，", ", ", "、", "\n"]))
def test_in_order_they_are_read_as_they_were_written(figures: list[int], between: str) -> None:
    read = read_reply(between.join(map(str, figures)), FLOOD)
    assert list(read.answers.values()) == figures


@given(
    st.permutations([("事故", "起", "q1"), ("火情", "处", "q2"), ("伤亡", "人", "q3")]),
    st.lists(FIGURES, min_size=3, max_size=3),
    st.sampled_from(["", "，", " "]),
)
def test_by_name_the_order_does_not_matter(
    parts: list[tuple[str, str, str]], figures: list[int], between: str
) -> None:
    text = between.join(
        f"{name}{figure}{unit}" for (name, unit, _), figure in zip(parts, figures, strict=True)
    )
    read = read_reply(text, HOLIDAY)
    assert read.answers == {key: figure for (_, _, key), figure in zip(parts, figures, strict=True)}
    assert read.whole


@given(st.text(alphabet="无零0123456789户人处转移险情失联没未 ，。不又有", max_size=24))
def test_whatever_is_written_is_read_without_breaking_and_zero_is_never_half_a_report(text: str) -> None:
    read = read_reply(text, FLOOD)
    assert set(read.answers) <= {"q1", "q2", "q3", "q4"}
    assert not (read.is_zero and not read.whole)
    if any(sign in text for sign in "不未") and read.manner is not Manner.WORDS:
        # A denial stands only in what was kept as remarks.
        assert not read.whole or all(sign not in text for sign in "不未")
