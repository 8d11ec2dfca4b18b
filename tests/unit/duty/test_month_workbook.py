"""The month as a workbook: what stands in it, and how it prints."""

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl

from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.month_sheet import Filing, MonthSheet, dialled, month_sheet
from jiaoying.duty.month_workbook import month_workbook
from jiaoying.duty.shift_times import DAY_AND_NIGHT, WHOLE_DAY
from unit.duty.month_cases import CHINA, DESK, SHANGHAI, changed, month_shifts, sheet_of

OCTOBER = month_shifts(WHOLE_DAY, date(2026, 10, 1), date(2026, 10, 31))


def opened(sheet: MonthSheet) -> Any:
    return openpyxl.load_workbook(io.BytesIO(month_workbook(sheet))).active


def page_of(shifts: Sequence[Shift] = OCTOBER, changes: Sequence[Change] = ()) -> Any:
    return opened(sheet_of(shifts, changes))


def row_of(page: Any, day: int) -> list[object]:
    return [cell.value for cell in page[4 + day]]


def test_the_sheet_says_who_stands_on_each_day() -> None:
    page = page_of()
    assert page["A1"].value == "沁水县应急值班室2026年10月值班表"
    assert [cell.value for cell in page[2] if cell.value] == [
        "填报单位：沁水县应急管理局",
        "填表人：王建国",
        "填表日期：2026年9月28日",
    ]
    assert [cell.value for cell in page[3]] == [
        "日期",
        "星期",
        "全天\n08:30—次日08:30",
        None,
        "带班领导",
        "联系电话",
        "备注",
    ]
    assert [page["C4"].value, page["D4"].value] == ["值班员", "联系电话"]
    assert row_of(page, 8) == ["10月8日", "星期四", "=1+1", "13834560008", "李明", "0356-7022345", None]
    assert page["C12"].data_type == "s"
    assert page.max_row == 4 + 31


def test_holidays_are_named_and_shaded() -> None:
    page = page_of()
    assert row_of(page, 1)[0] == "10月1日\n国庆节"
    assert row_of(page, 7)[0] == "10月7日\n国庆节"
    assert row_of(page, 10)[:2] == ["10月10日\n调休上班", "星期六"]
    shades = [page.cell(4 + day, 1).fill.fgColor.rgb[-6:] for day in (1, 8, 10, 11)]
    assert shades == ["D9D9D9", "000000", "000000", "F2F2F2"]


def test_days_between_holidays_have_the_holidays_name() -> None:
    february = month_sheet(DESK, date(2026, 2, 1), [], [], {}, CHINA, SHANGHAI)
    labels = {row.day.day: row.label for row in february.days if row.label}
    assert labels == {14: "调休上班", 16: "农历除夕", 28: "调休上班"} | dict.fromkeys(
        [15, *range(17, 24)], "春节"
    )


def test_two_officers_stand_below_each_other_with_their_numbers() -> None:
    first = OCTOBER[0]
    two = Shift(
        first.id,
        first.desk_id,
        first.starts_at,
        first.ends_at,
        first.officer_id,
        None,
        OCTOBER[4].officer_id,
        "全天",
    )
    page = page_of([two, OCTOBER[1]])
    assert row_of(page, 1)[2:4] == ["王建国\n阿卜杜拉·麦麦提", "13834561234\n—"]
    assert page.row_dimensions[5].height >= 32


def test_what_was_changed_stands_in_the_remarks() -> None:
    first, second, third, fourth = OCTOBER[:4]
    page = page_of(
        [first, second, third, fourth],
        [
            changed(first, Role.OFFICER, 7, ChangeKind.SWAP),
            changed(second, Role.LEADER, 1, ChangeKind.LEAVE),
            changed(third, Role.OFFICER, 7, ChangeKind.TAKEOVER, after_h=3),
            changed(fourth, Role.SECOND, 7, ChangeKind.OVERRIDE),
        ],
    )
    assert [row_of(page, day)[-1] for day in (1, 2, 3, 4)] == [
        "原王建国，调班",
        "带班领导原李明，请假",
        "11:30起侯文",
        "第二值班员增加，换人",
    ]
    assert [row_of(page, day)[2] for day in (1, 3, 4)] == ["侯文", "张晓东（演示）", "欧阳春梅\n侯文"]


