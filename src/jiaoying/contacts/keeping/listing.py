"""The roster as a list: posts with whoever holds them, filtered, searched, a page at a time.

Quick on a million posts: what was typed is first looked up among names, places and numbers, and the page
is then cut from an index of posts; nothing is joined to more lines than are shown.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.types import Text

from jiaoying.contacts.model import PostLevel
from jiaoying.kernel.areas import Level, ancestors_of, covers, prefix_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import areas, contact_numbers, contacts, danger_points, posts

MOST_COUNTED = 10_000
MOST_WORDS = 3
_DIGITS_SHOWN = 4  # of a masked number: nothing else of it can be searched for


class Only(StrEnum):
    """What to leave out but the sore spots."""

    VACANT = "vacant"  # nobody holds the post
    NO_NUMBER = "no_number"  # the holder has none
    ENDED = "ended"  # no longer in force


@dataclass(frozen=True, slots=True)
class RosterWish:
    """What of the roster is wanted: posts inside an area on a day, by what was typed and chosen."""

    area_code: str
    day: date
    words: tuple[str, ...] = ()
    hazard: Hazard | None = None
    level: PostLevel | None = None
    only: Only | None = None


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A post and whoever holds it. `township_name` is of a village's post only."""

    post_id: UUID
    area_code: str
    area_name: str
    township_name: str | None
    kind: str
    level: str
    hazards: tuple[str, ...]
    holder_id: UUID | None
    holder_name: str | None
    holder_title: str | None
    holder_numbers: tuple[str, ...]  # the preferred first
    deputy_id: UUID | None
    deputy_name: str | None
    superior_id: UUID | None
    superior_name: str | None
    point_id: UUID | None
    point_name: str | None
    valid_to: date | None
    demonstration: bool


@dataclass(frozen=True, slots=True)
class RosterCounts:
    """How many posts a wish finds; counted no further than MOST_COUNTED."""

    posts: int
    vacant: int

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.posts > MOST_COUNTED


@dataclass(frozen=True, slots=True)
class Place:
    """An area by its code and name."""

    code: str
    name: str


def words_of(typed: str, most: int = 50) -> tuple[str, ...]:
    """The words of a search: `龙港 王强` asks for both."""
    return tuple(typed[:most].split()[:MOST_WORDS])


def is_inside(code: ColumnElement[Any], area_code: str) -> ColumnElement[bool]:
    """Whether a code lies inside an area, as a range of a plain index."""
    prefix = prefix_of(area_code)
    return (code >= prefix) & (code < str(int(prefix) + 1).zfill(len(prefix)))


async def places_inside(tx: Tx, area_code: str) -> list[Place]:
    """The areas right below an area, by code; those that were merged away are left out."""
    found = await tx.execute(
        select(areas.c.code, areas.c.name)
        .where(areas.c.parent_code == area_code, areas.c.retired_at.is_(None))
        .order_by(areas.c.code)
    )
    return read_as(Place, found)


async def names_of(tx: Tx, codes: Collection[str]) -> dict[str, str]:
    """What these areas are called, by code."""
    among = areas.c.code == func.any(literal(list(codes), ARRAY(Text)))
    found = await tx.execute(select(areas.c.code, areas.c.name).where(among))
    return {row.code: row.name for row in found}


async def path_to(tx: Tx, area_code: str, home_area: str) -> list[Place]:
    """The areas from home down to an area inside it, each the parent of the next."""
    codes = [code for code in (*ancestors_of(area_code), area_code) if covers(home_area, code)]
    found = await tx.execute(select(areas.c.code, areas.c.name).where(areas.c.code.in_(codes)))
    return sorted(read_as(Place, found), key=lambda place: len(prefix_of(place.code)))


async def roster_page(
    tx: Tx, wish: RosterWish, *, after: UUID | None = None, limit: int = 100
) -> list[RosterLine]:
    """The posts that are wanted, by place and kind, those behind the post `after`."""
    place = (posts.c.area_code, posts.c.kind, posts.c.id)
    chosen = _chosen(wish).with_only_columns(*place)
    if after is not None:
        last = (await tx.execute(select(*place).where(posts.c.id == after))).one_or_none()
        if last is not None:
            chosen = chosen.where(tuple_(*place) > tuple_(*(literal(value) for value in last)))
    # In their order from the index; but what may be rare is found by reading all posts once, which is
    # quicker than to fetch them one by one in order until enough have matched.
    may_be_rare = bool(wish.words) or wish.only == Only.NO_NUMBER
    found = chosen.cte("chosen").prefix_with("MATERIALIZED") if may_be_rare else chosen.subquery("chosen")
    page = select(found.c.id).order_by(found.c.area_code, found.c.kind, found.c.id).limit(limit)
    return await roster_lines(tx, posts.c.id.in_(page))


async def roster_counts(tx: Tx, wish: RosterWish) -> RosterCounts:
    """How many posts are wanted, and how many of those nobody holds."""
    chosen = _chosen(wish)
    some = chosen.with_only_columns(posts.c.holder_id).limit(MOST_COUNTED + 1).subquery()
    found = await tx.execute(
        select(
            func.count().label("posts"), func.count().filter(some.c.holder_id.is_(None)).label("vacant")
        ).select_from(some)
    )
    return read_as(RosterCounts, found)[0]


