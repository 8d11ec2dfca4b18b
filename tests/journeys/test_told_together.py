"""A match is told in few lines of the ledger, and each person's story is in them."""

from collections.abc import AsyncIterator, Mapping
from typing import cast

import pytest
from sqlalchemy import text

from jiaoying.dispatch.board import call_out_history
from jiaoying.ledger.export import story
from jiaoying.ledger.people import people_of
from jiaoying.storage.database import Database
from town import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_export_and_history_tell_everybody_from_the_common_lines(town: Town) -> None:
    holder, other = await town.person("赵演示", "answers"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await town.post(OTHER_VILLAGE, "防汛责任人", other)
    await town.post(OTHER_VILLAGE, "巡查员", holder)
    first = await town.warn("orange", areas=[TOWNSHIP])
    await town.jump(seconds=1)
    again = await town.warn("orange", areas=[TOWNSHIP], kind="update", replaces=first)
    events = await town.events(first)
    assert [events.count(f"{word}.opened") for word in ("responsibilities", "call_outs")] == [1, 1]
    assert "call_out.opened" not in events
    async with town.database.transaction() as tx:
        told = await story(tx, again)
        began = await story(tx, first)
        ids = (await tx.execute(text("SELECT id FROM call_outs ORDER BY id"))).scalars().all()
        histories = [await call_out_history(tx, row_id) for row_id in ids]
    # Their calls went over to the update, and the beginning of each with them.
    assert {person.person for person in people_of(told)} == {"赵演示", "钱演示"}
    opened = [line for line in told if line.event == "call_out.opened"]
    assert sorted(line.person or "" for line in opened) == ["赵演示", "钱演示"]
    duties = [line for line in began if line.event == "responsibility.opened"]
    assert {(line.particulars or {})["label"] for line in duties} == {
        "梁庄村 防汛责任人",
        "王寨村 防汛责任人",
        "王寨村 巡查员",
    }
    whys = [cast("Mapping[str, object]", line.facts["why"]) for line in duties]
    assert {why["by"] for why in whys} == {"inside"}
    rungs = [line for line in began if line.event == "responsibility.rung_began"]
    assert len(rungs) == 3
    assert [history.ledger[0].event for history in histories if history] == ["call_out.opened"] * 2
