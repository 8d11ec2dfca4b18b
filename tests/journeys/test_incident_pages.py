"""Incidents as the officer takes them in, reports on them, has them signed and notes what went out."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
from docx import Document

from jiaoying.duty.incidents.reading import ready_made_text
from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import COUNTY, Town, open_town
from web_town import Browser, add_users

FIRE = {
    "title": "沁河小区居民楼火灾",
    "source": "市民 119 报警",
    "place": "龙港镇沁河小区3号楼",
    "area": "龙港镇",
    "kind": "fire",
    "grade": "ordinary",
    "dead": "0",
    "injured": "2",
    "measures": "消防救援大队2车12人到场",
    "addressees": "市政府总值班室",
    "reporter": "赵演示",
    "phone": "10000000001",
}
NOTHING = dict.fromkeys(("title", "source", "place", "area", "kind", "grade"), "")


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await add_users(database)
        yield opened


@pytest.fixture
async def desk_id(town: Town) -> UUID:
    stands, leads = await town.person("孙演示"), await town.person("钱演示")
    return await town.desk(COUNTY, "沁水县应急值班室", stands, leads)


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.fixture
async def leader(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "leader"):
        yield browser


@pytest.fixture
async def keeper(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "keeper"):
        yield browser


@pytest.fixture
async def inspector(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "inspector"):
        yield browser


async def page(browser: Browser, path: str) -> str:
    return unescape(await browser.page(path))


async def posted(browser: Browser, path: str, fields: dict[str, str]) -> str:
    """Where a form that is taken leads to."""
    answer = await browser.post(path, fields)
    assert answer.status == 303, unescape(await answer.text())
    return answer.headers["Location"]


async def refused(browser: Browser, path: str, fields: dict[str, str]) -> str:
    """The page that shows again what was typed, with what is wrong with it."""
    answer = await browser.post(path, fields)
    assert answer.status == 422
    return unescape(await answer.text())


async def taken_in(officer: Browser, desk_id: UUID, **typed: str) -> str:
    return await posted(officer, "/incidents", {**FIRE, "desk": str(desk_id), **typed})


def report_in(text: str) -> str:
    """The report that waits, as the page of an incident links to it."""
    return f"/incidents/reports/{re.findall(r'/incidents/reports/([0-9a-f-]{36})', text)[0]}"


def owed_in(text: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/incidents/obligations/[0-9a-f-]{36}", text)))


def sending_in(text: str) -> str:
    return re.findall(r"/incidents/sendings/[0-9a-f-]{36}", text)[0]


async def test_from_the_first_word_to_the_receipt(
    town: Town, officer: Browser, leader: Browser, desk_id: UUID
) -> None:
    incident = await taken_in(officer, desk_id)
    shown = await page(officer, incident)
    assert "沁水县应急值班〔2026〕1号" in shown
    assert "首报待签发" in shown
    first = report_in(shown)
    # Written word needs a signature, and nobody signs their own.
    (written,) = [path for path in owed_in(shown) if "<dd>书面" in await page(officer, path)]
    assert "还没有已签发的报告" in await page(officer, written)
    assert (await officer.post(f"{first}/sign")).status == 403
    # The leader finds it on the first page, and only there where it can be signed.
    assert "待签发的信息" not in await page(officer, "/warnings")
    assert report_in(await page(leader, "/warnings")) == first
    await posted(leader, f"{first}/sign", {})
    assert "待签发的信息" not in await page(leader, "/warnings")
    assert "leader 签发" in await page(officer, first)
    card = await page(officer, written)
    (report,) = set(re.findall(r'<option value="([0-9a-f-]{36})" selected', card))
    sent = {
        "owed": written.rsplit("/", 1)[1],
        "recipient": "市政府总值班室",
        "means": "written",
        "report": report,
    }
    again = await refused(officer, f"{incident}/sent", {**sent, "how": "传真 0356-7000000"})
    assert "请写明对方接报人" in again
    assert "传真 0356-7000000" in again
    await posted(officer, f"{incident}/sent", {**sent, "to": "市值班室 周演示"})
    shown = await page(officer, incident)
    assert "按时报送" in shown
    assert "未收到回执" in shown
    sending = sending_in(shown)
    assert "请写明接收人" in await refused(officer, f"{sending}/receipt", {"received_by": " "})
    await posted(officer, f"{sending}/receipt", {"received_by": "周演示"})
    assert "接收人 周演示" in await page(officer, incident)
    await posted(officer, f"{sending}/take-back", {"reason": "发错单位"})
    shown = await page(officer, incident)
    assert "发错单位" in shown
    assert written in owed_in(shown)


async def test_what_was_typed_is_kept_with_a_sentence_for_each_mistake(
    officer: Browser, desk_id: UUID
) -> None:
    wrong = {"desk": str(desk_id), "title": "", "area": "没有这个镇", "injured": "很多", "loss": "1,2"}
    again = await refused(officer, "/incidents", {**FIRE, **wrong})
    for told in ("请写明事件名称", "没有这个镇", "请写整数", "单位万元", "很多", "消防救援大队2车12人到场"):
        assert told in again
    assert "没有" in await page(officer, "/incidents")
    assert "请选择接报的值班室" in await refused(officer, "/incidents", {**FIRE, "desk": ""})


async def test_a_continued_report_says_only_what_is_new_and_the_view_knows_since_when(
    town: Town, officer: Browser, leader: Browser, desk_id: UUID
) -> None:
    incident = await taken_in(officer, desk_id)
    await posted(leader, f"{report_in(await page(officer, incident))}/sign", {})
    form = await page(officer, f"{incident}/report?kind=continued")
    assert "前报：2人（首报）" in form
    further = {**NOTHING, "report_kind": "continued"}
    assert "没有新的内容" in await refused(officer, f"{incident}/reports", {**further, "injured": "2"})
    changed = {**further, "injured": "5", "dead": "1", "loss": "12.50"}
    report = await posted(officer, f"{incident}/reports", changed)
    await posted(leader, f"{report}/sign", {})
    said = await page(officer, report)
    assert "沁水县应急值班〔2026〕1号-续报一" in said
    assert "消防救援大队" not in said
    assert "前报：2人" in said
    shown = re.sub(r"<[^>]*>|\s+", "", await page(officer, incident))
    assert "受伤5人续报一2人首报" in shown
    assert "直接经济损失12.5万元续报一–" in shown
    # A correction names what it corrects; a final report ends the chain.
    wrong = {**NOTHING, "report_kind": "correction", "injured": "4"}
    assert "请选择要更正的" in await refused(officer, f"{incident}/reports", wrong)
    ended = {**NOTHING, "report_kind": "final", "trend": "已扑灭"}
    final = await posted(officer, f"{incident}/reports", ended)
    await posted(leader, f"{final}/sign", {})
    assert "终报已签发" in await page(officer, incident)
    corrects = report.rsplit("/", 1)[1]
    correction = await posted(officer, f"{incident}/reports", {**wrong, "corrects": corrects})
    assert "更正对象：续报一" in await page(officer, correction)


async def test_the_leader_sends_a_report_back_and_it_is_written_anew_from_what_it_said(
    officer: Browser, leader: Browser, desk_id: UUID
) -> None:
    incident = await taken_in(officer, desk_id)
    first = report_in(await page(officer, incident))
    assert "请写明原因" in await refused(leader, f"{first}/return", {"reason": ""})
    await posted(leader, f"{first}/return", {"reason": "受伤人数与120不一致"})
    assert "受伤人数与120不一致" in await page(officer, incident)
    form = await page(officer, f"{incident}/report")
    for kept in ("沁河小区居民楼火灾", "龙港镇", "消防救援大队2车12人到场", "10000000001"):
        assert kept in form
    again = await posted(officer, f"{incident}/reports", {**FIRE, "report_kind": "first", "injured": "3"})
    assert "首报" in await page(officer, again)


async def test_at_night_the_officer_notes_that_the_leader_signed_by_telephone(
    officer: Browser, desk_id: UUID
) -> None:
    incident = await taken_in(officer, desk_id)
    first = report_in(await page(officer, incident))
    assert 'value="钱演示"' in await page(officer, first)  # who leads at the desk now
    own = await refused(officer, f"{first}/signed", {"signer": "officer"})
    assert "不能由本人签发" in own
    await posted(officer, f"{first}/signed", {"signer": "钱演示"})
    assert "电话签发，officer 记录" in re.sub(r"\s+", " ", await page(officer, first))


async def test_the_clocks_stand_on_the_first_page_and_end_with_a_reason_only(
    town: Town, officer: Browser, desk_id: UUID
) -> None:
    incident = await taken_in(officer, desk_id)
    town.clock.advance_to(town.clock.now() + timedelta(minutes=121))
    for path in ("/warnings", "/incidents"):
        shown = await page(officer, path)
        assert "电话报市政府总值班室" in shown
        assert "+01:00" in shown
    for path in owed_in(shown):
        assert "不超过 200 字" in await refused(officer, f"{path}/lift", {"reason": ""})
        await posted(officer, f"{path}/lift", {"reason": "市值班室已在现场"})
    assert "市政府总值班室" not in await page(officer, "/warnings")
    assert "市值班室已在现场" in await page(officer, incident)


async def test_the_duty_log_leads_to_the_incident(officer: Browser, desk_id: UUID) -> None:
    incident = await taken_in(officer, desk_id)
    log = await page(officer, f"/duty/{desk_id}/log")
    assert f'<a href="{incident}">接报突发事件：沁水县应急值班〔2026〕1号</a>' in log


async def test_the_report_goes_out_as_a_document_and_so_does_all_of_it(
    officer: Browser, inspector: Browser, desk_id: UUID
) -> None:
    incident = await taken_in(officer, desk_id)
    first = report_in(await page(officer, incident))
    await posted(officer, f"{first}/signed", {"signer": "钱演示"})
    words = await document(officer, f"{first}/report.docx")
    assert words[0] == "突发事件信息专报"
    for told in (
        "编号：沁水县应急值班〔2026〕1号-首报\t签发人：钱演示",
        "关于沁河小区居民楼火灾的首报",
        "市政府总值班室：",
        "死亡0人、受伤2人。",
        "消防救援大队2车12人到场",
        "联系电话：10000000001",
    ):
        assert told in words
    masked = await document(inspector, f"{first}/report.docx")
    assert not any("10000000001" in line for line in masked)
    assert "突发事件信息报送汇总" in await document(inspector, f"{incident}/chain.docx")


async def document(browser: Browser, path: str) -> list[str]:
    answer = await browser.get(path)
    assert answer.status == 200
    return [paragraph.text for paragraph in Document(BytesIO(await answer.read())).paragraphs]


async def test_who_only_inspects_reads_everything_and_changes_nothing(
    officer: Browser, inspector: Browser, keeper: Browser, desk_id: UUID
) -> None:
    incident = await taken_in(officer, desk_id)
    shown = await page(inspector, incident)
    assert "沁河小区" in shown
    assert "登记报送" not in shown
    first = report_in(shown)
    assert "10000000001" not in await page(inspector, first)
    assert "10000000001" in await page(officer, first)
    changing = (f"{incident}/reports", f"{incident}/sent", f"{first}/signed", f"{first}/return")
    for path in ("/incidents", *changing):
        for browser in (inspector, keeper):
            assert (await browser.post(path, FIRE)).status == 403
    assert (await inspector.get("/incidents/new")).status == 403
    assert (await officer.post("/incidents/rules", {"text": "", "note": ""})).status == 403


async def test_the_keeper_changes_the_rules_and_each_mistake_has_its_sentence(keeper: Browser) -> None:
    assert "内置" in await page(keeper, "/incidents/rules")
    assert "国务院令第493号" in await page(keeper, "/incidents/rules")
    broken = ready_made_text().replace("within_min: 120", "within_min: soon", 1)
    again = await refused(keeper, "/incidents/rules/draft", {"text": broken, "shown": "0"})
    assert "within_min" in again
    assert "soon" in again
    mended = {"text": ready_made_text().replace("within_min: 120", "within_min: 30"), "shown": "0"}
    assert "请写明改动了什么" in await refused(keeper, "/incidents/rules", {**mended, "note": ""})
    assert await posted(keeper, "/incidents/rules", {**mended, "note": "从严"}) == "/incidents/rules?saved=1"
    assert "30分钟内" in await page(keeper, "/incidents/rules")
    assert "期间他人已保存第 1 版" in await refused(keeper, "/incidents/rules", {**mended, "note": "又改"})
    assert "2 h" not in await page(keeper, "/incidents/rules?version=0")
    assert (await keeper.get("/incidents/rules?version=9")).status == 404
    assert "within_min: 30" in await page(keeper, "/incidents/rules/rules.yaml")


async def test_what_is_not_there_is_not_found(officer: Browser, leader: Browser) -> None:
    nothing = "01980000-0000-7000-8000-000000000000"
    for path in (
        f"/incidents/{nothing}",
        f"/incidents/{nothing}/report",
        f"/incidents/{nothing}/chain.docx",
        f"/incidents/reports/{nothing}",
        f"/incidents/reports/{nothing}/report.docx",
        f"/incidents/obligations/{nothing}",
        f"/incidents/sendings/{nothing}",
    ):
        assert (await officer.get(path)).status == 404, path
    for path in (f"{nothing}/sent", f"{nothing}/reports", f"reports/{nothing}/return"):
        assert (await leader.post(f"/incidents/{path}", {"reason": "无"})).status == 404, path


async def test_english_readers_find_every_word(officer: Browser, leader: Browser, desk_id: UUID) -> None:
    incident = await taken_in(officer, desk_id)
    await page(officer, "/incidents?lang=en")
    shown = await page(officer, incident)
    assert "Who must be told" in shown
    assert "first report waits to be signed" in shown
    assert "in writing" in shown
