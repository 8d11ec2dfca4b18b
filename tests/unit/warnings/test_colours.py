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
        ("黑色暴雨警告信號現正生效", Colour.RED),
        ("發出黃色暴雨警告", Colour.YELLOW),
        ("白色台风预警信号", None),
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
        ("Awareness Level", "3", Colour.ORANGE),
        ("severityColor", "Yellow", Colour.YELLOW),
        ("level", "橙色", Colour.ORANGE),
        ("alarmColor", "黃色", Colour.YELLOW),
        ("semáforo", "orange", Colour.ORANGE),
        ("semáforo", "purple", Colour.RED),
        ("alertlevel", "Red", Colour.RED),
        ("AlertLevel", "Watch and Act", Colour.ORANGE),
        ("AEMET-Meteoalerta nivel", "amarillo", Colour.YELLOW),
        ("AREA_COLOR", "255 255 0", Colour.YELLOW),
        ("AREA_COLOR", "251 140 0", Colour.ORANGE),
        ("AREA_COLOR", "229 57 53", Colour.RED),
        ("AREA_COLOR", "136 14 79", Colour.RED),
        ("system_event_level_color", "#fdeb1b", Colour.YELLOW),
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


@pytest.mark.parametrize(
    ("name", "value"),
    [("awareness_level", "1"), ("awareness_level", "1; white; -"), ("alertlevel", "Green"),
     ("AEMET-Meteoalerta nivel", "verde")],
)  # fmt: skip
def test_who_says_that_there_is_no_warning(name: str, value: str) -> None:
    assert read_colour(Info("en", "wind", severity="Severe", parameter=((name, value),))).green


def test_green_words_in_a_headline_silence_nobody() -> None:
    """Green River floods too; only a parameter of that meaning says that there is no warning."""
    assert not read_colour(Info("en", "Flood", severity="Severe", headline="Green River flood warning")).green


def test_white_is_a_standby_signal_and_none_of_the_four() -> None:
    """Guangdong: 白色 stands below blue and is a warning all the same."""
    reading = read_colour(Info("zh-CN", "台风", severity="Minor", parameter=(("alarmColor", "白色"),)))
    assert (reading.colour, reading.green) == (None, False)


def test_awareness_level_counts_before_other_colours() -> None:
    both = (("AREA_COLOR", "255 255 0"), ("awareness_level", "3; orange; Severe"))
    assert read_colour(Info("de", "Wind", parameter=both)).colour is Colour.ORANGE
    assert read_colour(Info("de", "Wind", event_code=both)).colour is Colour.ORANGE


@pytest.mark.parametrize("value", ["204 153 255", "0 0 255", "250 250 250", "999 1", "#12", "blueish"])
def test_hues_of_maps_that_are_no_levels(value: str) -> None:
    assert read_colour(Info("de", "Hitze", severity="Minor", event_code=(("AREA_COLOR", value),))).colour is (
        Colour.BLUE
    )


@pytest.mark.parametrize(
    ("severity", "colour"), [("Red", Colour.RED), ("橙色", Colour.ORANGE), ("Ⅲ级", Colour.YELLOW)]
)
def test_severity_that_is_a_colour_itself(severity: str, colour: Colour) -> None:
    """The national platform writes Red, Orange, Yellow, Blue."""
    assert read_colour(Info("zh-CN", "暴雨", severity=severity)).colour is colour
