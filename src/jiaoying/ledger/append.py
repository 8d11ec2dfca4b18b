"""Appending lines to the story, inside the transaction that makes the change."""

import os
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from jiaoying.kernel.ids import new_id
from jiaoying.ledger.canonical import SALT_BYTES, LineFields, canonical, line_hash, particulars_hash
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# One statement for thousands of lines: each parameter is a column.
_INSERT_LINES = text(
    """
    INSERT INTO ledger_lines (
        id, at, event, actor, warning_id, responsibility_id, call_out_id, attempt_id, contact_id,
        facts, particulars_digest, hash
    )
    SELECT id, at, event, actor, warning_id, responsibility_id, call_out_id, attempt_id, contact_id,
           facts::jsonb, particulars_digest, hash
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:at AS timestamptz[]), CAST(:event AS text[]), CAST(:actor AS text[]),
        CAST(:warning_id AS uuid[]), CAST(:responsibility_id AS uuid[]), CAST(:call_out_id AS uuid[]),
        CAST(:attempt_id AS uuid[]), CAST(:contact_id AS uuid[]), CAST(:facts AS text[]),
        CAST(:particulars_digest AS bytea[]), CAST(:hash AS bytea[])
    ) AS new (
        id, at, event, actor, warning_id, responsibility_id, call_out_id, attempt_id, contact_id,
        facts, particulars_digest, hash
    )
    """
)
_INSERT_PARTICULARS = text(
    """
    INSERT INTO ledger_particulars (line_id, salt, body)
    SELECT line_id, salt, body::jsonb
    FROM unnest(CAST(:line_id AS uuid[]), CAST(:salt AS bytea[]), CAST(:body AS text[]))
        AS new (line_id, salt, body)
    """
)
_COLUMNS = (*LineFields._fields, "hash")


async def append_entries(tx: Tx, entries: Sequence[Entry]) -> None:
    """Append one line for each entry. It stands or falls with the transaction of `tx`.

    Lines are never waited for by other writers; the sealer chains them once they are committed.
    Raises TypeError or ValueError for facts or particulars that are not JSON.
    """
    if not entries:
        return
    lines: list[tuple[object, ...]] = []
    particulars: list[tuple[UUID, bytes, str]] = []
    for entry in entries:
        line_id = _line_ids.next_for(entry)
        digest = None
        if entry.particulars is not None:
            salt, body = os.urandom(SALT_BYTES), canonical(entry.particulars)
            digest = particulars_hash(salt, body)
            particulars.append((line_id, salt, body))
        fields = _fields_of(line_id, entry, digest)
        lines.append((*fields, line_hash(fields)))
    await tx.execute(_INSERT_LINES, dict(zip(_COLUMNS, map(list, zip(*lines, strict=True)), strict=True)))
    if particulars:
        ids, salts, bodies = map(list, zip(*particulars, strict=True))
        await tx.execute(_INSERT_PARTICULARS, {"line_id": ids, "salt": salts, "body": bodies})


def _fields_of(line_id: UUID, entry: Entry, digest: bytes | None) -> LineFields:
    return LineFields(
        line_id,
        entry.at,
        entry.event,
        entry.actor,
        entry.warning_id,
        entry.responsibility_id,
        entry.call_out_id,
        entry.attempt_id,
        entry.contact_id,
        canonical(entry.facts) if entry.facts else "{}",
        digest,
    )


class _LineIds:
    """Line ids that ascend in the order of appending, also within one millisecond.

    A stage tells many lines of one moment; read again by (time, id) they must not be shuffled.
    """

    def __init__(self) -> None:
        self._last = UUID(int=0)
        self._last_at: datetime | None = None

    def next_for(self, entry: Entry) -> UUID:
        # The lines of one moment are counted on from the first: it is drawn at random, and asking the
        # system for chance costs more than the rest of a line.
        if entry.at == self._last_at:
            line_id = UUID(int=self._last.int + 1)
        else:
            line_id = new_id(entry.at)
            if line_id < self._last and line_id.int >> 80 == self._last.int >> 80:
                line_id = UUID(int=self._last.int + 1)
        self._last, self._last_at = line_id, entry.at
        return line_id


_line_ids = _LineIds()
