"""Rows of sources as the collector moves them: who collects, how it went, which entries were fetched.

One collector among all processes: a claim is a lease in the row, taken with SKIP LOCKED. Whoever was
overtaken finds the lease another's and writes nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import source_entries, warning_sources
from jiaoying.warnings.feeds.model import COLLECTED, SourceConfig
from jiaoying.warnings.sources import config_of

# Longer than one request and the storing of what it brought may take; renewed between the steps of a poll.
LEASE_S = 150
FORGET_ENTRIES_AFTER_DAYS = 30
_columns = warning_sources.c


@dataclass(frozen=True, slots=True)
class Claim:
    """A source that this process collects from now, and how far it was collected."""

    source_id: UUID
    lease_id: UUID
    config: SourceConfig
    credential_locked: bytes | None
    etag: str | None
    last_modified: str | None
    body_sha256: bytes | None
    failures: int
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """What the feed is asked with next time, so that it need not send again what we have."""

    etag: str | None
    last_modified: str | None
    body_sha256: bytes | None


async def claim_due(tx: Tx, *, wall: datetime, limit: int) -> list[Claim]:
    """Lease up to `limit` sources that are due and that nobody collects from."""
    due = (
        select(_columns.id)
        .where(
            _columns.enabled,
            _columns.kind.in_(COLLECTED),
            _columns.next_poll_at <= wall,
            or_(_columns.leased_until.is_(None), _columns.leased_until < wall),
        )
        .order_by(_columns.next_poll_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = (
        await tx.execute(
            update(warning_sources)
            .where(_columns.id.in_(due.scalar_subquery()))
            .values(lease_id=new_id(wall), leased_until=wall + timedelta(seconds=LEASE_S))
            .returning(warning_sources)
        )
    ).all()
    return [
        Claim(
            row.id,
            row.lease_id,
            config_of(row),
            row.credential_locked,
            row.etag,
            row.last_modified,
            row.body_sha256,
            row.failures,
            row.failing_since,
        )
        for row in rows
    ]


async def renew_lease(tx: Tx, claim: Claim, wall: datetime) -> bool:
    """Keep the source for a further step; False where it is somebody else's by now, or was disabled."""
    kept = await tx.execute(
        update(warning_sources)
        .where(_columns.id == claim.source_id, _columns.lease_id == claim.lease_id, _columns.enabled)
        .values(leased_until=wall + timedelta(seconds=LEASE_S))
    )
    return kept.rowcount == 1


async def release(tx: Tx, claim: Claim) -> None:
    """Give the source back as it was: whoever is next begins anew."""
    await tx.execute(
        update(warning_sources)
        .where(_columns.id == claim.source_id, _columns.lease_id == claim.lease_id)
        .values(leased_until=None, lease_id=None)
    )


async def note_success(
    tx: Tx, claim: Claim, *, wall: datetime, next_poll_at: datetime, cursor: Cursor | None
) -> bool:
    """The source was collected from. `cursor` None leaves what it is asked with. False for the overtaken."""
    values: dict[str, object] = {
        "last_success_at": wall,
        "failures": 0,
        "failing_since": None,
        "trouble": None,
    }
    return await _finish(tx, claim, wall, next_poll_at, values, cursor)


async def note_failure(
    tx: Tx,
    claim: Claim,
    *,
    wall: datetime,
    next_poll_at: datetime,
    trouble: str,
    cursor: Cursor | None = None,
) -> bool:
    """Nothing came of it, and why. False for the overtaken."""
    values: dict[str, object] = {
        "failures": claim.failures + 1,
        "failing_since": claim.failing_since or wall,
        "trouble": trouble,
    }
    return await _finish(tx, claim, wall, next_poll_at, values, cursor)


async def _finish(
    tx: Tx,
    claim: Claim,
    wall: datetime,
    next_poll_at: datetime,
    values: Mapping[str, object],
    cursor: Cursor | None,
) -> bool:
    if cursor is not None:
        values = {
            **values,
            "etag": cursor.etag,
            "last_modified": cursor.last_modified,
            "body_sha256": cursor.body_sha256,
        }
    moved = await tx.execute(
        update(warning_sources)
        .where(_columns.id == claim.source_id, _columns.lease_id == claim.lease_id)
        .values(last_poll_at=wall, next_poll_at=next_poll_at, leased_until=None, lease_id=None, **values)
    )
    return moved.rowcount == 1


# --- entries of an index ---


async def tries_of(tx: Tx, source_id: UUID, digests: Collection[bytes]) -> dict[bytes, int | None]:
    """How often each known entry was tried in vain; None where it is done with."""
    entry = source_entries.c
    rows = await tx.execute(
        select(entry.entry_sha256, entry.tries, entry.outcome).where(
            entry.source_id == source_id, entry.entry_sha256.in_(digests)
        )
    )
    return {row.entry_sha256: row.tries if row.outcome is None else None for row in rows}


async def note_entry(
    tx: Tx, source_id: UUID, digest: bytes, *, tries: int, outcome: str | None, wall: datetime
) -> None:
    """How it stands with one entry: `taken`, `refused`, `given_up`, or None while it is still tried."""
    values = {"tries": tries, "outcome": outcome, "seen_at": wall}
    row = insert(source_entries).values(source_id=source_id, entry_sha256=digest, **values)
    await tx.execute(row.on_conflict_do_update(index_elements=["source_id", "entry_sha256"], set_=values))


async def forget_entries(tx: Tx, source_id: UUID, still_listed: Sequence[bytes], wall: datetime) -> None:
    """Entries that left the index long ago are forgotten, so that the table stays small."""
    entry = source_entries.c
    await tx.execute(
        delete(source_entries).where(
            entry.source_id == source_id,
            entry.seen_at < wall - timedelta(days=FORGET_ENTRIES_AFTER_DAYS),
            entry.entry_sha256.not_in(still_listed),
        )
    )
