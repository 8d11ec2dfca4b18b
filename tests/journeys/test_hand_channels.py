"""What is done by hand: a radio is a witness, a gong is a broadcast."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from uuid import UUID

import pytest
from openpyxl import load_workbook

from jiaoying.dispatch.actions import answer_by_hand, log_broadcast
from jiaoying.dispatch.board import call_out_history, unconfirmed
from jiaoying.dispatch.broadcasts import Broadcast
from jiaoying.dispatch.grades import How
from jiaoying.kernel.errors import Refusal
from jiaoying.ledger.documents import Paper, story_workbook
from jiaoying.ledger.export import story, story_heading
from jiaoying.storage.database import Database
from town import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_a_radio_covers_and_is_witnessed(town: Town) -> None:
    """The officer reached them by radio ten minutes ago: covered, with who, when and what was said."""
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=1)
    call_out_id, now = await town.value("SELECT id FROM call_outs"), town.clock.now()
    async with town.database.transaction() as tx:
        await answer_by_hand(
            tx,
            call_out_id,
            by="user:王值班",
            how="radio",
            note="对讲机答复已到岗",
            now=now,
            at=now - timedelta(seconds=30),
        )
    await town.settle()
    assert await town.state_of(holder, warning) == "answered"
    assert await town.states("responsibilities", warning) == {"covered": 1}
    async with town.database.transaction() as tx:
        history = await call_out_history(tx, call_out_id)
    assert history
    (answer,) = history.answers
    assert (answer.how, answer.grade, answer.by_user) == ("radio", "witnessed", "user:王值班")
    assert answer.at == now - timedelta(seconds=30)
    calls = await holder.calls()
    await town.jump(minutes=10)
    assert await holder.calls() == calls


async def test_a_gong_is_noted_with_everybody_there_and_covers_nobody(town: Town) -> None:
    """鸣锣 in one village: its people go on being called, and the neighbours are not touched."""
    here, deputy = await town.person("赵演示"), await town.person("钱演示")
    there = await town.person("孙演示")
    await town.post(VILLAGE, "防汛责任人", here, deputy=deputy)
    await town.post(OTHER_VILLAGE, "防汛责任人", there)
    warning = await town.warn("red", areas=[TOWNSHIP])
    await town.jump(minutes=1)
    now = town.clock.now()
    gong = Broadcast(How.GONG, "user:王值班", "村主任沿街鸣锣", now)
    async with town.database.transaction() as tx:
        assert await log_broadcast(tx, warning, VILLAGE, gong, now) == 1
    await town.settle()
    assert await town.states("responsibilities", warning) == {"open": 2}
    assert await town.state_of(here, warning) == "open"
    async with town.database.transaction() as tx:
        assert (await unconfirmed(tx, warning)).told == 1
        told = await town.value("SELECT call_out_id FROM answers WHERE how = 'gong'")
        history = await call_out_history(tx, told)
    assert history
    assert history.call_out.contact_id == here.contact_id
    assert [(answer.grade, answer.meaning) for answer in history.answers] == [("broadcast", "told")]
    assert history.call_out.answered_grade is None
    await town.jump(minutes=4)
    assert await here.calls() >= 2
    assert await deputy.calls() >= 1
    await here.says("收到")
    assert await town.state_of(here, warning) == "answered"
    cells = await _workbook(town, warning)
    assert any("鸣锣" in cell and "广播告知" in cell for cell in cells), "the line of the gong"
    assert any("短信" in cell and "本人应答" in cell for cell in cells), "how the person answered"


async def _workbook(town: Town, warning: UUID) -> list[str]:
    """Every text of the ledger as Excel."""
    async with town.database.transaction() as tx:
        heading, lines = await story_heading(tx, warning), await story(tx, warning)
    assert heading
    book = load_workbook(BytesIO(story_workbook(heading, lines, Paper(town.engine.timezone))))
    return [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell]


async def test_what_cannot_have_been_is_refused_with_a_sentence(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    call_out_id, now = await town.value("SELECT id FROM call_outs"), town.clock.now()
    async with town.database.transaction() as tx:
        for how, at, words in (
            ("smoke", now, "怎样叫到本人的"),
            ("radio", now + timedelta(minutes=1), "时间还没到"),
            ("gong", now - timedelta(days=2), "一天以前"),
            ("door", now, "是谁上门的"),
        ):
            with pytest.raises(Refusal, match=words):
                await answer_by_hand(tx, call_out_id, by="user:王", how=how, note="", now=now, at=at)
        gong = Broadcast(How.GONG, "user:王", "", now)
        with pytest.raises(Refusal, match="没有叫应任何人"):
            await log_broadcast(tx, warning, OTHER_VILLAGE, gong, now)
    assert await town.value("SELECT count(*) FROM answers") == 0
