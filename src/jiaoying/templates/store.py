"""A county's own wordings: every version stays, the newest of each is in force."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import wordings
from jiaoying.templates.book import WordingBook, book_of, wording_by


@dataclass(frozen=True, slots=True)
class WordingVersion:
    """One version of one wording; without a body it goes back to what comes along."""

    path: str
    version: int
    body: str | None
    note: str | None
    created_at: datetime
    created_by: str


_NEWEST = (
    select(*columns_of(WordingVersion, wordings))
    .ext(distinct_on(wordings.c.path))
    .order_by(wordings.c.path, wordings.c.version.desc())
)


async def newest_versions(tx: Tx) -> dict[str, WordingVersion]:
    """The newest version of every wording that was ever changed, by path."""
    return {version.path: version for version in read_as(WordingVersion, await tx.execute(_NEWEST))}


async def read_book(tx: Tx) -> WordingBook:
    """The wordings in force."""
    newest = await newest_versions(tx)
    return book_of({path: version.body for path, version in newest.items() if version.body is not None})


@asynccontextmanager
async def wordings_in_force(tx: Tx) -> AsyncGenerator[None]:
    """Whatever is worded inside the block is worded as the county wants it now."""
    with wording_by(await read_book(tx)):
        yield


async def versions_of(tx: Tx, path: str) -> list[WordingVersion]:
    """Every version of one wording, the newest first."""
    found = select(*columns_of(WordingVersion, wordings)).where(wordings.c.path == path)
    return read_as(WordingVersion, await tx.execute(found.order_by(wordings.c.version.desc())))


async def save_wording(
    tx: Tx, path: str, body: str | None, *, seen: int, note: str | None, by: str, now: datetime
) -> int:
    """Put a text in force under `path`, or without one what comes along; returns its version.

    Raises Refusal where `seen` is not the newest version any more: somebody else wrote in between.
    Whether the text can be worded is for the caller to ask first (`trying.problems_of`).
    """
    values = {"path": path, "version": seen + 1, "body": body, "note": note}
    saved = await tx.scalar(
        insert(wordings)
        .values(id=new_id(now), created_at=now, created_by=by, **values)
        .on_conflict_do_nothing()
        .returning(wordings.c.version)
    )
    newest = await tx.scalar(select(func.max(wordings.c.version)).where(wordings.c.path == path))
    if saved is None or newest != saved:
        raise Refusal(say("Somebody else has changed this wording meanwhile: look at it again, then store"))
    facts = {"path": path, "version": saved, "built_in": body is None}
    await append_entries(tx, [Entry(now, "wording.saved", by, facts=facts)])
    return saved
