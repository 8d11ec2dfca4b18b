"""All is due at once, a grave warning comes, the service is off for a day: nothing is lost or done twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from jiaoying.duty.incidents import actions as incident_actions
from jiaoying.duty.incidents.actions import WrittenReport
from jiaoying.duty.letters.actions import Addressee
from jiaoying.duty.planning import DeskPlan, plan_as_data
from jiaoying.duty.roll_calls import actions as roll_call_actions
from jiaoying.duty.roll_calls.model import Terms
from jiaoying.ledger.verify import verify
from jiaoying.storage.database import Database
from jiaoying.storage.schema import desks
from journeys.test_asked_for_much import asked_daily, doer, reminded
from journeys.test_daily import FLOOD
from journeys.test_incident_clock import SLIDE
from journeys.test_letters import sent
from town import TOWNSHIP, VILLAGE, Town, open_town

BROKE = "SELECT count(*) FROM alarms WHERE kind LIKE '%broke%'"
OPEN = """
    SELECT (SELECT count(*) FROM roll_calls WHERE next_at < :now)
         + (SELECT count(*) FROM daily_rounds WHERE next_at < :now)
         + (SELECT count(*) FROM daily_plans WHERE next_at < :now)
         + (SELECT count(*) FROM routine_occurrences WHERE next_at < :now)
         + (SELECT count(*) FROM letter_units WHERE next_at < :now)
         + (SELECT count(*) FROM shift_watches WHERE next_at < :now)
         + (SELECT count(*) FROM incident_obligations WHERE state = 'open' AND next_at < :now)
         + (SELECT count(*) FROM attempts WHERE state = 'sending')
"""


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def everything_due(town: Town) -> None:
    officer = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", officer, hazards=["rain"])
    desk_id = await town.desk(TOWNSHIP, "龙港镇值班室", officer, await town.person("孙演示"))
    async with town.database.transaction() as tx:
        await tx.execute(update(desks).values(plan=plan_as_data(DeskPlan(signs_on=True, hands_over=True))))
    await reminded(town, desk_id, officer)
    await sent(town, Addressee(desk_id, None, "龙港镇值班室"))
    await asked_daily(town, FLOOD)
    async with town.database.transaction() as tx:
        await roll_call_actions.begin_now(tx, Terms(TOWNSHIP), doer(town))
        await incident_actions.take_in(tx, desk_id, WrittenReport(SLIDE), doer(town))


async def test_a_grave_warning_and_a_day_without_service_leave_nothing_behind(town: Town) -> None:
    await everything_due(town)
    await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=45)
    # The service is off for more than a day, over every moment that was due.
    town.clock.advance_to(town.clock.now() + timedelta(hours=30))
    await town.settle()
    await town.jump(minutes=3)
    assert await town.value(OPEN, now=town.clock.now()) == 0
    assert await town.value(BROKE) == 0
    assert (await verify(town.database)).unbroken


async def test_two_workers_at_once_make_each_call_once(town: Town) -> None:
    await everything_due(town)
    names = (
        "roll_call",
        "daily",
        "incidents",
        "presence",
        "routines",
        "letters",
        "settle",
        "escalate",
        "plan",
    )
    for _ in range(12):
        town.clock.advance_to(town.clock.now() + timedelta(minutes=5))
        stages = [town.stage(name) for name in names]
        now = town.clock.now()
        await asyncio.gather(*(one.run_once(town.engine, now) for one in (*stages, *stages)))
    twice = """
        SELECT count(*) FROM (
            SELECT FROM routine_calls GROUP BY occurrence_id, step, made_at HAVING count(*) > 1
            UNION ALL SELECT FROM incident_reminders GROUP BY incident_id, begun_at HAVING count(*) > 1
            UNION ALL SELECT FROM letter_units GROUP BY letter_id HAVING count(DISTINCT call_id) > 1) made
    """
    assert await town.value(twice) == 0
    made = "SELECT count(*) FROM issued_warnings WHERE purpose = 'roll_call'"
    assert await town.value(made) == 1
    assert await town.value(BROKE) == 0
    assert (await verify(town.database)).unbroken
