"""The pages of sources in Debian's Chromium."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select, update

from browser.chromium import Tab, chromium_tab
from jiaoying.kernel.clock import wall_now
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database
from jiaoying.storage.schema import received_messages, warning_sources
from jiaoying.warnings.feeds.model import Credential, CredentialKind, Proof, SourceConfig, SourceKind
from jiaoying.warnings.intake import take_in
from jiaoying.warnings.sources import save_source
from jiaoying.web.application import build_application, build_runner
from jiaoying.web.parts import WebParts
from unit.warnings.samples import alert
from web_town import NOW, PASSWORD, add_users, parts_for_tests

pytestmark = pytest.mark.system

SIZES = ((390, 844), (1440, 900), (2560, 1440))
LONG = "https://cap.example.gov.cn/" + "a-long-path-without-any-blank/" * 6
SOURCES = (
    SourceConfig(
        "中央气象台预警列表（山西省，全部灾种）",
        SourceKind.POLL,
        address=LONG,
        credential=Credential(CredentialKind.HEADER, "X-QW-Api-Key", "swordfish"),
        headers={"Referer": LONG},
        notes="静默时打电话给值班预报员",
    ),
    SourceConfig("县气象局", SourceKind.PUSH, proof=Proof.BOTH, silence_s=86400, hold_s={"blue": 600}),
    SourceConfig("12379", SourceKind.FOLDER, address="/srv/12379", interval_s=5),
    SourceConfig("QWeather", SourceKind.POLL, address="https://example.org/", enabled=False),
)


@dataclass(slots=True)
class Desk:
    """A duty desk with a browser on it, signed in as the operator."""

    tab: Tab
    parts: WebParts
    address: str
    paths: list[str]

    async def open(self, path: str) -> None:
        await self.tab.open(self.address + path)


@pytest.fixture
async def desk(database: Database) -> AsyncGenerator[Desk]:
    await add_users(database)
    parts = parts_for_tests(database)
    paths = await _fill(database, parts.source_key)
    runner = build_runner(build_application(parts))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with chromium_tab() as tab:
        await tab.open(f"{address}/sign-in")
        await tab.fill("[name=name]", "operator")
        await tab.fill("[name=password]", PASSWORD)
        await tab.click("form button[type=submit]")
        await tab.until("location.pathname === '/warnings'")
        yield Desk(tab, parts, address, paths)
    await runner.cleanup()


async def _fill(database: Database, key: str) -> list[str]:
    wall = wall_now()
    ids: list[Any] = []
    async with database.transaction() as tx:
        for config in SOURCES:
            source_id, _ = await save_source(tx, config, key=key, by="operator", now=NOW, wall=wall)
            ids.append(source_id)
        failing = {
            "failures": 7,
            "failing_since": wall - timedelta(hours=2),
            "trouble": "cap.example.gov.cn 应答超时",
        }
        await tx.execute(update(warning_sources).where(warning_sources.c.id == ids[0]).values(failing))
    for content in (alert(), alert(), b"<html><p>" + b"x" * 5000 + b"</p></html>", alert(sent="nonsense")):
        await take_in(
            database,
            content,
            media_type="application/xml",
            source=SOURCES[1].name,
            now=NOW,
            wall=NOW,
            home_area="140521000000",
        )
    async with database.transaction() as tx:
        kept = (await tx.scalars(select(received_messages.c.id))).all()
    return [
        *("/sources", "/received", "/sources/new", "/sources/new?kind=poll", "/sources/new?kind=push"),
        *(f"/sources/{source_id}" for source_id in ids),
        f"/sources/{ids[1]}/received",
        *(f"/received/{message_id}" for message_id in kept),
    ]


async def test_pages_fit_every_screen_and_the_browser_has_no_complaint(desk: Desk) -> None:
    for language in ("zh-CN", "en"):
        for path in desk.paths:
            await desk.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
            await desk.tab.value_of("document.querySelectorAll('details').forEach(one => one.open = true)")
            for width, height in SIZES:
                await desk.tab.resize(width, height)
                overflow = await desk.tab.value_of("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, (path, language, width)
    assert desk.tab.complaints == []


async def test_the_list_lives(desk: Desk) -> None:
    await desk.open("/sources")
    await desk.tab.until("document.body.innerText.includes('连续失败7次')")
    async with desk.parts.database.transaction() as tx:
        await tx.execute(update(warning_sources).values(failures=0, failing_since=None, trouble=None))
        await append_entries(tx, [Entry(NOW, "source.recovered", "silence")])
    desk.parts.wake.ring("changes")
    await desk.tab.until("!document.body.innerText.includes('连续失败7次')")


async def test_a_source_is_added_in_three_steps(desk: Desk) -> None:
    await desk.open("/sources/new?kind=push")
    await desk.tab.fill("[name=name]", "乡镇雨量站")
    await desk.tab.click(".source-form button[type=submit]")
    await desk.tab.until("location.pathname.startsWith('/sources/') && !location.pathname.endsWith('new')")
    await desk.tab.until("document.querySelector('h1').innerText.includes('乡镇雨量站')")
    assert desk.tab.complaints == []
