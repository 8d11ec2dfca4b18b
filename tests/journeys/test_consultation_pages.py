"""A consultation is written down beside the warning that it is about, and read there and in the log."""

import re
from collections.abc import AsyncIterator
from html import unescape
from uuid import UUID, uuid4

import pytest

from jiaoying.dispatch.open_items import Record, open_items
from jiaoying.duty.consultations import open_consultations
from jiaoying.duty.handovers.model import ItemKind
from jiaoying.duty.store import desk_by_id, save_desk
from jiaoying.kernel.language import CHINESE
from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import COUNTY, Town, open_town
from web_town import Browser, add_users

NEW = "/duty/consultations/new"


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
async def held(town: Town) -> dict[str, str]:
    """What the form says, in the log of the county's desk."""
    async with town.database.transaction() as tx:
        now = town.clock.now()
        desk = await save_desk(tx, COUNTY, "县应急值班室", None, now=now, actor="test")
    return {
        "desk_id": str(desk.id),
        "place": "县应急指挥中心（视频）",
        "host": "郑演示 副县长",
        "units": "应急局、气象局、水务局",
        "content": "未来三小时仍有短时强降水",
        "decision": "",
    }


async def page(browser: Browser, path: str) -> str:
    return unescape(await browser.page(path))


async def test_it_is_written_beside_a_warning_decided_later_and_read_in_both_places(
    town: Town, officer: Browser, held: dict[str, str]
) -> None:
    warning = await town.warn("red")
    board = await page(officer, f"/warnings/{warning}")
    assert f"{NEW}?warning={warning}" in board
    form = await page(officer, f"{NEW}?warning={warning}")
    assert re.search(rf'<option value="{warning}" selected>', form)
    sent = await officer.post("/duty/consultations", {**held, "warning_id": str(warning)})
    assert sent.status == 303
    log = await page(officer, sent.headers["Location"])
    assert "主持：郑演示 副县长" in log
    assert "县应急指挥中心（视频）：未来三小时仍有短时强降水" in log
    assert "尚未形成决定" in log
    board = await page(officer, f"/warnings/{warning}")
    (entry,) = set(re.findall(r"/duty/log/[0-9a-f-]{36}", board))
    assert "尚未形成决定" in board
    async with town.database.transaction() as tx:
        assert len(await open_consultations(tx, town.clock.now(), UUID(held["desk_id"]))) == 1
    form = await page(officer, entry)
    assert re.search(rf'<option value="{warning}" selected>', form)
    decided = {**held, "warning_id": str(warning), "decision": "升为Ⅱ级响应", "reason": "补记决定"}
    assert (await officer.post(entry, decided)).status == 303
    assert "升为Ⅱ级响应" in await page(officer, f"/warnings/{warning}")
    assert "会商决定：升为Ⅱ级响应" in await page(officer, f"/duty/{held['desk_id']}/log?q=Ⅱ级")


async def test_who_takes_over_the_shift_finds_it_among_what_is_open(
    town: Town, officer: Browser, held: dict[str, str]
) -> None:
    warning = await town.warn("red")
    await officer.post("/duty/consultations", held)
    await officer.post(
        "/duty/consultations",
        {**held, "warning_id": str(warning), "decision": "维持Ⅲ级", "place": "电话会商"},
    )
    async with town.database.transaction() as tx:
        desk = await desk_by_id(tx, UUID(held["desk_id"]))
        assert desk
        found = await open_items(tx, desk, Record(COUNTY, CHINESE), town.clock.now())
    told = {item.text for item in found if item.kind is ItemKind.CONSULTATION}
    assert told == {"县应急指挥中心（视频）：会商后尚未形成决定", "电话会商：就生效中的预警会商过"}


async def test_a_newer_version_of_the_warning_shows_it_too(
    town: Town, officer: Browser, held: dict[str, str]
) -> None:
    first = await town.warn("orange")
    await officer.post("/duty/consultations", {**held, "warning_id": str(first)})
    newer = await town.warn("red", replaces=first)
    assert "县应急指挥中心" in await page(officer, f"/warnings/{newer}")


async def test_without_a_warning_it_stands_in_the_log(officer: Browser, held: dict[str, str]) -> None:
    sent = await officer.post("/duty/consultations", {**held, "at": "09:10"})
    shown = await page(officer, sent.headers["Location"])
    assert "09:10:00" in shown
    assert "/duty/log/" in shown


async def test_what_is_missing_is_said_beside_its_field_and_nothing_is_lost(
    officer: Browser, held: dict[str, str]
) -> None:
    answer = await officer.post("/duty/consultations", {**held, "host": "", "units": " "})
    assert answer.status == 422
    shown = unescape(await answer.text())
    assert re.search(r'id="mistake-host"[^>]*>请写明主持人', shown)
    assert re.search(r'id="mistake-units"[^>]*>请写明参加单位', shown)
    assert "未来三小时仍有短时强降水" in shown


async def test_no_warning_is_made_up_and_no_desk(officer: Browser, held: dict[str, str]) -> None:
    answer = await officer.post("/duty/consultations", {**held, "warning_id": str(uuid4())})
    assert answer.status == 422
    assert "没有这条预警" in unescape(await answer.text())
    sent = await officer.post("/duty/consultations", held)
    (entry,) = set(re.findall(r"/duty/log/[0-9a-f-]{36}", await page(officer, sent.headers["Location"])))
    wrong = {**held, "warning_id": str(uuid4()), "reason": "补记"}
    assert (await officer.post(entry, wrong)).status == 422
    assert (await officer.post("/duty/consultations", {**held, "desk_id": str(uuid4())})).status == 404


async def test_who_only_inspects_reads_and_does_not_write(
    town: Town, officer: Browser, held: dict[str, str]
) -> None:
    warning = await town.warn("red")
    await officer.post("/duty/consultations", {**held, "warning_id": str(warning)})
    async for inspector in desk_of(town, "inspector"):
        board = await page(inspector, f"/warnings/{warning}")
        assert "县应急指挥中心" in board
        assert NEW not in board
        assert (await inspector.get(NEW)).status == 403
        assert (await inspector.post("/duty/consultations", held)).status == 403
