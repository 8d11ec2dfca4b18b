"""What goes wrong between us, the carrier and the clock; nobody is lost by it, and nobody rung twice."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, text, update

from jiaoying.demonstration.messages import fresh_copy
from jiaoying.dispatch.actions import answer_by_hand
from jiaoying.gateways.base import HandOver, NotFound, Outcome, Reconciled, Refused, Scope, Throttled
from jiaoying.gateways.twilio.gateway import TwilioGateway
from jiaoying.kernel.clock import real_sleep
from jiaoying.kernel.ids import new_id
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from jiaoying.warnings.intake import take_in
from town import COUNTY, OTHER_VILLAGE, START, TOWNSHIP, VILLAGE, Phone, Town, open_town

POST = "梁庄村 防汛责任人"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def trouble(town: Town, kind: str, **order: object) -> None:
    """Order trouble at the carrier."""
    await town.ask("POST", "/town/faults", json=[{"kind": kind, **order}])


async def look_at_carrier(town: Town, looks: int = 1) -> None:
    """Let the wall's pause before each look pass, and let the looks be taken."""
    for _ in range(looks):
        async with town.database.transaction() as tx:
            await tx.execute(
                update(schema.attempts)
                .where(schema.attempts.c.state == "sending")
                .values(lease_until=START - timedelta(days=1))
            )
        await town.settle()


async def one_holder(town: Town, habit: str = "answers") -> tuple[Phone, UUID]:
    """One person with one post, and a red warning that has been handed over as far as it could be."""
    holder = await town.person("赵演示", habit)
    await town.post(VILLAGE, "防汛责任人", holder)
    return holder, await town.warn("red", areas=[VILLAGE])


async def doubtful(town: Town) -> int:
    return await town.value("SELECT count(*) FROM attempts WHERE state = 'sending'")


async def codes(town: Town, channel: str) -> list[str]:
    """State and code of the attempts of one channel, in the order in which they were made."""
    async with town.database.transaction() as tx:
        rows = await tx.exec_driver_sql(
            f"SELECT state || coalesce(' ' || outcome_code, '') FROM attempts"
            f" WHERE channel = '{channel}' AND purpose = 'call' ORDER BY round, previous_id NULLS FIRST"
        )
        return [row[0] for row in rows]


# --- the answer to a hand-over does not come, or is no answer ---


@pytest.mark.parametrize("channel", ["sms", "voice"])
@pytest.mark.parametrize("kind", ["drop_after_request", "error_after_request"])
async def test_what_went_out_although_no_answer_came_is_found_and_not_repeated(
    town: Town, channel: str, kind: str
) -> None:
    await trouble(town, kind, channel=channel, count=1)
    holder, warning = await one_holder(town)
    assert await doubtful(town) == 1
    await look_at_carrier(town)
    assert await doubtful(town) == 0
    await town.jump(minutes=10)
    assert (await holder.calls(), len(await holder.texts())) == (1, 1)
    assert await town.state_of(holder, warning) == "answered"
    assert "attempt.reconciled" in await town.events(warning)


@pytest.mark.parametrize(
    "order", [{"kind": "timeout", "seconds": 0.3}, {"kind": "error_500"}, {"kind": "drop_before_request"}]
)
async def test_what_never_went_out_is_handed_over_once_more(town: Town, order: Mapping[str, object]) -> None:
    await town.ask("POST", "/town/faults", json=[{**order, "channel": "voice", "count": 1}])
    holder, warning = await one_holder(town)
    assert await holder.calls() == 0
    await look_at_carrier(town)
    assert await holder.calls() == 0, "one look is not enough to be sure"
    await look_at_carrier(town)
    await town.jump(minutes=5)
    assert await holder.calls() == 1
    assert await codes(town, "voice") == ["lost not_at_carrier", "answered key_1"]
    assert await town.state_of(holder, warning) == "answered"


async def test_a_report_settles_what_is_in_doubt_before_anybody_looks(town: Town) -> None:
    await trouble(town, "drop_after_request", channel="voice", count=1)
    holder, warning = await one_holder(town)
    await town.jump(minutes=3)
    assert await town.state_of(holder, warning) == "answered"
    assert await doubtful(town) == 0
    assert await holder.calls() == 1
    assert "attempt.reconciled" not in await town.events(warning)


async def test_too_fast_is_handed_over_again_no_sooner_than_the_carrier_says(town: Town) -> None:
    await trouble(town, "throttle_429", channel="voice", seconds=30, count=1)
    holder, warning = await one_holder(town)
    await town.jump(seconds=29)
    assert await holder.calls() == 0
    await town.jump(minutes=3)
    assert await holder.calls() == 1
    assert await town.state_of(holder, warning) == "answered"


