"""Whether the story is still the one that was told.

What this finds, and names: a line that was altered, removed, moved or slipped in among sealed ones;
particulars that are no longer those of their line; a seal that was altered, removed or remade. Erased
particulars are no finding: their line and its seal still hold, and the count is given.

What it cannot see by itself: lines cut from the end together with their seals, and a rewrite from some
moment on by the database's owner, who can compute every hash anew. Against both stands what was kept
outside: `daily_root` is printed on the handover sheet or sent away, and `verify(anchors=…)` compares.
Lines that wait for their seal (about a second) are not protected yet.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, select, text

from jiaoying.ledger.canonical import LineFields
from jiaoying.ledger.checks import Chain, FoundLine, sealed_twice_finding, unsealed_finding
from jiaoying.ledger.seals import Seal, seal_from_row
from jiaoying.ledger.verdict import Tally, Verdict
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import ledger_lines, ledger_seals

SHANGHAI = ZoneInfo("Asia/Shanghai")
_SEALS_AT_ONCE = 20
_LINES_AT_ONCE = 2000

_ONE_SNAPSHOT = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
_SEALED_LINES = text(
    """
    SELECT line.id, line.at, line.event, line.actor, line.warning_id, line.responsibility_id,
           line.call_out_id, line.attempt_id, line.contact_id, CAST(line.facts AS text) AS facts,
           line.particulars_digest, line.tx, line.hash,
           particulars.salt, CAST(particulars.body AS text) AS body
    FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS sealed (id, position)
    LEFT JOIN ledger_lines AS line ON line.id = sealed.id
    LEFT JOIN ledger_particulars AS particulars ON particulars.line_id = sealed.id
    ORDER BY sealed.position
    """
)
_UNSEALED_LINES = text(
    """
    SELECT line.id, line.at, line.event, line.tx
    FROM ledger_lines AS line
    LEFT JOIN (SELECT unnest(line_ids) AS id FROM ledger_seals) AS sealed ON sealed.id = line.id
    WHERE sealed.id IS NULL ORDER BY line.tx, line.id
    """
)
_COUNTER = text(
    """
    SELECT CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint) AS next_tx,
           (SELECT system_identifier FROM pg_control_system()) AS cluster
    """
)

Anchor = tuple[int, bytes]
"""Number and hash of a seal, as they were printed or sent away."""


@dataclass(frozen=True, slots=True)
class Root:
    """What to keep outside: a seal's number and hash stand for every line up to it."""

    number: int
    sealed_at: datetime
    hash: bytes


async def daily_root(tx: Tx, day: date, zone: tzinfo = SHANGHAI) -> Root | None:
    """The last seal made up to the end of `day` in `zone`, or None when there was none yet."""
    of = ledger_seals.c
    until = datetime.combine(day + timedelta(days=1), time(), zone)
    query = select(of.number, of.sealed_at, of.hash).where(of.sealed_at < until)
    row = (await tx.execute(query.order_by(of.number.desc()).limit(1))).first()
    return Root(row.number, row.sealed_at, row.hash) if row else None


async def verify(
    database: Database,
    progress: Callable[[int], None] | None = None,
    *,
    anchors: Sequence[Anchor] = (),
) -> Verdict:
    """Recompute every hash and compare. Reads in pieces, in one snapshot; writers are not disturbed.

    `progress` is told how many lines were looked at so far.
    """
    chain, tally = Chain(dict(anchors)), Tally()
    async with database.transaction() as tx:
        await tx.execute(_ONE_SNAPSHOT)
        async for seal in _seals(tx):
            tally.seals += 1
            tally.note(chain.look_at_seal(seal))
            async for first, lines in _lines_of(tx, seal):
                tally.note(chain.look_at_lines(seal, first, lines))
                _count(tally, lines)
                if progress:
                    progress(tally.lines)
        tally.note(chain.look_at_the_end())
        await _look_at_unsealed(tx, chain, tally)
    return tally.verdict()


async def _seals(tx: Tx) -> AsyncIterator[Seal]:
    after, of = 0, ledger_seals.c
    while True:
        query = select(ledger_seals).where(of.number > after).order_by(of.number).limit(_SEALS_AT_ONCE)
        rows = (await tx.execute(query)).all()
        for row in rows:
            yield seal_from_row(row)
        if len(rows) < _SEALS_AT_ONCE:
            return
        after = rows[-1].number


async def _lines_of(tx: Tx, seal: Seal) -> AsyncIterator[tuple[int, list[FoundLine | None]]]:
    for first in range(0, len(seal.line_ids), _LINES_AT_ONCE):
        ids = seal.line_ids[first : first + _LINES_AT_ONCE]
        rows = (await tx.execute(_SEALED_LINES, {"ids": list(ids)})).all()
        yield first, [_found_line(row) if row.id else None for row in rows]


def _found_line(row: Row[*tuple[Any, ...]]) -> FoundLine:
    fields = LineFields(*(getattr(row, name) for name in LineFields._fields))
    return FoundLine(fields, row.tx, row.hash, row.salt, row.body)


def _count(tally: Tally, lines: Sequence[FoundLine | None]) -> None:
    present = [line for line in lines if line is not None]
    tally.lines += len(lines)
    tally.present += len(present)
    tally.erased += sum(line.fields.particulars_digest is not None and line.body is None for line in present)


async def _look_at_unsealed(tx: Tx, chain: Chain, tally: Tally) -> None:
    of = ledger_lines.c
    total = await tx.scalar(select(func.count()).select_from(ledger_lines)) or 0
    newer = select(func.count(), func.min(of.at)).where(of.tx >= (chain.last.tx_below if chain.last else 0))
    waiting, since = (await tx.execute(newer)).one()
    if total == tally.present + waiting and not chain.restored:
        tally.waiting, tally.waiting_since = waiting, since
        return
    # Only now is the join over the whole ledger worth its time.
    counter = (await tx.execute(_COUNTER)).one()
    unsealed = 0
    async for row in await tx.stream(_UNSEALED_LINES):
        unsealed += 1
        if chain.is_late(row.tx, cluster=counter.cluster, next_tx=counter.next_tx):
            tally.note([unsealed_finding(row.id, row.at, row.event)])
        else:
            tally.waiting += 1
            tally.waiting_since = min(tally.waiting_since or row.at, row.at)
    if total < tally.present + unsealed:
        tally.note([sealed_twice_finding(tally.present + unsealed - total)])
