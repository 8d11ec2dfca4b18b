"""The ledger on a real PostgreSQL: nobody waits, everything is sealed once, and nothing is changed unseen."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from jiaoying.kernel.ids import new_id
from jiaoying.ledger import sealer
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.canonical import canonical
from jiaoying.ledger.entries import Entry
from jiaoying.ledger.sealer import seal
from jiaoying.ledger.verdict import Verdict
from jiaoying.ledger.verify import daily_root, verify
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines, ledger_particulars, ledger_seals

NOW = datetime(2026, 7, 15, 16, 30, tzinfo=UTC)
WARNING = new_id(NOW)


@pytest.fixture
async def owner(owner_url: str) -> AsyncIterator[Database]:
    """The database as the role that owns it, who can do what the serving role cannot."""
    opened = Database(owner_url)
    yield opened
    await opened.close()


def entries(count: int, event: str = "call_out.opened") -> list[Entry]:
    return [
        Entry(NOW, event, "match", WARNING, facts={"place": place}, particulars={"name": f"王强{place}"})
        for place in range(count)
    ]


async def write(database: Database, count: int = 1, event: str = "call_out.opened") -> None:
    async with database.transaction() as tx:
        await append_entries(tx, entries(count, event))


async def seal_all(database: Database, *, size: int = 5000) -> None:
    while (await seal(database, NOW, size=size)).number is not None:
        pass


async def line_ids(database: Database) -> list[UUID]:
    async with database.transaction() as tx:
        return list(
            await tx.scalars(select(ledger_lines.c.id).order_by(ledger_lines.c.tx, ledger_lines.c.id))
        )


async def sealed_ids(database: Database) -> list[UUID]:
    async with database.transaction() as tx:
        rows = await tx.scalars(select(ledger_seals.c.line_ids).order_by(ledger_seals.c.number))
        return [line_id for ids in rows for line_id in ids]


async def as_owner(owner: Database, statement: str, **values: object) -> None:
    async with owner.transaction() as tx:
        await tx.execute(text(statement), values)


def found(verdict: Verdict) -> list[tuple[str, UUID | None]]:
    return [(finding.code, finding.line_id) for finding in verdict.findings]


# --- appending -----------------------------------------------------------------------------------


async def test_lines_and_particulars_are_written_together(database: Database) -> None:
    await write(database, 3)
    async with database.transaction() as tx:
        lines = (await tx.execute(select(ledger_lines).order_by(ledger_lines.c.id))).all()
        bodies = (await tx.execute(select(ledger_particulars).order_by(ledger_particulars.c.line_id))).all()
    assert [line.facts for line in lines] == [{"place": 0}, {"place": 1}, {"place": 2}]
    assert [body.body for body in bodies] == [{"name": "王强0"}, {"name": "王强1"}, {"name": "王强2"}]
    assert {len(body.salt) for body in bodies} == {16}


async def test_a_rolled_back_change_tells_nothing(database: Database) -> None:
    async with database.transaction() as tx:
        await append_entries(tx, entries(2))
        await tx.rollback()
    assert await line_ids(database) == []


async def test_awkward_texts_survive_and_verify(database: Database) -> None:
    awkward = {"zero": "a\0b", "half": "\ud83d", "big": 1e16, "small": 1e-7, "none": -0.0, "emoji": "🌧"}
    async with database.transaction() as tx:
        await append_entries(tx, [Entry(NOW, "inbox.stored", "web", facts=awkward, particulars=awkward)])
    await seal_all(database)
    assert (await verify(database)).unbroken


@given(value=st.dictionaries(st.text(), st.text() | st.floats(allow_nan=False, allow_infinity=False)))
def test_jsonb_keeps_the_spelling(value: dict[str, object]) -> None:
    """What is hashed holds nothing that jsonb would refuse: no zero character, no half of a pair."""
    spelled = canonical(value)
    spelled.encode()
    assert "\\u0000" not in spelled.replace("\\\\", "")


async def test_the_serving_role_can_neither_change_nor_remove(database: Database) -> None:
    await write(database)
    await seal_all(database)
    for statement in (
        "UPDATE ledger_lines SET event = 'x'",
        "DELETE FROM ledger_lines",
        "TRUNCATE ledger_lines",
        "UPDATE ledger_seals SET number = 2",
        "DELETE FROM ledger_seals",
        "UPDATE ledger_particulars SET salt = ''",
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.transaction() as tx:
                await tx.execute(text(statement))


# --- sealing -------------------------------------------------------------------------------------


async def test_whole_transactions_in_order(database: Database) -> None:
    for count in (2, 3, 1):
        await write(database, count)
    first = await seal(database, NOW, size=1)
    assert (first.number, first.lines, first.more) == (1, 2, True)
    await seal_all(database, size=4)
    assert await sealed_ids(database) == await line_ids(database)
    assert await seal(database, NOW) == sealer.SealResult()


async def test_an_open_transaction_is_waited_for_and_waits_for_nobody(database: Database) -> None:
    async with database.transaction() as slow:
        await append_entries(slow, entries(1))
        await write(database, 2)
        # What is younger than a running transaction is not sealed yet: something may still come before it.
        assert (await seal(database, NOW)).number is None
        await append_entries(slow, entries(1))
    assert (await seal(database, NOW)).lines == 4


async def test_writers_do_not_wait_for_the_sealer(database: Database) -> None:
    await write(database, 10)
    async with database.transaction() as tx:
        await tx.execute(text("SELECT pg_advisory_xact_lock(533437)"))
        await tx.execute(text("INSERT INTO ledger_seals SELECT 1, now(), 0, 0, '{}', '', '', ''"))
        await asyncio.wait_for(write(database, 10), 5)
        assert (await asyncio.wait_for(seal(database, NOW), 5)).busy
        await tx.rollback()
    assert len(await line_ids(database)) == 20


@pytest.mark.parametrize("seed", range(3))
async def test_many_writers_and_sealers_seal_every_line_once(database: Database, seed: int) -> None:
    """Transactions of every length, committing out of order, every fifth rolled back."""
    dice = random.Random(seed)
    working = True

    async def writer(pauses: Sequence[float]) -> None:
        for place, pause in enumerate(pauses):
            try:
                async with database.transaction() as tx:
                    await append_entries(tx, entries(1 + place % 3))
                    await asyncio.sleep(pause)
                    await append_entries(tx, entries(1))
                    if place % 5 == 4:
                        raise ZeroDivisionError
            except ZeroDivisionError:
                continue

    async def sealing() -> None:
        while working:
            await seal(database, NOW, size=7)
            await asyncio.sleep(0.002)

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(sealing())
        async with asyncio.TaskGroup() as writers:
            for _ in range(6):
                writers.create_task(writer([dice.random() * 0.02 for _ in range(15)]))
        working = False
    await seal_all(database)
    sealed = await sealed_ids(database)
    assert len(sealed) == len(set(sealed)) == 6 * 12 * 3
    assert sealed == await line_ids(database)
    assert (await verify(database)).unbroken


async def test_a_restored_database_goes_on(
    database: Database, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old cluster counted far beyond the new one; some of its lines were not sealed when dumped."""
    monkeypatch.setattr(sealer, "_CLUSTER", text("SELECT 4711"))
    monkeypatch.setattr(sealer, "_HORIZON", text("SELECT 2000000"))
    await write(database, 3)
    await write(database, 2)
    await as_owner(owner, "UPDATE ledger_lines SET tx = tx + 1000000")
    await seal(database, NOW)
    await write(database, 1, "warning.closed")
    await as_owner(owner, "UPDATE ledger_lines SET tx = 1500000 WHERE event = 'warning.closed'")
    monkeypatch.undo()
    # Now the dump is loaded into this cluster, whose counter stands low.
    await write(database, 2, "warning.received")
    before = await verify(database)
    assert (before.found, before.waiting) == (0, 3)
    first = await seal(database, NOW)
    assert first.lines == 3
    await write(database, 4)
    await seal_all(database)
    sealed = await sealed_ids(database)
    assert len(sealed) == len(set(sealed)) == 12
    verdict = await verify(database)
    assert (verdict.found, verdict.lines, verdict.waiting) == (0, 12, 0)


