"""The duty log as the officer on duty writes it, puts it right and looks for something."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest

from jiaoying.duty.log_store import versions_of
from jiaoying.duty.model import Shift
from jiaoying.duty.store import save_desk, save_shifts
from jiaoying.kernel.ids import new_id
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
    assert '<span class="written">梁庄村前山有落石</span>' in shown
    assert "officer于2026-07-15 10:00更正：听错方位" in shown
    assert "原记录：龙港镇 赵演示 镇长 100****0001；梁庄村后山有落石" in shown
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


async def test_what_is_written_onto_a_day_that_is_over_stands_there(officer: Browser, desk_id: UUID) -> None:
    log = f"/duty/{desk_id}/log"
    without_time = await officer.post(log, {**CALL, "day": "2026-07-10"})
    assert without_time.status == 422
    assert "请填写时间" in unescape(await without_time.text())
    written = await officer.post(log, {**CALL, "day": "2026-07-10", "at": "23:50"})
    assert written.headers["Location"] == f"{log}?day=2026-07-10"
    shown = await page(officer, f"{log}?day=2026-07-10")
    assert "23:50:00" in shown
    (first_id,) = set(re.findall(r"/duty/log/([0-9a-f-]{36})", shown))
    # Put right days later, another time is one of that day.
    again = await officer.post(f"/duty/log/{first_id}", {**CALL, "at": "23:40", "reason": "时间有误"})
    assert again.headers["Location"] == f"{log}?day=2026-07-10"
    assert "23:40:00" in await page(officer, f"{log}?day=2026-07-10")


async def test_the_weather_of_the_shift_stands_in_its_head(
    town: Town, officer: Browser, desk_id: UUID
) -> None:
    person, now = await town.person("赵演示"), town.clock.now()
    shift = Shift(
        new_id(now), desk_id, now - timedelta(hours=2), now + timedelta(hours=22), person.contact_id, None
    )
    async with town.database.transaction() as tx:
        await save_shifts(tx, [shift], now=now, actor="test")
    log = f"/duty/{desk_id}/log"
    assert (await officer.post(log, {"kind": "weather", "content": "多云转小雨"})).status == 303
    shown = await page(officer, log)
    assert re.search(r"08:00—次日08:00.*赵演示.*<p>多云转小雨</p>", shown, re.DOTALL)


async def test_a_township_puts_an_entry_right_without_seeing_its_number(
    town: Town, officer: Browser, desk_id: UUID
) -> None:
    log = f"/duty/{desk_id}/log"
    await officer.post(log, CALL)
    (first_id,) = set(re.findall(r"/duty/log/([0-9a-f-]{36})", await page(officer, log)))
    async for township in desk_of(town, "township"):
        assert "10000000001" not in await page(township, f"/duty/log/{first_id}")
        corrected = {**CALL, "phone": "", "content": "梁庄村前山有落石", "reason": "听错方位"}
        assert (await township.post(f"/duty/log/{first_id}", corrected)).status == 303
    async with town.database.transaction() as tx:
        assert [entry.phone for entry in await versions_of(tx, UUID(first_id))] == [CALL["phone"]] * 2


async def test_a_day_that_is_no_day_is_today(officer: Browser, desk_id: UUID) -> None:
    assert "2026-07-15" in await page(officer, f"/duty/{desk_id}/log?day=nonsense")
