"""What people read and hear: every hazard, colour, channel and language."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import product
from zoneinfo import ZoneInfo

import pytest

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.templates.book import book_of, wording_by
from jiaoying.templates.check import LONGEST_SPOKEN, check_wordings, sample_facts
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.parts import count_parts
from jiaoying.templates.render import MOST_PARTS, REPLY_KINDS, word_call, word_reply, word_stand_down

SHANGHAI = ZoneInfo("Asia/Shanghai")
FACTS = CallFacts(
    desk_name="沁水县应急值班室",
    reference="A7",
    colour="red",
    hazard="rain",
    event="暴雨",
    headline="沁水县气象台发布暴雨红色预警",
    area_name="龙港镇、中村镇",
    roles=("龙港镇 防汛责任人",),
    text="预计未来3小时降雨量将达100毫米以上。山洪风险极高。",
    instruction=None,
    sender_name="沁水县气象台",
    valid_to=datetime(2026, 7, 16, 8, 0, tzinfo=SHANGHAI),
    issued_at=datetime(2026, 7, 15, 16, 30, tzinfo=SHANGHAI),
    exercise=False,
)
EVERYTHING = list(product(("zh-CN", "en"), Hazard, (None, *Colour), (False, True)))


def test_all_wordings_can_go_out() -> None:
    assert check_wordings() == ()


@pytest.mark.parametrize(("language", "hazard", "colour", "exercise"), EVERYTHING)
def test_a_link_stands_whole_in_every_text_and_in_no_call(
    language: str, hazard: Hazard, colour: Colour | None, exercise: bool
) -> None:
    """A cut link leads nowhere; blanks around it, or telephones take the words beside it for a part of it."""
    link = "https://yujing.qinshui.example.cn/a/abcdefghijklmnopqrstuv"
    facts = replace(FACTS, hazard=hazard, colour=colour, exercise=exercise, link=link, text="雨大。" * 200)
    text = word_call(facts, "sms", language)
    assert f" {link} " in text.text
    # What a wording says by itself is never cut: the longest ones in English take a part more with a link.
    assert text.parts <= MOST_PARTS[language] + (language == "en")
    assert link not in word_call(facts, "voice", language).text


def test_a_text_in_full() -> None:
    assert word_call(FACTS, "sms", "zh-CN").text == (
        "【沁水县应急值班室】A7 暴雨红色预警（至16日8时）。龙港镇 防汛责任人：请立即到岗，叫应到户到人，"
        "危险区群众果断转移，封控险路险桥和涉水景区，险情随时报告。预计未来3小时降雨量将达100毫米以上。"
        "山洪风险极高。收到回复1，不在岗回复2，需回电回复3。"
    )


def test_a_call_in_full() -> None:
    assert word_call(FACTS, "voice", "zh-CN").text == (
        "这里是沁水县应急值班室。龙港镇，龙港镇，暴雨红色预警，编号A，七。"
        "请立即到岗，叫应到户到人，危险区群众果断转移。"
    )


@pytest.mark.parametrize(("language", "hazard", "colour", "exercise"), EVERYTHING)
def test_every_text(language: str, hazard: Hazard, colour: Colour | None, exercise: bool) -> None:
    wording = word_call(sample_facts(hazard, colour, exercise=exercise), "sms", language)
    drill, desk, asks = {
        "zh-CN": ("【演练】", "【沁水县防汛抗旱指挥部办公室】", "收到回复1，不在岗回复2，需回电回复3。"),
        "en": ("[DRILL] ", "[沁水县防汛抗旱指挥部办公室] ", "Reply 1 got it, 2 cannot come, 3 ring me back."),
    }[language]
    assert not wording.fallback
    assert wording.text.startswith(drill + desk if exercise else desk)
    assert wording.text.endswith(asks)
    assert "W98" in wording.text
    assert wording.parts == count_parts(wording.text) <= MOST_PARTS[language]
    assert not re.search(r"\b(YES|END|CANCEL|STOP)\b", wording.text)
    if colour:
        words = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}
        assert (words[colour] if language == "zh-CN" else colour) in wording.text


@pytest.mark.parametrize(("language", "hazard", "colour", "exercise"), EVERYTHING)
def test_every_call(language: str, hazard: Hazard, colour: Colour | None, exercise: bool) -> None:
    facts = sample_facts(hazard, colour, exercise=exercise)
    text = word_call(facts, "voice", language).text
    assert text.count("龙港镇上木亭村") == 2
    assert not re.search(r"\d", text)
    assert len(text) <= LONGEST_SPOKEN[language] * (1.2 if exercise else 1)
    # The keys are spoken by the gateway that gathers them.
    assert "按1" not in text
    assert "press" not in text
    if exercise:
        first, last = {"zh-CN": ("演练，演练。", "这是演练。"), "en": ("Drill, drill.", "This is a drill.")}[
            language
        ]
        assert text.startswith(first)
        assert text.endswith(last)


def test_what_to_do_depends_on_the_colour() -> None:
    blue = word_call(replace(FACTS, colour="blue", hazard="flash_flood"), "voice", "zh-CN").text
    orange = word_call(replace(FACTS, colour="orange", hazard="flash_flood"), "voice", "zh-CN").text
    red = word_call(replace(FACTS, colour="red", hazard="flash_flood"), "voice", "zh-CN").text
    assert "立即转移！" in red
    assert "立即转移！" not in blue
    assert "立即转移！" not in orange
    assert "做好转移准备" in orange


def test_several_responsibilities_are_one_text() -> None:
    facts = replace(FACTS, roles=("龙港镇 防汛责任人", "龙港镇 镇长", "杏园村 群测群防员"))
    assert "龙港镇 防汛责任人，另有2项责任：" in word_call(facts, "sms", "zh-CN").text


def test_a_call_without_a_role_names_the_area() -> None:
    assert "龙港镇、中村镇" in word_call(replace(FACTS, roles=()), "voice", "zh-CN").text


@pytest.mark.parametrize("event", ["暴雨", "暴雨预警", "暴雨红色预警信号", "暴雨红色预警", "暴雨I级预警"])
def test_the_title_says_nothing_twice(event: str) -> None:
    assert "A7 暴雨红色预警（" in word_call(replace(FACTS, event=event), "sms", "zh-CN").text


def test_an_event_in_another_language_is_named_by_its_family() -> None:
    assert "red rainstorm warning" in word_call(FACTS, "sms", "en").text
    assert "暴雨红色预警" in word_call(replace(FACTS, event="Torrential rain"), "sms", "zh-CN").text


def test_long_words_of_the_issuer_are_cut_at_a_sentence() -> None:
    facts = replace(FACTS, text="预计降雨持续，请注意防范山洪。" * 60)
    wording = word_call(facts, "sms", "zh-CN", most_parts=4)
    assert wording.parts == 4
    assert "山洪。…收到回复1" in wording.text


def test_an_english_text_without_chinese_names_is_cheap() -> None:
    facts = replace(FACTS, desk_name="Qinshui duty desk", roles=("Longgang flood officer",))
    assert word_call(facts, "sms", "en").parts == 2


def test_hostile_facts_are_words_and_nothing_else() -> None:
    facts = replace(FACTS, text="汛情 {{ 7 * 7 }}{% for x in y %}", event="{{ desk }}")
    wording = word_call(facts, "sms", "zh-CN")
    assert not wording.fallback
    assert "{{ 7 * 7 }}" in wording.text


def test_stand_down() -> None:
    text = word_stand_down(replace(FACTS, exercise=True), "sms", "zh-CN").text
    assert text.startswith("【演练】【沁水县应急值班室】A7 暴雨红色预警已解除或变更")
    assert "无需回复" in text


@pytest.fixture
def broken_wordings() -> Iterator[None]:
    broken = {
        f"{language}/{name}.txt": "{{ nobody_knows_me }}"
        for language in ("zh-CN", "en")
        for name in ("default.sms", "default.voice", "stand_down.sms", "reply.late")
    }
    with wording_by(book_of(broken)):
        yield


@pytest.mark.usefixtures("broken_wordings")
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_broken_wording_still_calls(language: str) -> None:
    written, called = word_call(FACTS, "sms", language), word_call(FACTS, "voice", language)
    assert written.fallback
    assert called.fallback
    for needed in ("A7", "1", "2", "3", "龙港镇"):
        assert needed in written.text
    assert "龙港镇" in called.text
    assert not re.search(r"\d", called.text)
    assert "沁水县应急值班室" in word_reply("late", language, desk_name="沁水县应急值班室")


@pytest.mark.usefixtures("broken_wordings")
def test_broken_wordings_are_told_at_start() -> None:
    complaints = check_wordings()
    assert any("zh-CN/rain.sms.txt" in complaint for complaint in complaints)
    assert any("nobody_knows_me" in complaint for complaint in complaints)


@pytest.mark.parametrize("kind", REPLY_KINDS)
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_reply(kind: str, language: str) -> None:
    text = word_reply(
        kind,
        language,
        desk_name="沁水县应急值班室",
        reference="A7",
        warning="暴雨红色预警",
        references=("B3", "C5"),
        households=12,
        people=35,
        exercise=True,
    )
    assert text.startswith("【演练】【沁水县" if language == "zh-CN" else "[DRILL] [沁水县")
    assert count_parts(text) <= MOST_PARTS[language]


@pytest.mark.parametrize(
    ("kind", "needed"),
    [
        ("understood", "A7 暴雨红色预警"),
        ("understood_feedback", "已转移12户35人"),
        ("declined", "下一位责任人"),
        ("ring_back", "回电"),
        ("not_understood", "收到请回复1"),
        ("ask_which", "“1 B3”"),
        ("others_open", "B3、C5"),
        ("late", "A7 暴雨红色预警"),
    ],
)
def test_replies_say_what_was_understood(kind: str, needed: str) -> None:
    values = {"reference": "A7", "warning": "暴雨红色预警", "references": ("B3", "C5")}
    assert needed in word_reply(kind, "zh-CN", desk_name="值班室", reports=[("moved", 12, 35)], **values)


@pytest.mark.parametrize("kind", ["understood_feedback", "ask_figures"])
@pytest.mark.parametrize(("language", "open_ones"), [("zh-CN", "B3、C5"), ("en", "B3, C5")])
def test_what_people_report_they_do_hides_no_warning_that_waits(
    kind: str, language: str, open_ones: str
) -> None:
    assert open_ones in word_reply(kind, language, references=("B3", "C5"), people=35)
    assert "B3" not in word_reply(kind, language, references=(), people=35)


def test_a_reply_with_a_long_headline_stays_short() -> None:
    text = word_reply("understood", "zh-CN", desk_name="值班室", reference="A7", warning="暴雨" * 200)
    assert count_parts(text) <= 2


def test_ten_thousand_texts_are_fast() -> None:
    """Aim: under 50 µs each on a free core; ten times that here, where others share it."""
    word_call(FACTS, "sms", "zh-CN")
    began = time.process_time()
    for _ in range(2000):
        word_call(FACTS, "sms", "zh-CN")
    assert (time.process_time() - began) / 2000 < 500e-6