def counts_of(lines: Sequence[RosterLine]) -> RosterCounts:
    """The same for a list that is complete."""
    return RosterCounts(len(lines), sum(line.holder_id is None for line in lines))


async def roster_lines(tx: Tx, which: ColumnElement[bool]) -> list[RosterLine]:
    """The posts for which `which` (a condition on posts) holds, by place and kind."""
    holder, deputy, superior = (contacts.alias(name) for name in ("holder", "deputy", "superior"))
    township = areas.alias("township")
    ranked = func.array_agg(aggregate_order_by(contact_numbers.c.number, contact_numbers.c.preference))
    numbers = select(ranked).where(contact_numbers.c.contact_id == holder.c.id).scalar_subquery()
    lines = (
        select(
            posts.c.id.label("post_id"),
            posts.c.area_code,
            areas.c.name.label("area_name"),
            township.c.name.label("township_name"),
            *(posts.c[name] for name in ("kind", "level", "hazards", "holder_id", "valid_to")),
            holder.c.name.label("holder_name"),
            holder.c.title.label("holder_title"),
            func.coalesce(numbers, literal([], ARRAY(Text))).label("holder_numbers"),
            *(posts.c[name] for name in ("deputy_id", "superior_id", "demonstration")),
            deputy.c.name.label("deputy_name"),
            superior.c.name.label("superior_name"),
            danger_points.c.id.label("point_id"),
            danger_points.c.name.label("point_name"),
        )
        .join(areas, areas.c.code == posts.c.area_code)
        .outerjoin(township, (township.c.code == areas.c.parent_code) & (areas.c.level == "village"))
        .outerjoin(holder, holder.c.id == posts.c.holder_id)
        .outerjoin(deputy, deputy.c.id == posts.c.deputy_id)
        .outerjoin(superior, superior.c.id == posts.c.superior_id)
        .outerjoin(danger_points, danger_points.c.id == posts.c.danger_point_id)
        .where(which)
        .order_by(posts.c.area_code, posts.c.kind, posts.c.id)
    )
    return read_as(RosterLine, await tx.execute(lines))


def people_meant(word: str) -> Select[UUID]:
    """Everybody in office whose name holds `word`, or one of whose numbers ends in these four digits."""
    if word.isdecimal() and len(word) >= _DIGITS_SHOWN:
        line = func.split_part(contact_numbers.c.number, ";", 1)
        ends = func.right(line, _DIGITS_SHOWN) == word[-_DIGITS_SHOWN:]
        return select(contact_numbers.c.contact_id).where(ends)
    named = contacts.c.name.contains(word, autoescape=True)
    return select(contacts.c.id).where(named, contacts.c.retired_at.is_(None))


def _chosen(wish: RosterWish) -> Select[Any]:
    """A SELECT of the posts that are wanted."""
    chosen = select(posts).where(is_inside(posts.c.area_code, wish.area_code))
    in_force = or_(posts.c.valid_to.is_(None), posts.c.valid_to >= wish.day)
    chosen = chosen.where(~in_force if wish.only == Only.ENDED else in_force)
    if wish.hazard is not None:
        for_all = posts.c.hazards == literal([], ARRAY(Text))
        chosen = chosen.where(or_(for_all, posts.c.hazards.contains([str(wish.hazard)])))
    if wish.level is not None:
        chosen = chosen.where(posts.c.level == wish.level)
    if wish.only == Only.VACANT:
        chosen = chosen.where(posts.c.holder_id.is_(None))
    if wish.only == Only.NO_NUMBER:
        has_number = select(contact_numbers.c.id).where(contact_numbers.c.contact_id == posts.c.holder_id)
        chosen = chosen.where(posts.c.holder_id.is_not(None), ~has_number.exists())
    for word in wish.words:
        chosen = chosen.where(_means(word, wish.area_code))
    return chosen


def _means(word: str, area_code: str) -> ColumnElement[bool]:
    # Each SELECT is run once and hashed: whoever looks for a rare word reads the posts once.
    people = people_meant(word)
    at_point = select(danger_points.c.id).where(danger_points.c.name.contains(word, autoescape=True))
    return or_(
        posts.c.holder_id.in_(people),
        posts.c.deputy_id.in_(people),
        posts.c.area_code.in_(_places_meant(word, area_code)),
        posts.c.kind.contains(word, autoescape=True),
        posts.c.danger_point_id.in_(at_point),
    )


def _places_meant(word: str, area_code: str) -> CompoundSelect[str]:
    """The areas inside an area whose name holds `word`, and the villages of a township whose name does."""
    above = areas.alias("above")
    named = select(areas.c.code).where(
        is_inside(areas.c.code, area_code), areas.c.name.contains(word, autoescape=True)
    )
    below = (
        select(areas.c.code)
        .join(above, above.c.code == areas.c.parent_code)
        .where(is_inside(above.c.code, area_code), above.c.level == Level.TOWNSHIP)
        .where(above.c.name.contains(word, autoescape=True))
    )
    return named.union_all(below)
