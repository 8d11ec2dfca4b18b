"""The written sheet reads back, and is the same file every time."""

import io

from jiaoying.contacts.exporting.sheet_writer import (
    HAZARD_WORDS,
    LEVEL_WORDS,
    POINT_KIND_WORDS,
    Part,
    RosterWorkbook,
    sheet_bytes,
)
from jiaoying.contacts.model import PointKind
from jiaoying.contacts.reading.words import hazards_named, level_named
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.sheets import SheetFile, plain_text, read_grids

RECORD = {
    "name": "=1+1",
    "mobiles": ["+8613834561234", "+8613934561234"],
    "landlines": [],
    "area_code": "140521100001",
    "post": "防汛责任人",
    "level": "village",
    "hazards": ["flood", "geohazard"],
}


def test_every_hazard_and_level_has_a_word_that_reads_back() -> None:
    assert {hazard: hazards_named(word) for hazard, word in HAZARD_WORDS.items()} == {
        hazard: ((hazard,), ()) for hazard in Hazard
    }
    assert {level: level_named(word) for level, word in LEVEL_WORDS.items()} == {
        level: level for level in LEVEL_WORDS
    }


def test_the_same_roster_is_the_same_file() -> None:
    assert sheet_bytes([RECORD]) == sheet_bytes([RECORD])


def test_cells_are_text_whatever_they_begin_with() -> None:
    (grid,) = read_grids(SheetFile("x.xlsx", sheet_bytes([RECORD])))
    heading, row = grid.rows
    assert heading.cells == ("姓名", "手机", "区划代码", "岗位", "级别", "灾种")
    assert [plain_text(cell) for cell in row.cells] == [
        "=1+1",
        "+8613834561234、+8613934561234",
        "140521100001",
        "防汛责任人",
        "村级",
        "洪水、地质灾害",
    ]


def test_all_hazards_and_a_vacant_post_are_said() -> None:
    (grid,) = read_grids(SheetFile("x.xlsx", sheet_bytes([RECORD | {"hazards": [], "name": ""}])))
    assert [grid.rows[1].cells[0], grid.rows[1].cells[-1]] == ["空缺", "全部"]


def test_a_list_without_numbers_says_so_on_top() -> None:
    book = RosterWorkbook(whole_numbers=False)
    book.add(Part.POSTS, [RECORD])
    file = io.BytesIO()
    book.save(file)
    posts, points, households = read_grids(SheetFile("x.xlsx", file.getvalue()))
    assert [grid.name for grid in (posts, points, households)] == ["责任人名单", "隐患点", "受威胁户"]
    assert "号码已隐去" in str(posts.rows[0].cells[0])


def test_every_kind_of_danger_point_has_a_word() -> None:
    assert set(POINT_KIND_WORDS) == set(PointKind)
