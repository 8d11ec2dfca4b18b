# ruff: noqa: E501 (rows and words of sheets are easier to read in one line)
"""The old and the odd kinds of workbook that counties still send."""

import io
import zipfile
from typing import Any

import pytest
import xlwt  # pyright: ignore[reportMissingTypeStubs]
from openpyxl import Workbook

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.sheets import Grid, Row, SheetFile, plain_text, read_grids

EXPECTED = [
    (2, ["镇", "姓名", "电话"]),
    (4, ["龙港镇", "王强", "13800000000"]),
    (5, ["龙港镇", "李四", "0356-0001111"]),
]

HTML = """<html><head><meta charset="utf-8"></head><body><table>
<tr></tr><tr><th>镇</th><th>姓名</th><th>电话</th></tr><tr></tr>
<tr><td rowspan="2">龙港镇</td><td>王强</td><td>13800000000</td></tr>
<tr><td>李四</td><td><b>0356</b>-0001111&nbsp;</td></tr></table></body></html>"""

XML_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="名单"><Table>
<Row ss:Index="2"><Cell><Data ss:Type="String">镇</Data></Cell><Cell><Data ss:Type="String">姓名</Data></Cell>
<Cell><Data ss:Type="String">电话</Data></Cell></Row>
<Row ss:Index="4"><Cell ss:MergeDown="1"><Data ss:Type="String">龙港镇</Data></Cell>
<Cell><Data ss:Type="String">王强</Data></Cell><Cell><Data ss:Type="Number">13800000000</Data></Cell></Row>
<Row><Cell ss:Index="2"><Data ss:Type="String">李四</Data></Cell><Cell><Data ss:Type="String">0356-0001111</Data></Cell></Row>
</Table></Worksheet></Workbook>"""

ODS = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body><office:spreadsheet>
<table:table table:name="名单">
<table:table-row><table:table-cell/></table:table-row>
<table:table-row>{镇}{姓名}{电话}</table:table-row>
<table:table-row><table:table-cell table:number-columns-repeated="3"/></table:table-row>
<table:table-row><table:table-cell office:value-type="string" table:number-rows-spanned="2"><text:p>龙港镇</text:p>
</table:table-cell>{王强}<table:table-cell office:value-type="float" office:value="13800000000"><text:p>1.38E+10</text:p>
</table:table-cell></table:table-row>
<table:table-row><table:covered-table-cell/>{李四}{0356-0001111}</table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xls() -> bytes:
    book: Any = xlwt.Workbook()
    sheet: Any = book.add_sheet("名单")
    for place, text in enumerate(("镇", "姓名", "电话")):
        sheet.write(1, place, text)
    sheet.write_merge(3, 4, 0, 0, "龙港镇")
    for row, (name, number) in enumerate((("王强", 13800000000), ("李四", "0356-0001111")), start=3):
        sheet.write(row, 1, name)
        sheet.write(row, 2, number)
    return saved(book)


def ods() -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    content = ODS
    for word in ("镇", "姓名", "电话", "王强", "李四", "0356-0001111"):
        content = content.replace(f"{{{word}}}", cell.format(word))
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="x"/></manifest:manifest>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        parts.writestr("content.xml", content)
        parts.writestr("META-INF/manifest.xml", manifest)
    return file.getvalue()


def rows(grid: Grid) -> list[tuple[int, list[str]]]:
    return [(row.number, [plain_text(cell) for cell in row.cells]) for row in grid.rows]


@pytest.mark.parametrize(
    "data",
    [xls(), ods(), HTML.encode(), HTML.encode("gb18030"), XML_2003.encode()],
    ids=["xls", "ods", "html", "html in gb18030", "xml of 2003"],
)
def test_every_kind_gives_the_same_rows(data: bytes) -> None:
    (grid,) = read_grids(SheetFile("名单.xls", data))
    assert rows(grid) == EXPECTED


def test_rows_and_columns_are_counted_from_the_edge_of_the_sheet() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["D3"], sheet["E6"] = "a", "b"
    (grid,) = read_grids(SheetFile("x.xlsx", saved(book)))
    assert rows(grid) == [(3, ["", "", "", "a"]), (6, ["", "", "", "", "b"])]


def test_a_hidden_sheet_is_there_without_its_rows() -> None:
    book = Workbook()
    sheet = book.create_sheet("旧")
    sheet.append(["a", "b"])
    sheet.sheet_state = "hidden"
    assert read_grids(SheetFile("x.xlsx", saved(book)))[1] == Grid("旧", (), concealed=(Row(1, ("a", "b")),))


def test_a_protected_workbook_says_what_to_do() -> None:
    # The container of an encrypted workbook: its only stream is called EncryptedPackage.
    old, new = ("\0".join(name).encode() + b"\0" for name in ("Workbook", "EncryptedPackage"))
    data = xls()
    start = data.index(old)
    entry = new.ljust(64, b"\0") + (2 * (len("EncryptedPackage") + 1)).to_bytes(2, "little")
    data = data[:start] + entry + data[start + 66 :]
    with pytest.raises(Refusal, match="密码"):
        read_grids(SheetFile("x.xlsx", data))


def test_two_cells_at_far_corners_end_nothing_but_the_reading() -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = 1, 2
    with pytest.raises(Refusal):
        read_grids(SheetFile("x.xlsx", saved(book)))


def test_a_table_in_html_may_not_be_endless() -> None:
    data = b"<table><tr><td colspan=999999 rowspan=999999>a</td></tr></table>"
    (grid,) = read_grids(SheetFile("x.xls", data))
    assert len(grid.rows) == 1
    with pytest.raises(Refusal):
        read_grids(SheetFile("x.xls", b"<table>" + b"<tr><td>a" * 100_001))


SS = "urn:schemas-microsoft-com:office:spreadsheet"


@pytest.mark.parametrize("page", [f"<<<<{SS} <table", f'<?xml version="1.0"?>\n<!-- {SS} -->'])
def test_an_xml_spreadsheet_without_a_book_is_refused(page: str) -> None:
    with pytest.raises(Refusal, match="坏"):
        read_grids(SheetFile("名单.xls", page.encode()))


@pytest.mark.parametrize("number", ["0", "²", "٣", "-1", "999999"])
def test_whatever_a_table_says_of_its_rows_and_columns_it_is_read_to_its_end(number: str) -> None:
    """A row 0 was read for ever; a raised digit is a digit and no number."""
    here = f'ss:Index="{number}" ss:MergeDown="{number}" ss:MergeAcross="{number}"'
    row = f"<Row {here}><Cell {here}><Data>王强</Data></Cell></Row>"
    book = f'<Workbook xmlns="{SS}" xmlns:ss="{SS}"><Worksheet ss:Name="a"><Table>{row * 2}</Table>'
    (grid,) = read_grids(SheetFile("名单.xls", f"{book}</Worksheet></Workbook>".encode()))
    assert len({row.number for row in grid.rows}) == len(grid.rows)
    cell = f'<td rowspan="{number}" colspan="{number}">王强</td>'
    (grid,) = read_grids(SheetFile("名单.xls", f"<table><tr>{cell}</tr></table>".encode()))
    assert [str(row.cells[0]) for row in grid.rows] == ["王强"]
