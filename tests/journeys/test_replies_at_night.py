"""Replies by text, as people send them: with a code, without one, twice, from strangers, and in floods.

GoAlert's behaviour tests of the same names are re-enacted here (test/smoke of target/goalert).
"""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text

from jiaoying.dispatch.hearing import MOST_TEXTS_AN_HOUR
from jiaoying.storage.database import Database
from town import VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_codes_the_last_message_and_blanks(town: Town) -> None:
    """twiliosmsreplycode, twiliosmsreplylast, twiliosmstrailingspace, multiack."""
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    rain = await town.warn("orange", reference="A7")
    await town.jump(minutes=1)
    flood = await town.warn("orange", hazard="flood", reference="B8")
    await town.jump(minutes=1)
    slide = await town.warn("orange", hazard="geohazard", reference="C9")
    await town.jump(minutes=1)
    # A code means its warning, though others came later; the blanks behind it mean nothing.
    await holder.says("1 A7 　\n")
    assert await _states(town, holder, rain, flood, slide) == ["answered", "open", "open"]
    # Without one, what the text that came last has named; a call that nobody took has named nothing. What
    # still waits is told.
    await holder.says("收到 ")
    assert await _states(town, holder, rain, flood, slide) == ["answered", "open", "answered"]
    assert "B8" in (await holder.texts())[-1]
    await holder.says("1 B8")
    assert await _states(town, holder, rain, flood, slide) == ["answered", "answered", "answered"]
    texts = len(await holder.texts())
    for said in ("1 A7", "1 B8", "1"):
        await holder.says(said)
    assert len(await holder.texts()) == texts
    assert await town.value("SELECT count(*) FROM alarms WHERE cleared_at IS NULL") == 0


async def test_what_nobody_was_asked_is_ignored_and_shown(town: Town) -> None:
    """twiliosmsignore: a stranger's answer ticks nobody, and the officer sees it."""
    holder, passer_by = await town.person("赵演示"), await town.person("路人演示")
    async with town.database.transaction() as tx:
        await tx.execute(text("DELETE FROM contact_numbers WHERE number = :n"), {"n": passer_by.number})
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("orange")
    await town.jump(minutes=1)
    await passer_by.says("1")
    assert await town.state_of(holder, warning) == "open"
    assert await passer_by.texts() == []
    assert await town.value("SELECT kind FROM alarms") == "unknown_number"


async def test_a_flood_from_one_number_does_not_cost_a_text_each(town: Town) -> None:
    """twiliosmsreplylimit: all of it is taken down, and no more than so many texts an hour are sent back."""
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("orange")
    await town.jump(minutes=1)
    await holder.says("1")
    for people in range(1, 12):
        await town.jump(seconds=20)
        await holder.says(f"已转移{people}人")
    replies = "SELECT count(*) FROM attempts WHERE purpose = 'reply'"
    assert await town.value(replies) == MOST_TEXTS_AN_HOUR
    for said in ("什么", "没听懂", "谁啊"):
        await holder.says(said)
    assert await town.value(replies) == MOST_TEXTS_AN_HOUR
    assert await town.value("SELECT max(people) FROM feedback") == 11
    assert await town.state_of(holder, warning) == "answered"
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'not_understood'") == 3
    await town.jump(minutes=61)
    await holder.says("已转移20人")
    assert await town.value(replies) == MOST_TEXTS_AN_HOUR + 1


async def _states(town: Town, phone: Phone, *warnings: UUID) -> list[str | None]:
    return [await town.state_of(phone, warning) for warning in warnings]
