"""One row that breaks the program holds up nothing else that the duty desk waits for."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from jiaoying.dispatch.stages.presence import PresenceStage
from jiaoying.duty.letters.actions import Addressee
from jiaoying.duty.letters.model import UnitState
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from journeys.test_asked_for_much import reminded
from journeys.test_letters import receipts, sent
from journeys.test_presence import shift_in, state_of
from journeys.test_routines import duty
from town import COUNTY, TOWNSHIP, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def told_of(town: Town, row_id: object) -> bool:
    async with town.database.transaction() as tx:
        kind = schema.alarms.c.kind == f"row_broke:{row_id}"
        return bool(await tx.scalar(select(func.count()).select_from(schema.alarms).where(kind)))


async def test_a_duty_whose_rule_cannot_be_read_stops_no_reminder_of_another(town: Town) -> None:
    officer = await town.person("赵演示")
    desk_id = await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    broken = await duty(town, desk_id, officer)
    async with town.database.transaction() as tx:
        own = schema.routines.c.id == broken.id
        await tx.execute(update(schema.routines).where(own).values(rule={}))
    await reminded(town, desk_id, officer)
    assert await told_of(town, broken.id)


async def test_a_letter_that_cannot_be_read_hides_no_receipt_of_another(town: Town) -> None:
    one, other = await town.person("赵演示"), await town.person("钱演示")
    broken = await sent(town, Addressee(await town.desk(COUNTY, "县水务局值班室", other), None, "县水务局"))
    whole = await sent(town, Addressee(await town.desk(TOWNSHIP, "龙港镇值班室", one), None, "龙港镇"))
    async with town.database.transaction() as tx:
        own = schema.letters.c.id == broken.id
        await tx.execute(update(schema.letters).where(own).values(facts={"unknown": ""}))
    await town.jump(seconds=30)
    await one.says("1")
    await town.jump(seconds=10)
    assert await receipts(town, whole) == {"龙港镇": UnitState.CONFIRMED}
    assert await told_of(town, broken.id)


async def test_a_shift_that_breaks_the_program_leaves_no_other_unwatched(town: Town) -> None:
    officer, other = await town.person("赵演示"), await town.person("钱演示")
    broken = await shift_in(town, 1, other)
    async with town.database.transaction() as tx:
        own = schema.shifts.c.id == broken
        # No clock of ours can show it.
        await tx.execute(update(schema.shifts).where(own).values(ends_at=datetime.max.replace(tzinfo=UTC)))
        await tx.execute(update(schema.desks).values(name="端氏镇值班室"))
    whole = await shift_in(town, 2, officer)
    town.clock.advance_to(town.clock.now() + timedelta(minutes=3))
    await PresenceStage().run_once(town.engine, town.clock.now())
    assert await state_of(town, whole) == "asked"
    assert await told_of(town, broken)
