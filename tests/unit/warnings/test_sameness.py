"""When two messages that came by different roads speak of one warning."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.sameness import (
    Reading,
    Second,
    added_places,
    compare,
    completed,
    is_national,
    is_possible_twin,
    issuer_of,
    overlap,
)
from unit.warnings.samples import NOW

VILLAGE, OTHER, TOWNSHIP, COUNTY = "140521100201", "140521100202", "140521100000", "140521000000"
FIRST = Reading(
    hazard=Hazard.RAIN,
    colour=Colour.ORANGE,
    area_codes=(VILLAGE,),
    has_lines=False,
    headline="沁水县气象台发布暴雨橙色预警",
    sender_name="赵演示",
    text="预计未来3小时降雨量将达50毫米以上。",
    instruction=None,
    event_code="11B03",
    sent_at=NOW,
)


@pytest.mark.parametrize(
    ("identifier", "national"),
    [
        ("14052141600000_20260715163000", True),
        ("14052141600000_20260715163000_2", True),
        ("urn:oid:2.49.0.1.156.0.14052141600000_20260715163000", False),
        ("1405214160000_20260715163000", False),
        ("10105010220260715163000", False),
    ],
)
def test_identifiers(identifier: str, *, national: bool) -> None:
    assert is_national(identifier) is national


def test_what_one_of_them_could_not_tell_is_no_disagreement() -> None:
    assert compare(FIRST, replace(FIRST, colour=None)) is Second.SAME
    assert compare(replace(FIRST, colour=None), FIRST) is Second.SAME
    assert compare(FIRST, replace(FIRST, hazard=Hazard.OTHER)) is Second.SAME
    assert (
        compare(FIRST, replace(FIRST, text="", headline="", sent_at=NOW + timedelta(hours=8))) is Second.SAME
    )


def test_graver_is_followed_and_milder_or_of_another_hazard_is_put_before_the_officer() -> None:
    assert compare(FIRST, replace(FIRST, colour=Colour.RED)) is Second.MORE
    assert compare(FIRST, replace(FIRST, colour=Colour.BLUE)) is Second.DISAGREES
    assert compare(FIRST, replace(FIRST, hazard=Hazard.WIND)) is Second.DISAGREES


def test_a_vaguer_area_adds_no_place_and_a_finer_one_neither() -> None:
    assert added_places(FIRST, replace(FIRST, area_codes=(COUNTY,))) == ()
    assert added_places(replace(FIRST, area_codes=(TOWNSHIP,)), FIRST) == ()
    assert added_places(FIRST, replace(FIRST, area_codes=(OTHER, VILLAGE))) == (OTHER,)
    assert added_places(replace(FIRST, area_codes=()), FIRST) == (VILLAGE,)
    drawn = replace(FIRST, area_codes=(), has_lines=True)
    assert added_places(drawn, FIRST) == ()


def test_nothing_that_was_told_is_overwritten() -> None:
    poor = replace(FIRST, text="", event_code=None)
    rich = replace(FIRST, instruction="立即转移。", sender_name="钱演示")
    assert completed(poor, rich) == {
        "text": FIRST.text,
        "instruction": "立即转移。",
        "event_code": "11B03",
    }
    assert completed(rich, poor) == {}


@pytest.mark.parametrize(
    ("headline", "issuer"),
    [
        ("沁水县气象台发布暴雨橙色预警", "沁水县气象台"),
        ("沁水县气象台2026年7月15日16时30分继续发布暴雨橙色预警", "沁水县气象台"),
        ("2026年7月15日16时30分 沁水县气象台发布暴雨橙色预警", "沁水县气象台"),
        ("山西省晋城市沁水县气象台变更暴雨黄色为橙色预警", "山西省晋城市沁水县气象台"),
        ("暴雨橙色预警", "赵演示"),
        ("沁水县气象台将暴雨橙色预警信号升级为暴雨红色预警信号", "沁水县气象台"),
        ("沁水县气象台2026年7月15日3时把暴雨橙色预警变更为红色预警", "沁水县气象台"),
    ],
)
def test_issuers(headline: str, issuer: str) -> None:
    assert issuer_of(replace(FIRST, headline=headline)) == issuer


def test_a_possible_twin_agrees_in_all_that_can_be_compared() -> None:
    vendor = replace(FIRST, headline="山西省晋城市沁水县气象台发布暴雨橙色预警", text="其他文字")
    assert is_possible_twin(FIRST, vendor)
    for changes in (
        {"colour": Colour.RED},
        {"hazard": Hazard.WIND},
        {"area_codes": (OTHER,)},
        {"area_codes": ()},
        {"sent_at": NOW + timedelta(minutes=11)},
        {"headline": "阳城县气象台发布暴雨橙色预警"},
    ):
        assert not is_possible_twin(FIRST, replace(vendor, **changes))


def test_an_area_that_is_not_known_may_be_anywhere() -> None:
    assert overlap((VILLAGE,), (COUNTY,))
    assert overlap((), (COUNTY,))
    assert not overlap((VILLAGE,), (OTHER,))
