"""The rota of some weeks filled by its rule, looked at, and put in force."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select, update

from jiaoying.duty import change_store
from jiaoying.duty.actions import Doer
from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.checking import Fault, Quality, everybody, faults_of, quality_of
from jiaoying.duty.constraints import Objection, Stint
from jiaoying.duty.days import Calendar
from jiaoying.duty.deputies import DEPUTY
from jiaoying.duty.desk_plans import plans_of
from jiaoying.duty.filling import Filled, Members, Place, blocks_of, fill, places_of, suggest
from jiaoying.duty.model import Role, Shift
from jiaoying.duty.planning import DeskPlan, plan_as_data, shifts_from, stints_in
from jiaoying.duty.shift_times import ShiftTime, Slot, moment_of, slots
from jiaoying.duty.store import (
    ShiftsSaved,
    all_shifts_between,
    lock_rota,
    save_shifts,
    shifts_between,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contacts, desk_members, desks

LONGEST_FILLING = timedelta(days=92)
_NEARBY = timedelta(days=10)  # a run of holidays, and rest before and after


@dataclass(frozen=True, slots=True)
class Draft:
    """What filling a desk's rota comes to; nothing is in force."""

    filled: Filled
    shifts: Sequence[Shift]


@dataclass(frozen=True, slots=True)
class Looked:
    """The rota of a desk in some weeks: what is wrong with it and how good it is."""

    faults: Sequence[Fault]
    quality: Quality


# --- the rule ---


async def members_of(tx: Tx, desk_ids: Collection[UUID]) -> dict[UUID, Members]:
    """Who takes turns at each desk, those off the roster left out; second officers are officers."""
    rows = await tx.execute(
        select(desk_members.c.desk_id, desk_members.c.role, desk_members.c.person_id)
        .join(contacts, contacts.c.id == desk_members.c.person_id)
        .where(
            is_one_of(desk_members.c.desk_id, desk_ids),
            desk_members.c.role != DEPUTY,
            contacts.c.retired_at.is_(None),
        )
        .order_by(desk_members.c.position, desk_members.c.person_id)
    )
    found: dict[UUID, dict[Role, list[UUID]]] = {
        desk_id: {Role.OFFICER: [], Role.LEADER: []} for desk_id in desk_ids
    }
    for row in rows:
        found[row.desk_id][Role(row.role)].append(row.person_id)
    return {
        desk_id: Members(desk_id, {**by_role, Role.SECOND: by_role[Role.OFFICER]})
        for desk_id, by_role in found.items()
    }


async def rule_of(tx: Tx, desk_id: UUID) -> tuple[DeskPlan, Members]:
    """One desk's rule, and who takes turns there. Raises Refusal for a desk that is not there."""
    plans = await plans_of(tx, [desk_id])
    if desk_id not in plans:
        raise Refusal(say("This desk is not there any more"))
    return plans[desk_id], (await members_of(tx, [desk_id]))[desk_id]


async def set_plan(
    tx: Tx,
    desk_id: UUID,
    plan: DeskPlan,
    members: Mapping[Role, Sequence[UUID]],
    doer: Doer,
    *,
    deputies: Sequence[UUID] = (),
) -> None:
    """Set the rule of a desk's rota, who takes turns there, by role and in order, and its deputies."""
    await lock_rota(tx)
    await tx.execute(update(desks).where(desks.c.id == desk_id).values(plan=plan_as_data(plan)))
    await tx.execute(delete(desk_members).where(desk_members.c.desk_id == desk_id))
    by_role = {role: members.get(role, ()) for role in (Role.OFFICER, Role.LEADER)}
    rows = [
        {"desk_id": desk_id, "role": role, "person_id": person_id, "position": position}
        for role, people in {**by_role, DEPUTY: deputies}.items()
        for position, person_id in enumerate(dict.fromkeys(people))
    ]
    if rows:
        await tx.execute(insert(desk_members), rows)
    facts: dict[str, object] = {
        "desk_id": str(desk_id),
        "plan": plan_as_data(plan),
        "members": {role: [str(row["person_id"]) for row in rows if row["role"] == role] for role in members},
        "deputies": [str(person_id) for person_id in dict.fromkeys(deputies)],
    }
    await append_entries(tx, [Entry(doer.now, "desk.planned", doer.actor, facts=facts)])


# --- filling ---


async def draft(tx: Tx, desk_id: UUID, first: date, last: date, now: datetime, zone: ZoneInfo) -> Draft:
    """Fill the days from `first` to `last` by the rule; what is in force there already stays."""
    (plan, members), calendar = await rule_of(tx, desk_id), Calendar()
    begin, end = _span(first, last, zone)
    in_force = await shifts_between(tx, [desk_id], begin, end)
    wanted = [
        slot
        for slot in slots(plan.times, zone, first, last)
        if _is_free(slot.starts_at, slot.ends_at, in_force)
    ]
    places = places_of(wanted, second_on=await _sensitive(tx, first, last))
    leaves = [kept.leave for kept in await change_store.leaves_between(tx, begin, end)]
    history = await _history(tx, desk_id, begin, end, zone)
    blocks = blocks_of(places, plan.by_week)
    # Three months of a large desk take half a second: nobody else's page waits for it.
    filled = await asyncio.to_thread(
        fill, blocks, members, history, calendar, leaves=leaves, rules=plan.rules
    )
    return Draft(filled, shifts_from(filled.taken, desk_id, now))


