"""Open pages hear of changes within a moment, and streams end by themselves."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientResponse

from jiaoying.kernel.clock import monotonic
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database
from jiaoying.web.parts import WebParts
from seeded_county import Seeded, seed_county
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests


@pytest.fixture
async def county(database: Database) -> Seeded:
    await add_users(database)
    async with database.transaction() as tx:
        return await seed_county(tx, NOW)


@pytest.fixture
def parts(database: Database) -> WebParts:
    return parts_for_tests(database)


@pytest.fixture
async def officer(parts: WebParts, county: Seeded) -> AsyncIterator[Browser]:
    async with browser_on(parts) as browser:
        await browser.sign_in("officer")
        yield browser


async def next_change(stream: ClientResponse, within_s: float = 5.0) -> str:
    """The id of the next event `changed`."""
    async with asyncio.timeout(within_s):
        while (await stream.content.readline()).strip() != b"event: changed":
            pass
        return (await stream.content.readline()).decode().removeprefix("id: ").strip()


async def change(parts: WebParts, county: Seeded, *, ring: bool = True) -> None:
    async with parts.database.transaction() as tx:
        await append_entries(tx, [Entry(NOW, "call_out.answered", "settle", county.warning_id)])
    if ring:
        parts.wake.ring("changes")


async def test_a_page_hears_of_a_change(officer: Browser, parts: WebParts, county: Seeded) -> None:
    stream = await officer.get(f"/live?warning={county.warning_id}")
    assert stream.content_type == "text/event-stream"
    first = await next_change(stream)
    await change(parts, county)
    assert await next_change(stream) != first
    stream.close()


async def test_a_lost_ring_delays_only(officer: Browser, parts: WebParts, county: Seeded) -> None:
    stream = await officer.get("/live")
    first = await next_change(stream)
    await change(parts, county, ring=False)
    assert await next_change(stream) != first
    stream.close()


async def test_a_page_that_missed_nothing_hears_nothing(
    officer: Browser, parts: WebParts, county: Seeded
) -> None:
    path = f"/live?warning={county.warning_id}"
    stream = await officer.get(path)
    seen = await next_change(stream)
    stream.close()
    again = await officer.get(path, {"Last-Event-ID": seen})
    with pytest.raises(TimeoutError):
        await next_change(again, within_s=1.5)
    again.close()
    await change(parts, county)
    missed = await officer.get(path, {"Last-Event-ID": seen})
    assert await next_change(missed) != seen
    missed.close()


async def test_a_storm_is_told_once_a_second(officer: Browser, parts: WebParts, county: Seeded) -> None:
    stream = await officer.get("/live")
    await next_change(stream)
    began = monotonic()
    told = 0
    while monotonic() - began < 3.0:
        await change(parts, county)
        try:
            await next_change(stream, within_s=0.1)
            told += 1
        except TimeoutError:
            continue
    stream.close()
    assert 1 <= told <= 4


async def test_streams_end_by_themselves(parts: WebParts, county: Seeded) -> None:
    async with browser_on(parts) as browser:
        await browser.sign_in("officer")
        stream = await browser.get("/live")
        await next_change(stream)
        began = monotonic()
        await browser.client.server.close()
        assert monotonic() - began < 3.0


async def test_what_is_no_id_is_not_there(officer: Browser) -> None:
    assert (await officer.get("/live?warning=1%27%20OR%201")).status == 404


async def test_what_everybody_sees_alike_holds_no_form(officer: Browser, county: Seeded) -> None:
    for path in ("/warnings/list", f"/warnings/{county.warning_id}/board"):
        page = await officer.page(path)
        assert "<form" not in page, path
        assert officer.token not in page, path


async def test_many_screens_cost_one_drawing(officer: Browser, parts: WebParts, county: Seeded) -> None:
    path = f"/warnings/{county.warning_id}/board"
    pages = await asyncio.gather(*(officer.page(path) for _ in range(10)))
    assert len(set(pages)) == 1
    english = await officer.get(f"{path}?lang=en")
    assert await english.text() != pages[0]
