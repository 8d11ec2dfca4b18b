"""Rows of desks and shifts, read and written."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, bindparam, func, insert, literal, or_, select, union_all, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.duty.change_store import changes_of, is_one_of
from jiaoying.duty.model import Desk, NobodyOnDuty, Shift, Standing
from jiaoying.duty.rota import resolve
from jiaoying.kernel.areas import ancestors_of, prefix_of
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import Moment, desks, handovers, shift_watches, shifts

# One writer of rotas at a time: two would each see no overlap.
_ROTA_LOCK = 7_201_402
# What a plan says anew of a shift that is there.
_PLANNED = ("ends_at", "officer_id", "leader_id", "second_id", "name")


@dataclass(frozen=True, slots=True)
class ShiftsSaved:
    """How many shifts were written; a repeated save only counts `unchanged`."""

    added: int
    changed: int
    unchanged: int


async def lock_rota(tx: Tx) -> None:
    """Wait until no other transaction writes shifts; held to the end of this one."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ROTA_LOCK)))


async def all_desks(tx: Tx) -> list[Desk]:
    """Every desk, by area and name."""
    found = await tx.execute(select(*columns_of(Desk, desks)).order_by(desks.c.area_code, desks.c.name))
    return read_as(Desk, found)


async def desk_by_id(tx: Tx, desk_id: UUID) -> Desk | None:
    found = await tx.execute(select(*columns_of(Desk, desks)).where(desks.c.id == desk_id))
    return next(iter(read_as(Desk, found)), None)


async def desks_with_shifts(tx: Tx) -> set[UUID]:
    """The desks that have, or had, a rota."""
    return set((await tx.execute(select(shifts.c.desk_id).distinct())).scalars())


async def desks_of(tx: Tx, area_codes: Iterable[str]) -> list[Desk]:
    """The desks that answer for these areas: at them, inside them, and at the units above them."""
    codes = set(area_codes)
    above = sorted(codes | {step for code in codes for step in ancestors_of(code)})
    inside = bindparam("inside", [prefix_of(code) + "%" for code in sorted(codes)], type_=ARRAY(Text))
    at_or_above = bindparam("above", above, type_=ARRAY(Text))
    found = await tx.execute(
        select(*columns_of(Desk, desks))
        .where(or_(desks.c.area_code.like(func.any(inside)), desks.c.area_code == func.any(at_or_above)))
        .order_by(desks.c.area_code, desks.c.name)
    )
    return read_as(Desk, found)


async def desks_under(tx: Tx, area_code: str, home_area: str) -> list[Desk]:
    """Every desk at and under an area but those of the territory itself: our own is among them."""
    found = await tx.execute(
        select(*columns_of(Desk, desks))
        .where(desks.c.area_code.like(prefix_of(area_code) + "%"), desks.c.area_code != home_area)
        .order_by(desks.c.area_code, desks.c.name)
    )
    return read_as(Desk, found)


async def who_stands(tx: Tx, desk_ids: Sequence[UUID], now: datetime) -> dict[UUID, Standing | NobodyOnDuty]:
    """For each desk: who stands there at `now`, or why nobody. Unknown desks are left out."""
    wanted = is_one_of(desks.c.id, desk_ids)
    found = read_as(Desk, await tx.execute(select(*columns_of(Desk, desks)).where(wanted)))
    near = await _shifts_near(tx, desk_ids, now)
    changes = await changes_of(tx, [shift.id for of_desk in near.values() for shift in of_desk])
    return {desk.id: resolve(desk, near.get(desk.id, ()), now, changes) for desk in found}


async def shifts_between(tx: Tx, desk_ids: Iterable[UUID], begin: datetime, end: datetime) -> list[Shift]:
    """The shifts of these desks that touch the time from `begin` up to `end`, in order."""
    found = await tx.execute(
        select(*columns_of(Shift, shifts))
        .where(is_one_of(shifts.c.desk_id, desk_ids), shifts.c.starts_at < end, shifts.c.ends_at > begin)
        .order_by(shifts.c.starts_at, shifts.c.id)
    )
    return read_as(Shift, found)


async def first_shift_at(tx: Tx, desk_id: UUID) -> datetime | None:
    """When the rota of a desk begins; None where it has none."""
    return await tx.scalar(select(func.min(shifts.c.starts_at)).where(shifts.c.desk_id == desk_id))


async def all_shifts_between(tx: Tx, begin: datetime, end: datetime) -> list[Shift]:
    """The shifts of every desk that touch the time from `begin` up to `end`, in order."""
    found = await tx.execute(
        select(*columns_of(Shift, shifts))
        .where(shifts.c.starts_at < end, shifts.c.ends_at > begin)
        .order_by(shifts.c.starts_at, shifts.c.id)
    )
    return read_as(Shift, found)


async def shifts_by_id(tx: Tx, ids: Iterable[UUID]) -> list[Shift]:
    """These shifts, in order of time; unknown ones are left out."""
    found = await tx.execute(
        select(*columns_of(Shift, shifts))
        .where(is_one_of(shifts.c.id, ids))
        .order_by(shifts.c.starts_at, shifts.c.id)
    )
    return read_as(Shift, found)


