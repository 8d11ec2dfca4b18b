"""Places by name: the counties of China, and what is known at home."""

from time import process_time

import pytest

from jiaoying.demonstration.data_files import demonstration_areas
from jiaoying.kernel.area_names import Area, Doubt
from jiaoying.warnings.gazetteer import Gazetteer, china_counties

PLACES = china_counties()
HOME = "140521000000"
QINSHUI = PLACES.at_home(HOME, demonstration_areas())


def code_of(found: object) -> str | None:
    return found.code if isinstance(found, Area) else None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("河南省", "410000000000"),
        ("内蒙古自治区", "150000000000"),
        ("晋城市", "140500000000"),
        ("沁水县", HOME),
        ("山西省晋城市城区", "140502000000"),
        ("北京市朝阳区", "110105000000"),
        ("长春市朝阳区", "220104000000"),
        ("临夏回族自治州临夏市", "622901000000"),
        ("甘南州合作市", "623001000000"),
        ("保定市竞秀区", "130602000000"),
        ("黔东南苗族侗族自治州", "522600000000"),
        ("黔东南州", "522600000000"),
        ("东莞市", "441900000000"),
        ("仙桃市", "429004000000"),
        ("重庆市城口县", "500229000000"),
    ],
)
def test_a_full_name_or_a_path_of_names(name: str, code: str) -> None:
    assert code_of(PLACES.find(name)) == code


@pytest.mark.parametrize(
    "name", ["", "陕北", "晋城西北部", "沁水", "市辖区", "县", "保定市新市区", "沁水县人民"]
)
def test_what_is_no_name_is_not_found(name: str) -> None:
    """Short names count in running text only; 新市区 was dissolved."""
    assert PLACES.find(name) is None


def test_a_name_of_several_places_is_in_doubt_and_told_by_its_context() -> None:
    found = PLACES.find("朝阳区")
    assert isinstance(found, Doubt)
    assert [PLACES.full_name(area) for area in found.candidates] == ["北京市朝阳区", "吉林省长春市朝阳区"]
    assert code_of(PLACES.find("朝阳区", within=["220000000000"])) == "220104000000"
    assert isinstance(PLACES.find("城区"), Doubt)
    assert code_of(PLACES.find("城区", within=[HOME, "140500000000"])) == "140502000000"


def test_every_place_is_found_by_its_whole_name() -> None:
    lost = [
        PLACES.full_name(county)
        for province in provinces()
        for county in (province, *PLACES.children(province.code), *PLACES.counties(province.code))
        if code_of(PLACES.find(PLACES.full_name(county))) != county.code
    ]
    assert lost == ["甘肃省嘉峪关市嘉峪关市"]  # a city of one county, both of one name: the city counts


def provinces() -> list[Area]:
    known = (PLACES.get(f"{digits:02}0000000000") for digits in range(100))
    return [area for area in known if area is not None]


def test_what_lies_below() -> None:
    assert [area.name for area in PLACES.children("140500000000")] == [
        "城区", "沁水县", "阳城县", "陵川县", "泽州县", "高平市",
    ]  # fmt: skip
    assert [area.name for area in PLACES.children("110000000000")][:2] == ["东城区", "西城区"]
    assert [area.code for area in PLACES.counties("441900000000")] == ["441900000000"]
    assert PLACES.children(HOME) == ()
    assert len(QINSHUI.children(HOME)) == 12


def test_at_home_townships_and_villages_are_known() -> None:
    assert code_of(QINSHUI.find("龙港镇")) == "140521100000"
    assert code_of(QINSHUI.find("沁水县郑庄镇河头村")) == "140521102201"
    assert code_of(QINSHUI.find("柳庄村", within=[HOME])) == "140521100001"
    assert PLACES.find("龙港镇") is None


def test_the_table_is_built_quickly() -> None:
    """3,348 places, once a process."""

    def seconds() -> float:
        begun = process_time()
        china_counties.cache_clear()
        assert isinstance(china_counties(), Gazetteer)
        return process_time() - begun

    assert min(seconds() for _ in range(3)) < 0.1
