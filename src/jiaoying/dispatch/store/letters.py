"""Who may answer for a post that a letter goes to."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from jiaoying.dispatch.ladders.model import NamedPerson
from jiaoying.dispatch.store.naming import on_roster
from jiaoying.dispatch.store.roster import callees
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import posts


async def people_of_posts(tx: Tx, post_ids: Collection[UUID]) -> dict[UUID, tuple[NamedPerson, ...]]:
    """Of each post its holder, deputy and superior who are on the roster, each once, in that order."""
    rows = await tx.execute(
        select(posts.c.id, posts.c.holder_id, posts.c.deputy_id, posts.c.superior_id).where(
            is_one_of(posts.c.id, post_ids)
        )
    )
    named = {row.id: [row.holder_id, row.deputy_id, row.superior_id] for row in rows}
    kept = await on_roster(tx, {one for people in named.values() for one in people if one})
    names = await callees(tx, set(kept.values()))
    return {
        row_id: tuple(
            NamedPerson(person, names[person].name)
            for person in dict.fromkeys(kept[one] for one in people if one in kept)
        )
        for row_id, people in named.items()
    }
