"""Wordings are changed on a page, tried out first, and heard by the next who is called."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines
from jiaoying.templates.files import built_in_text
from jiaoying.templates.store import read_book, versions_of
from town import VILLAGE, Town, open_town
from web_town import Browser, add_users, browser_on, parts_for_tests

PATH = "zh-CN/rain.sms.txt"
EDIT = f"/wordings/edit?path={PATH}"
OWN = (
    "{% if exercise %}【演练】{% endif %}【{{ desk }}】{{ reference }} {{ title }}：{{ place }}的各位请上山！"
    "{{ text }}收到回复1，不在岗回复2，需回电回复3。"
)


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Browser]:
    await add_users(database)
    async with browser_on(parts_for_tests(database)) as opened:
        await opened.sign_in("officer")
        yield opened


@pytest.fixture
async def town(database: Database) -> AsyncIterator[Town]:
    async with open_town(database, None) as opened:
        yield opened


async def save(browser: Browser, body: str, seen: int, path: str = PATH) -> int:
    fields = {"body": body, "note": "县里的说法", "seen": str(seen)}
    response = await browser.post(f"/wordings/save?path={path}", fields)
    return response.status


async def test_tried_out_stored_put_back_and_every_version_kept(browser: Browser, database: Database) -> None:
    assert "暴雨" in await browser.page("/wordings")
    assert "立即到岗" in await browser.page(EDIT)
    tried = await browser.post(f"/wordings/try?path={PATH}", {"body": "{{ county }}", "seen": "0"})
    assert "没有“county”" in await tried.text()
    assert await save(browser, "收到了吗", 0) == 422
    assert await save(browser, OWN, 0) == 303
    assert await save(browser, OWN + " ", 0) == 422, "somebody else was first"
    shown = await browser.page(EDIT)
    assert "的各位请上山" in shown
    assert "县里的说法" in shown
    back = await browser.post(f"/wordings/back?path={PATH}", {"seen": "1"})
    assert back.status == 303
    async with database.transaction() as tx:
        assert [version.body for version in await versions_of(tx, PATH)] == [None, OWN]
        assert (await read_book(tx)).own == {}
        lines = (await tx.execute(select(ledger_lines).where(ledger_lines.c.event == "wording.saved"))).all()
    assert [line.actor for line in lines] == ["user:officer", "user:officer"]


async def test_who_only_watches_changes_nothing(browser: Browser) -> None:
    await browser.post("/sign-out")
    await browser.sign_in("inspector")
    shown = await browser.page(EDIT)
    assert "readonly" in shown
    assert "/wordings/back" not in shown
    assert await save(browser, OWN, 0) == 403
    assert (await browser.get("/wordings/edit?path=../secrets.json")).status == 404


async def test_the_next_who_is_called_reads_the_new_words(town: Town, browser: Browser) -> None:
    zhao = await town.person("赵一")
    await town.post(VILLAGE, "防汛责任人", zhao)
    assert await save(browser, OWN, 0) == 303
    assert await save(browser, built_in_text("zh-CN/rain.voice.txt") or "", 0, "zh-CN/rain.voice.txt") == 303
    await town.warn("red")
    assert "的各位请上山" in (await zhao.texts())[0]
