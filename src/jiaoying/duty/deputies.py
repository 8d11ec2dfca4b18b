"""Deputies of a desk: who is asked for the officer on duty when that one does not answer."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select

from jiaoying.duty.change_store import is_one_of
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contacts, desk_members, leaves

# Among the roles of desk_members; nobody stands in a shift as a deputy (duty.model.Role).
DEPUTY = "deputy"


async def deputies_of(tx: Tx, desk_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """The deputies of each desk in their order, those off the roster left out."""
    return await _found(tx, desk_ids, None)


async def deputies_at(tx: Tx, desk_ids: Collection[UUID], now: datetime) -> dict[UUID, list[UUID]]:
    """As `deputies_of`, without those who are on leave at `now`."""
    return await _found(tx, desk_ids, now)


async def _found(tx: Tx, desk_ids: Collection[UUID], present_at: datetime | None) -> dict[UUID, list[UUID]]:
    query = (
        select(desk_members.c.desk_id, desk_members.c.person_id)
        .join(contacts, contacts.c.id == desk_members.c.person_id)
        .where(
            is_one_of(desk_members.c.desk_id, desk_ids),
            desk_members.c.role == DEPUTY,
            contacts.c.retired_at.is_(None),
        )
        .order_by(desk_members.c.position, desk_members.c.person_id)
    )
    if present_at is not None:
        away = exists().where(
            leaves.c.person_id == desk_members.c.person_id,
            leaves.c.ended_at.is_(None),
            leaves.c.starts_at <= present_at,
            leaves.c.ends_at > present_at,
        )
        query = query.where(~away)
    found: dict[UUID, list[UUID]] = {}
    for row in await tx.execute(query):
        found.setdefault(row.desk_id, []).append(row.person_id)
    return found
