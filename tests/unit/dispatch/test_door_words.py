"""What people say from a door."""

import pytest

from jiaoying.dispatch.door_words import DoorWord, hear_door
from jiaoying.dispatch.replies import Meaning, understand


@pytest.mark.parametrize(
    "text",
    [
        "已上门",
        "上门",
        "已上门叫醒",
        "已上门，人已叫醒，正在转移。",
        "王寨村已上门叫醒",
        "叫醒了",
        "敲醒了",
        "已叫醒他",
        "KNOCKED",
        "Woken",
    ],
)
def test_woken_there(text: str) -> None:
    assert hear_door(text) is DoorWord.KNOCKED
    assert understand(text).meaning is Meaning.KNOCKED


@pytest.mark.parametrize(
    "text",
    [
        "家中无人",
        "已上门，家里没人",
        "上门没人应",
        "敲门没人开",
        "未找到",
        "没有找到人",
        "人不在家",
        "已上门，没叫醒",
        "叫不醒",
        "NOBODY HOME",
    ],
)
def test_nobody_found_there(text: str) -> None:
    assert hear_door(text) is DoorWord.NOBODY_HOME
    assert understand(text).meaning is Meaning.NOBODY_HOME


@pytest.mark.parametrize("text", ["马上上门", "正在上门", "这就去上门", "我去上门", "收到，立即上门"])
def test_going_is_not_done(text: str) -> None:
    assert hear_door(text) is DoorWord.GOING
    assert understand(text).meaning is Meaning.ANSWERED


@pytest.mark.parametrize(
    "text", ["还没上门", "不能上门", "没法去", "谁去上门", "收到", "1", "2", "到岗", "转移12户35人", ""]
)
def test_what_speaks_of_no_door(text: str) -> None:
    assert hear_door(text) is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [("不在", Meaning.DECLINED), ("已上门，滑坡了", Meaning.DANGER), ("好的", Meaning.ANSWERED)],
)
def test_other_words_keep_their_meaning(text: str, meaning: Meaning) -> None:
    assert understand(text).meaning is meaning


def test_a_reference_may_stand_beside_it() -> None:
    understood = understand("A7 已上门")
    assert (understood.meaning, understood.reference) == (Meaning.KNOCKED, "A7")
