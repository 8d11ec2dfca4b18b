"""The duty log as a Word document to print and sign: A4 across, headings on each page."""

import io
from collections.abc import Sequence
from typing import Any, cast

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from jiaoying.duty.log_paper import LineKind, LogPaper
from jiaoying.duty.sheet_style import (
    BODY_SIZE,
    BODY_TYPE,
    HEAD_TYPE,
    NOTE_SIZE,
    SMALL_SIZE,
    TITLE_SIZE,
    TITLE_TYPE,
    printable,
)

_LATIN_TYPE = "Times New Roman"
_WIDTH_CM = 26.7  # of A4 across, between its margins
_SHADE = "F2F2F2"
_LONGEST_PROPERTY = 255
_LEAST_HEIGHT = Cm(0.75)
_MARGIN_TWIPS = "57"  # a millimetre
# What is shorter is not torn apart between two pages; longer than a page it must be.
_LONG_TEXT = 600


def log_document(paper: LogPaper) -> bytes:
    """The sheet as a document (docx)."""
    document = Document()
    _set_page(document)
    document.core_properties.title = printable(paper.title)[:_LONGEST_PROPERTY]
    title = document.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, paper.title, TITLE_TYPE, TITLE_SIZE)
    _add_side_by_side(document, paper.filed, (WD_TAB_ALIGNMENT.CENTER, WD_TAB_ALIGNMENT.RIGHT))
    widths = [column.width for column in paper.columns]
    if paper.head:
        own = [sum(widths[begin : begin + span]) for begin, span in _places(paper.head.spans)]
        _add_table(document, paper.head.headings, own, [(row, LineKind.WRITTEN) for row in paper.head.rows])
        _small_gap(document)
    lefts = [column.left for column in paper.columns]
    lines = [(line.cells, line.kind) for line in paper.lines]
    _add_table(document, [column.heading for column in paper.columns], widths, lines, lefts)
    for remark in paper.remarks:
        _run(document.add_paragraph(), remark, BODY_TYPE, SMALL_SIZE)
    _small_gap(document)
    left = (WD_TAB_ALIGNMENT.LEFT,) * (len(paper.signatures) - 1)
    _add_side_by_side(document, paper.signatures, left)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _places(spans: Sequence[int]) -> list[tuple[int, int]]:
    return [(sum(spans[:number]), span) for number, span in enumerate(spans)]


def _set_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    section.left_margin = section.right_margin = Cm(1.5)
    section.top_margin, section.bottom_margin = Cm(1.8), Cm(1.6)
    section.footer_distance = Cm(0.8)
    style = cast("ParagraphStyle", document.styles["Normal"])
    style.font.size, style.font.name = Pt(BODY_SIZE), _LATIN_TYPE
    style.paragraph_format.space_after = Pt(0)
    # python-docx names the Latin font only; Word takes the Chinese one from an attribute beside it.
    next(style.element.iter(qn("w:rFonts"))).set(qn("w:eastAsia"), BODY_TYPE)
    _number_pages(section.footer.paragraphs[0])


def _number_pages(footer: Paragraph) -> None:
    """第 1 页 共 3 页, counted by Word."""
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for text, field in (("第 ", "PAGE"), (" 页 共 ", "NUMPAGES"), (" 页", "")):
        run = _run(footer, text, BODY_TYPE, NOTE_SIZE)
        if field:
            counted = OxmlElement("w:fldSimple")
            counted.set(qn("w:instr"), field)
            run.element.addnext(counted)


def _add_side_by_side(
    document: WordDocument, texts: Sequence[str], sides: Sequence[WD_TAB_ALIGNMENT]
) -> None:
    """Some texts on one line: the first at the left, each other at a stop of its own."""
    line = document.add_paragraph()
    stops: Any = line.paragraph_format.tab_stops
    for number, side in enumerate(sides, start=1):
        share = number / len(texts)
        if side is WD_TAB_ALIGNMENT.CENTER:
            share = 0.5
        elif side is WD_TAB_ALIGNMENT.RIGHT:
            share = 1.0
        stops.add_tab_stop(Cm(_WIDTH_CM * share), side)
    _run(line, "\t".join(texts), BODY_TYPE, BODY_SIZE)


def _small_gap(document: WordDocument) -> None:
    """Two tables that touch would be one."""
    _run(document.add_paragraph(), " ", BODY_TYPE, 4)


def _add_table(
    document: WordDocument,
    headings: Sequence[str],
    widths: Sequence[float],
    lines: Sequence[tuple[Sequence[str], LineKind]],
    lefts: Sequence[bool] = (),
) -> None:
    table = document.add_table(rows=len(lines) + 1, cols=len(headings), style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _narrow_margins(table)
    room = _WIDTH_CM / sum(widths)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width * room)
    for number, row in enumerate(table.rows):
        texts, kind = (headings, None) if number == 0 else lines[number - 1]
        cells = row.cells
        row.height, row.height_rule = _LEAST_HEIGHT, WD_ROW_HEIGHT_RULE.AT_LEAST
        for cell, width in zip(cells, widths, strict=True):
            cell.width = Cm(width * room)
        if kind is None:
            _mark_row(row, "tblHeader")
        elif sum(map(len, texts)) < _LONG_TEXT:
            _mark_row(row, "cantSplit")
        if kind is LineKind.NOTE:
            _write(cells[1].merge(cells[-1]), texts[0], BODY_TYPE, SMALL_SIZE, is_left=True)
            continue
        for place, (cell, text) in enumerate(zip(cells, texts, strict=True)):
            name = HEAD_TYPE if kind in (None, LineKind.TOTAL) else BODY_TYPE
            is_left = kind is not None and bool(lefts) and lefts[place]
            _write(cell, text, name, NOTE_SIZE, is_left=is_left)
            if kind in (LineKind.OWN, LineKind.TOTAL):
                _shade(cell)


def _write(cell: Any, text: str, name: str, size: float, *, is_left: bool) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if is_left else WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, text, name, size)


def _run(paragraph: Paragraph, text: str, name: str, size: float) -> Run:
    run = paragraph.add_run(printable(text))
    run.font.size, run.font.name = Pt(size), _LATIN_TYPE
    next(run.element.iter(qn("w:rFonts"))).set(qn("w:eastAsia"), name)
    return run


def _mark_row(row: Any, name: str) -> None:
    """`tblHeader`: the row stands on top of each page; `cantSplit`: it stays on one."""
    mark = OxmlElement(f"w:{name}")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _narrow_margins(table: Any) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), _MARGIN_TWIPS)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)
