"""The officer opens a response on the page, sees its orders answered, logs one, lifts one, ends it all."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from openpyxl import load_workbook

from jiaoying.storage.database import Database
from jiaoying.web.accounts import add_token
from journeys.test_api import Program
from town import COUNTY, TOWNSHIP, Phone, Town, open_town
from web_town import Browser, add_users, browser_on, parts_for_tests

PLANS = """
plans:
  - name: 防汛
    hazards: [rain]
    colours: {orange: {level: II}, red: {level: I}}
    tasks:
      - {key: ford, kind: close, order: 封闭漫水路面, from: II, within_min: 30, evidence: [figures],
         who: {post: 镇长, level: township}}
      - {key: class, kind: stop_class, order: 组织学校停课, from: II, within_min: 60, evidence: [figures],
         who: {post: 教育局局长, level: county}}
"""


@dataclass
class Desk:
    town: Town
    browser: Browser
    head: Phone
    bureau: Phone


@pytest.fixture
async def desk(database: Database, redis_url: str) -> AsyncIterator[Desk]:
    await add_users(database)
    async with open_town(database, redis_url) as town:
        await town.plans(PLANS)
        head, bureau = await town.person("赵演示", "answers"), await town.person("钱演示", "answers")
        await town.post(TOWNSHIP, "镇长", head, tier="township")
        await town.post(COUNTY, "教育局局长", bureau, tier="county_lead")
        parts = replace(parts_for_tests(database), clock=town.clock)
        async with browser_on(parts) as browser:
            yield Desk(town, browser, head, bureau)


async def _do(desk: Desk, path: str, fields: dict[str, str]) -> str:
    answer = await desk.browser.post(path, fields)
    assert answer.status == 303, await answer.text()
    await desk.town.settle()
    await desk.town.jump(minutes=2)
    return answer.headers["Location"]


async def test_a_response_from_its_opening_to_its_end(desk: Desk, database: Database) -> None:
    browser = desk.browser
    await browser.sign_in("inspector")
    assert (await browser.get("/responses/new")).status == 403
    await browser.post("/sign-out")
    await browser.sign_in("officer")
    assert "沁水县" in await browser.page("/responses/new")
    refused = await browser.post("/responses", {"plan": "防汛", "level": "II", "area": COUNTY, "reason": ""})
    assert refused.status != 303
    assert "请写明原因" in await refused.text()

    fields = {"plan": "防汛", "level": "II", "area": COUNTY, "reason": "会商决定"}
    here = await _do(desk, "/responses", fields)
    page = await browser.page(here)
    assert "防汛 Ⅱ级响应" in page
    assert "已领受" in page
    assert "会商决定" in page
    await desk.bureau.says("已停课 3所 1200人")
    page = await browser.page(f"{here}/board")
    assert "<html" not in page
    assert "3 所学校、1200 人" in page
    assert "钱演示" in page

    ford = await desk.town.value("SELECT id FROM response_tasks WHERE kind = 'close'")
    assert "对方电话告知" in await browser.page(f"/tasks/{ford}")
    told = {"event": "finish", "note": "镇长来电", "figures": "封闭 2处"}
    await _do(desk, f"/tasks/{ford}/report", told)
    assert "2 处" in await browser.page(here)
    await _do(desk, f"/tasks/{ford}/lift", {"reason": "水位已退"})
    assert "任务解除：封闭漫水路面" in (await desk.head.texts())[-1]
    post = await desk.town.value("SELECT id FROM posts WHERE kind = '镇长'")
    order = {
        "kind": "send",
        "order": "派车转移",
        "whom": f"post:{post}",
        "within_min": "30",
        "strength": "2车",
    }
    await _do(desk, f"{here}/order", order)
    assert "2车" in await browser.page(here)
    await _do(desk, f"{here}/end", {"reason": "雨停"})
    page = await browser.page(here)
    assert "已终止" in page
    assert "雨停" in page
    assert "防汛" in await browser.page("/responses")

    sheet = await (await browser.get(f"{here}/tasks.xlsx")).read()
    rows = list(load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert "组织学校停课" in {str(row[3]) for row in rows}

    async with database.transaction() as tx:
        token = await add_token(tx, "onlooker", ("warnings:read",), desk.town.clock.now())
    program = Program(browser.client, token)
    (listed,) = (await program.ask("GET", "/responses"))["items"]
    assert (listed["level"], listed["state"], listed["tasks"]) == ("II", "ended", 3)
    found = await program.ask("GET", f"/responses/{listed['id']}")
    assert {one["state"] for one in found["orders"]} == {"lifted"}
    await program.ask("GET", f"/responses/{post}", status=404)


async def test_the_board_of_a_warning_names_its_response(desk: Desk) -> None:
    warning = await desk.town.warn("orange")
    await desk.town.jump(minutes=2)
    await desk.browser.sign_in("officer")
    page = await desk.browser.page(f"/warnings/{warning}")
    assert "防汛 Ⅱ级响应" in page
    assert "2 项任务已办结 0 项" in page
