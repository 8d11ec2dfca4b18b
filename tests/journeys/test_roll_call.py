"""A roll call: the officer sees at its end who was there and after how many seconds, and who was not."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from jiaoying.duty.actions import Doer
from jiaoying.duty.roll_calls import actions, store
from jiaoying.duty.roll_calls.model import CallState, Outcome, Result, RollCall, Terms
from jiaoying.kernel.errors import Refusal
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from town import COUNTY, Phone, Town, open_town

TERMS = Terms(COUNTY)
FAST = {"kind": "answers", "after_s": 4}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def township(town: Town, number: int) -> str:
    """The code of a further township."""
    code = f"140521{200 + number}000"
    async with town.database.transaction() as tx:
        await tx.execute(
            insert(schema.areas).values(code=code, name=f"{number}号镇", level="township", parent_code=COUNTY)
        )
    return code


async def desks(town: Town, *officers: Phone | None) -> list[UUID]:
    return [
        await town.desk(await township(town, number), f"{number:02d}号镇值班室", officer)
        for number, officer in enumerate(officers, start=1)
    ]


def doer(town: Town, reason: str = "") -> Doer:
    return Doer("user:officer", reason, town.clock.now(), town.engine.timezone)


async def begin(town: Town, terms: Terms = TERMS) -> UUID:
    async with town.database.transaction() as tx:
        call_id = await actions.begin_now(tx, terms, doer(town))
    await town.settle()
    return call_id


async def results(town: Town, call_id: UUID) -> dict[str, Result]:
    async with town.database.transaction() as tx:
        found = (await store.results_of(tx, [call_id]))[call_id]
    return {one.desk_name[:2]: one for one in found}


async def roll_call(town: Town, call_id: UUID) -> RollCall:
    async with town.database.transaction() as tx:
        found = await store.roll_call_by_id(tx, call_id)
    assert found is not None
    return found


async def alarms(town: Town, kind: str) -> list[str]:
    async with town.database.transaction() as tx:
        return list(
            await tx.scalars(
                select(schema.alarms.c.text)
                .where(schema.alarms.c.cleared_at.is_(None), schema.alarms.c.kind.like(f"{kind}%"))
                .order_by(schema.alarms.c.id)
            )
        )


async def test_of_twelve_townships_ten_are_there_and_the_two_silent_ones_are_named(town: Town) -> None:
    deputy = await town.person("周副班", "answers")
    officers = [await town.person(f"员{number}", "answers") for number in range(1, 12)]
    silent, asleep = await town.person("不在一"), await town.person("不在二")
    ids = await desks(town, *officers[:9], silent, asleep, silent_officer := await town.person("正班"))
    async with town.database.transaction() as tx:
        await tx.execute(
            schema.shifts.update()
            .where(schema.shifts.c.desk_id == ids[11])
            .values(second_id=deputy.contact_id)
        )
    began_at = town.clock.now()
    call_id = await begin(town)
    await town.jump(minutes=6)
    call, found = await roll_call(town, call_id), await results(town, call_id)
    assert call.state is CallState.ENDED
    outcomes = [one.outcome for one in found.values()]
    assert (outcomes.count(Outcome.PRESENT), outcomes.count(Outcome.SILENT)) == (10, 2)
    assert all(one.seen.seconds is not None for one in found.values() if one.outcome is Outcome.PRESENT)
    assert found["10"].seen.asked_ids == (silent.contact_id,)
    assert found["10"].seen.rung_at == began_at
    assert found["12"].seen.answered_by == deputy.contact_id
    assert await silent_officer.calls() >= 1
    assert await silent.calls() == await asleep.calls() == 2
    (told,) = await alarms(town, "roll_call:")
    assert "10号镇值班室" in told
    assert "11号镇值班室" in told
    assert "12号镇" not in told
