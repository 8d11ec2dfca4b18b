"""Whoever writes into the duty log hands a photo or a document in with it; nothing comes back as a page."""

import re
from collections.abc import AsyncIterator, Mapping
from html import unescape
from io import BytesIO
from uuid import UUID

import pytest
from aiohttp import ClientResponse, FormData
from sqlalchemy import func, select

from jiaoying.duty.log_files import MAX_LOG_FILE_BYTES, MOST_LOG_FILES
from jiaoying.duty.store import save_desk
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines, log_entries, log_files
from journeys.desks import desk_of
from town import COUNTY, Town, open_town
from web_town import Browser, add_users

LETTER = {"kind": "letter", "unit": "省防指", "content": "关于做好强降雨防范的通知"}
PDF, PHOTO = b"%PDF-1.7\nmade up", b"\xff\xd8\xff\xe0 made up"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await add_users(database)
        yield opened


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.fixture
async def log(town: Town) -> str:
    async with town.database.transaction() as tx:
        now = town.clock.now()
        desk = await save_desk(tx, COUNTY, "县应急值班室", None, now=now, actor="test")
    return f"/duty/{desk.id}/log"


async def send(
    browser: Browser, path: str, fields: Mapping[str, str], *files: tuple[str, bytes], strike: str = ""
) -> ClientResponse:
    """A form with files, as a browser sends it; what it calls their kind is of no matter."""
    form = FormData(quote_fields=False)
    for name, value in ({"csrf": browser.token} | dict(fields)).items():
        form.add_field(name, value)
    if strike:
        form.add_field("strike", strike)
    for name, body in files:
        form.add_field("files", BytesIO(body), filename=name, content_type="text/html")
    return await browser.client.post(path, data=form, allow_redirects=False)


async def text_of(answer: ClientResponse) -> str:
    return unescape(await answer.text())


async def places(browser: Browser, log: str) -> tuple[str, list[str]]:
    """The address of the only entry, and those of its files."""
    shown = await browser.page(log)
    (entry,) = set(re.findall(r"/duty/log/[0-9a-f-]{36}", shown))
    return entry, re.findall(r"/duty/log/files/[0-9a-f-]{36}", shown)


async def test_files_come_with_an_entry_and_are_taken_away_as_files(officer: Browser, log: str) -> None:
    sent = await send(officer, log, LETTER, ("通知 第3号.pdf", PDF), ("现场.html", PHOTO))
    assert sent.status == 303
    shown = unescape(await officer.page(log))
    assert "通知 第3号.pdf" in shown
    _, (first, second) = await places(officer, log)
    found: dict[str, ClientResponse] = {}
    for path in (first, second):
        answer = await officer.get(path)
        found[answer.headers["Content-Type"]] = answer
    document, photo = found["application/pdf"], found["image/jpeg"]
    assert (await document.read(), await photo.read()) == (PDF, PHOTO)
    named = document.headers["Content-Disposition"]
    assert re.fullmatch(
        r"attachment; filename=\"[0-9a-f-]{36}\.pdf\"; filename\*=UTF-8''%E9%80%9A%E7%9F%A5%20[\w%.]+", named
    )
    assert "%E7%8E%B0%E5%9C%BA.html.jpg" in photo.headers["Content-Disposition"]
    for answer in (document, photo):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_correction_adds_one_and_strikes_one_that_stays_readable(officer: Browser, log: str) -> None:
    await send(officer, log, LETTER, ("旧.pdf", PDF))
    entry, (old,) = await places(officer, log)
    corrected = {**LETTER, "reason": "附件传错"}
    answer = await send(
        officer, entry, corrected, ("新.jpg", PHOTO), strike=old.removeprefix("/duty/log/files/")
    )
    assert answer.status == 303
    shown = unescape(await officer.page(log))
    assert re.search(r"<s><a [^>]+>旧\.pdf</a></s>.*已划去.*新\.jpg", shown, re.DOTALL)
    assert await (await officer.get(old)).read() == PDF
    whole = unescape(await officer.page(entry))
    assert "划去附件：</small>旧.pdf" in whole


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("病毒.pdf", b"MZ\x90\x00", "内容都不是照片"),
        ("空.pdf", b"", "空文件"),
        ("大.pdf", PDF + b"0" * MAX_LOG_FILE_BYTES, "不超过 8 MB"),
    ],
)
async def test_what_is_not_taken_is_said_and_nothing_that_was_typed_is_lost(
    town: Town, officer: Browser, log: str, name: str, body: bytes, said: str
) -> None:
    answer = await send(officer, log, LETTER, ("好.pdf", PDF), (name, body))
    shown = await text_of(answer)
    assert answer.status == 422
    assert said in shown
    assert "关于做好强降雨防范的通知" in shown
    assert "附件请重新选择" in shown
    async with town.database.transaction() as tx:
        assert await tx.scalar(select(func.count()).select_from(log_entries)) == 0
        assert await tx.scalar(select(func.count()).select_from(log_files)) == 0


async def test_too_many_files_are_refused(officer: Browser, log: str) -> None:
    many = [(f"{number}.pdf", PDF + bytes([number])) for number in range(MOST_LOG_FILES + 1)]
    answer = await send(officer, log, LETTER, *many)
    assert answer.status == 422
    assert "最多 8 个附件" in await text_of(answer)
    assert (await send(officer, log, LETTER, *many[1:])).status == 303


async def test_no_other_form_takes_that_much(officer: Browser, log: str) -> None:
    answer = await send(officer, "/drills", LETTER, ("大.pdf", PDF + b"0" * 1024 * 1024))
    assert answer.status == 413


async def test_what_cannot_be_masked_is_opened_by_who_may_see_numbers_and_by_who_brought_it(
    town: Town, officer: Browser, log: str
) -> None:
    await send(officer, log, LETTER, ("花名册.pdf", PDF))
    _, (path,) = await places(officer, log)
    async for inspector in desk_of(town, "inspector"):
        shown = unescape(await inspector.page(log))
        assert "花名册.pdf" in shown
        assert path not in shown
        assert (await inspector.get(path)).status == 403
    async for township in desk_of(town, "township"):
        assert (await township.get(path)).status == 403
        await send(township, log, LETTER, ("本乡.pdf", PDF + b"2"))
        shown = await township.page(log)
        (own,) = re.findall(r"/duty/log/files/[0-9a-f-]{36}", shown)
        assert (await township.get(own)).status == 200
    assert (await officer.get(f"/duty/log/files/{UUID(int=0)}")).status == 404
    async with town.database.transaction() as tx:
        events = ledger_lines.c.event == "log.file_taken"
        assert await tx.scalar(select(func.count()).where(events)) == 1
