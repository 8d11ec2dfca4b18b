"""Whoever has a table to hand in is reminded in time, and the desk hears by name of what is late."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from jiaoying.contacts.importing.merging import merge_people
from jiaoying.dispatch.open_items import Record, open_items
from jiaoying.duty.actions import Doer
from jiaoying.duty.routines import actions, store
from jiaoying.duty.routines.actions import Wish
from jiaoying.duty.routines.model import Charge, Occurrence, OccurrenceState, Outcome, Routine, outcome_of
from jiaoying.duty.routines.rules import Every, Moved, Rule
from jiaoying.duty.store import all_desks
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import CHINESE
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms
from town import COUNTY, Phone, Town, open_town

# It is ten in the morning of Wednesday 15 July 2026. 25 July is a Saturday: due on Friday the 24th at 17:00,
# and the reminders come at nine on the 21st, 23rd and 24th.
RULE = Rule(Every.MONTH, 25, time(17), moved=Moved.EARLIER, remind_days=3)


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


def by(town: Town, reason: str = "") -> Doer:
    return Doer("user:officer", reason, town.clock.now(), town.engine.timezone)


async def desk_with(town: Town, officer: Phone | None, leader: Phone | None = None) -> UUID:
    return await town.desk(COUNTY, "县应急值班室", officer, leader)


async def duty(town: Town, desk_id: UUID, owner: Phone | None, rule: Rule = RULE) -> Routine:
    charge = Charge("安全生产月报", "市应急管理局", "", desk_id, owner and owner.contact_id)
    async with town.database.transaction() as tx:
        return await actions.add_routine(tx, Wish(charge, rule, date(2026, 7, 15)), by(town))


async def first_of(town: Town, routine: Routine) -> Occurrence:
    async with town.database.transaction() as tx:
        *_, first = await store.occurrences_of(tx, routine.id, 20)
        return first


async def told(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        kind = alarms.c.kind.like("routine_late:%")
        return list(await tx.scalars(select(alarms.c.text).where(alarms.c.cleared_at.is_(None), kind)))


async def go_to(town: Town, day: int, hour: int, minute: int = 0) -> None:
    wanted = datetime(2026, 7, day, hour, minute, tzinfo=town.engine.timezone)
    await town.jump(minutes=(wanted - town.clock.now()) / timedelta(minutes=1))


async def test_the_owner_is_reminded_by_text_and_never_called_before_it_is_due(town: Town) -> None:
    owner = await town.person("钱演示")
    routine = await duty(town, await desk_with(town, await town.person("赵演示")), owner)
    await go_to(town, 21, 8, 59)
    assert await owner.texts() == []
    await go_to(town, 21, 9, 1)
    (text,) = await owner.texts()
    assert "安全生产月报，报市应急管理局，7月24日17:00前办结。" in text
    assert "办结后回复“已报”" in text
    await go_to(town, 24, 16, 59)
    assert len(await owner.texts()) == 3
    assert await owner.calls() == 0
    assert await told(town) == []
    assert (await first_of(town, routine)).state is OccurrenceState.REMINDED


async def test_received_is_noted_and_the_reminders_go_on_until_it_is_said_to_be_done(town: Town) -> None:
    owner = await town.person("钱演示")
    routine = await duty(town, await desk_with(town, None), owner)
    await go_to(town, 21, 9, 1)
    await owner.says("1")
    await town.settle()
    received = await first_of(town, routine)
    assert (received.state, received.received_by) == (OccurrenceState.REMINDED, owner.contact_id)
    await go_to(town, 23, 9, 1)
    assert len([text for text in await owner.texts() if "月报" in text]) == 2
    await go_to(town, 23, 15, 30)
    await owner.says("收到，已报")
    await town.settle()
    done = await first_of(town, routine)
    assert (done.state, done.reported_by, done.ended_how) == (
        OccurrenceState.DONE,
        owner.contact_id,
        "reply",
    )
    await go_to(town, 25, 12)
    assert len([text for text in await owner.texts() if "月报" in text]) == 2
    assert await told(town) == []


async def test_late_calls_the_owner_then_the_leader_and_names_the_owner_to_the_desk(town: Town) -> None:
    owner, leader = await town.person("钱演示"), await town.person("孙演示")
    routine = await duty(town, await desk_with(town, await town.person("赵演示"), leader), owner)
    await go_to(town, 24, 17, 2)
    assert await told(town) == ["“安全生产月报”（报市应急管理局）已逾期，经办：钱演示。请督促办理并登记"]
    assert await owner.calls() >= 1
    assert await leader.calls() == 0
    await go_to(town, 24, 17, 40)
    assert await leader.calls() >= 1
    assert "【逾期】安全生产月报" in (await leader.texts())[0]
    # Done too late is done, and stays visible as late; nobody is called about it any more.
    await owner.says("已报")
    await town.settle()
    done = await first_of(town, routine)
    assert done.state is OccurrenceState.DONE
    assert outcome_of(done, town.clock.now()) is Outcome.LATE
    assert await told(town) == []
    calls = await owner.calls() + await leader.calls()
    await go_to(town, 27, 12)
    assert await owner.calls() + await leader.calls() == calls


async def test_what_is_not_done_is_reminded_of_once_a_day_by_text(town: Town) -> None:
    owner = await town.person("钱演示")
    await duty(town, await desk_with(town, None), owner)
    await go_to(town, 25, 8)
    texts, calls = len(await owner.texts()), await owner.calls()
    await go_to(town, 27, 8)
    assert (len(await owner.texts()), await owner.calls()) == (texts + 2, calls)
    assert len(await told(town)) == 1


async def test_without_an_owner_whoever_is_on_duty_is_reminded(town: Town) -> None:
    officer = await town.person("赵演示")
    await duty(town, await desk_with(town, officer), None)
    await go_to(town, 21, 9, 1)
    assert len(await officer.texts()) == 1


async def test_an_owner_who_left_the_roster_is_stood_in_for_by_the_desk(town: Town) -> None:
    officer, owner = await town.person("赵演示"), await town.person("钱演示")
    await duty(town, await desk_with(town, officer), owner)
    await town.value(
        "UPDATE contacts SET retired_at = :now WHERE id = :id RETURNING id",
        now=town.clock.now(),
        id=owner.contact_id,
    )
    await go_to(town, 21, 9, 1)
    assert await owner.texts() == []
    assert len(await officer.texts()) == 1


async def test_an_owner_who_was_two_records_goes_on_under_the_one_that_stays(town: Town) -> None:
    elder, younger = await town.person("钱演示"), await town.person("钱演示")
    routine = await duty(town, await desk_with(town, None), younger)
    ids = elder.contact_id, younger.contact_id
    async with town.database.transaction() as tx:
        await merge_people(tx, *ids, today=date(2026, 7, 15), now=town.clock.now(), actor="test")
    assert (await first_of(town, routine)).owner_id == elder.contact_id
    await go_to(town, 21, 9, 1)
    assert len(await elder.texts()) + len(await younger.texts()) == 1


async def test_skipped_and_ended_duties_remind_nobody(town: Town) -> None:
    owner = await town.person("钱演示")
    routine = await duty(town, await desk_with(town, None), owner)
    first = await first_of(town, routine)
    async with town.database.transaction() as tx:
        with pytest.raises(Refusal, match="免办的原因"):
            await actions.skip(tx, first.id, by(town))
        await actions.skip(tx, first.id, by(town, "本月合并到半年报"))
        await actions.end_routine(tx, routine.id, by(town, "改由安监站报"))
    await go_to(town, 25, 12)
    assert await owner.texts() == []
    assert (await first_of(town, routine)).state is OccurrenceState.SKIPPED


async def test_noted_as_done_by_mistake_is_open_again_and_old_answers_do_not_count(town: Town) -> None:
    owner = await town.person("钱演示")
    routine = await duty(town, await desk_with(town, None), owner)
    await go_to(town, 21, 9, 1)
    await owner.says("已报")
    await town.settle()
    first = await first_of(town, routine)
    async with town.database.transaction() as tx:
        await actions.take_back(tx, first.id, by(town, "报错了月份"))
    await town.settle()
    assert (await first_of(town, routine)).state is OccurrenceState.REMINDED
    await go_to(town, 23, 9, 1)
    assert len([text for text in await owner.texts() if "月报" in text]) == 2


async def test_a_change_of_the_rule_leaves_what_somebody_was_reminded_of(town: Town) -> None:
    owner = await town.person("钱演示")
    routine = await duty(town, await desk_with(town, None), owner)
    await go_to(town, 21, 9, 1)
    wish = Wish(routine.charge, replace(RULE, day=28, moved=Moved.STAYS), date(2026, 8, 1))
    async with town.database.transaction() as tx:
        await actions.change_routine(tx, routine.id, wish, by(town))
        rows = await store.occurrences_of(tx, routine.id, 20)
    assert [row.day for row in reversed(rows)] == [date(2026, 7, 25), date(2026, 8, 28), date(2026, 9, 28)]


async def test_two_workers_remind_once(town: Town) -> None:
    owner = await town.person("钱演示")
    await duty(town, await desk_with(town, None), owner)
    town.clock.advance_to(datetime(2026, 7, 21, 9, 1, tzinfo=town.engine.timezone))
    first, second = type(town.stage("routines"))(), type(town.stage("routines"))()
    await first.run_once(town.engine, town.clock.now())
    await second.run_once(town.engine, town.clock.now())
    await town.settle()
    assert len(await owner.texts()) == 1


async def test_what_is_open_stands_in_the_handover(town: Town) -> None:
    desk_id = await desk_with(town, None)
    routine = await duty(town, desk_id, None)
    evening = datetime(2026, 7, 24, 20, tzinfo=town.engine.timezone)
    async with town.database.transaction() as tx:
        assert await store.open_for_shift(tx, desk_id, evening - timedelta(days=1)) == []
        (handed,) = await store.open_for_shift(tx, desk_id, evening)
        assert handed.routine_id == routine.id
        (desk,) = await all_desks(tx)
        record = Record(COUNTY, CHINESE)
        assert await open_items(tx, desk, record, evening - timedelta(days=2)) == []
        for at, words in ((evening - timedelta(hours=5), "一天内截止"), (evening, "已逾期")):
            (item,) = await open_items(tx, desk, record, at)
            assert item.text == f"安全生产月报（报市应急管理局）{words}"
