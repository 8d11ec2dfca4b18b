"""The keeper sees which numbers to correct, and no number in full."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from jiaoying.dispatch.stages.check import begin
from jiaoying.storage.database import Database
from seeded_county import seed_county
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Browser]:
    await add_users(database)
    async with database.transaction() as tx:
        await seed_county(tx, NOW)
        await tx.execute(
            text("UPDATE contact_numbers SET standing = 'dead', standing_at = :now, failures = 3"),
            {"now": NOW},
        )
        assert await begin(tx, area_code="140521000000", by="test", now=NOW)
    async with browser_on(parts_for_tests(database)) as opened:
        yield opened


async def test_the_page_of_numbers(browser: Browser, database: Database) -> None:
    assert (await browser.get("/numbers")).status == 303  # nobody looks unasked
    await browser.sign_in("officer")
    page = await browser.page("/numbers")
    assert "号码核查" in page
    assert "空号" in page
    assert "没有其他可用号码" in page
    assert '<td class="row-head"><span><a href="/contacts/' in page
    assert "进行中" in page
    async with database.transaction() as tx:
        numbers = (await tx.execute(text("SELECT number FROM contact_numbers"))).scalars().all()
    assert not [number for number in numbers if number.removeprefix("+86") in page]
    part = await browser.page("/numbers/list")
    assert "<html" not in part
