"""A roll call: the officer sees at its end who was there and after how many seconds, and who was not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from jiaoying.duty.actions import Doer
from jiaoying.duty.roll_calls import actions, store
from jiaoying.duty.roll_calls.drawing import draw
from jiaoying.duty.roll_calls.model import CallState, Outcome, Result, RollCall, Terms
from jiaoying.kernel.errors import Refusal
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from town import COUNTY, Phone, Town, open_town

TERMS = Terms(COUNTY)


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
        deputised = {"desk_id": ids[11], "role": "deputy", "person_id": deputy.contact_id, "position": 1}
        await tx.execute(insert(schema.desk_members).values(deputised))
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


async def test_who_answers_in_time_ends_it_at_once_and_raises_no_alarm(town: Town) -> None:
    await desks(town, await town.person("员一", "answers"), await town.person("员二", "answers"))
    call_id = await begin(town)
    await town.jump(minutes=2)
    call = await roll_call(town, call_id)
    assert call.state is CallState.ENDED
    assert call.ended_at is not None
    assert call.ends_at is not None
    assert call.ended_at < call.ends_at
    assert await alarms(town, "roll_call") == []


async def test_a_desk_without_anybody_is_shown_and_never_dropped(town: Town) -> None:
    await desks(town, await town.person("员一", "answers"), None)
    call_id = await begin(town)
    await town.jump(minutes=2)
    found = await results(town, call_id)
    assert {name: one.outcome for name, one in found.items()} == {
        "01": Outcome.PRESENT,
        "02": Outcome.NOBODY,
    }
    assert "02号镇值班室" in (await alarms(town, "roll_call:"))[0]


async def test_who_presses_2_is_not_at_the_desk(town: Town) -> None:
    away = await town.person("员一", "cannot")
    await desks(town, away)
    call_id = await begin(town)
    await town.jump(minutes=2)
    assert (await results(town, call_id))["01"].outcome is Outcome.DECLINED


async def test_after_a_stop_in_between_nothing_is_lost(town: Town) -> None:
    answers, silent = await town.person("员一", "answers"), await town.person("员二")
    await desks(town, answers, silent)
    call_id = await begin(town)
    # Nothing of ours runs for ten minutes, over the limit: then everybody has their time again.
    town.clock.advance_to(town.clock.now() + timedelta(minutes=10))
    await town.settle()
    assert (await roll_call(town, call_id)).state is CallState.RUNNING
    await town.jump(minutes=6)
    call, found = await roll_call(town, call_id), await results(town, call_id)
    assert call.state is CallState.ENDED
    assert found["01"].outcome is Outcome.PRESENT
    assert found["02"].outcome is Outcome.SILENT


async def test_two_workers_begin_and_end_it_once(town: Town) -> None:
    silent = await town.person("员一")
    await desks(town, silent)
    async with town.database.transaction() as tx:
        call_id = await actions.begin_now(tx, TERMS, doer(town))
    stage = town.stage("roll_call")
    await asyncio.gather(*(stage.run_once(town.engine, town.clock.now()) for _ in range(4)))
    await town.jump(minutes=6)
    await asyncio.gather(*(stage.run_once(town.engine, town.clock.now()) for _ in range(4)))
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE purpose = 'roll_call'") == 1
    assert len(await alarms(town, "roll_call:")) == 1
    assert (await roll_call(town, call_id)).state is CallState.ENDED


async def test_a_grave_warning_goes_before_it_and_after_half_an_hour_it_is_called_off(town: Town) -> None:
    officer = await town.person("员一", "answers")
    await desks(town, officer)
    await town.warn("red", hours=12)
    heard = await officer.calls()
    call_id = await begin(town)
    assert (await roll_call(town, call_id)).postponed_at == town.clock.now()
    await town.jump(minutes=32)
    call = await roll_call(town, call_id)
    assert (call.state, call.reason) == (CallState.CALLED_OFF, "grave_warning")
    assert await officer.calls() == heard
    assert len(await alarms(town, "roll_call_called_off")) == 1


async def test_a_grave_warning_that_comes_breaks_it_off(town: Town) -> None:
    await desks(town, silent := await town.person("员一"), await town.person("员二", "answers"))
    call_id = await begin(town)
    await town.jump(seconds=25)
    await town.warn("orange")
    call, found = await roll_call(town, call_id), await results(town, call_id)
    assert (call.state, call.reason) == (CallState.ENDED, "grave_warning")
    assert found["01"].outcome is Outcome.BROKEN_OFF
    assert found["02"].outcome is Outcome.PRESENT
    assert await alarms(town, "roll_call:") == []
    assert silent.contact_id in found["01"].seen.asked_ids


async def plan(town: Town, begins: str, ends: str | None = None, terms: Terms = TERMS) -> UUID:
    async with town.database.transaction() as tx:
        made = await actions.make_plan(tx, "夜间抽查", tuple(range(7)), begins, ends, terms, doer(town))
    return made.id


async def held(town: Town) -> list[RollCall]:
    async with town.database.transaction() as tx:
        return await store.last_roll_calls(tx, 50)


async def test_a_plan_holds_one_roll_call_a_day_however_often_it_is_looked_at(town: Town) -> None:
    await desks(town, await town.person("员一", "answers"))
    await plan(town, "21:30")
    await town.jump(minutes=3 * 24 * 60)
    stage = town.stage("roll_call")
    await asyncio.gather(*(stage.run_once(town.engine, town.clock.now()) for _ in range(3)))
    moments = [call.planned_at.astimezone(town.engine.timezone) for call in await held(town)]
    assert [f"{moment:%d %H:%M}" for moment in moments] == ["17 21:30", "16 21:30", "15 21:30"]


async def test_a_random_minute_lies_within_its_hours_once_a_night(town: Town) -> None:
    await desks(town, await town.person("员一", "answers"))
    await plan(town, "23:30", "05:00")
    await town.jump(minutes=4 * 24 * 60)
    calls = [call.planned_at.astimezone(town.engine.timezone) for call in await held(town)]
    assert len(calls) == 4
    assert all(moment.hour < 5 or (moment.hour, moment.minute) >= (23, 30) for moment in calls)


async def test_what_was_missed_by_a_stop_is_made_up_within_half_an_hour_and_told_after_it(town: Town) -> None:
    officer = await town.person("员一", "answers")
    await desks(town, officer)
    await plan(town, "10:20")
    town.clock.advance_to(town.clock.now() + timedelta(minutes=40))
    await town.settle()
    await town.jump(minutes=2)
    assert [call.state for call in await held(town)] == [CallState.ENDED]
    assert await officer.calls() == 1
    town.clock.advance_to(town.clock.now() + timedelta(minutes=24 * 60 + 20))
    await town.settle()
    assert [call.reason for call in await held(town)] == ["missed", None]
    assert len(await alarms(town, "roll_call_called_off")) == 1


async def test_a_draw_can_be_shown_to_be_fair(town: Town) -> None:
    ids = await desks(town, *[await town.person(f"员{number}", "answers") for number in range(6)])
    call_id = await begin(town, Terms(COUNTY, drawn=2))
    await town.jump(minutes=2)
    call, found = await roll_call(town, call_id), await results(town, call_id)
    assert call.seed is not None
    assert {one.desk_id for one in call.pool} == set(ids)
    assert {one.desk_id for one in found.values()} == set(draw(call.pool, 2, call.seed))
    again = await roll_call(town, await begin(town, Terms(COUNTY, drawn=2)))
    weights = {one.desk_id: one.weight for one in again.pool}
    drawn = {one.desk_id for one in found.values()}
    assert {weights[desk_id] for desk_id in drawn} == {1}
    assert {weights[desk_id] for desk_id in set(ids) - drawn} == {2}


async def test_the_officers_word_counts_and_what_was_seen_stays(town: Town) -> None:
    (desk_id,) = await desks(town, await town.person("员一"))
    call_id = await begin(town)
    async with town.database.transaction() as tx:
        with pytest.raises(Refusal, match="还在呼叫"):
            await actions.mark(tx, call_id, desk_id, Outcome.ABSENT, doer(town, "电话无人"))
    await town.jump(minutes=6)
    async with town.database.transaction() as tx:
        with pytest.raises(Refusal, match="请写明原因"):
            await actions.mark(tx, call_id, desk_id, Outcome.ABSENT, doer(town))
        await actions.mark(tx, call_id, desk_id, Outcome.ABSENT, doer(town, "去现场未报告"))
    await town.jump(seconds=1)
    async with town.database.transaction() as tx:
        await actions.mark(tx, call_id, desk_id, Outcome.PRESENT, doer(town, "线路故障，人在岗"))
    found = (await results(town, call_id))["01"]
    assert (found.outcome, found.seen.outcome) == (Outcome.PRESENT, Outcome.SILENT)
    assert [mark.reason for mark in found.marks] == ["去现场未报告", "线路故障，人在岗"]


async def test_an_officer_ends_it_early_and_nobody_counts_as_silent(town: Town) -> None:
    await desks(town, silent := await town.person("员一"))
    call_id = await begin(town)
    async with town.database.transaction() as tx:
        await actions.end_early(tx, call_id, doer(town, "误点"))
    await town.settle()
    assert (await results(town, call_id))["01"].outcome is Outcome.BROKEN_OFF
    await town.jump(minutes=6)
    assert await silent.calls() == 1
    async with town.database.transaction() as tx:
        with pytest.raises(Refusal, match="已经结束"):
            await actions.end_early(tx, call_id, doer(town, "误点"))


async def test_a_plan_that_breaks_the_program_holds_up_no_other(town: Town) -> None:
    await desks(town, await town.person("员一", "answers"))
    broken = await plan(town, "10:10")
    await plan(town, "10:20")
    async with town.database.transaction() as tx:
        await tx.execute(
            schema.roll_call_plans.update().where(schema.roll_call_plans.c.id == broken).values(terms={})
        )
    await town.jump(minutes=22)
    assert [call.state for call in await held(town)] == [CallState.ENDED]
    assert len(await alarms(town, f"row_broke:{broken}")) == 1
