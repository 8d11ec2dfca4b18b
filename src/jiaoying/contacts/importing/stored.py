"""As much of the roster as a sheet can touch, read for the comparison.

A list of 200 rows must not read a million posts: whoever it can mean goes by a name or a number of it,
and whatever it can change lies in a place that it names.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, Uuid, func, literal, or_, select

from jiaoying.contacts.importing.people import spelled
from jiaoying.contacts.importing.planned import Scope, StoredRoster
from jiaoying.contacts.model import Contact, DangerPoint, Household, Post
from jiaoying.contacts.reading.sheets import RosterSheet
from jiaoying.contacts.store import contact_numbers_of
from jiaoying.kernel.areas import prefix_of
from jiaoying.kernel.phone import Number
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    contact_doubts,
    contact_numbers,
    contacts,
    danger_points,
    posts,
    threatened_households,
)


async def stored_roster(tx: Tx, sheet: RosterSheet, scope: Scope) -> StoredRoster:
    """The people whom a sheet can mean, and the posts and danger points that it can change."""
    meant = await _people_meant(tx, sheet)
    own_posts = await _posts(tx, meant, sheet, scope)
    points = await _points(tx, sheet, scope, own_posts)
    everybody = await _people(tx, meant | {one for post in own_posts for one in _people_of(post)})
    ids = [contact.id for contact in everybody]
    return StoredRoster(
        contacts=everybody,
        numbers=await contact_numbers_of(tx, ids),
        posts=own_posts,
        points=points,
        households=await _households(tx, points) if sheet.households else (),
        also_called=await _also_called(tx, ids),
        helped=await _helped(tx, ids),
        doubted=await _doubted(tx, ids),
    )


async def _people_meant(tx: Tx, sheet: RosterSheet) -> set[UUID]:
    names = {written for name in _names(sheet) for written in (name, spelled(name))}
    numbers = {number.e164 for number in _numbers(sheet)}
    record = func.coalesce(contacts.c.merged_into_id, contacts.c.id)
    at_numbers = select(contact_numbers.c.contact_id).where(
        contact_numbers.c.number == func.any(_texts(numbers))
    )
    by_name = await tx.execute(select(record).where(contacts.c.name == func.any(_texts(names))))
    by_number = await tx.execute(select(record).where(contacts.c.id.in_(at_numbers)))
    return {*by_name.scalars(), *by_number.scalars()}


async def _people(tx: Tx, ids: Collection[UUID]) -> list[Contact]:
    wanted = select(*columns_of(Contact, contacts)).where(
        contacts.c.id == func.any(_ids(ids)),
        contacts.c.merged_into_id.is_(None),
        contacts.c.erased_at.is_(None),
    )
    return read_as(Contact, await tx.execute(wanted.order_by(contacts.c.id)))


async def _posts(tx: Tx, meant: Collection[UUID], sheet: RosterSheet, scope: Scope) -> list[Post]:
    people = _ids(meant)
    places, kinds = _texts({row.area_code for row in sheet.rows}), _texts({row.post for row in sheet.rows})
    wanted = [
        posts.c.holder_id == func.any(people),
        posts.c.deputy_id == func.any(people),
        (posts.c.area_code == func.any(places)) & (posts.c.kind == func.any(kinds)),
    ]
    if scope.replaces is not None:
        wanted.append(posts.c.area_code.startswith(prefix_of(scope.replaces)))
    found = select(*columns_of(Post, posts)).where(or_(*wanted)).order_by(posts.c.id)
    return read_as(Post, await tx.execute(found))


async def _points(tx: Tx, sheet: RosterSheet, scope: Scope, own_posts: Iterable[Post]) -> list[DangerPoint]:
    named = [point.ref for point in sheet.points]
    named += [household.point for household in sheet.households]
    named += [row.point for row in sheet.rows if row.point]
    staffed = {post.danger_point_id for post in own_posts if post.danger_point_id}
    wanted = [
        danger_points.c.id == func.any(_ids(staffed)),
        danger_points.c.code == func.any(_texts({ref.code for ref in named if ref.code})),
        danger_points.c.area_code == func.any(_texts({ref.area_code for ref in named})),
    ]
    if scope.replaces is not None and sheet.points:
        wanted.append(danger_points.c.area_code.startswith(prefix_of(scope.replaces)))
    found = select(*columns_of(DangerPoint, danger_points)).where(or_(*wanted)).order_by(danger_points.c.id)
    return read_as(DangerPoint, await tx.execute(found))


async def _households(tx: Tx, points: Iterable[DangerPoint]) -> list[Household]:
    at = _ids([point.id for point in points])
    found = select(*columns_of(Household, threatened_households)).where(
        threatened_households.c.danger_point_id == func.any(at)
    )
    return read_as(Household, await tx.execute(found))


async def _also_called(tx: Tx, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """The names of the records that were made one with each of these."""
    return await _grouped(
        tx,
        select(contacts.c.merged_into_id, contacts.c.name).where(
            contacts.c.merged_into_id == func.any(_ids(ids)), contacts.c.erased_at.is_(None)
        ),
    )


async def _helped(tx: Tx, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Where each of these helps a household."""
    return await _grouped(
        tx,
        select(threatened_households.c.helper_id, danger_points.c.area_code)
        .join_from(threatened_households, danger_points)
        .where(threatened_households.c.helper_id == func.any(_ids(ids)))
        .distinct(),
    )


async def _grouped(tx: Tx, pairs: Select[UUID, str]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for person, word in await tx.execute(pairs):
        found.setdefault(person, []).append(word)
    return found


async def _doubted(tx: Tx, ids: Collection[UUID]) -> frozenset[frozenset[UUID]]:
    people = _ids(ids)
    found = await tx.execute(
        select(contact_doubts.c.one_id, contact_doubts.c.other_id).where(
            or_(contact_doubts.c.one_id == func.any(people), contact_doubts.c.other_id == func.any(people))
        )
    )
    return frozenset(frozenset((one, other)) for one, other in found)


def _names(sheet: RosterSheet) -> Iterator[str]:
    for row in sheet.rows:
        yield from filter(None, (row.name, row.deputy, row.superior))
    for household in sheet.households:
        yield from filter(None, (household.helper,))


def _numbers(sheet: RosterSheet) -> Iterator[Number]:
    for row in sheet.rows:
        yield from (*row.numbers, *row.deputy_numbers, *row.superior_numbers)
    for household in sheet.households:
        yield from household.helper_numbers


def _people_of(post: Post) -> list[UUID]:
    return [one for one in (post.holder_id, post.deputy_id, post.superior_id) if one is not None]


def _ids(values: Collection[UUID]) -> Any:
    # One array, not one parameter for each: a county has more people than a statement has parameters.
    return literal(list(values), ARRAY(Uuid))


def _texts(values: Collection[str]) -> Any:
    return literal(sorted(values), ARRAY(Text))
