"""A number is called as often as its carrier allows, and nobody is lost for that."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import pytest
from sqlalchemy import insert

from jiaoying.dispatch.stages.plan import PlanStage
from jiaoying.kernel.ids import new_id
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from town import START, VILLAGE, Phone, Town, open_town

BUDGET = "voice 1/min 5/h 20/d; sms 10/h 50/d"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url, JIAOYING_SIMULATOR_NUMBER_BUDGET=BUDGET) as opened:
        yield opened


async def evening(town: Town, colour: str, count: int, every_min: float) -> list[UUID]:
    """So many warnings, one after the other."""
    warnings: list[UUID] = []
    for number in range(count):
        warnings.append(await town.warn(colour, areas=[VILLAGE], reference=f"A{number + 1}", hours=3))
        await town.jump(minutes=every_min)
    return warnings


async def calls_within_an_hour(town: Town, phone: Phone) -> int:
    """The most calls that the number took within any hour."""
    return await town.value(
        """
        SELECT max(calls) FROM (
            SELECT count(*) OVER (ORDER BY accepted_at RANGE BETWEEN CURRENT ROW AND '1 hour' FOLLOWING)
                   AS calls
            FROM attempts WHERE number = :number AND channel = 'voice' AND accepted_at IS NOT NULL) AS hours
        """,
        number=phone.number,
    )


async def test_past_the_budget_the_deputy_is_called_at_once_and_the_holder_when_there_is_room(
    town: Town,
) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    await evening(town, "orange", 2, 12)
    assert await holder.calls() == 5
    third = await town.warn("orange", areas=[VILLAGE], reference="A3", hours=3)
    await town.jump(seconds=1)
    # No call, but the text, the deputy at once, and a moment at which it can be called again.
    assert await holder.calls() == 5
    assert "A3" in (await holder.texts())[-1]
    assert "A3" in (await deputy.texts())[-1]
    assert "call_out.budget_spent" in await town.events(third)
    assert await town.state_of(holder, third) == "open"
    await town.jump(minutes=60)
    assert await holder.calls() > 5
    assert await calls_within_an_hour(town, holder) <= 5
    await holder.says("1 A3")
    assert await town.states("responsibilities", third) == {"covered": 1}


async def test_the_second_number_is_called_where_the_first_bears_no_more(town: Town) -> None:
    holder, other = await town.person("赵演示"), await town.person("赵演示办公室")
    await town.post(VILLAGE, "防汛责任人", holder)
    async with town.database.transaction() as tx:
        await tx.execute(
            insert(schema.contact_numbers).values(
                id=new_id(START),
                contact_id=holder.contact_id,
                number="+8610000009999",
                kind="mobile",
                preference=1,
            )
        )
    await town.ask("PUT", "/town/phones/+8610000009999", json={"habit": "answers"})
    await holder.does("busy")
    for number in range(5):
        await town.warn("orange", areas=[VILLAGE], reference=f"A{number + 1}", hours=3)
        await town.jump(minutes=5)
    assert await other.calls() == 0
    assert await calls_within_an_hour(town, holder) <= 5
    assert await town.value("SELECT count(*) FROM call_outs WHERE state <> 'answered'") == 0


async def test_red_overdraws_and_the_ledger_says_so(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    *_, last = await evening(town, "red", 3, 12)
    assert 5 < await calls_within_an_hour(town, holder) <= 10
    told = await town.value(
        "SELECT max(facts->>'overdrawn') FROM ledger_lines WHERE warning_id = :warning", warning=last
    )
    assert told.endswith("of 5/h")


async def test_four_planners_at_once_never_plan_more_than_a_number_bears_nor_ring_twice(town: Town) -> None:
    """Forty people, five warnings each at the same moment, and everybody plans."""
    people = [await town.person(f"演示{number}") for number in range(40)]
    for person in people:
        await town.post(VILLAGE, "防汛责任人", person)
    for number in range(5):
        hazard = ("rain", "geohazard", "flash_flood", "flood", "wind")[number]
        await town.warn("orange", areas=[VILLAGE], hazard=hazard, reference=f"A{number}", settles=False)
    for _ in range(5):
        await town.stage("match").run_once(town.engine, town.clock.now())
    await town.stage("escalate").run_once(town.engine, town.clock.now())
    # In small batches, so that what is due of one person is in several hands.
    await plan_together(town, [PlanStage(batch=3) for _ in range(4)])
    rings = await town.value(
        "SELECT max(rings) FROM (SELECT count(*) AS rings FROM attempts"
        " WHERE channel = 'voice' AND state = 'due' GROUP BY number) AS numbers"
    )
    assert rings == 1
    assert await town.value("SELECT count(*) FROM attempts WHERE channel = 'voice' AND state = 'due'") == 40
    unseen = "SELECT count(*) FROM call_outs WHERE state = 'open' AND next_at IS NULL"
    assert await town.value(unseen) == 0


async def plan_together(town: Town, planners: Sequence[PlanStage]) -> None:
    """Several at once, until nobody finds anything due."""
    now, due = town.clock.now(), "SELECT count(*) FROM call_outs WHERE state = 'open' AND next_at <= :now"
    for _ in range(200):
        await asyncio.gather(*(planner.run_once(town.engine, now) for planner in planners))
        if not await town.value(due, now=now):
            return
    raise AssertionError("planning never comes to rest")