async def put_in_force(tx: Tx, shifts: Sequence[Shift], doer: Doer) -> ShiftsSaved:
    """The shifts of a draft, all of one desk, stand from now on; what came between since is left as it is."""
    await lock_rota(tx)
    if not shifts:
        return ShiftsSaved(0, 0, 0)
    begin, end = min(each.starts_at for each in shifts), max(each.ends_at for each in shifts)
    in_force = await shifts_between(tx, {each.desk_id for each in shifts}, begin, end)
    free = [each for each in shifts if _is_free(each.starts_at, each.ends_at, in_force)]
    return await save_shifts(tx, free, now=doer.now, actor=doer.actor)


async def suggestions(
    tx: Tx, shift: Shift, role: Role, zone: ZoneInfo
) -> list[tuple[UUID, tuple[Objection, ...]]]:
    """Who could stand in a shift instead, the least burdened first, and what speaks against each."""
    plan, members = await rule_of(tx, shift.desk_id)
    history = await _history(tx, shift.desk_id, shift.starts_at, shift.ends_at, zone)
    leaves = [kept.leave for kept in await change_store.leaves_between(tx, shift.starts_at, shift.ends_at)]
    begins, ends = shift.starts_at.astimezone(zone), shift.ends_at.astimezone(zone)
    time_of = ShiftTime(shift.name, begins.time(), ends.time())
    place = Place(Slot(begins.date(), time_of, shift.starts_at, shift.ends_at), role)
    return suggest((place,), members, history, Calendar(), leaves=leaves, rules=plan.rules)


def _is_free(begin: datetime, end: datetime, shifts: Sequence[Shift]) -> bool:
    return not any(each.starts_at < end and begin < each.ends_at for each in shifts)


# --- looking ---


async def look_at(
    tx: Tx, desk_ids: Collection[UUID], first: date, last: date, zone: ZoneInfo
) -> dict[UUID, Looked]:
    """What is wrong with the rotas of these desks from `first` to `last`, and how good each is."""
    begin, end = _span(first, last, zone)
    around = everybody(await _stints(tx, begin - _NEARBY, end + _NEARBY, zone))
    leaves = [kept.leave for kept in await change_store.leaves_between(tx, begin, end)]
    sensitive, calendar = await _sensitive(tx, first, last), Calendar()
    gaps = await change_store.meant_gaps_between(tx, desk_ids, begin, end)
    plans, members = await plans_of(tx, desk_ids), await members_of(tx, desk_ids)
    found: dict[UUID, Looked] = {}
    for desk_id, plan in plans.items():
        meant = [(gap.starts_at, gap.ends_at) for gap in gaps if gap.desk_id == desk_id]
        faults = faults_of(
            desk_id,
            around,
            (begin, end),
            meant=meant,
            leaves=leaves,
            two_on=sensitive,
            rules=plan.rules,
            calendar=calendar,
        )
        by_role = members[desk_id].by_role
        taking_turns = {role: by_role[role] for role in (Role.OFFICER, Role.LEADER)}
        quality = quality_of(desk_id, around, (begin, end), taking_turns, calendar, meant=meant)
        found[desk_id] = Looked(faults, quality)
    return found


async def _history(tx: Tx, desk_id: UUID, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Stint]:
    """The desk's own stints of the year, and those of all desks around the span."""
    new_year = moment_of(date(begin.astimezone(zone).year, 1, 1), time(0), zone)
    own = await shifts_between(tx, [desk_id], new_year, end + _NEARBY)
    around = await all_shifts_between(tx, begin - _NEARBY, end + _NEARBY)
    together = {shift.id: shift for shift in (*own, *around)}
    changes = await change_store.changes_of(tx, together)
    return stints_in(together.values(), changes, zone)


async def _stints(tx: Tx, begin: datetime, end: datetime, zone: ZoneInfo) -> list[Stint]:
    shifts = await all_shifts_between(tx, begin, end)
    return stints_in(shifts, await change_store.changes_of(tx, [shift.id for shift in shifts]), zone)


async def _sensitive(tx: Tx, first: date, last: date) -> set[date]:
    return {
        each.first + timedelta(days=number)
        for each in await change_store.sensitive_between(tx, first, last)
        for number in range((each.last - each.first).days + 1)
    }


def _span(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first midnight to the one after the last day."""
    return moment_of(first, time(0), zone), moment_of(last + timedelta(days=1), time(0), zone)
