"""The empty lists: filled in as a keeper would, they read right; empty, they give nobody and no complaint."""

import io
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from jiaoying.contacts.exporting.template_columns import CHOICES, NOTES, TEMPLATES, Group, ListKind
from jiaoying.contacts.exporting.templates import template_bytes
from jiaoying.contacts.reading.sheets import RosterSheet, read_roster
from jiaoying.kernel.area_names import Area, AreaNames
from jiaoying.kernel.areas import Level
from jiaoying.kernel.language import speaking
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile, read_grids

HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
PLACE = {"乡镇": "龙港镇", "行政村": "柳庄社区"}
AREAS = AreaNames(
    [
        Area("140521000000", "沁水县", Level.COUNTY, "140500000000"),
        Area("140521100000", "龙港镇", Level.TOWNSHIP, "140521000000"),
        Area("140521100001", "柳庄社区居委会", Level.VILLAGE, "140521100000"),
    ]
)


def read(data: bytes) -> RosterSheet:
    return read_roster(read_grids(SheetFile("模板.xlsx", data)), AREAS, HOME)


def filled(kind: ListKind, *rows: dict[str, str]) -> RosterSheet:
    """The template with rows written below its headings; a key is a heading, or role/heading; the sheet of
    notes stays in."""
    book = load_workbook(io.BytesIO(template_bytes(kind)))
    for page, sheet in zip(book.worksheets, TEMPLATES[kind], strict=False):
        places = [
            f"{column.role}/{heading}" if isinstance(column, Group) else column
            for column in sheet.columns
            for heading in (column.columns if isinstance(column, Group) else ("",))
        ]
        own = [row for row in rows if set(row) <= set(places)]
        for number, row in enumerate(own, start=3 if sheet.has_groups else 2):
            for name, value in row.items():
                cell: Any = page.cell(number, places.index(name) + 1)
                cell.value = value
    file = io.BytesIO()
    book.save(file)
    return read(file.getvalue())


def people(sheet: RosterSheet) -> list[tuple[str, str, list[str], str]]:
    return [
        (row.name, row.post, [number.e164 for number in row.numbers], row.area_code) for row in sheet.rows
    ]


@pytest.mark.parametrize("kind", list(ListKind))
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_an_empty_template_gives_nobody_and_no_complaint(kind: ListKind, language: str) -> None:
    with speaking(language):
        data = template_bytes(kind)
    sheet = read(data)
    assert (sheet.rows, sheet.points, sheet.households, sheet.complaints) == ((), (), (), ())


@pytest.mark.parametrize("kind", list(ListKind))
def test_the_same_template_is_the_same_file(kind: ListKind) -> None:
    assert template_bytes(kind) == template_bytes(kind)


@pytest.mark.parametrize("kind", list(ListKind))
def test_columns_hold_text_and_offer_what_may_be_chosen(kind: ListKind) -> None:
    book = load_workbook(io.BytesIO(template_bytes(kind)))
    for page, sheet in zip(book.worksheets, TEMPLATES[kind], strict=False):
        assert page.column_dimensions["B"].number_format == "@"
        chosen = {choice for column in sheet.columns if (choice := str(column)) in CHOICES}
        assert len(page.data_validations.dataValidation) == len(chosen)
    assert book.worksheets[-1].title == "填写说明（不导入）"


def test_every_column_is_explained() -> None:
    headings = {
        heading
        for sheets in TEMPLATES.values()
        for sheet in sheets
        for column in sheet.columns
        for heading in (column.columns if isinstance(column, Group) else (column,))
    }
    assert headings == NOTES.keys()


def test_a_general_list() -> None:
    sheet = filled(ListKind.GENERAL, {heading: example for heading, (_, example) in NOTES.items() if example
                                      and heading in TEMPLATES[ListKind.GENERAL][0].columns})  # fmt: skip
    (row,) = sheet.rows
    assert (row.name, row.post, row.area_code, row.level) == (
        "赵川（演示）",
        "防汛责任人",
        "140521100001",
        "village",
    )
    assert [number.e164 for number in row.numbers] == ["+8610000000001", "+863560000001"]
    assert (row.deputy, row.superior, row.language) == ("孙山（演示）", "李木（演示）", "zh-CN")
    assert [str(hazard) for hazard in row.hazards] == ["rain", "flash_flood"]
    assert (str(row.valid_from), str(row.valid_to)) == ("2026-06-01", "2026-09-30")


