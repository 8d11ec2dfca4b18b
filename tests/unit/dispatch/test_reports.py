"""What village staff really write, and what each of it means. Never guessed."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.replies import Meaning, Understood, understand
from jiaoying.dispatch.reports import Reported

ANSWERS = {
    "收到": Meaning.ANSWERED,
    "收到。": Meaning.ANSWERED,
    "收到！！": Meaning.ANSWERED,
    "１。": Meaning.ANSWERED,
    "1 ": Meaning.ANSWERED,
    "1\n": Meaning.ANSWERED,
    "好的👌": Meaning.ANSWERED,
    "收到，谢谢领导": Meaning.ANSWERED,
    "明白，马上到岗": Meaning.ANSWERED,
    "收到，马上去巡查": Meaning.ANSWERED,
    "收到，正在赶往现场": Meaning.ANSWERED,
    "ＯＫ": Meaning.ANSWERED,
    "2": Meaning.DECLINED,
    "不在岗。": Meaning.DECLINED,
    "转Ｂ角": Meaning.DECLINED,
    "3": Meaning.RING_BACK,
    "请回电！": Meaning.RING_BACK,
}
STAGES = {
    "到岗": Meaning.ON_POST,
    "已到岗 ": Meaning.ON_POST,
    "收到，已到岗到位": Meaning.ON_POST,
    "在岗": Meaning.ON_POST,
    "已到现场。": Meaning.ON_POST,
    "到岗👍": Meaning.ON_POST,
    "巡查": Meaning.PATROL,
    "已巡查": Meaning.PATROL,
    "正在巡查。": Meaning.PATROL,
    "已到岗，正在巡查": Meaning.PATROL,
    "已巡查，未发现险情": Meaning.PATROL,
    "巡查未发现异常": Meaning.PATROL,
    "收到，目前一切正常": Meaning.PATROL,
    "没有发现滑坡": Meaning.PATROL,
    "转移": Meaning.MOVING,
    "正在组织群众转移": Meaning.MOVING,
    "已全部转移完毕": Meaning.MOVING,
    "安置": Meaning.SETTLED,
    "群众都已转移，已妥善安置": Meaning.NOT_UNDERSTOOD,
    "已转移，已妥善安置": Meaning.SETTLED,
    "结束": Meaning.ENDED,
    "处置完毕。": Meaning.ENDED,
    "收到，已处置完毕": Meaning.ENDED,
}
FIGURES = {
    "需转移12户35人": (FeedbackStage.MOVING, 12, 35),
    "计划转移 12户 35人": (FeedbackStage.MOVING, 12, 35),
    "应转移三十五人": (FeedbackStage.MOVING, None, 35),
    "有12户35人需要转移": (FeedbackStage.MOVING, 12, 35),
    "正在转移１２户３５人": (FeedbackStage.MOVING, 12, 35),
    "无需转移": (FeedbackStage.MOVING, 0, 0),
    "没有需要转移的群众": (FeedbackStage.MOVING, 0, 0),
    "转移12户35人": (FeedbackStage.MOVED, 12, 35),
    "转12户35人": (FeedbackStage.MOVED, 12, 35),
    "已转移群众12户35人。": (FeedbackStage.MOVED, 12, 35),
    "收到，现已安全转移12户35人，谢谢": (FeedbackStage.MOVED, 12, 35),
    "12户35口人全部转移到位": (FeedbackStage.MOVED, 12, 35),
    "全村共转移12户共35人": (FeedbackStage.MOVED, 12, 35),
    "转移安置12户35人": (FeedbackStage.MOVED, 12, 35),
    "已撤离35名群众": (FeedbackStage.MOVED, None, 35),
    "已转移12户35人，都安置在村小学": (FeedbackStage.MOVED, 12, 35),
    "已安置35人": (FeedbackStage.SETTLED, None, 35),
    "12户35人已妥善安置": (FeedbackStage.SETTLED, 12, 35),
    "转移0户0人": (FeedbackStage.MOVED, 0, 0),
}
ASKED_BACK = {
    "转": Meaning.ASK_MOVE,
    "又转移3户8人": Meaning.ASK_TOTAL,
    "再转移2户": Meaning.ASK_TOTAL,
    "已到岗，又转移了3户": Meaning.ASK_TOTAL,
}
FOR_THE_OFFICER = (
    "没收到",
    "收到没",
    "谁啊",
    "什么情况",
    "还在下雨",
    "转移三十多人",
    "已转移12户35人，还有老张家不走",
    "已转移12户，还有3人没走",
    "还没转移，12户35人",
    "没转移完",
    "不用叫我了",
    "35",
    "12户",
    "1 2",
    "已安置三五人",
    "转移了，没安置",
    "结束了吗",
    "还没到岗",
    "不能巡查",
    "正在开会",
)
DANGER = (
    "村后滑坡，有人被困",
    "河水漫过桥了，出现险情",
    "已转移12户35人，后山塌方",
    "已巡查，未发现险情，但是路塌了",
    "险情扩大",
    "救命",
    "一人失联",
    "桥冲走了",
    "未发现险情扩大",
)


def test_there_are_more_than_sixty() -> None:
    assert sum(map(len, (ANSWERS, STAGES, FIGURES, ASKED_BACK, FOR_THE_OFFICER, DANGER))) >= 60


@pytest.mark.parametrize(("text", "meaning"), [*ANSWERS.items(), *STAGES.items(), *ASKED_BACK.items()])
def test_words(text: str, meaning: Meaning) -> None:
    assert understand(text).meaning is meaning


@pytest.mark.parametrize(("text", "told"), FIGURES.items())
def test_figures(text: str, told: tuple[FeedbackStage, int | None, int | None]) -> None:
    assert understand(text).reports == (Reported(*told),)


@pytest.mark.parametrize("text", FOR_THE_OFFICER)
def test_what_may_mean_something_else_goes_to_the_officer(text: str) -> None:
    assert understand(text).meaning is Meaning.NOT_UNDERSTOOD


@pytest.mark.parametrize("text", DANGER)
def test_danger(text: str) -> None:
    assert understand(text).meaning is Meaning.DANGER


@pytest.mark.parametrize(
    "text", ["需转移12户35人，已转移3户8人", "已转移3户8人 需转移12户35人", "A7 需转移12户35人，已转移3户8人"]
)
def test_planned_and_moved_in_one_text(text: str) -> None:
    planned, moved = Reported(FeedbackStage.MOVING, 12, 35), Reported(FeedbackStage.MOVED, 3, 8)
    understood = understand(text)
    assert understood.meaning is Meaning.MOVED
    assert understood.reports == (planned, moved)


def test_two_figures_for_one_stage_are_not_chosen_between() -> None:
    assert understand("已转移3户8人，已转移5户9人").meaning is Meaning.NOT_UNDERSTOOD


def test_a_report_may_name_its_warning() -> None:
    assert understand("已安置35人 A7") == Understood(Meaning.SETTLED, "A7", None, 35)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("王强收到", Meaning.ANSWERED),
        ("收到 王强", Meaning.ANSWERED),
        ("王强：已到岗。", Meaning.ON_POST),
        ("王强不在", Meaning.DECLINED),
        ("我不是王强", Meaning.WRONG_PERSON),
        ("王强", Meaning.NOT_UNDERSTOOD),
        ("李明收到", Meaning.NOT_UNDERSTOOD),
        ("王强被困", Meaning.DANGER),
    ],
)
def test_people_sign_what_they_send(text: str, meaning: Meaning) -> None:
    assert understand(text, ["王强"]).meaning is meaning


@given(
    st.sampled_from([*ANSWERS, *STAGES, *FIGURES]),
    st.text(" 　。！~👌👍\n", max_size=4),
    st.text(" 　。！~👌👍\n", max_size=4),
)
def test_what_a_thumb_puts_around_it_changes_nothing(text: str, before: str, after: str) -> None:
    assert understand(before + text + after) == understand(text)


@pytest.mark.parametrize("words", ["现已", "目前共", "全部安全", "了完毕", "又转移", "12户", "需要应待"])
def test_no_text_is_read_for_long(words: str) -> None:
    began = time.perf_counter()
    understand(words * 400)
    assert time.perf_counter() - began < 0.5
