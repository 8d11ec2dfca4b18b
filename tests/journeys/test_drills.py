"""A drill is marked everywhere, stands behind everything real, and rings no real telephone by itself."""

import re
from collections.abc import AsyncIterator
from html import unescape
from io import BytesIO
from typing import Any, cast
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import text

from jiaoying.gateways.base import Gateway, Limits
from jiaoying.gateways.registry import simulator_settings
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.storage.database import Database
from journeys.desks import desk_of
from town import OTHER_VILLAGE, SECRET, VILLAGE, Phone, Town, open_town
from web_town import Browser, add_users

FORM = {
    "kind": "alert",
    "hazard": "rain",
    "event": "暴雨",
    "colour": "red",
    "areas": VILLAGE,
    "valid_from": "2026-07-15T10:00",
    "valid_to": "2026-07-15T16:00",
    "text": "假设未来3小时降雨量将达100毫米以上。",
    "instruction": "",
    "sender_name": "沁水县应急管理局",
    "headline": "",
    "follows_id": "",
    "exercise": "yes",
}


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
async def leader(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "leader"):
        yield browser


async def draft(browser: Browser, **changes: str) -> str:
    answer = await browser.post("/by-hand", {**FORM, **changes})
    assert answer.status == 303, await answer.text()
    return answer.headers["Location"]


async def confirm(browser: Browser, address: str) -> UUID:
    seen = re.search(r'name="seen" value="([^"]+)"', await browser.page(address))
    assert seen
    answer = await browser.post(f"{address}/confirm", {"seen": seen[1]})
    assert answer.status == 303, await answer.text()
    return UUID(answer.headers["Location"].removeprefix("/warnings/"))


async def real_person(town: Town, name: str, habit: str = "answers") -> Phone:
    """Somebody who is not made up, on a number that rings."""
    phone = await town.person(name, habit)
    async with town.database.transaction() as tx:
        await tx.execute(
            text("UPDATE contacts SET demonstration = false WHERE id = :id"), {"id": phone.contact_id}
        )
    return phone


async def live_carrier(town: Town) -> None:
    """A carrier that has not proved to be our simulator: for all we know, real telephones ring."""
    settings = simulator_settings(SECRET, town.simulator_url)
    gateway = TwilioGateway("twilio", settings, Limits(0, 0, 0), town.web_url)
    await gateway.start()
    assert gateway.live
    cast("dict[str, Gateway]", town.engine.gateways)["twilio"] = gateway


async def gateways_used(town: Town, warning: UUID) -> set[str]:
    found = await town.value(
        "SELECT array_agg(DISTINCT gateway) FROM attempts WHERE warning_id = :id", id=warning
    )
    return set(found or ())


