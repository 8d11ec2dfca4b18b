"""The documents that go out, opened again as whoever receives them would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from docx import Document
from docx.oxml.ns import qn

from jiaoying.duty.incidents.board import IncidentNow
from jiaoying.duty.incidents.chain import merged
from jiaoying.duty.incidents.model import (
    Fact,
    Facts,
    Incident,
    KeptObligation,
    Means,
    ObligationState,
    Report,
    ReportKind,
    Sending,
    SignedHow,
)
from jiaoying.duty.incidents.sheet import ReportSheet, chain_document, report_document

AT = datetime(2026, 8, 6, 18, 51, 33, tzinfo=UTC)  # 02:51:33 in Shanxi
MINUTE = timedelta(minutes=1)
FIRST: Facts = {
    Fact.TITLE: "梁庄村山体滑坡",
    Fact.SOURCE: "龙港镇值班室",
    Fact.AREA: "140521100201",
    Fact.PLACE: "梁庄村后山",
    Fact.KIND: "geohazard",
    Fact.GRADE: "ordinary",
    Fact.DEAD: 0,
    Fact.INJURED: 2,
    Fact.MEASURES: "一是转移群众；\n二是封闭道路。\x01",
}


def report(place: int, kind: ReportKind, facts: Facts, nth: int | None = None) -> Report:
    return Report(
        UUID(int=place), UUID(int=99), place, kind, nth, None, AT + place * MINUTE, facts, "市政府总值班室",
        "赵演示", "+8610000000001", AT, "user:值班员", AT + 9 * MINUTE, "user:领导", "王领导", SignedHow.HERE,
        None, None, None,
    )  # fmt: skip


@pytest.fixture
def sheet() -> ReportSheet:
    reports = (
        report(1, ReportKind.FIRST, FIRST),
        report(2, ReportKind.CONTINUED, {Fact.INJURED: 5, Fact.GRADE: "major", Fact.LOSS: "12.5"}, 1),
        replace(report(3, ReportKind.CORRECTION, {Fact.INJURED: 4}, 1), corrects_id=UUID(int=2)),
        report(4, ReportKind.FINAL, {}),
    )
    incident = Incident(
        UUID(int=99), UUID(int=7), "沁水值班", 2026, 12, False, AT, AT, "user:值班员", AT + 60 * MINUTE
    )
    owed = KeptObligation(
        UUID(int=5), UUID(int=99), "市政府总值班室", Means.WRITTEN, AT, AT + 120 * MINUTE, "逐级上报",
        "山西省意见", 0, ObligationState.DONE, None, None, AT + 130 * MINUTE, None, None, None,
    )  # fmt: skip
    sending = Sending(
        UUID(int=6), UUID(int=99), UUID(int=1), UUID(int=5), "市政府总值班室", Means.WRITTEN,
        AT + 130 * MINUTE, "市值班室", "传真", AT + 131 * MINUTE, "user:值班员", AT + 140 * MINUTE, "周演示",
        "user:值班员", None, None, None,
    )  # fmt: skip
    one = IncidentNow(incident, "沁水县应急值班室", reports, merged(reports), (owed,))
    places = {"140521100201": "龙港镇梁庄村"}
    now = AT + 200 * MINUTE
    return ReportSheet(one, [sending], places, ZoneInfo("Asia/Shanghai"), whole_numbers=True, now=now)


def opened(body: bytes) -> Any:
    return Document(BytesIO(body))


def lines_of(document: Any) -> list[str]:
    return [paragraph.text for paragraph in document.paragraphs]


def test_the_first_report_says_everything_in_the_form_that_offices_know(sheet: ReportSheet) -> None:
    document = opened(report_document(sheet, sheet.one.reports[0]))
    assert lines_of(document) == [
        "突发事件信息专报",
        "编号：沁水值班〔2026〕12号-首报\t签发人：王领导",
        "报送单位：沁水县应急值班室\t报送时间：2026年8月7日03:00:33",
        "关于梁庄村山体滑坡的首报",
        "市政府总值班室：",
        "接报时间：2026年8月7日02:52:33。",
        "一、基本情况",
        "事件名称：梁庄村山体滑坡",
        "信息来源：龙港镇值班室",
        "所属区划：龙港镇梁庄村",
        "事发地点：梁庄村后山",
        "事件性质：地质灾害",
        "事件级别：一般",
        "二、伤亡和损失情况",
        "死亡0人、受伤2人。",
        "三、已采取的措施",
        "一是转移群众；",
        "二是封闭道路。",
        "",
        "报告人：赵演示",
        "联系电话：+8610000000001",
    ]
    title, body = document.paragraphs[0].runs[0], document.paragraphs[10].runs[0]
    fonts = [run._element.rPr.rFonts.get(qn("w:eastAsia")) for run in (title, body)]
    assert fonts == ["方正小标宋简体", "仿宋_GB2312"]
    assert title.font.size.pt == 22
    assert document.styles["Normal"].font.size.pt == 16
    footer = document.sections[0].footer.paragraphs[0]
    assert footer.text == "—  —"
    assert "PAGE" in footer._p.xml


def test_a_continued_report_repeats_nothing_and_says_what_a_figure_was(sheet: ReportSheet) -> None:
    lines = lines_of(opened(report_document(sheet, sheet.one.reports[1])))
    assert lines[1] == "编号：沁水值班〔2026〕12号-续报一\t签发人：王领导"
    assert lines[6:-3] == [
        "本报只报新情况和变化，前报内容不再重复。",
        "一、基本情况",
        "事件级别：重大（前报：一般）",
        "二、伤亡和损失情况",
        "受伤5人（前报：2人）、直接经济损失12.5万元。",
    ]
    assert not any("梁庄村后山" in line for line in lines)


def test_a_correction_names_what_it_corrects_and_a_final_report_ends_the_chain(sheet: ReportSheet) -> None:
    correction = lines_of(opened(report_document(sheet, sheet.one.reports[2])))
    assert "现更正 沁水值班〔2026〕12号-续报一 的有关内容，未列事项仍以前报为准。" in correction
    assert "受伤4人（前报：5人）。" in correction
    assert "本事件信息报送结束。" in lines_of(opened(report_document(sheet, sheet.one.reports[3])))


def test_what_is_not_signed_says_so_on_top(sheet: ReportSheet) -> None:
    waiting = replace(sheet.one.reports[0], signed_at=None, signer=None, signed_by=None, signed_how=None)
    lines = lines_of(opened(report_document(sheet, waiting)))
    assert lines[1] == "未签发，不得报送"
    assert lines[2].endswith("签发人：（未签发）")


def test_a_drill_says_so_before_everything_else(sheet: ReportSheet) -> None:
    drill = replace(sheet, one=replace(sheet.one, incident=replace(sheet.one.incident, exercise=True)))
    for body in (report_document(drill, drill.one.reports[0]), chain_document(drill)):
        lines = lines_of(opened(body))
        assert lines[0] == "【演练】本件为演练材料"
        assert any("沁水值班演练〔2026〕12号" in line for line in lines)


def test_who_may_not_see_numbers_has_them_masked(sheet: ReportSheet) -> None:
    masked = lines_of(opened(report_document(replace(sheet, whole_numbers=False), sheet.one.reports[0])))
    assert not any("10000000001" in line for line in masked)


def test_all_of_it_says_what_holds_since_when_and_that_it_was_late(sheet: ReportSheet) -> None:
    document = opened(chain_document(sheet))
    held, reports, owed, sent = (
        [[cell.text for cell in row.cells] for row in table.rows] for table in document.tables
    )
    assert held[0] == ["项目", "现在", "自何报", "此前"]
    assert ["受伤", "4人", "更正一", "5人（续报一）\n2人（首报）"] in held
    assert [row[0] for row in reports[1:]] == ["首报", "续报一", "更正一", "终报"]
    assert owed[1][4] == "已报送（超时）"
    assert sent[1] == [
        "市政府总值班室",
        "书面",
        "8月7日05:01:33",
        "市值班室 传真",
        "8月7日05:11:33",
        "周演示",
    ]
