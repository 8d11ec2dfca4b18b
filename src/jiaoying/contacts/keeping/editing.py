"""Changes of people by hand: one person at a time, checked, told in the ledger, nothing overwritten.

A form carries the stamp of what it showed. Where somebody else, or an import, changed the record in
between, nothing is written and the keeper is told. Every function takes the lock that imports take.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select, update

from jiaoying.contacts.model import Contact, ContactKind, ContactNumber, Post, Proof
from jiaoying.contacts.reading.cells import MAX_NAME, clean_name
from jiaoying.contacts.reading.row_cells import MAX_NOTE
from jiaoying.contacts.reading.row_people import MAX_NUMBERS
from jiaoying.contacts.store import (
    contact_numbers_of,
    contacts_by_id,
    lock_roster,
    save_contacts,
    save_numbers,
    save_posts,
)
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import CHINESE, LANGUAGES, say
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.phone import Number, is_demonstration_number, read_number, split_numbers
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    contact_numbers,
    posts,
    rota_seats,
    threatened_households,
)

MAX_LANGUAGES = 5
_SEATS = ("holder_id", "deputy_id", "superior_id")


class Overtaken(Refusal):
    """Somebody else changed the record after the form was shown."""

    def __init__(self) -> None:
        super().__init__(
            say("Somebody else changed this in between; nothing was stored. Look at it anew and try again")
        )


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who changes the roster and when; the locality completes landlines and tells the day."""

    actor: str
    now: datetime
    locality: Locality

    @property
    def today(self) -> date:
        """The local day."""
        return self.now.astimezone(self.locality.timezone).date()


@dataclass(frozen=True, slots=True)
class PersonForm:
    """What a form says of a person."""

    name: str
    unit: str | None
    title: str | None
    language: str
    other_languages: tuple[str, ...]
    note: str | None


def read_person(values: Mapping[str, str]) -> PersonForm | list[Complaint]:
    """The person that a form describes, or what is wrong with its fields."""
    name, office = clean_name(values.get("name", ""))
    complaints = [] if name else [_wrong("name", say("There is no name: write the person's name"))]
    complaints += too_long(values, {"name": MAX_NAME, "unit": MAX_NAME, "title": MAX_NAME, "note": MAX_NOTE})
    language = values.get("language") or CHINESE
    if language not in LANGUAGES:
        complaints.append(_wrong("language", say("Choose one of the languages in which calls are made")))
    others = tuple(dict.fromkeys(_pieces(values.get("other_languages", ""))))
    if len(others) > MAX_LANGUAGES or any(len(one) > MAX_NAME for one in others):
        text = say("At most {most} languages, parted by 、", most=MAX_LANGUAGES)
        complaints.append(_wrong("other_languages", text))
    if complaints:
        return complaints
    return PersonForm(
        name=name,
        unit=plain(values, "unit"),
        title=plain(values, "title") or office,
        language=language,
        other_languages=others,
        note=plain(values, "note"),
    )


def read_numbers(text: str, locality: Locality) -> tuple[Number, ...] | Complaint:
    """The numbers of one field in their order, or what is wrong with the first bad one."""
    found: dict[str, Number] = {}
    for piece in split_numbers(text[:400]):
        number = read_number(piece, locality.dialling_code)
        if isinstance(number, Complaint):
            return _wrong("number", number.text)
        found[number.e164] = number
    if len(found) > MAX_NUMBERS:
        return _wrong("number", say("At most {most} numbers for one person", most=MAX_NUMBERS))
    return tuple(found.values())


def person_stamp(contact: Contact, numbers: Sequence[ContactNumber]) -> str:
    """What a person's forms showed. What carriers report of a number is no part of it."""
    return stamp_of(contact, [(one.number, one.preference, one.verified_at) for one in numbers])


def stamp_of(*shown: object) -> str:
    """A short digest of what a page showed, for its form to carry."""
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:24]


async def add_person(tx: Tx, form: PersonForm, numbers: Sequence[Number], keeper: Keeper) -> UUID:
    """A new person on the roster. One with a made-up number is marked as made up."""
    await lock_roster(tx)
    made_up = any(is_demonstration_number(number.e164) for number in numbers)
    contact = _filled(
        Contact(new_id(keeper.now), "", ContactKind.PERSON, None, None, CHINESE, None, made_up), form
    )
    await save_contacts(tx, [contact], [], now=keeper.now)
    await save_numbers(tx, {contact.id: numbers}, now=keeper.now)
    particulars = {
        "name": contact.name,
        "unit": contact.unit,
        "title": contact.title,
        "numbers": [number.e164 for number in numbers],
    }
    facts = {"numbers": len(numbers), "demonstration": made_up, "by_hand": True}
    entry = Entry(keeper.now, "contact.added", keeper.actor, contact_id=contact.id, facts=facts)
    await append_entries(tx, [replace(entry, particulars=particulars)])
    return contact.id


