"""Voice counts with a key press; how else a call ended is named, and covers nothing by itself."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from jiaoying.dispatch.board import call_out_history
from jiaoying.dispatch.board.heard import CallMade
from jiaoying.storage.database import Database
from jiaoying.web.words import call_made_words
from town import VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


async def call_out_of(town: Town, phone: Phone) -> UUID:
    statement = "SELECT id FROM call_outs WHERE contact_id = :who ORDER BY id DESC LIMIT 1"
    return await town.value(statement, who=phone.contact_id)


async def calls_of(town: Town, phone: Phone) -> list[CallMade | None]:
    """What the call-out's page says of each call to a phone."""
    call_out_id = await call_out_of(town, phone)
    async with town.database.transaction() as tx:
        history = await call_out_history(tx, call_out_id)
    assert history
    return [attempt.call for attempt in history.attempts if attempt.channel == "voice"]


async def rang_at(town: Town, phone: Phone) -> list[float]:
    """When a phone rang, in seconds from the first ring."""
    state = await town.ask("GET", f"/town/phones/{phone.number}")
    moments = [_moment(call["rang_at"]) for call in state["calls"]]
    return [moment - moments[0] for moment in moments]


def _moment(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


async def facts_of(town: Town, event: str) -> list[dict[str, Any]]:
    async with town.database.transaction() as tx:
        rows = await tx.execute(
            text("SELECT facts FROM ledger_lines WHERE event = :event ORDER BY at, id"), {"event": event}
        )
        return [row.facts for row in rows]


async def test_a_key_press_is_an_answer_of_ones_own_word(town: Town) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=2)
    assert await town.state_of(holder, warning) == "answered"
    async with town.database.transaction() as tx:
        history = await call_out_history(tx, await call_out_of(town, holder))
    assert history
    assert [(answer.how, answer.grade) for answer in history.answers] == [("key", "own_word")]
    assert history.call_out.answered_grade == "own_word"


async def test_heard_to_its_end_without_a_key_rests_two_minutes_and_rings_again(town: Town) -> None:
    """听完未按键 is shown and covers nothing; the number rests for two minutes, then it is rung again."""
    holder, deputy = await town.person("赵演示", "listens"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=2, seconds=20)
    assert await holder.calls() == 1
    assert await town.state_of(holder, warning) == "open"
    (call,) = await calls_of(town, holder)
    assert call_made_words(call) == "听完未按键"
    assert "attempt.heard_whole" in await town.events(warning)
    await town.jump(minutes=3)
    first, second, *_ = await rang_at(town, holder)
    heard_s = 30  # ringing and one reading with its menu
    assert second - first >= 120
    assert second - first <= 120 + heard_s
    assert await deputy.calls() >= 1, "nobody waits for who only listened"
    assert await town.states("responsibilities", warning) == {"open": 1}


async def test_a_ladder_may_let_a_human_who_heard_it_all_count(town: Town, database: Database) -> None:
    """`heard_covers`: the post is covered, the person is not called any more, and has not answered."""
    human = await town.person("赵演示", "listens")
    await town.post(VILLAGE, "防汛责任人", human)
    machine = await town.person("钱演示", "assistant")
    await town.post(VILLAGE, "地质灾害责任人", machine)
    warning = await town.warn("red", areas=[VILLAGE])
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE frozen_ladders SET body = jsonb_set(body, '{heard_covers}', 'true')"))
    await town.jump(minutes=1)
    assert await town.states("responsibilities", warning) == {"covered": 1, "open": 1}
    assert await town.state_of(human, warning) == "withdrawn"
    assert await town.state_of(machine, warning) == "open"
    await town.jump(minutes=10)
    assert await human.calls() == 1
    assert await machine.calls() == 3


