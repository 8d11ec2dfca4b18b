"""The sheet of a desk's month, read from the rows."""

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from jiaoying.duty.change_store import changes_of, is_one_of
from jiaoying.duty.days import Calendar
from jiaoying.duty.model import Desk
from jiaoying.duty.month_sheet import BY_HAND, Filing, MonthSheet, month_sheet, people_on_sheet
from jiaoying.duty.planning import plan_from_data
from jiaoying.duty.shift_hours import Hours
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import shifts_between
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contact_numbers, contacts, desks


async def load_month(
    tx: Tx,
    desk: Desk,
    month: date,
    zone: ZoneInfo,
    *,
    calendar: Calendar | None = None,
    filing: Filing = BY_HAND,
    whole_numbers: bool = True,
) -> MonthSheet:
    """The sheet of the month of a date, with everybody's preferred number; no columns where nobody stands.

    Whoever asks for whole numbers has it noted in the ledger.
    """
    begin, end = _span(month, zone)
    shifts = [each for each in await shifts_between(tx, [desk.id], begin, end) if each.starts_at >= begin]
    changes = await changes_of(tx, [shift.id for shift in shifts])
    ids = {shift.officer_id for shift in shifts} | {change.person_id for change in changes}
    ids |= {person for shift in shifts for person in (shift.leader_id, shift.second_id) if person}
    names, numbers = await _people(tx, ids)
    people = people_on_sheet(names, numbers, whole_numbers=whole_numbers)
    return month_sheet(desk.name, month, shifts, changes, people, calendar or Calendar(), zone, filing)


async def _people(tx: Tx, ids: set[UUID]) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Their names, and the number at which each is tried first."""
    found = await tx.execute(select(contacts.c.id, contacts.c.name).where(is_one_of(contacts.c.id, ids)))
    names = {row.id: row.name for row in found}
    found = await tx.execute(
        select(contact_numbers.c.contact_id, contact_numbers.c.number)
        .ext(distinct_on(contact_numbers.c.contact_id))
        .where(is_one_of(contact_numbers.c.contact_id, ids))
        .order_by(contact_numbers.c.contact_id, contact_numbers.c.preference, contact_numbers.c.number)
    )
    return names, {row.contact_id: row.number for row in found}


def _span(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first midnight of a month to that of the next one."""
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return moment_of(first, time(0), zone), moment_of(following, time(0), zone)


async def usual_hours(tx: Tx) -> dict[str, dict[str, Hours]]:
    """By desk and by shift: the hours that the rule of its rota gives them; where no rule is set, nothing."""
    found = await tx.execute(select(desks.c.name, desks.c.plan).where(desks.c.plan.is_not(None)))
    return {
        row.name: {
            each.name: Hours(each.begins, each.ends, int(each.ends <= each.begins))
            for each in plan_from_data(row.plan).times
        }
        for row in found
    }
