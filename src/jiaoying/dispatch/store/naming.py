"""Who fills the roles of ladders at this moment: of the roster, and of the rota."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select

from jiaoying.dispatch.ladders.model import NamedPerson, NamedPost, Target
from jiaoying.dispatch.naming import Around
from jiaoying.dispatch.store.roster import OnDuty, standing_at
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.areas import Level, ancestors_of, level_of
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contacts, posts

# A post of the ladder, seen from the area of a responsibility.
PostNearby = tuple[str, NamedPost]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a responsibility lies, whom its post names, and whom its rungs may ask."""

    area_code: str
    desk_id: UUID | None
    holder_id: UUID | None
    deputy_id: UUID | None
    superior_id: UUID | None
    targets: Sequence[Target]


async def around_each(tx: Tx, places: Mapping[UUID, Place], today: date, now: datetime) -> dict[UUID, Around]:
    """Everybody who may be asked for each of these responsibilities at this moment."""
    shifts = await standing_at(tx, {(place.area_code, place.desk_id) for place in places.values()}, now)
    targets = [(place.area_code, target) for place in places.values() for target in place.targets]
    wanted = {(code, target) for code, target in targets if isinstance(target, NamedPost)}
    posts_held = await holders_nearby(tx, wanted, today)
    named = {target.contact_id for _, target in targets if isinstance(target, NamedPerson)}
    persons = await on_roster(tx, named)
    return {
        row_id: _around(place, shifts.get((place.area_code, place.desk_id), _NOBODY), posts_held, persons)
        for row_id, place in places.items()
    }


_NOBODY = OnDuty((), None)


def _around(
    place: Place,
    shift: OnDuty,
    held: Mapping[PostNearby, tuple[UUID, ...]],
    persons: Mapping[UUID, UUID],
) -> Around:
    named = (target for target in place.targets if isinstance(target, NamedPost))
    return Around(
        place.holder_id,
        shift.deputy_id if place.desk_id else place.deputy_id,
        place.superior_id,
        shift.officer_ids,
        shift.leader_id,
        {target: held.get((place.area_code, target), ()) for target in named},
        persons,
        shift.until,
    )


async def holders_nearby(
    tx: Tx, wanted: Collection[PostNearby], today: date
) -> dict[PostNearby, tuple[UUID, ...]]:
    """Who holds each named post today in the village, township or county of the area that asks."""
    units = {one: unit for one in wanted if (unit := _unit_of(one[0], one[1].of)) is not None}
    if not units:
        return {}
    post = posts.c
    rows = await tx.execute(
        select(post.area_code, post.kind, post.holder_id)
        .where(
            is_one_of(post.area_code, set(units.values())),
            is_one_of(post.kind, {one.kind for _, one in units}),
            post.holder_id.is_not(None),
            or_(post.valid_from.is_(None), post.valid_from <= today),
            or_(post.valid_to.is_(None), post.valid_to >= today),
        )
        .order_by(post.id)
    )
    held: dict[tuple[str, str], list[UUID]] = {}
    for row in rows:
        held.setdefault((row.area_code, row.kind), []).append(row.holder_id)
    return {one: tuple(dict.fromkeys(held.get((unit, one[1].kind), ()))) for one, unit in units.items()}


async def on_roster(tx: Tx, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Of people named in ladders, those who are on the roster: with the record that each is kept under."""
    if not ids:
        return {}
    kept = contacts.alias("kept")
    rows = await tx.execute(
        select(contacts.c.id, kept.c.id.label("kept_id"))
        .join(kept, kept.c.id == func.coalesce(contacts.c.merged_into_id, contacts.c.id))
        .where(is_one_of(contacts.c.id, ids), kept.c.retired_at.is_(None))
    )
    return {row.id: row.kept_id for row in rows}


def _unit_of(code: str, level: Level) -> str | None:
    """The village, township or county that an area is or lies in; None where the area is wider."""
    return next((unit for unit in (code, *ancestors_of(code)) if level_of(unit) is level), None)
