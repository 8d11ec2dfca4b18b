"""Loading the demonstration county: areas, outline, people, desks, and a rota that reaches ahead."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.importing.at_once import import_roster_file
from jiaoying.contacts.model import ContactKind
from jiaoying.contacts.store import find_or_add_people
from jiaoying.demonstration.data_files import (
    AREAS,
    BOUNDARY,
    ROSTER,
    DeskLine,
    demonstration_desks,
    demonstration_file,
)
from jiaoying.demonstration.people import COUNTY
from jiaoying.dispatch.response.book import plans_in_force, save_plans
from jiaoying.dispatch.response.reading import ready_made_text
from jiaoying.duty.model import Desk, Shift
from jiaoying.duty.rota import without_overlaps
from jiaoying.duty.store import lock_rota, save_desk, save_shifts, shifts_between
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.locality import Locality
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import posts

DAYS = 14  # from yesterday's shift on
CHANGE_OF_SHIFT = time(8, 30)
LOOK_BACK = timedelta(days=366)  # for what a desk's rota already holds
# The rota of this desk ran out, so that its fixed number is seen at work.
FORGOTTEN_DESK = "140521206000"
ACTOR = "demonstration"


async def load_demonstration(database: Database, now: datetime, timezone: ZoneInfo) -> None:
    """Bring the demonstration county up to `now`.

    Safe at every start: what is there stays as it is, the people are loaded once, and the rota is
    continued by the days that have passed.
    """
    locality = Locality(COUNTY, "0356", timezone)
    for name in (AREAS, BOUNDARY):
        await import_area_file(database, demonstration_file(name), now=now, actor=ACTOR)
    if not await _has_people(database):
        await import_roster_file(
            database, demonstration_file(ROSTER), locality=locality, now=now, demonstration=True, actor=ACTOR
        )
    async with database.transaction() as tx:
        if (await plans_in_force(tx))[1] is None:
            await save_plans(tx, ready_made_text(), by=ACTOR, now=now)
    async with database.transaction() as tx:
        await lock_rota(tx)
        for desk in demonstration_desks():
            await _load_desk(tx, desk, now, timezone)


def shift_begins(now: datetime, timezone: ZoneInfo) -> list[tuple[datetime, int]]:
    """The begin of each shift that the rota should hold, with a number that turns from day to day."""
    yesterday = now.astimezone(timezone).date() - timedelta(days=1)
    days = (yesterday + timedelta(days=place) for place in range(DAYS + 1))
    return [(datetime.combine(day, CHANGE_OF_SHIFT, timezone), day.toordinal()) for day in days]


async def _has_people(database: Database) -> bool:
    async with database.transaction() as tx:
        return bool(await tx.scalar(select(exists().where(posts.c.demonstration))))


async def _load_desk(tx: Tx, line: DeskLine, now: datetime, timezone: ZoneInfo) -> None:
    (fallback,) = await find_or_add_people(
        tx,
        [(line.name, line.number)],
        now=now,
        note="演示数据",
        actor=ACTOR,
        kind=ContactKind.DESK,
        demonstration=True,
    )
    people = await find_or_add_people(
        tx, [*line.officers, *line.leaders], now=now, note="值班员", actor=ACTOR, demonstration=True
    )
    ids = [found for found in people if found is not None]
    officers, leaders = ids[: len(line.officers)], ids[len(line.officers) :]
    desk = await save_desk(tx, line.area_code, line.name, fallback, now=now, actor=ACTOR)
    wanted = _shifts(desk, officers, leaders, now, timezone)
    stored = await shifts_between(tx, [desk.id], now - LOOK_BACK, wanted[-1].ends_at)
    if stored and desk.area_code == FORGOTTEN_DESK:
        return
    # Who changed a shift by hand finds it unchanged after the next start.
    taken = {shift.starts_at for shift in stored}
    missing, _ = without_overlaps([shift for shift in wanted if shift.starts_at not in taken], stored)
    await save_shifts(tx, missing, now=now, actor=ACTOR)


def _shifts(
    desk: Desk, officers: Sequence[UUID], leaders: Sequence[UUID], now: datetime, timezone: ZoneInfo
) -> list[Shift]:
    begins = shift_begins(now, timezone)
    if desk.area_code == FORGOTTEN_DESK:
        begins = [(begin - timedelta(days=3), turn) for begin, turn in begins[:1]]
    return [
        Shift(
            id=new_id(now),
            desk_id=desk.id,
            starts_at=begin,
            ends_at=begin + timedelta(days=1),
            officer_id=officers[turn % len(officers)],
            leader_id=leaders[turn % len(leaders)],
        )
        for begin, turn in begins
    ]
