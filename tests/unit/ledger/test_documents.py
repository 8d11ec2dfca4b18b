"""The story on paper."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from jiaoying.kernel.language import speaking
from jiaoying.ledger.documents import Paper, story_document, story_json, story_workbook
from jiaoying.ledger.export import StoryHeading, StoryLine
from jiaoying.ledger.people import people_of

AT = datetime(2026, 7, 15, 16, 30, 5, 999_000, tzinfo=UTC)  # 00:30:05 the next day in Shanghai
PAPER = Paper(ZoneInfo("Asia/Shanghai"))
FULL = Paper(ZoneInfo("Asia/Shanghai"), full_numbers=True)
HEADING = StoryHeading(
    reference="A7",
    event="暴雨",
    colour="red",
    headline="沁水县暴雨红色预警",
    text="预计未来3小时降雨量将达100毫米以上。",
    sender="沁水县气象台",
    identifier="14052141600000_20260715163000",
    area_names="龙港镇",
    exercise=False,
    sent_at=AT,
    received_at=AT,
    valid_from=AT,
    valid_to=AT + timedelta(hours=6),
    matched_at=AT,
    closed_at=None,
    state="matched",
)
ASKED = UUID(int=1)


def told(event: str, *, seconds: int = 0, call_out: UUID | None = ASKED, **changes: object) -> StoryLine:
    line = StoryLine(
        id=uuid4(),
        at=AT + timedelta(seconds=seconds),
        event=event,
        actor="settle",
        responsibility_id=None,
        call_out_id=call_out,
        attempt_id=None,
        contact_id=None,
        facts={},
        particulars=None,
        erased=False,
        person="王强",
        unit="龙港镇政府",
        title="副镇长",
        post="龙港镇 防汛责任人",
        channel="voice",
        number="+8610012345678",
        code=None,
    )
    return replace(line, **changes)  # pyright: ignore[reportArgumentType]


STORY = [
    told("warning.received", call_out=None, person=None, unit=None, title=None, post=None, number=None),
    told("call_out.opened", number=None, channel=None),
    told("attempt.accepted", seconds=2),
    told("attempt.failed", seconds=40, code="busy"),
    told("attempt.accepted", seconds=100),
    told(
        "call_out.answered",
        seconds=130,
        facts={"how": "text", "meaning": "moved", "households": 12, "people": 35},
        particulars={"said": "=转移12户35人, 电话+8610087654321、13800138000", "name": "王强"},
    ),
]


def rows_of(body: bytes, sheet: int) -> list[list[object]]:
    workbook = load_workbook(BytesIO(body))
    found = cast("Worksheet", workbook.worksheets[sheet])
    return [list(row) for row in found.iter_rows(values_only=True)]


def test_every_line_has_its_row() -> None:
    rows = rows_of(story_workbook(HEADING, STORY, PAPER), 0)
    head = next(place for place, row in enumerate(rows) if row[0] == "序号")
    assert rows[head][1:8] == ["时间", "事项", "责任人", "单位及职务", "岗位", "号码", "方式"]
    assert len(rows) - head - 1 == len(STORY)
    failed = rows[head + 4]
    assert failed[1:9] == [
        datetime(2026, 7, 16, 0, 30, 45),  # noqa: DTZ001
        "未接通",
        "王强",
        "龙港镇政府 副镇长",
        "龙港镇 防汛责任人",
        "100****5678",
        "电话",
        "busy",
    ]


def test_replies_are_no_formulas_and_hide_numbers() -> None:
    rows = rows_of(story_workbook(HEADING, STORY, PAPER), 0)
    details = str(rows[-1][9])
    assert details.startswith("=转移12户35人, 电话100****4321、138****8000；")
    assert details.endswith("；12户；35人")
    workbook = load_workbook(BytesIO(story_workbook(HEADING, STORY, PAPER)))
    cells = [cell for sheet in workbook.worksheets for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)


def test_numbers_in_full_when_asked_for() -> None:
    rows = rows_of(story_workbook(HEADING, STORY, FULL), 0)
    assert rows[-1][6] == "+8610012345678"
    assert "+8610087654321" in str(rows[-1][9])


def test_everybody_has_a_row() -> None:
    rows = rows_of(story_workbook(HEADING, STORY, PAPER), 1)
    assert rows[-1] == [
        1,
        "王强",
        "龙港镇政府 副镇长",
        "龙港镇 防汛责任人",
        "100****5678",
        2,
        datetime(2026, 7, 16, 0, 30, 7),  # noqa: DTZ001
        datetime(2026, 7, 16, 0, 32, 15),  # noqa: DTZ001
        "短信应答",
        "已应答",
    ]


def test_the_document_has_facts_figures_people_and_a_place_to_sign() -> None:
    document = Document(BytesIO(story_document(HEADING, STORY, PAPER)))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for needed in ("叫应台账：沁水县暴雨红色预警", "暴雨 红色", "2026-07-16 00:30:05", "带班领导（签字）："):
        assert needed in text
    assert "应叫应人数：1" in text
    table = document.tables[0]
    assert [cell.text for cell in table.rows[1].cells][1] == "王强"
    assert "100****5678" in [cell.text for cell in table.rows[1].cells]


def test_drills_are_marked() -> None:
    document = Document(BytesIO(story_document(replace(HEADING, exercise=True), [], PAPER)))
    assert document.paragraphs[0].text.startswith("【演练】")


def test_english() -> None:
    with speaking("en"):
        rows = rows_of(story_workbook(HEADING, STORY, PAPER), 0)
    assert rows[0][0] == "Call-out ledger: 沁水县暴雨红色预警"
    assert rows[-1][2] == "Answered"


def test_json_is_whole_and_masked() -> None:
    body = json.loads(story_json(HEADING, STORY, PAPER))
    assert body["warning"]["sent_at"] == "2026-07-16T00:30:05.999000+08:00"
    assert len(body["lines"]) == len(STORY)
    assert body["lines"][-1]["number"] == "100****5678"
    assert "87654321" not in json.dumps(body)
    assert "+8610087654321" in story_json(HEADING, STORY, FULL)


def test_what_a_file_cannot_hold_is_left_out() -> None:
    hostile = told("inbox.stored", particulars={"said": "a\x00b\x1bc\ud800"}, person="王\x07强")
    for write in (story_workbook, story_document):
        assert write(HEADING, [hostile], PAPER)
    assert rows_of(story_workbook(HEADING, [hostile], PAPER), 0)[-1][9] == "abc"


def test_erased_names_are_owned_up_to() -> None:
    rows = rows_of(story_workbook(HEADING, [told("call_out.answered", erased=True)], PAPER), 0)
    assert rows[-1][9] == "（姓名、号码和内容已依规清除）"


def test_who_was_not_woken_stands_first() -> None:
    story = [
        told("call_out.answered", call_out=UUID(int=1), person="甲"),
        told("call_out.opened", call_out=UUID(int=2), person="乙"),
        told("call_out.exhausted", call_out=UUID(int=3), person="丙"),
        told("call_out.declined", call_out=UUID(int=4), person="丁"),
        told("call_out.withdrawn", call_out=UUID(int=5), person="戊"),
    ]
    assert [person.person for person in people_of(story)] == ["丙", "乙", "丁", "甲", "戊"]


def test_a_late_answer_is_the_ending() -> None:
    story = [
        told("attempt.accepted"),
        told("call_out.exhausted", seconds=60),
        told("call_out.answered", seconds=90),
    ]
    (person,) = people_of(story)
    assert person.ending == "call_out.answered"
    assert person.answered_after == timedelta(seconds=90)


def test_who_is_asked_again_is_one_person_and_a_walk_is_a_row_of_its_own() -> None:
    first, again, walk, later = (UUID(int=number) for number in range(1, 5))
    contact = UUID(int=9)
    anew = {"reason": "asked_anew"}
    story = [
        told("call_out.opened", call_out=first, contact_id=contact),
        told("attempt.accepted", call_out=first, seconds=2),
        told("call_out.withdrawn", call_out=first, seconds=300, facts=anew),
        told("call_out.opened", call_out=again, contact_id=contact, seconds=300),
        told("attempt.accepted", call_out=again, seconds=310),
        told("call_out.answered", call_out=again, seconds=330),
        told("call_out.opened", call_out=walk, contact_id=contact, seconds=400, facts={"kind": "door"}),
        told("call_out.exhausted", call_out=walk, seconds=900),
        told("call_out.opened", call_out=later, contact_id=contact, seconds=950),
        told("call_out.withdrawn", call_out=later, seconds=960, facts={"reason": "covered"}),
    ]
    walked, person = people_of(story)
    assert (person.ending, person.tries, person.answered_after) == (
        "call_out.answered",
        2,
        timedelta(seconds=328),
    )
    assert (walked.is_walk, walked.ending, person.is_walk) == (True, "call_out.exhausted", False)
    figures = {
        row[0]: next((cell for cell in row[1:] if cell is not None), None)
        for row in rows_of(story_workbook(HEADING, story, PAPER), 1)
    }
    assert (figures["应叫应人数"], figures["已应答人数"], figures["未叫醒人数"]) == (1, 1, 0)


@pytest.mark.parametrize("count", [600])
def test_a_county_fits_on_paper_in_seconds(count: int) -> None:
    story = [
        told(event, call_out=UUID(int=place + 1))
        for place in range(count)
        for event in ("call_out.opened", "attempt.accepted", "call_out.answered")
    ]
    assert len(Document(BytesIO(story_document(HEADING, story, PAPER))).tables[0].rows) == count + 1
