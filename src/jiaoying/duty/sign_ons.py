"""Sign-ons (签到): who has come to a shift, and shifts to which nobody has.

At desks whose rule wants it a watch is opened when a shift begins. It is `manned` when an officer of the
shift has signed on, `missed` while nobody has past the time that there is, `over` when the shift ended so.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.duty.actions import Doer
from jiaoying.duty.change_store import changes_of, is_one_of
from jiaoying.duty.model import Role, Shift
from jiaoying.duty.rota import standing_in
from jiaoying.duty.store import shifts_by_id
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_outs, desks, shift_watches, shifts, sign_ons

# By whom a shift counts as manned; that the leader has come does not put anybody at the telephone.
OFFICERS = (Role.OFFICER, Role.SECOND)


class WatchState(StrEnum):
    ASKED = "asked"
    MISSED = "missed"
    MANNED = "manned"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ShiftWatch:
    """Whether somebody has come to a shift; `call_id` is the duty call that asks them."""

    shift_id: UUID
    desk_id: UUID
    call_id: UUID | None
    state: WatchState
    asked_at: datetime
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignOn:
    """Somebody has come; `how` is `page`, or as they answered: `reply`, `key`, `hand`, `link`."""

    id: UUID
    shift_id: UUID
    role: Role
    person_id: UUID
    at: datetime
    how: str
    noted_by: str


async def begun_unwatched(tx: Tx, now: datetime) -> list[Shift]:
    """Shifts that run and are to be signed on to, and that nobody watches yet; locked."""
    watched = exists().where(shift_watches.c.shift_id == shifts.c.id)
    rows = await tx.execute(
        select(*columns_of(Shift, shifts))
        .join(desks, desks.c.id == shifts.c.desk_id)
        .where(
            shifts.c.starts_at <= now,
            shifts.c.ends_at > now,
            desks.c.plan["signs_on"].as_boolean(),
            ~watched,
        )
        .order_by(shifts.c.starts_at, shifts.c.id)
        .with_for_update(of=shifts, skip_locked=True, key_share=True)
    )
    return read_as(Shift, rows)


async def open_watch(tx: Tx, watch: ShiftWatch) -> bool:
    """Begin to watch a shift; False where somebody does already."""
    opened = await tx.execute(
        upsert(shift_watches)
        .values(asdict(watch))
        .on_conflict_do_nothing(index_elements=["shift_id"])
        .returning(shift_watches.c.shift_id)
    )
    return opened.one_or_none() is not None


async def claim_due(tx: Tx, now: datetime, limit: int) -> list[ShiftWatch]:
    """Watches whose moment has come, or under whose call somebody answered who has not signed on; locked."""
    has_signed = exists().where(
        sign_ons.c.shift_id == shift_watches.c.shift_id, sign_ons.c.person_id == call_outs.c.contact_id
    )
    heard = exists().where(
        call_outs.c.warning_id == shift_watches.c.call_id,
        (call_outs.c.state == "answered") & ~has_signed
        | (call_outs.c.state == "declined") & (shift_watches.c.state == WatchState.ASKED),
    )
    is_open = shift_watches.c.next_at.is_not(None)
    rows = await tx.execute(
        select(*columns_of(ShiftWatch, shift_watches))
        .where(is_open, (shift_watches.c.next_at <= now) | heard)
        .order_by(shift_watches.c.next_at, shift_watches.c.shift_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return read_as(ShiftWatch, rows)


async def move_watch(tx: Tx, shift_id: UUID, state: WatchState, next_at: datetime | None) -> None:
    """Another state, or another look."""
    await tx.execute(
        update(shift_watches).where(shift_watches.c.shift_id == shift_id).values(state=state, next_at=next_at)
    )


async def watches_of(tx: Tx, shift_ids: Collection[UUID]) -> dict[UUID, ShiftWatch]:
    """By shift, where there is one."""
    rows = await tx.execute(
        select(*columns_of(ShiftWatch, shift_watches)).where(is_one_of(shift_watches.c.shift_id, shift_ids))
    )
    return {watch.shift_id: watch for watch in read_as(ShiftWatch, rows)}


async def sign_ons_of(tx: Tx, shift_ids: Collection[UUID]) -> dict[UUID, list[SignOn]]:
    """By shift, in the order in which they came."""
    rows = await tx.execute(
        select(*columns_of(SignOn, sign_ons))
        .where(is_one_of(sign_ons.c.shift_id, shift_ids))
        .order_by(sign_ons.c.at, sign_ons.c.id)
    )
    found: dict[UUID, list[SignOn]] = {}
    for one in read_as(SignOn, rows):
        found.setdefault(one.shift_id, []).append(one)
    return found


async def sign_on(tx: Tx, shift_id: UUID, person_id: UUID, doer: Doer, *, how: str = "page") -> SignOn:
    """Note that somebody has come to a shift that runs; their first word counts.

    Raises Refusal where the shift does not run, or they do not stand in it.
    """
    shift = next(iter(await shifts_by_id(tx, [shift_id])), None)
    if shift is None or not shift.starts_at <= doer.now < shift.ends_at:
        raise Refusal(say("This shift does not run now: nobody can sign on to it"))
    standing = standing_in(shift, await changes_of(tx, [shift_id]), doer.now)
    role = next((role for role in Role if standing.person_in(role) == person_id), None)
    if role is None:
        raise Refusal(
            say("They do not stand in this shift: put them in first, in the rota, then they can sign on")
        )
    return await _note(
        tx, SignOn(new_id(doer.now), shift_id, role, person_id, doer.now, how, doer.actor), shift
    )


async def _note(tx: Tx, new: SignOn, shift: Shift) -> SignOn:
    before = [
        one for one in (await sign_ons_of(tx, [shift.id])).get(shift.id, []) if one.person_id == new.person_id
    ]
    if before:
        return before[0]
    await tx.execute(insert(sign_ons).values(asdict(new)))
    # Looked at at once: an officer who has come ends the asking.
    await tx.execute(
        update(shift_watches)
        .where(shift_watches.c.shift_id == shift.id, shift_watches.c.next_at > new.at)
        .values(next_at=new.at)
    )
    facts = {
        "shift": str(shift.id),
        "desk_id": str(shift.desk_id),
        "role": new.role,
        "how": new.how,
        "late_s": max(0, int((new.at - shift.starts_at).total_seconds())),
    }
    entry = Entry(new.at, "shift.signed_on", new.noted_by, contact_id=new.person_id, facts=facts)
    await append_entries(tx, [entry])
    return new


async def note_answer(tx: Tx, shift: Shift, person_id: UUID, how: str, at: datetime) -> SignOn | None:
    """Whoever answered the text or the call of the start has come, in the role in which they stand then."""
    standing = standing_in(shift, await changes_of(tx, [shift.id]), at)
    role = next((role for role in Role if standing.person_in(role) == person_id), None)
    if role is None:
        return None
    return await _note(tx, SignOn(new_id(at), shift.id, role, person_id, at, how, "presence"), shift)
