"""The ladders in force: read, and replaced by a newer version."""

from datetime import datetime

import yaml
from sqlalchemy import func, insert, select

from jiaoying.dispatch.ladders.reading import default_text, parse_book
from jiaoying.dispatch.store.roster import book_in_force
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import ladders


async def save_book(tx: Tx, text: str, *, by: str, now: datetime) -> int:
    """Put a ladder file in force and return its version. Raises Refusal, naming what is wrong in it.

    Earlier versions stay; warnings that run keep the ladders that were frozen for them.
    """
    parse_book(text)
    version = (await tx.scalar(select(func.coalesce(func.max(ladders.c.version), 0))) or 0) + 1
    await tx.execute(
        insert(ladders).values(
            id=new_id(now), version=version, body=yaml.safe_load(text), created_at=now, created_by=by
        )
    )
    await append_entries(tx, [Entry(now, "ladders.replaced", by, facts={"version": version})])
    return version


async def text_in_force(tx: Tx) -> str:
    """The ladders in force as YAML; the ready-made file, with its notes, while none was saved."""
    body = await book_in_force(tx)
    return default_text() if body is None else yaml.safe_dump(body, allow_unicode=True, sort_keys=False)