async def test_who_hangs_up_early_is_rung_again_at_the_gap(town: Town) -> None:
    """Re-enacts GoAlert's twiliovoicefailure too: the first call comes to nothing, the next is answered."""
    holder = await town.person("赵演示", {"call": {"does": "hang_up", "hang_up_after_s": 4}})
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(seconds=30)
    (call,) = await calls_of(town, holder)
    assert call
    assert call.seconds == 4
    assert call_made_words(call) == f"第 4 秒挂断，全文约 {call.message_s} 秒"
    assert 10 <= call.message_s <= 25
    assert await town.state_of(holder, warning) == "open"
    delivered = [facts for facts in await facts_of(town, "attempt.delivered") if "seconds" in facts]
    assert [(facts["seconds"], facts["picked_up_by"]) for facts in delivered] == [(4, "human")]
    await holder.does({"call": {"does": "busy"}})
    await town.jump(minutes=1, seconds=20)
    assert await holder.calls() == 2
    await holder.does("answers")
    await town.jump(minutes=2)
    assert await holder.calls() == 3
    assert await town.state_of(holder, warning) == "answered"


@pytest.mark.parametrize(
    ("habit", "words"), [("voicemail", "语音信箱接听"), ("assistant", "疑似来电助手接听")]
)
async def test_a_machine_or_an_assistant_is_nobodys_answer(town: Town, habit: str, words: str) -> None:
    """It says something and hears everything: named as what it is, and rung again at the gap."""
    holder = await town.person("赵演示", habit)
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=1, seconds=40)
    call = (await calls_of(town, holder))[0]
    assert call_made_words(call).startswith(words)
    assert (await town.ask("GET", f"/town/phones/{holder.number}"))["calls"][0]["said"]
    await town.jump(minutes=8)
    assert await holder.calls() == 3
    assert await town.state_of(holder, warning) == "exhausted"
    assert await town.states("responsibilities", warning) == {"uncovered": 1}


async def test_twiliovoiceack(town: Town) -> None:
    """GoAlert's twiliovoiceack: a key acknowledges, the caller hears so, and nobody is asked to for an hour.

    What is asked after that is the feedback.
    """
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=2)
    state = await town.ask("GET", f"/town/phones/{holder.number}")
    assert "已确认收到" in state["calls"][0]["heard"][-1]
    assert await town.state_of(holder, warning) == "answered"
    await town.jump(minutes=60)
    assert await holder.calls() == 1
    to_acknowledge = [text for text in await holder.texts() if "收到回复1" in text]
    assert len(to_acknowledge) == 1


async def test_twiliovoicestop(town: Town) -> None:
    """GoAlert's twiliovoicestop unenrols a number by key. Ours cannot: a responsible person's number is never
    dropped, so a key that means nothing is said to mean nothing, and the calls go on."""
    holder = await town.person("赵演示", {"call": {"does": "answer", "keys": "777"}})
    await town.post(VILLAGE, "防汛责任人", holder)
    warning = await town.warn("red", areas=[VILLAGE])
    await town.jump(minutes=4)
    assert await town.state_of(holder, warning) == "open"
    assert await holder.calls() >= 2
    assert await town.value("SELECT count(*) FROM contact_numbers WHERE opted_out_at IS NOT NULL") == 0


async def test_twiliosmsstopstart(town: Town) -> None:
    """GoAlert's twiliosmsstopstart: `stop` ends texts and `start` brings them back.

    With us `stop` is recorded and shown to the desk, voice goes on, and texts of later warnings are tried
    all the same; where the carrier itself holds them back, `start` opens them again.
    """
    holder = await town.person("赵演示")
    await town.post(VILLAGE, "防汛责任人", holder)
    first = await town.warn("red", areas=[VILLAGE], reference="A7")
    await town.jump(seconds=20)
    await holder.says("stop")
    assert await town.state_of(holder, first) == "open"
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'opt_out'") == 1
    await town.jump(minutes=2)
    assert await holder.calls() == 2, "voice goes on"
    texts = len(await holder.texts())
    await town.warn("red", areas=[VILLAGE], hazard="flash_flood", reference="B8")
    await town.jump(seconds=20)
    assert len(await holder.texts()) == texts, "the carrier holds texts back from who wrote stop"
    assert await town.value("SELECT count(*) FROM attempts WHERE outcome_code = '21610'") >= 1
    await holder.says("start")
    await town.warn("red", areas=[VILLAGE], hazard="geohazard", reference="C9")
    await town.jump(seconds=20)
    assert len(await holder.texts()) > texts
