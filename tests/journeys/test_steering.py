"""The officer steers calls under way, and nobody is lost by it: stop, call again, the next now."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from jiaoying.dispatch.steering.calling_again import call_again, call_person_again
from jiaoying.dispatch.steering.halting import stop_calling, stop_person
from jiaoying.dispatch.steering.next_rung import call_next_now
from jiaoying.dispatch.steering.scope import Scope
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from town import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Phone, Town, open_town

OFFICER, OTHER_OFFICER = "user:王演示", "user:李演示"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def call_out_of(town: Town, phone: Phone, warning: UUID) -> UUID:
    statement = "SELECT id FROM call_outs WHERE contact_id = :person AND warning_id = :warning"
    return await town.value(statement, person=phone.contact_id, warning=warning)


async def reason_of(town: Town, phone: Phone, warning: UUID) -> str:
    statement = "SELECT reason FROM call_outs WHERE contact_id = :person AND warning_id = :warning"
    return await town.value(statement, person=phone.contact_id, warning=warning)


async def stop(town: Town, scope: Scope, by: str = OFFICER) -> tuple[int, int]:
    async with town.database.transaction() as tx:
        halted = await stop_calling(tx, scope, by=by, reason="号码有误，核对后再叫", now=town.clock.now())
    await town.settle()
    return halted.people, halted.responsibilities


async def again(town: Town, scope: Scope, by: str = OFFICER) -> tuple[int, int]:
    async with town.database.transaction() as tx:
        called = await call_again(tx, scope, by=by, now=town.clock.now())
    await town.settle()
    return called.people, called.responsibilities


async def told(town: Town, event: str) -> int:
    return await town.value("SELECT count(*) FROM ledger_lines WHERE event = :event", event=event)


async def test_one_person_is_stopped_stays_on_the_list_and_the_deputy_is_called_at_once(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    warning = await town.warn("red")
    assert (await holder.calls(), await deputy.calls()) == (1, 0)
    call_out = await call_out_of(town, holder, warning)
    for officer in (OFFICER, OTHER_OFFICER):  # two officers press it at once
        async with town.database.transaction() as tx:
            await stop_person(tx, call_out, by=officer, reason="本人在值班室", now=town.clock.now())
    await town.settle()
    assert await deputy.calls() == 1
    await town.jump(minutes=30)
    assert await holder.calls() == 1
    assert (await town.state_of(holder, warning), await reason_of(town, holder, warning)) == (
        "exhausted",
        "stopped",
    )
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    assert await told(town, "person.stopped") == 1
    # A late answer of the one who was stopped still counts.
    await holder.says("1")
    assert await town.states("responsibilities", warning) == {"covered": 1}


async def test_a_township_is_stopped_and_called_again_from_where_it_stood(town: Town) -> None:
    village, deputy = await town.person("赵演示"), await town.person("孙演示")
    both, chief = await town.person("钱演示"), await town.person("李演示", "answers")
    await town.post(VILLAGE, "防汛责任人", village, deputy=deputy)
    await town.post(OTHER_VILLAGE, "防汛责任人", both)
    await town.post(COUNTY, "防汛指挥长", both, tier="county_lead")
    await town.post(COUNTY, "应急局长", chief, tier="county_lead")
    warning = await town.warn("red")
    calls = await both.calls()
    # Who answers for the county too is called on for that.
    assert await stop(town, Scope(warning, TOWNSHIP)) == (1, 2)
    assert await stop(town, Scope(warning, TOWNSHIP), OTHER_OFFICER) == (0, 0)
    await town.jump(minutes=10)
    assert (await village.calls(), await deputy.calls()) == (1, 0)
    assert await both.calls() > calls
    assert await town.listed(warning) == ["梁庄村 防汛责任人", "沁水县 防汛指挥长", "王寨村 防汛责任人"]
    await village.does("answers")
    assert (await again(town, Scope(warning, TOWNSHIP)))[1] == 2
    assert await again(town, Scope(warning, TOWNSHIP), OTHER_OFFICER) == (0, 0)
    await town.jump(minutes=1)
    assert await town.state_of(village, warning) == "answered"
    assert await deputy.calls() == 0
    assert "梁庄村 防汛责任人" not in await town.listed(warning)
    assert (await told(town, "calling.stopped"), await told(town, "calling.again")) == (1, 1)


async def test_an_answer_that_was_given_just_before_the_stop_still_covers(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("orange")
    await town.jump(seconds=40)
    await town.ask("POST", f"/town/phones/{holder.number}/text", json={"body": "1"})
    await town.simulator.run_due()
    await town.stage("settle").run_once(town.engine, town.clock.now())
    assert await town.state_of(holder, warning) == "answered"
    assert await town.states("responsibilities", warning) == {"open": 1}
    await stop(town, Scope(warning, TOWNSHIP))
    assert await town.states("responsibilities", warning) == {"covered": 1}


async def test_all_are_stopped_and_all_are_called_again_though_the_warning_had_closed(town: Town) -> None:
    people = [await town.person(f"赵演示{number}") for number in range(3)]
    for holder in people:
        await town.post(VILLAGE, f"防汛责任人{holder.name}", holder)
    warning = await town.warn("orange")
    assert await stop(town, Scope(warning)) == (3, 3)
    await town.jump(minutes=20)
    assert [await phone.calls() for phone in people] == [1, 1, 1]
    assert len(await town.listed(warning)) == 3
    state = "SELECT state FROM issued_warnings WHERE id = :warning"
    assert await town.value(state, warning=warning) == "closed"
    await people[0].does("answers")
    assert await again(town, Scope(warning)) == (3, 3)
    await town.jump(minutes=30)
    # A fresh set of tries, and then they are owned up to again.
    assert [await phone.calls() for phone in people] == [2, 4, 4]
    assert await town.states("call_outs", warning) == {"answered": 1, "exhausted": 2}
    assert len(await town.listed(warning)) == 2


async def test_one_who_was_not_woken_is_called_again_and_who_answered_is_not(town: Town) -> None:
    silent, awake = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", silent)
    await town.post(OTHER_VILLAGE, "防汛责任人", awake)
    warning = await town.warn("red")
    await town.jump(minutes=40)
    assert await town.state_of(silent, warning) == "exhausted"
    calls = await silent.calls()
    for officer in (OFFICER, OTHER_OFFICER):
        async with town.database.transaction() as tx:
            await call_person_again(
                tx, await call_out_of(town, silent, warning), by=officer, now=town.clock.now()
            )
    with pytest.raises(Refusal):
        async with town.database.transaction() as tx:
            await call_person_again(
                tx, await call_out_of(town, awake, warning), by=OFFICER, now=town.clock.now()
            )
    marked = "SELECT called_again_by FROM call_outs WHERE contact_id = :person"
    assert await town.value(marked, person=silent.contact_id) == OFFICER
    await silent.does("answers")
    await town.settle()
    await town.jump(minutes=1)
    assert (await silent.calls(), await awake.calls()) == (calls + 1, 1)
    assert await town.states("responsibilities", warning) == {"covered": 2}


async def test_the_officer_has_the_next_called_now(town: Town) -> None:
    """GoAlert's manualescalationnotification: the next step begins at once, and only once."""
    holder, deputy, chief = [await town.person(name) for name in ("赵演示", "钱演示", "孙演示")]
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy, superior=chief)
    warning = await town.warn("orange")
    assert (await holder.calls(), await deputy.calls()) == (1, 0)
    call_out = await call_out_of(town, holder, warning)
    for officer in (OFFICER, OTHER_OFFICER):
        async with town.database.transaction() as tx:
            await call_next_now(tx, call_out, by=officer, now=town.clock.now())
    await town.settle()
    assert (await deputy.calls(), await chief.calls()) == (1, 0)
    async with town.database.transaction() as tx:  # the page is old: the ladder has left that rung
        assert await call_next_now(tx, call_out, by=OFFICER, now=town.clock.now()) == 0
    await town.settle()
    assert await chief.calls() == 0
    assert await told(town, "responsibility.next_asked") == 1
    # The holder is called on.
    await town.jump(minutes=5)
    assert await holder.calls() > 1


async def test_nothing_is_steered_that_is_over_or_has_not_begun(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("orange", hours=0.1)
    await town.jump(minutes=10)
    with pytest.raises(Refusal):
        await again(town, Scope(warning))
    with pytest.raises(Refusal):
        await stop(town, Scope(warning, "14052"))
