"""What carriers post to us is kept once, with its line in the ledger."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from jiaoying.dispatch.inbox import read_event, store_events, write_event
from jiaoying.gateways.base import Event, IncomingCall, KeyPress, Reply, Report, ReportState, Scope
from jiaoying.storage.database import Database
from jiaoying.storage.schema import inbox_items, ledger_lines, ledger_particulars

NOW = datetime(2026, 7, 15, 16, 30, tzinfo=UTC)
ATTEMPT = UUID("0198f0aa-0000-7000-8000-000000000001")
EVENTS: list[tuple[str, Event]] = [
    ("r", Report("SM1", ReportState.FAILED, "30005", ATTEMPT, Scope.RECIPIENT, "空号或已停用", None)),
    ("t", Reply("SM2", "+8610012345678", "+8610000000000", "转移 12户35人🌧️")),
    ("k", KeyPress("CA1", "1", "+8610012345678", ATTEMPT)),
    ("i", IncomingCall("CA2", "+8610012345678")),
]


async def test_each_kind_is_kept_and_read_back(database: Database) -> None:
    async with database.transaction() as tx:
        assert await store_events(tx, "simulator", EVENTS, NOW) == 4
    async with database.transaction() as tx:
        rows = (await tx.execute(select(inbox_items).order_by(inbox_items.c.dedupe_key))).all()
    assert {row.dedupe_key: read_event(row.content) for row in rows} == dict(EVENTS)
    assert {row.kind for row in rows} == {"report", "text", "key", "ring"}
    assert {(row.state, row.gateway, row.received_at) for row in rows} == {("unread", "simulator", NOW)}
    ring, key, report, text = rows
    assert (key.attempt_id, key.carrier_ref, key.from_number) == (ATTEMPT, "CA1", "+8610012345678")
    assert (report.attempt_id, report.from_number) == (ATTEMPT, None)
    assert (text.from_number, text.to_number) == ("+8610012345678", "+8610000000000")
    assert ring.attempt_id is None


async def test_each_has_a_line_and_numbers_and_words_stay_beside_it(database: Database) -> None:
    async with database.transaction() as tx:
        await store_events(tx, "simulator", EVENTS, NOW)
        lines = (await tx.execute(select(ledger_lines))).all()
        particulars = (await tx.execute(select(ledger_particulars))).all()
    assert len(lines) == 4
    assert {(line.event, line.actor, line.at) for line in lines} == {("inbox.stored", "simulator", NOW)}
    by_kind = {line.facts["kind"]: line for line in lines}
    assert by_kind["report"].facts["code"] == "30005"
    assert by_kind["key"].facts["digits"] == "1"
    assert by_kind["key"].attempt_id == ATTEMPT
    assert "10012345678" not in str([line.facts for line in lines])
    assert "35人" not in str([line.facts for line in lines])
    assert "35人" in str([row.body for row in particulars])


async def test_the_same_word_twice_is_one_item_and_one_line(database: Database) -> None:
    async with database.transaction() as tx:
        assert await store_events(tx, "simulator", [EVENTS[0], EVENTS[0]], NOW) == 1
        assert await store_events(tx, "simulator", EVENTS, NOW) == 3
        assert await store_events(tx, "twilio", [EVENTS[0]], NOW) == 1
        assert await store_events(tx, "twilio", [], NOW) == 0
        lines = (await tx.execute(select(ledger_lines))).all()
    assert len(lines) == 5


async def test_duplicates_that_come_at_once_are_one_item(database: Database) -> None:
    async def store() -> int:
        async with database.transaction() as tx:
            return await store_events(tx, "simulator", EVENTS, NOW)

    assert sum(await asyncio.gather(*(store() for _ in range(8)))) == len(EVENTS)


async def test_what_is_rolled_back_was_never_there(database: Database) -> None:
    try:
        async with database.transaction() as tx:
            await store_events(tx, "simulator", EVENTS, NOW)
            raise ConnectionResetError
    except ConnectionResetError:
        pass
    async with database.transaction() as tx:
        assert await store_events(tx, "simulator", EVENTS, NOW) == 4


words = st.text(max_size=20)
ids = st.none() | st.uuids()
reports = st.builds(
    Report,
    words,
    st.sampled_from(ReportState),
    words,
    ids,
    st.none() | st.sampled_from(Scope),
    words,
    st.none() | st.integers(0, 9999),
)
events = st.one_of(
    reports,
    st.builds(Reply, words, words, words, words),
    st.builds(KeyPress, words, words, words, ids),
    st.builds(IncomingCall, words, words),
)


@given(events)
def test_every_event_is_read_back_as_it_was(event: Event) -> None:
    assert read_event(write_event(event)) == event


def test_an_item_of_a_release_before_is_still_read() -> None:
    content = {"kind": "report", "ref": "SM1", "state": "delivered", "code": "delivered", "attempt_id": None}
    assert read_event(content) == Report("SM1", ReportState.DELIVERED, "delivered")
