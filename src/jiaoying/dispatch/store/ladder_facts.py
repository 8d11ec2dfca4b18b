"""The roster as far as ladders lean on it: whom they name, which posts are held, whose superiors go round."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.dispatch.ladders.findings import NamedContact, RosterFacts
from jiaoying.dispatch.ladders.model import LadderBook, NamedPerson, NamedPost
from jiaoying.dispatch.ladders.superiors import circles_in
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.areas import Level, level_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contact_numbers, contacts, posts


async def roster_facts(tx: Tx, book: LadderBook, on: date) -> RosterFacts:
    """What a look over `book` must know of the roster of a day."""
    targets = [
        target
        for rule in book.rules
        for ladder in rule.tiers.values()
        for rung in ladder.rungs
        for target in rung.who
    ]
    people = {target.contact_id for target in targets if isinstance(target, NamedPerson)}
    kinds = {target.kind for target in targets if isinstance(target, NamedPost)}
    return RosterFacts(
        people=await _named_contacts(tx, people),
        held=await _held(tx, kinds, on),
        families=await _families(tx, on),
        superior_circles=await _superior_circles(tx, on),
    )


def in_force(on: date) -> ColumnElement[bool]:
    """Posts that are in force on a day."""
    post = posts.c
    return or_(post.valid_from.is_(None), post.valid_from <= on) & or_(
        post.valid_to.is_(None), post.valid_to >= on
    )


async def _named_contacts(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, NamedContact]:
    """These people as the roster has them; of one who was merged, the record that was kept."""
    if not ids:
        return {}
    kept = contacts.alias("kept")
    has_number = exists().where(contact_numbers.c.contact_id == kept.c.id)
    rows = await tx.execute(
        select(contacts.c.id, kept.c.name, kept.c.retired_at, has_number.label("has_number"))
        .join(kept, kept.c.id == func.coalesce(contacts.c.merged_into_id, contacts.c.id))
        .where(is_one_of(contacts.c.id, ids))
    )
    return {row.id: NamedContact(row.name, row.retired_at is not None, row.has_number) for row in rows}


async def _held(tx: Tx, kinds: Collection[str], on: date) -> frozenset[tuple[str, Level]]:
    if not kinds:
        return frozenset()
    rows = await tx.execute(
        select(posts.c.kind, posts.c.area_code)
        .where(is_one_of(posts.c.kind, kinds), posts.c.holder_id.is_not(None), in_force(on))
        .distinct()
    )
    return frozenset((row.kind, level_of(row.area_code)) for row in rows)


async def _families(tx: Tx, on: date) -> frozenset[Hazard]:
    rows = await tx.execute(
        select(func.unnest(posts.c.hazards).label("family")).where(in_force(on)).distinct()
    )
    return frozenset(Hazard(row.family) for row in rows)


async def _superior_circles(tx: Tx, on: date) -> tuple[tuple[str, ...], ...]:
    post = posts.c
    rows = await tx.execute(
        select(post.holder_id, post.superior_id)
        .where(post.holder_id.is_not(None), post.superior_id.is_not(None), in_force(on))
        .distinct()
    )
    above: dict[UUID, set[UUID]] = {}
    for row in rows:
        above.setdefault(row.holder_id, set()).add(row.superior_id)
    circles = circles_in(above)
    names = await names_of_people(tx, {person for circle in circles for person in circle})
    return tuple(tuple(names.get(person, str(person)) for person in circle) for circle in circles)


async def names_of_people(tx: Tx, ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these people are called; those that are unknown are left out."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows = await tx.execute(select(contacts.c.id, contacts.c.name).where(is_one_of(contacts.c.id, wanted)))
    return {row.id: row.name for row in rows}
