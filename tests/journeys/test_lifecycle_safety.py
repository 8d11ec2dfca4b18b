"""A kill in the middle of an update leaves everybody as they were; two workers make one chain."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from jiaoying.dispatch import succession
from jiaoying.dispatch.board import township_board, warning_facts
from jiaoying.storage.database import Database
from journeys.messages import about, send
from town import OTHER_VILLAGE, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_what_breaks_off_in_the_middle_changes_nothing_and_is_done_later(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, dropped = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", kept)
    await town.post(OTHER_VILLAGE, "防汛责任人", dropped)
    first = await town.warn("orange")
    await town.jump(minutes=1)
    stood = (await town.states("responsibilities", first), await town.states("call_outs", first))

    async def dies(*_args: object, **_options: object) -> None:
        raise ConnectionError("the worker is gone")

    with monkeypatch.context() as broken:
        broken.setattr(succession, "text_people", dies)
        with pytest.raises(ConnectionError):
            await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    assert (await town.states("responsibilities", first), await town.states("call_outs", first)) == stood
    await town.settle()
    assert await town.states("responsibilities", first) == {"withdrawn": 1}
    assert len([text for text in await dropped.texts() if "停止" in text]) == 1
    await kept.says("收到")
    assert (await town.value("SELECT count(*) FROM call_outs WHERE state = 'open'")) == 0


async def test_two_workers_that_match_two_updates_at_once_make_one_chain(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=1)
    for identifier in ("u1", "u2", "u3"):
        infos = about(town, "orange", VILLAGE)
        await send(town, identifier, infos, kind="Update", names=("a1",), settles=False)
    match = town.stage("match")
    while await town.value("SELECT count(*) FROM issued_warnings WHERE state = 'received'"):
        await asyncio.gather(*(match.run_once(town.engine, town.clock.now()) for _ in range(4)))
    assert await town.value("SELECT count(*) FROM responsibilities") == 1
    assert await town.value("SELECT count(*) FROM call_outs") == 1
    assert await town.value(
        "SELECT identifier FROM issued_warnings JOIN responsibilities ON warning_id = issued_warnings.id"
    ) == ("u3")


async def test_one_persons_story_and_figures_go_on_with_the_newer_warning(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=30)
    await holder.says("转12户35人")
    newer = await town.warn("orange", areas=[VILLAGE], kind="update", replaces=first)
    async with town.database.transaction() as tx:
        before, after = await warning_facts(tx, first), await warning_facts(tx, newer)
        [row] = await township_board(tx, newer, town.clock.now())
    assert before is not None
    assert after is not None
    assert (before.replaced_by_id, after.replaces_id) == (newer, first)
    assert (row.answered, row.covered, row.moved_people) == (1, 1, 35)
    # The codes say a village, the words a county: both are shown.
    assert after.unnamed_areas == ("梁庄村",)
    # Opened together with everybody: tests/journeys/test_told_together.py.
    story = await town.value(
        "SELECT string_agg(event, ' ' ORDER BY id) FROM ledger_lines WHERE call_out_id IS NOT NULL"
    )
    words = story.split()
    assert words[0] == "attempt.planned"
    assert words[-1] == "call_out.carried"
    assert "call_out.answered" in words
