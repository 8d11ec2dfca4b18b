"""A report whose clock runs out at 03:00: the desk is called ever more strongly, then its leader is woken."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from jiaoying.dispatch.duty_calls import outcomes_of
from jiaoying.dispatch.open_items import open_items
from jiaoying.duty.actions import Doer
from jiaoying.duty.handovers.model import ItemKind
from jiaoying.duty.incidents import actions, book, sending, store
from jiaoying.duty.incidents.actions import WrittenReport
from jiaoying.duty.incidents.model import Incident, KeptObligation, Means, ObligationState, Step
from jiaoying.duty.incidents.sending import Sent
from jiaoying.duty.log import OwnLine
from jiaoying.duty.log_store import log_between
from jiaoying.duty.model import Shift
from jiaoying.duty.store import desk_by_id, save_shifts
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, ledger_lines
from town import COUNTY, TOWNSHIP, Phone, Town, open_town

MINUTE = timedelta(minutes=1)
# 02:20 in Shanxi: of the 40 minutes that a township has for the written report, the last is over at 03:00.
TOLD_AT = datetime(2026, 7, 15, 18, 20, tzinfo=UTC)
COUNTY_DESK = "县政府值班室"
SLIDE = {"title": "梁庄村山体滑坡", "source": "梁庄村支书", "place": "梁庄村后山", "kind": "geohazard"}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        opened.clock.advance_to(TOLD_AT)
        yield opened


def doer(town: Town, reason: str = "") -> Doer:
    return Doer("user:值班员", reason, town.clock.now(), ZoneInfo("Asia/Shanghai"))


async def taken_in(town: Town, desk_id: UUID, *, exercise: bool = False) -> Incident:
    async with town.database.transaction() as tx:
        incident = await actions.take_in(tx, desk_id, WrittenReport(SLIDE), doer(town), exercise=exercise)
    await town.settle()
    return incident


async def owed(town: Town, incident: Incident, means: Means) -> KeptObligation:
    async with town.database.transaction() as tx:
        found = (await store.obligations_of(tx, [incident.id]))[incident.id]
    return next(one for one in found if one.means is means)


async def send(town: Town, incident: Incident, means: Means, report_id: UUID | None = None) -> None:
    sent = Sent(COUNTY_DESK, means, town.clock.now(), "县值班室 孙演示", report_id=report_id)
    async with town.database.transaction() as tx:
        await sending.note_sent(tx, incident.id, sent, doer(town))
    await town.settle()


async def open_alarms(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        found = select(alarms.c.text).where(alarms.c.cleared_at.is_(None), alarms.c.kind.like("incident:%"))
        return list(await tx.scalars(found))


async def steps(town: Town, incident: Incident) -> list[Step]:
    async with town.database.transaction() as tx:
        return [one.step for one in await store.reminders_of(tx, incident.id)]


async def desk(town: Town, officer: Phone, leader: Phone | None = None) -> UUID:
    return await town.desk(TOWNSHIP, "龙港镇值班室", officer, leader)


async def test_the_officer_sleeps_the_leader_is_woken_and_what_is_sent_late_stays_late(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("钱演示", "answers")
    incident = await taken_in(town, await desk(town, officer, leader))
    await send(town, incident, Means.PHONE)
    # Half of the forty minutes: a text to the officer, who sleeps.
    await town.jump(minutes=20)
    assert await officer.calls() == 0
    (told,) = await officer.texts()
    assert (
        "报送时限将至，请立即办理。龙港镇值班〔2026〕1号 梁庄村山体滑坡：03:00前书面报县政府值班室。" in told
    )
    # A quarter is left: the officer is rung, and the leader sleeps on.
    await town.jump(minutes=10)
    assert await officer.calls() == 1
    await town.jump(minutes=9)
    assert (await leader.calls(), await leader.texts()) == (0, [])
    assert await open_alarms(town) == []
    # 03:00: it ran out.
    await town.jump(minutes=1)
    await town.jump(seconds=50)
    assert await leader.calls() == 1
    (alarm,) = await open_alarms(town)
    assert "报送已超时" in alarm
    assert await steps(town, incident) == [Step.REMINDED, Step.PRESSED, Step.OVERDUE]
    async with town.database.transaction() as tx:
        last = (await store.reminders_of(tx, incident.id))[-1]
        assert last.call_id
        (outcome,) = await outcomes_of(tx, [last.call_id])
    assert (outcome.state, outcome.answerer) == ("covered", "钱演示")
    await _sent_late(town, incident)
    written = await owed(town, incident, Means.WRITTEN)
    assert (written.state, written.is_late(town.clock.now() + timedelta(days=99))) == ("done", True)
    assert await open_alarms(town) == []
    calls = await officer.calls(), await leader.calls()
    await town.jump(minutes=90)
    assert (await officer.calls(), await leader.calls()) == calls
    await _told_everywhere(town, incident)


async def _sent_late(town: Town, incident: Incident) -> None:
    """The leader says yes by telephone, and at 03:10 it goes out."""
    await town.jump(minutes=10)
    async with town.database.transaction() as tx:
        (report,) = (await store.reports_of(tx, [incident.id]))[incident.id]
        await actions.note_signed_by_phone(tx, report.id, "钱演示", town.clock.now(), doer(town))
    await send(town, incident, Means.WRITTEN, report.id)


async def _told_everywhere(town: Town, incident: Incident) -> None:
    """In the ledger, and in the day's duty log."""
    row = ledger_lines.c
    async with town.database.transaction() as tx:
        ours = row.facts["incident"].astext == str(incident.id)
        told = list(await tx.scalars(select(row.event).where(ours).order_by(row.id)))
        log = await log_between(tx, incident.desk_id, TOLD_AT - 3 * 60 * MINUTE, TOLD_AT + 21 * 60 * MINUTE)
    assert told == [
        "incident.received",
        "incident.report_written",
        "incident.owed",
        "incident.owed",
        "incident.sent",
        "incident.reminded",
        "incident.reminded",
        "incident.overdue",
        "incident.report_signed",
        "incident.sent_late",
    ]
    logged = [line.event for line in log if isinstance(line, OwnLine)]
    unlogged = ("incident.report_written", "incident.owed")
    # The calls to the desk are no warnings: the log tells what they were for.
    assert [event for event in logged if event != "alarm.raised"] == [
        event for event in told if event not in unlogged
    ]


