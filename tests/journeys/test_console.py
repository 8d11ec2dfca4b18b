"""What somebody with a browser meets: signing in, pages, refusals."""

from collections.abc import AsyncIterator

import pytest
from seeded_county import Seeded, seed_county
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests

from jiaoying.storage.database import Database


@pytest.fixture
async def county(database: Database) -> Seeded:
    await add_users(database)
    async with database.transaction() as tx:
        return await seed_county(tx, NOW)


@pytest.fixture
async def browser(database: Database, county: Seeded) -> AsyncIterator[Browser]:
    async with browser_on(parts_for_tests(database)) as opened:
        yield opened


def paths_of(county: Seeded) -> list[str]:
    """Every page and fragment that is read."""
    warning, person = f"/warnings/{county.warning_id}", f"/call-outs/{county.exhausted_id}"
    return [
        "/warnings",
        "/warnings/list",
        warning,
        f"{warning}/board",
        f"{warning}/people",
        f"{warning}/people?state=exhausted&area=140521100000",
        f"{warning}/stand-down",
        f"/warnings/{county.drill_id}",
        person,
        f"{person}/history",
        f"{person}/card",
        f"/call-outs/{county.answered_id}",
        f"/call-outs/{county.open_id}",
        "/alarms",
        "/alarms/list",
        "/roster",
        "/roster?area=140521101000&q=防汛",
    ]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_stands_in_both_languages(browser: Browser, county: Seeded, language: str) -> None:
    await browser.get(f"/sign-in?lang={language}")
    await browser.sign_in("officer")
    for path in paths_of(county):
        page = await browser.page(path)
        assert "{" not in page.replace('hx-headers=\'{"X-CSRF-Token"', ""), path
        if path.count("/") < 3 and "list" not in path:
            assert f'lang="{language}"' in page, path
