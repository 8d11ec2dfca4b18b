"""What people say at once comes to the same as what they say one by one."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, text
from sqlalchemy.engine import make_url

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.hearing import hear_words
from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.inbox import store_events
from jiaoying.dispatch.stages.settle import BATCH, SettleStage
from jiaoying.dispatch.store.unread import claim_words
from jiaoying.gateways.base import Event, IncomingCall, KeyPress, NumberSign, Reply, Report, ReportState
from jiaoying.gateways.registry import build_gateways
from jiaoying.kernel.clock import ManualClock
from jiaoying.kernel.ids import new_id
from jiaoying.settings import read_settings
from jiaoying.storage.bucket import TokenBucket
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.embedded import EmbeddedServers
from jiaoying.storage.schema import contact_numbers, inbox_items, number_checks
from jiaoying.storage.wake import Wake
from storage.county import (
    COUNTY,
    NOW,
    VILLAGE,
    add_areas,
    add_attempt,
    add_call_out,
    add_contact,
    add_responsibility,
    add_warning,
)

DESK = "+8610000000000"
ZHAO, QIAN, QIAN_AT_HOME, SHARED, ZHOU, STRANGER = (f"+861000000000{digit}" for digit in range(1, 7))
NUMBERS = (ZHAO, QIAN, QIAN_AT_HOME, SHARED, ZHOU, STRANGER)
WORDS = (
    *("1", "收到", "2", "3", "1 A7", "2 b8", "1 C2", "1 Y9", "到岗", "转移", "转移 12户35人", "转移 3户"),
    *("转", "滑坡了", "今天天气不错", "退订", "打错了", "9"),
)
REFS = tuple(f"CA{number}" for number in range(8))
SETTLED_AT = NOW + timedelta(hours=1)
_names = count(1)


@dataclass(frozen=True, slots=True)
class Broken:
    """Something that no version of ours can read."""

    number: str


Said = Event | Broken


# --- the county, and copies of it -----------------------------------------------------------------


async def _lay_out(tx: Tx) -> None:
    """Two real warnings and a drill; somebody with two numbers, two people with one, calls under way."""
    await add_areas(tx)
    early, late = NOW, NOW + timedelta(minutes=20)
    check = await _running_check(tx)
    first = await add_warning(tx, reference="A7", identifier="1", colour="orange")
    second = await add_warning(tx, reference="B8", identifier="2")
    drill = await add_warning(tx, reference="C2", identifier="3", exercise=True)
    zhao, qian = await add_contact(tx, "赵演示", ZHAO), await add_contact(tx, "钱演示", QIAN)
    sun, li = await add_contact(tx, "孙演示", SHARED), await add_contact(tx, "李演示", SHARED)
    zhou = await add_contact(tx, "周演示", ZHOU)
    await tx.execute(
        insert(contact_numbers).values(
            id=new_id(NOW), contact_id=qian, number=QIAN_AT_HOME, kind="landline", preference=2
        )
    )
    asked = (
        (first, zhao, ZHAO, early, "open"),
        (first, qian, QIAN_AT_HOME, early, "exhausted"),
        (first, sun, SHARED, early, "open"),
        (first, li, SHARED, early, "open"),
        (second, zhao, ZHAO, late, "open"),
        (second, qian, QIAN, late, "open"),
        (drill, zhou, ZHOU, late, "open"),
        (drill, zhao, ZHAO, early, "open"),
    )
    duty = {
        warning: await add_responsibility(tx, warning, area, "防汛责任人")
        for warning, area in ((first, VILLAGE), (second, COUNTY), (drill, VILLAGE))
    }
    for ref, (warning, contact, number, at, state) in zip(REFS, asked, strict=True):
        call_out = await add_call_out(tx, warning, contact, [(duty[warning], "holder")], state=state)
        out = {"number": number, "contact_id": contact, "exercise": warning == drill}
        reached = out | {"state": "accepted", "accepted_at": at, "outcome_code": None}
        await add_attempt(tx, warning, call_out, "sms", 1, **reached)
        await add_attempt(tx, warning, call_out, "voice", 1, **reached | {"carrier_ref": ref})
        if state == "open":
            await add_attempt(tx, warning, call_out, "voice", 2, **out, state="due", carrier_ref=None)
    for number, contact, reached_at in ((ZHAO, zhao, early), (SHARED, sun, late), (QIAN, qian, late)):
        out = {"number": number, "contact_id": contact, "number_check_id": check, "outcome_code": None}
        checked = out | {"purpose": "check", "state": "accepted", "accepted_at": reached_at}
        await add_attempt(tx, None, None, "sms", 0, **checked)


async def _running_check(tx: Tx) -> UUID:
    check_id = new_id(NOW)
    await tx.execute(
        insert(number_checks).values(
            id=check_id, started_at=NOW, started_by="test", area_code=COUNTY, next_at=NOW
        )
    )
    return check_id


@pytest.fixture(scope="module")
def template(servers: EmbeddedServers) -> Iterator[tuple[EmbeddedServers, str]]:
    """A database with the county in it, to be copied."""
    name = f"settling_{next(_names)}"

    async def lay_out() -> None:
        await _create(servers, name, make_url(servers.database_url("owner")).database or "")
        database = Database(_url_of(servers, name))
        async with database.transaction() as tx:
            await _lay_out(tx)
        await database.close()

    asyncio.run(lay_out())
    yield servers, name
    asyncio.run(_drop(servers, name))


@asynccontextmanager
async def _copy_of(template: tuple[EmbeddedServers, str]) -> AsyncGenerator[Database]:
    servers, of = template
    name = f"settling_{next(_names)}"
    await _create(servers, name, of)
    database = Database(_url_of(servers, name))
    try:
        yield database
    finally:
        await database.close()
        await _drop(servers, name)


async def _create(servers: EmbeddedServers, name: str, of: str) -> None:
    owner = make_url(servers.database_url("owner"))
    async with _boss(servers) as boss:
        await boss.execute(f"CREATE DATABASE {name} OWNER {owner.username} TEMPLATE {of}")


async def _drop(servers: EmbeddedServers, name: str) -> None:
    async with _boss(servers) as boss:
        await boss.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def _boss(servers: EmbeddedServers) -> AsyncGenerator["asyncpg.Connection[asyncpg.Record]"]:
    host = str(make_url(servers.database_url("owner")).query["host"])
    boss = await asyncpg.connect(user="postgres", database="postgres", host=host)
    try:
        yield boss
    finally:
        await boss.close()


def _url_of(servers: EmbeddedServers, name: str) -> str:
    return make_url(servers.database_url("app")).set(database=name).render_as_string(hide_password=False)


@asynccontextmanager
async def _engine(database: Database) -> AsyncGenerator[Engine]:
    gateways = build_gateways(
        read_settings({"JIAOYING_LISTEN": "127.0.0.1:0"}),
        public_url=lambda: "http://127.0.0.1:1",
        secrets_simulator="0" * 32,
        simulator_base="http://127.0.0.1:1",
    )
    # Nothing is sent here: whose peer has not shown that it is our simulator counts as live.
    async with Wake(None) as wake:
        yield Engine(
            worker_id=new_id(NOW),
            database=database,
            clock=ManualClock(SETTLED_AT),
            wake=wake,
            bucket=TokenBucket(None),
            gateways=gateways,
            home_map=map_of(COUNTY),
            home_name="沁水县应急值班室",
            timezone=ZoneInfo("Asia/Shanghai"),
            source_key="a key of the tests",
        )


# --- saying and hearing ---------------------------------------------------------------------------


async def _say(database: Database, said: Sequence[Said]) -> None:
    """Each a second after the one before."""
    for number, what in enumerate(said):
        async with database.transaction() as tx:
            await _put(tx, number, what)


async def _put(tx: Tx, number: int, what: Said) -> None:
    at = NOW + timedelta(minutes=30, seconds=number)
    if not isinstance(what, Broken):
        await store_events(tx, "simulator", [(str(number), what)], at)
        return
    await tx.execute(
        insert(inbox_items).values(
            id=new_id(at),
            received_at=at,
            gateway="simulator",
            kind="text",
            dedupe_key=str(number),
            from_number=what.number,
            content={"kind": "of a later version"},
            state="unread",
        )
    )


async def _hear_all(engine: Engine, stage: SettleStage) -> None:
    while await stage.run_once(engine, SETTLED_AT):
        pass


async def _heard_at_once(template: tuple[EmbeddedServers, str], said: Sequence[Said]) -> "Outcome":
    async with _copy_of(template) as database, _engine(database) as engine:
        await _say(database, said)
        await _hear_all(engine, SettleStage())
        return await _outcome(database)


async def _heard_one_by_one(template: tuple[EmbeddedServers, str], said: Sequence[Said]) -> "Outcome":
    async with _copy_of(template) as database, _engine(database) as engine:
        for number, what in enumerate(said):
            async with database.transaction() as tx:
                await _put(tx, number, what)
            await _hear_all(engine, SettleStage())
        return await _outcome(database)


Outcome = dict[str, Counter[str]]

QUESTIONS = {
    "inbox": "SELECT dedupe_key, state, outcome, contact_id FROM inbox_items",
    "call-outs": """
        SELECT id, state, reason, late, answered_how, answered_at, ended_at, next_at FROM call_outs
    """,
    "responsibilities": "SELECT id, state, next_at FROM responsibilities",
    "attempts": "SELECT id, state, outcome_code, ended_at FROM attempts WHERE purpose IN ('call', 'check')",
    "replies": """
        SELECT number, contact_id, warning_id, text, gateway, exercise, priority, due_at
        FROM attempts WHERE purpose = 'reply'
    """,
    "answers": """
        SELECT call_out_id, how, meaning, said, at, late, shared_number, dedupe_key
        FROM answers JOIN inbox_items i ON i.id = inbox_item_id
    """,
    "feedback": """
        SELECT call_out_id, stage, households, people, said, at, dedupe_key
        FROM feedback JOIN inbox_items i ON i.id = inbox_item_id
    """,
    "alarms": """
        SELECT a.kind, text, warning_id, a.contact_id, dedupe_key
        FROM alarms a LEFT JOIN inbox_items i ON i.id = inbox_item_id
    """,
    "opted out": "SELECT number, opted_out_at FROM contact_numbers",
    "numbers": """
        SELECT contact_id, number, standing, standing_at, failures, reached_at, verified_at, verified_how
        FROM contact_numbers
    """,
    "ledger": """
        SELECT event, actor, warning_id, call_out_id, attempt_id, contact_id,
               facts - 'alarm' - 'inbox_item_id', body
        FROM ledger_lines LEFT JOIN ledger_particulars ON line_id = id
    """,
}


async def _outcome(database: Database) -> Outcome:
    """Everything that hearing may change, without what is drawn by chance."""
    found: Outcome = {}
    async with database.transaction() as tx:
        for name, question in QUESTIONS.items():
            found[name] = Counter(str(tuple(row)) for row in await tx.execute(text(question)))
    return found


CALLED = (ZHAO, QIAN_AT_HOME, SHARED, SHARED, ZHAO, QIAN, ZHOU, ZHAO)  # whom each of REFS rang
numbers, calls = st.sampled_from(NUMBERS), st.integers(0, len(REFS) - 1)
texts = st.builds(Reply, st.just("SM"), numbers, st.just(DESK), st.sampled_from(WORDS))
keys = st.tuples(calls, st.sampled_from(("1", "2", "3", "9", ""))).map(
    lambda pressed: KeyPress(REFS[pressed[0]], pressed[1], CALLED[pressed[0]])
)
rings = st.builds(IncomingCall, st.just("CA"), numbers)
broken = st.builds(Broken, numbers)
reports = st.builds(
    Report,
    st.sampled_from(REFS),
    st.sampled_from(ReportState),
    st.just("code"),
    sign=st.none() | st.sampled_from(NumberSign),
)


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.too_slow])
@given(
    # Of several reports on one attempt the strongest counts, and one line tells it.
    before=st.lists(reports, max_size=4, unique_by=lambda report: report.ref),
    said=st.lists(st.one_of(texts, texts, texts, keys, keys, rings, broken), min_size=2, max_size=12),
)
async def test_words_that_come_at_once_come_to_the_same_as_one_by_one(
    template: tuple[EmbeddedServers, str], before: list[Report], said: list[Said]
) -> None:
    at_once = await _heard_at_once(template, [*before, *said])
    one_by_one = await _heard_one_by_one(template, [*before, *said])
    for name, rows in one_by_one.items():
        assert at_once[name] == rows, name


# --- one by one in words ---------------------------------------------------------------------------


@asynccontextmanager
async def _office(template: tuple[EmbeddedServers, str]) -> AsyncGenerator[tuple[Database, Engine]]:
    async with _copy_of(template) as database, _engine(database) as engine:
        yield database, engine


async def _rows(database: Database, question: str) -> list[Any]:
    async with database.transaction() as tx:
        return list((await tx.execute(text(question))).scalars())


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (("2", "1"), ["call_out.declined", "call_out.answered"]),
        (("1", "2"), ["call_out.answered", "call_out.answered_again"]),
    ],
)
async def test_the_words_of_one_person_are_heard_in_their_order(
    template: tuple[EmbeddedServers, str], words: Sequence[str], lines: Sequence[str]
) -> None:
    async with _office(template) as (database, engine):
        await _say(database, [Reply("SM", ZHOU, DESK, word) for word in words])
        await SettleStage().run_once(engine, SETTLED_AT)
        told = "SELECT event FROM ledger_lines WHERE event LIKE 'call_out.%' ORDER BY id"
        assert await _rows(database, told) == lines
        assert await _rows(database, "SELECT answered_how FROM call_outs WHERE answered_how IS NOT NULL") == [
            "text"
        ]


async def test_a_word_on_a_further_number_waits_for_the_one_before_it(
    template: tuple[EmbeddedServers, str],
) -> None:
    async with _office(template) as (database, engine):
        await _say(database, [Reply("SM", QIAN, DESK, "1 A7"), KeyPress(REFS[1], "2", QIAN_AT_HOME)])
        await SettleStage().run_once(engine, SETTLED_AT)
        told = "SELECT event FROM ledger_lines WHERE event LIKE 'call_out.%' ORDER BY id"
        assert await _rows(database, told) == ["call_out.answered", "call_out.answered_again"]


async def test_one_that_breaks_in_the_middle_is_shown_and_the_others_are_heard(
    template: tuple[EmbeddedServers, str],
) -> None:
    async with _office(template) as (database, engine):
        strangers = [Reply("SM", f"+86100001{number:05}", DESK, "1") for number in range(20)]
        await _say(database, [*strangers, Broken("+8610000200000"), Reply("SM", ZHOU, DESK, "1")])
        await _hear_all(engine, SettleStage())
        outcomes = await _rows(database, "SELECT outcome FROM inbox_items ORDER BY received_at")
        assert outcomes == ["unknown_number"] * 20 + ["broke", "answered"]
        shown = "SELECT count(*) FROM alarms WHERE kind = 'inbox_item_broke'"
        assert await _rows(database, shown) == [1]


async def test_neither_reports_nor_words_wait_for_all_of_the_other(
    template: tuple[EmbeddedServers, str],
) -> None:
    async with _office(template) as (database, engine):
        events: list[Event] = [
            Report(f"SM{number}", ReportState.DELIVERED, "") for number in range(2 * BATCH)
        ]
        events += [IncomingCall("CA", f"+86100001{number:05}") for number in range(2 * BATCH)]
        async with database.transaction() as tx:
            await store_events(
                tx, "simulator", [(str(number), one) for number, one in enumerate(events)], NOW
            )
        await SettleStage().run_once(engine, SETTLED_AT)
        left = "SELECT count(*) FROM inbox_items WHERE state = 'unread' GROUP BY kind = 'report'"
        assert await _rows(database, left) == [BATCH, BATCH]


async def test_one_who_writes_all_the_time_holds_up_nobody(template: tuple[EmbeddedServers, str]) -> None:
    async with _office(template) as (database, engine):
        async with database.transaction() as tx:
            flood = [(f"flood {number}", Reply("SM", STRANGER, DESK, "1")) for number in range(2 * BATCH)]
            await store_events(tx, "simulator", flood, NOW)
        await _say(database, [Reply("SM", ZHOU, DESK, "1")])
        await SettleStage().run_once(engine, SETTLED_AT)
        assert await _rows(database, "SELECT contact_id IS NULL FROM answers") == [False]


async def test_two_workers_hear_each_word_once_and_those_of_one_number_in_their_order(
    template: tuple[EmbeddedServers, str],
) -> None:
    said = [Reply("SM", number, DESK, word) for word in WORDS for number in (ZHAO, SHARED, ZHOU, STRANGER)]
    async with _office(template) as (database, engine):
        await _say(database, said)
        # Less than there are numbers: what one holds is the next that the other comes to.
        await asyncio.gather(*(_hear_all(engine, SettleStage(batch=3)) for _ in range(2)))
        # Each stops where the other holds what is left.
        await _hear_all(engine, SettleStage())
        at_once = await _outcome(database)
    assert at_once == await _heard_one_by_one(template, said)


async def test_many_words_are_heard_in_as_many_statements_as_a_few(
    template: tuple[EmbeddedServers, str],
) -> None:
    said = [Reply("SM", number, DESK, "1") for number in (ZHAO, SHARED, ZHOU)]
    strangers = [Reply("SM", f"+86100001{number:05}", DESK, "1") for number in range(60)]
    few = await _statements_for(template, [*said, *strangers[:2]])
    assert few == await _statements_for(template, [*said, *strangers])


async def _statements_for(template: tuple[EmbeddedServers, str], said: Sequence[Said]) -> int:
    asked: list[str] = []
    async with _office(template) as (database, engine):
        await _say(database, said)
        async with database.transaction() as tx:
            event.listen(
                tx.sync_connection, "before_cursor_execute", lambda *told: asked.append(str(told[2]))
            )
            items = await claim_words(tx, BATCH)
            assert await hear_words(tx, engine, items, SETTLED_AT) == len(said)
    return len(asked)
