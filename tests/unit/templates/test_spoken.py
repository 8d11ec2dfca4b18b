"""Numbers as a voice should say them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.templates.spoken import spelled_reference, spoken


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("24时", "二十四时"),
        ("10毫米", "十毫米"),
        ("100毫米", "一百毫米"),
        ("110毫米", "一百一十毫米"),
        ("1005人", "一千零五人"),
        ("10010人", "一万零一十人"),
        ("100000人", "十万人"),
        ("2户", "两户"),
        ("2级", "二级"),
        ("2026年7月15日08时", "二〇二六年七月十五日八时"),
        ("16:30", "十六点三十分"),
        ("16:05", "十六点零五分"),
        ("8:00", "八点整"),
        ("30-50毫米", "三十到五十毫米"),
        ("8～10级", "八到十级"),
        ("50%", "百分之五十"),
        ("12.5mm", "十二点五毫米"),
        ("35℃", "三十五摄氏度"),
        ("0356", "零三五六"),
        ("G342国道", "G 三四二国道"),
    ],
)
def test_chinese(written: str, said: str) -> None:
    assert spoken(written, "zh-CN") == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("100 mm", "one hundred mm"),
        ("35 people", "thirty-five people"),
        ("1250 m", "one thousand two hundred fifty m"),
        ("16:30", "sixteen thirty"),
        ("8-10", "eight to ten"),
        ("G342", "G three four two"),
    ],
)
def test_english(written: str, said: str) -> None:
    assert spoken(written, "en") == said


@given(st.text(alphabet="0123456789.:-%年时日月人G ℃", max_size=40), st.sampled_from(["zh-CN", "en"]))
def test_no_digit_is_left(text: str, language: str) -> None:
    assert re.search(r"\d", spoken(text, language)) is None


def test_references_are_spelled() -> None:
    assert spelled_reference("A17", "zh-CN") == "A，一，七"
    assert spelled_reference("A17", "en") == "A, one, seven"