async def test_from_a_past_warning_to_the_score_in_a_few_clicks(town: Town, officer: Browser) -> None:
    awake, silent = await town.person("赵演示", "answers"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", awake)
    await town.post(OTHER_VILLAGE, "防汛责任人", silent)
    past = await town.warn("orange", areas=[VILLAGE, OTHER_VILLAGE])
    await town.jump(minutes=30)
    calls = await awake.calls()
    assert "以此预警演练" in await officer.page("/drills")
    begun = await officer.post("/drills", {"warning": str(past)})
    address = begun.headers["Location"]
    assert "【演练】" in await officer.page(address)
    drill = await confirm(officer, address)
    await town.settle()
    await town.jump(minutes=40)
    assert await awake.calls() == calls + 1
    texts = await awake.texts()
    assert "橙色" in texts[-2]
    # The call, and once: are you at your post?
    assert [text.startswith("【演练】") for text in texts[-2:]] == [True, True]
    page = unescape(await officer.page(f"/warnings/{drill}"))
    assert 'class="drill"' in page
    score = unescape(await officer.page(f"/warnings/{drill}/score"))
    assert "【演练】" in score
    assert "50.0%" in score
    assert "钱演示" in score.partition('id="not-woken"')[2]
    sheet = await officer.client.get(f"/warnings/{drill}/score.xlsx")
    book = load_workbook(BytesIO(await sheet.read()))
    figures = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
    assert figures[0][0] == "【演练】叫应评估：沁水县气象台发布暴雨orange预警"
    assert figures[2][:6] == ["全部人员", 2, 1, 50, 50, 50]
    assert [cell.value for cell in book.worksheets[1][3]][:3] == ["龙港镇", "钱演示", "王寨村 防汛责任人"]
    ledger = await officer.client.get(f"/warnings/{drill}/ledger.xlsx")
    assert "【演练】" in str(load_workbook(BytesIO(await ledger.read())).worksheets[0]["A1"].value)
    assert "<status>Exercise</status>" in await (await officer.client.get(f"/warnings/{drill}/cap")).text()
    # The real warning's score stands for itself and is compared with no later drill.
    assert "此前的演练" not in unescape(await officer.page(f"/warnings/{past}/score"))
    assert f"/warnings/{drill}/score" in await officer.page("/drills")


async def test_a_drill_rings_no_real_telephone_and_says_so(town: Town, officer: Browser) -> None:
    await live_carrier(town)
    real, made_up = await real_person(town, "赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", real)
    await town.post(VILLAGE, "监测员", made_up)
    drill = await confirm(officer, await draft(officer))
    await town.settle()
    await town.jump(minutes=1)
    assert await gateways_used(town, drill) == {"simulator"}
    warning = await town.warn("red", areas=[VILLAGE], reference="B3")
    assert await gateways_used(town, warning) == {"simulator", "twilio"}


async def test_real_telephones_ring_when_a_second_person_agrees(
    town: Town, officer: Browser, leader: Browser
) -> None:
    await live_carrier(town)
    real, made_up = await real_person(town, "赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", real)
    await town.post(VILLAGE, "监测员", made_up)
    refused = await officer.post("/by-hand", {**FORM, "exercise": "", "real_phones": "yes"})
    assert "此项只用于演练" in unescape(await refused.text())
    address = await draft(officer, real_phones="yes")
    assert "须由第二人登录同意" in unescape(await officer.page(address))
    drill = await confirm(officer, address)
    await town.settle()
    await town.jump(minutes=1)
    assert (await real.calls(), await made_up.calls()) == (0, 0)
    # Not by the one who wants it.
    assert (await officer.post(f"/warnings/{drill}/start")).status == 422
    assert "真实电话" in unescape(await leader.page(f"/warnings/{drill}/decide"))
    assert (await leader.post(f"/warnings/{drill}/start")).status == 303
    await town.settle()
    by_whom = "SELECT array[real_phones_by, real_phones_second] FROM issued_warnings WHERE id = :id"
    assert await town.value(by_whom, id=drill) == ["user:officer", "user:leader"]
    used = "SELECT array_agg(DISTINCT gateway) FROM attempts WHERE warning_id = :id AND contact_id = :person"
    assert await town.value(used, id=drill, person=real.contact_id) == ["twilio"]
    assert await town.value(used, id=drill, person=made_up.contact_id) == ["simulator"]
    assert (await real.texts())[0].startswith("【演练】")
    facts = "SELECT facts FROM ledger_lines WHERE event = 'warning.written' AND warning_id = :id"
    assert cast("dict[str, Any]", await town.value(facts, id=drill))["real_phones"] is True


async def test_a_drill_never_goes_before_what_is_real(database: Database, redis_url: str) -> None:
    one_line = {"JIAOYING_SIMULATOR_LINES": "1"}
    async with open_town(database, redis_url, **one_line) as town:
        for name in ("赵演示", "钱演示", "孙演示"):
            await town.post(VILLAGE, f"防汛责任人{name}", await town.person(name))
        await town.warn("red", areas=[VILLAGE], exercise=True)
        for name in ("李演示", "周演示"):
            await town.post(OTHER_VILLAGE, f"防汛责任人{name}", await town.person(name, "answers"))
        await town.jump(seconds=1)
        await town.warn("yellow", areas=[OTHER_VILLAGE], reference="B3")
        await town.jump(minutes=3)
        rung = await town.value(
            "SELECT array_agg(exercise ORDER BY claimed_at) FROM attempts"
            " WHERE channel = 'voice' AND claimed_at IS NOT NULL"
        )
        # What rings already rings on; then both real people, and only then the drill.
        assert rung[:3] == [True, False, False]
        assert True in rung[3:]
