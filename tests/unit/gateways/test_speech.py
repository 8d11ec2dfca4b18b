"""What a person hears."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.gateways.twilio.speech import (
    LONGEST_TWIML,
    Spoken,
    Turn,
    read_turn,
    speak_after_key,
    speak_to_caller,
    speak_warning,
    words_of_unknown_call,
)

WARNING = Spoken("暴雨红色预警，龙港镇，请立即组织转移。", "zh-CN")


def address(turn: Turn) -> str:
    return f"https://yujing.example.cn/key?attempt=a&repeats={turn.repeats}&wrong={turn.wrong}&silent={turn.silent}"


def gather_in(twiml: str) -> ElementTree.Element:
    found = ElementTree.fromstring(twiml).find("Gather")
    assert found is not None
    return found


def said_in(twiml: str) -> str:
    return " ".join(say.text or "" for say in ElementTree.fromstring(twiml).iter("Say"))


def test_the_warning_is_read_in_mandarin_with_the_menu() -> None:
    gather = gather_in(speak_warning(WARNING, address))
    assert gather.attrib == {
        "action": address(Turn()),
        "actionOnEmptyResult": "true",
        "input": "dtmf",
        "method": "POST",
        "numDigits": "1",
        "timeout": "3",
    }
    say = gather.find("Say")
    assert say is not None
    assert say.attrib == {"language": "cmn-CN", "voice": "Polly.Zhiyu-Neural"}
    assert say.text
    assert say.text.startswith(WARNING.text)
    for key in ("1", "2", "3", "9"):
        assert f"请按{key}" in say.text


def test_english_has_an_english_voice_and_menu() -> None:
    twiml = speak_warning(Spoken("Rainstorm red.", "en"), address)
    assert 'language="en-US"' in twiml
    assert "press 1" in said_in(twiml)


@pytest.mark.parametrize(("key", "words"), [("1", "谢谢"), ("2", "下一位"), ("3", "回电")])
def test_a_key_is_understood_aloud_and_the_call_ends(key: str, words: str) -> None:
    twiml = speak_after_key(key, Turn(), WARNING, address)
    assert words in said_in(twiml)
    assert ElementTree.fromstring(twiml).find("Hangup") is not None
    assert ElementTree.fromstring(twiml).find("Gather") is None


def test_silence_hears_the_whole_of_it_once_more_and_then_the_end() -> None:
    """Each reading is a piece of its own, so that the carrier tells us that one was played to its end."""
    again = speak_after_key("", Turn(), WARNING, address)
    assert WARNING.text in said_in(again)
    assert gather_in(again).attrib["action"] == address(Turn(0, 0, 1))
    assert gather_in(again).attrib["timeout"] == "6"
    end = speak_after_key("", Turn(0, 0, 1), WARNING, address)
    assert "短信" in said_in(end)
    assert "<Hangup" in end
    assert "<Hangup" in speak_after_key("", Turn(0, 1), WARNING, address)


def test_nine_reads_it_again_but_not_for_ever() -> None:
    again = speak_after_key("9", Turn(1, 1), WARNING, address)
    assert WARNING.text in said_in(again)
    assert gather_in(again).attrib["action"] == address(Turn(2, 1))
    assert "<Hangup" in speak_after_key("9", Turn(5, 0), WARNING, address)


def test_a_wrong_key_hears_the_menu_again_twice() -> None:
    first = speak_after_key("7", Turn(), WARNING, address)
    assert "没有这个选项" in said_in(first)
    assert WARNING.text not in said_in(first)
    assert gather_in(first).attrib["action"] == address(Turn(0, 1))
    second = speak_after_key("#", Turn(0, 1), WARNING, address)
    assert gather_in(second).attrib["action"] == address(Turn(0, 2))
    assert "<Hangup" in speak_after_key("*", Turn(0, 2), WARNING, address)


def test_who_rings_us_hears_what_is_open_or_whom_they_reached() -> None:
    found = speak_to_caller(WARNING, "沁水县", "zh-CN", address)
    assert "沁水县值班室" in said_in(found)
    assert WARNING.text in said_in(found)
    assert gather_in(found).attrib["action"] == address(Turn())
    nothing = speak_to_caller(None, "沁水县", "zh-CN", address)
    assert "沁水县值班室" in said_in(nothing)
    assert "<Gather" not in nothing


def test_a_call_whose_words_are_missing_still_has_the_menu() -> None:
    twiml = speak_warning(words_of_unknown_call("沁水县", "zh-CN"), address)
    assert "沁水县值班室" in said_in(twiml)
    assert gather_in(twiml).attrib["action"] == address(Turn())


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=6000))
def test_every_text_becomes_twiml_that_fits(text: str) -> None:
    twiml = speak_warning(Spoken(text, "zh-CN"), address)
    assert len(twiml) <= LONGEST_TWIML
    assert "请按1" in said_in(twiml)


def test_a_long_text_loses_its_end_and_keeps_the_menu() -> None:
    twiml = speak_warning(Spoken("<雨&>" * 2000, "zh-CN"), address)
    assert 3500 < len(twiml) <= LONGEST_TWIML
    assert "请按1" in said_in(twiml)


@pytest.mark.parametrize(
    ("repeats", "wrong", "silent", "turn"),
    [
        ("", "", "", Turn()),
        ("1", "2", "1", Turn(1, 2, 1)),
        ("99", "-1", "7", Turn(5, 2, 1)),
        ("x", "²", "", Turn(5, 2)),
    ],
)
def test_a_turn_is_read_back(repeats: str, wrong: str, silent: str, turn: Turn) -> None:
    assert read_turn(repeats, wrong, silent) == turn
