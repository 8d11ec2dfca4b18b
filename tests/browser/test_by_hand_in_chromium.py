"""Held warnings and warnings by hand in Debian's Chromium: what only a browser can tell."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import update

from browser.chromium import Tab, chromium_tab
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Database
from jiaoying.storage.schema import issued_warnings
from jiaoying.warnings.by_hand import DraftFields
from jiaoying.warnings.drafts import add_draft
from jiaoying.warnings.model import Evidence, Kind, Question
from jiaoying.web.application import build_application, build_runner
from seeded_county import seed_county
from web_town import NOW, PASSWORD, add_users, parts_for_tests

pytestmark = pytest.mark.system

SIZES = ((390, 844), (1440, 900), (2560, 1440))
PASTED = "沁水县气象台发布暴雨红色预警：龙港镇北部将出现暴雨。"
FIELDS = DraftFields(
    kind=Kind.ALERT,
    exercise=False,
    hazard=Hazard.RAIN,
    event="暴雨",
    event_code=None,
    colour=Colour.RED,
    sender_name="沁水县气象台",
    headline="",
    text=PASTED,
    instruction="",
    area_codes=("140521100000",),
    valid_from=NOW,
    valid_to=NOW + timedelta(hours=6),
)
EVIDENCE = (
    Evidence("colour", "红色", 10, 12, "red", sure=True),
    Evidence("areas", "龙港镇北部", 15, 20, "", sure=False),
)
QUESTION = Question("areas", "龙港镇北部", "是哪些村？", (("140521100201", "梁庄村"),))


@dataclass(slots=True)
class Desk:
    """A browser signed in as the officer, with a held warning and a draft before them."""

    tab: Tab
    address: str
    held: str
    draft: str

    async def open(self, path: str) -> None:
        await self.tab.open(self.address + path)


@pytest.fixture
async def desk(database: Database) -> AsyncGenerator[Desk]:
    await add_users(database)
    async with database.transaction() as tx:
        county = await seed_county(tx, NOW)
        held = {"state": "held", "hold_reason": "policy", "hold_until": NOW + timedelta(minutes=4)}
        await tx.execute(
            update(issued_warnings)
            .where(issued_warnings.c.id == county.warning_id)
            .values(held | {"hold_next_at": NOW + timedelta(minutes=4)})
        )
        draft = await add_draft(
            tx, FIELDS, by="user:officer", now=NOW, pasted=PASTED, evidence=EVIDENCE, questions=(QUESTION,)
        )
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
        yield Desk(tab, address, f"/warnings/{county.warning_id}", f"/by-hand/{draft}")
    await runner.cleanup()


async def test_pages_fit_every_screen_and_the_browser_has_no_complaint(desk: Desk) -> None:
    for language in ("zh-CN", "en"):
        for path in ("/warnings", desk.held, f"{desk.held}/decide", "/by-hand", desk.draft):
            await desk.open(f"{path}?lang={language}")
            for width, height in SIZES:
                await desk.tab.resize(width, height)
                overflow = await desk.tab.value_of("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, (path, language, width)
    assert desk.tab.complaints == []


async def test_a_held_warning_is_on_top_with_its_clock_and_is_vetoed_from_its_card(desk: Desk) -> None:
    await desk.open("/warnings")
    shown = await desk.tab.value_of("document.querySelector('.held .ticking').innerText")
    await desk.tab.until(f"document.querySelector('.held .ticking').innerText !== '{shown}'")
    await desk.tab.click(".held a.button")
    await desk.tab.until("document.getElementById('sheet')?.open")
    await desk.tab.fill("[name=reason]", "误发")
    await desk.tab.click("button.danger")
    await desk.tab.until(f"location.pathname === '{desk.held}'")
    await desk.open("/warnings")
    assert await desk.tab.value_of("document.querySelector('.held')") is None
    assert desk.tab.complaints == []


async def test_a_list_that_is_renewed_under_a_press_does_not_swallow_the_click(desk: Desk) -> None:
    await desk.open("/warnings")
    let_go = await desk.tab.press(".held a.button")
    await desk.tab.value_of(
        "new Promise(done => { document.body.addEventListener('htmx:afterRequest', done, { once: true });"
        " htmx.trigger(document.body, 'refresh'); })"
    )
    await let_go()
    await desk.tab.until("document.getElementById('sheet')?.open")
    assert desk.tab.complaints == []


async def test_the_search_narrows_the_tree_and_keeps_what_is_chosen(desk: Desk) -> None:
    await desk.open("/by-hand")
    places = "document.querySelectorAll('#area-tree details').length"
    before = await desk.tab.value_of(places)
    await desk.tab.fill("[name=q]", "龙港")
    await desk.tab.until(f"{places} === 1")
    await desk.tab.click("#area-tree summary input")
    await desk.tab.value_of("document.querySelector('[name=q]').value = ''")
    await desk.tab.fill("[name=q]", "没有这个地方")
    await desk.tab.until("document.querySelectorAll('#area-tree li li').length === 0")
    chosen = "[...document.querySelectorAll('#area-tree input:checked')].map(box => box.value).join()"
    assert await desk.tab.value_of(chosen) == "140521100000"
    assert before > 1
    assert desk.tab.complaints == []
