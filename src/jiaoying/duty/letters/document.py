"""A risk reminder letter as a Word document, laid out after GB/T 9704-2012.

A4; the type area is 156 mm by 225 mm with 37 mm above and 28 mm to its left, 22 lines of 仿宋 size 3 on a
page. 发文机关标志 and the line below 发文字号 in red, the title in 小标宋 size 2, addressees and body in 仿宋
size 3, first headings in 黑体, the date with four signs left free to its right and the name above its middle,
page numbers in 宋体 size 4 between two lines, on odd pages to the right, on even ones to the left.
"""

import re
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from jiaoying.duty.letters.model import date_words
from jiaoying.kernel.language import CHINESE

TITLE_FONT, BODY_FONT, HEAD_FONT, PAGE_FONT = "方正小标宋简体", "仿宋_GB2312", "黑体", "宋体"
_LATIN_FONT = "Times New Roman"
_RED = RGBColor(0xFF, 0, 0)
_MARK_SIZE, _TITLE_SIZE, _BODY_SIZE, _PAGE_SIZE = 40.0, 22.0, 16.0, 14.0  # in points: size 2, 3, 4
_LONGEST_MARK = 400.0  # in points: as wide as the type area, with some room
_LINE_MM = 225 / 22
_LINE_TWIPS = round(_LINE_MM / 25.4 * 1440)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEADING = re.compile(r"^[一二三四五六七八九十]{1,3}、[^。；;]{1,25}$")
_LAST_NARROW = 0x2E7F


@dataclass(frozen=True, slots=True)
class LetterPaper:
    """Everything that stands on the paper, top to bottom."""

    office: str  # 发文机关
    reference: str  # 发文字号
    title: str
    addressees: str  # 主送机关
    body: tuple[str, ...]
    on: date | None  # 成文日期, of the signature; None on a draft
    language: str = CHINESE

    @property
    def on_words(self) -> str:
        """成文日期 in words; empty on a draft."""
        return date_words(self.on, self.language) if self.on else ""


def letter_document(paper: LetterPaper) -> bytes:
    """The letter as a .docx."""
    document: Any = Document()
    _set_page(document)
    document.core_properties.title = _CONTROL.sub("", paper.title)
    document.core_properties.author = _CONTROL.sub("", paper.office)
    mark = _add(document, paper.office, TITLE_FONT, min(_MARK_SIZE, _LONGEST_MARK / _signs(paper.office)))
    _centre(mark)
    mark.runs[0].font.color.rgb = _RED
    mark.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    mark.paragraph_format.space_after = Pt(14)
    number = _centre(_add(document, paper.reference, BODY_FONT))
    _red_line_below(number)
    _add(document, "", BODY_FONT)
    title = _centre(_add(document, paper.title, TITLE_FONT, _TITLE_SIZE))
    title.paragraph_format.line_spacing = Pt(34)
    _add(document, "", BODY_FONT)
    _add(document, paper.addressees, BODY_FONT)
    for text in paper.body:
        _indent(_add(document, text, HEAD_FONT if _HEADING.match(text) else BODY_FONT), "firstLineChars", 2)
    _add_signature(document, paper)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def _add_signature(document: Any, paper: LetterPaper) -> None:
    """署名 above the middle of 成文日期, which has four signs left free to its right."""
    day = paper.on_words or ("    年  月  日" if paper.language == CHINESE else "")
    _add(document, "", BODY_FONT)
    for text, free in (
        (paper.office, max(0.0, 4 + (_signs(day) - _signs(paper.office)) / 2)),
        (day, 4.0),
    ):
        line = _add(document, text, BODY_FONT)
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        # Both stay with what stands before them: no page holds a signature alone.
        line.paragraph_format.keep_together = True
        _indent(line, "rightChars", free)
    for paragraph in document.paragraphs[-4:-1]:
        paragraph.paragraph_format.keep_with_next = True


def _signs(text: str) -> float:
    """How wide a text is in Chinese signs: Latin letters and digits count half."""
    return sum(1.0 if ord(sign) > _LAST_NARROW else 0.5 for sign in text) or 1.0


def _set_page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.left_margin = Mm(37), Mm(28)
    section.bottom_margin, section.right_margin = Mm(297 - 37 - 225), Mm(210 - 28 - 156)
    section.footer_distance = Mm(23)
    grid = section._sectPr.find(qn("w:docGrid"))
    grid = section._sectPr.makeelement(qn("w:docGrid"), {}) if grid is None else grid
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(_LINE_TWIPS))
    if grid.getparent() is None:
        section._sectPr.append(grid)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side, chars in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT, "rightChars"),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT, "leftChars"),
    ):
        line = footer.paragraphs[0]
        line.alignment = side
        _indent(line, chars, 1)
        _run(line, "— ", PAGE_FONT, _PAGE_SIZE)
        _page_field(_run(line, "", PAGE_FONT, _PAGE_SIZE))
        _run(line, " —", PAGE_FONT, _PAGE_SIZE)


def _add(document: Any, text: str, font: str, size: float = _BODY_SIZE) -> Any:
    paragraph = document.add_paragraph()
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    layout.line_spacing = Mm(_LINE_MM)
    _run(paragraph, text, font, size)
    return paragraph


def _run(paragraph: Any, text: str, font: str, size: float) -> Any:
    run = paragraph.add_run(_CONTROL.sub("", text))
    run.font.size = Pt(size)
    run.font.name = _LATIN_FONT
    # python-docx names the Latin font only; Word takes the Chinese one from an attribute beside it.
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    # Where the named font is missing, the one that takes its place must be for signs as China writes them.
    language = OxmlElement("w:lang")
    language.set(qn("w:eastAsia"), "zh-CN")
    run._element.rPr.append(language)
    return run


def _centre(paragraph: Any) -> Any:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _indent(paragraph: Any, side: str, signs: float) -> None:
    """By signs, as the standard counts, not by length: Word then follows the size of the font."""
    layout = paragraph._p.get_or_add_pPr()
    indent = layout.get_or_add_ind()
    indent.set(qn(f"w:{side}"), str(round(signs * 100)))
    # Programs that do not know signs take the length.
    indent.set(qn(f"w:{side.removesuffix('Chars')}"), str(round(signs * _BODY_SIZE * 20)))


def _red_line_below(paragraph: Any) -> None:
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "8"), ("color", "FF0000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    layout = paragraph._p.get_or_add_pPr()
    # The schema wants the border before spacing and alignment.
    layout.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _page_field(run: Any) -> None:
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._element.append(element)
