"""One pasted bulletin, two colours: each is a warning of its own, whichever is confirmed first."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from journeys.test_by_hand import confirm, desk_of
from town import OTHER_VILLAGE, VILLAGE, Town, open_town
from web_town import Browser, add_users

TEXT = (
    "沁水县气象台2026年7月15日10时00分发布暴雨预警信号：预计未来3小时，龙港镇梁庄村将出现大暴雨，为红色预警；"
    "龙港镇王寨村将出现暴雨，为橙色预警。请注意防范。"
)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    await add_users(database)
    async with open_town(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def officer(town: Town) -> AsyncIterator[Browser]:
    async for browser in desk_of(town, "officer"):
        yield browser


@pytest.mark.parametrize("last_first", [False, True])
async def test_the_second_colour_leaves_the_first_alone(
    town: Town, officer: Browser, *, last_first: bool
) -> None:
    red, orange = await town.person("赵演示", "answers"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", red)
    await town.post(OTHER_VILLAGE, "防汛责任人", orange)
    answer = await officer.post("/by-hand/paste", {"pasted": TEXT})
    assert answer.status == 303, await answer.text()
    async with town.database.transaction() as tx:
        found = await tx.exec_driver_sql("SELECT id FROM warning_drafts ORDER BY id")
        drafts = [f"/by-hand/{row[0]}" for row in found]
    assert len(drafts) == 2
    for draft in reversed(drafts) if last_first else drafts:
        await confirm(officer, draft)
        await town.settle()
    await town.jump(minutes=2)
    states = "SELECT string_agg(colour || ' ' || state, ', ' ORDER BY colour) FROM issued_warnings"
    assert await town.value(states) == "orange closed, red closed"
    assert (await red.calls(), await orange.calls()) == (1, 1)
    assert not [text for text in await red.texts() + await orange.texts() if "停止" in text]