async def change_person(tx: Tx, contact_id: UUID, form: PersonForm, *, shown: str, keeper: Keeper) -> None:
    """Write what the form says. Raises Refusal where the person is gone or was changed in between."""
    contact, _ = await _person_to_change(tx, contact_id, shown)
    after = _filled(contact, form)
    changed = changed_fields(contact, after)
    if not changed:
        return
    await save_contacts(tx, [], [after], now=keeper.now)
    particulars = {name: [getattr(contact, name), getattr(after, name)] for name in changed}
    await _tell(tx, keeper, contact_id, {"fields": changed}, particulars)


async def add_number(tx: Tx, contact_id: UUID, number: Number, *, shown: str, keeper: Keeper) -> None:
    """One more number, tried after the others."""
    contact, numbers = await _person_to_change(tx, contact_id, shown)
    if number.e164 in {one.number for one in numbers}:
        raise Refusal(say("{name} has this number already", name=contact.name))
    if len(numbers) >= MAX_NUMBERS:
        raise Refusal(say("At most {most} numbers for one person", most=MAX_NUMBERS))
    if is_demonstration_number(number.e164) and not contact.demonstration:
        raise Refusal(say("This number is made up for demonstrations; a real person needs a real number"))
    await _store_numbers(tx, contact, [*map(_as_number, numbers), number], keeper)


async def remove_number(tx: Tx, contact_id: UUID, place: int, *, shown: str, keeper: Keeper) -> None:
    """Take away the number at `place`, counted from 0."""
    contact, numbers = await _person_to_change(tx, contact_id, shown)
    gone = _at(numbers, place)
    await _store_numbers(tx, contact, [_as_number(one) for one in numbers if one is not gone], keeper)


async def prefer_number(tx: Tx, contact_id: UUID, place: int, *, shown: str, keeper: Keeper) -> None:
    """From now on try the number at `place` first; the others keep their order."""
    contact, numbers = await _person_to_change(tx, contact_id, shown)
    first = _at(numbers, place)
    order = [first, *(one for one in numbers if one is not first)]
    await _store_numbers(tx, contact, [_as_number(one) for one in order], keeper)


async def vouch_for_number(tx: Tx, contact_id: UUID, place: int, *, shown: str, keeper: Keeper) -> None:
    """The keeper knows that the number at `place` is this person's."""
    contact, numbers = await _person_to_change(tx, contact_id, shown)
    known = _at(numbers, place)
    await tx.execute(
        update(contact_numbers)
        .where(contact_numbers.c.contact_id == contact.id, contact_numbers.c.number == known.number)
        .values(verified_at=keeper.now, verified_how=Proof.HAND)
    )
    await _tell(tx, keeper, contact.id, {"verified": 1}, {"number": known.number})


async def leave_office(tx: Tx, contact_id: UUID, *, shown: str, keeper: Keeper) -> None:
    """The person answers for nothing any more: their posts stay, vacant, and the record is retired.

    Raises Refusal while the rota still names them: a desk must not find out at night.
    """
    contact, _ = await _person_to_change(tx, contact_id, shown)
    await _refuse_while_on_duty(tx, contact, keeper)
    held = await _posts_in_force(tx, contact_id, keeper.today)
    left = [_without(post, contact_id) for post in held]
    await save_posts(tx, [], left)
    await tx.execute(
        update(threatened_households)
        .where(threatened_households.c.helper_id == contact_id)
        .values(helper_id=None)
    )
    await save_contacts(tx, [], [replace(contact, retired_at=keeper.now)], now=keeper.now)
    facts = {"posts": sum(post.holder_id == contact_id for post in held), "by_hand": True}
    entries = [
        Entry(keeper.now, "contact.retired", keeper.actor, contact_id=contact_id, facts=facts),
        *(
            post_entry("post.changed", before, after, keeper)
            for before, after in zip(held, left, strict=True)
        ),
    ]
    await append_entries(tx, entries)