async def save_shifts(tx: Tx, wanted: Sequence[Shift], *, now: datetime, actor: str) -> ShiftsSaved:
    """Write shifts that do not overlap. One with the same desk and start as a stored one replaces it."""
    stored = await _shifts_with_starts(tx, wanted)
    new = [shift for shift in wanted if (shift.desk_id, shift.starts_at) not in stored]
    same_start = [
        (stored[shift.desk_id, shift.starts_at], shift)
        for shift in wanted
        if (shift.desk_id, shift.starts_at) in stored
    ]
    changed = [replace(after, id=before.id) for before, after in same_start]
    changed = [shift for shift in changed if stored[shift.desk_id, shift.starts_at] != shift]
    if new:
        await tx.execute(insert(shifts), [asdict(shift) for shift in new])
    if changed:
        await tx.execute(
            update(shifts)
            .where(shifts.c.id == bindparam("the_id"))
            .values(
                **{name: bindparam(f"new_{name}") for name in _PLANNED},
                replanned=func.array_append(shifts.c.replanned, literal(now, Moment)),
            ),
            [
                {"the_id": shift.id, **{f"new_{name}": getattr(shift, name) for name in _PLANNED}}
                for shift in changed
            ],
        )
        await _look_anew(tx, [shift.id for shift in changed], now)
    await append_entries(
        tx,
        [_entry("shift.added", shift, now, actor) for shift in new]
        + [_entry("shift.changed", shift, now, actor) for shift in changed],
    )
    return ShiftsSaved(len(new), len(changed), len(same_start) - len(changed))


async def _look_anew(tx: Tx, shift_ids: Sequence[UUID], now: datetime) -> None:
    """Whoever waits for the end of these shifts looks at once whether it is another now."""
    for table in (shift_watches, handovers):
        of_them = is_one_of(table.c.shift_id, shift_ids)
        await tx.execute(update(table).where(of_them, table.c.next_at > now).values(next_at=now))


async def save_desk(
    tx: Tx, area_code: str, name: str, fallback_contact_id: UUID | None, *, now: datetime, actor: str
) -> Desk:
    """The desk of this name, made if there is none; a fallback that is given replaces the old one."""
    found = read_as(Desk, await tx.execute(select(*columns_of(Desk, desks)).where(desks.c.name == name)))
    if found and fallback_contact_id in (None, found[0].fallback_contact_id):
        return found[0]
    if found:
        desk = replace(found[0], fallback_contact_id=fallback_contact_id)
        await tx.execute(
            update(desks).where(desks.c.id == desk.id).values(fallback_contact_id=fallback_contact_id)
        )
    else:
        desk = Desk(new_id(now), area_code, name, fallback_contact_id)
        await tx.execute(insert(desks).values(asdict(desk)))
    facts = {"desk_id": str(desk.id), "area_code": desk.area_code, "name": name}
    event = "desk.changed" if found else "desk.added"
    await append_entries(tx, [Entry(now, event, actor, contact_id=desk.fallback_contact_id, facts=facts)])
    return desk


async def _shifts_near(tx: Tx, desk_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[Shift]]:
    """Of each desk: the shifts of this moment, the last one before and the first one after."""
    of_desks = is_one_of(shifts.c.desk_id, desk_ids)

    def nearest(condition: ColumnElement[bool], order: Any) -> Any:
        chosen = (
            select(*columns_of(Shift, shifts))
            .ext(distinct_on(shifts.c.desk_id))
            .where(of_desks, condition)
            .order_by(shifts.c.desk_id, order)
        )
        return select(chosen.subquery())

    standing = select(*columns_of(Shift, shifts)).where(
        of_desks, shifts.c.starts_at <= now, shifts.c.ends_at > now
    )
    before = nearest(shifts.c.ends_at <= now, shifts.c.ends_at.desc())
    after = nearest(shifts.c.starts_at > now, shifts.c.starts_at.asc())
    near: dict[UUID, list[Shift]] = {}
    for shift in read_as(Shift, await tx.execute(union_all(standing, before, after))):
        near.setdefault(shift.desk_id, []).append(shift)
    return near


async def _shifts_with_starts(tx: Tx, wanted: Sequence[Shift]) -> dict[tuple[UUID, datetime], Shift]:
    found = await tx.execute(
        select(*columns_of(Shift, shifts)).where(
            is_one_of(shifts.c.desk_id, [shift.desk_id for shift in wanted]),
            shifts.c.starts_at.in_([shift.starts_at for shift in wanted]),
        )
    )
    return {(shift.desk_id, shift.starts_at): shift for shift in read_as(Shift, found)}


def _entry(event: str, shift: Shift, now: datetime, actor: str) -> Entry:
    facts = {
        "shift_id": str(shift.id),
        "desk_id": str(shift.desk_id),
        "starts_at": shift.starts_at.isoformat(),
        "ends_at": shift.ends_at.isoformat(),
        "leader_id": str(shift.leader_id) if shift.leader_id else None,
        **({"second_id": str(shift.second_id)} if shift.second_id else {}),
    }
    return Entry(now, event, actor, contact_id=shift.officer_id, facts=facts)
