"""Who is asked for many things at once: each word goes where it belongs, and nowhere else."""

from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from jiaoying.duty.actions import Doer
from jiaoying.duty.daily import actions as daily_actions
from jiaoying.duty.daily import store as daily_store
from jiaoying.duty.daily.model import READY_MADE, DeskReports, Form, PlanFields
from jiaoying.duty.letters import store as letter_store
from jiaoying.duty.letters.actions import Addressee
from jiaoying.duty.letters.model import UnitState
from jiaoying.duty.roll_calls import actions as roll_call_actions
from jiaoying.duty.roll_calls import store as roll_call_store
from jiaoying.duty.roll_calls.model import Outcome, Terms
from jiaoying.duty.routines import actions as routine_actions
from jiaoying.duty.routines import store as routine_store
from jiaoying.duty.routines.actions import Wish
from jiaoying.duty.routines.model import Charge, OccurrenceState, Routine
from jiaoying.duty.routines.rules import Every, Rule
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, feedback
from journeys.test_letters import sent
from town import TOWNSHIP, VILLAGE, Phone, Town, open_town

FLOOD = READY_MADE["flood"]
MOVED = Form(FLOOD.questions[:2])


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


def doer(town: Town) -> Doer:
    return Doer("user:officer", "", town.clock.now(), town.engine.timezone)


async def warned(town: Town, officer: Phone) -> UUID:
    """A warning that they have read and not answered."""
    await town.post(VILLAGE, "防汛责任人", officer, hazards=["rain"])
    warning_id = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=30)
    return warning_id


async def reminded(town: Town, desk_id: UUID, owner: Phone) -> Routine:
    """A duty of which the owner has just been reminded: it is Wednesday, ten in the morning."""
    now = datetime.combine(date(2026, 7, 15), time(10, 5), town.engine.timezone)
    rule = Rule(Every.WEEK, 3, time(17), remind_days=0, remind_at=now.time())
    charge = Charge("安全生产周报", "市应急管理局", "", desk_id, owner.contact_id)
    async with town.database.transaction() as tx:
        routine = await routine_actions.add_routine(tx, Wish(charge, rule, date(2026, 7, 15)), doer(town))
    await town.jump(minutes=(now - town.clock.now()) / timedelta(minutes=1) + 1)
    assert any("安全生产周报" in text for text in await owner.texts())
    return routine


async def state_of(town: Town, routine: Routine) -> OccurrenceState:
    async with town.database.transaction() as tx:
        *_, first = await routine_store.occurrences_of(tx, routine.id, 20)
        return first.state


async def asked_daily(town: Town, form: Form) -> None:
    """A round that has just begun."""
    at = (town.clock.now() + timedelta(minutes=2)).astimezone(town.engine.timezone)
    fields = PlanFields("每日调度", at.date(), at.date(), (f"{at:%H:%M}",), form, TOWNSHIP)
    async with town.database.transaction() as tx:
        await daily_actions.make_plan(tx, fields, doer(town))
    await town.jump(minutes=3)


async def desk_in_round(town: Town) -> DeskReports:
    async with town.database.transaction() as tx:
        found = (await daily_store.last_rounds(tx, 1))[0]
        return (await daily_store.reports_of(tx, [found.id]))[found.id][0]


async def feedback_of(town: Town) -> list[tuple[UUID, str, int | None]]:
    async with town.database.transaction() as tx:
        rows = await tx.execute(select(feedback.c.warning_id, feedback.c.stage, feedback.c.people))
        return [(row.warning_id, row.stage, row.people) for row in rows]


async def alarm_kinds(town: Town) -> set[str]:
    async with town.database.transaction() as tx:
        return set(await tx.scalars(select(alarms.c.kind).where(alarms.c.cleared_at.is_(None))))


async def test_said_to_be_handed_in_is_about_the_duty_though_a_warning_came_last(town: Town) -> None:
    officer = await town.person("赵演示")
    routine = await reminded(town, await town.desk(TOWNSHIP, "龙港镇值班室", officer), officer)
    warning_id = await warned(town, officer)
    await officer.says("已报")
    await town.settle()
    assert await state_of(town, routine) is OccurrenceState.DONE
    assert await town.state_of(officer, warning_id) == "open"


async def test_said_to_be_done_where_nothing_is_to_be_handed_in_ticks_no_warning(town: Town) -> None:
    officer = await town.person("赵演示")
    warning_id = await warned(town, officer)
    await officer.says("已报送")
    await town.settle()
    assert await town.state_of(officer, warning_id) == "open"
    assert "not_understood" in await alarm_kinds(town)


async def test_said_to_be_handed_in_confirms_no_letter_that_came_after(
    town: Town,
) -> None:
    officer = await town.person("赵演示")
    desk_id = await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    routine = await reminded(town, desk_id, officer)
    letter = await sent(town, Addressee(desk_id, None, "龙港镇值班室"))
    await town.jump(seconds=30)
    await officer.says("已报送")
    await town.jump(seconds=10)
    assert await state_of(town, routine) is OccurrenceState.DONE
    async with town.database.transaction() as tx:
        (unit,) = (await letter_store.units_of(tx, [letter.id]))[letter.id]
    assert unit.state is UnitState.ASKED


@pytest.mark.parametrize("said", ["12户 35人", "12户，35人", "转移12户，35人", "已转移12户35人"])
async def test_figures_of_people_moved_are_the_warnings_though_a_round_asks_for_just_these(
    town: Town, said: str
) -> None:
    officer = await town.person("赵演示")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    warning_id = await warned(town, officer)
    await asked_daily(town, MOVED)
    await officer.says(said)
    await town.settle()
    assert await feedback_of(town) == [(warning_id, "moved", 35)]
    assert (await desk_in_round(town)).report is None


async def test_bare_figures_and_nothing_are_the_rounds_and_tick_no_warning(town: Town) -> None:
    officer = await town.person("赵演示")
    await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    warning_id = await warned(town, officer)
    await asked_daily(town, FLOOD)
    await officer.says("12 35 0")
    await town.settle()
    first = (await desk_in_round(town)).report
    assert first is not None
    assert list(first.answers.values())[:3] == [12, 35, 0]
    await officer.says("无")
    await town.settle()
    report = (await desk_in_round(town)).report
    assert report is not None
    assert report.zero
    assert await town.state_of(officer, warning_id) == "open"


async def test_danger_is_told_whatever_else_is_asked_and_confirms_no_letter(town: Town) -> None:
    officer = await town.person("赵演示")
    desk_id = await town.desk(TOWNSHIP, "龙港镇值班室", officer)
    routine = await reminded(town, desk_id, officer)
    letter = await sent(town, Addressee(desk_id, None, "龙港镇值班室"))
    await asked_daily(town, FLOOD)
    async with town.database.transaction() as tx:
        call_id = await roll_call_actions.begin_now(tx, Terms(TOWNSHIP), doer(town))
    await town.jump(seconds=30)
    for said in ("村后滑坡，2户6人被困", "已报，后山滑坡", "1 有人失联"):
        await officer.says(said)
        await town.settle()
    assert "danger" in await alarm_kinds(town)
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'danger'") == 3
    assert await state_of(town, routine) is OccurrenceState.REMINDED
    async with town.database.transaction() as tx:
        (unit,) = (await letter_store.units_of(tx, [letter.id]))[letter.id]
        (desk,) = (await roll_call_store.results_of(tx, [call_id]))[call_id]
    assert unit.state is UnitState.ASKED
    assert desk.seen.outcome is not Outcome.PRESENT