def test_an_undone_change_is_not_told() -> None:
    change = changed(OCTOBER[0], Role.OFFICER, 7, ChangeKind.SWAP)
    undone = Change(
        change.id,
        change.shift_id,
        change.role,
        change.person_id,
        change.kind,
        change.starts_at,
        change.ends_at,
        change.made_at,
        undone_at=change.made_at,
    )
    page = page_of([OCTOBER[0]], [undone])
    assert (row_of(page, 1)[2], row_of(page, 1)[-1]) == ("王建国", None)


def test_each_shift_has_its_columns_and_a_leader_of_one_is_marked() -> None:
    shifts = month_shifts(DAY_AND_NIGHT, date(2026, 10, 1), date(2026, 10, 31))
    page = page_of(shifts, [changed(shifts[1], Role.LEADER, 1, ChangeKind.LEAVE)])
    assert [cell.value for cell in page[3]][2:8] == [
        "白班\n08:00—20:00",
        None,
        "夜班\n20:00—次日08:00",
        None,
        "带班领导",
        "联系电话",
    ]
    assert row_of(page, 1)[6:] == [
        "李明\n王建国（夜班）",
        "0356-7022345\n13834561234",
        "夜班：带班领导原李明，请假",
    ]


def test_unusual_hours_stand_in_the_cell() -> None:
    first = OCTOBER[0]
    late = Shift(
        first.id,
        first.desk_id,
        first.starts_at.replace(hour=2),
        first.ends_at,
        first.officer_id,
        first.leader_id,
        name=first.name,
    )
    page = page_of([late, *OCTOBER[1:]])
    assert row_of(page, 1)[2] == "王建国\n（10:30—次日08:30）"


def test_it_prints_as_offices_post_it() -> None:
    page = page_of()
    assert (int(page.page_setup.paperSize), page.page_setup.orientation) == (9, "portrait")
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 1)
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert page.print_title_rows == "$3:$4"
    assert page.print_area == "'2026年10月'!$A$1:$G$35"
    assert page["A1"].font.name == "方正小标宋简体"
    assert (page["A3"].font.name, page["C5"].font.name, page["C5"].font.sz) == ("黑体", "仿宋", 12)
    assert {str(merged) for merged in page.merged_cells.ranges} >= {"A1:G1", "A3:A4", "C3:D3"}
    widths = [page.column_dimensions[letter].width for letter in "ABCDEFG"]
    assert min(widths[3], widths[5]) >= 15
    assert sum(widths) < 110
    for row in page["A5:G35"]:
        assert all(cell.border.left.style and cell.border.bottom.style for cell in row)


def test_what_the_sheet_says_for_whom_to_fill_in() -> None:
    empty = sheet_of(OCTOBER[:1])
    page = opened(MonthSheet(empty.desk, empty.month, empty.columns, empty.days, Filing()))
    assert [cell.value for cell in page[2] if cell.value] == [
        "填报单位：",
        "填表人：",
        "填表日期：　　年　月　日",
    ]


def test_numbers_as_they_are_dialled_here() -> None:
    assert [
        dialled(number)
        for number in (
            "+8613834561234",
            "+863567022345;ext=801",
            "+861062345678",
            "+86356000001",
            "+9779812345678",
        )
    ] == ["13834561234", "0356-7022345转801", "010-62345678", "0356-000001", "+9779812345678"]


def test_numbers_may_be_masked() -> None:
    page = opened(sheet_of(OCTOBER, whole_numbers=False))
    assert row_of(page, 1)[3] == "138****1234"
