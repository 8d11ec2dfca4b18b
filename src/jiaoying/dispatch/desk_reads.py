"""What a desk's pages show beside the board: the roster, and whether anything changed. Reads only."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, text

from jiaoying.kernel.areas import prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import (
    areas,
    call_outs,
    contacts,
    inbox_items,
    issued_warnings,
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
class PastCallOut:
    """How it went when somebody was called."""

    id: UUID
    headline: str
    exercise: bool
    state: str
    matched_at: datetime
    answered_at: datetime | None


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


async def past_call_outs(tx: Tx, contact_id: UUID, limit: int = 10) -> list[PastCallOut]:
    """The newest call-outs of a person, under whatever warning."""
    found = await tx.execute(
        select(
            *(call_outs.c[name] for name in ("id", "state", "matched_at", "answered_at")),
            issued_warnings.c.headline,
            issued_warnings.c.exercise,
        )
        .join(issued_warnings, issued_warnings.c.id == call_outs.c.warning_id)
        .where(call_outs.c.contact_id == contact_id)
        .order_by(call_outs.c.matched_at.desc(), call_outs.c.id)
        .limit(limit)
    )
    return read_as(PastCallOut, found)


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
