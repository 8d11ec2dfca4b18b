"""A county's own words are tried out before anybody hears them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.kernel.colours import Colour
from jiaoying.templates.book import BUILT_IN, book_of, wording_by
from jiaoying.templates.check import sample_facts
from jiaoying.templates.files import WordingFile, built_in_files, built_in_text, read_name
from jiaoying.templates.render import word_call, word_stand_down
from jiaoying.templates.trying import problems_of, samples_of

FLOOD = WordingFile("zh-CN", "flash_flood", "sms")
OWN = (
    "{% if exercise %}【演练】{% endif %}【{{ desk }}】{{ reference }} {{ title }}：{{ place }}请上山！"
    "{{ text }}收到回复1，不在岗回复2，需回电回复3。"
)


@pytest.mark.parametrize("file", built_in_files(), ids=lambda file: file.path)
def test_whatever_comes_along_may_be_stored_as_it_is(file: WordingFile) -> None:
    assert read_name(file.path) == file
    assert problems_of(file, built_in_text(file.path) or "", BUILT_IN) == ()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("   ", "空"),
        ("啊" * 2001, "过长"),
        ("{{ desk", "第 1 行"),
        ("{% for one in 'ab' %}{{ one }}{% endfor %}", "For"),
        ("{{ desk.__class__ }}", "Getattr"),
        ("{{ desk * 99999999 }}", "Mul"),
        ("{% include 'zh-CN/default.sms.txt' %}", "Include"),
        ("{% set desk = 1 %}", "Assign"),
        ("{% extends desk %}", "引号"),
        ("{% extends 'zh-CN/flash_flood.sms.txt' %}", "无法填充"),
        ("{% extends 'zh-CN/nothing.txt' %}", "无法填充"),
        ("{{ county }}", "没有“county”"),
        (OWN.replace("{{ reference }}", ""), "编号"),
        (OWN.replace("【演练】", ""), "【演练】"),
        (OWN.replace("收到回复1", ""), "应答"),
        (OWN + "请注意安全。" * 40, "条"),
    ],
)
def test_what_may_not_be_said_is_told_with_its_reason(body: str, told: str) -> None:
    assert told in "；".join(problems_of(FLOOD, body, BUILT_IN))


def test_a_county_says_it_in_its_own_words() -> None:
    assert problems_of(FLOOD, OWN, BUILT_IN) == ()
    with wording_by(book_of({FLOOD.path: OWN})):
        wording = word_call(sample_facts("flash_flood", "red"), "sms", "zh-CN")
    assert "上木亭村请上山！" in wording.text
    assert not wording.fallback
    assert "请上山" not in word_call(sample_facts("flash_flood", "red"), "sms", "zh-CN").text


def test_words_for_one_colour_are_used_at_that_colour_only() -> None:
    red = WordingFile("zh-CN", "flash_flood", "sms", Colour.RED)
    with wording_by(book_of({red.path: OWN})):
        texts = {
            colour: word_call(sample_facts("flash_flood", colour), "sms", "zh-CN").text for colour in Colour
        }
    assert [colour for colour, text in texts.items() if "请上山" in text] == [Colour.RED]
    assert [sample.colour for sample in samples_of(red, OWN, BUILT_IN)] == [Colour.RED, Colour.RED]


def test_what_others_build_on_changes_all_of_them() -> None:
    shared = WordingFile("zh-CN", "default", "sms")
    body = (built_in_text(shared.path) or "").replace("{{ reference }}", "编号{{ reference }}")
    assert problems_of(shared, body, BUILT_IN) == ()
    with wording_by(book_of({shared.path: body})):
        assert "编号W98" in word_call(sample_facts("flash_flood", "red"), "sms", "zh-CN").text
        assert "编号W98" not in word_stand_down(sample_facts("flash_flood", "red"), "sms", "zh-CN").text
    broken = body.replace("收到回复1", "")
    assert any("flash_flood" in problem for problem in problems_of(shared, broken, BUILT_IN))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="{}%ifelsendblocktextdesk \"'=1收到回复一二三\n", max_size=120))
def test_whatever_is_typed_is_judged_and_never_breaks_the_page(body: str) -> None:
    problems = problems_of(FLOOD, body, BUILT_IN)
    assert all(isinstance(problem, str) for problem in problems)
    samples_of(FLOOD, body, BUILT_IN)


@pytest.mark.parametrize(
    "path",
    [
        *("", "zh-CN", "../secrets.json", "zh-CN/../en/default.sms.txt", "fr/default.sms.txt"),
        *(
            "zh-CN/stand_down.red.sms.txt",
            "zh-CN/nobody.sms.txt",
            "zh-CN/default.txt",
            "zh-CN/reply.late.sms.txt",
        ),
    ],
)
def test_what_names_no_wording_is_none(path: str) -> None:
    assert read_name(path) is None
