"""A month grid is read back as it was written, and as offices fill it in by hand."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiaoying.duty.model import Change, ChangeKind, Role, Shift
from jiaoying.duty.month_reading import read_month_grid
from jiaoying.duty.month_workbook import month_workbook
from jiaoying.duty.rota import standing_in
from jiaoying.duty.rota_rows import Named, RotaRow
from jiaoying.duty.sheet import read_rota
from jiaoying.duty.shift_hours import Hours
from jiaoying.duty.shift_times import DAY_AND_NIGHT, WHOLE_DAY
from jiaoying.kernel.phone import read_number
from jiaoying.kernel.sheets import Cell, Grid, Row, SheetComplaint, SheetFile, read_grids
from jiaoying.kernel.workbooks import Merge
from unit.duty.month_cases import DESK, HOME, NAMES, NUMBERS, changed, changed_rotas, month_shifts, sheet_of

TITLE = ("沁水县应急值班室2026年8月值班表",)
HEAD = ("日期", "星期", "值班员（08:30—次日08:30）", "联系电话", "带班领导", "联系电话", "备注")


def read(
    *rows: tuple[Cell, ...], merges: tuple[Merge, ...] = ()
) -> tuple[list[RotaRow], list[SheetComplaint]]:
    numbered = tuple(Row(number, cells) for number, cells in enumerate(rows, start=1) if any(cells))
    return read_rota([Grid("八月", numbered, merges)], HOME)


def codes(complaints: list[SheetComplaint]) -> list[tuple[int, str]]:
    return [(complaint.row, complaint.code) for complaint in complaints if complaint.code != "sheet_left_out"]


def named(person_id: UUID | None) -> tuple[str, str | None] | None:
    return None if person_id is None else (NAMES[person_id], NUMBERS.get(person_id))


def in_rows(rows: list[RotaRow]) -> list[object]:
    """What rows say, numbers as E.164."""

    def plain(person: Named | None) -> object:
        return None if person is None else (person[0], person[1].e164 if person[1] else None)

    return [
        (
            row.desk,
            row.starts_at,
            row.ends_at,
            plain(row.officer),
            plain(row.second),
            plain(row.leader),
            row.name,
        )
        for row in rows
    ]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(rota=changed_rotas().filter(lambda rota: bool(rota[0])))
def test_what_is_written_is_read_as_the_same(rota: tuple[list[Shift], list[Change]]) -> None:
    shifts, changes = rota
    sheet = sheet_of(shifts, changes)
    rows, complaints = read_rota(read_grids(SheetFile("十月.xlsx", month_workbook(sheet))), HOME)
    assert complaints == []
    expected: list[object] = []
    for shift in shifts:
        standing = standing_in(shift, changes, shift.starts_at)
        people = (named(standing.officer_id), named(standing.second_id), named(standing.leader_id))
        expected.append((DESK, shift.starts_at, shift.ends_at, *people, shift.name))
    assert sorted(in_rows(rows), key=str) == sorted(expected, key=str)
    assert all(row.as_stands for row in rows)


def test_a_grid_filled_in_by_hand() -> None:
    rows, complaints = read(
        TITLE,
        ("填报单位：沁水县应急管理局  填表日期：2026年7月28日",),
        HEAD,
        ("8月1日", "星期六", "王 强", "138 3456 1234", "李县长", "7022345", "建军节"),
        ("2日", "日", "王强、李明", "13834561234\n13834561235", "同上", "同上"),
        (3, "周一", "张三 李四", None, None, None),
        ("8月4日", "二", "/", None, "—", None),
        (datetime(2026, 8, 5), "三", "赵六 13834561236", None, "李县长", None),  # noqa: DTZ001
        ("注：值班电话0356-7022345，值班人员不得脱岗。",),
        (None, None, "审核：李四", None, "签发：王五"),
    )
    assert complaints == []
    assert [(row.starts_at.day, row.officer[0], row.second and row.second[0]) for row in rows] == [
        (1, "王强", None),
        (2, "王强", "李明"),
        (3, "张三", "李四"),
        (5, "赵六", None),
    ]
    first, second, _, last = rows
    assert (first.starts_at, first.ends_at) == (
        datetime(2026, 8, 1, 0, 30, tzinfo=UTC),
        datetime(2026, 8, 2, 0, 30, tzinfo=UTC),
    )
    assert (first.desk, first.leader) == (DESK, ("李县长", read_number("0356-7022345", "0356")))
    assert second.leader == first.leader
    assert second.second == ("李明", read_number("13834561235", "0356"))
    assert last.officer == ("赵六", read_number("13834561236", "0356"))


def test_shifts_side_by_side_under_merged_headings() -> None:
    rows, complaints = read(
        ("2026年8月沁水县应急管理局领导带班和干部值班安排表",),
        ("日期", "白班(8:00-20:00)", None, "晚班（20:00至8:00）", None, "带班领导", None),
        (None, "姓名", "电话", "姓名", "电话", "姓名", "职务"),
        ("1", "甲某", "13834561231", "乙某", "13834561232", "丙某", "局长"),
        merges=(
            Merge(2, 0, 3, 0),
            Merge(2, 1, 2, 2),
            Merge(2, 3, 2, 4),
            Merge(2, 5, 2, 6),
        ),
    )
    assert complaints == []
    assert [(row.name, row.starts_at.hour, row.officer, row.leader) for row in rows] == [
        ("白班", 0, ("甲某", read_number("13834561231", "")), ("丙某", None)),
        ("晚班", 12, ("乙某", read_number("13834561232", "")), ("丙某", None)),
    ]
    assert {row.desk for row in rows} == {"沁水县应急管理局"}


def test_shifts_below_each_other_with_the_hours_in_a_remark() -> None:
    rows, complaints = read(
        TITLE,
        ("日 期", "班 次", "值 班 员", "带 班 领 导"),
        ("8月1日", "白班", "甲某", "丙某"),
        (None, "夜班", "乙某", "同上"),
        ("8月2日", "白班", "丁某", "丙某"),
        ("说明：白班8:00至20:00，夜班20:00至次日8:00。",),
    )
    assert complaints == []
    assert [(row.name, f"{row.starts_at:%d %H}", row.officer[0]) for row in rows] == [
        ("白班", "01 00", "甲某"),
        ("夜班", "01 12", "乙某"),
        ("白班", "02 00", "丁某"),
    ]


def test_one_column_of_numbers_for_officer_and_leader() -> None:
    head = ("日期", "值班员（08:30—次日08:30）", "带班领导", "联系电话")
    rows, complaints = read(TITLE, head, ("1日", "甲某", "乙某", "13834561231\n13834561232"))
    assert complaints == []
    assert (rows[0].officer[1], rows[0].leader) == (
        read_number("13834561231", ""),
        ("乙某", read_number("13834561232", "")),
    )
    rows, complaints = read(TITLE, head, ("1日", "甲某", "乙某", "13834561231"))
    assert (rows, codes(complaints)) == ([], [(3, "numbers_unclear")])


GOOD: tuple[Cell, ...] = ("8月1日", "六", "甲某", "13834561231", "乙某", "13834561232", None)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        (0, "下周一", "date_unreadable"),
        (0, "1日—3日", "date_unreadable"),
        (0, None, "date_unreadable"),
        (0, 8.1, "date_unreadable"),
        (0, "8月32日", "date_unreadable"),
        (0, "7月31日", "date_outside"),
        (0, "2025-08-01", "date_outside"),
        (1, "星期五", "weekday_wrong"),
        (0, "8月1日 星期五", "weekday_wrong"),
        (2, "甲某、乙某、丙某", "officers_several"),
        (2, "甲某、甲某", "officer_twice"),
        (2, "王 强 李", "names_unclear"),
        (2, "13834561231", "name_unreadable"),
        (2, "甲某、乙某", "numbers_unclear"),
        (3, "138345612", "number_invalid"),
        (3, "138****1231", "number_hidden"),
        (4, "乙某、丙某", "leaders_several"),
    ],
)
def test_what_cannot_be_read_is_told_and_nothing_is_taken(column: int, value: Cell, code: str) -> None:
    cells = list(GOOD)
    cells[column] = value
    if column in (2, 4) and code != "numbers_unclear":
        cells[column + 1] = None
    good = ("8月2日", "日", *GOOD[2:])
    rows, complaints = read(TITLE, HEAD, good, tuple(cells), ("8月3日", "一", *GOOD[2:]))
    assert rows == []
    assert codes(complaints) == [(4, code)]
    assert complaints[-1].code == "sheet_left_out"
    assert complaints[0].sheet == "八月"


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("王强 李明", ["王强", "李明"]),
        ("王 强", ["王强"]),
        ("王 小明", ["王小明"]),
        ("王　强  李小明", ["王强", "李小明"]),
        ("王 强 李 明", ["王强", "李明"]),
        ("John Smith", ["John Smith"]),
        ("王强/李明；", ["王强", "李明"]),
    ],
)
def test_names_as_people_write_them(written: str, names: list[str]) -> None:
    numbers = "  ".join(f"1383456123{number}" for number in range(len(names)))
    rows, complaints = read(TITLE, HEAD, ("8月1日", "六", written, numbers))
    assert complaints == []
    assert [person[0] for person in rows[0].people] == names
    assert all(person[1] for person in rows[0].people)


@pytest.mark.parametrize(
    "above",
    [
        ("2026年8月沁水县应急值班室值班表",),
        ("沁水县应急值班室 ２０２６ 年 8 月份值班安排表",),
        ("沁水县应急值班室值班表", "（2026年8月1日—8月31日）"),
        ("值班表（2026年8月）", "填报单位：沁水县应急值班室 填表人：王强"),
    ],
)
def test_titles_as_offices_write_them(above: tuple[str, ...]) -> None:
    rows, complaints = read(*((text,) for text in above), HEAD, GOOD)
    assert complaints == []
    assert (rows[0].desk, rows[0].starts_at.month, rows[0].starts_at.day) == (DESK, 8, 1)


def test_a_day_twice_is_told() -> None:
    rows, complaints = read(TITLE, HEAD, GOOD, GOOD)
    assert (rows, codes(complaints)) == ([], [(4, "shift_twice")])


@pytest.mark.parametrize(
    ("title", "code"), [("沁水县应急值班室值班表", "month_missing"), ("2026年8月值班表", "desk_missing")]
)
def test_a_title_without_month_or_desk_is_told(title: str, code: str) -> None:
    rows, complaints = read((title,), HEAD, GOOD)
    assert (rows, codes(complaints)) == ([], [(0, code)])


def test_hours_that_nobody_says_are_not_guessed() -> None:
    rows, complaints = read(TITLE, ("日期", "值班员", "带班领导"), ("1日", "甲某", "乙某"))
    assert (rows, codes(complaints)) == ([], [(3, "hours_missing")])


def test_hours_that_the_sheet_does_not_say_are_those_of_the_desks_rule() -> None:
    grid = Grid(
        "八月",
        tuple(
            Row(number, cells)
            for number, cells in enumerate(
                [TITLE, ("日期", "白班", "夜班", "带班领导"), ("1日", "甲某", "乙某", "丙某")], start=1
            )
        ),
    )
    usual = {DESK: {each.name: Hours(each.begins, each.ends, int(each.is_night)) for each in DAY_AND_NIGHT}}
    rows, complaints = read_rota([grid], HOME, usual)
    assert complaints == []
    assert [(row.name, row.starts_at.hour, row.ends_at.day) for row in rows] == [
        ("白班", 0, 1),
        ("夜班", 12, 2),
    ]


def test_two_grids_side_by_side_are_told() -> None:
    head = ("日期", "值班员", "带班领导", "日期", "值班员", "带班领导")
    rows, complaints = read(TITLE, head, ("1日", "甲某", "乙某", "16日", "丙某", "丁某"))
    assert (rows, codes(complaints)) == ([], [(0, "two_grids")])


def test_a_list_is_no_grid() -> None:
    head = Row(1, ("日期", "值班室", "起", "止", "值班员"))
    assert read_month_grid(Grid("八月", (head,)), HOME) is None


def test_masked_numbers_are_not_read_back() -> None:
    shifts = month_shifts(WHOLE_DAY, date(2026, 10, 1), date(2026, 10, 2))
    data = month_workbook(sheet_of(shifts, whole_numbers=False))
    rows, complaints = read_rota(read_grids(SheetFile("十月.xlsx", data)), HOME)
    assert rows == []
    assert {code for _, code in codes(complaints)} == {"number_hidden"}


def test_a_changed_shift_reads_as_who_stands() -> None:
    (shift,) = month_shifts(WHOLE_DAY, date(2026, 10, 1), date(2026, 10, 1))
    data = month_workbook(sheet_of([shift], [changed(shift, Role.OFFICER, 7, ChangeKind.SWAP)]))
    rows, _ = read_rota(read_grids(SheetFile("十月.xlsx", data)), HOME)
    assert [(row.officer[0], row.as_stands) for row in rows] == [("侯文", True)]


# fmt: off
SCRAPS = st.sampled_from((
    "8月1日", "1", 3, 8.1, "星期六", "甲某", "甲某、乙某", "王 强", "无", "—", "/", "同上", "13834561231",
    "（夜班）", "甲某（夜班）", "08:00—20:00", "99:99-88:88", "第9日", "：", "", None, "注：略",
    "138****1231", "转", "(", ")", datetime(2026, 8, 1),  # noqa: DTZ001
))
# fmt: on
WORDS = st.sampled_from([*HEAD, "夜班", "班次", "姓名", "电话", "白班 08:00—20:00", "", None])


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    head=st.lists(WORDS, min_size=1, max_size=8),
    below=st.lists(st.lists(SCRAPS | st.text(max_size=12), max_size=9), max_size=5),
)
def test_whatever_stands_in_a_grid_is_read_or_told(head: list[Cell], below: list[list[Cell]]) -> None:
    rows, complaints = read(TITLE, ("日期", *head), *(tuple(row) for row in below))
    assert not rows or not complaints
    assert all(row.starts_at < row.ends_at for row in rows)
    assert all(complaint.text for complaint in complaints)
