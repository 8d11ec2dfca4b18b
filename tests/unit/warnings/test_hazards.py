"""Event codes and event words."""

import csv
from pathlib import Path

import pytest

from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.hazards import EVENT_TYPES, kind_in_words, kind_of_code

TABLE = Path(__file__).parents[4] / "shared" / "data" / "cn" / "event_codes_12379.csv"


@pytest.mark.parametrize(
    ("words", "hazard", "code"),
    [
        ("暴雨", Hazard.RAIN, "11B03"),
        ("强降雨", Hazard.RAIN, "11B38"),
        ("短时强降水", Hazard.RAIN, None),
        ("山洪", Hazard.FLASH_FLOOD, "11A51"),
        ("山洪灾害事件", Hazard.FLASH_FLOOD, "11A51"),
        ("山洪灾害气象风险", Hazard.FLASH_FLOOD, "11A51"),
        ("洪水", Hazard.FLOOD, "11A01"),
        ("内涝", Hazard.WATERLOGGING, "11A02"),
        ("水库重大险情", Hazard.DAM, "11A03"),
        ("地质灾害", Hazard.GEOHAZARD, "11D00"),
        ("地质灾害气象风险", Hazard.GEOHAZARD, "11B37"),
        ("滑坡", Hazard.GEOHAZARD, "11D01"),
        ("泥石流", Hazard.GEOHAZARD, "11D02"),
        ("崩塌", Hazard.GEOHAZARD, "11D03"),
        ("雷电", Hazard.CONVECTIVE, "11B14"),
        ("雷雨大风", Hazard.CONVECTIVE, "11B20"),
        ("冰雹", Hazard.CONVECTIVE, "11B15"),
        ("强对流", Hazard.CONVECTIVE, "11B31"),
        ("大风", Hazard.WIND, "11B06"),
        ("暴雪", Hazard.SNOW_ICE, "11B04"),
        ("道路结冰", Hazard.SNOW_ICE, "11B21"),
        ("低温雨雪冰冻", Hazard.SNOW_ICE, "11B30"),
        ("寒潮", Hazard.COLD, "11B05"),
        ("高温", Hazard.HEAT, "11B09"),
        ("大雾", Hazard.VISIBILITY, "11B17"),
        ("霾", Hazard.VISIBILITY, "11B19"),
        ("森林火险", Hazard.WILDFIRE, "11B25"),
        ("森林（草原）火险", Hazard.WILDFIRE, "11B41"),
        ("thunder", Hazard.CONVECTIVE, "11B14"),
        ("Flash flood events", Hazard.FLASH_FLOOD, "11A51"),
        ("RAINSTORM", Hazard.RAIN, "11B03"),
        ("heavy rains", Hazard.RAIN, None),
        ("gale", Hazard.WIND, "11B06"),
        ("road icing", Hazard.SNOW_ICE, "11B21"),
    ],
)
def test_words(words: str, hazard: Hazard, code: str | None) -> None:
    kind = kind_in_words(words)
    assert kind is not None
    assert (kind.hazard, kind.code) == (hazard, code)


def test_the_longest_name_wins_and_then_the_first() -> None:
    longest = kind_in_words("暴雨可能引发山洪灾害")
    first = kind_in_words("暴雨和大风")
    assert longest is not None
    assert longest.hazard is Hazard.FLASH_FLOOD
    assert first is not None
    assert first.hazard is Hazard.RAIN


@pytest.mark.parametrize("words", ["", "其它", "火灾事故", "a train", "Small Craft Advisory"])
def test_words_that_say_nothing(words: str) -> None:
    assert kind_in_words(words) is None


def test_a_name_of_two_codes_in_one_family_has_no_code() -> None:
    kind = kind_in_words("顶板事故")
    assert kind is not None
    assert (kind.hazard, kind.code) == (Hazard.MINE, None)


def test_codes() -> None:
    for hazard, names in EVENT_TYPES.items():
        for code in names:
            kind = kind_of_code(code.lower())
            assert kind is not None
            assert (kind.hazard, kind.code) == (hazard, code)


def test_an_unheard_code_belongs_to_its_group() -> None:
    slope, weather = kind_of_code("11D08"), kind_of_code("11B99")
    assert slope is not None
    assert slope.hazard is Hazard.GEOHAZARD
    assert weather is not None
    assert weather.hazard is Hazard.OTHER


@pytest.mark.parametrize("value", ["", "1003", "SAME", "11b", "11B033"])
def test_values_that_are_no_codes(value: str) -> None:
    assert kind_of_code(value) is None


def test_no_code_stands_twice() -> None:
    codes = [code for names in EVENT_TYPES.values() for code in names]
    assert len(codes) == len(set(codes))


def test_the_table_agrees_with_the_sources() -> None:
    """Where the sources lie beside the checkout; 水旱灾害 in general is ours to call flood."""
    if not TABLE.exists():
        return
    ours = {code: (name, hazard) for hazard, names in EVENT_TYPES.items() for code, name in names.items()}
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    theirs = {
        row["code"]: (row["name_zh"], Hazard(row["family_proposed"].replace("flashflood", "flash_flood")))
        for row in rows
    }
    theirs |= {code: (theirs[code][0], Hazard.FLOOD) for code in ("11A00", "11A99")}
    assert ours == theirs
