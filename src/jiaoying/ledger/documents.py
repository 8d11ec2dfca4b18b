"""The story on paper: JSON for programs, Excel (叫应台账) and Word for people.

Columns and closing lines are what counties are asked to keep: of each call the time to the second, person,
unit, post, number, channel, what happened and why; of each person when first called and when answered;
the closing signature of the leader on duty. A large workbook takes seconds: call through
`asyncio.to_thread`. Numbers are masked unless `full_numbers` is asked for.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, tzinfo
from io import BytesIO
from typing import cast

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.styles.style import ParagraphStyle
from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from jiaoying.kernel.language import say
from jiaoying.kernel.phone import masked
from jiaoying.ledger.export import StoryHeading, StoryLine
from jiaoying.ledger.people import PersonStory, people_of
from jiaoying.ledger.words import channel_words, colour_words, event_words, fact_words

# Numbers in free text: as we write them, and Chinese mobiles as people do.
_NUMBER = re.compile(r"\+\d{7,15}|(?<!\d)1[3-9]\d{9}(?!\d)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHINESE_FONT = "宋体"
_LATIN_FONT = "Times New Roman"
# What lines say in words of their own, in the order in which it is shown.
_TOLD_IN_PARTICULARS = ("said", "text", "note", "reason", "order", "to")
_TOLD_IN_FACTS = ("reason", "meaning", "how", "grade", "stage", "picked_up_by")
# Elsewhere `people` counts something else.
_TELLS_PEOPLE = ("call_out.answered", "call_out.answered_again", "feedback.corrected")

Cell = str | int | datetime | None


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A table that goes with the story: a sheet of the workbook, a table of the document.

    `columns` with their widths in signs; in JSON it is `name`, and the columns are `keys`.
    """

    name: str
    keys: tuple[str, ...]
    title: str
    columns: Mapping[str, int]
    rows: Sequence[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Paper:
    """How a story is written down: times in `zone`, numbers in full or masked."""

    zone: tzinfo
    full_numbers: bool = False

    def moment(self, at: datetime | None) -> datetime | None:
        """Local time to the second, without a zone, as a sheet wants it."""
        return at.astimezone(self.zone).replace(tzinfo=None, microsecond=0) if at else None

    def number(self, number: str | None) -> str:
        """A number as this paper shows it."""
        return (number if self.full_numbers else masked(number)) if number else ""

    def words(self, text: str) -> str:
        """Free text as this paper shows it: numbers masked, nothing that a file cannot hold."""
        return _CONTROL.sub("", text if self.full_numbers else _NUMBER.sub(_masked_number, text))


def _masked_number(found: re.Match[str]) -> str:
    return masked(found[0] if found[0].startswith("+") else f"+86{found[0]}")


def story_json(
    heading: StoryHeading, lines: Sequence[StoryLine], paper: Paper, further: Sequence[PaperTable] = ()
) -> str:
    """The whole story as one JSON object: `warning`, `lines`, further tables; times with their zone."""
    warning = {field.name: getattr(heading, field.name) for field in fields(heading)}
    told = [{field.name: getattr(line, field.name) for field in fields(line)} for line in lines]
    tables = {
        table.name: [dict(zip(table.keys, row, strict=True)) for row in table.rows] for table in further
    }
    whole = _plain({"warning": warning, "lines": told, **tables}, paper)
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=False)


def story_workbook(
    heading: StoryHeading, lines: Sequence[StoryLine], paper: Paper, further: Sequence[PaperTable] = ()
) -> bytes:
    """An .xlsx: every line on the first sheet, everybody on the second, each further table on its own."""
    workbook = Workbook()
    sheet = cast("Worksheet", workbook.active)
    sheet.title = say("Call-out ledger")
    _write_sheet(sheet, _title(heading), _facts(heading, paper), _line_columns(), _line_rows(lines, paper))
    people = people_of(lines)
    _write_sheet(
        workbook.create_sheet(say("By person")),
        _title(heading),
        _figures(people, lines),
        _person_columns(),
        _person_rows(people, paper),
    )
    for table in further:
        _write_sheet(workbook.create_sheet(table.title), _title(heading), (), table.columns, table.rows)
    return _saved(workbook)


