# ruff: noqa: E501 (rows and words of sheets are easier to read in one line)
"""Lists as a hostile colleague would write them; each shows one way in which somebody could be lost or mistaken."""

from collections.abc import Sequence

import pytest

from jiaoying.contacts.reading.sheets import RosterSheet, read_roster
from jiaoying.kernel.sheets import Cell, Grid, Row
from seeded_areas import HOME, county_names

Lines = Sequence[Sequence[Cell]]
PEOPLE = ("10000000001", "10000000002", "10000000003", "10000000004")
ONE, TWO, THREE, FOUR = PEOPLE


def read(sheet: str, *lines: Sequence[Cell]) -> RosterSheet:
    rows = [Row(number, tuple(line)) for number, line in enumerate(lines, start=1) if any(line)]
    return read_roster([Grid(sheet, tuple(rows))], county_names(), HOME)


def told(sheet: RosterSheet) -> list[tuple[str, str, str, str]]:
    return [
        (row.name, " ".join(number.e164[3:] for number in row.numbers), row.area_code[6:], row.post)
        for row in sheet.rows
    ]


CASES: dict[str, tuple[str, Lines, list[tuple[str, str, str, str]]]] = {
    "headings that nobody knows, over villages and over numbers": (
        "信息员",
        [
            ["乡镇名称", "驻地庄", "灾害信息员", "职务", "应急通"],
            ["龙港镇", "里必", "王强", "委员", ONE],
            ["龙港镇", "常柏", "李四", "委员", TWO],
        ],
        [("王强", ONE, "100210", "灾害信息员"), ("李四", TWO, "100211", "灾害信息员")],
    ),
    "headings in English with blanks": (
        "Sheet1",
        [["Name", "Mobile", "Area code", "Post", "Valid from"], ["王强", ONE, "140521100210", "warden", "2026-01-01"]],
        [("王强", ONE, "100210", "warden")],
    ),
    "the duty of each village in the title of one township": (
        "端氏镇",
        [["端氏镇各村灾害信息员名单"], ["村名", "姓名", "手机号"], ["曲堤", "王强", ONE]],
        [("王强", ONE, "103205", "灾害信息员")],
    ),
    "duties in flat headings are not figures of people to move": (
        "山洪",
        [
            ["乡镇", "村", "预警责任人", "电话", "转移责任人", "电话", "转移人数"],
            ["龙港镇", "里必", "王强", ONE, "李四", TWO, "12"],
        ],
        [("王强", ONE, "100210", "山洪预警责任人"), ("李四", TWO, "100210", "山洪转移责任人")],
    ),
    "three heading rows without a merged cell, and a place in the name of the point alone": (
        "Sheet1",
        [
            ["沁水县水库大坝安全责任人"],
            ["序号", "水库名称", "责任人"],
            ["", "", "行政责任人", "", "巡查责任人"],
            ["", "", "姓名", "电话", "姓名", "电话"],
            ["1", "里必水库", "王强", ONE, "李四", TWO],
        ],
        [("王强", ONE, "100210", "水库行政责任人"), ("李四", TWO, "100210", "水库巡查责任人")],
    ),
    "groups above flat headings": (
        "防汛",
        [
            ["", "", "", "县级责任人", "", "村级责任人", ""],
            ["序号", "乡镇", "村", "姓名", "电话", "姓名", "电话"],
            ["1", "龙港镇", "里必村", "王强", ONE, "李四", TWO],
        ],
        [("王强", ONE, "100210", "防汛县级责任人"), ("李四", TWO, "100210", "防汛村级责任人")],
    ),
    "an office with a number of its own does not give it to the person at its left": (
        "煤矿",
        [
            ["煤矿", "所在乡镇", "包保县领导", "电话", "监管部门", "电话", "矿长", "电话"],
            ["演示一矿", "嘉峰镇", "王强", ONE, "县能源局", "0356-0001111", "李四", TWO],
        ],
        [
            ("王强", ONE, "104000", "包保县领导"),
            ("县能源局", "3560001111", "104000", "煤矿监管部门责任人"),
            ("李四", TWO, "104000", "矿长"),
        ],
    ),
    "nor does somebody under a heading that nobody knows": (
        "煤矿",
        [
            ["煤矿", "所在乡镇", "矿长", "电话", "盯守的", "电话"],
            ["演示一矿", "嘉峰镇", "王强", ONE, "李四", TWO],
        ],
        [("王强", ONE, "104000", "矿长"), ("李四", TWO, "104000", "煤矿盯守的责任人")],
    ),
    "a column that nobody knows between a person and their number": (
        "网格员",
        [["姓名", "身高", "电话", "村"], ["王强", "170", ONE, "龙港镇里必"]],
        [("王强", ONE, "100210", "网格员")],
    ),
    "two lists beside each other": (
        "Sheet1",
        [
            ["龙港镇网格员通讯录"],
            ["村", "姓名", "电话", "村", "姓名", "电话"],
            ["里必", "王强", ONE, "马邑", "李四", TWO],
            ["国华", "赵六", THREE],
        ],
        [("王强", ONE, "100210", "网格员"), ("李四", TWO, "100207", "网格员"), ("赵六", THREE, "100206", "网格员")],
    ),
    "a list on its side": (
        "Sheet1",
        [
            ["姓名", "王强", "李四"],
            ["职务", "书记", "主任"],
            ["电话", ONE, TWO],
            ["行政村", "龙港镇里必村", "端氏镇苏庄村"],
            ["责任类型", "防汛责任人", "网格员"],
        ],
        [("王强", ONE, "100210", "防汛责任人"), ("李四", TWO, "103201", "网格员")],
    ),
    "the heading again on each page, then another table": (
        "Sheet1",
        [
            ["防汛责任人名单"],
            ["序号", "村", "姓名", "电话"],
            ["1", "里必", "王强", ONE],
            ["序号", "村", "姓名", "电话"],
            ["2", "马邑", "李四", TWO],
            ["网格员名单"],
            ["序号", "村", "姓名", "手机", "单位"],
            ["1", "国华", "赵六", THREE, "村委"],
        ],
        [("王强", ONE, "100210", "防汛责任人"), ("李四", TWO, "100207", "防汛责任人"), ("赵六", THREE, "100206", "网格员")],
    ),
    "a row that numbers the columns": (
        "网格员",
        [["序号", "村", "姓名", "电话"], ["1", "2", "3", "4"], ["1", "里必", "王强", ONE]],
        [("王强", ONE, "100210", "网格员")],
    ),
    "places in every form": (
        "Sheet1",
        [
            ["姓名", "电话", "责任区域", "岗位"],
            ["王强", ONE, "龙港镇里必村、马邑村", "护林员"],
            ["李四", TWO, "沁水县", "总指挥"],
            ["赵六", THREE, "里必村三组", "网格员"],
            ["钱七", FOUR, "140521100210", "网格员"],
        ],
        [
            ("王强", ONE, "100210", "护林员"),
            ("王强", ONE, "100207", "护林员"),
            ("李四", TWO, "000000", "总指挥"),
            ("赵六", THREE, "100210", "网格员"),
            ("钱七", FOUR, "100210", "网格员"),
        ],
    ),
    "the town hall in a list of villages": (
        "Sheet1",
        [["龙港镇防汛责任人名单"], ["行政村", "姓名", "电话"], ["镇政府", "王强", ONE], ["里必", "李四", TWO]],
        [("王强", ONE, "100000", "防汛责任人"), ("李四", TWO, "100210", "防汛责任人")],
    ),
    "several people in cells, and whose number is whose": (
        "Sheet1",
        [
            ["姓名", "电话", "村", "岗位"],
            ["王强、李四", f"{ONE}、{TWO}/0356-0001111", "里必", "网格员"],
            [f"王强{ONE}李四{TWO}", "", "里必", "网格员"],
            ["王强、李四、赵六", f"{ONE}、无、{THREE}", "里必", "网格员"],
        ],
        [
            ("王强", ONE, "100210", "网格员"),
            ("李四", f"{TWO} 3560001111", "100210", "网格员"),
            ("王强", ONE, "100210", "网格员"),
            ("李四", TWO, "100210", "网格员"),
            ("王强", ONE, "100210", "网格员"),
            ("李四", "", "100210", "网格员"),
            ("赵六", THREE, "100210", "网格员"),
        ],
    ),
    "telephones of duty rooms": (
        "Sheet1",
        [["各乡镇24小时值班电话"], ["乡镇", "值班电话", "带班领导", "电话"], ["龙港镇", "0356-0001111", "王强", ONE]],
        [("龙港镇值班室", "3560001111", "100000", "值班室"), ("王强", ONE, "100000", "带班领导")],
    ),
    "side heads that are no people": (
        "Sheet1",
        [
            ["沁水县防汛责任人名单"],
            ["姓名", "单位及职务", "手机"],
            ["一、县级领导"],
            ["王强", "县政府副县长", ONE],
            ["二、龙港镇"],
            ["李四", "龙港镇镇长", TWO],
        ],
        [("王强", ONE, "000000", "防汛责任人"), ("李四", TWO, "100000", "防汛责任人")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_nobody_is_lost_or_mistaken(case: str) -> None:
    name, lines, expected = CASES[case]
    assert told(read(name, *lines)) == expected


def test_a_title_of_two_hazards_is_for_both() -> None:
    sheet = read("Sheet1", ["龙港镇防汛防火责任人名单"], ["村", "姓名", "电话"], ["里必", "王强", ONE])
    assert {"flood", "wildfire"} <= set(sheet.rows[0].hazards)


def test_a_number_beside_a_vacant_post_is_told() -> None:
    sheet = read("网格员", ["村", "姓名", "电话"], ["龙港镇里必", "待定", ONE])
    assert told(sheet) == [("", "", "100210", "网格员")]
    assert [(each.column, each.code) for each in sheet.complaints] == [("电话", "name_missing")]


def test_households_beside_their_point() -> None:
    sheet = read(
        "Sheet1",
        ["隐患点名称", "所在村", "户主", "人口", "联系电话", "转移责任人", "联系电话"],
        ["里必后山", "龙港镇里必村", "王强", "4", ONE, "李四", TWO],
        ["", "", "赵六", "3", THREE, "李四", TWO],
    )
    assert [
        (each.point.name, each.head, each.number and each.number.e164[3:], each.people, each.helper)
        for each in sheet.households
    ] == [("里必后山", "王强", ONE, 4, "李四"), ("里必后山", "赵六", THREE, 3, "李四")]


def test_who_is_left_out_is_named() -> None:
    sheet = read("网格员", ["村", "姓名", "电话"], ["火星村", "王强、李四", f"{ONE}、{TWO}"])
    assert (sheet.rows, sheet.left_out) == ((), {"王强", "李四"})


def test_somebody_merged_over_the_rows_of_one_place_is_listed_once() -> None:
    lines = [["村", "姓名", "电话"], ["里必", "王强", ONE], ["里必", "王强", ONE], ["马邑", "王强", ONE]]
    rows = tuple(Row(number, tuple(line)) for number, line in enumerate(lines, start=1))
    merged = frozenset((number, place) for number in (3, 4) for place in (1, 2))
    sheet = read_roster([Grid("网格员", rows, repeated=merged)], county_names(), HOME)
    assert told(sheet) == [("王强", ONE, "100210", "网格员"), ("王强", ONE, "100207", "网格员")]


def test_the_hidden_lists_behind_drop_downs_are_no_complaint() -> None:
    shown = Grid(
        "名单", (Row(1, ("姓名", "电话", "责任区域", "岗位")), Row(2, ("王强", ONE, "里必", "网格员")))
    )
    words = Grid("字典", (), concealed=(Row(1, ("级别", "灾种")), Row(2, ("县级", "山洪"))))
    assert read_roster([shown, words], county_names(), HOME).complaints == ()