async def test_yes_and_then_silence_counts_as_lost_and_the_next_round_begins(town: Town) -> None:
    await trouble(town, "accept_then_silence", channel="voice", count=1)
    holder, warning = await one_holder(town)
    await town.jump(minutes=3, seconds=59)
    assert (await codes(town, "voice")) == ["accepted"]
    await town.jump(minutes=10)
    assert await codes(town, "voice") == ["lost no_report", "answered key_1"]
    assert await town.state_of(holder, warning) == "answered"


@pytest.mark.parametrize(
    "order",
    [{"kind": "duplicate_callbacks", "seconds": 7}, {"kind": "duplicate_callbacks", "seconds": 0}]
    + [{"kind": "reorder_callbacks", "share": share, "seconds": 60} for share in (0.5, 1.0)],
)
async def test_reports_that_come_twice_or_in_any_order_change_nothing(
    town: Town, order: Mapping[str, object]
) -> None:
    await town.ask("POST", "/town/faults", json=[order])
    answering, silent = await town.person("赵演示", "answers"), await town.person("钱演示")
    for phone in (answering, silent):
        await town.post(VILLAGE, f"防汛责任人{phone.name}", phone)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=40)
    assert await town.state_of(answering, warning) == "answered"
    assert await town.state_of(silent, warning) == "exhausted"
    assert (await answering.calls(), await silent.calls()) == (1, 3)
    assert await town.value("SELECT count(*) FROM attempts WHERE state IN ('accepted', 'sending')") == 0


async def test_a_refused_account_is_one_alarm_and_everybody_is_on_the_list(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_gateway: TwilioGateway, _item: HandOver) -> Outcome:
        return Refused(Scope.ACCOUNT, "20003", "the carrier does not accept our account or its token")

    monkeypatch.setattr(TwilioGateway, "hand_over", refuse)
    phones = [await town.person(f"赵演示{number}") for number in range(4)]
    for phone in phones:
        await town.post(VILLAGE, f"防汛责任人{phone.name}", phone)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=30)
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'carrier_refuses:simulator'") == 1
    assert await town.states("call_outs", warning) == {"exhausted": 4}
    assert len(await town.listed(warning)) == 4


async def test_a_carrier_that_is_away_for_ten_minutes_only_delays(town: Town) -> None:
    await trouble(town, "throttle_429", seconds=20)
    holder, warning = await one_holder(town)
    await town.jump(minutes=10)
    assert (await holder.calls(), await town.state_of(holder, warning)) == (0, "open")
    assert await town.listed(warning) == [POST]
    await town.ask("DELETE", "/town/faults")
    await town.jump(minutes=3)
    assert await town.state_of(holder, warning) == "answered"
    assert await town.listed(warning) == []


# --- answers that meet a hand-over ---


async def test_who_waits_for_a_gateway_that_is_taken_out_is_called_by_another(town: Town) -> None:
    """The operator names other gateways and starts the service anew while calls wait in the queue."""
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE contacts SET demonstration = false"))
    warning = await town.warn("red", areas=[VILLAGE], settles=False)
    for name in ("match", "escalate", "plan"):
        await town.stage(name).run_once(town.engine, town.clock.now())
    async with town.database.transaction() as tx:
        await tx.execute(text("UPDATE attempts SET gateway = 'twilio'"))
    await town.settle()
    assert (await holder.calls(), len(await holder.texts())) == (1, 1)
    assert (await town.events(warning)).count("attempt.rerouted") == 2


async def test_a_report_that_overtakes_the_carriers_own_reply_stands(town: Town) -> None:
    await trouble(town, "throttle_429", channel="voice", seconds=30, count=1)
    holder, warning = await one_holder(town)
    await trouble(town, "slow", channel="voice", seconds=1, count=1)
    town.clock.advance_to(town.clock.now() + timedelta(seconds=31))
    await town.cycle.send.run_once(town.engine, town.clock.now())
    await until(lambda: holder.calls())
    assert await codes(town, "voice") == ["sending 20429"]
    town.clock.advance_to(town.clock.now() + timedelta(minutes=2))
    await town.simulator.run_due()
    await settle_inbox(town)
    assert (await codes(town, "voice"))[0] == "answered key_1"
    assert await town.state_of(holder, warning) == "answered"
    await town.settle()
    assert (await codes(town, "voice"))[0] == "answered key_1"
    assert await town.value("SELECT count(*) FROM attempts WHERE carrier_ref IS NULL") == 0
    assert await holder.calls() == 1


async def until(found: Callable[[], Any]) -> None:
    for _ in range(500):
        if await found():
            return
        await real_sleep(0.01)
    raise AssertionError("it never came")


async def settle_inbox(town: Town) -> None:
    """Settle alone: the other stages do not run."""
    stage = next(stage for stage in town.cycle.stages if stage.name == "settle")
    while await stage.run_once(town.engine, town.clock.now()):
        pass


