"""A link in a text: whoever has it reads the warning in full and answers, without signing in."""

import re
from collections.abc import AsyncIterator, Mapping
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from jiaoying.dispatch.board import call_out_history
from jiaoying.storage.database import Database
from town import VILLAGE, Phone, Town, open_town
from web_town import PASSWORD, add_users, token_in

JPEG = b"\xff\xd8\xff\xe0" + b"a flooded road" * 50
LINK = re.compile(r"https?://[0-9.:]+/a/[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url, JIAOYING_TEXT_LINKS="on") as opened:
        yield opened


async def link_of(phone: Phone) -> str:
    """The link in the newest text that has one."""
    found = [link for body in await phone.texts() for link in LINK.findall(body)]
    assert found, await phone.texts()
    return found[-1]


async def look(town: Town, link: str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
    async with town.session.get(link, headers=headers) as answer:
        return answer.status, await answer.text(), dict(answer.headers)


async def send(town: Town, link: str, **fields: Any) -> tuple[int, str]:
    """The form, as a telephone sends it; a photo makes it a multipart one."""
    form = aiohttp.FormData()
    for name, value in fields.items():
        if isinstance(value, bytes):
            form.add_field(
                name, BytesIO(value), filename="IMG_0001.jpg", content_type="application/octet-stream"
            )
        else:
            form.add_field(name, value)
    async with town.session.post(link, data=form) as answer:
        page = await answer.text()
    await town.settle()
    return answer.status, page


async def warned(town: Town, phone: Phone) -> tuple[Any, str]:
    """A red warning for the village, its text arrived."""
    await town.post(VILLAGE, "防汛责任人", phone)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=15)
    return warning, await link_of(phone)


async def test_texts_hold_no_link_unless_the_county_wants_them(database: Database, redis_url: str) -> None:
    async with open_town(database, redis_url) as town:
        holder = await town.person("赵演示")
        await town.post(VILLAGE, "防汛责任人", holder)
        await town.warn("red", areas=[VILLAGE])
        await town.jump(seconds=15)
        assert not LINK.search((await holder.texts())[0])
        assert await town.value("SELECT count(*) FROM answer_links") == 0


async def test_a_program_that_opens_links_answers_for_nobody(town: Town) -> None:
    """Telephones preview links by themselves: it is noted that it was opened, and the calls go on."""
    holder = await town.person("赵演示")
    warning, link = await warned(town, holder)
    looks = [await look(town, link, **{"User-Agent": "LinkPreview/1.0"}) for _ in range(3)]
    for status, page, headers in looks:
        assert status == 200
        assert "预计未来3小时将出现暴雨" in page
        assert "赵演示" in page
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "<script" not in page
    await town.settle()
    assert await town.state_of(holder, warning) == "open"
    assert (await town.events(warning)).count("link.opened") == 1
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    assert await town.state_of(holder, warning) == "open"


async def test_confirmed_by_link_with_a_report_and_a_photo(town: Town, database: Database) -> None:
    """收到 ends the calls; figures and photo reach the desk; the page stays and takes more until the end."""
    holder = await town.person("赵演示")
    warning, link = await warned(town, holder)
    status, page = await send(town, link, answer="1")
    assert status == 200
    assert "值班室已收到" in page
    assert await town.state_of(holder, warning) == "answered"
    assert await town.states("responsibilities", warning) == {"covered": 1}
    calls = await holder.calls()
    status, page = await send(
        town, link, stage="on_post", households="12", people="35", danger="河水上路", photo=JPEG
    )
    assert status == 200
    assert "12户35人" in page
    async with database.transaction() as tx:
        told = (await tx.execute(text("SELECT stage, households, people FROM feedback ORDER BY at"))).all()
        photo = (await tx.execute(text("SELECT id, media_type, sha256, body FROM attachments"))).one()
        hows = (await tx.execute(text("SELECT DISTINCT how FROM answers"))).scalars().all()
    assert [tuple(row) for row in told] == [("on_post", None, None), ("moved", 12, 35)]
    assert (photo.media_type, photo.body) == ("image/jpeg", JPEG)
    assert hows == ["link"]
    assert await town.value("SELECT text FROM alarms WHERE kind = 'danger'") == "赵演示来信：“河水上路”"
    await town.jump(minutes=20)
    assert await holder.calls() == calls
    await _a_photo_is_for_who_signs_in(town, database, f"/photos/{photo.id}")
    await town.warn("red", areas=[VILLAGE], kind="cancel", replaces=warning)
    await town.jump(minutes=1)
    _, page, _ = await look(town, link)
    assert "本次预警已结束" in page
    assert "<form" not in page
    await send(town, link, people="99")
    assert await town.value("SELECT count(*) FROM feedback WHERE people = 99") == 0


async def _a_photo_is_for_who_signs_in(town: Town, database: Database, path: str) -> None:
    await add_users(database)
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(town.web_url, cookie_jar=jar) as browser:
        async with browser.get(path, allow_redirects=False) as refused:
            assert refused.status == 303
            assert refused.headers["Location"].startswith("/sign-in")
        async with browser.get("/sign-in") as form:
            fields = {"csrf": token_in(await form.text()), "name": "officer", "password": PASSWORD}
        async with browser.post("/sign-in", data=fields) as welcome:
            assert welcome.status == 200
        async with browser.get(path) as photo:
            assert await photo.read() == JPEG
            assert photo.headers["X-Content-Type-Options"] == "nosniff"
            assert photo.headers["Content-Disposition"].startswith("attachment")


async def test_who_cannot_come_says_so_by_link_and_the_deputy_is_rung(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=15)
    await send(town, await link_of(holder), answer="2")
    await town.jump(minutes=1)
    assert await town.state_of(holder, warning) == "declined"
    assert await town.state_of(deputy, warning) == "answered"


async def test_a_mistake_is_told_on_the_page_and_nothing_is_half_taken(town: Town) -> None:
    holder = await town.person("赵演示")
    warning, link = await warned(town, holder)
    for photo, words in ((b"<svg onload=alert(1)>", "不是照片"), (JPEG + b"0" * 8 * 1024**2, "照片太大")):
        status, page = await send(town, link, stage="on_post", photo=photo)
        assert status == 422
        assert words in page
    for fields in ({"people": "many"}, {"answer": "9"}, {}):
        status, _ = await send(town, link, **fields)
        assert status == 422, fields
    assert await town.state_of(holder, warning) == "open"
    assert await town.value("SELECT count(*) FROM attachments") == 0


async def test_nobody_learns_which_addresses_there_are(town: Town, database: Database) -> None:
    """An unknown one, a malformed one and one that is over say the same; guessing is slowed down."""
    holder = await town.person("赵演示")
    _, link = await warned(town, holder)
    base = link.rpartition("/")[0]
    async with database.transaction() as tx:
        stored = (await tx.execute(text("SELECT token_sha256 FROM answer_links"))).scalar_one()
        await tx.execute(text("UPDATE answer_links SET expires_at = :now"), {"now": town.clock.now()})
    assert len(stored) == 32
    pages = {await _gone(town, f"{base}/{token}") for token in ("x" * 22, "'; --", link[-22:])}
    assert len(pages) == 1
    statuses = [(await look(town, f"{base}/{number:022}"))[0] for number in range(30)]
    assert statuses[0] == 404
    assert statuses[-1] == 429
    status, _ = await send(town, link, answer="1")
    assert status == 429


async def _gone(town: Town, address: str) -> tuple[int, str]:
    status, page, _ = await look(town, address)
    page = re.sub(r"/a/[^?\"]*", "/a/", re.sub(r"<time[^>]*>[^<]*</time>", "", page))
    return status, page


async def test_a_form_that_is_sent_without_end_is_stopped(town: Town) -> None:
    holder = await town.person("赵演示")
    _, link = await warned(town, holder)
    statuses = [(await _post(town, link)) for _ in range(32)]
    assert (statuses[0], statuses[-1]) == (200, 429)


async def _post(town: Town, link: str) -> int:
    async with town.session.post(link, data={"answer": "1"}) as answer:
        return answer.status


async def test_the_token_is_shown_to_nobody_else(town: Town, database: Database) -> None:
    """Whoever reads it could answer in the person's name: neither API, page nor ledger has it."""
    holder = await town.person("赵演示")
    _, link = await warned(town, holder)
    token = link[-22:]
    async with database.transaction() as tx:
        call_out_id = await town.value("SELECT id FROM call_outs")
        history = await call_out_history(tx, call_out_id)
        ledger = (
            await tx.execute(text("SELECT string_agg(body::text, '') FROM ledger_particulars"))
        ).scalar()
    assert token not in repr(history)
    assert token not in str(ledger)
    assert "/a/…" in str(ledger)
