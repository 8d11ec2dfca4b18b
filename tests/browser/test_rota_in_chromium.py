"""The rota with a browser: a month is filled and changed on a card, and every page fits its window."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from uuid import UUID

import pytest
from aiohttp import web

from browser.chromium import Tab, chromium_tab
from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.store import find_or_add_people
from jiaoying.duty.store import save_desk
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.web.application import build_application, build_runner
from web_town import NOW, PASSWORD, add_users, parts_for_tests

pytestmark = pytest.mark.system

SIZES = ((390, 844), (1280, 800), (2560, 1440))
AREAS = "code,name,level,parent_code\n140521000000,沁水县,county,\n"
PEOPLE = ("甲员", "乙员", "丙员", "丁员", "戊员", "己员", "庚长", "辛长")


@dataclass(slots=True)
class Duty:
    """A duty officer with a browser, before a desk that has people and no rota."""

    tab: Tab
    address: str
    desk: UUID

    async def open(self, path: str) -> None:
        await self.tab.open(self.address + path)


@pytest.fixture
async def duty(database: Database) -> AsyncGenerator[Duty]:
    await add_users(database)
    await import_area_file(database, SheetFile("areas.csv", AREAS.encode()), now=NOW)
    people = [(name, Number(f"+861000000000{n}", NumberKind.MOBILE)) for n, name in enumerate(PEOPLE)]
    async with database.transaction() as tx:
        await find_or_add_people(tx, people, now=NOW, note="test", actor="test")
        desk = await save_desk(tx, "140521000000", "县应急值班室", None, now=NOW, actor="test")
    runner = build_runner(build_application(parts_for_tests(database)))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with chromium_tab() as tab:
        await tab.open(f"{address}/sign-in")
        await tab.fill("[name=name]", "officer")
        await tab.fill("[name=password]", PASSWORD)
        await tab.click("form button[type=submit]")
        await tab.until("location.pathname === '/warnings'")
        yield Duty(tab, address, desk.id)
    await runner.cleanup()


async def test_a_month_is_filled_and_changed_on_a_card(duty: Duty) -> None:
    tab, desk = duty.tab, f"/duty/{duty.desk}"
    await duty.open(f"{desk}/rule")
    await tab.click("[name=shifts][value=day_and_night]")
    await tab.fill("[name=officers]", "、".join(PEOPLE[:6]))
    await tab.fill("[name=leaders]", "、".join(PEOPLE[6:]))
    await tab.click("main form button[type=submit]")
    await tab.until("location.search === '?stored=yes'")
    await duty.open(f"{desk}/fill?first=2026-08-01&last=2026-08-31")
    await tab.click("main form[method=post] button[type=submit]")
    await tab.until("location.search === '?month=2026-08'")
    card = "#day-2026-08-05 a[href$='role=officer']"
    before = await tab.value_of(f'document.querySelector("{card}").textContent')
    await tab.click(card)
    await tab.until("document.querySelector('#sheet').open")
    await tab.click("#sheet [name=person]")
    await tab.fill("#sheet [name=reason]", "出差")
    await tab.click("#sheet form[action$='/put-in'] button[type=submit]")
    await tab.until("document.querySelector('.changed') !== null")
    assert await tab.value_of("document.querySelector('.changed').textContent") != before
    await _every_page_fits(duty, desk, await tab.value_of("document.querySelector('.changed').pathname"))
    assert tab.complaints == []


async def _every_page_fits(duty: Duty, desk: str, shift: str) -> None:
    paths = (
        "/duty",
        f"{desk}?month=2026-08",
        f"{desk}/rule",
        f"{desk}/fill?first=2026-09-01&last=2026-09-30",
    )
    for language in ("en", "zh-CN"):
        for path in (*paths, shift, "/duty/leaves", "/duty/days"):
            await duty.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
            await duty.tab.value_of("document.querySelectorAll('details').forEach(one => one.open = true)")
            for width, height in SIZES:
                await duty.tab.resize(width, height)
                # A telephone would make its window wider instead of letting the page overflow.
                wide = await duty.tab.value_of("document.documentElement.scrollWidth")
                assert wide <= width, (path, language, wide)
