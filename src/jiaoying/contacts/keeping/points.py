"""Danger points (隐患点) as a list, and everything about one of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, tuple_

from jiaoying.contacts.keeping.listing import RosterLine, is_inside, roster_lines
from jiaoying.contacts.model import DangerPoint, Household, PointKind
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import areas, contacts, danger_points, posts, threatened_households


@dataclass(frozen=True, slots=True)
class PointWish:
    """Which danger points are wanted."""

    area_code: str
    words: tuple[str, ...] = ()
    kind: PointKind | None = None


@dataclass(frozen=True, slots=True)
class PointLine:
    """A danger point in the list; `watchers` are the people who hold a post there."""

    id: UUID
    code: str | None
    name: str
    kind: PointKind
    area_name: str
    township_name: str | None
    grade: str | None
    households: int | None
    people: int | None
    watchers: int
    listed_households: int
    demonstration: bool


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """A threatened household with whoever fetches it."""

    household: Household
    helper_name: str | None


@dataclass(frozen=True, slots=True)
class PointRecord:
    """One danger point, the posts there, and its households in the order of calling."""

    point: DangerPoint
    area_name: str
    township_name: str | None
    posts: tuple[RosterLine, ...]
    households: tuple[HouseholdLine, ...]

    @property
    def people_listed(self) -> int | None:
        """People of the households that are listed by name; None where the list does not say."""
        told = [line.household.people for line in self.households if line.household.people is not None]
        return sum(told) if told else None


async def point_page(
    tx: Tx, wish: PointWish, *, after: UUID | None = None, limit: int = 100
) -> list[PointLine]:
    """The danger points that are wanted, by place and name, those behind the point `after`."""
    township = areas.alias("township")
    watchers = (
        select(func.count(func.distinct(posts.c.holder_id)))
        .where(posts.c.danger_point_id == danger_points.c.id)
        .scalar_subquery()
    )
    listed = (
        select(func.count())
        .where(threatened_households.c.danger_point_id == danger_points.c.id)
        .scalar_subquery()
    )
    place = (danger_points.c.area_code, danger_points.c.name, danger_points.c.id)
    named = ("id", "code", "name", "kind", "grade", "households", "people", "demonstration")
    lines = _placed(
        select(
            *(danger_points.c[name] for name in named),
            areas.c.name.label("area_name"),
            township.c.name.label("township_name"),
            watchers.label("watchers"),
            listed.label("listed_households"),
        ),
        township,
    )
    lines = lines.where(is_inside(danger_points.c.area_code, wish.area_code))
    lines = lines.where(danger_points.c.retired_at.is_(None))
    if wish.kind is not None:
        lines = lines.where(danger_points.c.kind == wish.kind)
    for word in wish.words:
        searched = (danger_points.c.name, danger_points.c.code, areas.c.name, township.c.name)
        lines = lines.where(or_(*(column.contains(word, autoescape=True) for column in searched)))
    if after is not None:
        last = select(*place).where(danger_points.c.id == after)
        lines = lines.where(tuple_(*place) > last.scalar_subquery())
    return read_as(PointLine, await tx.execute(lines.order_by(*place).limit(limit)))


async def point_record(tx: Tx, point_id: UUID) -> PointRecord | None:
    """The danger point, or None where there is none of this id."""
    township = areas.alias("township")
    where = _placed(
        select(areas.c.name, township.c.name.label("township_name")).select_from(danger_points), township
    )
    placed = (await tx.execute(where.where(danger_points.c.id == point_id))).one_or_none()
    if placed is None:
        return None
    found = await tx.execute(
        select(*columns_of(DangerPoint, danger_points)).where(danger_points.c.id == point_id)
    )
    return PointRecord(
        point=read_as(DangerPoint, found)[0],
        area_name=placed.name,
        township_name=placed.township_name,
        posts=tuple(await roster_lines(tx, posts.c.danger_point_id == point_id)),
        households=tuple(await _households(tx, point_id)),
    )


async def households_of(tx: Tx, point_id: UUID) -> list[Household]:
    """The households under a danger point, in the order of calling."""
    found = await tx.execute(
        select(*columns_of(Household, threatened_households))
        .where(threatened_households.c.danger_point_id == point_id)
        .order_by(threatened_households.c.position, threatened_households.c.id)
    )
    return read_as(Household, found)


async def _households(tx: Tx, point_id: UUID) -> list[HouseholdLine]:
    households = await households_of(tx, point_id)
    helpers = {household.helper_id for household in households if household.helper_id}
    named = await tx.execute(select(contacts.c.id, contacts.c.name).where(contacts.c.id.in_(helpers)))
    names: dict[UUID, str] = {row.id: row.name for row in named}
    return [
        HouseholdLine(household, names.get(household.helper_id) if household.helper_id else None)
        for household in households
    ]


def _placed(query: Any, township: Any) -> Select[Any]:
    is_its_township = (township.c.code == areas.c.parent_code) & (areas.c.level == "village")
    return query.join(areas, areas.c.code == danger_points.c.area_code).outerjoin(township, is_its_township)
