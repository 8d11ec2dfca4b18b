"""The daily dispatch as the officer plans it, files for a township, and hands the summary in."""

import io
import re
from collections.abc import AsyncIterator
from html import unescape

import pytest
from openpyxl import load_workbook

from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import COUNTY, TOWNSHIP, Phone, Town, open_town
from web_town import Browser, add_users

PLAN = {
    "name": "国庆每日调度",
    "first": "2026-07-15",
    "last": "2026-07-16",
    "hours": "10:30，17:00",
    "area": COUNTY,
    "limit": "30",
    "closes": "60",
    "label1": "事故",
    "kind1": "figure",
    "unit1": "起",
    "label2": "有无人员伤亡",
    "kind2": "yes_no",
    "label3": "其他情况",
    "kind3": "text",
}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url, JIAOYING_TEXT_LINKS="on") as opened:
        await add_users(database)
        yield opened


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.fixture
async def inspector(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "inspector"):
        yield browser


@pytest.fixture
async def people(town: Town) -> list[Phone]:
    found = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    for name, phone in zip(("龙港镇值班室", "十里乡值班室", "固县乡值班室"), found, strict=True):
        await town.desk(TOWNSHIP, name, phone)
    return found


async def asked(town: Town, officer: Browser) -> str:
    """The address of a round that was asked just now."""
    answer = await officer.post("/daily/plans", PLAN)
    assert answer.status == 303, unescape(await answer.text())
    await town.jump(minutes=30, seconds=20)
    found = re.search(r"/daily/[0-9a-f-]{36}", await officer.page("/daily"))
    assert found
    return found[0]


def desk_paths(page: str) -> dict[str, str]:
    return {
        name: path
        for path, name in re.findall(r'href="(/daily/[0-9a-f-]{36}/desks/[^"]+)">([^<]+)</a>', page)
    }


async def test_planned_filed_by_hand_corrected_and_handed_in(
    town: Town, officer: Browser, people: list[Phone]
) -> None:
    path = await asked(town, officer)
    await people[0].says("0 无")
    await people[1].says("东沟口有点事，正在看")
    desks = desk_paths(unescape(await officer.page(path)))
    empty = await officer.post(desks["固县乡值班室"], {"q1": "", "q2": ""})
    assert empty.status == 422
    said = unescape(await empty.text())
    assert "事故：请填整数" in said
    assert "请填报告人" in said
    told = {"q1": "1", "q2": "no", "q3": "已处置", "said_by": "孙演示 值班员"}
    assert (await officer.post(desks["固县乡值班室"], told)).status == 303
    again = await officer.post(desks["固县乡值班室"], {**told, "q1": "2"})
    assert again.status == 422
    assert "请写明更正原因" in unescape(await again.text())
    assert (
        await officer.post(desks["固县乡值班室"], {**told, "q1": "2", "reason": "漏报一起"})
    ).status == 303
    page = unescape(await officer.page(path))
    assert "“东沟口有点事，正在看”" in page
    assert "待核录" in page
    history = unescape(await officer.page(desks["固县乡值班室"]))
    assert "第 1 版" in history
    assert "漏报一起" in history
    sheet = await officer.get(f"{path}/summary.xlsx")
    book = load_workbook(io.BytesIO(await sheet.read()))
    lines = list(book.worksheets[0].iter_rows(min_row=1, values_only=True))
    assert lines[0][0] == "国庆每日调度情况汇总表（2026年7月15日10:30）"
    rows = {line[1]: line for line in lines[3:]}
    assert rows["龙港镇值班室"][3:6] == ("零报告", 0, "无")
    assert rows["固县乡值班室"][4:7] == (2, "无", "已处置")
    assert rows["十里乡值班室"][6] == "（短信）东沟口有点事，正在看"
    assert rows["合计"][4] == 2
    assert any("未报：无" in str(line[0]) for line in lines)


async def test_a_form_that_is_wrong_keeps_what_was_typed(officer: Browser, people: list[Phone]) -> None:
    wrong = {**PLAN, "hours": "25:00", "label3": "事故"}
    answer = await officer.post("/daily/plans", wrong)
    assert answer.status == 422
    assert 'value="国庆每日调度"' in unescape(await answer.text())
    twice = await officer.post("/daily/plans", {**PLAN, "label3": "事故"})
    assert "这个问题重复了" in unescape(await twice.text())
    over = await officer.post("/daily/plans", {**PLAN, "first": "2026-01-01", "last": "2026-01-02"})
    assert "这些日期都已过去" in unescape(await over.text())


async def test_the_page_of_the_link_is_bounded_and_only_its_form_reports(
    town: Town, officer: Browser, people: list[Phone]
) -> None:
    path = await asked(town, officer)
    text = (await people[0].texts())[0]
    address = text[text.index("http") :].split()[0]
    (desk_id,) = re.findall(r"/desks/([0-9a-f-]{36})\">龙港镇", unescape(await officer.page(path)))
    for _ in range(3):
        async with town.session.get(address) as looked:
            assert looked.status == 200
            assert "Cache-Control" in looked.headers
    assert "龙港镇值班室" in unescape(await officer.page(path))
    wrong = {"desk": desk_id, "q1": "many", "q2": "", "q3": "<b>写过的</b>"}
    async with town.session.post(address, data=wrong) as refused:
        assert refused.status == 422
        shown = await refused.text()
        assert "&lt;b&gt;写过的&lt;/b&gt;" in shown
        assert 'value="many"' in shown
    async with town.session.post(address, data={"desk": str(people[0].contact_id), "zero": "1"}) as stranger:
        assert stranger.status == 422
    async with town.session.post(address, data={"desk": desk_id, "zero": "1"}) as filed:
        assert filed.status == 200
        assert "值班室已收到" in await filed.text()
    assert unescape(await officer.page(path)).count("链接填报") == 1


async def test_who_only_inspects_reads(
    town: Town, officer: Browser, inspector: Browser, people: list[Phone]
) -> None:
    path = await asked(town, officer)
    page = unescape(await inspector.page(path))
    desk = desk_paths(page)["龙港镇值班室"]
    assert "代录" not in unescape(await inspector.page(desk))
    assert (await inspector.post(desk, {"zero": "1", "said_by": "x"})).status == 403
    assert (await inspector.post("/daily/plans", PLAN)).status == 403


async def test_an_alarm_leads_to_where_it_is_seen_to(
    town: Town, officer: Browser, people: list[Phone]
) -> None:
    path = await asked(town, officer)
    await people[1].says("东沟口有点事，正在看")
    desk = desk_paths(unescape(await officer.page(path)))["十里乡值班室"]
    assert f'href="{desk}"' in await officer.page("/alarms")
    await town.jump(minutes=61)
    assert f'href="{path}"' in await officer.page("/alarms")
