"""Export of the roster: one record for each post, in the shape of `contacts export --json`."""

from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from jiaoying.contacts.model import Contact, Post
from jiaoying.contacts.store import contact_numbers_of, contacts_by_id
from jiaoying.kernel.phone import NumberKind
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import posts


async def export_roster(tx: Tx, *, today: date) -> list[dict[str, object]]:
    """One record for each post that is held and has not ended, in the shape of `contacts export --json`."""
    held = select(*columns_of(Post, posts)).where(
        posts.c.holder_id.is_not(None), or_(posts.c.valid_to.is_(None), posts.c.valid_to >= today)
    )
    rows = read_as(Post, await tx.execute(held.order_by(posts.c.area_code, posts.c.kind, posts.c.id)))
    ids = {person for post in rows for person in (post.holder_id, post.deputy_id, post.superior_id) if person}
    people = await contacts_by_id(tx, ids)
    numbers = {
        contact_id: [(number.number, number.kind) for number in own]
        for contact_id, own in (await contact_numbers_of(tx, ids)).items()
    }
    return [_record(post, people, numbers) for post in rows]


def _record(
    post: Post, people: dict[UUID, Contact], numbers: dict[UUID, list[tuple[str, NumberKind]]]
) -> dict[str, object]:
    assert post.holder_id is not None
    holder = people[post.holder_id]
    deputy = people[post.deputy_id] if post.deputy_id else None
    superior = people[post.superior_id] if post.superior_id else None
    own = numbers[holder.id]
    return {
        "name": holder.name,
        "mobiles": [number for number, kind in own if kind != NumberKind.LANDLINE],
        "landlines": [number for number, kind in own if kind == NumberKind.LANDLINE],
        "area_code": post.area_code,
        "post": post.kind,
        "level": str(post.level),
        "hazards": [str(hazard) for hazard in post.hazards],
        "unit": holder.unit,
        "title": holder.title,
        "deputy": deputy.name if deputy else None,
        "deputy_mobile": next((number for number, _ in numbers[deputy.id]), None) if deputy else None,
        "superior": superior.name if superior else None,
        "valid_from": post.valid_from.isoformat() if post.valid_from else None,
        "valid_to": post.valid_to.isoformat() if post.valid_to else None,
        "language": holder.language,
        "note": post.note,
        "demonstration": post.demonstration,
    }
