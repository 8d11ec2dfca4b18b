"""The duty log as the officer on duty writes it, puts it right and looks for something."""

import re
from collections.abc import AsyncIterator
from html import unescape
from uuid import UUID

import pytest

from jiaoying.duty.store import save_desk
from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import COUNTY, Town, open_town
from web_town import Browser, add_users

CALL = {
    "kind": "call_in",
    "unit": "龙港镇",
    "caller": "赵演示 镇长",
    "phone": "+8610000000001",
    "content": "梁庄村后山有落石",
    "handling": "已报告带班领导",
}


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
async def desk_id(town: Town) -> UUID:
    async with town.database.transaction() as tx:
        now = town.clock.now()
        return (await save_desk(tx, COUNTY, "县应急值班室", None, now=now, actor="test")).id


async def page(browser: Browser, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200, await answer.text()
    return unescape(await answer.text())


async def test_a_call_is_written_down_put_right_and_found(
    town: Town, officer: Browser, desk_id: UUID
) -> None:
    log = f"/duty/{desk_id}/log"
    written = await officer.post(log, {**CALL, "at": "09:41"})
    assert (written.status, written.headers["Location"]) == (303, f"{log}?day=2026-07-15")
    shown = await page(officer, log)
    assert "09:41:00" in shown
    assert "梁庄村后山有落石" in shown
    assert "+8610000000001" not in shown  # masked
    (first_id,) = set(re.findall(r"/duty/log/([0-9a-f-]{36})", shown))
    without_reason = await officer.post(f"/duty/log/{first_id}", {**CALL, "content": "梁庄村前山有落石"})
    assert without_reason.status == 422
    assert "梁庄村前山有落石" in unescape(await without_reason.text())
    corrected = {**CALL, "content": "梁庄村前山有落石", "reason": "听错方位"}
    assert (await officer.post(f"/duty/log/{first_id}", corrected)).status == 303
    shown = await page(officer, log)
    assert "梁庄村后山" not in shown
    assert "听错方位" in shown
    assert "09:41:00" in shown
    whole = await page(officer, f"/duty/log/{first_id}")
    assert "梁庄村后山有落石" in whole
    assert "梁庄村前山有落石" in whole
    assert "梁庄村前山有落石" in await page(officer, f"{log}?q=前山")
    assert "没有找到" in await page(officer, f"{log}?q=后山")


async def test_what_the_program_did_stands_in_the_log(town: Town, officer: Browser, desk_id: UUID) -> None:
    warning = await town.warn("red")
    shown = await page(officer, f"/duty/{desk_id}/log")
    assert f"/warnings/{warning}" in shown


async def test_an_empty_entry_is_refused_and_what_was_typed_is_kept(officer: Browser, desk_id: UUID) -> None:
    answer = await officer.post(f"/duty/{desk_id}/log", {**CALL, "content": " "})
    assert answer.status == 422
    said = unescape(await answer.text())
    assert "请写明内容" in said
    assert "已报告带班领导" in said


async def test_who_only_inspects_reads_and_does_not_write(inspector: Browser, desk_id: UUID) -> None:
    assert "记入" not in await page(inspector, f"/duty/{desk_id}/log")
    assert (await inspector.post(f"/duty/{desk_id}/log", CALL)).status == 403


async def test_a_day_that_is_no_day_is_today(officer: Browser, desk_id: UUID) -> None:
    assert "2026-07-15" in await page(officer, f"/duty/{desk_id}/log?day=nonsense")