def post_entry(event: str, before: Post | None, after: Post, keeper: Keeper) -> Entry:
    """The ledger's line for a post that was changed by hand: what it is now, and which fields are new."""
    facts: dict[str, object] = {
        "post_id": str(after.id),
        "area_code": after.area_code,
        "kind": after.kind,
        "level": str(after.level),
        "hazards": [str(hazard) for hazard in after.hazards],
        "by_hand": True,
    }
    for name in ("holder_id", "deputy_id", "superior_id", "valid_from", "valid_to"):
        value: object = getattr(after, name)
        facts[name] = None if value is None else str(value)
    if before is not None:
        facts["fields"] = changed_fields(before, after)
    return Entry(keeper.now, event, keeper.actor, contact_id=after.holder_id, facts=facts)


def changed_fields(before: Contact | Post, after: Contact | Post) -> list[str]:
    """The names of the fields that differ."""
    return [each.name for each in fields(before) if getattr(before, each.name) != getattr(after, each.name)]


def plain(values: Mapping[str, str], name: str) -> str | None:
    """A field of a form without blanks around it; None where it is empty."""
    return values.get(name, "").strip() or None


def too_long(values: Mapping[str, str], most: Mapping[str, int]) -> list[Complaint]:
    """A complaint for each field that has more characters than `most` allows it."""
    return [
        _wrong(name, say("At most {most} characters", most=limit))
        for name, limit in most.items()
        if len(values.get(name, "").strip()) > limit
    ]


def _wrong(field: str, text: str) -> Complaint:
    return Complaint(f"{field}_wrong", field, text)


def _pieces(text: str) -> list[str]:
    return [
        piece.strip() for piece in text.replace("，", "、").replace(",", "、").split("、") if piece.strip()
    ]


def _filled(contact: Contact, form: PersonForm) -> Contact:
    return replace(
        contact,
        name=form.name,
        unit=form.unit,
        title=form.title,
        language=form.language,
        other_languages=form.other_languages,
        note=form.note,
    )


async def _person_to_change(tx: Tx, contact_id: UUID, shown: str) -> tuple[Contact, list[ContactNumber]]:
    await lock_roster(tx)
    contact = (await contacts_by_id(tx, [contact_id])).get(contact_id)
    if contact is None or contact.kind != ContactKind.PERSON:
        raise Refusal(say("There is no such person on the roster"))
    if contact.retired_at is not None:
        raise Refusal(say("{name} is no longer on the roster; add a new person instead", name=contact.name))
    numbers = (await contact_numbers_of(tx, [contact_id]))[contact_id]
    if person_stamp(contact, numbers) != shown:
        raise Overtaken
    return contact, numbers


def _at(numbers: Sequence[ContactNumber], place: int) -> ContactNumber:
    if not 0 <= place < len(numbers):
        raise Overtaken
    return numbers[place]


def _as_number(known: ContactNumber) -> Number:
    return Number(known.number, known.kind)


async def _store_numbers(tx: Tx, contact: Contact, numbers: Sequence[Number], keeper: Keeper) -> None:
    await save_numbers(tx, {contact.id: numbers}, now=keeper.now)
    await _tell(
        tx,
        keeper,
        contact.id,
        {"numbers": len(numbers)},
        {"numbers": [number.e164 for number in numbers]},
    )


async def _tell(
    tx: Tx, keeper: Keeper, contact_id: UUID, facts: dict[str, object], particulars: Mapping[str, object]
) -> None:
    entry = Entry(
        keeper.now,
        "contact.changed",
        keeper.actor,
        contact_id=contact_id,
        facts=facts | {"by_hand": True},
        particulars=particulars,
    )
    await append_entries(tx, [entry])


async def _refuse_while_on_duty(tx: Tx, contact: Contact, keeper: Keeper) -> None:
    seat = rota_seats.c
    until = await tx.scalar(
        select(func.max(seat.ends_at)).where(seat.person_id == contact.id, seat.ends_at > keeper.now)
    )
    if until is not None:
        day = until.astimezone(keeper.locality.timezone).date().isoformat()
        raise Refusal(
            say("{name} stands in the rota until {day}: change the rota first", name=contact.name, day=day)
        )


async def _posts_in_force(tx: Tx, contact_id: UUID, day: date) -> list[Post]:
    any_seat = or_(*(posts.c[seat] == contact_id for seat in _SEATS))
    lasts = or_(posts.c.valid_to.is_(None), posts.c.valid_to >= day)
    query = select(*columns_of(Post, posts)).where(any_seat, lasts).order_by(posts.c.id)
    return read_as(Post, await tx.execute(query))


def _without(post: Post, contact_id: UUID) -> Post:
    return replace(post, **{seat: None for seat in _SEATS if getattr(post, seat) == contact_id})