def story_document(
    heading: StoryHeading, lines: Sequence[StoryLine], paper: Paper, further: Sequence[PaperTable] = ()
) -> bytes:
    """A .docx to be signed: the warning, the figures, everybody in a table, the closing lines."""
    people = people_of(lines)
    document = Document()
    _set_page(document)
    title = document.add_heading(paper.words(_title(heading)), level=0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for name, value in (*_facts(heading, paper), *_figures(people, lines)):
        document.add_paragraph(say("{name}: {value}", name=name, value=_as_text(value)))
    for table in further:
        document.add_heading(table.title, level=1)
        _add_table(document, table.columns, table.rows)
    _add_table(document, _person_columns(), list(_person_rows(people, paper)))
    document.add_paragraph()
    document.add_paragraph(say("Closing statement:"))
    document.add_paragraph()
    document.add_paragraph(say("Duty officer (signature):") + " " * 40 + say("Leader on duty (signature):"))
    document.add_paragraph(say("Date:"))
    return _saved(document)


def _title(heading: StoryHeading) -> str:
    drill = say("[DRILL] ") if heading.exercise else ""
    return drill + say("Call-out ledger: {headline}", headline=heading.headline)


def _facts(heading: StoryHeading, paper: Paper) -> list[tuple[str, Cell]]:
    return [
        (say("Reference"), heading.reference),
        (say("Issued by"), paper.words(heading.sender)),
        (say("Identifier"), heading.identifier),
        (say("Event and colour"), f"{heading.event} {colour_words(heading.colour or '')}".strip()),
        (say("Area"), paper.words(heading.area_names)),
        (say("Issued at"), paper.moment(heading.sent_at)),
        (say("Received at"), paper.moment(heading.received_at)),
        (say("In force from"), paper.moment(heading.valid_from)),
        (say("In force until"), paper.moment(heading.valid_to)),
        (say("Calling began at"), paper.moment(heading.matched_at)),
        (say("Calling ended at"), paper.moment(heading.closed_at)),
        (say("Warning text"), paper.words(heading.text)),
    ]


def _figures(people: Sequence[PersonStory], lines: Sequence[StoryLine]) -> list[tuple[str, Cell]]:
    people = [person for person in people if not person.is_walk]
    answered = sum(person.ending == "call_out.answered" for person in people)
    unwoken = sum(person.ending == "call_out.exhausted" for person in people)
    waits = sorted(int(after.total_seconds()) for person in people if (after := person.answered_after))
    return [
        (say("People to be called"), len(people)),
        (say("People who answered"), answered),
        (say("People not woken"), unwoken),
        (say("Not answered when stood down"), sum(person.stood_down for person in people)),
        (say("Stood down by"), _stood_down_by(lines)),
        (
            say("Seconds from first call to answer, half of them within"),
            waits[len(waits) // 2] if waits else None,
        ),
    ]


def _stood_down_by(lines: Sequence[StoryLine]) -> str | None:
    """Who or what ended it before its time, and why."""
    withdrawn = [line for line in lines if line.event == "warning.withdrawn"]
    if not withdrawn:
        return None
    reason = fact_words(str(withdrawn[-1].facts.get("reason") or ""))
    return say("{name}: {value}", name=withdrawn[-1].actor, value=reason)


def _line_columns() -> dict[str, int]:
    return {
        say("No."): 6,
        say("Time"): 20,
        say("What happened"): 24,
        say("Person"): 12,
        say("Unit and title"): 22,
        say("Post"): 30,
        say("Number"): 18,
        say("Channel"): 8,
        say("Code"): 12,
        say("Details"): 48,
        say("Done by"): 14,
    }


def _line_rows(lines: Sequence[StoryLine], paper: Paper) -> Iterable[tuple[Cell, ...]]:
    for count, line in enumerate(lines, start=1):
        yield (
            count,
            paper.moment(line.at),
            event_words(line.event),
            line.person,
            _joined(line.unit, line.title),
            line.post,
            paper.number(line.number),
            channel_words(line.channel or ""),
            line.code,
            _details(line, paper),
            line.actor,
        )


def _person_columns() -> dict[str, int]:
    return {
        say("No."): 6,
        say("Person"): 12,
        say("Unit and title"): 22,
        say("Post"): 30,
        say("Number"): 18,
        say("Tries"): 8,
        say("First called"): 20,
        say("Answered at"): 20,
        say("Proof"): 24,
        say("Outcome"): 24,
    }


def _person_rows(people: Sequence[PersonStory], paper: Paper) -> Iterable[tuple[Cell, ...]]:
    for count, person in enumerate(people, start=1):
        yield (
            count,
            person.person,
            _joined(person.unit, person.title),
            _joined(person.post, say("goes to the door") if person.is_walk else None),
            paper.number(person.number),
            person.tries,
            paper.moment(person.first_called_at),
            paper.moment(person.answered_at),
            say(", ").join(fact_words(word) for word in person.proof),
            event_words(person.ending),
        )


def _details(line: StoryLine, paper: Paper) -> str:
    if line.erased:
        return say("(names and texts were erased)")
    particulars = line.particulars or {}
    told = [str(particulars[name]) for name in _TOLD_IN_PARTICULARS if particulars.get(name)]
    told += [fact_words(str(line.facts[name])) for name in _TOLD_IN_FACTS if line.facts.get(name)]
    if line.event == "attempt.delivered" and line.facts.get("seconds") is not None:
        told.append(say("{seconds} s", seconds=line.facts["seconds"]))
    if line.facts.get("households") is not None:
        told.append(say("households: {count}", count=line.facts["households"]))
    if line.event in _TELLS_PEOPLE and line.facts.get("people") is not None:
        told.append(say("people: {count}", count=line.facts["people"]))
    return paper.words(say("; ").join(told))


def _joined(unit: str | None, title: str | None) -> str:
    return " ".join(part for part in (unit, title) if part)


def _plain(value: object, paper: Paper) -> object:
    if isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value).items()
        return {name: _plain(item, paper) for name, item in items}
    if isinstance(value, list | tuple):
        return [_plain(item, paper) for item in cast("Sequence[object]", value)]
    if isinstance(value, datetime):
        return value.astimezone(paper.zone).isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    return paper.words(str(value))


def _write_sheet(
    sheet: Worksheet,
    title: str,
    facts: Sequence[tuple[str, Cell]],
    columns: Mapping[str, int],
    rows: Iterable[tuple[Cell, ...]],
) -> None:
    _write_row(sheet, 1, (title,), bold=True)
    for number, (name, value) in enumerate(facts, start=2):
        _write_row(sheet, number, (name, None, value))
    header = len(facts) + 3
    _write_row(sheet, header, tuple(columns), bold=True)
    for number, row in enumerate(rows, start=header + 1):
        _write_row(sheet, number, row)
    for number, width in enumerate(columns.values(), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{header + 1}"


def _write_row(sheet: Worksheet, number: int, values: Sequence[Cell], *, bold: bool = False) -> None:
    for column, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        cell = cast("SheetCell", sheet.cell(number, column))
        cell.value = _CONTROL.sub("", value) if isinstance(value, str) else value
        if isinstance(value, str):
            # As text whatever it begins with: a reply that says "=1+1" is no formula.
            cell.data_type = "s"
        if isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm:ss"
            cell.alignment = Alignment(horizontal="left")
        if bold:
            cell.font = Font(bold=True)


def _set_page(document: WordDocument) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21)
    style = cast("ParagraphStyle", document.styles["Normal"])
    style.font.size = Pt(10.5)
    style.font.name = _LATIN_FONT
    # python-docx names the Latin font only; Word takes the Chinese one from an attribute beside it.
    next(style.element.iter(qn("w:rFonts"))).set(qn("w:eastAsia"), _CHINESE_FONT)


def _add_table(document: WordDocument, columns: Mapping[str, int], rows: Sequence[tuple[Cell, ...]]) -> None:
    table = document.add_table(rows=len(rows) + 1, cols=len(columns), style="Table Grid")
    for row, values in zip(table.rows, [tuple(columns), *rows], strict=True):
        for cell, value in zip(row.cells, values, strict=True):
            cell.text = _CONTROL.sub("", _as_text(value))


def _as_text(value: Cell) -> str:
    return "" if value is None else str(value)


def _saved(document: Workbook | WordDocument) -> bytes:
    buffer = BytesIO()
    document.save(buffer)
    return buffer.getvalue()
