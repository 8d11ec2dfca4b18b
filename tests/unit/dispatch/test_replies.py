"""What people say, and which call-out they mean by it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.replies import (
    READING_S,
    AskWhich,
    Candidate,
    Chosen,
    Meaning,
    NothingAsked,
    Understood,
    choose_call_outs,
    is_about_drill,
    understand,
    understand_key,
)

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        *(
            (word, Meaning.WRONG_PERSON)
            for word in ("打错了", "你打错了！", "不是我", "我不是王小明", "不是本人。")
        ),
        *(
            (word, Meaning.WRONG_PERSON)
            for word in ("打错了，不是我", "Wrong number", "我不是 王强", "发错人了~")
        ),
        *((word, Meaning.NOT_ME) for word in ("9", "９", " 9。")),
        *(
            (word, Meaning.NOT_UNDERSTOOD)
            for word in (
                "收到，打错了",
                "我不是不去",
                "我不是在转移吗",
                "我不是已经到了",
                "99",
                "王强不是我爹的名字",
            )
        ),
        *(
            (word, Meaning.ANSWERED)
            for word in ("1", "１", " 1。", "收到", "收到！", "好的👌", "OK.", "Yes", "ack")
        ),
        *((word, Meaning.ANSWERED) for word in ("知道了", "明 白", "【收到】")),
        *((word, Meaning.ON_POST) for word in ("到岗", "已到岗。", "到 岗")),
        *((word, Meaning.DECLINED) for word in ("2", "２", "不在", "不在岗", "转B角", "转b角！")),
        *((word, Meaning.RING_BACK) for word in ("3", "回电", "回电。")),
        *((word, Meaning.MOVING) for word in ("转移", "正在转移", "已转移。")),
        *((word, Meaning.OPT_OUT) for word in ("STOP", "退订", "TD", "td.")),
        *((word, Meaning.DANGER) for word in ("村后滑坡了", "路塌了", "有人被困", "救命！")),
        *((word, Meaning.NOT_UNDERSTOOD) for word in ("", "？", "11", "什么事", "1 2", "a", "end", "cancel")),
        *((word, Meaning.ANSWERED) for word in ("收到，马上到岗", "好的 收到", "收到。马上去")),
        *((word, Meaning.ON_POST) for word in ("收到，已到岗", "到岗 收到")),
        *((word, Meaning.NOT_UNDERSTOOD) for word in ("没收到", "收到，去不了", "收到，2", "好 不在")),
        *((word, Meaning.ANSWERED) for word in ("收到，谢谢", "收到收到", "收到谢谢", "好的好的，辛苦了")),
        *((word, Meaning.MOVING) for word in ("收到！马上组织转移", "收到马上组织转移", "到岗，正在转移")),
        *((word, Meaning.DANGER) for word in ("收到，谢谢，后山滑坡了", "12户35人被困", "收到收到 路塌了")),
        *((word, Meaning.NOT_UNDERSTOOD) for word in ("谢谢", "收到没", "收到吗", "收到，没转移", "收到3")),
        ("转", Meaning.ASK_MOVE),
    ],
)
def test_words(text: str, meaning: Meaning) -> None:
    assert understand(text).meaning == meaning


@pytest.mark.parametrize(
    ("text", "households", "people"),
    [
        ("转移 12户35人", 12, 35),
        ("转12户35人", 12, 35),
        ("已转移35人", None, 35),
        ("已转移１２户３５人。", 12, 35),
        ("转移3户", 3, None),
        ("已转移12户35人，都安置在村小学", 12, 35),
        ("收到，已转移 35人。", None, 35),
        ("12户35人", 12, 35),
        ("12户，35人。", 12, 35),
        ("收到，12户35人，谢谢", 12, 35),
        ("12户35人已全部转移", 12, 35),
        ("转移十二户三十五人", 12, 35),
        ("已转移两户十人", 2, 10),
        ("已转移一百零二人，都安置在第一小学", None, 102),
        ("一百二十户三百人", 120, 300),
    ],
)
def test_figures(text: str, households: int | None, people: int | None) -> None:
    assert understand(text) == Understood(Meaning.MOVED, None, households, people)


def test_two_figures_are_not_guessed_between() -> None:
    assert understand("已转移12户，还有3人没走").meaning is Meaning.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "text",
    ["12户", "35人", "还没转移，12户35人", "还有12户35人", "转移一百二人", "转移三五户", "12户35人没转移"],
)
def test_figures_that_may_mean_something_else_go_to_the_officer(text: str) -> None:
    assert understand(text).meaning is Meaning.NOT_UNDERSTOOD


def test_figures_alone_may_name_their_warning() -> None:
    assert understand("12户35人 A7") == Understood(Meaning.MOVED, "A7", 12, 35)


def test_figures_that_no_county_has_are_asked_about() -> None:
    assert understand("已转移1234567人").meaning is Meaning.NOT_UNDERSTOOD


@pytest.mark.parametrize("text", ["1 A7", "A7 1", "1a7", "收到 A7。", "１　Ａ７", "a7，收到"])
def test_a_reference_names_the_warning(text: str) -> None:
    assert understand(text) == Understood(Meaning.ANSWERED, "A7")


def test_a_deputy_is_not_a_reference() -> None:
    assert understand("转B角").reference is None


@given(st.text(max_size=2000))
def test_no_text_breaks_it(text: str) -> None:
    understand(text)


@pytest.mark.parametrize(
    ("digits", "meaning"),
    [
        ("1", Meaning.ANSWERED),
        ("2", Meaning.DECLINED),
        ("3", Meaning.RING_BACK),
        ("", Meaning.NOT_UNDERSTOOD),
        ("7", Meaning.NOT_UNDERSTOOD),
    ],
)
def test_keys(digits: str, meaning: Meaning) -> None:
    assert understand_key(digits).meaning is meaning


def candidate(
    number: int, *, reached_s_ago: float | None, is_open: bool = True, exercise: bool = False
) -> Candidate:
    reached = () if reached_s_ago is None else (NOW - timedelta(seconds=reached_s_ago),)
    return Candidate(UUID(int=number), UUID(int=100 + number), f"A{number}", exercise, is_open, reached)


def test_a_plain_answer_means_the_message_that_came_last() -> None:
    first, second = candidate(2, reached_s_ago=600), candidate(3, reached_s_ago=60)
    assert choose_call_outs([first, second], None, NOW) == Chosen((second.call_out_id,), ("A2",))


def test_a_late_answer_does_not_tick_what_has_only_just_arrived() -> None:
    first, second = candidate(2, reached_s_ago=600), candidate(3, reached_s_ago=4)
    assert choose_call_outs([first, second], None, NOW) == Chosen((first.call_out_id,), ("A3",))


def test_what_came_in_one_moment_is_answered_together() -> None:
    first, second = candidate(2, reached_s_ago=60), candidate(3, reached_s_ago=60)
    assert choose_call_outs([first, second], None, NOW) == Chosen((first.call_out_id, second.call_out_id), ())


def test_an_answer_is_not_lost_on_a_cancelled_warning_while_another_waits() -> None:
    over = replace(candidate(2, reached_s_ago=600, is_open=False), over=True)
    waiting = candidate(3, reached_s_ago=4)
    assert choose_call_outs([over, waiting], None, NOW) == AskWhich(("A3",))
    assert choose_call_outs([over], None, NOW) == Chosen((over.call_out_id,), ())
    older = candidate(4, reached_s_ago=900)
    assert choose_call_outs([over, older], None, NOW) == AskWhich(("A4",))


def test_who_answered_and_now_reports_means_the_same_warning() -> None:
    answered, older = candidate(2, reached_s_ago=600, is_open=False), candidate(4, reached_s_ago=900)
    assert choose_call_outs([answered, older], None, NOW) == Chosen((answered.call_out_id,), ("A4",))


def test_a_named_warning_decides() -> None:
    first, second = candidate(2, reached_s_ago=600), candidate(3, reached_s_ago=60)
    assert choose_call_outs([first, second], "A2", NOW) == Chosen((first.call_out_id,), ("A3",))


def test_a_reference_that_this_number_was_never_given() -> None:
    answered = candidate(2, reached_s_ago=600, is_open=False)
    assert choose_call_outs([answered], "B9", NOW) == NothingAsked("B9")


def test_a_wrong_reference_never_hides_what_still_waits() -> None:
    waiting = candidate(2, reached_s_ago=600)
    assert choose_call_outs([waiting], "B9", NOW) == AskWhich(("A2",))


def test_what_ticks_nothing_was_said_about_a_drill_only_where_no_real_warning_waits() -> None:
    drill = candidate(3, reached_s_ago=60, exercise=True)
    assert is_about_drill([drill, candidate(2, reached_s_ago=600, is_open=False)])
    assert not is_about_drill([drill, candidate(2, reached_s_ago=600)])
    assert not is_about_drill([candidate(2, reached_s_ago=30, is_open=False), drill])
    assert not is_about_drill([])


def test_two_that_have_only_just_arrived_are_asked_back() -> None:
    both = [candidate(2, reached_s_ago=3), candidate(3, reached_s_ago=4)]
    assert choose_call_outs(both, None, NOW) == AskWhich(("A2", "A3"))


def test_one_alone_may_be_answered_at_once() -> None:
    only = candidate(2, reached_s_ago=1)
    assert choose_call_outs([only], None, NOW) == Chosen((only.call_out_id,), ())


def test_an_answer_under_way_before_the_record_of_its_message_still_counts() -> None:
    only = candidate(2, reached_s_ago=None)
    assert choose_call_outs([only], None, NOW) == Chosen((only.call_out_id,), ())


def test_people_who_share_a_number_are_ticked_together() -> None:
    one, two = candidate(2, reached_s_ago=60), candidate(3, reached_s_ago=50)
    shared = [one, Candidate(two.call_out_id, one.warning_id, "A2", False, True, two.reached)]
    assert choose_call_outs(shared, None, NOW) == Chosen((one.call_out_id, two.call_out_id), ())


# --- versions of one warning ---


def of_one_warning(number: int, reached_s_ago: float | None, **changes: object) -> Candidate:
    """A call-out of the warning 9, which is A9 now."""
    made = candidate(number, reached_s_ago=reached_s_ago)
    return replace(made, warning_id=UUID(int=109), reference="A9", **changes)


def test_the_reference_of_an_older_version_stays_good() -> None:
    continued = of_one_warning(2, 600, references_told=frozenset({"A7"}))
    assert choose_call_outs([continued], "A7", NOW) == Chosen((continued.call_out_id,), ())
    assert choose_call_outs([continued], "A9", NOW) == Chosen((continued.call_out_id,), ())


def test_of_one_warning_only_that_is_ticked_which_had_been_read() -> None:
    read, added = of_one_warning(2, 600), of_one_warning(3, 4)
    for reference in ("A9", None):
        assert choose_call_outs([read, added], reference, NOW) == Chosen((read.call_out_id,), ())
    assert choose_call_outs([added], "A9", NOW) == Chosen((added.call_out_id,), ())


def test_a_graver_version_that_was_not_read_is_not_ticked_by_its_reference_either() -> None:
    raised = of_one_warning(3, 4, raised=True)
    assert choose_call_outs([raised], "A9", NOW) == AskWhich(("A9",))
    assert choose_call_outs([replace(raised, reached=(NOW - timedelta(seconds=10),))], "A9", NOW) == Chosen(
        (raised.call_out_id,), ()
    )


@given(
    st.lists(
        st.builds(
            candidate,
            st.integers(1, 9),
            reached_s_ago=st.one_of(st.none(), st.floats(0, 3600)),
            is_open=st.booleans(),
            exercise=st.booleans(),
        ),
        max_size=6,
        unique_by=lambda item: item.call_out_id,
    )
)
def test_a_plain_answer_ticks_one_warning_at_most(candidates: list[Candidate]) -> None:
    choice = choose_call_outs(candidates, None, NOW)
    if isinstance(choice, Chosen):
        ticked = {item.warning_id for item in candidates if item.call_out_id in choice.call_out_ids}
        assert len(ticked) == 1


# --- whole nights ---

_NIGHT = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 1800), st.booleans()), min_size=1, max_size=10)


@given(_NIGHT, st.integers(0, 2000))
def test_a_late_answer_never_lands_on_a_warning_that_had_only_just_come(
    messages: list[tuple[int, int, bool]], answered_s: int
) -> None:
    """Whatever messages of whatever warnings came before and after: what is ticked had been read, unless
    nothing of any other warning could have been meant."""
    at = NOW + timedelta(seconds=answered_s)
    reached: dict[int, datetime] = {}
    for warning, second, _ in messages:
        moment = NOW + timedelta(seconds=second)
        if moment <= at:
            reached[warning] = max(moment, reached.get(warning, moment))
    candidates = [
        replace(
            candidate(warning, reached_s_ago=None), reached=(reached[warning],) if warning in reached else ()
        )
        for warning in {warning for warning, _, _ in messages}
    ]
    choice = choose_call_outs(candidates, None, at)
    if not isinstance(choice, Chosen):
        return
    ticked = [item for item in candidates if item.call_out_id in choice.call_out_ids]
    if len(candidates) > 1:
        latest = max(moment for moment in reached.values() if moment + timedelta(seconds=READING_S) <= at)
        assert {item.reached_at for item in ticked} == {latest}
