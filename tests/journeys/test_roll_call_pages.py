"""A roll call as the officer begins it, watches it and files the month; and as others may only look."""

import io
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook

from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import COUNTY, TOWNSHIP, Town, open_town
from web_town import Browser, add_users

USUAL = {"area": COUNTY, "manner": "call", "tries": "2", "limit": "5", "drawn": ""}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
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
async def desk_ids(town: Town) -> list[UUID]:
    awake, asleep = await town.person("赵演示", "answers"), await town.person("钱演示")
    return [
        await town.desk(TOWNSHIP, "龙港镇值班室", awake),
        await town.desk(TOWNSHIP, "龙港镇派出所值班室", asleep),
    ]


async def begun(town: Town, officer: Browser) -> str:
    answer = await officer.post("/roll-calls", USUAL)
    assert answer.status == 303, await answer.text()
    await town.settle()
    return answer.headers["Location"]


async def test_it_is_begun_watched_marked_and_counted(
    town: Town, officer: Browser, desk_ids: list[UUID]
) -> None:
    path = await begun(town, officer)
    running = unescape(await officer.page(path))
    assert "点名中" in running
    assert "核定结果" not in running
    await town.jump(minutes=6)
    fragment = await officer.get(f"{path}/board", {"HX-Request": "true"})
    assert fragment.headers["HX-Refresh"] == "true"
    over = unescape(await officer.page(path))
    assert over.index("龙港镇派出所值班室") < over.index("龙港镇值班室")
    assert "钱演示" in over
    assert "+86100" not in over
    refused = await officer.post(
        f"{path}/mark", {"desk": str(desk_ids[1]), "outcome": "absent", "reason": ""}
    )
    assert refused.status == 422
    noted = {"desk": str(desk_ids[1]), "outcome": "absent", "reason": "去现场未报告"}
    assert (await officer.post(f"{path}/mark", noted)).status == 303
    over = unescape(await officer.page(path))
    assert "去现场未报告" in over
    assert "系统记录：未接" in over
    assert "脱岗" in unescape(await officer.page("/roll-calls/month"))
    sheet = await officer.get("/roll-calls/month.xlsx")
    assert sheet.status == 200
    book = load_workbook(io.BytesIO(await sheet.read()))
    page: Any = book["点名情况"]
    assert page["A1"].value == "2026年7月值班点名情况表"
    assert "填报单位：沁水县应急值班室" in str(page["A2"].value)
    rows = {row[1]: row[2:] for row in page.iter_rows(min_row=4, values_only=True)}
    assert rows["龙港镇派出所值班室"][:7] == (1, 0, 0, 0, 0, 1, "0%")
    assert rows["龙港镇值班室"][:2] == (1, 1)
    assert rows["合计"][0] == 2
    assert page.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert book["逐次明细"]["B4"].value in ("脱岗*", "在岗\n12秒") or "在岗" in str(
        book["逐次明细"]["B4"].value
    )


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    officer: Browser, desk_ids: list[UUID]
) -> None:
    answer = await officer.post("/roll-calls", {**USUAL, "tries": "9", "limit": "x"})
    assert answer.status == 422
    said = unescape(await answer.text())
    assert "请写整数" in said
    assert 'value="9"' in said
    answer = await officer.post("/roll-calls/plans", {**USUAL, "name": "夜间抽查", "begins": "25:00"})
    assert answer.status == 422
    assert 'value="夜间抽查"' in unescape(await answer.text())


async def test_a_plan_is_made_and_ended(officer: Browser, desk_ids: list[UUID]) -> None:
    wanted = {**USUAL, "name": "夜间抽查", "day": "0", "begins": "00:00", "ends": "05:00", "drawn": "1"}
    assert (await officer.post("/roll-calls/plans", wanted)).status == 303
    page = unescape(await officer.page("/roll-calls"))
    assert "周一 00:00 至 05:00 之间随机一分钟" in page
    (plan_id,) = set(re.findall(r"/roll-calls/plans/([0-9a-f-]{36})/end", page))
    assert (await officer.post(f"/roll-calls/plans/{plan_id}/end")).status == 303
    assert "夜间抽查" not in unescape(await officer.page("/roll-calls"))


async def test_only_one_runs_at_a_time(town: Town, officer: Browser, desk_ids: list[UUID]) -> None:
    await begun(town, officer)
    again = await officer.post("/roll-calls", USUAL)
    assert again.status == 422
    assert "已有点名正在进行" in unescape(await again.text())


async def test_who_only_inspects_looks_and_begins_nothing(
    town: Town, officer: Browser, inspector: Browser, desk_ids: list[UUID]
) -> None:
    path = await begun(town, officer)
    assert "开始点名" not in unescape(await inspector.page("/roll-calls"))
    await inspector.page(path)
    assert (await inspector.post("/roll-calls", USUAL)).status == 403
    assert (await inspector.post(f"{path}/stop", {"reason": "x"})).status == 403
