from datetime import date
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm

from jiaoying.duty.letters.document import BODY_FONT, HEAD_FONT, TITLE_FONT, LetterPaper, letter_document

PAPER = LetterPaper(
    "沁水县应急值班室",
    "沁水应急函〔2026〕3号",
    "关于做好暴雨橙色预警期间风险防范工作的提醒函",
    "龙港镇值班室、郑庄镇值班室：",
    (
        "沁水县气象台7月15日16时30分发布暴雨橙色预警，影响区域：沁水县西部，有效时段：7月15日16时30分至7月16日8时。",
        "西部山区土壤含水量已近饱和，中小河流水位上涨快。",
        "为做好风险防范应对工作，现就有关事项提醒如下：",
        "一、加密巡查地质灾害隐患点",
        "对辖区内滑坡、崩塌隐患点每两小时巡查一次。",
        "特此提醒。",
    ),
    date(2026, 7, 15),
)


def opened(paper: LetterPaper = PAPER) -> Any:
    return Document(BytesIO(letter_document(paper)))


def font_of(paragraph: Any) -> str:
    return paragraph.runs[0]._element.rPr.rFonts.get(qn("w:eastAsia"))


def test_the_page_is_that_of_the_standard() -> None:
    (section,) = opened().sections
    width = section.page_width - section.left_margin - section.right_margin
    height = section.page_height - section.top_margin - section.bottom_margin
    found = (section.page_width, section.page_height, section.top_margin, section.left_margin, width, height)
    for length, wanted in zip(found, (210, 297, 37, 28, 156, 225), strict=True):
        assert length == pytest.approx(Mm(wanted), abs=Mm(0.1))


def test_everything_stands_there_in_its_order_and_font() -> None:
    found = [(line.text, font_of(line)) for line in opened().paragraphs if line.text]
    assert found == [
        (PAPER.office, TITLE_FONT),
        (PAPER.reference, BODY_FONT),
        (PAPER.title, TITLE_FONT),
        (PAPER.addressees, BODY_FONT),
        *((text, HEAD_FONT if text.startswith("一、") else BODY_FONT) for text in PAPER.body),
        (PAPER.office, BODY_FONT),
        ("2026年7月15日", BODY_FONT),
    ]
    sizes = [line.runs[0].font.size.pt for line in opened().paragraphs if line.text]
    assert sizes[2:4] == [22, 16]


def test_pages_are_numbered_on_the_outer_side() -> None:
    document = opened()
    assert document.settings.odd_and_even_pages_header_footer
    (section,) = document.sections
    for footer in (section.footer, section.even_page_footer):
        assert "PAGE" in footer.paragraphs[0]._p.xml
        assert footer.paragraphs[0].text == "—  —"


def test_a_draft_leaves_number_and_date_open_and_strange_signs_do_no_harm() -> None:
    document = opened(
        LetterPaper("值班室\x0b", "沁水应急函〔    〕  号", "标题\ud800", "龙港镇：", ("=1+1", "正文"), None)
    )
    texts = [line.text for line in document.paragraphs if line.text]
    assert texts[0] == "值班室"
    assert texts[2] == "标题"
    assert texts[-1] == "    年  月  日"


def test_in_english_too() -> None:
    english = LetterPaper("Duty desk", "QS〔2026〕3号", "Risk", "To:", ("Text.",), date(2026, 7, 15), "en")
    assert opened(english).paragraphs[-1].text == "15 July 2026"
