"""What GoAlert's behaviour tests promise of escalation, re-enacted with our own people and words."""

from collections.abc import AsyncIterator

import pytest

from jiaoying.storage.database import Database
from journeys.cascade_ladders import ladder, put_in_force, rung
from town import TOWNSHIP, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as town:
        yield town


async def test_step_by_step_each_after_its_own_wait(town: Town) -> None:
    """`escalation`: the next step after the wait of this one, and nobody before."""
    phones = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    await town.post(VILLAGE, "防汛责任人", phones[0], deputy=phones[1], superior=phones[2])
    await put_in_force(
        town,
        village=ladder(
            rung("holder", wait_s=60), rung("deputy", wait_s=90), rung("superior"), deadline_s=900
        ),
    )
    await town.warn("red", areas=[VILLAGE])
    rung_after: list[list[bool]] = []
    for _ in range(4):
        rung_after.append([await phone.calls() > 0 for phone in phones])
        await town.jump(seconds=48)
    assert rung_after == [
        [True, False, False],
        [True, False, False],
        [True, True, False],
        [True, True, False],
    ]
    await town.jump(seconds=10)
    assert await phones[2].calls() == 1


async def test_a_step_that_names_nobody_costs_no_time(town: Town) -> None:
    """`escalationgap`: nobody is on duty for a step: the one after it begins at once."""
    holder, superior = await town.person("赵演示"), await town.person("孙演示")
    await town.post(VILLAGE, "防汛责任人", holder, superior=superior)
    await put_in_force(
        town, village=ladder(rung("holder", wait_s=60), rung("desk"), rung("deputy"), rung("superior"))
    )
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=61)
    assert await superior.calls() == 1
    assert (await town.events(warning)).count("responsibility.rung_empty") == 2


async def test_whoever_cannot_passes_it_on_by_a_word(town: Town) -> None:
    """`manualescalation`: a person moves it on by hand: the next is rung now, and they themselves no more."""
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    await put_in_force(town, village=ladder(rung("holder", wait_s=900, tries=5), rung("deputy")))
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=20)
    await holder.says("转B角")
    assert await deputy.calls() == 1
    assert await town.state_of(holder, warning) == "declined"
    await town.jump(minutes=3)
    assert await holder.calls() == 1


async def test_one_person_is_tried_again_and_again_within_a_step(town: Town) -> None:
    """`multistepnotification`: several tries of one person, by the gaps of the step; one text is enough."""
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    await put_in_force(town, village=ladder(rung("holder", wait_s=900, tries=3, gap_s=60)))
    await town.warn("red", areas=[VILLAGE])
    assert await holder.calls() == 1
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    await town.jump(minutes=5)
    assert (await holder.calls(), len(await holder.texts())) == (3, 1)


async def test_the_duty_goes_to_another_and_whoever_comes_new_is_rung(town: Town) -> None:
    """`policyreassignment`: the shift changes while it runs: the step asks who stands there now."""
    holder, night, day = [await town.person(name) for name in ("赵演示", "周演示", "吴演示")]
    await town.post(VILLAGE, "防汛责任人", holder)
    desk = await town.desk(TOWNSHIP, "龙港镇值班室", night)
    await put_in_force(town, village=ladder(rung("holder", wait_s=120), rung("leader", "desk")))
    await town.warn("red", areas=[VILLAGE], hours=6)
    rang = await night.calls()
    async with town.database.transaction() as tx:
        await tx.exec_driver_sql(
            f"UPDATE shifts SET officer_id = '{day.contact_id}' WHERE desk_id = '{desk}'"
        )
    await town.jump(seconds=125)
    assert await day.calls() == 1
    # The desk itself is a duty of its own: whoever stood there was rung for it, and is not rung for this.
    assert await night.calls() <= rang + 1
