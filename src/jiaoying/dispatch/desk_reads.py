"""What a desk's pages show beside the board: the roster, and whether anything changed. Reads only."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, literal, or_, select

from jiaoying.kernel.areas import prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    inbox_items,
    issued_warnings,
    ledger_lines,
    posts,
)


@dataclass(frozen=True, slots=True)
class StrangerMessage:
    """A text, key press or call, and the number that it came from."""

    id: UUID
    received_at: datetime
    from_number: str | None
    said: str


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


async def newest_line(tx: Tx, warning_id: UUID | None) -> UUID | None:
    """The newest line of the ledger, of one warning or of all: whether anything changed since a look."""
    newest = select(ledger_lines.c.id).order_by(ledger_lines.c.id.desc()).limit(1)
    if warning_id is not None:
        newest = newest.where(ledger_lines.c.warning_id == warning_id)
    return await tx.scalar(newest)


async def townships_of(tx: Tx, home_area: str) -> list[tuple[str, str]]:
    """Code and name of each township of the territory."""
    rows = await tx.execute(
        select(areas.c.code, areas.c.name)
        .where(areas.c.level == "township", areas.c.code.startswith(prefix_of(home_area)))
        .order_by(areas.c.code)
    )
    return [(row.code, row.name) for row in rows]


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
    """What came from a number that nobody on the roster has, the number unmasked."""
    item = inbox_items.c
    said = func.coalesce(item.content["text"].astext, item.content["digits"].astext, "")
    rows = await tx.execute(
        select(item.id, item.received_at, item.from_number, said.label("said")).where(item.id == item_id)
    )
    return next(iter(read_as(StrangerMessage, rows)), None)
