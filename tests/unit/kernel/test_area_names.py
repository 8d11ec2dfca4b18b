"""Places by name: repeated names, short names, paths, and honest doubt."""

from datetime import UTC, datetime

import pytest

from jiaoying.kernel.area_names import Area, AreaNames, Doubt, bare_name
from jiaoying.kernel.areas import Level, level_of

HOME = COUNTY = "140521000000"
TOWN = "140521100000"
NAMES = {
    "140000000000": "山西省",
    "140500000000": "晋城市",
    COUNTY: "沁水县",
    "140521100000": "龙港镇",
    "140521100001": "柳庄社区居委会",
    "140521101000": "中村镇",
    "140521101200": "中村村委会",
    "140521102000": "郑庄镇",
    "140521102231": "苏庄村委会",
    "140521103000": "端氏镇",
    "140521103201": "苏庄村委会",
    "140521106000": "柿庄镇",
    "140521106207": "张村村委会",
    "140521202000": "张村乡",
    "140521202205": "张村村委会",
    "140522000000": "阳城县",
    "140522103000": "河北镇",
    "140521206000": "十里乡",
    "140521206201": "河北村委会",
}
INDEX = AreaNames(Area(code, name, level_of(code), None) for code, name in NAMES.items())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("沁水县", COUNTY),
        ("沁水", COUNTY),
        ("龙港镇", "140521100000"),
        ("龙港", "140521100000"),
        ("柳庄社区", "140521100001"),
        ("柳庄", "140521100001"),
        ("柳庄村", "140521100001"),
        ("柳庄社区居委会", "140521100001"),
        ("龙港镇 柳庄社区", "140521100001"),
        ("山西省晋城市沁水县龙港镇柳庄社区", "140521100001"),
        ("沁水县柳庄村一组", "140521100001"),
        ("中村镇中村", "140521101200"),
        ("中村村", "140521101200"),
        ("端氏镇苏庄村", "140521103201"),
        ("郑庄/苏庄村民委员会", "140521102231"),
        ("张村乡", "140521202000"),
        ("张村乡张村", "140521202205"),
        ("柿庄镇张村村", "140521106207"),
        ("阳城县河北镇", "140522103000"),
    ],
)
def test_a_place_is_found_by_its_name(text: str, code: str) -> None:
    found = INDEX.find(text, within=COUNTY)
    assert isinstance(found, Area)
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("苏庄村", {"140521102231", "140521103201"}),
        ("中村", {"140521101000", "140521101200"}),
        ("张村", {"140521202000", "140521202205", "140521106207"}),
    ],
)
def test_where_several_places_fit_all_are_named(text: str, codes: set[str]) -> None:
    found = INDEX.find(text, within=COUNTY)
    assert isinstance(found, Doubt)
    assert {area.code for area in found.candidates} == codes


def test_the_level_settles_what_the_name_leaves_open() -> None:
    found = INDEX.find("中村", within=COUNTY, level=Level.TOWNSHIP)
    assert isinstance(found, Area)
    assert found.code == "140521101000"


def test_a_place_at_home_goes_before_a_full_name_elsewhere() -> None:
    found = INDEX.find("河北", within=COUNTY)
    assert isinstance(found, Area)
    assert found.code == "140521206201"


@pytest.mark.parametrize("text", ["", "  ", "火星村", "龙港镇火星村", "庄" * 500])
def test_an_unknown_place_is_nothing(text: str) -> None:
    assert INDEX.find(text, within=COUNTY) is None


def test_a_village_is_known_without_the_name_of_its_office() -> None:
    assert [bare_name(name) for name in ("潘庄村委会", "潘庄村", "杏园社区居委会", "龙港镇", "村委会")] == [
        "潘庄",
        "潘庄",
        "杏园",
        "龙港镇",
        "村委会",
    ]


GONE = datetime(2026, 7, 1, tzinfo=UTC)


def merged(code: str, name: str, successor: str | None, parent: str = TOWN) -> Area:
    return Area(code, name, Level.VILLAGE, parent, retired_at=GONE, successor_code=successor)


def test_a_former_name_leads_to_the_area_of_today() -> None:
    village = Area("140521100201", "新河村委会", Level.VILLAGE, TOWN, former_names=("上河村委会",))
    names = AreaNames([Area(TOWN, "龙港镇", Level.TOWNSHIP, HOME, former_names=("龙港乡",)), village])
    for text in ("上河村", "上河", "龙港镇上河村", "龙港乡新河", "龙港乡上河村委会"):
        assert names.find(text, within=HOME) == village, text


def test_a_name_of_today_goes_before_a_former_one() -> None:
    renamed = Area("140521100201", "新河村", Level.VILLAGE, TOWN, former_names=("上河村",))
    now_called = Area("140521100202", "上河村", Level.VILLAGE, TOWN)
    names = AreaNames([renamed, now_called])
    assert names.find("上河", within=HOME) == now_called
    assert names.called("上河村") == ((now_called, True),)


def test_a_merged_area_leads_to_where_it_went_through_all_steps_also_to_another_township() -> None:
    other = "140521101000"
    last = Area("140521101203", "联合村", Level.VILLAGE, other)
    names = AreaNames(
        [
            Area(TOWN, "龙港镇", Level.TOWNSHIP, HOME),
            Area(other, "中村镇", Level.TOWNSHIP, HOME),
            merged("140521100201", "上河村", "140521100202"),
            merged("140521100202", "中河村", last.code),
            last,
        ]
    )
    assert names.get("140521100201") == last
    assert names.find("龙港镇上河村", within=HOME) == last
    assert names.find("中河", within=HOME) == last
    assert {area.name for area in names} == {"龙港镇", "中村镇", "联合村"}


def test_an_area_that_is_gone_for_good_is_found_by_its_code_only() -> None:
    gone, lost = merged("140521100201", "上河村", None), merged("140521100202", "下河村", "140521999999")
    names = AreaNames([gone, lost])
    assert names.find("上河村", within=HOME) is None
    assert (names.get(gone.code), names.get(lost.code)) == (gone, lost)
    assert list(names) == []


def test_successors_in_a_circle_end_somewhere() -> None:
    one, other = "140521100201", "140521100202"
    names = AreaNames([merged(one, "上河村", other), merged(other, "下河村", one)])
    assert names.get(one) is not None
