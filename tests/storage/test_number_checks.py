"""The check of numbers on rows: begun once, asked once, killed at any moment, in two workers."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text, update

from jiaoying.contacts.model import NumberStanding
from jiaoying.contacts.scores import TownshipScore, bad_numbers, township_scores
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.number_checks import ASKED_A_MINUTE
from jiaoying.dispatch.stages.check import CheckStage, begin
from jiaoying.dispatch.store import number_checks
from jiaoying.gateways.registry import build_gateways
from jiaoying.kernel.clock import ManualClock
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.monthly import MonthlyMoment
from jiaoying.settings import read_settings
from jiaoying.storage.bucket import TokenBucket
from jiaoying.storage.database import Database
from jiaoying.storage.schema import contact_numbers, posts
from jiaoying.storage.wake import Wake
from storage.county import COUNTY, NOW, VILLAGE, add_areas, add_contact

ZONE = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PEOPLE = 50


@asynccontextmanager
async def _engine(database: Database) -> AsyncGenerator[Engine]:
    gateways = build_gateways(
        read_settings({"JIAOYING_LISTEN": "127.0.0.1:0"}),
        public_url=lambda: "http://127.0.0.1:1",
        secrets_simulator="0" * 32,
        simulator_base="http://127.0.0.1:1",
    )
    # As after the proof: made-up people may be asked through it.
    for gateway in gateways.values():
        gateway._proved = True  # pyright: ignore
    async with Wake(None) as wake:
        yield Engine(
            worker_id=new_id(NOW),
            database=database,
            clock=ManualClock(TEN),
            wake=wake,
            bucket=TokenBucket(None),
            gateways=gateways,
            home_map=map_of(COUNTY),
            home_name="沁水县应急值班室",
            timezone=ZONE,
            source_key="a key of the tests",
        )


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[Engine]:
    """A village whose fifty people have a number each."""
    async with database.transaction() as tx:
        await add_areas(tx)
        for number in range(PEOPLE):
            contact_id = await add_contact(tx, f"赵{number}演示", f"+86100{number:08}")
            await _post(tx, contact_id)
    async with _engine(database) as opened:
        yield opened


async def _post(tx: Any, holder: UUID) -> None:
    await tx.execute(
        insert(posts).values(
            id=new_id(NOW),
            area_code=VILLAGE,
            kind="防汛责任人",
            level="village",
            tier="village",
            holder_id=holder,
            demonstration=True,
        )
    )


async def _value(engine: Engine, question: str, **values: Any) -> Any:
    async with engine.database.transaction() as tx:
        return await tx.scalar(text(question), values)


async def _begin(engine: Engine, now: datetime = TEN) -> UUID | None:
    async with engine.database.transaction() as tx:
        return await begin(tx, area_code=COUNTY, by="test", now=now)


ASKED = "SELECT count(*) FROM attempts WHERE purpose = 'check' AND state <> 'withdrawn'"
TWICE = "SELECT count(*) - count(DISTINCT number) FROM attempts WHERE state <> 'withdrawn'"


async def test_a_check_is_begun_once(engine: Engine) -> None:
    begun = await asyncio.gather(*(_begin(engine) for _ in range(4)))
    assert sum(check is not None for check in begun) == 1


async def test_the_month_is_begun_by_whoever_looks_first_and_not_again(engine: Engine) -> None:
    monthly = replace(engine, number_check=MonthlyMoment(15, 10, 0))
    await asyncio.gather(*(CheckStage().run_once(monthly, TEN + MINUTE) for _ in range(3)))
    begun = "SELECT count(*) FROM number_checks WHERE calendar_at = :moment"
    assert await _value(engine, begun, moment=TEN) == 1
    async with engine.database.transaction() as tx:
        await tx.execute(text("UPDATE number_checks SET ended_at = started_at, next_at = NULL"))
    await CheckStage().run_once(monthly, TEN + 2 * MINUTE)
    assert await _value(engine, "SELECT count(*) FROM number_checks") == 1


async def test_what_is_switched_on_in_the_middle_of_a_month_waits_for_the_next(engine: Engine) -> None:
    monthly = replace(engine, number_check=MonthlyMoment(1, 10, 0))
    await CheckStage().run_once(monthly, TEN)
    assert await _value(engine, "SELECT count(*) FROM number_checks") == 0


async def test_two_workers_ask_each_number_once_and_a_few_a_minute(engine: Engine) -> None:
    await _begin(engine)
    for minute in range(4):
        now = TEN + minute * MINUTE
        await asyncio.gather(*(CheckStage().run_once(engine, now) for _ in range(3)))
        assert await _value(engine, ASKED) <= ASKED_A_MINUTE * (minute + 1)
        await _value(engine, "UPDATE attempts SET state = 'accepted', accepted_at = due_at RETURNING 1")
    assert (await _value(engine, ASKED), await _value(engine, TWICE)) == (PEOPLE, 0)


async def test_a_kill_between_loses_nothing_and_asks_nobody_twice(engine: Engine) -> None:
    await _begin(engine)
    for minute in range(5):
        now = TEN + minute * MINUTE
        for milliseconds in range(0, 12, 3):
            with suppress(TimeoutError):
                await asyncio.wait_for(CheckStage().run_once(engine, now), milliseconds / 1000)
        await CheckStage().run_once(engine, now)
        assert await _value(engine, ASKED) <= ASKED_A_MINUTE * (minute + 1)
        await _value(engine, "UPDATE attempts SET state = 'accepted', accepted_at = due_at RETURNING 1")
    assert (await _value(engine, ASKED), await _value(engine, TWICE)) == (PEOPLE, 0)


async def test_who_verified_lately_or_wants_no_texts_or_is_a_stranger_is_left_in_peace(
    engine: Engine,
) -> None:
    async with engine.database.transaction() as tx:
        for where, values in (
            ("+8610000000000", f"verified_at = '{TEN - timedelta(days=24)}'"),
            ("+8610000000001", f"verified_at = '{TEN - timedelta(days=26)}'"),
            ("+8610000000002", f"opted_out_at = '{TEN}'"),
            ("+8610000000003", "standing = 'wrong_person'"),
            ("+8610000000004", "kind = 'landline'"),
            ("+8610000000005", "standing = 'dead'"),
        ):
            statement = f"UPDATE contact_numbers SET {values} WHERE number = :number"
            await tx.execute(text(statement), {"number": where})
        found = await number_checks.numbers_to_ask(
            tx, COUNTY, check_id=None, kinds=(True,), today=TEN.date(), stale=TEN - timedelta(days=25), most=6
        )
    asked = [one.number[-1] for one in found]
    assert asked == ["1", "5", "6", "7", "8", "9"]


async def test_made_up_people_are_never_asked_through_a_live_carrier(engine: Engine) -> None:
    for gateway in engine.gateways.values():
        gateway._proved = False  # pyright: ignore
    await _begin(engine)
    await CheckStage().run_once(engine, TEN)
    assert await _value(engine, ASKED) == 0


async def test_whose_post_is_over_is_not_asked(engine: Engine) -> None:
    async with engine.database.transaction() as tx:
        await tx.execute(update(posts).values(valid_to=TEN.date() - timedelta(days=1)))
        found = await number_checks.numbers_to_ask(
            tx, COUNTY, check_id=None, kinds=(True,), today=TEN.date(), stale=TEN - timedelta(days=25), most=6
        )
    assert found == []


async def test_several_who_share_a_number_are_asked_in_one_text(engine: Engine) -> None:
    async with engine.database.transaction() as tx:
        other = await add_contact(tx, "李演示", "+8610000000000")
        await _post(tx, other)
    await _begin(engine)
    await CheckStage().run_once(engine, TEN)
    words = await _value(engine, "SELECT array_agg(text) FROM attempts WHERE number = '+8610000000000'")
    assert len(words) == 1
    assert "赵0演示、李演示" in words[0] or "李演示、赵0演示" in words[0]


async def test_the_score_of_a_township(engine: Engine) -> None:
    async with engine.database.transaction() as tx:
        landline = {"id": new_id(NOW), "number": "+863560000001", "kind": "landline", "preference": 2}
        first = await tx.scalar(text("SELECT contact_id FROM contact_numbers ORDER BY number LIMIT 1"))
        await tx.execute(insert(contact_numbers).values(contact_id=first, **landline))
        for numbers, values in (
            (range(10), f"reached_at = '{TEN - timedelta(days=89)}'"),
            (range(10, 20), f"reached_at = '{TEN - timedelta(days=91)}'"),
            (range(5), f"verified_at = '{TEN - timedelta(days=34)}'"),
            (range(3), f"standing = 'dead', standing_at = '{TEN}', failures = 2"),
            (range(30, 32), f"standing = 'off', standing_at = '{TEN}', failures = 3"),
        ):
            statement = f"UPDATE contact_numbers SET {values} WHERE number = ANY(:numbers)"
            named = [f"+86100{number:08}" for number in numbers]
            await tx.execute(text(statement), {"numbers": named})
        [score] = await township_scores(tx, COUNTY, TEN)
        bad = await bad_numbers(tx, COUNTY, 10)
    assert score == TownshipScore(score.area_code, score.area_name, PEOPLE, 10, 5, 2, 3, 0, 0)
    assert score.score == 20
    # First those who have no other number.
    assert [one.others for one in bad] == [0, 0, 0, 0, 1]
    assert {one.standing for one in bad} == {NumberStanding.DEAD, NumberStanding.OFF}
