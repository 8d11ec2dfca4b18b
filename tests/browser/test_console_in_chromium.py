"""The console in Debian's Chromium: what only a browser can tell."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import pytest
from aiohttp import web
from sqlalchemy import update

from browser.chromium import Tab, chromium_tab
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database
from jiaoying.storage.schema import issued_warnings
from jiaoying.web.application import build_application, build_runner
from jiaoying.web.parts import WebParts
from seeded_county import Seeded, seed_county
from web_town import NOW, PASSWORD, add_users, parts_for_tests

pytestmark = pytest.mark.system

SIZES = ((390, 844), (1440, 900), (2560, 1440))


@dataclass(slots=True)
class Desk:
    """A duty desk with a browser on it, signed in as the officer."""

    tab: Tab
    parts: WebParts
    runner: web.AppRunner
    address: str
    county: Seeded

    async def open(self, path: str) -> None:
        await self.tab.open(self.address + path)


@pytest.fixture
async def desk(database: Database) -> AsyncGenerator[Desk]:
    await add_users(database)
    async with database.transaction() as tx:
        county = await seed_county(tx, NOW)
    parts = parts_for_tests(database)
    runner = build_runner(build_application(parts))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with chromium_tab() as tab:
        await tab.open(f"{address}/sign-in")
        await tab.fill("[name=name]", "officer")
        await tab.fill("[name=password]", PASSWORD)
        await tab.click("form button[type=submit]")
        await tab.until("location.pathname === '/warnings'")
        yield Desk(tab, parts, runner, address, county)
    await runner.cleanup()


def paths_of(county: Seeded) -> list[str]:
    return [
        "/warnings",
        f"/warnings/{county.warning_id}",
        f"/warnings/{county.warning_id}/people",
        f"/warnings/{county.warning_id}/stand-down",
        f"/warnings/{county.drill_id}",
        f"/call-outs/{county.exhausted_id}",
        "/alarms",
        "/roster",
    ]


async def test_pages_fit_every_screen_and_the_browser_has_no_complaint(desk: Desk) -> None:
    for language in ("zh-CN", "en"):
        for path in paths_of(desk.county):
            await desk.open(f"{path}?lang={language}")
            for width, height in SIZES:
                await desk.tab.resize(width, height)
                overflow = await desk.tab.value_of("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, (path, language, width)
    assert desk.tab.complaints == []


async def test_the_list_is_worked_off_without_leaving_the_board(desk: Desk) -> None:
    await desk.open(f"/warnings/{desk.county.warning_id}")
    before = await desk.tab.value_of("Number(document.querySelector('.figure-answered .count').innerText)")
    await desk.tab.click(".hand-people a.button")
    await desk.tab.until("document.getElementById('sheet').open")
    assert await desk.tab.value_of("document.querySelector('#sheet .number-shown')") is None
    await desk.tab.click("#numbers button")
    await desk.tab.until("document.querySelector('#sheet a[href^=\"tel:+86100\"]')")
    await desk.tab.fill("#sheet [name=note]", "已接通，正在组织转移")
    await desk.tab.click("#sheet button[value=hand]")
    await desk.tab.until("!document.getElementById('sheet').open")
    await desk.tab.until(
        f"Number(document.querySelector('.figure-answered .count').innerText) === {before + 1}"
    )
    assert desk.tab.complaints == []


async def test_what_somebody_types_survives_a_change(desk: Desk) -> None:
    await desk.open(f"/warnings/{desk.county.warning_id}")
    await desk.tab.click(".hand-people a.button")
    await desk.tab.fill("#sheet [name=note]", "正在拨打")
    await desk.tab.value_of("document.querySelector('#live').dataset.old = 'yes'")
    await _change_headline(desk, "暴雨红色预警继续发布")
    async with desk.parts.database.transaction() as tx:
        await append_entries(tx, [Entry(NOW, "warning.updated", "intake", desk.county.warning_id)])
    desk.parts.wake.ring("changes")
    marked = "document.querySelector('#live .figures').dataset.old"
    await desk.tab.value_of("document.querySelector('#live .figures').dataset.old = 'yes'")
    await desk.tab.until(f"!{marked}")
    assert await desk.tab.value_of("document.querySelector('#sheet [name=note]').value") == "正在拨打"


async def test_the_list_of_warnings_is_live(desk: Desk) -> None:
    await desk.tab.until("document.querySelector('.warning-item')")
    await _change_headline(desk, "刚刚改过的标题")
    async with desk.parts.database.transaction() as tx:
        await append_entries(tx, [Entry(NOW, "warning.updated", "intake", desk.county.warning_id)])
    desk.parts.wake.ring("changes")
    await desk.tab.until("document.body.innerText.includes('刚刚改过的标题')")


async def test_what_may_be_done_follows_the_state_of_the_warning(desk: Desk) -> None:
    await desk.open(f"/warnings/{desk.county.warning_id}")
    assert await desk.tab.value_of("Boolean(document.querySelector('#actions [href$=\"/stand-down\"]'))")
    async with desk.parts.database.transaction() as tx:
        await tx.execute(
            update(issued_warnings)
            .where(issued_warnings.c.id == desk.county.warning_id)
            .values(state="closed", closed_at=NOW)
        )
        await append_entries(tx, [Entry(NOW, "warning.closed", "close", desk.county.warning_id)])
    desk.parts.wake.ring("changes")
    await desk.tab.until("!document.querySelector('#actions [href$=\"/stand-down\"]')")
    await desk.tab.click("#actions [href$='/steer']")
    await desk.tab.until("document.getElementById('sheet').open")
    assert desk.tab.complaints == []


async def test_clocks_run_between_refreshes(desk: Desk) -> None:
    await desk.open(f"/warnings/{desk.county.warning_id}")
    shown = await desk.tab.value_of("document.querySelector('[data-until]').innerText")
    await desk.tab.until(f"document.querySelector('[data-until]').innerText !== '{shown}'")


async def test_a_page_says_when_it_may_be_old(desk: Desk) -> None:
    await desk.open(f"/warnings/{desk.county.warning_id}")
    assert await desk.tab.value_of("document.getElementById('connection-lost').hidden")
    await desk.runner.cleanup()
    await desk.tab.until("!document.getElementById('connection-lost').hidden")


async def test_the_keyboard_reaches_the_list(desk: Desk) -> None:
    await desk.open(f"/warnings/{desk.county.warning_id}")
    reached: list[str] = []
    for _ in range(60):
        for kind in ("keyDown", "keyUp"):
            await desk.tab.command(
                "Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9
            )
        reached.append(
            await desk.tab.value_of("document.activeElement.id || document.activeElement.innerText")
        )
    assert any(name.startswith("hand-") for name in reached)


async def _change_headline(desk: Desk, headline: str) -> None:
    async with desk.parts.database.transaction() as tx:
        await tx.execute(
            update(issued_warnings)
            .where(issued_warnings.c.id == desk.county.warning_id)
            .values(headline=headline)
        )
