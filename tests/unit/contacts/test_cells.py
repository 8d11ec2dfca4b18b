"""Single cells of lists, in every hand."""

from datetime import date

import pytest

from jiaoying.contacts.reading.cells import (
    clean_name,
    names_nobody,
    numbers_in,
    people_in,
    read_count,
    read_counts,
    read_date,
    read_degrees,
    read_position,
    split_unit_title,
)
from jiaoying.kernel.sheets import Cell


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("王 强", ["王强"]),
        ("王  强 、李 四", ["王强", "李四"]),
        ("张三，李四", ["张三", "李四"]),
        ("张三\n李四", ["张三", "李四"]),
        ("王\n强", ["王强"]),
        ("张三 李四", ["张三", "李四"]),
        ("欧阳 娜娜", ["欧阳娜娜"]),
        ("王强 书记", ["王强"]),
        ("王强\n（主任）", ["王强"]),
        ("王强（支书） 李四（主任）", ["王强", "李四"]),
        ("张三/李四", ["张三", "李四"]),
        ("1.张三 2.李四", ["张三", "李四"]),
        ("王强13800000000李四13900000000", ["王强", "李四"]),
        ("张三\n13800000000\n李四\n13900000000", ["张三", "李四"]),
        ("Li Si", ["Li Si"]),
        ("无", []),
        ("空缺", []),
        ("—", []),
        (None, []),
    ],
)
def test_people(written: Cell, names: list[str]) -> None:
    assert [person.name for person in people_in(written)] == names


@pytest.mark.parametrize(
    "written", ["王强 13800000000", "王强13800000000", "王强（13800000000）", "王强\n13800000000"]
)
def test_a_number_beside_a_name_is_that_persons(written: str) -> None:
    (person,) = people_in(written)
    assert (person.name, person.numbers) == ("王强", ("13800000000",))


@pytest.mark.parametrize(
    ("written", "name", "title"),
    [
        ("王 强", "王强", None),
        ("张三(主任)", "张三", "主任"),
        ("张三（女）", "张三", None),
        ("张三(A)", "张三", None),
        ("张三（兼）", "张三", None),
        ("王川(演示)", "王川（演示）", None),
        ("阿卜杜·热合曼", "阿卜杜·热合曼", None),
        ("阿卜杜•热合曼", "阿卜杜·热合曼", None),
        ("王·强", "王强", None),
        ("张三同志", "张三", None),
        ("王强书记", "王强", "书记"),
        ("李主任", "李主任", None),
        ("组长：张三", "张三", "组长"),
        ("Ｌｉ Ｓｉ", "Li Si", None),
    ],
)
def test_names_are_cleaned(written: str, name: str, title: str | None) -> None:
    assert clean_name(written) == (name, title)


@pytest.mark.parametrize("written", ["无", "/", "——", "待定", "空 缺", "暂缺", "（空）", "N/A", "xx", "。"])
def test_placeholders_are_nobody(written: str) -> None:
    assert names_nobody(written.replace("（", "(").replace("）", ")"))


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        (13800000000.0, ["13800000000"]),
        ("1380000000013900000000", ["13800000000", "13900000000"]),
        ("138000000000356-7022234", ["13800000000", "03567022234"]),
        ("手机：13800000000（微信同号）", ["13800000000"]),
        ("办7022234 宅7022235", ["7022234", "7022235"]),
        ("0356-7022234转8001", ["0356-7022234;ext=8001"]),
        ("１３８００００００００", ["13800000000"]),
        ("13800000000\n0356-7022234", ["13800000000", "0356-7022234"]),
        ("138 0000 0000 / 7022234", ["138 0000 0000", "7022234"]),
        ("无", []),
        (None, []),
    ],
)
def test_numbers(written: Cell, numbers: list[str]) -> None:
    assert numbers_in(written) == numbers


@pytest.mark.parametrize("written", ["2026-6-1", "2026/06/01", "2026.6.1", "2026年6月1日", "20260601", 46174])
def test_days_in_every_hand(written: Cell) -> None:
    assert read_date(written) == date(2026, 6, 1)


@pytest.mark.parametrize(
    ("written", "count"), [("12户", 12), (12.0, 12), ("约35人", 35), ("", None), ("/", None)]
)
def test_counts(written: Cell, count: int | None) -> None:
    assert read_count(written) == count


@pytest.mark.parametrize("written", ["12户35人", "12/35", "12户、35人"])
def test_households_and_people_in_one_cell(written: str) -> None:
    assert read_counts(written) == (12, 35)


@pytest.mark.parametrize(
    "written", [112.19, "112.19", "112°11′24″", "112度11分24秒", "E112 11 24", "东经112°11.4′"]
)
def test_degrees(written: Cell) -> None:
    assert read_degrees(written) == pytest.approx(112.19)


@pytest.mark.parametrize(
    "written", ["112.18,35.69", "35.69，112.18", "东经112°10′48″ 北纬35°41′24″", "112.18 35.69"]
)
def test_positions(written: str) -> None:
    assert read_position(written) == pytest.approx((35.69, 112.18))


@pytest.mark.parametrize("read", [read_count, read_counts, read_degrees, read_position, read_date])
def test_what_is_none_of_these_is_told(read: object) -> None:
    assert callable(read)
    with pytest.raises(ValueError):
        read("很多")


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("龙港镇副镇长", ("龙港镇", "副镇长")),
        ("龙港镇人民政府 副镇长", ("龙港镇人民政府", "副镇长")),
        ("柳庄村党支部书记", ("柳庄村", "党支部书记")),
        ("护林员", (None, "护林员")),
    ],
)
def test_unit_and_title_in_one_cell(written: str, parts: tuple[str | None, str | None]) -> None:
    assert split_unit_title(written) == parts
