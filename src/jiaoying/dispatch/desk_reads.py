"""What a desk's pages show beside the board: the roster, and whether anything changed. Reads only."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, literal, or_, select, text

from jiaoying.kernel.areas import prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    inbox_items,
    issued_warnings,
    posts,
)

_LOOK = text(
    """
    WITH present AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest)
    SELECT oldest AS floor, count(line.tx) AS since, count(line.tx) FILTER (WHERE line.tx >= oldest) AS beyond
    FROM present LEFT JOIN ledger_lines AS line
        ON line.tx >= coalesce(CAST(:floor AS bigint), oldest)
        AND (CAST(:warning_id AS uuid) IS NULL OR line.warning_id = :warning_id)
    GROUP BY oldest
    """
)


@dataclass(frozen=True, slots=True)
class LedgerLook:
    """One look at the end of the ledger."""

    floor: int  # the oldest transaction still running
    since: int  # lines from the floor that was asked for
    beyond: int  # lines from `floor` on


@dataclass(frozen=True, slots=True)
class StrangerMessage:
    """A text, key press or call, the number that it came from, and whose that is on the roster."""

    id: UUID
    received_at: datetime
    from_number: str | None
    said: str
    contact_id: UUID | None
    contact_name: str | None


@dataclass(frozen=True, slots=True)
class RosterLine:
    """A post and whoever holds it."""

    post_id: UUID
    area_code: str
    area_name: str
    township_name: str | None
    kind: str
    level: str
    hazards: tuple[str, ...]
    holder_name: str | None
    holder_title: str | None
    holder_numbers: tuple[str, ...]
    deputy_name: str | None
    superior_name: str | None
    demonstration: bool


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """A place that a warning by hand may name, with what lies in it."""

    code: str
    name: str
    inside: tuple["AreaChoice", ...] = ()


async def look_at_ledger(tx: Tx, floor: int | None, warning_id: UUID | None) -> LedgerLook:
    """How many lines, of one warning or of all, were written by transactions from number `floor` on.

    Ids and times of lines are not in the order in which their transactions commit, so neither tells
    whether something is new. Below the oldest transaction that is still running nothing can appear any
    more: with that number as the next floor, a later look whose `since` exceeds this one's `beyond` has
    found something new. Without a floor, only from there on.
    """
    row = (await tx.execute(_LOOK, {"floor": floor, "warning_id": warning_id})).one()
    return LedgerLook(row.floor, row.since, row.beyond)


async def townships_of(tx: Tx, home_area: str) -> list[tuple[str, str]]:
    """Code and name of each township of the territory."""
    rows = await tx.execute(
        select(areas.c.code, areas.c.name)
        .where(areas.c.level == "township", areas.c.code.startswith(prefix_of(home_area)))
        .order_by(areas.c.code)
    )
    return [(row.code, row.name) for row in rows]


async def area_choices(tx: Tx, home_area: str, wanted: str, chosen: Collection[str]) -> AreaChoice:
    """The territory with its townships and their villages.

    With `wanted`, only places whose name holds it, their townships, and what is `chosen`.
    """
    rows = (
        await tx.execute(
            select(areas.c.code, areas.c.name, areas.c.level, areas.c.parent_code)
            .where(areas.c.code.startswith(prefix_of(home_area)))
            .order_by(areas.c.code)
        )
    ).all()
    named = {row.code for row in rows if wanted in row.name}
    kept = named | set(chosen)
    villages: defaultdict[str, list[AreaChoice]] = defaultdict(list)
    for row in rows:
        # A township that was asked for by its name is shown with all that lies in it.
        if row.level == "village" and (row.code in kept or row.parent_code in named):
            villages[row.parent_code].append(AreaChoice(row.code, row.name))
    townships = tuple(
        AreaChoice(row.code, row.name, tuple(villages[row.code]))
        for row in rows
        if row.level == "township" and (row.code in kept or villages[row.code])
    )
    name = next((row.name for row in rows if row.code == home_area), home_area)
    return AreaChoice(home_area, name, townships)


async def roster_lines(tx: Tx, area_code: str, wanted: str, offset: int, limit: int) -> list[RosterLine]:
    """Posts inside an area by area and kind; `wanted` is part of a name, a post or a place, or empty."""
    holder, deputy, superior = (contacts.alias(name) for name in ("holder", "deputy", "superior"))
    township = areas.alias("township")
    numbers = (
        select(func.array_agg(contact_numbers.c.number))
        .where(contact_numbers.c.contact_id == holder.c.id)
        .scalar_subquery()
    )
    lines = (
        select(
            posts.c.id.label("post_id"),
            posts.c.area_code,
            areas.c.name.label("area_name"),
            township.c.name.label("township_name"),
            posts.c.kind,
            posts.c.level,
            posts.c.hazards,
            holder.c.name.label("holder_name"),
            holder.c.title.label("holder_title"),
            func.coalesce(numbers, literal([], type_=posts.c.hazards.type)).label("holder_numbers"),
            deputy.c.name.label("deputy_name"),
            superior.c.name.label("superior_name"),
            posts.c.demonstration,
        )
        .join(areas, areas.c.code == posts.c.area_code)
        .outerjoin(township, (township.c.code == areas.c.parent_code) & (areas.c.level == "village"))
        .outerjoin(holder, holder.c.id == posts.c.holder_id)
        .outerjoin(deputy, deputy.c.id == posts.c.deputy_id)
        .outerjoin(superior, superior.c.id == posts.c.superior_id)
        .where(posts.c.area_code.startswith(prefix_of(area_code), autoescape=True))
        .order_by(posts.c.area_code, posts.c.kind, posts.c.id)
        .offset(offset)
        .limit(limit)
    )
    if wanted:
        lines = lines.where(
            or_(
                *(
                    column.contains(wanted, autoescape=True)
                    for column in (holder.c.name, deputy.c.name, posts.c.kind, areas.c.name)
                )
            )
        )
    return read_as(RosterLine, await tx.execute(lines))


async def has_demonstration_data(tx: Tx) -> bool:
    """Whether the made-up county is loaded."""
    return bool(await tx.scalar(select(exists().where(contacts.c.demonstration))))


async def newest_sent(tx: Tx, source: str, hazard: str, colour: str) -> datetime | None:
    """When the newest real warning of this source, hazard and colour was sent; None where there is none."""
    return await tx.scalar(
        select(func.max(issued_warnings.c.sent_at)).where(
            issued_warnings.c.source == source,
            issued_warnings.c.hazard == hazard,
            issued_warnings.c.colour == colour,
            issued_warnings.c.exercise.is_(False),
        )
    )


async def stranger_message(tx: Tx, item_id: UUID) -> StrangerMessage | None:
    """What came from a number, the number unmasked."""
    item = inbox_items.c
    said = func.coalesce(item.content["text"].astext, item.content["digits"].astext, "")
    rows = await tx.execute(
        select(
            item.id,
            item.received_at,
            item.from_number,
            said.label("said"),
            item.contact_id,
            contacts.c.name.label("contact_name"),
        )
        .outerjoin_from(inbox_items, contacts, contacts.c.id == item.contact_id)
        .where(item.id == item_id)
    )
    return next(iter(read_as(StrangerMessage, rows)), None)
