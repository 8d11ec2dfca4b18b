"""Rows of contacts and posts, read and written."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Uuid, bindparam, delete, func, or_, select, text

from jiaoying.contacts.model import Contact, ContactKind, ContactNumber, DangerPoint, Household, Post
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import Number, is_demonstration_number
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.json_rows import as_json, insert_rows, row_of, update_rows
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    danger_points,
    posts,
    threatened_households,
)

_DROP_NUMBERS = text(
    """
    DELETE FROM contact_numbers
    WHERE contact_id = ANY(CAST(:ids AS uuid[])) AND (contact_id, number) NOT IN (
        SELECT contact_id, number FROM jsonb_populate_recordset(NULL::contact_numbers, CAST(:rows AS jsonb))
    )
    """
)
_KEEP_NUMBERS = text(
    """
    INSERT INTO contact_numbers AS known (id, contact_id, number, kind, preference)
    SELECT id, contact_id, number, kind, preference
    FROM jsonb_populate_recordset(NULL::contact_numbers, CAST(:rows AS jsonb))
    ON CONFLICT (contact_id, number) DO UPDATE SET preference = excluded.preference
    WHERE known.preference <> excluded.preference
    """
)

# One roster import at a time: two would both find the same person missing.
_ROSTER_LOCK = 7_201_401
_MOST_NAMED = 5


async def lock_roster(tx: Tx) -> None:
    """Wait until no other transaction writes people; held to the end of this one."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ROSTER_LOCK)))


async def contacts_by_id(tx: Tx, contact_ids: Iterable[UUID]) -> dict[UUID, Contact]:
    """The contacts with these ids, retired ones too."""
    found = await tx.execute(
        select(*columns_of(Contact, contacts)).where(_is_any(contacts.c.id, contact_ids))
    )
    return {contact.id: contact for contact in read_as(Contact, found)}


async def contact_numbers_of(tx: Tx, contact_ids: Iterable[UUID]) -> dict[UUID, list[ContactNumber]]:
    """Everybody's numbers, the preferred first; who has none has an empty list."""
    wanted = list(contact_ids)
    found = await tx.execute(
        select(*columns_of(ContactNumber, contact_numbers))
        .where(_is_any(contact_numbers.c.contact_id, wanted))
        .order_by(contact_numbers.c.preference, contact_numbers.c.number)
    )
    numbers: dict[UUID, list[ContactNumber]] = {contact_id: [] for contact_id in wanted}
    for number in read_as(ContactNumber, found):
        numbers[number.contact_id].append(number)
    return numbers


async def contacts_by_number(tx: Tx, e164: str) -> list[Contact]:
    """Who is reached at a number, the longest on the roster first; several may share one.

    An extension is no part of what a caller's number shows, so it does not count.
    """
    line = e164.partition(";")[0]
    at_number = select(contact_numbers.c.contact_id).where(
        or_(contact_numbers.c.number == line, contact_numbers.c.number.startswith(f"{line};ext="))
    )
    found = await tx.execute(
        select(*columns_of(Contact, contacts))
        .where(contacts.c.id.in_(at_number), contacts.c.retired_at.is_(None))
        .order_by(contacts.c.created_at, contacts.c.id)
    )
    return read_as(Contact, found)


async def save_contacts(tx: Tx, new: Sequence[Contact], changed: Sequence[Contact], *, now: datetime) -> None:
    await insert_rows(tx, contacts, [row_of(contact) | {"created_at": now} for contact in new])
    await update_rows(tx, contacts, [row_of(contact) for contact in changed])


async def save_numbers(tx: Tx, numbers: Mapping[UUID, Sequence[Number]], *, now: datetime) -> None:
    """Give each of these contacts exactly these numbers, the first to be tried first.

    A number that stays keeps its row, and with it its standing and a recorded opt-out.
    """
    if not numbers:
        return
    rows = [
        {
            "id": new_id(now),
            "contact_id": contact_id,
            "number": number.e164,
            "kind": number.kind,
            "preference": place,
        }
        for contact_id, own in numbers.items()
        for place, number in enumerate(own, start=1)
    ]
    await tx.execute(_DROP_NUMBERS, {"ids": list(numbers), "rows": as_json(rows)})
    await tx.execute(_KEEP_NUMBERS, {"rows": as_json(rows)})


async def save_posts(tx: Tx, new: Sequence[Post], changed: Sequence[Post]) -> None:
    """Raises Refusal where the place of a new one has gone on as another since it was read."""
    await _refuse_merged(tx, [post.area_code for post in new])
    await insert_rows(tx, posts, [row_of(post) for post in new])
    await update_rows(tx, posts, [row_of(post) for post in changed])


