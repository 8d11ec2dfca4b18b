"""Changes of posts by hand: who holds them, who stands in, what they are for, when they end.

A post that its holder leaves stays as a row, vacant: the gap must show.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from jiaoying.contacts.keeping.editing import Keeper, Overtaken, plain, post_entry, stamp_of, too_long
from jiaoying.contacts.model import Contact, ContactKind, Post, PostLevel, tier_of
from jiaoying.contacts.reading.cells import MAX_NAME, read_date
from jiaoying.contacts.reading.row_cells import MAX_NOTE
from jiaoying.contacts.store import contacts_by_id, lock_roster, save_posts
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import posts


class Seat(StrEnum):
    """The part that somebody plays for a post."""

    HOLDER = "holder"
    DEPUTY = "deputy"
    SUPERIOR = "superior"


@dataclass(frozen=True, slots=True)
class PostForm:
    """What a form says of a post; empty `hazards` is all."""

    kind: str
    level: PostLevel
    hazards: tuple[Hazard, ...]
    valid_from: date | None
    valid_to: date | None
    note: str | None


def read_post(values: Mapping[str, str], hazards: tuple[str, ...]) -> PostForm | list[Complaint]:
    """The post that a form describes, or what is wrong with its fields."""
    complaints = too_long(values, {"kind": MAX_NAME, "note": MAX_NOTE})
    kind, level = plain(values, "kind"), values.get("level", "")
    if kind is None:
        complaints.append(_wrong("kind", say("There is no post: write its name, as the list has it")))
    if level not in set(PostLevel):
        complaints.append(_wrong("level", say("Choose the level of the post")))
    if not set(hazards) <= set(Hazard):
        complaints.append(_wrong("hazards", say("Choose hazards from the list")))
    days = {name: _day(values, name, complaints) for name in ("valid_from", "valid_to")}
    first, last = days["valid_from"], days["valid_to"]
    if first and last and last < first:
        complaints.append(_wrong("valid_to", say("The last day lies before the first")))
    if complaints or kind is None:
        return complaints
    chosen = tuple(hazard for hazard in Hazard if hazard in hazards)
    return PostForm(kind, PostLevel(level), chosen, first, last, plain(values, "note"))


def post_stamp(post: Post) -> str:
    """What the forms of a post showed."""
    return stamp_of(post)


async def add_post(
    tx: Tx, form: PostForm, *, area_code: str, danger_point_id: UUID | None, keeper: Keeper
) -> UUID:
    """A new post, vacant until somebody is appointed."""
    await lock_roster(tx)
    post = Post(
        id=new_id(keeper.now),
        area_code=area_code,
        kind=form.kind,
        level=form.level,
        tier=tier_of(form.level, form.kind),
        hazards=form.hazards,
        holder_id=None,
        deputy_id=None,
        superior_id=None,
        valid_from=form.valid_from,
        valid_to=form.valid_to,
        note=form.note,
        demonstration=False,
        danger_point_id=danger_point_id,
    )
    await save_posts(tx, [post], [])
    await append_entries(tx, [post_entry("post.added", None, post, keeper)])
    return post.id


async def change_post(tx: Tx, post_id: UUID, form: PostForm, *, shown: str, keeper: Keeper) -> None:
    """Write what the form says; who has left the roster does not come back with a post that goes on again.

    Raises Refusal where the post is gone or was changed in between.
    """
    before = await _post_to_change(tx, post_id, shown)
    here = before
    if form.valid_to is None or form.valid_to >= keeper.today:
        here = await _without_those_who_left(tx, before)
    holder = await _person(tx, here.holder_id)
    after = replace(
        here,
        kind=form.kind,
        level=form.level,
        tier=tier_of(form.level, form.kind, holder.title if holder else None),
        hazards=form.hazards,
        valid_from=form.valid_from,
        valid_to=form.valid_to,
        note=form.note,
    )
    await _store(tx, before, after, keeper)


async def appoint(
    tx: Tx, post_id: UUID, seat: Seat, contact_id: UUID | None, *, shown: str, keeper: Keeper
) -> None:
    """Give a seat of the post to a person, or to nobody (None): the post then shows as vacant.

    Raises Refusal where one person would stand in for, or above, themself, and where the person is gone.
    """
    before = await _post_to_change(tx, post_id, shown)
    person = await _person(tx, contact_id)
    if contact_id is not None and (person is None or person.retired_at or person.kind != ContactKind.PERSON):
        raise Refusal(say("This person is no longer on the roster; choose another"))
    after = replace(before, **{f"{seat}_id": contact_id})
    if seat == Seat.HOLDER:
        after = replace(
            after,
            tier=tier_of(after.level, after.kind, person.title if person else None),
            demonstration=person.demonstration if person else after.demonstration,
        )
    _refuse_doubles(after, person)
    await _store(tx, before, after, keeper)


async def end_post(tx: Tx, post_id: UUID, last_day: date, *, shown: str, keeper: Keeper) -> None:
    """The post itself ends: after `last_day` nobody is called for it and nobody is missed."""
    before = await _post_to_change(tx, post_id, shown)
    if before.valid_from and last_day < before.valid_from:
        raise Refusal(say("The last day lies before the first"))
    after = replace(before, valid_to=last_day)
    await save_posts(tx, [], [after])
    await append_entries(tx, [post_entry("post.ended", before, after, keeper)])


async def _post_to_change(tx: Tx, post_id: UUID, shown: str) -> Post:
    await lock_roster(tx)
    found = read_as(Post, await tx.execute(select(*columns_of(Post, posts)).where(posts.c.id == post_id)))
    if not found:
        raise Refusal(say("There is no such post on the roster"))
    if post_stamp(found[0]) != shown:
        raise Overtaken
    return found[0]


async def _without_those_who_left(tx: Tx, post: Post) -> Post:
    seats = {f"{seat}_id": getattr(post, f"{seat}_id") for seat in Seat}
    people = await contacts_by_id(tx, filter(None, seats.values()))
    left = {seat: None for seat, contact_id in seats.items() if contact_id and people[contact_id].retired_at}
    return replace(post, **left)


async def _person(tx: Tx, contact_id: UUID | None) -> Contact | None:
    return (await contacts_by_id(tx, [contact_id])).get(contact_id) if contact_id else None


def _refuse_doubles(post: Post, person: Contact | None) -> None:
    if person is None or post.holder_id is None:
        return
    if post.holder_id == post.deputy_id:
        raise Refusal(say("{name} cannot be their own deputy", name=person.name))
    if post.holder_id == post.superior_id:
        raise Refusal(say("{name} cannot be their own superior", name=person.name))


async def _store(tx: Tx, before: Post, after: Post, keeper: Keeper) -> None:
    if after == before:
        return
    await save_posts(tx, [], [after])
    await append_entries(tx, [post_entry("post.changed", before, after, keeper)])


def _day(values: Mapping[str, str], name: str, complaints: list[Complaint]) -> date | None:
    try:
        return read_date(values.get(name, ""))
    except ValueError:
        written = values[name][:MAX_NAME]
        complaints.append(_wrong(name, say("“{text}” is no date; write it as 2026-06-01", text=written)))
        return None


def _wrong(field: str, text: str) -> Complaint:
    return Complaint(f"{field}_wrong", field, text)
