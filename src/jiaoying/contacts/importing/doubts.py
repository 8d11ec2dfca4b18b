"""Two records that may be one person: the keeper says which."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update

from jiaoying.contacts.importing.merging import merge_people
from jiaoying.contacts.model import Contact
from jiaoying.contacts.store import contact_numbers_of, contacts_by_id, lock_roster
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.locality import Locality
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import areas, contact_doubts, contacts, posts

Ts = TypeVarTuple("Ts")


class DoubtKind(StrEnum):
    SAME_NAME = "same_name"  # in one township, with different numbers
    SAME_NUMBER = "same_number"  # under different names


@dataclass(frozen=True, slots=True)
class DoubtedPerson:
    """One of the two, as the keeper compares them; the elder record is shown first."""

    id: UUID
    name: str
    unit: str | None
    title: str | None
    numbers: tuple[str, ...]  # E.164
    posts: tuple[tuple[str, str], ...]  # the division's name and the kind of the post


@dataclass(frozen=True, slots=True)
class Doubt:
    id: UUID
    kind: DoubtKind
    raised_at: datetime
    one: DoubtedPerson
    other: DoubtedPerson


async def open_doubts(tx: Tx, *, limit: int = 200) -> list[Doubt]:
    """What the keeper has not settled, the oldest first."""
    doubts = contact_doubts
    wanted = _open(select(doubts.c.id, doubts.c.kind, doubts.c.raised_at, doubts.c.one_id, doubts.c.other_id))
    rows = (await tx.execute(wanted.order_by(doubts.c.raised_at, doubts.c.id).limit(limit))).all()
    people = await _people(tx, {person for row in rows for person in (row.one_id, row.other_id)})
    return [
        Doubt(row.id, DoubtKind(row.kind), row.raised_at, people[row.one_id], people[row.other_id])
        for row in rows
    ]


async def count_open_doubts(tx: Tx) -> int:
    """How many doubts wait for the keeper."""
    waiting = _open(select(contact_doubts.c.id)).subquery()
    return (await tx.execute(select(func.count()).select_from(waiting))).scalar_one()


async def settle_doubt(
    database: Database, doubt_id: UUID, *, same: bool, locality: Locality, now: datetime, actor: str
) -> None:
    """The keeper's word. `same` makes the two records one: the elder stays and takes over everything.

    Raises Refusal where it was settled already, or a record is gone.
    """
    today = now.astimezone(locality.timezone).date()
    async with database.transaction() as tx:
        await lock_roster(tx)
        pair = (
            await tx.execute(
                _open(select(contact_doubts.c.one_id, contact_doubts.c.other_id)).where(
                    contact_doubts.c.id == doubt_id
                )
            )
        ).first()
        if pair is None:
            raise Refusal(say("This doubt was settled already, or one of the two is gone"))
        decision = "same" if same else "different"
        await tx.execute(
            update(contact_doubts)
            .where(contact_doubts.c.id == doubt_id)
            .values(decision=decision, decided_at=now, decided_by=actor)
        )
        facts = {"doubt_id": str(doubt_id), "decision": decision, "other_id": str(pair.other_id)}
        await append_entries(tx, [Entry(now, "doubt.settled", actor, contact_id=pair.one_id, facts=facts)])
        if same:
            # Identifiers ascend with time: the smaller one is the elder record.
            await merge_people(tx, pair.one_id, pair.other_id, today=today, now=now, actor=actor)


def _open(wanted: Select[*Ts]) -> Select[*Ts]:
    """Undecided ones, between two records that both still stand for somebody."""
    for side in (contact_doubts.c.one_id, contact_doubts.c.other_id):
        gone = select(contacts.c.id).where(
            contacts.c.id == side,
            or_(contacts.c.retired_at.is_not(None), contacts.c.erased_at.is_not(None)),
        )
        wanted = wanted.where(~gone.exists())
    return wanted.where(contact_doubts.c.decision.is_(None))


async def _people(tx: Tx, ids: Collection[UUID]) -> dict[UUID, DoubtedPerson]:
    people = await contacts_by_id(tx, ids)
    numbers = await contact_numbers_of(tx, ids)
    held: dict[UUID, list[tuple[str, str]]] = {}
    rows = await tx.execute(
        select(posts.c.holder_id, areas.c.name, posts.c.kind)
        .join_from(posts, areas, areas.c.code == posts.c.area_code)
        .where(posts.c.holder_id.in_(ids))
        .order_by(posts.c.area_code, posts.c.kind)
    )
    for holder, place, kind in rows:
        held.setdefault(holder, []).append((place, kind))
    return {
        one.id: _compared(one, tuple(each.number for each in numbers[one.id]), tuple(held.get(one.id, ())))
        for one in people.values()
    }


def _compared(contact: Contact, numbers: tuple[str, ...], held: tuple[tuple[str, str], ...]) -> DoubtedPerson:
    return DoubtedPerson(contact.id, contact.name, contact.unit, contact.title, numbers, held)
