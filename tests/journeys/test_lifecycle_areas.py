"""New places are called; dropped ones are stood down: exactly those reached who have no duty left."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from town import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


def ends(texts: list[str]) -> int:
    """How many of them say that the call-out is over."""
    return len([text for text in texts if "本次叫应停止" in text])


async def test_a_new_village_is_called_and_the_old_one_left_in_peace(town: Town) -> None:
    old, new = await town.person("赵演示", "answers"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", old)
    await town.post(OTHER_VILLAGE, "防汛责任人", new)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=2)
    assert await new.calls() == 0
    wider = await town.warn("orange", areas=[VILLAGE, OTHER_VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=2)
    assert (await old.calls(), await new.calls()) == (1, 1)
    assert await town.states("responsibilities", wider) == {"covered": 2}
    assert ends(await old.texts()) == 0


async def test_a_dropped_village_is_stood_down_and_nobody_else(town: Town) -> None:
    dropped, kept = await town.person("赵演示", "answers"), await town.person("钱演示", "answers")
    both, unreached = await town.person("孙演示", "answers"), await town.person("李演示")
    await town.post(VILLAGE, "防汛责任人", dropped, deputy=unreached)
    await town.post(OTHER_VILLAGE, "防汛责任人", kept)
    for village in (VILLAGE, OTHER_VILLAGE):
        await town.post(village, "护林员", both)
    first = await town.warn("orange", areas=[VILLAGE, OTHER_VILLAGE])
    await town.jump(minutes=2)
    narrower = await town.warn("orange", areas=[OTHER_VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=10)
    assert ends(await dropped.texts()) == 1
    assert [ends(await phone.texts()) for phone in (kept, both, unreached)] == [0, 0, 0]
    assert await town.states("responsibilities", narrower) == {"covered": 2}
    assert await town.states("responsibilities", first) == {"withdrawn": 2}
    # The cancel then tells the others, and the one who heard already nothing more.
    await town.warn("orange", kind="cancel", replaces=narrower)
    await town.jump(minutes=5)
    assert [ends(await phone.texts()) for phone in (dropped, kept, both, unreached)] == [1, 1, 1, 0]


async def test_who_is_still_being_called_for_a_dropped_village_is_called_no_more(town: Town) -> None:
    silent, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", silent, deputy=deputy)
    await town.post(OTHER_VILLAGE, "防汛责任人", await town.person("孙演示"))
    first = await town.warn("orange", areas=[VILLAGE, OTHER_VILLAGE])
    await town.jump(seconds=30)
    await town.warn("orange", areas=[OTHER_VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=20)
    assert await silent.calls() == 1
    assert (await deputy.calls(), await deputy.texts()) == (0, [])
    assert ends(await silent.texts()) == 1


async def test_the_deputy_who_was_woken_for_the_milder_colour_hears_the_end_too(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=4)
    assert await deputy.calls() == 1
    await holder.does("answers")
    raised = await town.warn("red", areas=[VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=3)
    assert await deputy.calls() == 1
    await town.warn("red", kind="cancel", replaces=raised)
    await town.jump(minutes=3)
    assert (ends(await holder.texts()), ends(await deputy.texts())) == (1, 1)


async def test_moved_away_altogether_all_are_stood_down(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=2)
    await town.warn("orange", areas=["140522000000"], kind="update", replaces=first)
    await town.jump(minutes=2)
    assert ends(await holder.texts()) == 1
    assert await town.states("responsibilities", first) == {"withdrawn": 1}


async def test_the_desk_of_the_township_keeps_its_duty_while_one_of_its_villages_is_named(town: Town) -> None:
    officer = await town.person("周演示", "answers")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(minutes=2)
    moved = await town.warn("orange", areas=[OTHER_VILLAGE], kind="update", replaces=first)
    await town.jump(minutes=5)
    assert await officer.calls() == 1
    assert ends(await officer.texts()) == 0
    assert await town.states("responsibilities", moved) == {"covered": 1}
