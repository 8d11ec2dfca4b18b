"""Inbox items that nobody has read yet: claimed and ticked off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Select, Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on

from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import Moment, inbox_items


@dataclass(frozen=True, slots=True)
class Item:
    """One unread inbox item."""

    id: UUID
    gateway: str
    received_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Settled:
    """What an item came to, and who sent it, as far as it is a person's."""

    id: UUID
    outcome: str
    contact_id: UUID | None = None


def _unread() -> Select[*tuple[Any, ...]]:
    return (
        select(*columns_of(Item, inbox_items))
        .where(inbox_items.c.state == "unread")
        .order_by(inbox_items.c.received_at, inbox_items.c.id)
        .limit(bindparam("limit", type_=Integer()))
        .with_for_update(skip_locked=True, of=inbox_items)
    )


def _first_words() -> Select[*tuple[Any, ...]]:
    # Another worker may hold the first word of a number: then there is none of that number for us, since
    # a word that was said later must not be heard sooner.
    first = (
        select(inbox_items.c.id)
        .ext(distinct_on(inbox_items.c.from_number))
        .where(inbox_items.c.state == "unread", inbox_items.c.kind != "report")
        .order_by(inbox_items.c.from_number, inbox_items.c.received_at, inbox_items.c.id)
        .subquery()
    )
    return _unread().join(first, first.c.id == inbox_items.c.id)


_REPORTS = _unread().where(inbox_items.c.kind == "report")
_WORDS = _first_words()


async def claim_reports(tx: Tx, limit: int) -> list[Item]:
    """The reports that came first, locked."""
    return read_as(Item, await tx.execute(_REPORTS, {"limit": limit}))


async def claim_words(tx: Tx, limit: int) -> list[Item]:
    """Texts, keys and rings in the order in which they came, the first of each number, locked."""
    return read_as(Item, await tx.execute(_WORDS, {"limit": limit}))


_TICK_OFF = text(
    """
    UPDATE inbox_items SET state = 'settled', settled_at = :now, outcome = settled.outcome,
                           contact_id = coalesce(settled.contact_id, inbox_items.contact_id)
    FROM unnest(:ids, :outcomes, :contact_ids) AS settled (id, outcome, contact_id)
    WHERE inbox_items.id = settled.id
    """
).bindparams(
    bindparam("now", type_=Moment),
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("outcomes", type_=ARRAY(Text())),
    bindparam("contact_ids", type_=ARRAY(Uuid())),
)


async def tick_off(tx: Tx, settled: Sequence[Settled], now: datetime) -> None:
    """Note what became of these items."""
    if settled:
        await tx.execute(
            _TICK_OFF,
            {
                "now": now,
                "ids": [item.id for item in settled],
                "outcomes": [item.outcome for item in settled],
                "contact_ids": [item.contact_id for item in settled],
            },
        )