async def test_whoever_answered_is_not_rung_again_for_a_hand_over_in_doubt(town: Town) -> None:
    await trouble(town, "error_500", channel="voice", count=1)
    holder, warning = await one_holder(town)
    await holder.says("收到")
    assert await town.state_of(holder, warning) == "answered"
    await look_at_carrier(town, looks=2)
    await town.jump(minutes=20)
    assert await holder.calls() == 0
    assert await codes(town, "voice") == ["lost not_at_carrier"]


async def test_whoever_answered_is_not_rung_again_when_the_carrier_said_later(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = TwilioGateway.hand_over

    async def answer_meanwhile(gateway: TwilioGateway, item: HandOver) -> Outcome:
        if item.channel != "voice":
            return await usual(gateway, item)
        call_out = await town.value("SELECT call_out_id FROM attempts WHERE id = :id", id=item.attempt_id)
        async with town.database.transaction() as tx:
            await answer_by_hand(tx, call_out, by="值班员", how="hand", note="", now=town.clock.now())
        return Throttled("20429", 60)

    monkeypatch.setattr(TwilioGateway, "hand_over", answer_meanwhile)
    holder, warning = await one_holder(town)
    monkeypatch.setattr(TwilioGateway, "hand_over", usual)
    await town.jump(minutes=20)
    assert await town.state_of(holder, warning) == "answered"
    assert await holder.calls() == 0
    assert await codes(town, "voice") == ["withdrawn 20429"]


async def test_a_report_that_comes_while_we_look_in_vain_stops_the_repetition(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await trouble(town, "drop_after_request", channel="voice", count=1)
    holder, warning = await one_holder(town)

    async def look_in_vain(_gateway: TwilioGateway, _item: HandOver, *_: object) -> Reconciled:
        if await town.value("SELECT looks FROM attempts WHERE state = 'sending'") == 2:
            town.clock.advance_to(town.clock.now() + timedelta(seconds=20))
            await town.simulator.run_due()
            await settle_inbox(town)
        return NotFound()

    monkeypatch.setattr(TwilioGateway, "reconcile", look_in_vain)
    await look_at_carrier(town, looks=2)
    await town.jump(minutes=20)
    assert await holder.calls() == 1
    assert await codes(town, "voice") == ["answered key_1"]
    assert await town.state_of(holder, warning) == "answered"


async def test_a_repetition_is_taken_back_when_the_first_went_out_after_all(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_in_vain(*_: object) -> Reconciled:
        return NotFound()

    monkeypatch.setattr(TwilioGateway, "reconcile", look_in_vain)
    await trouble(town, "drop_after_request", channel="sms", count=1)
    await trouble(town, "throttle_429", channel="sms", seconds=60)
    holder, warning = await one_holder(town, "ignores")
    await look_at_carrier(town, looks=2)
    assert await codes(town, "sms") == ["lost not_at_carrier", "due 20429"]
    await town.jump(seconds=30)
    assert [code.split()[0] for code in await codes(town, "sms")] == ["delivered", "withdrawn"]
    await town.ask("DELETE", "/town/faults")
    await town.jump(minutes=30)
    assert len(await holder.texts()) == 1
    assert "attempt.withdrawn" in await town.events(warning)


async def test_a_call_taken_for_another_at_the_same_number_holds_up_nobody(town: Town) -> None:
    """Calls are told apart by their moment alone; the report, which names the attempt, sets it right."""
    first, second = await town.person("赵演示"), await town.person("钱演示")
    await share_number(town, first, second)
    for place, phone in ((VILLAGE, first), (OTHER_VILLAGE, second)):
        await town.post(place, f"防汛责任人{phone.name}", phone)
    await trouble(town, "error_500", channel="voice", count=1)
    await trouble(town, "drop_after_request", channel="voice", count=1)
    # Who shares a telephone waits while it rings; who is more urgent does not wait for a call yet to be made.
    stages = town.cycle.stages
    town.cycle.stages = [stage for stage in stages if stage is not town.cycle.send]
    await town.warn("orange", areas=[VILLAGE])
    town.cycle.stages = stages
    await town.warn("red", areas=[OTHER_VILLAGE])
    assert await doubtful(town) == 2
    # The one that never went out is looked for first, and the other's call is taken for it.
    (call,) = town.simulator.records.calls.values()
    async with town.database.transaction() as tx:
        is_there = schema.attempts.c.id == UUID(call.callback.partition("attempt=")[2][:36])
        sending = schema.attempts.c.state == "sending"
        for condition, days in ((~is_there, 2), (is_there, 1)):
            at = START - timedelta(days=days)
            await tx.execute(update(schema.attempts).where(sending, condition).values(lease_until=at))
    await town.settle()
    await town.jump(minutes=40)
    assert await town.value("SELECT count(*) FROM call_outs WHERE state = 'exhausted'") == 2
    assert await town.value("SELECT count(*) FROM inbox_items WHERE state = 'unread'") == 0
    assert await town.value("SELECT count(*) FROM attempts WHERE state IN ('sending', 'accepted')") == 0


async def share_number(town: Town, first: Phone, second: Phone) -> None:
    """Both are reached at the first one's number only."""
    async with town.database.transaction() as tx:
        await tx.execute(
            update(schema.contact_numbers)
            .where(schema.contact_numbers.c.contact_id == second.contact_id)
            .values(number=first.number)
        )
    second.number = first.number


async def test_one_word_from_a_shared_number_answers_for_both_and_says_so(town: Town) -> None:
    first, second = await town.person("赵演示"), await town.person("钱演示")
    await share_number(town, first, second)
    for phone in (first, second):
        await town.post(VILLAGE, f"防汛责任人{phone.name}", phone)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=20)
    await first.says("收到")
    assert await town.states("call_outs", warning) == {"answered": 2}
    assert await town.value("SELECT count(*) FROM answers WHERE shared_number") == 2
    await town.jump(minutes=20)
    assert await town.states("responsibilities", warning) == {"covered": 2}


async def test_a_reply_from_nobody_answers_for_nobody(town: Town) -> None:
    holder, warning = await one_holder(town, "ignores")
    await town.ask("POST", "/town/phones/+8610099999999/text", json={"body": "收到"})
    await town.settle()
    assert await town.state_of(holder, warning) == "open"
    assert await town.value("SELECT count(*) FROM inbox_items WHERE outcome = 'unknown_number'") == 1
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'unknown_number'") == 1


# --- messages, clocks, rosters ---


async def test_the_same_message_delivered_twice_calls_nobody_twice(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    message = fresh_copy("rain_red", town.clock.now())
    for expected in ("accepted", "duplicate"):
        (receipt,) = await take_in(
            town.database,
            message,
            media_type="application/cap+xml",
            source="test",
            now=town.clock.now(),
            wall=town.clock.now(),
            home_area=COUNTY,
        )
        assert receipt.disposition == expected
        await town.settle()
        await town.jump(minutes=5)
    assert await town.value("SELECT count(*) FROM issued_warnings") == 1
    assert (await holder.calls(), len(await holder.texts())) == (1, 1)


async def test_a_clock_that_jumps_a_day_ends_the_warning_and_keeps_the_list(town: Town) -> None:
    holder, warning = await one_holder(town, "ignores")
    assert await holder.calls() == 1
    town.clock.advance_to(town.clock.now() + timedelta(days=1))
    await town.settle()
    assert await town.state_of(holder, warning) == "exhausted"
    assert await town.value("SELECT reason FROM call_outs") == "warning_ended"
    assert await town.listed(warning) == [POST]
    assert await town.value("SELECT state FROM issued_warnings") == "closed"
    calls = await holder.calls()
    await town.jump(minutes=60)
    assert await holder.calls() == calls


async def test_a_rung_with_nobody_in_it_goes_on_at_once(town: Town) -> None:
    deputy = await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", None, deputy=deputy)
    warning = await town.warn("red", areas=[VILLAGE])
    assert await deputy.calls() == 1
    await town.jump(minutes=2)
    assert await town.states("responsibilities", warning) == {"covered": 1}
    assert "responsibility.rung_empty" in await town.events(warning)


async def test_a_person_without_a_number_is_explained_and_the_next_one_asked_at_once(town: Town) -> None:
    holder, deputy = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    async with town.database.transaction() as tx:
        await tx.execute(
            schema.contact_numbers.delete().where(schema.contact_numbers.c.contact_id == holder.contact_id)
        )
    warning = await town.warn("red", areas=[VILLAGE])
    assert await deputy.calls() == 1
    assert await town.state_of(holder, warning) == "exhausted"
    assert await town.value("SELECT reason FROM call_outs WHERE state = 'exhausted'") == "no_number"
    await town.jump(minutes=2)
    assert await town.states("responsibilities", warning) == {"covered": 1}


async def test_nobody_with_a_number_at_all_is_on_the_list_at_once(town: Town) -> None:
    async with town.database.transaction() as tx:
        contact_id = new_id(START)
        await tx.execute(
            insert(schema.contacts).values(id=contact_id, name="无号", demonstration=True, created_at=START)
        )
        await tx.execute(
            insert(schema.desks).values(
                id=new_id(START), area_code=TOWNSHIP, name="龙港镇值班室", fallback_contact_id=contact_id
            )
        )
    warning = await town.warn("red", areas=[VILLAGE])
    assert await town.states("responsibilities", warning) == {"uncovered": 1}
    assert await town.listed(warning) == ["龙港镇值班室"]
