"""The duty log as Excel and as Word: what stands in it, and how it prints."""

import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest
from docx import Document
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.duty.log_document import log_document
from jiaoying.duty.log_paper import Column, HeadTable, LineKind, LogPaper, PaperLine
from jiaoying.duty.log_workbook import broken, log_workbook

COLUMNS = (
    Column("时间", 11),
    Column("来电（来文）单位", 18),
    Column("姓名职务电话", 18),
    Column("内容", 40, left=True),
    Column("处理情况", 24, left=True),
    Column("领导批示", 14, left=True),
    Column("反馈", 12, left=True),
    Column("记录人", 9),
)
ROW = ("23:27:20", "龙港镇", "赵演示 镇长", "【来电】落石", "=1+1", "+86", "-1", "@王芳")
OWN = ("23:30:00", "", "", "【自动记录】值班台告警：无人应答", "", "", "", "系统")
NOTE = "王芳于2026-08-07 23:30更正：听错方位。原记录：后山有落石"
PAPER = LogPaper(
    "龙港镇值班室值班日志",
    ("填报单位：龙港镇", "填表人：王芳", "值班日期：2026年8月7日 星期五"),
    HeadTable(
        ("班次", "时间", "值班员", "带班领导", "天气"),
        (1, 2, 1, 1, 3),
        (("全天", "08:30—次日08:30", "甲员", "丙长", "小雨"),),
    ),
    COLUMNS,
    (PaperLine(ROW), PaperLine((NOTE,), LineKind.NOTE), PaperLine(OWN, LineKind.OWN)),
    ("无人值班：12:00—14:00",),
    ("交班人（签字）：", "接班人（签字）：", "带班领导（签字）："),
)


def sheet(paper: LogPaper = PAPER) -> Any:
    return openpyxl.load_workbook(io.BytesIO(log_workbook(paper))).active


def document(paper: LogPaper = PAPER) -> Any:
    return Document(io.BytesIO(log_document(paper)))


def texts(page: Any) -> list[list[str]]:
    return [[cell for cell in row if cell is not None] for row in page.iter_rows(values_only=True)]


def test_the_workbook_has_title_head_table_and_signatures() -> None:
    page = sheet()
    assert texts(page) == [
        [PAPER.title],
        list(PAPER.filed),
        ["班次", "时间", "值班员", "带班领导", "天气"],
        ["全天", "08:30—次日08:30", "甲员", "丙长", "小雨"],
        [column.heading for column in COLUMNS],
        list(ROW),
        [NOTE],
        ["23:30:00", "【自动记录】值班台告警：无人应答", "系统"],
        ["无人值班：12:00—14:00"],
        [],
        list(PAPER.signatures),
    ]


def test_what_looks_like_a_formula_is_text() -> None:
    page = sheet()
    for row in page.iter_rows():
        for cell in row:
            assert cell.value is None or cell.data_type == "s", cell.coordinate
    assert page["E6"].value == "=1+1"


def test_the_workbook_is_printed_across_with_headings_and_page_numbers_on_each_page() -> None:
    page = sheet()
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
    assert page.print_title_rows == "$5:$5"
    assert page.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert page.print_area.endswith("$A$1:$H$11")


def test_the_fonts_are_those_of_offices() -> None:
    page = sheet()
    assert (page["A1"].font.name, page["A1"].font.size) == ("方正小标宋简体", 22)
    assert (page["A5"].font.name, page["D6"].font.name) == ("黑体", "仿宋")
    assert (page["B7"].font.size, page["D6"].font.size) == (9, 10.5)
    assert page["D8"].fill.fgColor.rgb == "00F2F2F2"
    assert page["D6"].fill.fill_type is None


def test_a_text_higher_than_a_row_goes_on_in_the_next() -> None:
    long = "".join(f"第{number}句都要看得到。" for number in range(400))
    page = sheet(replace(PAPER, lines=(PaperLine(("23:27", "", "", long, "", "", "", "")),)))
    cells = [page.cell(row, 4).value for row in range(6, page.max_row) if page.cell(row, 4).value]
    assert len(cells) > 2
    assert "".join(cells).replace("\n", "") == long
    heights = [page.row_dimensions[row].height for row in range(6, 6 + len(cells))]
    assert max(heights) < 409
    assert all(height >= 15 * len(cell.split("\n")) for height, cell in zip(heights, cells, strict=True))


@given(st.text(max_size=200), st.floats(4, 60))
def test_nothing_is_lost_where_a_text_is_broken(text: str, width: float) -> None:
    lines = broken(text, width)
    assert "".join(lines) == text.replace("\n", "")
    assert len(lines) >= len(text.split("\n"))


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300))
def test_whatever_was_typed_can_be_opened_again(text: str) -> None:
    lines = (PaperLine((*ROW[:3], text, *ROW[4:])), PaperLine((text or "–",), LineKind.NOTE))
    paper = replace(PAPER, lines=lines, title=text or "–")
    sheet(paper)
    document(paper)


def test_an_empty_line_of_shifts_is_left_to_the_pen() -> None:
    head = HeadTable(("班次", "时间", "值班员", "带班领导", "天气"), (1, 2, 1, 1, 3), (("",) * 5,))
    assert texts(sheet(replace(PAPER, head=head)))[3] == []


def test_the_document_has_both_tables_and_the_signatures() -> None:
    found = document()
    head, table = found.tables
    assert [cell.text for cell in head.rows[1].cells] == list(PAPER.head.rows[0]) if PAPER.head else False
    assert [cell.text for cell in table.rows[1].cells] == list(ROW)
    assert table.rows[2].cells[1].text == NOTE
    assert table.rows[2].cells[1]._tc is table.rows[2].cells[7]._tc  # one over all columns
    told = "\n".join(paragraph.text for paragraph in found.paragraphs)
    for text in (PAPER.title, *PAPER.filed, *PAPER.remarks, *PAPER.signatures):
        assert text in told


def test_the_document_is_printed_across_with_headings_and_page_numbers_on_each_page() -> None:
    found = document()
    section = found.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (29.7, 21.0)
    table = found.tables[1]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert table.rows[1]._tr.trPr.find(qn("w:tblHeader")) is None
    assert table.rows[1]._tr.trPr.find(qn("w:cantSplit")) is not None
    footer = section.footer.paragraphs[0]
    assert footer.text.replace(" ", "") == "第页共页"
    fields = [one.get(qn("w:instr")) for one in footer._p.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]


@pytest.mark.parametrize(
    ("row", "column", "name"), [(0, 0, "黑体"), (1, 3, "仿宋"), (2, 1, "仿宋"), (3, 3, "仿宋")]
)
def test_the_document_names_the_fonts_of_offices(row: int, column: int, name: str) -> None:
    found = document()
    run = found.tables[1].rows[row].cells[column].paragraphs[0].runs[0]
    assert run._r.rPr.rFonts.get(qn("w:eastAsia")) == name
    title = found.paragraphs[0].runs[0]
    assert title._r.rPr.rFonts.get(qn("w:eastAsia")) == "方正小标宋简体"
    assert title.font.size.pt == 22


def test_a_long_row_of_the_document_may_go_on_over_the_page() -> None:
    found = document(replace(PAPER, lines=(PaperLine((*ROW[:3], "长" * 700, *ROW[4:])),)))
    assert found.tables[1].rows[1]._tr.trPr.find(qn("w:cantSplit")) is None
