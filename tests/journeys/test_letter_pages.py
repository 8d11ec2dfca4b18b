"""A reminder letter from the page of a warning to its receipts, as officer and leader write and send it."""

import re
from collections.abc import AsyncIterator
from html import unescape
from io import BytesIO
from uuid import UUID

import aiohttp
import pytest
from docx import Document

from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import COUNTY, TOWNSHIP, Town, open_town
from web_town import Browser, add_users

LINK = re.compile(r"https?://[0-9.:]+/a/[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])")
TEXTS = {
    "title": "关于暴雨橙色预警的风险提醒函",
    "series": "沁水应急函",
    "risk": "西部山区土壤含水量已近饱和。",
    "requests": "一、加密巡查地质灾害隐患点。\n二、备足转移车辆。",
    "confirm_minutes": "120",
    "language": "zh-CN",
    "posts": "",
}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url, JIAOYING_TEXT_LINKS="on") as opened:
        await add_users(database)
        await opened.desk(COUNTY, "县应急值班室", await opened.person("李演示"))
        await opened.desk(TOWNSHIP, "龙港镇值班室", await opened.person("赵演示"))
        yield opened


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.fixture
async def leader(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "leader"):
        yield browser


@pytest.fixture
async def inspector(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "inspector"):
        yield browser


async def page(browser: Browser, path: str) -> str:
    return unescape(await browser.page(path))


async def desk_id(town: Town) -> str:
    return str(await town.value("SELECT id FROM desks WHERE name = '龙港镇值班室'"))


async def drafted(town: Town, officer: Browser, warning: UUID | None = None) -> str:
    fields = TEXTS | {"desks": await desk_id(town), "warning": str(warning or "")}
    answer = await officer.post("/letters", fields)
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


async def sent(town: Town, officer: Browser, leader: Browser, warning: UUID | None = None) -> str:
    letter = await drafted(town, officer, warning)
    assert (await leader.post(f"{letter}/sign", {"seen": "1"})).status == 303
    assert (await officer.post(f"{letter}/send")).status == 303
    await town.settle()
    return letter


async def test_from_the_page_of_a_warning_to_the_signed_letter_in_word(
    town: Town, officer: Browser, leader: Browser
) -> None:
    warning = await town.warn("orange")
    assert f"/letters/new?warning={warning}" in await page(officer, f"/warnings/{warning}")
    form = await page(officer, f"/letters/new?warning={warning}")
    assert 'value="关于暴雨橙色预警的风险提醒函"' in form
    assert 'value="沁水应急函"' in form
    # The desk under the warning is ticked; the county's own writes the letter.
    assert re.findall(r'value="([0-9a-f-]{36})" checked', form) == [await desk_id(town)]
    letter = await drafted(town, officer, warning)
    shown = await page(officer, letter)
    assert "发布暴雨橙色预警，影响区域：沁水县" in shown
    assert "龙港镇值班室：" in shown
    assert "签发" not in re.findall(r"<button[^>]*>([^<]*)", shown)  # who wrote it does not sign it
    assert (await officer.post(f"{letter}/sign", {"seen": "1"})).status == 403
    assert (await leader.post(f"{letter}/sign", {"seen": "1"})).status == 303
    word = await officer.get(f"{letter}/word")
    assert word.status == 200
    lines = [line.text for line in Document(BytesIO(await word.read())).paragraphs if line.text]
    assert lines[1:4] == ["沁水应急函〔2026〕1号", TEXTS["title"], "龙港镇值班室："]
    assert "一、加密巡查地质灾害隐患点。" in lines
    assert lines[-1] == "2026年7月15日"


async def test_a_leader_who_wrote_it_does_not_sign_it_and_nobody_signs_what_changed(
    town: Town, officer: Browser, leader: Browser
) -> None:
    letter = await drafted(town, leader)
    refused = await leader.post(f"{letter}/sign", {"seen": "1"})
    assert refused.status == 422
    assert "须由他人签发" in unescape(await refused.text())
    fields = TEXTS | {"desks": await desk_id(town), "risk": "河水上涨。", "seen": "1"}
    assert (await officer.post(letter, fields)).status == 303
    again = await officer.post(letter, fields)
    assert again.status == 422
    assert "其间有人改过" in unescape(await again.text())
    refused = await leader.post(f"{letter}/sign", {"seen": "1"})
    assert "重新阅读" in unescape(await refused.text())
    assert (await leader.post(f"{letter}/sign", {"seen": "2"})).status == 303
    assert (await officer.get(f"{letter}/edit")).status == 404
    assert (await officer.post(letter, fields | {"seen": "2"})).status == 404


