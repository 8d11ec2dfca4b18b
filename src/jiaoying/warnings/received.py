"""Messages as they came in, for people to read: questions only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from jiaoying.kernel.errors import Complaint
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import issued_warnings, received_messages

# Of one message, as text on a page; the whole can be taken away as a file.
MOST_SHOWN = 64 * 1024
_columns = received_messages.c
_LINES = select(
    _columns.id,
    _columns.received_at,
    _columns.source,
    _columns.media_type,
    func.length(_columns.body).label("size"),
    _columns.disposition,
    _columns.reason,
    _columns.complaints,
)


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """One delivery in a list."""

    id: UUID
    received_at: datetime
    source: str
    media_type: str
    size: int
    disposition: str
    reason: str | None
    complaints: Sequence[Complaint]


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """One delivery with the beginning of its bytes."""

    line: ReceivedLine
    beginning: bytes

    @property
    def text(self) -> str:
        """As text; what is none is shown as question marks in a diamond."""
        return self.beginning.decode("utf-8", errors="replace").replace("\0", "\ufffd")

    @property
    def is_whole(self) -> bool:
        """Whether the text shows all of it."""
        return self.line.size <= MOST_SHOWN


async def list_received(
    tx: Tx, source: str | None, *, after: UUID | None = None, limit: int, only_refused: bool = False
) -> list[ReceivedLine]:
    """What came from a source, or from all (None), the newest first, from the one after `after` on."""
    newest = (_columns.received_at.desc(), _columns.id.desc())
    query = _LINES.order_by(_columns.id.desc()) if source is None else _LINES.order_by(*newest)
    if source is not None:
        query = query.where(_columns.source == source)
    if only_refused:
        query = query.where(_columns.disposition == "rejected")
    if after is not None:
        query = query.where(_columns.id < after)
    rows = await tx.execute(query.limit(limit))
    return [_line(row) for row in rows]


async def find_received(tx: Tx, message_id: UUID) -> ReceivedMessage | None:
    """One delivery, or None."""
    beginning = func.substring(_columns.body, 1, MOST_SHOWN).label("beginning")
    row = (await tx.execute(_LINES.add_columns(beginning).where(_columns.id == message_id))).one_or_none()
    return None if row is None else ReceivedMessage(_line(row), row.beginning)


async def bytes_of(tx: Tx, message_id: UUID) -> bytes | None:
    """One delivery byte for byte, or None."""
    return await tx.scalar(select(_columns.body).where(_columns.id == message_id))


async def lags_of(tx: Tx, now: datetime) -> dict[str, timedelta]:
    """How much later than they were issued the warnings of a day came in, by source: the middle one."""
    warning = issued_warnings.c
    lag = func.percentile_cont(0.5).within_group(warning.received_at - warning.sent_at)
    rows = await tx.execute(
        select(warning.source, lag)
        .where(warning.received_at > now - timedelta(days=1))
        .group_by(warning.source)
    )
    return {row[0]: row[1] for row in rows}


def _line(row: Any) -> ReceivedLine:
    return ReceivedLine(
        row.id,
        row.received_at,
        row.source,
        row.media_type,
        row.size,
        row.disposition,
        row.reason,
        [Complaint(one["code"], one["field"], one["text"]) for one in row.complaints],
    )
