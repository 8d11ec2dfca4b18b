"""Rows that an officer steers: found by their part of the warning, stopped, called again, paused."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, select, true, update

from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.states import RESPONSIBILITY, CallOutState, ResponsibilityEvent, ResponsibilityState
from jiaoying.dispatch.states import WarningState as Warned
from jiaoying.dispatch.store.call_outs import MovedCallOut
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.areas import Level, level_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import alarms, call_out_roles, call_outs, issued_warnings, responsibilities

_NEEDED = (ResponsibilityState.OPEN, ResponsibilityState.UNCOVERED)
_duty = responsibilities.c


@dataclass(frozen=True, slots=True)
class SteeredCallOut:
    """A call-out as far as an order about one person needs it."""

    id: UUID
    warning_id: UUID
    contact_id: UUID
    state: CallOutState
    reason: str | None


@dataclass(frozen=True, slots=True)
class RungAsked:
    """An open responsibility for which a person is asked: where it stands, and as what they were asked first,
    on which rung."""

    id: UUID
    ladder_id: UUID
    rung: int
    leave_rung: int | None
    role: Who
    asked_on: int


def lies_in(area: str | None) -> ColumnElement[bool]:
    """Whether a responsibility belongs to a line of the board (steering.scope.Scope)."""
    if area is None:
        return true()
    if level_of(area) is Level.TOWNSHIP:
        return func.left(_duty.area_code, 9) == area[:9]
    return _duty.area_code == area


async def steered_call_out(tx: Tx, call_out_id: UUID) -> SteeredCallOut | None:
    """One call-out, not locked: its warning is locked first."""
    rows = await tx.execute(
        select(*columns_of(SteeredCallOut, call_outs)).where(call_outs.c.id == call_out_id)
    )
    return next(iter(read_as(SteeredCallOut, rows)), None)


async def lock_duties(
    tx: Tx, warning_id: UUID, area: str | None, state: ResponsibilityState, reason: str | None = None
) -> tuple[UUID, ...]:
    """The responsibilities of a part of a warning in this state, and for this reason, locked."""
    rows = await tx.execute(
        select(_duty.id)
        .where(
            _duty.warning_id == warning_id,
            lies_in(area),
            _duty.state == state,
            true() if reason is None else _duty.reason == reason,
        )
        .order_by(_duty.id)
        .with_for_update(key_share=True)
    )
    return tuple(row.id for row in rows)


async def lock_people_without_duty(tx: Tx, warning_id: UUID, area: str | None) -> tuple[UUID, ...]:
    """Open call-outs of a part of a warning whose people answer for nothing open, there or elsewhere; locked.

    Locked first and judged then, as `call_outs.no_longer_needed`.
    """
    tied = exists().where(
        call_out_roles.c.call_out_id == call_outs.c.id,
        _duty.id == call_out_roles.c.responsibility_id,
        lies_in(area),
    )
    rows = await tx.execute(
        select(call_outs.c.id).where(
            call_outs.c.warning_id == warning_id, call_outs.c.state == CallOutState.OPEN, tied
        )
    )
    ids = [row.id for row in rows]
    await lock_rows(tx, call_outs, ids)
    still_open = exists().where(
        call_out_roles.c.call_out_id == call_outs.c.id,
        _duty.id == call_out_roles.c.responsibility_id,
        _duty.state == ResponsibilityState.OPEN,
    )
    free = await tx.execute(
        select(call_outs.c.id).where(
            is_one_of(call_outs.c.id, ids), call_outs.c.state == CallOutState.OPEN, ~still_open
        )
    )
    return tuple(row.id for row in free)


async def take_up(tx: Tx, ids: Collection[UUID], now: datetime) -> None:
    """Have locked responsibilities go on from the rung on which they were stopped; its wait runs anew."""
    if ids:
        await tx.execute(
            update(responsibilities)
            .where(
                is_one_of(_duty.id, ids),
                _duty.state.in_(RESPONSIBILITY.sources_of(ResponsibilityEvent.TAKE_UP)),
            )
            .values(
                state=ResponsibilityState.OPEN,
                reason=None,
                ended_at=None,
                rung_began_at=case((_duty.rung >= 0, now)),
                wait_from=None,
                next_at=now,
            )
        )


async def call_again(
    tx: Tx,
    warning_id: UUID,
    *,
    area: str | None,
    only: UUID | None,
    tries: int,
    not_since: datetime,
    by: str,
    now: datetime,
) -> list[MovedCallOut]:
    """Give everybody who has not answered `tries` more, from now on; returns whose calls go on.

    Left out is who was called again after `not_since`, who answers for nothing that lacks an answer, and
    whose question went over into a newer call-out.
    """
    newer = call_outs.alias("newer")
    asked_anew = exists().where(
        newer.c.warning_id == call_outs.c.warning_id,
        newer.c.contact_id == call_outs.c.contact_id,
        newer.c.version > call_outs.c.version,
    )
    needed = exists().where(
        call_out_roles.c.call_out_id == call_outs.c.id,
        _duty.id == call_out_roles.c.responsibility_id,
        lies_in(area),
        _duty.state.in_(_NEEDED),
    )
    again = (
        call_outs.c.warning_id == warning_id,
        call_outs.c.state.in_((CallOutState.OPEN, CallOutState.EXHAUSTED)),
        (call_outs.c.called_again_at.is_(None)) | (call_outs.c.called_again_at <= not_since),
        needed,
        ~asked_anew,
        true() if only is None else call_outs.c.id == only,
    )
    rows = await tx.execute(select(call_outs.c.id).where(*again))
    ids = [row.id for row in rows]
    await lock_rows(tx, call_outs, ids)
    moved = await tx.execute(
        update(call_outs)
        .where(is_one_of(call_outs.c.id, ids), *again)
        .values(
            state=CallOutState.OPEN,
            reason=None,
            ended_at=None,
            tries=call_outs.c.round + tries,
            next_at=now,
            called_again_at=now,
            called_again_by=by,
        )
        .returning(*columns_of(MovedCallOut, call_outs))
    )
    return read_as(MovedCallOut, moved)


async def rungs_asked(tx: Tx, call_out_id: UUID) -> list[RungAsked]:
    """The open responsibilities that this person is asked for, in each role, locked."""
    tie = call_out_roles.c
    rows = await tx.execute(
        select(_duty.id, _duty.ladder_id, _duty.rung, _duty.leave_rung, tie.role, tie.rung.label("asked_on"))
        .join(call_out_roles, tie.responsibility_id == _duty.id)
        .where(tie.call_out_id == call_out_id, _duty.state == ResponsibilityState.OPEN)
        .order_by(_duty.id)
        .with_for_update(key_share=True, of=responsibilities)
    )
    return read_as(RungAsked, rows)


async def leave_rungs(tx: Tx, ids: Sequence[UUID], now: datetime) -> None:
    """Have locked responsibilities go on from the rung that they stand on, at once."""
    if ids:
        await tx.execute(
            update(responsibilities)
            .where(is_one_of(_duty.id, ids), _duty.state == ResponsibilityState.OPEN)
            .values(leave_rung=_duty.rung, next_at=now)
        )


async def keep_waiting_without_clock(tx: Tx, warning_id: UUID) -> None:
    """Village people who wait for a tick are called by no clock any more."""
    await tx.execute(
        update(issued_warnings).where(issued_warnings.c.id == warning_id).values(release_at=None)
    )


# --- pauses ---


@dataclass(frozen=True, slots=True)
class Pause:
    """A warning that is paused."""

    warning_id: UUID
    headline: str
    exercise: bool
    paused_at: datetime
    paused_by: str
    pause_reason: str


async def begin_pause(
    tx: Tx, warning_id: UUID, *, by: str, reason: str, now: datetime, tell_at: datetime
) -> bool:
    """Pause a warning that calls; False where it is paused already, or calls nobody."""
    paused = await tx.execute(
        update(issued_warnings)
        .where(
            issued_warnings.c.id == warning_id,
            issued_warnings.c.paused_at.is_(None),
            issued_warnings.c.state.in_((Warned.RECEIVED, Warned.MATCHED)),
        )
        .values(paused_at=now, paused_by=by, pause_reason=reason, pause_next_at=tell_at)
    )
    return paused.rowcount > 0


async def end_pause(tx: Tx, warning_id: UUID) -> bool:
    """End a pause; False where there is none."""
    ended = await tx.execute(
        update(issued_warnings)
        .where(issued_warnings.c.id == warning_id, issued_warnings.c.paused_at.is_not(None))
        .values(paused_at=None, paused_by=None, pause_reason=None, pause_next_at=None)
    )
    return ended.rowcount > 0


async def pauses(tx: Tx) -> list[Pause]:
    """Every warning that is paused, the real ones and the longest first."""
    warning = issued_warnings.c
    rows = await tx.execute(
        select(
            warning.id.label("warning_id"),
            *(warning[name] for name in ("headline", "exercise", "paused_at", "paused_by", "pause_reason")),
        )
        .where(warning.paused_at.is_not(None))
        .order_by(warning.exercise, warning.paused_at)
    )
    return read_as(Pause, rows)


async def claim_long_pauses(tx: Tx, now: datetime, again: timedelta) -> list[Pause]:
    """Pauses whose clock ran out, locked; each is looked at again after `again`."""
    warning = issued_warnings.c
    due = await tx.execute(
        select(warning.id)
        .where(warning.paused_at.is_not(None), warning.pause_next_at <= now)
        .order_by(warning.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    ids = [row.id for row in due]
    if not ids:
        return []
    await tx.execute(
        update(issued_warnings).where(is_one_of(warning.id, ids)).values(pause_next_at=now + again)
    )
    return [pause for pause in await pauses(tx) if pause.warning_id in ids]


async def alarms_of_ended_pauses(tx: Tx, kind: str) -> Sequence[UUID]:
    """Open alarms of this kind whose warning is not paused any more."""
    rows = await tx.execute(
        select(alarms.c.id)
        .join(issued_warnings, issued_warnings.c.id == alarms.c.warning_id)
        .where(alarms.c.kind == kind, alarms.c.cleared_at.is_(None), issued_warnings.c.paused_at.is_(None))
        .order_by(alarms.c.id)
    )
    return list(rows.scalars())
