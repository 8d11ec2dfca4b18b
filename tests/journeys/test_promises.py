"""Ways in which somebody could be lost, rung twice, or ticked for what they never answered."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text, update

from jiaoying.dispatch.actions import answer_by_hand
from jiaoying.dispatch.climbing import Begun, ask
from jiaoying.dispatch.inbox import store_events
from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.store import call_outs, responsibilities, warnings
from jiaoying.dispatch.store.call_outs import Asking, NewRole, NextLook
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.texting import gateway_for
from jiaoying.gateways.base import (
    Accepted,
    Ambiguous,
    HandOver,
    NotFound,
    Outcome,
    Reconciled,
    Report,
    ReportState,
    Throttled,
)
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.ids import new_id
from jiaoying.scheduler.housekeeping import Housekeeping
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from town import TOWNSHIP, VILLAGE, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def test_an_answer_to_the_colour_before_last_answers_nothing_today(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=20)
    await holder.says("收到")
    assert await town.state_of(holder, first) == "answered"
    raised = await town.warn("red", areas=[VILLAGE], kind="update", replaces=first)
    assert await town.state_of(holder, raised) == "open"
    continued = await town.warn("red", areas=[VILLAGE], kind="update", replaces=raised)
    assert await town.state_of(holder, continued) == "open"


async def test_red_again_after_yellow_asks_again(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=20)
    await holder.says("收到")
    lowered = await town.warn("yellow", areas=[VILLAGE], kind="update", replaces=first)
    assert await town.state_of(holder, lowered) == "answered"
    assert "call_out.carried" in await town.events(lowered)
    again = await town.warn("red", areas=[VILLAGE], kind="update", replaces=lowered)
    assert await town.state_of(holder, again) == "open"


async def test_a_plain_answer_to_orange_does_not_tick_the_red_that_was_not_read_yet(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("orange", areas=[VILLAGE])
    await town.jump(seconds=20)
    raised = await town.warn("red", areas=[VILLAGE], kind="update", replaces=first)
    await holder.says("1")
    assert await town.state_of(holder, raised) == "open"
    assert "A7" in (await holder.texts())[-1]
    await town.jump(seconds=20)
    await holder.says("1")
    assert await town.state_of(holder, raised) == "answered"


async def test_what_the_carrier_put_off_is_not_sent_after_the_answer(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    answered: list[HandOver] = []

    async def put_off(item: HandOver) -> Outcome:
        async with town.database.transaction() as tx:
            call_out = await tx.scalar(
                select(schema.attempts.c.call_out_id).where(schema.attempts.c.id == item.attempt_id)
            )
            assert call_out
            await answer_by_hand(tx, call_out, by="test", how="hand", note="", now=town.clock.now())
        answered.append(item)
        return Throttled("429", 5.0)

    with monkeypatch.context() as patched:
        patched.setattr(town.engine.gateways["simulator"], "hand_over", put_off)
        warning = await town.warn("red", areas=[VILLAGE])
    assert answered
    await town.jump(minutes=10)
    assert (await holder.calls(), await holder.texts()) == (0, [])
    assert await town.states("attempts", warning) == {"withdrawn": 2}


async def _in_doubt(town: Town, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """One text and one call handed over of which nothing was heard."""

    async def silent(item: HandOver) -> Outcome:
        return Ambiguous("no answer")

    monkeypatch.setattr(town.engine.gateways["simulator"], "hand_over", silent)
    await town.warn("red", areas=[VILLAGE])
    async with town.database.transaction() as tx:
        return list(
            (
                await tx.execute(select(schema.attempts.c.id).where(schema.attempts.c.state == "sending"))
            ).scalars()
        )


async def test_a_reference_bound_to_another_attempt_stops_no_reports(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.post(VILLAGE, "防汛责任人", await town.person("赵演示"))
    first, second = await _in_doubt(town, monkeypatch)
    for attempt_id, state in ((first, ReportState.UNDER_WAY), (second, ReportState.DELIVERED)):
        async with town.database.transaction() as tx:
            report = Report("CA1", state, str(state), attempt_id)
            await store_events(tx, "simulator", [(f"{attempt_id}", report)], town.clock.now())
        await town.cycle.run_through(town.clock.now())
    assert await town.value("SELECT count(*) FROM inbox_items WHERE state = 'unread'") == 0
    assert await town.value("SELECT state FROM attempts WHERE id = :id", id=second) == "delivered"
    assert await town.value("SELECT carrier_ref FROM attempts WHERE id = :id", id=first) == "CA1"


async def test_a_gateway_that_breaks_when_it_is_asked_leaves_nobody_in_doubt(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)

    async def breaks(item: HandOver, since: object, known: object) -> Reconciled:
        raise OverflowError

    with monkeypatch.context() as patched:
        await _in_doubt(town, patched)
    monkeypatch.setattr(town.engine.gateways["simulator"], "reconcile", breaks)
    async with town.database.transaction() as tx:
        await tx.execute(
            update(schema.attempts).values(looks=1, lease_until=wall_now() - timedelta(seconds=1))
        )
    await town.settle()
    assert (await holder.calls(), len(await holder.texts())) == (1, 1)


async def test_a_reference_that_cannot_be_kept_holds_up_nobody_else(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange, other = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", strange)
    await town.post(TOWNSHIP, "镇长", other, tier="township")
    hand_over = town.engine.gateways["simulator"].hand_over

    async def strangely(item: HandOver) -> Outcome:
        return Accepted("SM\0") if item.number == strange.number else await hand_over(item)

    monkeypatch.setattr(town.engine.gateways["simulator"], "hand_over", strangely)
    async with asyncio.timeout(30):
        warning = await town.warn("red", areas=[VILLAGE])
        await town.jump(minutes=1)
    assert await town.state_of(other, warning) == "answered"
    # Whether it went out is asked of the carrier.
    in_doubt = "SELECT count(*) FROM attempts WHERE state = 'sending' AND number = :number"
    assert await town.value(in_doubt, number=strange.number) == 2


async def test_a_report_that_comes_while_the_carrier_is_asked_prevents_the_repeat(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.post(VILLAGE, "防汛责任人", await town.person("赵演示"))
    doubtful = await _in_doubt(town, monkeypatch)

    async def asked(item: HandOver, since: object, known: object) -> Reconciled:
        async with town.database.transaction() as tx:
            report = Report(f"CA{item.attempt_id}", ReportState.UNDER_WAY, "ringing", item.attempt_id)
            await store_events(tx, "simulator", [(f"{item.attempt_id}", report)], town.clock.now())
        await town.stage("settle").run_once(town.engine, town.clock.now())
        return NotFound()

    monkeypatch.setattr(town.engine.gateways["simulator"], "reconcile", asked)
    async with town.database.transaction() as tx:
        await tx.execute(
            update(schema.attempts).values(looks=1, lease_until=wall_now() - timedelta(seconds=1))
        )
    await town.cycle.run_through(town.clock.now())
    async with town.database.transaction() as tx:
        rows = await tx.execute(select(schema.attempts.c.id, schema.attempts.c.state))
        assert {row.id: row.state for row in rows} == dict.fromkeys(doubtful, "accepted")


async def test_what_is_expired_is_not_sent_and_who_was_not_called_is_listed(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE], hours=-1)
    await town.jump(minutes=5)
    assert (await holder.calls(), await holder.texts()) == (0, [])
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]


async def test_a_message_that_cannot_be_read_holds_up_no_answer(town: Town) -> None:
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=20)
    async with town.database.transaction() as tx:
        for kind in ("text", "report"):
            await tx.execute(
                insert(schema.inbox_items).values(
                    id=new_id(town.clock.now()),
                    received_at=town.clock.now(),
                    gateway="simulator",
                    kind=kind,
                    dedupe_key=kind,
                    content={"kind": "of a later version"},
                    state="unread",
                )
            )
    await holder.says("收到")
    assert await town.state_of(holder, warning) == "answered"
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'inbox_item_broke'") == 2


async def test_a_duty_that_breaks_the_program_is_listed_and_holds_up_none_due_with_it(town: Town) -> None:
    broken, whole = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", broken)
    await town.post(TOWNSHIP, "镇长", whole, tier="township")
    stages = town.cycle.stages
    town.cycle.stages = [town.stage("match")]
    warning = await town.warn("orange", areas=[VILLAGE])
    town.cycle.stages = stages
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE frozen_ladders SET body = '{}' WHERE tier = 'village'"))
    await town.settle()
    # Its first rung began with the match; the ladder is read when the wait of that rung has run out.
    await town.jump(minutes=10)
    assert await town.state_of(whole, warning) == "answered"
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    assert await town.value("SELECT count(*) FROM alarms WHERE kind LIKE 'row_broke:%'") == 1


async def test_who_points_at_a_warning_need_not_wait_for_its_lock(town: Town) -> None:
    warning = await town.warn("red")
    async with town.database.transaction() as tx:
        await warnings.lock_warning(tx, warning)
        async with town.database.transaction() as other:
            await other.execute(text("SET LOCAL lock_timeout = '2s'"))
            await raise_alarm(other, "test", "test", town.clock.now(), warning_id=warning)


async def test_who_asks_people_anew_never_waits_in_a_ring_with_who_hears_them(town: Town) -> None:
    first, second = await town.person("赵演示"), await town.person("钱演示")
    late, early = sorted((first, second), key=lambda person: person.contact_id)
    await town.post(VILLAGE, "防汛责任人", early)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=5)
    now = town.clock.now()
    async with town.database.transaction() as tx:
        await call_outs.ask_people(
            tx, {new_id(now): Asking(warning, late.contact_id, 5, ("sms",), 1, 60)}, now
        )
        ids = list(
            (await tx.execute(select(schema.call_outs.c.id).order_by(schema.call_outs.c.id))).scalars()
        )

    async def ask_both() -> None:
        async with town.database.transaction() as tx:
            (duty,) = await responsibilities.claim_due(tx, now + timedelta(days=1), 1)
            rung = ladder_from_data(
                (await responsibilities.ladders_by_id(tx, {duty.ladder_id}))[duty.ladder_id]
            )
            people = tuple((Who.HOLDER, person.contact_id) for person in (late, early))
            await ask(tx, [Begun(duty, 0, rung.rungs[0], people, None, (), "test")], now)

    async with asyncio.TaskGroup() as group, town.database.transaction() as tx:
        await lock_rows(tx, schema.call_outs, ids[:1])
        asked = group.create_task(ask_both())
        await asyncio.wait({asked}, timeout=0.5)
        await lock_rows(tx, schema.call_outs, ids[1:])


async def test_rounds_of_texts_are_no_tries_of_the_call_that_is_asked_for_later(town: Town) -> None:
    warning, person = await town.warn("red"), await town.person("赵演示")
    now = town.clock.now()
    text_only = Asking(warning, person.contact_id, 5, ("sms",), 1, 60)
    async with town.database.transaction() as tx:
        (opened,) = await call_outs.ask_people(tx, {new_id(now): text_only}, now)
        await call_outs.look_again(tx, [NextLook(opened.id, 1, now + timedelta(seconds=60))])
        await call_outs.ask_people(tx, {new_id(now): replace(text_only, channels=("sms", "voice"))}, now)
    await town.jump(minutes=5)
    assert await person.calls() == 1


async def test_who_is_being_tied_to_a_further_duty_is_not_left_in_peace(town: Town) -> None:
    holder = await town.person("赵演示")
    for kind in ("防汛责任人", "护林员"):
        await town.post(VILLAGE, kind, holder)
    warning = await town.warn("red", areas=[VILLAGE])
    now = town.clock.now()
    async with town.database.transaction() as tx:
        (call_out,) = await call_outs.of_warning(tx, warning, tuple(call_outs.CallOutState))
        ids = list((await tx.execute(select(schema.responsibilities.c.id))).scalars())
        await tx.execute(text("DELETE FROM call_out_roles WHERE responsibility_id = :id"), {"id": ids[1]})
        await tx.execute(
            text("UPDATE responsibilities SET state = 'covered', next_at = NULL WHERE id = :id"),
            {"id": ids[0]},
        )
    asking = Asking(warning, holder.contact_id, 5, ("sms", "voice"), 3, 60)

    async def leave_in_peace() -> tuple[UUID, ...]:
        async with town.database.transaction() as tx:
            return await call_outs.no_longer_needed(tx, [ids[0]])

    async with asyncio.TaskGroup() as group, town.database.transaction() as tx:
        await call_outs.ask_people(tx, {new_id(now): asking}, now)
        await call_outs.tie_roles(tx, [NewRole(call_out, ids[1], "holder", 0)], now)
        judged = group.create_task(leave_in_peace())
        await asyncio.wait({judged}, timeout=0.5)
        assert not judged.done()
    assert judged.result() == ()


async def test_a_worker_taken_for_gone_comes_back_and_never_doubts_itself(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.post(VILLAGE, "防汛责任人", await town.person("赵演示"))
    await _in_doubt(town, monkeypatch)
    async with town.database.transaction() as tx:
        await tx.execute(text("DELETE FROM workers"))
    assert await town.stage("reconcile").run_once(town.engine, town.clock.now()) == 0
    await Housekeeping(town.engine).keep()
    assert await town.value("SELECT count(*) FROM workers") == 1


def test_real_people_are_not_called_through_the_simulator_named_first() -> None:
    gateways = {"simulator": SimpleNamespace(live=False), "twilio": SimpleNamespace(live=True)}
    engine = cast("Any", SimpleNamespace(gateways=gateways))
    real, drill, agreed = (
        cast("Any", SimpleNamespace(rings_real_phones=rings)) for rings in (True, False, True)
    )
    assert gateway_for(engine, real, demonstration=False) == "twilio"
    assert gateway_for(engine, real, demonstration=True) == "simulator"
    assert gateway_for(engine, drill, demonstration=False) == "simulator"
    assert gateway_for(engine, agreed, demonstration=True) == "simulator"


async def test_who_takes_no_texts_is_named_to_the_officer_when_a_warning_is_cancelled(town: Town) -> None:
    landline = await town.person("座机演示")
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE contact_numbers SET kind = 'landline'"))
    await town.post(VILLAGE, "防汛责任人", landline)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=30)
    await town.warn("red", kind="cancel", replaces=warning)
    named = await town.value("SELECT text FROM alarms WHERE kind = 'tell_by_hand'")
    assert "座机演示" in named
    assert await landline.texts() == []
