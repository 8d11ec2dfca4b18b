"""The gaps of the roster as a keeper sees them: on a page, as a sheet, under a warning, at a terminal."""

import io
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import update

from jiaoying.storage.database import Database
from jiaoying.storage.schema import areas
from storage.county import add_warning
from storage.gap_roster import COUNTY, whole_county
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests, settings_for_tests

VILLAGE = "140522100201"


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Browser]:
    await add_users(database)
    roster = whole_county()
    roster.duties = [duty for duty in roster.duties if duty.area != VILLAGE]
    async with database.transaction() as tx:
        await roster.save(tx)
        await tx.execute(update(areas).where(areas.c.code == VILLAGE).values(lat=35.7, lon=112.2))
    settings = settings_for_tests(JIAOYING_HOME_AREA=COUNTY)
    async with browser_on(parts_for_tests(database, settings)) as opened:
        await opened.sign_in("keeper")
        yield opened


async def test_the_page_tells_who_is_missing_where_and_how_it_is_mended(browser: Browser) -> None:
    page = await browser.page("/gaps")
    assert "龙港镇201村" in page
    assert "参照其他地方落实：防汛责任人" in page
    assert re.search(
        r'<circle class="map-seat gap-3"[^>]*><title>龙港镇201村: 有岗位或灾种叫不到人</title>', page
    )
    assert f'href="/gaps?area={VILLAGE}' in page
    assert f'<a href="/posts/new?area={VILLAGE}">参照其他地方落实' in page


async def test_filters_that_are_not_understood_choose_everything(browser: Browser) -> None:
    for query in ("area=1&hazard=x&kind=y", "area=999999999999", ""):
        assert "龙港镇201村" in await browser.page(f"/gaps?{query}")
    page = await browser.page("/gaps?hazard=wildfire")
    assert "参照其他地方落实：防汛责任人" not in page


async def test_the_sheet_is_that_of_the_filters(browser: Browser) -> None:
    answer = await browser.get("/gaps.xlsx?kind=nobody")
    sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert [row[:3] for row in rows] == [("龙港镇", "龙港镇201村", "无人可叫应")]


async def test_a_stranger_sees_no_gaps(browser: Browser) -> None:
    await browser.post("/sign-out")
    answer = await browser.get("/gaps")
    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (303, "/sign-in")


async def test_a_warning_names_its_villages_with_nobody(browser: Browser, database: Database) -> None:
    async with database.transaction() as tx:
        warning_id = await add_warning(tx, area_codes=[COUNTY], now=NOW, valid_to=NOW + timedelta(hours=6))
    page = await browser.page(f"/warnings/{warning_id}")
    assert "1 个村" in page
    assert "龙港镇龙港镇201村" in page
    assert 'href="/gaps?hazard=rain#list"' in page
