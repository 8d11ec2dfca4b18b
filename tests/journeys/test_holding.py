"""A warning that is held calls nobody until its clock, the officer or a second person starts it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select

from jiaoying.dispatch.actions import start_warning, withdraw_warning
from jiaoying.dispatch.checking import complaints_of
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, issued_warnings, warning_sources
from jiaoying.warnings.intake import Disposition, Receipt, take_in
from jiaoying.warnings.model import ByHand
from town import COUNTY, START, VILLAGE, Phone, Town, open_town
from unit.warnings.samples import alert, area, geocode, info

SOURCE = "bureau"
FIVE_MINUTES = {"blue": 300, "yellow": 300, "orange": 300, "red": 300}
SEVERITIES = {"blue": "Minor", "yellow": "Moderate", "orange": "Severe", "red": "Extreme"}
SIGNS = {"blue": "蓝", "yellow": "黄", "orange": "橙", "red": "红"}


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        await hold(opened, SOURCE, FIVE_MINUTES)
        yield opened


@pytest.fixture
async def holder(town: Town) -> Phone:
    phone = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", phone)
    return phone


async def hold(town: Town, source: str, seconds: dict[str, int]) -> None:
    async with town.database.transaction() as tx:
        await tx.execute(
            insert(warning_sources).values(
                id=new_id(START),
                name=source,
                kind="push",
                hold_s=seconds,
                created_at=START,
                created_by="test",
                watched_from=START,
            )
        )


async def comes_in(
    town: Town, colour: str, *, number: int = 1, by_hand: ByHand | None = None, **changes: str | None
) -> Receipt:
    """A message of the bureau, sent now; the town then does what is due at once."""
    now = town.clock.now()
    block = info(
        area(geocode(COUNTY)),
        severity=SEVERITIES[colour],
        headline=f"沁水县气象台发布暴雨{SIGNS[colour]}色预警",
        effective=now.isoformat(timespec="seconds"),
        expires=(now + timedelta(hours=6)).isoformat(timespec="seconds"),
    )
    body = alert(block, identifier=f"m{number}", sent=now.isoformat(timespec="seconds"), **changes)
    [receipt] = await take_in(
        town.database,
        body,
        media_type="application/xml",
        source=SOURCE,
        now=now,
        wall=now,
        home_area=COUNTY,
        by_hand=by_hand,
    )
    await town.settle()
    return receipt


def named(number: int) -> str:
    return f"Qinshui_County_Meteorological_Observatory,m{number},2026-07-15T10:00:00+08:00"


async def state(town: Town, warning_id: UUID) -> str:
    async with town.database.transaction() as tx:
        return (
            await tx.scalar(select(issued_warnings.c.state).where(issued_warnings.c.id == warning_id)) or ""
        )


async def open_alarms(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        rows = await tx.execute(select(alarms.c.kind).where(alarms.c.cleared_at.is_(None)))
        return [row.kind for row in rows]


async def start(town: Town, warning_id: UUID, by: str) -> None:
    async with town.database.transaction() as tx:
        await start_warning(tx, warning_id, by=by, now=town.clock.now())
    await town.settle()


async def veto(town: Town, warning_id: UUID) -> None:
    async with town.database.transaction() as tx:
        await withdraw_warning(tx, warning_id, by="user:王芳", reason="误发", now=town.clock.now())
    await town.settle()


async def test_a_held_red_one_starts_by_itself_at_its_clock(town: Town, holder: Phone) -> None:
    receipt = await comes_in(town, "red")
    assert receipt.disposition is Disposition.HELD
    [warning] = receipt.warning_ids
    await town.jump(minutes=4, seconds=59)
    assert (await state(town, warning), await holder.calls()) == ("held", 0)
    await town.jump(seconds=31)
    assert await town.state_of(holder, warning) == "answered"
    assert (await town.events(warning))[:3] == ["warning.received", "warning.held", "warning.started"]


async def test_a_vetoed_one_never_calls(town: Town, holder: Phone) -> None:
    [warning] = (await comes_in(town, "red")).warning_ids
    await town.jump(minutes=2)
    await veto(town, warning)
    await town.jump(minutes=30)
    assert (await state(town, warning), await holder.calls(), await holder.texts()) == ("withdrawn", 0, [])
    assert "warning.vetoed" in await town.events(warning)
    with pytest.raises(Refusal):
        await start(town, warning, "user:王芳")


async def test_the_officer_starts_it_before_its_clock_and_it_starts_once(town: Town, holder: Phone) -> None:
    [warning] = (await comes_in(town, "red")).warning_ids
    await town.jump(minutes=1)
    await start(town, warning, "user:王芳")
    await town.jump(minutes=20)
    assert await holder.calls() == 1
    assert (await town.events(warning)).count("warning.started") == 1
    with pytest.raises(Refusal):
        await start(town, warning, "user:王芳")


async def test_a_held_blue_one_calls_the_leader_and_stays_held(town: Town, holder: Phone) -> None:
    officer, leader = await town.person("孙演示", "answers"), await town.person("李演示", "answers")
    await town.desk(COUNTY, "沁水县应急值班室", officer, leader)
    [warning] = (await comes_in(town, "blue")).warning_ids
    await town.jump(minutes=4)
    assert (await leader.calls(), await open_alarms(town)) == (0, [])
    await town.jump(minutes=4)
    assert (await leader.calls(), await officer.calls(), await holder.calls()) == (1, 0, 0)
    [text] = await leader.texts()
    assert "待您决定" in text
    assert (await state(town, warning), await open_alarms(town)) == ("held", ["held"])
    await start(town, warning, "user:李演示")
    await town.jump(minutes=1)
    assert len(await holder.texts()) == 1
    # "Got it" from the leader was about the decision, never about the warning.
    assert await town.state_of(officer, warning) == "answered"
    assert await town.state_of(leader, warning) is None
    assert await open_alarms(town) == []


async def test_a_leader_who_is_silent_is_followed_by_the_desk_and_asked_again(
    town: Town, holder: Phone
) -> None:
    officer, leader = await town.person("孙演示"), await town.person("李演示")
    await town.desk(COUNTY, "沁水县应急值班室", officer, leader)
    [warning] = (await comes_in(town, "yellow")).warning_ids
    await town.jump(minutes=14)
    first = await leader.calls()
    assert first >= 2
    assert await officer.calls() >= 1
    assert await town.value("SELECT count(*) FROM responsibilities WHERE listed_at IS NOT NULL") == 1
    await town.jump(minutes=10)
    assert await leader.calls() > first
    await veto(town, warning)
    rung = await leader.calls()
    await town.jump(minutes=40)
    assert (await leader.calls(), await state(town, warning), await holder.calls()) == (rung, "withdrawn", 0)


async def test_without_a_desk_the_officer_is_alarmed(town: Town, holder: Phone) -> None:
    await comes_in(town, "blue")
    await town.jump(minutes=6)
    assert await open_alarms(town) == ["held"]
    await town.jump(minutes=60)
    assert await open_alarms(town) == ["held"]


async def test_the_check_says_that_nobody_could_be_called_to_decide(town: Town) -> None:
    found = await complaints_of(town.database, COUNTY, town.clock.now(), town.engine.source_key)
    assert ("hold_without_desk", SOURCE) in [(one.code, one.field) for one in found]
    await town.desk(COUNTY, "沁水县应急值班室", await town.person("孙演示"))
    found = await complaints_of(town.database, COUNTY, town.clock.now(), town.engine.source_key)
    assert "hold_without_desk" not in [one.code for one in found]


async def test_one_that_ends_undecided_is_told(town: Town, holder: Phone) -> None:
    [warning] = (await comes_in(town, "blue")).warning_ids
    await town.jump(minutes=7 * 60)
    assert (await state(town, warning), await holder.calls()) == ("closed", 0)
    assert "undecided" in await open_alarms(town)


async def test_a_cancel_is_never_held_and_ends_what_is(town: Town, holder: Phone) -> None:
    [warning] = (await comes_in(town, "red")).warning_ids
    cancel = await comes_in(town, "red", number=2, msgType="Cancel", references=named(1))
    assert cancel.disposition is Disposition.CANCELLED
    await town.jump(minutes=20)
    assert (await state(town, warning), await holder.calls(), await holder.texts()) == ("withdrawn", 0, [])


async def test_an_update_that_is_no_graver_is_not_held_and_one_that_is_waits(
    town: Town, holder: Phone
) -> None:
    [warning] = (await comes_in(town, "orange")).warning_ids
    await start(town, warning, "user:王芳")
    await town.jump(minutes=2)
    [same] = (await comes_in(town, "orange", number=2, msgType="Update", references=named(1))).warning_ids
    assert await state(town, same) != "held"
    graver = await comes_in(town, "red", number=3, msgType="Update", references=named(2))
    assert graver.disposition is Disposition.HELD
    assert await state(town, same) != "withdrawn"
    calls = await holder.calls()
    await town.jump(minutes=6)
    assert await state(town, same) == "withdrawn"
    assert await holder.calls() == calls + 1


async def test_a_newer_version_takes_the_place_of_a_held_one_and_keeps_its_clock(
    town: Town, holder: Phone
) -> None:
    [first] = (await comes_in(town, "red")).warning_ids
    await town.jump(minutes=3)
    [second] = (await comes_in(town, "red", number=2, msgType="Update", references=named(1))).warning_ids
    assert (await state(town, first), await state(town, second)) == ("withdrawn", "held")
    await town.jump(minutes=2, seconds=30)
    assert await town.state_of(holder, second) == "answered"
    assert await holder.calls() == 1


async def test_a_drill_is_held_alike_and_keeps_its_mark(town: Town, holder: Phone) -> None:
    [warning] = (await comes_in(town, "red", status="Exercise")).warning_ids
    await town.jump(minutes=6)
    assert await town.state_of(holder, warning) == "answered"
    assert "【演练】" in (await holder.texts())[0]


async def test_two_persons_are_needed_and_they_are_two(town: Town, holder: Phone) -> None:
    officer, leader = await town.person("孙演示"), await town.person("李演示")
    await town.desk(COUNTY, "沁水县应急值班室", officer, leader)
    by_hand = ByHand("user:王芳", 1200, "many_people")
    receipt = await comes_in(town, "red", by_hand=by_hand)
    assert receipt.disposition is Disposition.HELD
    [warning] = receipt.warning_ids
    with pytest.raises(Refusal, match="本人"):
        await start(town, warning, "user:王芳")
    with pytest.raises(Refusal, match="第二"):
        await start(town, warning, "api:script")
    # No clock starts it, red as it is; the leader is called.
    await town.jump(minutes=30)
    assert (await state(town, warning), await holder.calls()) == ("held", 0)
    assert await leader.calls() >= 1
    await start(town, warning, "user:李演示")
    await town.jump(minutes=1)
    assert await town.state_of(holder, warning) == "answered"
    assert (
        await town.value("SELECT second_by FROM issued_warnings WHERE second_by IS NOT NULL") == "user:李演示"
    )


async def test_a_worker_that_dies_on_it_starts_it_all_the_same_and_once(town: Town, holder: Phone) -> None:
    """Two workers look at once, and one was killed before it committed: the row alone decides."""
    [warning] = (await comes_in(town, "red")).warning_ids
    town.clock.advance_to(START + timedelta(minutes=6))
    stage = town.stage("hold")
    async with town.database.transaction() as dying:
        await dying.execute(
            select(issued_warnings.c.id).where(issued_warnings.c.id == warning).with_for_update()
        )
        await stage.run_once(town.engine, town.clock.now())
        await dying.rollback()
    await stage.run_once(town.engine, town.clock.now())
    await stage.run_once(town.engine, town.clock.now())
    await town.settle()
    await town.jump(minutes=2)
    assert (await town.events(warning)).count("warning.started") == 1
    assert await town.state_of(holder, warning) == "answered"
