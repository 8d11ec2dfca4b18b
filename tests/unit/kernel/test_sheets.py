"""Workbooks and CSV files in the state in which they arrive."""

import io
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.sheets import (
    MAX_FILE_BYTES,
    Grid,
    Row,
    SheetFile,
    find_table,
    plain_text,
    read_file,
    read_grids,
)

SYNONYMS = {"姓名": "name", "手机": "mobile", "电话": "mobile", "村": "village", "岗位": "post"}


def workbook(*sheets: list[list[object]], merges: str = "") -> SheetFile:
    book = Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        for area in merges.split():
            sheet.merge_cells(area)
    file = io.BytesIO()
    book.save(file)
    return SheetFile("名单.xlsx", file.getvalue())


def records(grid: Grid) -> list[dict[str, str]]:
    table = find_table(grid, SYNONYMS)
    assert table is not None
    return [{name: plain_text(cell) for name, cell in record.items()} for _, record in table.records]


def test_headings_are_found_below_titles_and_in_any_order() -> None:
    (grid,) = read_grids(
        workbook(
            [
                ["沁水县责任人名单"],
                [],
                ["电 话", "村", "姓 名(必填)", "岗位"],
                [13800000000.0, "柳庄", "甲", "长"],
            ]
        )
    )
    assert records(grid) == [{"mobile": "13800000000", "village": "柳庄", "name": "甲", "post": "长"}]
    table = find_table(grid, SYNONYMS)
    assert table is not None
    assert (table.heading_row, table.records[0][0]) == (3, 4)


def test_cells_merged_downwards_repeat_and_ditto_is_resolved() -> None:
    rows: list[list[object]] = [
        ["村", "姓名", "手机"],
        ["柳庄", "甲", "1"],
        [None, "乙", "同上"],
        [None, "丙", "〃"],
        [None, "丁", "4"],
    ]
    (grid,) = read_grids(workbook(rows, merges="A2:A4"))
    assert grid.repeated == {(3, 0), (4, 0)}
    assert [list(record.values()) for record in records(grid)] == [
        ["柳庄", "甲", "1"],
        ["柳庄", "乙", "1"],
        ["柳庄", "丙", "1"],
        ["", "丁", "4"],
    ]


def test_a_heading_over_two_rows_is_one_heading() -> None:
    rows: list[list[object]] = [
        ["村", "防汛责任人", None, "岗位"],
        [None, "姓名", "手机", None],
        ["柳庄", "甲", "1", "长"],
    ]
    (grid,) = read_grids(workbook(rows, merges="A1:A2 B1:C1 D1:D2"))
    assert records(grid) == [{"village": "柳庄", "name": "甲", "mobile": "1", "post": "长"}]


def test_every_sheet_is_read() -> None:
    head: list[object] = ["村", "姓名", "手机"]
    grids = read_grids(workbook([head, ["a", "b", "c"]], [head, ["d", "e", "f"]]))
    assert [records(grid)[0]["village"] for grid in grids] == ["a", "d"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_of_every_kind(encoding: str, delimiter: str) -> None:
    text = "\r\n".join(delimiter.join(row) for row in (["村", "姓名", "手机"], ["柳庄", "甲", "1"]))
    (grid,) = read_grids(SheetFile("名单.csv", text.encode(encoding)))
    assert grid.name == "名单"
    assert records(grid) == [{"village": "柳庄", "name": "甲", "mobile": "1"}]


def test_without_headings_there_is_no_table() -> None:
    assert find_table(Grid("x", (Row(1, ("姓名", "手机")), Row(2, ("a", "b")))), SYNONYMS) is None


@pytest.mark.parametrize(
    "data",
    [b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"\x00\x01\x02\xff\xfe\x80", b"x" * (MAX_FILE_BYTES + 1)],
    ids=["xls", "damaged", "binary", "large"],
)
def test_what_cannot_be_read_is_refused_with_a_remedy(data: bytes) -> None:
    with pytest.raises(Refusal, match=r"名单|large|太大"):
        read_grids(SheetFile("名单.xlsx", data))


def test_a_workbook_that_unpacks_to_gigabytes_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (200 * 1024 * 1024))
    assert len(file.getvalue()) < MAX_FILE_BYTES
    with pytest.raises(Refusal):
        read_grids(SheetFile("bomb.xlsx", file.getvalue()))


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"nowhere\.xlsx"):
        read_file(tmp_path / "nowhere.xlsx")
