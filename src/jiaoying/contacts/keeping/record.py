"""Everything that the roster says of one person, and of one post."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.types import Text

from jiaoying.contacts.keeping.listing import RosterLine, people_meant, roster_lines
from jiaoying.contacts.model import Contact, ContactKind, ContactNumber, Post
from jiaoying.contacts.store import contact_numbers_of, contacts_by_id
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    danger_points,
    posts,
    threatened_households,
)

MOST_HITS = 30


@dataclass(frozen=True, slots=True)
class HouseholdHelped:
    """A household that the person fetches, and the danger point above it."""

    point_id: UUID
    point_name: str
    head: str
    people: int | None


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One person: numbers in the order of calling, posts in force by the part they play."""

    contact: Contact
    numbers: tuple[ContactNumber, ...]
    holds: tuple[RosterLine, ...]
    deputises: tuple[RosterLine, ...]
    heads: tuple[RosterLine, ...]  # is the superior of
    ended: tuple[RosterLine, ...]  # held until a day that is over
    helps: tuple[HouseholdHelped, ...]
    shared: Mapping[str, tuple[str, ...]]  # number → who else is reached at it
    merged_into_id: UUID | None
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class PostRecord:
    """One post as it lies in the table, and as it is read."""

    post: Post
    line: RosterLine


@dataclass(frozen=True, slots=True)
class PersonHit:
    """Somebody whom a search finds, with what tells namesakes apart."""

    id: UUID
    name: str
    unit: str | None
    title: str | None
    numbers: tuple[str, ...]
    posts: tuple[str, ...]  # `龙港镇 防汛责任人`
    demonstration: bool


async def person_record(tx: Tx, contact_id: UUID, *, day: date) -> PersonRecord | None:
    """The person, or None where there is no such record."""
    contact = (await contacts_by_id(tx, [contact_id])).get(contact_id)
    if contact is None or contact.kind != ContactKind.PERSON:
        return None
    fate = (
        await tx.execute(
            select(contacts.c.merged_into_id, contacts.c.erased_at).where(contacts.c.id == contact_id)
        )
    ).one()
    parts = or_(*(posts.c[part] == contact_id for part in ("holder_id", "deputy_id", "superior_id")))
    lines = await roster_lines(tx, parts)
    numbers = tuple((await contact_numbers_of(tx, [contact_id]))[contact_id])
    in_force = [line for line in lines if line.valid_to is None or line.valid_to >= day]
    return PersonRecord(
        contact=contact,
        numbers=numbers,
        holds=tuple(line for line in in_force if line.holder_id == contact_id),
        deputises=tuple(line for line in in_force if line.deputy_id == contact_id),
        heads=tuple(line for line in in_force if line.superior_id == contact_id),
        ended=tuple(line for line in lines if line not in in_force and line.holder_id == contact_id),
        helps=tuple(await _households_helped(tx, contact_id)),
        shared=await _others_at(tx, contact_id, [number.number for number in numbers]),
        merged_into_id=fate.merged_into_id,
        erased_at=fate.erased_at,
    )


async def post_record(tx: Tx, post_id: UUID) -> PostRecord | None:
    """The post, or None where there is none of this id."""
    found = read_as(Post, await tx.execute(select(*columns_of(Post, posts)).where(posts.c.id == post_id)))
    if not found:
        return None
    return PostRecord(found[0], (await roster_lines(tx, posts.c.id == post_id))[0])


async def find_people(tx: Tx, word: str) -> list[PersonHit]:
    """People in office by a part of their name, or by the last four digits of a number."""
    held = (
        select(
            func.array_agg(
                aggregate_order_by(areas.c.name + literal(" ") + posts.c.kind, posts.c.area_code, posts.c.id)
            )
        )
        .join_from(posts, areas, areas.c.code == posts.c.area_code)
        .where(posts.c.holder_id == contacts.c.id)
        .scalar_subquery()
    )
    numbers = (
        select(func.array_agg(aggregate_order_by(contact_numbers.c.number, contact_numbers.c.preference)))
        .where(contact_numbers.c.contact_id == contacts.c.id)
        .scalar_subquery()
    )
    nothing = literal([], ARRAY(Text))
    found = await tx.execute(
        select(
            *(contacts.c[name] for name in ("id", "name", "unit", "title", "demonstration")),
            func.coalesce(numbers, nothing).label("numbers"),
            func.coalesce(held, nothing).label("posts"),
        )
        .where(contacts.c.id.in_(people_meant(word)))
        .where(contacts.c.retired_at.is_(None), contacts.c.kind == ContactKind.PERSON)
        .order_by(contacts.c.name, contacts.c.id)
        .limit(MOST_HITS)
    )
    return read_as(PersonHit, found)


async def _others_at(tx: Tx, contact_id: UUID, numbers: list[str]) -> dict[str, tuple[str, ...]]:
    found = await tx.execute(
        select(contact_numbers.c.number, func.array_agg(contacts.c.name).label("names"))
        .join(contacts, contacts.c.id == contact_numbers.c.contact_id)
        .where(contact_numbers.c.number.in_(numbers), contacts.c.id != contact_id)
        .where(contacts.c.retired_at.is_(None))
        .group_by(contact_numbers.c.number)
    )
    return {row.number: tuple(row.names) for row in found}


async def _households_helped(tx: Tx, contact_id: UUID) -> list[HouseholdHelped]:
    found = await tx.execute(
        select(
            danger_points.c.id.label("point_id"),
            danger_points.c.name.label("point_name"),
            threatened_households.c.head,
            threatened_households.c.people,
        )
        .join(danger_points, danger_points.c.id == threatened_households.c.danger_point_id)
        .where(threatened_households.c.helper_id == contact_id, danger_points.c.retired_at.is_(None))
        .order_by(danger_points.c.name, threatened_households.c.position)
    )
    return read_as(HouseholdHelped, found)
