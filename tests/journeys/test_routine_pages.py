"""Periodic duties as the officer keeps them: adopted, noted as done, skipped, looked at through a year."""

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest
from openpyxl import load_workbook

from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import COUNTY, Town, open_town
from web_town import Browser, add_users

MONTHLY = {
    "title": "安全生产月报",
    "recipient": "市应急管理局",
    "note": "附隐患清单",
    "owner": "钱演示",
    "every": "month",
    "day": "25",
    "weekday": "5",
    "at": "17:00",
    "moved": "earlier",
    "remind_days": "3",
    "remind_at": "09:00",
    "counts_from": "2026-07-15",
    "suggestion": "",
}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await add_users(database)
        await opened.person("钱演示")
        await opened.desk(COUNTY, "县应急值班室", await opened.person("赵演示"))
        yield opened


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.fixture
async def inspector(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "inspector"):
        yield browser


async def page(browser: Browser, path: str) -> str:
    return unescape(await browser.page(path))


async def put_in_force(town: Town, browser: Browser, **changes: str) -> None:
    desk = await town.value("SELECT id FROM desks")
    whole_year = {f"months-{month}": str(month) for month in range(1, 13)}
    fields = [("csrf", browser.token), ("desk", str(desk)), *(MONTHLY | changes).items()]
    fields += [("months", month) for month in whole_year.values()]
    answer = await browser.client.post("/routines", data=fields, allow_redirects=False)
    assert answer.status == 303, await answer.text()


async def test_a_duty_is_put_in_force_reminded_of_and_noted_as_done(town: Town, officer: Browser) -> None:
    await put_in_force(town, officer)
    shown = await page(officer, "/routines")
    assert "每月25日17:00前，遇休息日提前" in shown
    assert "7月24日 17:00" in shown  # the 25th is a Saturday
    one = re.findall(r"/routines/occurrences/([0-9a-f-]{36})", shown)[0]
    assert (await officer.post(f"/routines/occurrences/{one}/done", {"reason": "已传真"})).status == 303
    told = await page(officer, f"/routines/occurrences/{one}")
    assert "按时办结" in told
    assert "已传真" in told
    assert "7月24日 17:00" not in await page(officer, "/routines")
    desk = await town.value("SELECT id FROM desks")
    assert "定期任务已办结" in await page(officer, f"/duty/{desk}/log")
    again = await officer.post(f"/routines/occurrences/{one}/done")
    assert again.status == 422
    assert (await officer.post(f"/routines/occurrences/{one}/reopen", {"reason": ""})).status == 422
    assert (await officer.post(f"/routines/occurrences/{one}/reopen", {"reason": "传错了"})).status == 303
    assert "7月24日 17:00" in await page(officer, "/routines")


async def test_what_is_late_stands_first_and_goes_with_its_alarm_when_it_is_noted(
    town: Town, officer: Browser
) -> None:
    await put_in_force(town, officer)
    await town.jump(minutes=10 * 24 * 60)
    shown = await page(officer, "/routines")
    assert shown.index("已逾期") < shown.index("未来60天")
    assert "定期任务逾期" in await page(officer, "/alarms")
    (one, *_) = re.findall(r"/routines/occurrences/([0-9a-f-]{36})", shown)
    assert (await officer.post(f"/routines/occurrences/{one}/skip", {"reason": ""})).status == 422
    assert (await officer.post(f"/routines/occurrences/{one}/done", {"reason": "补报"})).status == 303
    assert "定期任务逾期" not in await page(officer, "/alarms")
    assert "迟报" in await page(officer, f"/routines/occurrences/{one}")


async def test_ready_made_duties_are_offered_and_none_is_in_force_by_itself(
    town: Town, officer: Browser
) -> None:
    shown = await page(officer, "/routines")
    assert "还没有。可以新增" in shown
    assert "汛前责任人名单更新报备" in shown
    form = await page(officer, "/routines/new?suggestion=roster_before_flood")
    assert 'value="汛前责任人名单更新报备"' in form
    await put_in_force(town, officer, title="汛前责任人名单更新报备", suggestion="roster_before_flood")
    assert "suggestion=roster_before_flood" not in await page(officer, "/routines")


async def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(
    town: Town, officer: Browser
) -> None:
    desk = await town.value("SELECT id FROM desks")
    wrong = MONTHLY | {"desk": str(desk), "owner": "无此人", "day": "32", "title": " ", "note": "附清单"}
    answer = await officer.post("/routines", wrong)
    said = unescape(await answer.text())
    assert answer.status == 422
    assert "无此人" in said
    assert "附清单" in said
    assert "至少选一个月份" in said
    for name in ("owner", "day", "months"):
        assert f'id="mistake-routine-{name}"' in said
    assert await town.value("SELECT count(*) FROM routines") == 0


async def test_the_rule_is_changed_and_the_duty_ended_with_a_reason(town: Town, officer: Browser) -> None:
    await put_in_force(town, officer)
    row_id = await town.value("SELECT id FROM routines")
    assert "每月25日" in await page(officer, f"/routines/{row_id}")
    assert (await officer.post(f"/routines/{row_id}/end", {"reason": ""})).status == 422
    assert (await officer.post(f"/routines/{row_id}/end", {"reason": "改由安监站报"})).status == 303
    assert await town.value("SELECT count(*) FROM routine_occurrences") == 0
    assert "已于" in await page(officer, f"/routines/{row_id}")


async def test_the_table_of_a_year_tells_in_time_late_and_not_done(town: Town, officer: Browser) -> None:
    await put_in_force(town, officer)
    shown = await page(officer, "/routines")
    one = re.findall(r"/routines/occurrences/([0-9a-f-]{36})", shown)[0]
    await officer.post(f"/routines/occurrences/{one}/done")
    town.clock.advance_to(town.clock.now() + timedelta(days=60))
    sheet = await officer.get("/routines/year.xlsx?year=2026")
    assert sheet.status == 200
    rows = list(load_workbook(io.BytesIO(await sheet.read())).worksheets[0].iter_rows(values_only=True))
    assert rows[0][0] == "2026年定期任务办理情况表"
    assert rows[3][:4] == ("1", "安全生产月报", "市应急管理局", "钱演示")
    assert rows[3][10:13] == ("√24日", "×25日", "△24日")  # July to September
    assert rows[3][16:] == ("1", None, "1", None)
    assert "安全生产月报" in await page(officer, "/routines/year?year=2026")
    assert "没有到期的任务" in await page(officer, "/routines/year?year=2001")


async def test_who_only_inspects_sees_and_does_not_change(
    town: Town, officer: Browser, inspector: Browser
) -> None:
    await put_in_force(town, officer)
    shown = await page(inspector, "/routines")
    assert "安全生产月报" in shown
    assert "/routines/new" not in shown
    one = re.findall(r"/routines/occurrences/([0-9a-f-]{36})", shown)[0]
    assert (await inspector.post(f"/routines/occurrences/{one}/done")).status == 403
    assert "登记办理结果" not in await page(inspector, f"/routines/occurrences/{one}")


async def test_the_pages_are_there_in_english(town: Town, officer: Browser) -> None:
    await put_in_force(town, officer)
    row_id = await town.value("SELECT id FROM routines")
    for path in ("/routines", f"/routines/{row_id}", "/routines/new", "/routines/year"):
        answer = await officer.get(f"{path}?lang=en")
        assert answer.status in (200, 303)
    english = await page(officer, "/routines")
    assert "day 25 of every month, by 17:00" in english
