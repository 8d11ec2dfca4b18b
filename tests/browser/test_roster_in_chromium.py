"""The keeper with a browser: a list is handed in, looked at, taken over and taken back."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import func, insert, select

from browser.chromium import Tab, chromium_tab
from jiaoying.storage.database import Database
from jiaoying.storage.schema import areas, posts
from jiaoying.web.application import build_application, build_runner
from web_town import PASSWORD, add_users, parts_for_tests

pytestmark = pytest.mark.system

SIZES = ((390, 844), (1280, 800), (2560, 1440))
COUNTY, TOWN, VILLAGE = "140521000000", "140521100000", "140521100201"
LIST = """姓名,手机,责任区域,岗位,灾种,单位,隐患点编号,隐患点名称,类型,威胁户数,威胁人数
赵川（演示）,10000000001,龙港镇,镇长,,龙港镇人民政府,,,,,
钱海（演示）,10000000002,杏园村,地质灾害监测人,地质灾害,杏园村委会,DZ-1,后沟滑坡,滑坡,5,18
钱海（演示）,10000000003,龙港镇,防汛责任人,防汛,水利站,,,,,
无号（演示）,12,杏园村,网格员,,,,,,,
"""


@dataclass(slots=True)
class Desk:
    """A keeper's desk with a browser on it."""

    tab: Tab
    address: str

    async def open(self, path: str) -> None:
        await self.tab.open(self.address + path)

    async def first(self, path: str, link: str) -> str:
        """The first address on a page that begins with `link` and an id."""
        await self.open(path)
        begins = f"""'main a[href^="{link}/0"]'"""
        return await self.tab.value_of(f"document.querySelector({begins}).getAttribute('href')")


@pytest.fixture
async def desk(database: Database) -> AsyncGenerator[Desk]:
    await add_users(database)
    places = ((COUNTY, "沁水县", "county", None), (TOWN, "龙港镇", "township", COUNTY))
    async with database.transaction() as tx:
        for code, name, level, parent in (*places, (VILLAGE, "杏园村", "village", TOWN)):
            await tx.execute(insert(areas).values(code=code, name=name, level=level, parent_code=parent))
    runner = build_runner(build_application(parts_for_tests(database)))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with chromium_tab() as tab:
        await tab.open(f"{address}/sign-in")
        await tab.fill("[name=name]", "keeper")
        await tab.fill("[name=password]", PASSWORD)
        await tab.click("form button[type=submit]")
        await tab.until("location.pathname === '/warnings'")
        yield Desk(tab, address)
    await runner.cleanup()


async def _held(database: Database) -> int:
    async with database.transaction() as tx:
        in_force = select(func.count()).select_from(posts).where(posts.c.valid_to.is_(None))
        return (await tx.execute(in_force)).scalar_one()


async def test_a_list_is_handed_in_looked_at_taken_over_and_taken_back(
    desk: Desk, database: Database, tmp_path: Path
) -> None:
    handed_in = tmp_path / "防汛名单.csv"
    handed_in.write_text(LIST, encoding="utf-8")
    await desk.open("/roster/imports")
    await desk.tab.choose_file("[name=list]", handed_in)
    await desk.tab.click("#upload button")
    await desk.tab.until("location.pathname.startsWith('/roster/imports/0')")
    await desk.tab.until("document.querySelector('#complaints') !== null")
    assert await _held(database) == 0
    await desk.tab.click("form[action$='/apply'] button")
    await desk.tab.until("document.querySelector(\"form[action$='/undo']\") !== null")
    assert await _held(database) > 0
    preview = await desk.tab.value_of("location.pathname")
    await _every_page_fits(desk, preview)
    await desk.open(preview)
    await desk.tab.click("form[action$='/undo'] button")
    await desk.tab.until("document.querySelector(\"form[action$='/undo']\") === null")
    assert await _held(database) == 0
    assert desk.tab.complaints == []


async def _every_page_fits(desk: Desk, preview: str) -> None:
    post = await desk.first("/roster", "/posts")
    paths = [
        *("/roster", "/danger-points", "/roster/imports", "/roster/doubts", "/roster/export", preview, post),
        await desk.first("/roster", "/contacts"),
        await desk.first("/danger-points", "/danger-points"),
        *(f"{post}/appoint?seat=deputy&q=钱", "/posts/new", "/contacts/new", "/danger-points/new"),
    ]
    for language in ("en", "zh-CN"):
        for path in paths:
            await desk.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
            await desk.tab.value_of("document.querySelectorAll('details').forEach(one => one.open = true)")
            for width, height in SIZES:
                await desk.tab.resize(width, height)
                # A telephone would make its window wider instead of letting the page overflow.
                wide = await desk.tab.value_of("document.documentElement.scrollWidth")
                assert wide <= width, (path, language, wide)
