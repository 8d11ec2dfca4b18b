"""What `jiaoying check` looks at beyond the settings: is everything in order to call people now?"""

from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select

from jiaoying.dispatch.ladders.book import book_now, check_book
from jiaoying.dispatch.ladders.findings import errors_of
from jiaoying.dispatch.store.holds import home_desk
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.migrate import schema_is_current, serving_role_complaints
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    desks,
    posts,
    shifts,
    warning_sources,
)
from jiaoying.templates.check import check_wordings
from jiaoying.templates.store import wordings_in_force
from jiaoying.warnings.feeds.checking import source_complaints


async def complaints_of(
    database: Database, home_area: str, now: datetime, source_key: str
) -> list[Complaint]:
    """Everything that would keep somebody from being called, a sentence each."""
    async with database.transaction() as tx:
        if not await schema_is_current(tx):
            return [Complaint("schema", "database", say("The schema is old: run `jiaoying migrate`"))]
        found = list(await serving_role_complaints(tx))
        async with wordings_in_force(tx):
            found += [Complaint("wording", "wordings", text) for text in check_wordings()]
        found += await _ladder_complaints(tx, now)
        found += await _roster_complaints(tx, home_area)
        found += await _desk_complaints(tx, now)
        found += await _hold_complaints(tx, home_area)
        found += await source_complaints(tx, source_key, now, wall_now())
    return found


async def _ladder_complaints(tx: Tx, now: datetime) -> list[Complaint]:
    """What would lose somebody; what may be meant is shown on the page of the ladders."""
    try:
        checked = await check_book(tx, await book_now(tx), now.date())
    except Refusal as refusal:
        return list(refusal.complaints)
    return [Complaint("ladder", one.field, checked.told(one)) for one in errors_of(checked.findings)]


async def _roster_complaints(tx: Tx, home_area: str) -> list[Complaint]:
    if await tx.scalar(select(areas.c.code).where(areas.c.code == home_area)) is None:
        text = say("The home area {code} is not in the table: import the division codes", code=home_area)
        return [Complaint("no_home_area", "areas", text)]
    found: list[Complaint] = []
    unheld = await tx.scalar(select(func.count()).where(posts.c.holder_id.is_(None)))
    if unheld:
        text = say("{count} posts are held by nobody: import a current roster", count=unheld)
        found.append(Complaint("post_unheld", "posts", text))
    has_number = exists().where(contact_numbers.c.contact_id == contacts.c.id)
    mute = await tx.scalar(
        select(func.count(func.distinct(contacts.c.id)))
        .join(posts, or_(posts.c.holder_id == contacts.c.id, posts.c.deputy_id == contacts.c.id))
        .where(~has_number)
    )
    if mute:
        text = say("{count} people with a post have no number: they cannot be called", count=mute)
        found.append(Complaint("no_number", "contacts", text))
    return found


async def _desk_complaints(tx: Tx, now: datetime) -> list[Complaint]:
    """Desks at which nobody stands within a day, and that have no fixed number either."""
    covered = exists().where(
        shifts.c.desk_id == desks.c.id,
        shifts.c.starts_at <= now + timedelta(days=1),
        shifts.c.ends_at > now,
    )
    rows = await tx.execute(
        select(desks.c.name)
        .where(~covered, desks.c.fallback_contact_id.is_(None))
        .order_by(desks.c.area_code)
    )
    return [
        Complaint(
            "desk_empty",
            row.name,
            say("{desk} has nobody on duty and no fixed number: import a rota", desk=row.name),
        )
        for row in rows
    ]


async def _hold_complaints(tx: Tx, home_area: str) -> list[Complaint]:
    """Sources that hold warnings, where the territory has no desk whose leader could be called to decide."""
    if await home_desk(tx, home_area) is not None:
        return []
    rows = await tx.execute(
        select(warning_sources.c.name)
        .where(warning_sources.c.enabled, warning_sources.c.hold_s != {})
        .order_by(warning_sources.c.name)
    )
    text = say("It holds warnings, and no duty desk of the territory could be called: import a rota for one")
    return [Complaint("hold_without_desk", row.name, text) for row in rows]
