"""In the minute of a shift change a warning finds whoever stands at the desk, and nobody who went home."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert

from jiaoying.duty import actions
from jiaoying.duty.actions import Doer
from jiaoying.duty.model import Role
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import desks, shifts
from town import TOWNSHIP, Phone, Town, open_town

HOUR = timedelta(hours=1)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def shifts_of(town: Town, *officers: Phone, first_ends_s: float) -> list[UUID]:
    """A desk whose shifts follow each other, eight hours each; the first ends in so many seconds."""
    now, desk_id = town.clock.now(), new_id(town.clock.now())
    ends_at, ids = now + timedelta(seconds=first_ends_s), [new_id(now) for _ in officers]
    async with town.database.transaction() as tx:
        await tx.execute(insert(desks).values(id=desk_id, area_code=TOWNSHIP, name="龙港镇值班室"))
        for place, (shift_id, officer) in enumerate(zip(ids, officers, strict=True)):
            end = ends_at + place * 8 * HOUR
            await tx.execute(
                insert(shifts).values(
                    id=shift_id,
                    desk_id=desk_id,
                    starts_at=end - 8 * HOUR,
                    ends_at=end,
                    officer_id=officer.contact_id,
                )
            )
    return ids


async def test_at_the_very_moment_the_new_officer_is_called(town: Town) -> None:
    goes, comes = await town.person("赵演示"), await town.person("钱演示", "answers")
    await shifts_of(town, goes, comes, first_ends_s=60)
    await town.jump(seconds=60)
    warning_id = await town.warn("red", areas=[TOWNSHIP])
    await town.jump(seconds=30)
    assert await town.state_of(comes, warning_id) == "answered"
    assert (await goes.calls(), await goes.texts()) == (0, [])


async def test_who_has_not_answered_when_their_shift_ends_is_relieved_at_once(town: Town) -> None:
    goes, comes = await town.person("赵演示"), await town.person("钱演示", "answers")
    await shifts_of(town, goes, comes, first_ends_s=40)
    warning_id = await town.warn("red", areas=[TOWNSHIP])
    await town.jump(seconds=35)
    assert await goes.calls() == 1
    await town.jump(seconds=30)
    assert await town.state_of(comes, warning_id) == "answered"
    called = await goes.calls()
    await town.jump(minutes=10)
    assert await goes.calls() == called
    assert await town.listed(warning_id) == []


async def test_who_answered_before_their_shift_ended_keeps_it(town: Town) -> None:
    goes, comes = await town.person("赵演示", "answers"), await town.person("钱演示")
    await shifts_of(town, goes, comes, first_ends_s=40)
    warning_id = await town.warn("red", areas=[TOWNSHIP])
    await town.jump(minutes=5)
    assert await town.state_of(goes, warning_id) == "answered"
    assert await comes.calls() == 0


async def test_a_swap_in_mid_flight_reaches_who_stands_there_now(town: Town) -> None:
    """The leader agrees to a swap while the desk is being rung: the one who took the shift is called."""
    goes, other, third = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    ids = await shifts_of(town, goes, third, other, first_ends_s=8 * 3600 - 60)
    await other.does("answers")
    warning_id = await town.warn("red", areas=[TOWNSHIP])
    await town.jump(seconds=35)
    assert await goes.calls() == 1
    now = town.clock.now()
    async with town.database.transaction() as tx:
        one, two = (ids[0], Role.OFFICER), (ids[2], Role.OFFICER)
        asked = await actions.ask_swap(tx, one, two, Doer("赵", "家中有事", now, town.engine.timezone))
        await actions.agree_to_swap(tx, asked.id, Doer("领导", "", now, town.engine.timezone))
    await town.jump(minutes=4)
    assert await town.state_of(other, warning_id) == "answered"
    assert await town.listed(warning_id) == []


async def test_who_is_put_in_while_the_desk_is_rung_is_called_at_once(town: Town) -> None:
    """Not when the next rung begins: whoever was rung may have said that they cannot come."""
    goes, comes = await town.person("赵演示"), await town.person("钱演示", "answers")
    (shift_id,) = await shifts_of(town, goes, first_ends_s=8 * 3600 - 60)
    warning_id = await town.warn("red", areas=[TOWNSHIP])
    await town.jump(seconds=5)
    assert (await goes.calls(), await town.state_of(comes, warning_id)) == (1, None)
    doer = Doer("赵", "身体不适", town.clock.now(), town.engine.timezone)
    async with town.database.transaction() as tx:
        await actions.put_in(tx, shift_id, Role.OFFICER, comes.contact_id, doer)
    await town.settle()
    assert await town.state_of(comes, warning_id) == "open"
    await town.jump(seconds=30)
    assert await town.state_of(comes, warning_id) == "answered"