def test_a_flood_list_has_five_people_in_a_row() -> None:
    roles = ("行政责任人", "监测责任人", "信息报送责任人", "预警责任人", "转移责任人")
    row = {
        "危险区编号": "SH1",
        "危险区名称": "柳庄沿河",
        "乡镇": "龙港镇",
        "行政村": "柳庄社区",
        "威胁户数": "12",
    }
    for place, role in enumerate(roles, start=1):
        row |= {f"{role}/姓名": f"演示{place}号", f"{role}/手机": f"1000000000{place}"}
    sheet = filled(ListKind.FLOOD, row)
    assert [(name, numbers, area) for name, _, numbers, area in people(sheet)] == [
        (f"演示{place}号", [f"+861000000000{place}"], "140521100001") for place in range(1, 6)
    ]
    assert all(
        role.removesuffix("责任人") in found.post for role, found in zip(roles, sheet.rows, strict=True)
    )
    (point,) = sheet.points
    assert (point.ref.code, point.kind, point.households) == ("SH1", "flash_flood", 12)
    assert sheet.complaints == ()


def test_a_reservoir_has_six_people_in_a_row() -> None:
    roles = [column.role for column in TEMPLATES[ListKind.RESERVOIR][0].columns if isinstance(column, Group)]
    row = {"水库编号": "SK1", "水库名称": "演示水库", "乡镇": "龙港镇", "行政村": "柳庄社区"}
    for place, role in enumerate(roles, start=1):
        row |= {
            f"{role}/姓名": f"演示{place}号",
            f"{role}/手机": f"1000000000{place}",
            f"{role}/单位": "县水务局",
        }
    sheet = filled(ListKind.RESERVOIR, row)
    assert [name for name, _, _, _ in people(sheet)] == [f"演示{place}号" for place in range(1, 7)]
    assert {found.unit for found in sheet.rows} == {"县水务局"}
    assert [point.kind for point in sheet.points] == ["reservoir"]
    assert sheet.complaints == ()


def test_a_geohazard_list_has_points_watchers_and_households() -> None:
    sheet = filled(
        ListKind.GEOHAZARD,
        {
            "隐患点编号": "DZ1", "隐患点名称": "柳庄后沟滑坡", "类型": "滑坡", **PLACE,
            "经度": "112.187", "纬度": "35.690", "威胁户数": "2", "威胁人数": "7", "监测人/姓名": "演示1号",
            "监测人/手机": "10000000001", "监测人/座机": "0356-0000001", "监测责任人/姓名": "演示2号",
            "监测责任人/手机": "10000000002", "撤离路线": "向东",
        },
        {
            "隐患点编号": "DZ1", "隐患点名称": "柳庄后沟滑坡", "户主": "演示3号", "户主电话": "10000000003",
            "家庭人口": "4", "帮扶人": "演示1号", "帮扶人电话": "10000000001",
        },
    )  # fmt: skip
    assert [(name, numbers) for name, _, numbers, _ in people(sheet)] == [
        ("演示1号", ["+8610000000001", "+863560000001"]),
        ("演示2号", ["+8610000000002"]),
    ]
    (point,) = sheet.points
    assert (point.kind, point.lat, point.lon, point.people, point.route) == (
        "geohazard",
        35.69,
        112.187,
        7,
        "向东",
    )
    (home,) = sheet.households
    assert (home.point, home.head, home.people, home.helper) == (point.ref, "演示3号", 4, "演示1号")
    assert [complaint for complaint in sheet.complaints if complaint.code != "nobody_named"] == []


def test_a_wildfire_list_has_three_levels_and_wardens() -> None:
    roles = ("县级责任人", "乡级责任人", "村级责任人", "护林员")
    row = dict(PLACE)
    for place, role in enumerate(roles, start=1):
        row |= {f"{role}/姓名": f"演示{place}号", f"{role}/手机": f"1000000000{place}"}
    sheet = filled(ListKind.WILDFIRE, row)
    assert [str(found.level) for found in sheet.rows] == ["county", "township", "village", "village"]
    assert {found.hazards for found in sheet.rows} == {("wildfire",)}
    assert sheet.complaints == ()


def test_a_mine_list_has_its_people_and_the_control_room() -> None:
    roles = ("包保县领导", "监管部门责任人", "矿长", "驻矿盯守员", "值班带班矿领导")
    row = {"煤矿名称": "演示煤矿", "乡镇": "龙港镇", "调度室/电话": "0356-0000009"}
    for place, role in enumerate(roles, start=1):
        row |= {f"{role}/姓名": f"演示{place}号", f"{role}/手机": f"1000000000{place}"}
    sheet = filled(ListKind.MINE, row)
    found = people(sheet)
    assert [name for name, _, _, _ in found][:5] == [f"演示{place}号" for place in range(1, 6)]
    assert [numbers for _, post, numbers, _ in found if "调度室" in post] == [["+863560000009"]]
    assert {point.kind for point in sheet.points} == {"mine"}