async def test_it_is_read_and_confirmed_by_the_link(town: Town, officer: Browser, leader: Browser) -> None:
    letter = await sent(town, officer, leader)
    await town.jump(seconds=15)
    (text,) = await town.phones["赵演示"].texts()
    (link,) = LINK.findall(text)
    async with town.session.get(link) as answer:
        read = unescape(await answer.text())
    assert "一、加密巡查地质灾害隐患点。" in read
    assert "确认签收" in read
    assert "转移" not in read.replace("备足转移车辆", "")  # reports are for warnings
    await town.jump(seconds=10)
    # To read it is no receipt.
    assert "尚未签收" in await page(officer, f"{letter}/receipts")
    async with town.session.post(link, data=aiohttp.FormData({"answer": "1"})) as answer:
        assert answer.status == 200
    await town.jump(seconds=10)
    receipts = await page(officer, f"{letter}/receipts")
    assert "已签收" in receipts
    assert "赵演示" in receipts
    assert "1 / 1" in await page(officer, "/letters")


async def test_who_is_silent_stands_by_name_on_the_page_and_among_the_alarms(
    town: Town, officer: Browser, leader: Browser
) -> None:
    letter = await sent(town, officer, leader)
    await town.jump(minutes=180)
    assert "超时未签收" in await page(officer, f"{letter}/receipts")
    assert "未签收：龙港镇值班室" in await page(officer, "/alarms")


async def test_a_letter_is_withdrawn_with_a_reason_and_kept(
    town: Town, officer: Browser, leader: Browser
) -> None:
    letter = await sent(town, officer, leader)
    assert (await officer.post(f"{letter}/withdraw", {"reason": ""})).status == 422
    assert (await officer.post(f"{letter}/withdraw", {"reason": "预警已解除"})).status == 303
    shown = await page(officer, letter)
    assert "预警已解除" in shown
    assert "沁水应急函〔2026〕1号" in shown


async def test_what_is_wrong_is_told_beside_its_field_and_nothing_typed_is_lost(
    town: Town, officer: Browser
) -> None:
    wrong = TEXTS | {"title": "", "confirm_minutes": "abc", "posts": "龙港镇 无此岗位", "warning": ""}
    answer = await officer.post("/letters", wrong)
    said = unescape(await answer.text())
    assert answer.status == 422
    assert "龙港镇没有“无此岗位”这个岗位" in said
    assert TEXTS["risk"] in said
    answer = await officer.post("/letters", wrong | {"posts": ""})
    said = unescape(await answer.text())
    for name in ("title", "confirm_minutes", "units"):
        assert f'id="mistake-letter-{name}"' in said
    assert await town.value("SELECT count(*) FROM letters") == 0


async def test_a_post_is_chosen_by_its_name(town: Town, officer: Browser) -> None:
    await town.post(TOWNSHIP, "防汛责任人", await town.person("钱演示"), tier="township")
    answer = await officer.post("/letters", TEXTS | {"posts": "龙港镇 防汛责任人", "warning": ""})
    assert answer.status == 303
    assert "龙港镇 防汛责任人：" in await page(officer, answer.headers["Location"])


async def test_a_countys_own_wording_stands_in_the_next_letter(
    town: Town, officer: Browser, leader: Browser
) -> None:
    path = "zh-CN/letter_body.txt"
    own = "{% if warning %}{{ warning }}：{{ area }}，{{ valid }}。{% endif %}\n{{ requests }}\n请知悉。"
    refused = await officer.post(
        f"/wordings/save?path={path}", {"body": "没有要求。", "note": "", "seen": "0"}
    )
    assert refused.status == 422
    assert (
        await officer.post(f"/wordings/save?path={path}", {"body": own, "note": "", "seen": "0"})
    ).status == 303
    letter = await drafted(town, officer)
    assert "请知悉。" in await page(officer, letter)
    assert (await leader.post(f"{letter}/sign", {"seen": "1"})).status == 303
    assert (await officer.post(f"/wordings/back?path={path}", {"seen": "1"})).status == 303
    assert "请知悉。" in await page(officer, letter)  # signed: never changed


async def test_who_only_inspects_reads_and_does_not_write(
    town: Town, officer: Browser, inspector: Browser
) -> None:
    letter = await drafted(town, officer)
    shown = await page(inspector, letter)
    assert "修改草稿" not in shown
    for act in ("sign", "send", "withdraw", "discard"):
        assert (await inspector.post(f"{letter}/{act}")).status == 403
    assert (await inspector.post("/letters", TEXTS)).status == 403


async def test_the_pages_are_there_in_english(town: Town, officer: Browser) -> None:
    letter = await drafted(town, officer)
    await officer.get("/letters?lang=en")
    assert "Receipts so far" in await page(officer, "/letters")
    assert "draft, to be signed" in await page(officer, letter)
    assert "What the units are asked to do" in await page(officer, "/letters/new")
