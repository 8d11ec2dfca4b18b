"""A report as the document that goes out (突发事件信息专报), and all of an incident on one paper.

Type area and letters follow GB/T 9704-2012 as far as it speaks of them: 小标宋 for the title, 黑体 for
headings, 仿宋 of size 三号 for the body, 22 lines a page, the page number between dashes. In the language
that is spoken when it is written: offices write Chinese. Takes a moment: call through `asyncio.to_thread`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from jiaoying.duty.incidents.board import IncidentNow
from jiaoying.duty.incidents.chain import Merged, Said, merged
from jiaoying.duty.incidents.model import (
    FIGURES,
    Fact,
    FactValue,
    KeptObligation,
    ObligationState,
    Report,
    ReportKind,
    Sending,
)
from jiaoying.duty.incidents.numbers import report_label, report_number
from jiaoying.duty.incidents.words import (
    fact_word,
    means_word,
    obligation_state_word,
    report_state_word,
    value_words,
)
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import masked

_TITLE, _BODY, _HEADING, _LATIN = "方正小标宋简体", "仿宋_GB2312", "黑体", "Times New Roman"
_TITLE_SIZE, _BODY_SIZE = Pt(22), Pt(16)  # 二号, 三号
_PAIR_SIZE, _TABLE_SIZE = Pt(12), Pt(10.5)  # 小四, 五号
_LINE = Pt(28)  # 22 lines on the 225 mm of the type area
_INDENT = Pt(32)  # two signs
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_COUNTING = "一二三四五六七八九"
_PAGE_WIDTH = Cm(15.6)


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """An incident as it goes onto paper; numbers in full only for who may see them."""

    one: IncidentNow
    sendings: Sequence[Sending]
    places: Mapping[str, str]  # names of divisions by their codes
    zone: tzinfo
    whole_numbers: bool
    now: datetime

    def moment(self, at: datetime | None) -> str:
        """`2026年8月7日 03:12:45`: to the second, since it is evidence."""
        if at is None:
            return ""
        local = at.astimezone(self.zone)
        return say(
            "{year}-{month}-{day} {clock}",
            year=local.year,
            month=local.month,
            day=local.day,
            clock=f"{local:%H:%M:%S}",
        )

    def short_moment(self, at: datetime | None) -> str:
        """`8月7日 03:12:45`, for a column of a table."""
        if at is None:
            return ""
        local = at.astimezone(self.zone)
        return say("{month}-{day} {clock}", month=local.month, day=local.day, clock=f"{local:%H:%M:%S}")

    def value(self, fact: Fact, value: FactValue) -> str:
        """A value as it stands on paper."""
        said = self.places.get(str(value), str(value)) if fact is Fact.AREA else value
        return value_words(fact, said, self.zone)

    def number(self, number: str) -> str:
        """A telephone number, masked for who may not see it."""
        return number if self.whole_numbers or not number else masked(number)


@dataclass(frozen=True, slots=True)
class _Part:
    """A heading of a report and the facts below it."""

    heading: str
    facts: tuple[Fact, ...]


def _parts() -> tuple[_Part, ...]:
    return (
        _Part(
            say("What is known"),
            (
                Fact.TITLE,
                Fact.SOURCE,
                Fact.HAPPENED_AT,
                Fact.AREA,
                Fact.PLACE,
                Fact.KIND,
                Fact.GRADE,
                Fact.SCOPE,
            ),
        ),
        _Part(say("Casualties and losses"), (*FIGURES, Fact.LOSSES)),
        _Part(say("Where it is going"), (Fact.TREND,)),
        _Part(say("Leaders on the spot"), (Fact.LEADERS,)),
        _Part(say("Measures taken"), (Fact.MEASURES,)),
        _Part(say("Advice or request"), (Fact.ADVICE,)),
    )


def report_document(sheet: ReportSheet, report: Report) -> bytes:
    """One report, ready to be sent: what is new in it, and of what changed what it was before."""
    document = _document(sheet)
    one = sheet.one
    _add_title(document, say("Report of an incident"))
    number = report_number(one.incident.called, report, exercise=one.incident.exercise)
    signer = report.signer or say("(not signed)")
    if report.signed_at is None:
        _add_line(document, say("Not signed: not to be sent"), centred=True, font=_HEADING)
    _add_pair(document, say("No.: {number}", number=number), say("Signed by: {name}", name=signer))
    sent = sheet.moment(report.signed_at)
    _add_pair(
        document, say("From: {desk}", desk=one.desk), say("Time: {moment}", moment=sent), underlined=True
    )
    heading = say("{title}: {label}", title=one.title, label=report_label(report))
    _add_line(document, heading, centred=True, font=_HEADING)
    if report.addressees:
        _add_line(document, say("{addressees}:", addressees=report.addressees))
    for text in _opening(sheet, report):
        _add_line(document, text, indented=True)
    before = merged(each for each in one.reports if each.place < report.place)
    _add_parts(document, sheet, report, before)
    if report.kind is ReportKind.FINAL:
        _add_line(document, say("This ends the reports of this incident."), indented=True)
    _add_line(document, "")
    _add_line(document, say("Reported by: {name}", name=report.reporter), indented=True)
    _add_line(document, say("Telephone: {number}", number=sheet.number(report.phone)), indented=True)
    return _saved(document)


def _opening(sheet: ReportSheet, report: Report) -> Iterator[str]:
    yield say("The desk was told at {moment}.", moment=sheet.moment(report.received_at))
    if report.kind is ReportKind.CORRECTION:
        wrong = next((each for each in sheet.one.reports if each.id == report.corrects_id), None)
        if wrong is not None:
            called = report_number(sheet.one.incident.called, wrong, exercise=sheet.one.incident.exercise)
            yield say("This corrects {number}; what is not named here stays as it was.", number=called)
    elif report.kind is not ReportKind.FIRST:
        yield say("Only what is new or changed is reported; what was reported before stands.")


def _add_parts(document: Any, sheet: ReportSheet, report: Report, before: Merged) -> None:
    told = [part for part in _parts() if any(fact in report.facts for fact in part.facts)]
    for place, part in enumerate(told):
        _add_line(document, f"{_COUNTING[place]}、{part.heading}", indented=True, font=_HEADING)
        figures = [_figure(sheet, report, fact, before) for fact in FIGURES if fact in report.facts]
        if figures and FIGURES[0] in part.facts:
            _add_line(document, say("{figures}.", figures=say(", ").join(figures)), indented=True)
        for fact in part.facts:
            if fact in report.facts and fact not in FIGURES:
                for line in _lines(sheet, report, fact, before, alone=len(part.facts) == 1):
                    _add_line(document, line, indented=True)


def _figure(sheet: ReportSheet, report: Report, fact: Fact, before: Merged) -> str:
    return say("{name} {value}", name=fact_word(fact), value=_value(sheet, report, fact, before))


def _lines(sheet: ReportSheet, report: Report, fact: Fact, before: Merged, *, alone: bool) -> list[str]:
    """A text in its own lines. What stands alone below its heading needs no name of its own."""
    first, *more = _value(sheet, report, fact, before).split("\n")
    return [first if alone else say("{name}: {value}", name=fact_word(fact), value=first), *more]


def _value(sheet: ReportSheet, report: Report, fact: Fact, before: Merged) -> str:
    """A value; of one that changed, what it was before, unless that is a text."""
    now = sheet.value(fact, report.facts[fact])
    if fact not in before or fact not in (*FIGURES, Fact.KIND, Fact.GRADE):
        return now
    return say("{now} (before: {before})", now=now, before=sheet.value(fact, before[fact].now.value))


# --- all of an incident ---


def chain_document(sheet: ReportSheet) -> bytes:
    """What holds, since which report and what it was before; the reports; who was told by when."""
    document, one = _document(sheet), sheet.one
    _add_title(document, say("Reports of an incident, all together"))
    _add_pair(
        document,
        say("No.: {number}", number=one.number),
        say("Desk: {desk}", desk=one.desk),
        underlined=True,
    )
    _add_line(document, one.title, centred=True, font=_HEADING)
    told = say("The desk was told at {moment}.", moment=sheet.moment(one.incident.received_at))
    _add_line(document, told, indented=True)
    _add_heading(document, say("What holds now"))
    _add_table(
        document,
        (say("Field"), say("Now"), say("Since which report"), say("What it was before")),
        [_held_row(sheet, fact, one) for fact in one.held],
        (2.8, 6.4, 1.8, 4.6),
    )
    _add_heading(document, say("Reports"))
    _add_table(
        document,
        (say("Which report"), say("Heard"), say("Signed by"), say("Signed at"), say("State")),
        [_report_row(sheet, report) for report in one.reports],
        (2.4, 4.0, 3.2, 4.0, 2.0),
    )
    _add_heading(document, say("Who must be told"))
    _add_table(
        document,
        (
            say("Recipient"),
            say("Means"),
            say("By when"),
            say("Sent on"),
            say("State"),
            say("By which rule"),
        ),
        [_owed_row(sheet, owed) for owed in one.owed],
        (2.6, 1.2, 2.7, 2.7, 2.0, 4.4),
    )
    sent = [sending for sending in sheet.sendings if sending.undone_at is None]
    if sent:
        _add_heading(document, say("What went out"))
        _add_table(
            document,
            (
                say("Recipient"),
                say("Means"),
                say("Sent on"),
                say("Told to"),
                say("Receipt"),
                say("Received by"),
            ),
            [_sending_row(sheet, sending) for sending in sent],
            (2.8, 1.2, 2.7, 3.6, 2.7, 2.6),
        )
    return _saved(document)


def _held_row(sheet: ReportSheet, fact: Fact, one: IncidentNow) -> tuple[str, ...]:
    held = one.held[fact]
    return (
        fact_word(fact),
        sheet.value(fact, held.now.value),
        report_label(held.now.report),
        "\n".join(_said(sheet, fact, said) for said in held.before),
    )


def _said(sheet: ReportSheet, fact: Fact, said: Said) -> str:
    value = sheet.value(fact, said.value)
    return say("{value} ({label})", value=value, label=report_label(said.report))


def _report_row(sheet: ReportSheet, report: Report) -> tuple[str, ...]:
    return (
        report_label(report),
        sheet.short_moment(report.received_at),
        report.signer or "",
        sheet.short_moment(report.signed_at),
        report_state_word(report),
    )


def _owed_row(sheet: ReportSheet, owed: KeptObligation) -> tuple[str, ...]:
    state = obligation_state_word(owed.state)
    if owed.state is ObligationState.LIFTED and owed.lifted_why:
        state = say("{name}: {value}", name=state, value=owed.lifted_why)
    elif owed.is_late(sheet.now):
        state = say("{state}, late", state=state)
    return (
        owed.recipient,
        means_word(owed.means),
        sheet.short_moment(owed.due_at),
        sheet.short_moment(owed.sent_at),
        state,
        owed.source,
    )


def _sending_row(sheet: ReportSheet, sending: Sending) -> tuple[str, ...]:
    return (
        sending.recipient,
        means_word(sending.means),
        sheet.short_moment(sending.sent_at),
        " ".join(filter(None, (sending.sent_to, sending.how))),
        sheet.short_moment(sending.receipt_at),
        sending.received_by or "",
    )


# --- the page ---


def _document(sheet: ReportSheet) -> Any:
    document: Any = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    section.footer_distance = Cm(2.5)
    style = document.styles["Normal"]
    style.font.size, style.font.name = _BODY_SIZE, _LATIN
    _name_chinese(style.element.rPr.rFonts, _BODY)
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = _LINE
    style.paragraph_format.space_after = style.paragraph_format.space_before = Pt(0)
    _add_page_number(section.footer.paragraphs[0])
    document.core_properties.title = sheet.one.title
    document.core_properties.author = sheet.one.desk
    if sheet.one.incident.exercise:
        _add_line(document, say("[DRILL] This is an exercise."), centred=True, font=_HEADING)
    return document


def _add_title(document: Any, text: str) -> None:
    paragraph = _add_line(document, text, centred=True, font=_TITLE)
    paragraph.runs[0].font.size = _TITLE_SIZE
    paragraph.paragraph_format.line_spacing = Pt(36)
    paragraph.paragraph_format.space_after = Pt(14)


def _add_heading(document: Any, text: str) -> None:
    paragraph = _add_line(document, text, font=_HEADING)
    paragraph.paragraph_format.space_before = Pt(12)
    paragraph.paragraph_format.keep_with_next = True


def _add_line(
    document: Any, text: str, *, indented: bool = False, centred: bool = False, font: str = _BODY
) -> Any:
    paragraph = document.add_paragraph()
    run = paragraph.add_run(_CONTROL.sub("", text))
    run.font.name = _LATIN
    _name_chinese(run._element.get_or_add_rPr().get_or_add_rFonts(), font)
    if indented:
        paragraph.paragraph_format.first_line_indent = _INDENT
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    return paragraph


def _add_pair(document: Any, left: str, right: str, *, underlined: bool = False) -> None:
    """Two texts on one line, at both margins; under the last such line a rule."""
    paragraph = _add_line(document, f"{left}\t{right}")
    paragraph.paragraph_format.tab_stops.add_tab_stop(_PAGE_WIDTH, WD_TAB_ALIGNMENT.RIGHT)
    paragraph.runs[0].font.size = _PAIR_SIZE
    if underlined:
        border = OxmlElement("w:pBdr")
        line = OxmlElement("w:bottom")
        for name, value in (("val", "single"), ("sz", "8"), ("space", "4"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        border.append(line)
        paragraph._p.get_or_add_pPr().append(border)
        paragraph.paragraph_format.space_after = Pt(14)


def _add_table(
    document: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
) -> None:
    table = document.add_table(rows=len(rows) + 1, cols=len(heads), style="Table Grid")
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for number, values in enumerate([heads, *rows]):
        for cell, value, width in zip(table.rows[number].cells, values, widths, strict=True):
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(_CONTROL.sub("", value))
            run.font.size, run.font.name = _TABLE_SIZE, _LATIN
            font = _BODY if number else _HEADING
            _name_chinese(run._element.get_or_add_rPr().get_or_add_rFonts(), font)
            paragraph.paragraph_format.line_spacing = Pt(17)
        table.rows[number]._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    # The heads again on each further page.
    mark = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(mark)


def _add_page_number(paragraph: Any) -> None:
    """`— 1 —`, as GB/T 9704 has it."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("— ")
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if text is None:
            part = OxmlElement("w:fldChar")
            part.set(qn("w:fldCharType"), str(kind))
        else:
            part = OxmlElement("w:instrText")
            part.text = text
        run._r.append(part)
    paragraph.add_run(" —")
    for each in paragraph.runs:
        each.font.size = Pt(14)


def _name_chinese(fonts: Any, name: str) -> None:
    # python-docx names the Latin font only; Word takes the Chinese one from an attribute beside it.
    fonts.set(qn("w:eastAsia"), name)


def _saved(document: Any) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()
