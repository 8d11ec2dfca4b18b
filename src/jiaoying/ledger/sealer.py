"""Chaining what is committed, without one lock for all.

A chain that every writer extends would be one lock for the whole county. So lines are appended
without waiting for each other, each with its own hash, and this sealer, about once a second, chains
those that no running transaction can add to any more: all with `tx` below the oldest running one.
Writers never wait for it; a long-running transaction only delays the seal.

**Restored databases.** A dump that is loaded into a new PostgreSQL cluster meets a transaction counter
that starts low again, so that new lines would look as if they had been sealed long ago. Each seal names
the cluster it was made in. When that is not the present one, the next seal takes every line that is in
no seal yet, whatever its `tx`, and the count begins anew; from then on, lines of the older cluster that
carry the same `tx` as new ones are recognised by the seal they are in. A restore needs no extra step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, text

from jiaoying.ledger.seals import FIRST_PREVIOUS_HASH, Seal, seal_hash
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import ledger_seals

# Few enough that a seal is made in moments, enough to keep up with 5,000 lines a second.
LINES_PER_SEAL = 5000
# Any number will do that nothing else in this database locks: "ledger" on a telephone's keys.
_TAKE_LOCK = text("SELECT pg_try_advisory_xact_lock(533437)")

_CLUSTER = text("SELECT system_identifier FROM pg_control_system()")
_HORIZON = text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")

# The statements are small and get their bounds as values: in one statement, PostgreSQL without fresh
# statistics chose a plan that took seconds.
_LAST_TX = text(
    """
    SELECT max(tx) FROM (
        SELECT tx FROM ledger_lines WHERE tx >= :tx_from AND tx < :horizon ORDER BY tx LIMIT :size
    ) AS next
    """
)
_LINES = text("SELECT id, hash, tx FROM ledger_lines WHERE tx >= :tx_from AND tx <= :last_tx ORDER BY tx, id")
# Lines of older clusters whose `tx` may fall among the new ones; empty unless the database was restored.
_OLDER_LINES = text(
    """
    SELECT unnest(seal.line_ids) AS id
    FROM ledger_seals AS seal LEFT JOIN ledger_seals AS before ON before.number = seal.number - 1
    WHERE (SELECT min(cluster) <> max(cluster) FROM ledger_seals) AND (
        before.cluster <> seal.cluster
        OR seal.tx_below > :tx_from AND coalesce(before.tx_below, 0) <= :last_tx
    )
    """
)
# The first seal in a new cluster. A `tx` that this cluster has not reached is of an older one, where
# nobody adds to it any more. A hash join over the ids of all lines: seconds, once after a restore.
_NO_NESTED_LOOPS = text("SET LOCAL enable_nestloop = off")
_UNSEALED_LINES = text(
    """
    WITH now AS (
        SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS oldest,
               CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS next
    )
    SELECT line.id, line.hash, now.oldest AS tx_below
    FROM ledger_lines AS line CROSS JOIN now
    LEFT JOIN (SELECT unnest(line_ids) AS id FROM ledger_seals) AS sealed ON sealed.id = line.id
    WHERE sealed.id IS NULL AND (line.tx < now.oldest OR line.tx >= now.next)
    ORDER BY line.tx, line.id
    """
)


@dataclass(frozen=True, slots=True)
class SealResult:
    """What one run did. `number` is None when there was nothing to seal or another sealer is at work."""

    number: int | None = None
    lines: int = 0
    more: bool = False  # the batch was full: run again at once
    busy: bool = False  # another sealer is at work


async def seal(database: Database, now: datetime, *, size: int = LINES_PER_SEAL) -> SealResult:
    """Chain the next batch of committed lines: `size` of them, and the rest of the last one's transaction.

    Any number of processes may run this; one of them works, the others return at once.
    """
    async with database.transaction() as tx:
        if not await tx.scalar(_TAKE_LOCK):
            return SealResult(busy=True)
        last, cluster = await _last_seal(tx), await tx.scalar(_CLUSTER)
        if last is not None and last.cluster != cluster:
            batch = await _unsealed_lines(tx)
        else:
            batch = await _next_lines(tx, last.tx_below if last else 0, size)
        if not batch.line_ids:
            return SealResult()
        draft = Seal(
            number=last.number + 1 if last else 1,
            sealed_at=now,
            tx_below=batch.tx_below,
            cluster=cluster,
            line_ids=batch.line_ids,
            line_hashes=batch.line_hashes,
            previous_hash=last.hash if last else FIRST_PREVIOUS_HASH,
            hash=b"",
        )
        await _save(tx, draft)
        return SealResult(draft.number, len(batch.line_ids), more=len(batch.line_ids) >= size)


@dataclass(frozen=True, slots=True)
class _Last:
    number: int
    hash: bytes
    tx_below: int
    cluster: int


@dataclass(frozen=True, slots=True)
class _Batch:
    line_ids: tuple[UUID, ...]
    line_hashes: bytes
    tx_below: int


async def _last_seal(tx: Tx) -> _Last | None:
    of = ledger_seals.c
    newest = select(of.number, of.hash, of.tx_below, of.cluster).order_by(of.number.desc()).limit(1)
    row = (await tx.execute(newest)).first()
    return _Last(row.number, row.hash, row.tx_below, row.cluster) if row else None


async def _next_lines(tx: Tx, tx_from: int, size: int) -> _Batch:
    """The first `size` settled lines from `tx_from` on. The last transaction is never split, so that
    `tx_below` says exactly what is sealed.
    """
    horizon = await tx.scalar(_HORIZON)
    while True:
        bounds = {"tx_from": tx_from, "horizon": horizon, "size": size}
        last_tx = await tx.scalar(_LAST_TX, bounds)
        if last_tx is None:
            return _batch_of((), tx_from)
        bounds = {"tx_from": tx_from, "last_tx": last_tx}
        rows = (await tx.execute(_LINES, bounds)).all()
        older = set((await tx.execute(_OLDER_LINES, bounds)).scalars())
        if new := [row for row in rows if row.id not in older]:
            return _batch_of(new, last_tx + 1)
        tx_from = last_tx + 1


async def _unsealed_lines(tx: Tx) -> _Batch:
    await tx.execute(_NO_NESTED_LOOPS)
    rows = (await tx.execute(_UNSEALED_LINES)).all()
    return _batch_of(rows, rows[-1].tx_below if rows else 0)


def _batch_of(rows: Sequence[Row[*tuple[Any, ...]]], tx_below: int) -> _Batch:
    return _Batch(tuple(row.id for row in rows), b"".join(row.hash for row in rows), tx_below)


async def _save(tx: Tx, draft: Seal) -> None:
    await tx.execute(
        insert(ledger_seals).values(
            number=draft.number,
            sealed_at=draft.sealed_at,
            tx_below=draft.tx_below,
            cluster=draft.cluster,
            line_ids=list(draft.line_ids),
            line_hashes=draft.line_hashes,
            previous_hash=draft.previous_hash,
            hash=seal_hash(draft),
        )
    )
