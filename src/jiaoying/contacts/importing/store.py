"""Rows of imports, read and written."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update

from jiaoying.contacts.importing.model import (
    ImportCounts,
    ImportState,
    RosterImport,
    difference_data,
    difference_from,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint, SheetFile
from jiaoying.storage.database import Tx
from jiaoying.storage.json_rows import row_of
from jiaoying.storage.schema import roster_imports

# A file holds names and numbers; nobody looks at a preview of last week.
PREVIEW_LASTS = timedelta(days=7)

_PLAIN = (
    "id", "file_name", "state", "replace_scope", "created_at", "created_by", "ended_at", "ended_by",
    "undone_at", "undone_by", "counts",
)  # fmt: skip


async def import_by_id(tx: Tx, import_id: UUID) -> RosterImport | None:
    """One import with its differences and complaints."""
    wanted = (roster_imports.c[name] for name in (*_PLAIN, "differences", "complaints"))
    found = (await tx.execute(select(*wanted).where(roster_imports.c.id == import_id))).mappings().first()
    return None if found is None else _import_from(found)


async def imports_page(tx: Tx, *, before: UUID | None = None, limit: int = 50) -> list[RosterImport]:
    """Imports, the newest first, without differences and complaints; `before` is the last id seen."""
    found = select(*(roster_imports.c[name] for name in _PLAIN))
    if before is not None:
        found = found.where(roster_imports.c.id < before)
    rows = await tx.execute(found.order_by(roster_imports.c.id.desc()).limit(limit))
    return [_import_from(row) for row in rows.mappings()]


async def lock_import(tx: Tx, import_id: UUID) -> RosterImport:
    """One import, which nobody else moves until the end of this transaction. Raises Refusal."""
    await tx.execute(select(roster_imports.c.id).where(roster_imports.c.id == import_id).with_for_update())
    found = await import_by_id(tx, import_id)
    if found is None:
        raise Refusal(say("There is no import with the id {id}", id=import_id))
    return found


async def file_of(tx: Tx, import_id: UUID) -> SheetFile:
    """The file of an import that waits."""
    row = (
        await tx.execute(
            select(roster_imports.c.file_name, roster_imports.c.file_bytes).where(
                roster_imports.c.id == import_id
            )
        )
    ).one()
    return SheetFile(row.file_name, row.file_bytes)


async def add_import(tx: Tx, made: RosterImport, file: SheetFile) -> None:
    """A new import; the bytes of the file are kept only while it waits."""
    waits = made.state == ImportState.PREVIEWED
    await tx.execute(
        insert(roster_imports).values(
            **_row(made),
            file_sha256=hashlib.sha256(file.data).digest(),
            file_bytes=file.data if waits else None,
        )
    )


async def save_import(tx: Tx, made: RosterImport) -> None:
    """The import as it is now. What does not wait any more needs no file."""
    values = _row(made)
    if made.state != ImportState.PREVIEWED:
        values["file_bytes"] = None
    await tx.execute(update(roster_imports).where(roster_imports.c.id == made.id).values(values))


async def discard_forgotten(tx: Tx, now: datetime) -> None:
    """Throw away the previews that nobody has decided on in a week."""
    await tx.execute(
        update(roster_imports)
        .where(
            roster_imports.c.state == ImportState.PREVIEWED,
            roster_imports.c.created_at < now - PREVIEW_LASTS,
        )
        .values(state=ImportState.DISCARDED, ended_at=now, ended_by="jiaoying", file_bytes=None)
    )


def _row(made: RosterImport) -> dict[str, Any]:
    row = {name: getattr(made, name) for name in _PLAIN}
    return row | {
        "counts": row_of(made.counts),
        "differences": list(map(difference_data, made.differences)),
        "complaints": list(map(row_of, made.complaints)),
    }


def _import_from(row: Mapping[Any, Any]) -> RosterImport:
    plain = {name: row[name] for name in _PLAIN}
    plain |= {"state": ImportState(row["state"]), "counts": ImportCounts(**row["counts"])}
    made = RosterImport(**plain)
    if "differences" not in row:
        return made
    return replace(
        made,
        differences=tuple(map(difference_from, row["differences"])),
        complaints=tuple(SheetComplaint(**complaint) for complaint in row["complaints"]),
    )
