"""Rosters as counties keep them, read into rows and complaints."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from jiaoying.contacts.model import PointKind, PointRef, PostLevel
from jiaoying.contacts.reading.sheets import RosterSheet, clean_name, read_date, read_roster
from jiaoying.kernel.area_names import Area, AreaNames
from jiaoying.kernel.areas import level_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import Cell, Grid, Row

HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
NAMES = {
    "140521000000": "沁水县",
    "140521100000": "龙港镇",
    "140521100001": "柳庄社区居委会",
    "140521102000": "郑庄镇",
    "140521102231": "苏庄村委会",
    "140521103000": "端氏镇",
    "140521103201": "苏庄村委会",
}
AREAS = AreaNames(Area(code, name, level_of(code), None) for code, name in NAMES.items())
HEAD = ("姓名", "手机", "责任区域", "岗位")


def read(*rows: tuple[Cell, ...], head: tuple[str, ...] = HEAD) -> RosterSheet:
    numbered = [Row(number, cells) for number, cells in enumerate([head, *rows], start=1)]
    return read_roster([Grid("表", tuple(numbered))], AREAS, HOME)


def codes(sheet: RosterSheet) -> list[tuple[int, str, str]]:
    return [(complaint.row, complaint.column, complaint.code) for complaint in sheet.complaints]


def test_a_plain_row() -> None:
    sheet = read(("王 强", 13834561234.0, "龙港镇柳庄社区", "防汛责任人"))
    assert sheet.complaints == ()
    (row,) = sheet.rows
    assert (row.sheet, row.row, row.name) == ("表", 2, "王强")
    assert [number.e164 for number in row.numbers] == ["+8613834561234"]
    assert (row.area_code, row.level, row.hazards) == ("140521100001", PostLevel.VILLAGE, ())


def test_every_column_of_the_contract_is_read() -> None:
    head = (
        "姓名", "手机", "办公电话", "责任区域", "区划代码", "岗位", "级别", "灾种", "单位", "职务",
        "B角", "B角手机", "上级", "有效期起", "有效期止", "语言", "备注", "隐患点名称", "威胁户数",
    )  # fmt: skip
    values: tuple[Cell, ...] = (
        "王强", "13834561234/13934561234", "7022234", "柳庄", "140521100001", "防汛责任人", "村级",
        "山洪、地质灾害", "柳庄社区", "支部书记", "李 四", "13734561234", "赵六", date(2026, 6, 1),
        "2026年9月30日", "中文", "夜间开机", "后山滑坡", 12,
    )  # fmt: skip
    sheet = read(values, head=head)
    assert sheet.complaints == ()
    (row,) = sheet.rows
    assert [number.e164 for number in row.numbers] == ["+8613834561234", "+8613934561234", "+863567022234"]
    assert row.hazards == (Hazard.FLASH_FLOOD, Hazard.GEOHAZARD)
    assert (row.deputy, row.deputy_numbers[0].e164, row.superior) == ("李四", "+8613734561234", "赵六")
    assert (row.valid_from, row.valid_to) == (date(2026, 6, 1), date(2026, 9, 30))
    assert (row.unit, row.title, row.note) == ("柳庄社区", "支部书记", "夜间开机")
    assert row.point == PointRef(None, "后山滑坡", "140521100001")
    assert [(point.ref, point.kind, point.households) for point in sheet.points] == [
        (row.point, PointKind.GEOHAZARD, 12)
    ]


def test_english_headings_and_area_columns() -> None:
    head = ("name", "mobile", "township", "village", "post", "level", "hazards")
    (row,) = read(("Wang", "13834561234", "端氏镇", "苏庄", "flood", "village", "flood"), head=head).rows
    assert (row.area_code, row.hazards) == ("140521103201", (Hazard.FLOOD,))


def test_a_doubtful_village_names_the_choices_and_is_left_out() -> None:
    sheet = read(("王强", "13834561234", "苏庄村", "防汛责任人"))
    assert sheet.rows == ()
    assert codes(sheet) == [(2, "责任区域", "area_doubtful")]
    assert "140521102231" in sheet.complaints[0].text
    assert "140521103201" in sheet.complaints[0].text


@pytest.mark.parametrize(
    ("cells", "complaint"),
    [
        (("", "13834561234", "柳庄", "防汛责任人"), (2, "姓名", "name_missing")),
        (("王强", "13834561234", "", "防汛责任人"), (2, "责任区域", "area_missing")),
        (("王强", "13834561234", "火星村", "防汛责任人"), (2, "责任区域", "area_unknown")),
        (("王强", "13834561234", "柳庄", ""), (2, "岗位", "post_missing")),
    ],
)
def test_what_is_required_and_missing_is_told(
    cells: tuple[Cell, ...], complaint: tuple[int, str, str]
) -> None:
    sheet = read(cells)
    assert sheet.rows == ()
    assert codes(sheet) == [complaint]


def test_somebody_without_a_number_stays_on_the_roster_and_is_told() -> None:
    sheet = read(("王强", "1.38E+10", "柳庄", "防汛责任人"))
    assert len(sheet.rows) == 1
    assert codes(sheet) == [(2, "手机", "digits_lost"), (2, "手机", "unreachable")]


def test_several_people_with_as_many_numbers_are_several_rows() -> None:
    sheet = read(("王强、李四", "13834561234、13934561234", "柳庄", "防汛责任人"))
    assert [(row.name, row.numbers[0].e164) for row in sheet.rows] == [
        ("王强", "+8613834561234"),
        ("李四", "+8613934561234"),
    ]


def test_several_people_with_one_number_are_never_guessed() -> None:
    sheet = read(("王强、李四", "13834561234", "柳庄", "防汛责任人"))
    assert [row.numbers for row in sheet.rows] == [(), ()]
    assert (2, "姓名", "several_people") in codes(sheet)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("级别", "天级", "level_unknown"),
        ("灾种", "太阳风暴", "hazard_unknown"),
        ("有效期起", "明年", "date_unreadable"),
        ("有效期起", "2026-02-30", "date_unreadable"),
        ("区划代码", "999", "area_unknown"),
        ("爱好", "钓鱼", "column_unknown"),
    ],
)
def test_a_doubt_beside_the_essentials_keeps_the_row(column: str, value: str, code: str) -> None:
    sheet = read(("王强", "13834561234", "柳庄", "防汛责任人", value), head=(*HEAD, column))
    assert len(sheet.rows) == 1
    assert [complaint.code for complaint in sheet.complaints] == [code]


def test_dates_that_cross_are_left_out() -> None:
    sheet = read(
        ("王强", "13834561234", "柳庄", "防汛责任人", "2026-09-01", "2026-06-01"),
        head=(*HEAD, "有效期起", "有效期止"),
    )
    assert (sheet.rows[0].valid_from, sheet.rows[0].valid_to) == (None, None)
    assert [complaint.code for complaint in sheet.complaints] == ["dates_crossed"]


def test_a_sheet_without_headings_is_told() -> None:
    sheet = read_roster([Grid("说明", (Row(1, ("请先阅读",)),))], AREAS, HOME)
    assert [complaint.code for complaint in sheet.complaints] == ["no_headings"]


@pytest.mark.parametrize(
    ("written", "name", "title"),
    [
        ("王 强", "王强", None),
        ("张三(主任)", "张三", "主任"),
        ("王川(演示)", "王川（演示）", None),
        ("阿卜杜·热合曼", "阿卜杜·热合曼", None),
        ("Li Si", "Li Si", None),
    ],
)
def test_names_are_cleaned(written: str, name: str, title: str | None) -> None:
    assert clean_name(written) == (name, title)


@pytest.mark.parametrize("written", ["2026-6-1", "2026/06/01", "2026.6.1", "2026年6月1日", "20260601", 46174])
def test_days_in_every_hand(written: Cell) -> None:
    assert read_date(written) == date(2026, 6, 1)