async def test_old_lines_among_new_transactions_are_not_sealed_twice(
    database: Database, owner: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new cluster's counter comes by the numbers that the old one used."""
    await write(database, 1)
    await write(database, 1)
    await as_owner(owner, "UPDATE ledger_lines SET tx = tx + 40")
    monkeypatch.setattr(sealer, "_CLUSTER", text("SELECT 4711"))
    monkeypatch.setattr(sealer, "_HORIZON", text("SELECT 2000000"))
    await seal(database, NOW)
    monkeypatch.undo()
    for _ in range(60):
        await write(database, 1)
        await seal(database, NOW)
    sealed = await sealed_ids(database)
    assert len(sealed) == len(set(sealed)) == 62
    assert (await verify(database)).unbroken


# --- verifying -----------------------------------------------------------------------------------


@pytest.fixture
async def story(database: Database) -> list[UUID]:
    """Twelve lines in three seals."""
    for _ in range(3):
        for _ in range(2):
            await write(database, 2)
        await seal(database, NOW)
    return await line_ids(database)


async def test_an_untouched_story_verifies(database: Database, story: list[UUID]) -> None:
    told: list[int] = []
    verdict = await verify(database, told.append)
    assert (verdict.unbroken, verdict.lines, verdict.seals, verdict.waiting) == (True, 12, 3, 0)
    assert told == [4, 8, 12]


async def test_new_lines_wait(database: Database, story: list[UUID]) -> None:
    await write(database, 2)
    verdict = await verify(database)
    assert (verdict.unbroken, verdict.waiting, verdict.waiting_since) == (True, 2, NOW)


@pytest.mark.parametrize(
    "change",
    [
        "event = 'call_out.answered'",
        "at = at + interval '1 microsecond'",
        "actor = 'nobody'",
        "facts = '{}'",
        "warning_id = NULL",
        "particulars_digest = NULL",
        "hash = sha256('x')",
    ],
)
async def test_an_altered_line_is_named(
    database: Database, owner: Database, story: list[UUID], change: str
) -> None:
    await as_owner(owner, f"UPDATE ledger_lines SET {change} WHERE id = :id", id=story[5])
    verdict = await verify(database)
    assert ("line_altered", story[5]) in found(verdict)
    assert {line for _, line in found(verdict)} == {story[5]}
    assert str(story[5]) in verdict.findings[0].text


async def test_a_removed_line_is_named(database: Database, owner: Database, story: list[UUID]) -> None:
    await as_owner(owner, "DELETE FROM ledger_lines WHERE id = :id", id=story[5])
    verdict = await verify(database)
    assert found(verdict) == [("line_removed", story[5])]
    assert str(story[5]) in verdict.findings[0].text


async def test_lines_that_swapped_places_are_named(
    database: Database, owner: Database, story: list[UUID]
) -> None:
    await as_owner(
        owner,
        "UPDATE ledger_lines SET tx = other.tx FROM ledger_lines AS other"
        " WHERE (ledger_lines.id, other.id) IN ((:one, :two), (:two, :one))",
        one=story[1],
        two=story[10],
    )
    assert set(found(await verify(database))) == {("line_moved", story[1]), ("line_moved", story[10])}


async def test_lines_that_swapped_their_words_are_named(
    database: Database, owner: Database, story: list[UUID]
) -> None:
    await as_owner(
        owner,
        "UPDATE ledger_lines SET facts = other.facts, hash = other.hash FROM ledger_lines AS other"
        " WHERE (ledger_lines.id, other.id) IN ((:one, :two), (:two, :one))",
        one=story[4],
        two=story[5],
    )
    assert set(found(await verify(database))) == {("line_altered", story[4]), ("line_altered", story[5])}


async def test_a_line_put_in_afterwards_is_named(
    database: Database, owner: Database, story: list[UUID]
) -> None:
    await write(database, 1, "warning.closed")
    await as_owner(owner, "UPDATE ledger_lines SET tx = 3 WHERE event = 'warning.closed'")
    (slipped,) = set(await line_ids(database)) - set(story)
    assert found(await verify(database)) == [("line_unsealed", slipped)]


async def test_the_serving_role_cannot_slip_a_line_in(database: Database, story: list[UUID]) -> None:
    forged = uuid4()
    async with database.transaction() as tx:
        await tx.execute(
            text(
                "INSERT INTO ledger_lines (id, at, event, actor, facts, hash, tx)"
                " VALUES (:id, :at, 'call_out.answered', 'x', '{}', sha256('x'), 3)"
            ),
            {"id": forged, "at": NOW},
        )
    assert found(await verify(database)) == [("line_unsealed", forged)]


async def test_erased_particulars_are_counted_and_altered_ones_named(
    database: Database, owner: Database, story: list[UUID]
) -> None:
    await as_owner(owner, "DELETE FROM ledger_particulars WHERE line_id = :id", id=story[2])
    verdict = await verify(database)
    assert (verdict.unbroken, verdict.erased) == (True, 1)
    await as_owner(
        owner, """UPDATE ledger_particulars SET body = '{"name":"李"}' WHERE line_id = :id""", id=story[3]
    )
    assert found(await verify(database)) == [("particulars_altered", story[3])]


async def test_a_removed_seal_is_named(database: Database, owner: Database, story: list[UUID]) -> None:
    await as_owner(owner, "DELETE FROM ledger_seals WHERE number = 2")
    codes = [code for code, _ in found(await verify(database))]
    assert codes[0] == "seal_removed"
    assert codes.count("line_unsealed") == 4


async def test_a_cut_tail_is_seen_by_what_was_kept_outside(
    database: Database, owner: Database, story: list[UUID]
) -> None:
    async with database.transaction() as tx:
        root = await daily_root(tx, date(2026, 7, 16))
    assert root is not None
    assert root.number == 3
    assert (await verify(database, anchors=[(root.number, root.hash)])).unbroken
    await as_owner(owner, "DELETE FROM ledger_lines WHERE id = ANY (:ids)", ids=story[8:])
    await as_owner(owner, "DELETE FROM ledger_seals WHERE number = 3")
    assert (await verify(database)).unbroken
    (finding,) = (await verify(database, anchors=[(root.number, root.hash)])).findings
    assert finding.code == "anchor_missing"


async def test_the_day_ends_in_the_local_zone(database: Database) -> None:
    await write(database)
    late = datetime(2026, 7, 15, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    await seal(database, late)
    await write(database)
    await seal(database, late + timedelta(seconds=1))
    async with database.transaction() as tx:
        assert await daily_root(tx, date(2026, 7, 14)) is None
        first, second = await daily_root(tx, date(2026, 7, 15)), await daily_root(tx, date(2026, 7, 16))
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (1, 2)


async def test_a_large_transaction_is_one_seal_and_verifies_in_pieces(database: Database) -> None:
    await write(database, 5000)
    told: list[int] = []
    assert (await seal(database, NOW, size=100)).lines == 5000
    assert (await verify(database, told.append)).unbroken
    assert told == [2000, 4000, 5000]