async def save_points(
    tx: Tx, new: Sequence[DangerPoint], changed: Sequence[DangerPoint], *, now: datetime
) -> None:
    """Raises Refusal where the place of a new one has gone on as another since it was read."""
    await _refuse_merged(tx, [point.area_code for point in new])
    await insert_rows(tx, danger_points, [row_of(point) | {"created_at": now} for point in new])
    await update_rows(tx, danger_points, [row_of(point) for point in changed])


async def _refuse_merged(tx: Tx, codes: Iterable[str]) -> None:
    """No warning names a merged area any more: whoever is written down there would never be called."""
    merged = select(areas.c.name).where(
        areas.c.code == func.any(bindparam("codes", sorted(set(codes)), type_=ARRAY(Text))),
        areas.c.successor_code.is_not(None),
    )
    names = (await tx.execute(merged.order_by(areas.c.code).limit(_MOST_NAMED))).scalars().all()
    if names:
        raise Refusal(say("{names} has just become part of another area; try again", names=", ".join(names)))


async def save_households(
    tx: Tx, new: Sequence[Household], changed: Sequence[Household], gone: Sequence[Household]
) -> None:
    await insert_rows(tx, threatened_households, [row_of(household) for household in new])
    await update_rows(tx, threatened_households, [row_of(household) for household in changed])
    if gone:
        ids = [household.id for household in gone]
        await tx.execute(delete(threatened_households).where(_is_any(threatened_households.c.id, ids)))


async def find_or_add_people(
    tx: Tx,
    people: Sequence[tuple[str, Number | None]],
    *,
    now: datetime,
    note: str,
    actor: str,
    kind: str = ContactKind.PERSON,
    demonstration: bool = False,
) -> list[UUID | None]:
    """The contacts meant by names with numbers, in order; unknown ones are added with `note`.

    A name without a number must be unique on the roster; None stands for one that is not, or is unknown.
    """
    await lock_roster(tx)
    found: dict[tuple[str, Number | None], UUID | None] = {}
    added: list[tuple[Contact, Number]] = []
    known = await _known_people(tx, {name for name, _ in people}, ContactKind(kind))
    # Who comes with a number is known by it afterwards, also where the name stands alone.
    for name, number in sorted(dict.fromkeys(people), key=lambda person: person[1] is None):
        matches = {own for own, e164 in known.get(name, ()) if number is None or e164 == number.e164}
        if number is None:
            found[name, number] = matches.pop() if len(matches) == 1 else None
        elif matches:
            found[name, number] = min(matches)
        else:
            made_up = demonstration or is_demonstration_number(number.e164)
            person = Contact(new_id(now), name, ContactKind(kind), None, None, "zh-CN", note, made_up)
            added.append((person, number))
            known.setdefault(name, []).append((person.id, number.e164))
            found[name, number] = person.id
    await save_contacts(tx, [person for person, _ in added], [], now=now)
    await save_numbers(tx, {person.id: [number] for person, number in added}, now=now)
    await append_entries(tx, [_added_entry(person, [number], now, actor) for person, number in added])
    return [found[person] for person in people]


def _added_entry(person: Contact, numbers: Sequence[Number], now: datetime, actor: str) -> Entry:
    return Entry(
        now,
        "contact.added",
        actor,
        contact_id=person.id,
        facts={"numbers": len(numbers), "demonstration": person.demonstration},
        particulars={"name": person.name, "numbers": [number.e164 for number in numbers]},
    )


async def _known_people(
    tx: Tx, names: Iterable[str], kind: ContactKind
) -> dict[str, list[tuple[UUID, str | None]]]:
    """For each name: who is called so, once for each number."""
    wanted = bindparam("names", sorted(names), type_=ARRAY(Text))
    rows = await tx.execute(
        select(contacts.c.name, contacts.c.id, contact_numbers.c.number)
        .outerjoin_from(contacts, contact_numbers, contact_numbers.c.contact_id == contacts.c.id)
        .where(contacts.c.name == func.any(wanted), contacts.c.kind == kind)
        .where(contacts.c.retired_at.is_(None))
        .order_by(contacts.c.id)
    )
    known: dict[str, list[tuple[UUID, str | None]]] = {}
    for name, contact_id, number in rows:
        known.setdefault(name, []).append((contact_id, number))
    return known


def _is_any(column: Any, ids: Iterable[UUID]) -> Any:
    # One array, not one parameter for each: a county has more people than a statement has parameters.
    return column == func.any(bindparam("ids", list(ids), type_=ARRAY(Uuid)))