async def test_nobody_is_called_for_what_was_sent_in_time(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("钱演示")
    incident = await taken_in(town, await desk(town, officer, leader))
    await send(town, incident, Means.PHONE)
    async with town.database.transaction() as tx:
        (report,) = (await store.reports_of(tx, [incident.id]))[incident.id]
        await actions.note_signed_by_phone(tx, report.id, "钱演示", town.clock.now(), doer(town))
    await send(town, incident, Means.WRITTEN, report.id)
    await town.jump(minutes=120)
    assert (await officer.texts(), await officer.calls(), await leader.texts()) == ([], 0, [])
    assert await open_alarms(town) == []


async def test_a_call_that_runs_ends_as_soon_as_it_is_sent_or_lifted(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("钱演示")
    incident = await taken_in(town, await desk(town, officer, leader))
    await town.jump(minutes=20)
    assert (await leader.calls(), await open_alarms(town)) != (0, [])
    await send(town, incident, Means.PHONE)
    written = await owed(town, incident, Means.WRITTEN)
    async with town.database.transaction() as tx:
        await sending.lift(tx, written.id, doer(town, "县值班室已到现场，同意免报"))
    await town.settle()
    calls = await officer.calls(), await leader.calls()
    await town.jump(minutes=60)
    assert (await officer.calls(), await leader.calls()) == calls
    assert await open_alarms(town) == []
    assert await town.value("SELECT count(*) FROM incident_reminders WHERE ended_at IS NULL") == 0


async def test_what_nobody_sees_to_is_called_again_every_half_hour(town: Town) -> None:
    officer, leader = await town.person("赵演示"), await town.person("钱演示")
    incident = await taken_in(town, await desk(town, officer, leader))
    await send(town, incident, Means.PHONE)
    await town.jump(minutes=101)
    assert (await steps(town, incident)).count(Step.OVERDUE) == 3
    written = await owed(town, incident, Means.WRITTEN)
    assert written.next_at is not None
    assert written.next_at > town.clock.now()
    # Of the calls only the newest runs on.
    assert await town.value("SELECT count(*) FROM incident_reminders WHERE ended_at IS NULL") == 1


async def test_a_desk_where_nobody_stands_has_its_alarm_all_the_same(town: Town) -> None:
    incident = await taken_in(town, await town.desk(TOWNSHIP, "龙港镇值班室", None))
    await town.jump(minutes=41)
    assert len(await open_alarms(town)) == 1
    assert (await owed(town, incident, Means.WRITTEN)).step is Step.OVERDUE


async def test_whoever_took_the_shift_over_is_called_for_the_clocks_that_ran_before(town: Town) -> None:
    sleeper, relief = await town.person("赵演示"), await town.person("孙演示")
    desk_id = await town.desk(TOWNSHIP, "龙港镇值班室", None)
    now = town.clock.now()
    async with town.database.transaction() as tx:
        change = now + 5 * MINUTE
        shifts = [
            Shift(new_id(now), desk_id, now - 60 * MINUTE, change, sleeper.contact_id, None),
            Shift(new_id(now), desk_id, change, now + 600 * MINUTE, relief.contact_id, None),
        ]
        await save_shifts(tx, shifts, now=now, actor="test")
    await taken_in(town, desk_id)
    await town.jump(minutes=11)
    assert (len(await sleeper.texts()), len(await relief.texts())) == (0, 1)


async def test_whoever_takes_the_shift_over_finds_the_clocks_among_what_is_open(town: Town) -> None:
    desk_id = await desk(town, await town.person("赵演示"))
    incident = await taken_in(town, desk_id)
    town.clock.advance_to(TOLD_AT + 21 * MINUTE)
    async with town.database.transaction() as tx:
        found = await desk_by_id(tx, desk_id)
        assert found
        items = await open_items(tx, found, COUNTY, town.clock.now())
    (item,) = [item for item in items if item.kind is ItemKind.INCIDENT]
    assert item.text == "龙港镇值班〔2026〕1号 梁庄村山体滑坡：2项待报送，累计1项超时"
    assert item.page == f"/incidents/{incident.id}"


async def test_what_breaks_off_in_the_middle_leaves_nothing_behind_and_is_done_again(
    town: Town, owner_url: str
) -> None:
    officer = await town.person("赵演示")
    incident = await taken_in(town, await desk(town, officer))
    # The reminder cannot be written: it is the last row, after the call was made.
    break_off = """
        CREATE FUNCTION break_off() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'broken off'; END $$;
        CREATE TRIGGER break_off BEFORE INSERT ON incident_reminders
        FOR EACH ROW EXECUTE FUNCTION break_off()
    """
    owner = await asyncpg.connect(owner_url.replace("+asyncpg", ""))
    try:
        await owner.execute(break_off)
        town.clock.advance_to(TOLD_AT + 10 * MINUTE)
        with pytest.raises(DBAPIError, match="broken off"):
            await town.stage("incidents").run_once(town.engine, town.clock.now())
        calls = "SELECT count(*) FROM issued_warnings WHERE purpose = 'report'"
        assert (await steps(town, incident), await town.value(calls)) == ([], 0)
        assert (await owed(town, incident, Means.PHONE)).step is None
        await owner.execute("DROP TRIGGER break_off ON incident_reminders")
    finally:
        await owner.close()
    await town.settle()
    assert (await steps(town, incident), await town.value(calls)) == ([Step.REMINDED], 1)
    assert len(await officer.texts()) == 1


async def test_a_stage_that_runs_twice_or_in_two_processes_calls_once(town: Town) -> None:
    officer = await town.person("赵演示")
    incident = await taken_in(town, await desk(town, officer))
    town.clock.advance_to(TOLD_AT + 10 * MINUTE)
    stage = town.stage("incidents")
    await asyncio.gather(*(stage.run_once(town.engine, town.clock.now()) for _ in range(3)))
    await town.settle()
    assert await steps(town, incident) == [Step.REMINDED]
    assert len(await officer.texts()) == 1


async def test_one_incident_that_breaks_the_program_holds_up_no_other(town: Town) -> None:
    officer = await town.person("赵演示")
    desk_id = await desk(town, officer)
    broken, whole = await taken_in(town, desk_id), await taken_in(town, desk_id)
    spoilt = text("UPDATE incident_reports SET facts = '[]' WHERE incident_id = :id")
    async with town.database.transaction() as tx:
        await tx.execute(spoilt, {"id": broken.id})
    await town.jump(minutes=10)
    assert await steps(town, whole) == [Step.REMINDED]
    assert await town.value("SELECT count(*) FROM alarms WHERE kind LIKE 'row_broke:%'") == 1


async def test_a_drill_calls_as_a_drill_and_takes_no_number_of_the_real_ones(town: Town) -> None:
    officer = await town.person("赵演示")
    desk_id = await desk(town, officer)
    await taken_in(town, desk_id, exercise=True)
    real = await taken_in(town, desk_id)
    assert real.number == 1
    await town.jump(minutes=10)
    assert any(told.startswith("【演练】") for told in await officer.texts())


async def test_stricter_rules_call_sooner(town: Town) -> None:
    officer = await town.person("赵演示")
    stricter = """
undetermined_as: ordinary
rules:
  - name: 县里从严
    source: 县值班规定
    tell: [{to: 县政府值班室, by: phone, within_min: 6}]
"""
    async with town.database.transaction() as tx:
        await book.save_rules(tx, stricter, note="从严", shown=0, by="user:领导", now=town.clock.now())
    incident = await taken_in(town, await desk(town, officer))
    await town.jump(minutes=2)
    assert await officer.calls() == 1
    assert (await owed(town, incident, Means.PHONE)).state is ObligationState.OPEN
