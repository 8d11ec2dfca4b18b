"""Voice counts with a key press; how else a call ended is named, and covers nothing by itself."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from town import VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def _heard(town: Town, phone_number: str) -> list[tuple[str | None, int | None, bool]]:
    """Of each call to a number: who picked up, for how long, and whether it was heard whole."""
    async with town.database.transaction() as tx:
        from sqlalchemy import text

        rows = await tx.execute(
            text(
                "SELECT picked_up_by, heard_s, heard_whole_at IS NOT NULL FROM attempts"
                " WHERE number = :number AND channel = 'voice' ORDER BY id"
            ),
            {"number": phone_number},
        )
        return [tuple(row) for row in rows]


async def test_heard_to_its_end_is_shown_rests_two_minutes_and_rings_again(town: Town) -> None:
    holder = await town.person("赵演示", "listens")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=1, seconds=30)
    print(await _heard(town, holder.number))
    print(await town.value("select heard_whole_at from attempts where channel='voice' limit 1"), town.clock.now())
    for i in range(20):
        await town.jump(seconds=20)
        print(town.clock.now(), await holder.calls(), await town.state_of(holder, warning), await _heard(town, holder.number))
    print(await town.events(warning))
    assert 0
