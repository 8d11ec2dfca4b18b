"""One person on several rungs: asked anew by the next rung, and never called twice for it at once.

GoAlert's `escalationnotification`: what somebody is told does not repeat within a step, and goes on.
"""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from town import VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_who_is_their_own_deputy_is_not_called_twice_for_one_thing(town: Town) -> None:
    zhao = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", zhao, deputy=zhao)
    warning = await town.warn("orange")
    rang: list[int] = []
    for _ in range(20):
        await town.jump(seconds=30)
        rang.append(await zhao.calls())
    # Three tries, a minute apart at least, whatever rung they stand on; one text beside them.
    assert rang[-1] == 3
    assert all(later - earlier <= 1 for earlier, later in zip(rang, rang[2:], strict=False))
    assert len(await zhao.texts()) == 1
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
