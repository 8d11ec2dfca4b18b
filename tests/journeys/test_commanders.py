"""A special headquarters has two commanders (双指挥长): each is a post, and each is woken."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.contacts.model import PostLevel, tier_of
from jiaoying.dispatch.ladders.model import ALL, ANY, NamedPost, Stop
from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.kernel.areas import Level
from jiaoying.storage.database import Database
from town import COUNTY, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_both_commanders_are_rung_and_one_does_not_answer_for_the_other(town: Town) -> None:
    party, head = await town.person("赵演示", "answers"), await town.person("钱演示")
    for holder in (party, head):
        kind = "防汛抗旱指挥部双指挥长"
        await town.post(COUNTY, kind, holder, tier=tier_of(PostLevel.COUNTY, kind))
    warning = await town.warn("red")
    await town.jump(minutes=6)
    assert await party.calls() == 1
    assert await head.calls() >= 2
    assert await town.state_of(party, warning) == "answered"
    assert await town.listed(warning) == ["沁水县 防汛抗旱指挥部双指挥长"]


@pytest.mark.parametrize(("word", "stop"), [("any", ANY), ("all", ALL), (2, Stop(2))])
def test_a_ladder_names_both_and_says_whether_one_is_enough(word: object, stop: Stop) -> None:
    both = [{"post": "指挥长", "of": "county"}, {"post": "第二指挥长", "of": "county"}]
    rung = {"who": both, "channels": ["sms", "voice"], "tries": 2, "wait_s": 120}
    ladder = ladder_from_data({"stop": word, "deadline_s": 300, "rungs": [rung]})
    assert ladder.stop == stop
    assert ladder.rungs[0].who == (
        NamedPost("指挥长", Level.COUNTY),
        NamedPost("第二指挥长", Level.COUNTY),
    )
