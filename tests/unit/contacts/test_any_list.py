# ruff: noqa: E501 (rows and words of sheets are easier to read in one line)
"""Lists in any order and with any dirt: the same people come out, and nothing makes the reader fail."""

import string
from collections.abc import Callable
from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.contacts.reading.sheets import read_roster
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.sheets import Cell, Grid, Row, SheetFile, read_grids
from seeded_areas import HOME, county_names

VILLAGES = {
    ("龙港镇", "里必村"): "140521100210",
    ("龙港镇", "马邑"): "140521100207",
    ("端氏镇", "苏庄村委会"): "140521103201",
    ("胡底乡", "樊庄"): "140521204211",
}
NAMES = ("王强", "李晓明", "赵敏", "买买提·艾力", "欧阳娜", "孙丽", "周涛", "吴刚")
ROLES = ("行政责任人", "监测责任人", "信息报送人", "转移责任人")
DIRTY_NAMES: tuple[Callable[[str], Cell], ...] = (
    lambda name: name,
    lambda name: f" {name} ",
    lambda name: f"{name}（主任）",
    lambda name: f"{name}(女)",
    lambda name: " ".join(name) if len(name) == 2 else name,
)
DIRTY_NUMBERS: tuple[Callable[[str], Cell], ...] = (
    lambda number: number,
    lambda number: float(number),
    lambda number: int(number),
    lambda number: f"{number[:3]} {number[3:7]} {number[7:]}",
    lambda number: f"{number[:3]}-{number[3:7]}-{number[7:]}",
    lambda number: f"+86{number}",
    lambda number: "".join(chr(ord(digit) + 0xFEE0) for digit in number),
    lambda number: f"手机：{number}",
)


@st.composite
def lists(draw: st.DrawFn) -> tuple[Grid, set[tuple[str, str, str, str]]]:
    """A flood list with roles in some order and how they are headed, and the people in it."""
    roles = draw(st.permutations(ROLES))[: draw(st.integers(1, 4))]
    styled = draw(st.sampled_from(("flat", "bare", "two rows")))
    blocks: list[tuple[str, list[str], list[str]]] = [
        ("place", ["乡镇", "村"], ["乡镇", "村"]),
        ("idle", ["序号"], ["序号"]),
    ]
    for role in roles:
        top, below = {
            "flat": ([f"{role}姓名", f"{role}联系电话"], []),
            "bare": ([role, "电话"], []),
            "two rows": ([role, ""], ["姓名", "手机号码"]),
        }[styled]
        blocks.append((role, top, below))
    blocks = draw(st.permutations(blocks))
    people: set[tuple[str, str, str, str]] = set()
    body: list[list[Cell]] = []
    for order, ((township, village), code) in enumerate(VILLAGES.items()):
        line: list[Cell] = []
        for place, (kind, _, _) in enumerate(blocks):
            if kind == "place":
                line += [township, village]
            elif kind == "idle":
                line.append(order + 1)
            else:
                name, number = draw(st.sampled_from(NAMES)), f"1000000{order}{place:03d}"
                line += [
                    draw(st.sampled_from(DIRTY_NAMES))(name),
                    draw(st.sampled_from(DIRTY_NUMBERS))(number),
                ]
                people.add((name, f"+86{number}", code, f"山洪{kind}"))
        body.append(line)
    headings = [list(chain.from_iterable(top for _, top, _ in blocks))]
    if styled == "two rows":
        headings.append(
            list(
                chain.from_iterable(
                    below if kind in ROLES else [""] * len(top) for kind, top, below in blocks
                )
            )
        )
    titles: list[list[Cell]] = [["沁水县山洪灾害防御责任人"]] * draw(st.integers(1, 3))
    lines = [*titles, *headings, *body, ["合计", 4], ["填表人：朱秦", None, "联系电话：13800000000"]]
    rows = [Row(number, tuple(line)) for number, line in enumerate(lines, start=draw(st.integers(1, 9)))]
    return Grid("Sheet1", tuple(rows)), people


@settings(max_examples=150, deadline=None)
@given(lists())
def test_the_same_people_come_out(made: tuple[Grid, set[tuple[str, str, str, str]]]) -> None:
    grid, people = made
    sheet = read_roster([grid], county_names(), HOME)
    assert {
        (row.name, row.numbers[0].e164 if row.numbers else "", row.area_code, row.post) for row in sheet.rows
    } == people
    assert [each.code for each in sheet.complaints] == []


WORDS = (
    "姓名", "电话", "手机", "乡镇", "村", "行政村", "责任人", "监测人", "行政责任人", "户主", "隐患点名称", "隐患点编号", "经度",
    "威胁户数", "备注", "同上", "同左", "无", "/", "龙港镇", "里必村", "王强", "王强、李四", "13800000000", "1.38E+10",
    "13800000000、13900000000", "合计", "注：", "一、龙港镇", "沁水县防汛责任人名单", "县级", "水库名称", "(", "（）", "\n", "：",
    "单位及职务", "主管部门", "岗位", "B角", "有效期止", "2026-02-30", "灾种", "级别", "区划代码", "140521100210", "坐标",
)  # fmt: skip
ANY_CELL = st.one_of(
    st.sampled_from(WORDS),
    st.none(),
    st.floats(),
    st.integers(-(10**25), 10**25),
    st.dates(),
    st.text(string.printable + "、，（）：〃·", max_size=12),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(ANY_CELL, max_size=8), max_size=12), st.lists(st.sampled_from(WORDS), max_size=8))
def test_no_grid_makes_the_reader_fail(lines: list[list[Cell]], heading: list[str]) -> None:
    rows = [Row(number, tuple(line)) for number, line in enumerate([heading, *lines], start=1)]
    sheet = read_roster([Grid("任意", tuple(rows))], county_names(), HOME)
    assert all(row.post and row.area_code for row in sheet.rows)
    assert all(complaint.code and complaint.text for complaint in sheet.complaints)


@settings(max_examples=30, deadline=None)
@given(
    st.binary(max_size=200),
    st.sampled_from([b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"<table>", b"\xff\xfe"]),
)
def test_no_bytes_make_the_reader_fail(data: bytes, beginning: bytes) -> None:
    try:
        grids = read_grids(SheetFile("任意.xls", beginning + data))
    except Refusal:
        return
    read_roster(grids, county_names(), HOME)
