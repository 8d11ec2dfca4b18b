"""Files of the duty log in rows. They come and are struck in the transaction of the entry's version."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import insert, select, update

from jiaoying.duty.actions import Doer
from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.log import LogEntry
from jiaoying.duty.log_files import CheckedFile, LogFile
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import log_entries, log_files

_COLUMNS = (
    *(log_files.c[name] for name in ("id", "first_id", "added_with", "struck_with")),
    *(log_files.c[name] for name in ("name", "media_type", "size", "sha256")),
    log_files.c.body.is_(None).label("erased"),
    log_entries.c.written_by.label("added_by"),
)
_FROM = log_files.join(log_entries, log_entries.c.id == log_files.c.added_with)


async def files_of(tx: Tx, first_ids: Collection[UUID]) -> dict[UUID, list[LogFile]]:
    """The files of these entries, those that were struck too, in the order in which they came."""
    if not first_ids:
        return {}
    rows = await tx.execute(
        select(*_COLUMNS)
        .select_from(_FROM)
        .where(is_one_of(log_files.c.first_id, first_ids))
        .order_by(log_entries.c.version, log_files.c.name, log_files.c.id)
    )
    found: dict[UUID, list[LogFile]] = {}
    for file in read_as(LogFile, rows):
        found.setdefault(file.first_id, []).append(file)
    return found


async def file_by_id(tx: Tx, file_id: UUID) -> LogFile | None:
    """One file, without its content."""
    rows = await tx.execute(select(*_COLUMNS).select_from(_FROM).where(log_files.c.id == file_id))
    return next(iter(read_as(LogFile, rows)), None)


async def take_file(tx: Tx, file: LogFile, doer: Doer) -> bytes | None:
    """The content of a file, for whoever takes it away, and a line of the ledger that says so: unlike a
    number, what a file holds cannot be masked. None where it was erased."""
    body = await tx.scalar(select(log_files.c.body).where(log_files.c.id == file.id))
    if body is None:
        return None
    facts = {"entry": str(file.first_id), "file": str(file.id), "sha256": file.sha256.hex()}
    await append_entries(tx, [Entry(doer.now, "log.file_taken", doer.actor, facts=facts)])
    return bytes(body)


async def add_files(tx: Tx, entry: LogEntry, files: Sequence[CheckedFile]) -> list[LogFile]:
    """Hang these files on an entry; `entry` is the version that brings them."""
    added = [
        LogFile(
            new_id(entry.written_at),
            entry.first_id,
            entry.id,
            None,
            file.name,
            file.media_type,
            len(file.body),
            file.sha256,
            erased=False,
            added_by=entry.written_by,
        )
        for file in files
    ]
    for row, file in zip(added, files, strict=True):
        await tx.execute(
            insert(log_files).values(
                id=row.id,
                first_id=row.first_id,
                added_with=row.added_with,
                name=row.name,
                media_type=row.media_type,
                size=row.size,
                sha256=row.sha256,
                body=file.body,
            )
        )
    return added


async def strike_files(tx: Tx, entry: LogEntry, file_ids: Collection[UUID]) -> None:
    """Strike files of an entry; `entry` is the correction that does so. They stay readable."""
    await tx.execute(
        update(log_files).where(is_one_of(log_files.c.id, file_ids)).values(struck_with=entry.id)
    )
