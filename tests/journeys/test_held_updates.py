"""A held update beside the warning that it changes, which runs on meanwhile."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.actions import withdraw_warning
from jiaoying.dispatch.board.officers import officers_list
from jiaoying.dispatch.board.warnings import warning_facts
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import warning_sources
from jiaoying.warnings.published import published_warnings
from journeys.messages import about, moment, send
from town import COUNTY, OTHER_VILLAGE, START, VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def holder(town: Town) -> Phone:
    phone = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", phone)
    return phone


async def hold(town: Town, source: str, seconds: dict[str, int]) -> None:
    known = {"name": source, "kind": "push", "hold_s": seconds}
    row = {"id": new_id(START), "created_at": START, "created_by": "test", "watched_from": START}
    async with town.database.transaction() as tx:
        await tx.execute(
            upsert(warning_sources)
            .values(row | known)
            .on_conflict_do_update(index_elements=["name"], set_={"hold_s": seconds})
        )


async def state(town: Town, warning_id: UUID) -> str:
    return await town.value("SELECT state FROM issued_warnings WHERE id = :id", id=warning_id)


async def veto(town: Town, warning_id: UUID) -> None:
    async with town.database.transaction() as tx:
        await withdraw_warning(tx, warning_id, by="user:王芳", reason="误发", now=town.clock.now())
    await town.settle()


async def test_a_veto_after_the_older_one_has_ended_wakes_nobody(town: Town, holder: Phone) -> None:
    await hold(town, "bureau", {"yellow": 300})
    ends = moment(town.clock.now().replace(hour=3))
    [older] = (await send(town, "a1", about(town, "blue", VILLAGE, expires=ends))).warning_ids
    await town.jump(minutes=5)
    [held] = (
        await send(town, "a2", about(town, "yellow", VILLAGE), kind="Update", names=("a1",))
    ).warning_ids
    await town.jump(minutes=90)
    assert (await state(town, older), await state(town, held)) == ("closed", "held")
    texts = await holder.texts()
    await veto(town, held)
    await town.jump(minutes=5)
    assert await holder.texts() == texts


async def test_a_veto_leaves_the_older_one_as_it_runs(town: Town, holder: Phone) -> None:
    await hold(town, "bureau", {"red": 300})
    [older] = (await send(town, "a1", about(town, "orange", VILLAGE))).warning_ids
    await town.jump(minutes=2)
    [held] = (await send(town, "a2", about(town, "red", VILLAGE), kind="Update", names=("a1",))).warning_ids
    texts = await holder.texts()
    await veto(town, held)
    await town.jump(minutes=5)
    assert (await holder.texts(), await holder.calls()) == (texts, 1)
    again = await send(
        town, "a3", about(town, "orange", VILLAGE, verb="继续发布"), kind="Update", names=("a2",)
    )
    assert await town.state_of(holder, again.warning_ids[0]) == "answered"
    assert (await state(town, older), await holder.calls()) == ("withdrawn", 1)


async def test_a_cancel_ends_the_older_one_and_its_held_update_with_one_text(
    town: Town, holder: Phone
) -> None:
    await hold(town, "bureau", {"red": 300})
    [older] = (await send(town, "a1", about(town, "orange", VILLAGE))).warning_ids
    await town.jump(minutes=2)
    [held] = (await send(town, "a2", about(town, "red", VILLAGE), kind="Update", names=("a1",))).warning_ids
    before = len(await holder.texts())
    await send(town, "a3", about(town, "red", VILLAGE), kind="Cancel", names=("a2",))
    await town.jump(minutes=10)
    assert (await state(town, older), await state(town, held)) == ("withdrawn", "withdrawn")
    assert (len(await holder.texts()) - before, await holder.calls()) == (1, 1)


async def test_a_cancel_by_hand_finds_a_warning_with_a_held_update(town: Town, holder: Phone) -> None:
    await hold(town, "bureau", {"red": 300})
    [older] = (await send(town, "a1", about(town, "orange", VILLAGE))).warning_ids
    await town.jump(minutes=2)
    [held] = (await send(town, "a2", about(town, "red", VILLAGE), kind="Update", names=("a1",))).warning_ids
    await send(town, "h1", about(town, "red", VILLAGE, verb="解除"), kind="Cancel", source="hand")
    await town.jump(minutes=10)
    assert (await state(town, older), await state(town, held)) == ("withdrawn", "withdrawn")
    assert await holder.calls() == 1
    assert "停止" in (await holder.texts())[-1]


async def test_by_hand_too_only_what_is_graver_or_wider_is_held(town: Town, holder: Phone) -> None:
    await hold(town, "hand", {"orange": 300})
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    same = await send(
        town, "h1", about(town, "orange", VILLAGE, verb="继续发布"), kind="Update", source="hand"
    )
    assert same.disposition == "updated"
    assert await town.state_of(holder, same.warning_ids[0]) == "answered"
    wider = about(town, "orange", VILLAGE, OTHER_VILLAGE, verb="继续发布")
    assert (await send(town, "h2", wider, kind="Update", source="hand")).disposition == "held"


async def test_while_an_update_is_held_and_after_its_veto_the_older_one_is_not_shown_as_replaced(
    town: Town, holder: Phone
) -> None:
    await hold(town, "bureau", {"red": 300})
    [older] = (await send(town, "a1", about(town, "orange", VILLAGE))).warning_ids
    [held] = (await send(town, "a2", about(town, "red", VILLAGE), kind="Update", names=("a1",))).warning_ids
    assert await replaced_by(town, older) is None
    await veto(town, held)
    assert await replaced_by(town, older) is None
    again = about(town, "orange", VILLAGE, verb="继续发布")
    [newer] = (await send(town, "a3", again, kind="Update", names=("a2",))).warning_ids
    assert await replaced_by(town, older) == newer


async def replaced_by(town: Town, warning_id: UUID) -> UUID | None:
    async with town.database.transaction() as tx:
        facts = await warning_facts(tx, warning_id)
    assert facts is not None
    return facts.replaced_by_id


async def test_what_was_vetoed_is_not_given_out(town: Town, holder: Phone) -> None:
    await hold(town, "bureau", {"red": 300})
    [held] = (await send(town, "a1", about(town, "red", VILLAGE))).warning_ids
    await veto(town, held)
    async with town.database.transaction() as tx:
        assert await published_warnings(tx, town.clock.now()) == []


async def test_requests_that_nobody_answered_leave_the_list_with_the_decision(
    town: Town, holder: Phone
) -> None:
    await hold(town, "bureau", {"yellow": 300})
    officer, leader = await town.person("孙演示"), await town.person("李演示")
    await town.desk(COUNTY, "沁水县应急值班室", officer, leader)
    [held] = (await send(town, "a1", about(town, "yellow", VILLAGE))).warning_ids
    await town.jump(minutes=50)
    asked = await town.value(
        "SELECT id FROM issued_warnings WHERE request_for_id IS NOT NULL ORDER BY id LIMIT 1"
    )
    async with town.database.transaction() as tx:
        assert await officers_list(tx, asked, town.clock.now())
    await veto(town, held)
    async with town.database.transaction() as tx:
        assert await officers_list(tx, asked, town.clock.now()) == []
