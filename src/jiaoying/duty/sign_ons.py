"""Sign-ons (签到): who has come to a shift, and shifts to which nobody has.

At desks whose rule wants it a watch is opened when a shift begins. It is `manned` when an officer of the
shift has signed on, `missed` while nobody has past the time that there is, `over` when the shift ended so.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import exists, func, select, true, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.duty.actions import Doer
from jiaoying.duty.change_store import changes_of, is_one_of
from jiaoying.duty.model import Role, Shift
from jiaoying.duty.rota import LONGEST_SHIFT, standing_in
from jiaoying.duty.store import shifts_by_id
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_outs, contacts, desks, shift_watches, shifts, sign_ons

# By whom a shift counts as manned; that the leader has come does not put anybody at the telephone.
OFFICERS = (Role.OFFICER, Role.SECOND)
# Who takes over so long before the shift is there for it. Our choice: they come ten minutes before.
EARLIEST = timedelta(hours=1)


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


@dataclass(frozen=True, slots=True)
class ShiftAnswer:
    """Somebody answered the call of a shift: `how` as they did."""

    shift_id: UUID
    person_id: UUID
    how: str
    at: datetime


async def begun_unwatched(tx: Tx, now: datetime, only: UUID | None = None) -> list[Shift]:
    """Shifts that run and are to be signed on to, and that nobody watches yet, or one of them; locked."""
    watched = exists().where(shift_watches.c.shift_id == shifts.c.id)
    rows = await tx.execute(
        select(*columns_of(Shift, shifts))
        .join(desks, desks.c.id == shifts.c.desk_id)
        .where(
            shifts.c.starts_at <= now,
            shifts.c.ends_at > now,
            desks.c.plan["signs_on"].as_boolean(),
            ~watched,
            true() if only is None else shifts.c.id == only,
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


async def unsigned_answers(tx: Tx, now: datetime, only: UUID | None = None) -> list[ShiftAnswer]:
    """Everybody who answered the call of a shift and has not signed on, the earliest first.

    Of each shift all who answered, and not only the first: on some days two officers stand, and the leader
    may answer before either.
    """
    person = func.coalesce(contacts.c.merged_into_id, contacts.c.id)
    has_signed = exists().where(
        sign_ons.c.shift_id == shift_watches.c.shift_id, sign_ons.c.person_id == person
    )
    rows = await tx.execute(
        select(
            shift_watches.c.shift_id,
            person.label("person_id"),
            call_outs.c.answered_how.label("how"),
            call_outs.c.answered_at.label("at"),
        )
        .join_from(shifts, shift_watches, shift_watches.c.shift_id == shifts.c.id)
        .join(call_outs, call_outs.c.warning_id == shift_watches.c.call_id)
        .join(contacts, contacts.c.id == call_outs.c.contact_id)
        .where(
            shifts.c.ends_at > now - LONGEST_SHIFT,
            call_outs.c.state == "answered",
            call_outs.c.answered_at < shifts.c.ends_at,
            ~has_signed,
            true() if only is None else shifts.c.id == only,
        )
        .order_by(call_outs.c.answered_at, call_outs.c.id)
    )
    return read_as(ShiftAnswer, rows)


async def claim_due(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[ShiftWatch]:
    """Watches whose moment has come, or under whose call somebody says that they cannot come; locked."""
    declined = exists().where(
        call_outs.c.warning_id == shift_watches.c.call_id,
        call_outs.c.state == "declined",
        shift_watches.c.state == WatchState.ASKED,
    )
    is_open = shift_watches.c.next_at.is_not(None)
    rows = await tx.execute(
        select(*columns_of(ShiftWatch, shift_watches))
        .where(
            is_open,
            (shift_watches.c.next_at <= now) | declined,
            true() if only is None else shift_watches.c.shift_id == only,
        )
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
    # Two who note the same at one moment wait for each other here, and not on each other's rows.
    await tx.execute(
        select(shift_watches.c.shift_id).where(shift_watches.c.shift_id == shift.id).with_for_update()
    )
    noted = await tx.execute(
        upsert(sign_ons).values(asdict(new)).on_conflict_do_nothing().returning(sign_ons.c.id)
    )
    if noted.one_or_none() is None:
        signed = (await sign_ons_of(tx, [shift.id]))[shift.id]
        return next(one for one in signed if one.person_id == new.person_id)
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


async def sign_on_early(tx: Tx, shift: Shift, person_id: UUID, doer: Doer) -> SignOn | None:
    """Whoever took over before their shift begins has come to it, unless that is long before."""
    if not shift.starts_at - EARLIEST <= doer.now < shift.starts_at:
        return None
    standing = standing_in(shift, await changes_of(tx, [shift.id]), shift.starts_at)
    role = next((role for role in OFFICERS if standing.person_in(role) == person_id), None)
    if role is None:
        return None
    new = SignOn(new_id(doer.now), shift.id, role, person_id, doer.now, "page", doer.actor)
    return await _note(tx, new, shift)


async def note_answer(tx: Tx, shift: Shift, answer: ShiftAnswer) -> SignOn | None:
    """Whoever answered the text or the call of the start has come, in the role in which they stand then."""
    standing = standing_in(shift, await changes_of(tx, [shift.id]), answer.at)
    role = next((role for role in Role if standing.person_in(role) == answer.person_id), None)
    if role is None:
        return None
    new = SignOn(new_id(answer.at), shift.id, role, answer.person_id, answer.at, answer.how, "presence")
    return await _note(tx, new, shift)
