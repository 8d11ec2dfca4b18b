"""The colour, from parameters, words and severity."""

import pytest

from jiaoying.kernel.colours import Colour
from jiaoying.warnings.colours import colour_in_words, read_colour
from jiaoying.warnings.model import Info


@pytest.mark.parametrize(
    ("words", "colour"),
    [
        ("沁水县气象台发布暴雨蓝色预警", Colour.BLUE),
        ("沁水县气象台发布暴雨黄色预警[Ⅲ级/较重]", Colour.YELLOW),
        ("暴雨橙色预警升级为红色预警", Colour.RED),
        ("沁水县气象台将暴雨橙色预警信号变更为黄色", Colour.YELLOW),
        ("将暴雨红色预警降为橙色", Colour.ORANGE),
        ("解除暴雨橙色预警，发布暴雨黄色预警", Colour.YELLOW),
        ("暴雨黄色、雷电橙色预警", Colour.ORANGE),
        ("地质灾害气象风险预警（Ⅳ级）", Colour.BLUE),
        ("启动防汛III级应急响应", Colour.YELLOW),
        ("地质灾害Ⅱ级", Colour.ORANGE),
        ("一级预警", Colour.RED),
        ("山洪预警变更为Ⅰ级", Colour.RED),
        ("由橙色预警升级为最高级别", Colour.ORANGE),
        ("updates lightning yellow warning [Level III/Heavy]", Colour.YELLOW),
        ("issues Red heavy rain warning", Colour.RED),
        ("Rainstorm warning, Level II", Colour.ORANGE),
        ("Yellow River flood warning", None),
        ("a covered bridge", None),
        ("红旗渠", None),
        ("", None),
    ],
)
def test_words(words: str, colour: Colour | None) -> None:
    assert colour_in_words(words) == colour


@pytest.mark.parametrize(
    ("severity", "colour"),
    [
        ("Minor", Colour.BLUE),
        ("Moderate", Colour.YELLOW),
        ("Severe", Colour.ORANGE),
        ("Extreme", Colour.RED),
        ("Unknown", None),
        (None, None),
    ],
)
def test_severity_where_no_words_say_more(severity: str | None, colour: Colour | None) -> None:
    """The Chinese feed carries the colour in severity."""
    assert read_colour(Info("zh-CN", "雷电", severity=severity)).colour == colour


def test_words_count_more_than_severity() -> None:
    reading = read_colour(Info("zh-CN", "暴雨", severity="Minor", headline="发布暴雨红色预警"))
    assert (reading.colour, reading.read_from) == (Colour.RED, "words")


@pytest.mark.parametrize(
    ("name", "value", "colour"),
    [
        ("awareness_level", "2; yellow; Moderate", Colour.YELLOW),
        ("awareness_level", "4; red; Extreme", Colour.RED),
        ("awareness_level", "3; amber", Colour.ORANGE),
        ("ColourCode", "ORANGE", Colour.ORANGE),
        ("alert color", "blue", Colour.BLUE),
        ("预警颜色", "红", Colour.RED),
        ("预警等级", "Ⅱ级", Colour.ORANGE),
    ],
)
def test_a_parameter_counts_most(name: str, value: str, colour: Colour) -> None:
    block = Info("en", "rain", severity="Minor", headline="blue warning", parameter=((name, value),))
    assert (read_colour(block).colour, read_colour(block).read_from) == (colour, "parameter")


def test_an_event_code_may_name_the_colour() -> None:
    assert read_colour(Info("zh", "暴雨", event_code=(("colour", "red"),))).colour is Colour.RED


def test_green_is_told_apart_from_no_colour() -> None:
    """MeteoAlarm: `1; Green` beside severity Moderate is no warning."""
    green = Info("en", "wind", severity="Moderate", parameter=(("awareness_level", "1; Green"),))
    assert read_colour(green).green
    assert read_colour(green).colour is None
    assert not read_colour(Info("en", "wind")).green


def test_other_parameters_are_none_of_its_business() -> None:
    block = Info("en", "wind", severity="Minor", parameter=(("HEADLINE", "red"), ("colour", "unknown")))
    assert read_colour(block).colour is Colour.BLUE
