"""What calendars of shifts are made of, read from the rows."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Table, or_, select
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.duty.change_store import every_change_of, is_one_of
from jiaoying.duty.ical import CalendarRota
from jiaoying.duty.model import Shift
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import contacts, desks, shift_changes, shifts


async def rota_of_person(tx: Tx, person_id: UUID, begin: datetime, end: datetime) -> CalendarRota:
    """Every shift of a time in which somebody stands, or stood before it was changed."""
    changed = select(shift_changes.c.shift_id).where(shift_changes.c.person_id == person_id)
    planned = (shifts.c.officer_id, shifts.c.second_id, shifts.c.leader_id)
    return await _rota(
        tx, or_(*(column == person_id for column in planned), shifts.c.id.in_(changed)), begin, end
    )


async def rota_of_desk(tx: Tx, desk_id: UUID, begin: datetime, end: datetime) -> CalendarRota:
    """Every shift of a desk in a time."""
    return await _rota(tx, shifts.c.desk_id == desk_id, begin, end)


async def name_of_person(tx: Tx, person_id: UUID) -> str | None:
    """None for who is not on the roster, or not any more."""
    return await tx.scalar(
        select(contacts.c.name).where(contacts.c.id == person_id, contacts.c.retired_at.is_(None))
    )


async def name_of_desk(tx: Tx, desk_id: UUID) -> str | None:
    return await tx.scalar(select(desks.c.name).where(desks.c.id == desk_id))


async def _rota(tx: Tx, wanted: ColumnElement[bool], begin: datetime, end: datetime) -> CalendarRota:
    within = (wanted, shifts.c.starts_at < end, shifts.c.ends_at > begin)
    rows = await tx.execute(select(*columns_of(Shift, shifts)).where(*within).order_by(shifts.c.starts_at))
    kept = read_as(Shift, rows)
    rows = await tx.execute(select(shifts.c.id, shifts.c.replanned).where(*within))
    replanned = {row.id: tuple(row.replanned) for row in rows if row.replanned}
    changes = await every_change_of(tx, [shift.id for shift in kept])
    people = {person for shift in kept for person in (shift.officer_id, shift.leader_id, shift.second_id)}
    people |= {change.person_id for change in changes}
    names = await _names(tx, contacts, {person for person in people if person is not None})
    return CalendarRota(
        kept, changes, names, await _names(tx, desks, {shift.desk_id for shift in kept}), replanned
    )


async def _names(tx: Tx, table: Table, ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = await tx.execute(select(table.c.id, table.c.name).where(is_one_of(table.c.id, ids)))
    return {row.id: row.name for row in rows}
