"""Responsibilities (责任): opened, claimed, moved."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, insert, select, text, true, update

from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.matching import NewResponsibility
from jiaoying.dispatch.states import ResponsibilityState
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import as_rows, given_rows, is_one_of, parameters_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import (
    call_out_roles,
    frozen_ladders,
    posts,
    responsibilities,
)


@dataclass(frozen=True, slots=True)
class DueResponsibility:
    """One whose next moment has come, with whom its rungs may ask."""

    id: UUID
    warning_id: UUID
    post_id: UUID | None
    desk_id: UUID | None
    area_code: str
    label: str
    ladder_id: UUID
    state: ResponsibilityState
    rung: int
    rung_began_at: datetime | None
    deadline_at: datetime
    listed_at: datetime | None
    holder_id: UUID | None
    deputy_id: UUID | None
    superior_id: UUID | None
    tier: str | None  # None: a desk
    version: int
    at_point: bool
    turn_at: datetime | None
    leave_rung: int | None  # an officer asked to go on from this rung


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A responsibility that another warning may take over, with the ladder that it is on."""

    id: UUID
    warning_id: UUID
    post_id: UUID | None
    desk_id: UUID | None
    area_code: str
    ladder_id: UUID
    state: ResponsibilityState
    reason: str | None
    rung: int
    version: int
    deadline_at: datetime
    tier: str | None  # None: a desk
    at_point: bool
    task_id: UUID | None = None


_OF_POST = ("tier", "at_point")


@dataclass(frozen=True, slots=True)
class NewFooting:
    """Where a responsibility goes on, on the ladder of a milder colour."""

    id: UUID
    ladder_id: UUID
    rung: int
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class BegunRung:
    """A rung that begins, when its responsibility is looked at next, and until when it has time."""

    id: UUID
    rung: int
    next_at: datetime
    deadline_at: datetime


async def open_responsibilities(tx: Tx, new: Sequence[NewResponsibility], now: datetime) -> None:
    """Insert them, due at once: the escalation begins the first rung like every other."""
    rows = [
        {
            "id": item.id,
            "warning_id": item.warning_id,
            "post_id": item.post_id,
            "desk_id": item.desk_id,
            "area_code": item.area_code,
            "label": item.label,
            "ladder_id": item.ladder_id,
            "why": item.why,
            "state": ResponsibilityState.OPEN,
            "rung": -1,
            "next_at": now,
            "deadline_at": item.deadline_at,
            "turn_at": item.turn_at,
            "version": item.version,
            "task_id": item.task_id,
        }
        for item in new
    ]
    if rows:
        names = tuple(rows[0])
        statement = insert(responsibilities).from_select(names, given_rows(responsibilities, names))
        await tx.execute(statement, parameters_of(responsibilities, rows))


async def claim_due(tx: Tx, now: datetime, limit: int, only: UUID | None = None) -> list[DueResponsibility]:
    """Responsibilities whose next moment has come, or that one of them, locked, the longest due first."""
    due = responsibilities.c
    rows = await tx.execute(
        _due()
        .where(due.next_at <= now, true() if only is None else due.id == only)
        .order_by(due.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True, of=responsibilities)
    )
    return read_as(DueResponsibility, rows)


async def unanswered_of(tx: Tx, call_out_id: UUID) -> list[DueResponsibility]:
    """What nobody answers for yet of that which a person was called for, locked."""
    duty = responsibilities.c
    tied = select(call_out_roles.c.responsibility_id).where(
        call_out_roles.c.call_out_id == call_out_id,
        call_out_roles.c.role != Who.DOOR,
        call_out_roles.c.ended_at.is_(None),
    )
    rows = await tx.execute(
        _due()
        .where(duty.id.in_(tied), duty.state.in_([ResponsibilityState.OPEN, ResponsibilityState.UNCOVERED]))
        .order_by(duty.id)
        .with_for_update(key_share=True, of=responsibilities)
    )
    return read_as(DueResponsibility, rows)


def _due() -> Select[*tuple[Any, ...]]:
    due = responsibilities
    return select(
        due.c.id,
        due.c.warning_id,
        due.c.post_id,
        due.c.desk_id,
        due.c.area_code,
        due.c.label,
        due.c.ladder_id,
        due.c.state,
        due.c.rung,
        due.c.rung_began_at,
        due.c.deadline_at,
        due.c.listed_at,
        posts.c.holder_id,
        posts.c.deputy_id,
        posts.c.superior_id,
        posts.c.tier,
        due.c.version,
        posts.c.danger_point_id.is_not(None).label("at_point"),
        due.c.turn_at,
        due.c.leave_rung,
    ).select_from(due.outerjoin(posts, posts.c.id == due.c.post_id))


async def ladders_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, object]:
    """Frozen ladders as the plain data that they are kept as."""
    frozen = frozen_ladders.c
    rows = await tx.execute(select(frozen.id, frozen.body).where(is_one_of(frozen.id, ids)))
    return {row.id: row.body for row in rows}


async def look_again(tx: Tx, moments: Sequence[tuple[UUID, datetime, datetime | None]]) -> None:
    """Set the next moment and, where known, since when the rung's wait runs: (id, next, wait from)."""
    if moments:
        ids, next_at, wait_from = zip(*moments, strict=True)
        new = as_rows(responsibilities, {"id": ids, "next_at": next_at, "wait_from": wait_from})
        await tx.execute(
            update(responsibilities)
            .where(responsibilities.c.id == new.c.id)
            .values(next_at=new.c.next_at, wait_from=new.c.wait_from)
        )


async def begin_rungs(tx: Tx, begun: Sequence[BegunRung], now: datetime) -> None:
    """Write down that rungs began."""
    if begun:
        names = tuple(BegunRung.__dataclass_fields__)
        new = as_rows(responsibilities, {name: [getattr(item, name) for item in begun] for name in names})
        await tx.execute(
            update(responsibilities)
            .where(responsibilities.c.id == new.c.id)
            .values(
                rung=new.c.rung,
                rung_began_at=now,
                wait_from=None,
                next_at=new.c.next_at,
                deadline_at=new.c.deadline_at,
            )
        )


async def wake_next(tx: Tx, ended: Collection[tuple[UUID, str]], now: datetime) -> None:
    """Have looked at whatever may wait for places where it is decided now: (warning, area).

    Rows are locked by id, so this comes in a transaction of its own: a kill before it costs the rest of
    their wait at most.
    """
    if not ended:
        return
    warnings, areas = zip(*ended, strict=True)
    place = as_rows(responsibilities, {"warning_id": warnings, "area_code": areas})
    rows = await tx.execute(
        select(responsibilities.c.id)
        .distinct()
        .join(
            place,
            (place.c.warning_id == responsibilities.c.warning_id)
            & (
                (func.left(place.c.area_code, 9) == func.left(responsibilities.c.area_code, 9))
                | place.c.area_code.like("______000000")
            ),
        )
        .where(_WAITS, responsibilities.c.turn_at > now, responsibilities.c.next_at > now)
    )
    ids = [row.id for row in rows]
    await lock_rows(tx, responsibilities, ids)
    await tx.execute(
        update(responsibilities).where(is_one_of(responsibilities.c.id, ids), _WAITS).values(next_at=now)
    )


# Written out, not as a parameter: only so does the index of those who wait serve every plan.
_WAITS = (responsibilities.c.state == ResponsibilityState.OPEN) & (responsibilities.c.rung == text("-1"))


async def states_before(
    tx: Tx, warning_ids: Collection[UUID], tiers: Collection[str]
) -> dict[tuple[UUID, str], list[tuple[str, ResponsibilityState]]]:
    """By warning and tier: the area of each responsibility and how it stands, without the withdrawn."""
    duty = responsibilities.c
    rows = await tx.execute(
        select(duty.warning_id, frozen_ladders.c.tier, duty.area_code, duty.state)
        .join(frozen_ladders, frozen_ladders.c.id == duty.ladder_id)
        .where(
            is_one_of(duty.warning_id, warning_ids),
            is_one_of(frozen_ladders.c.tier, tiers),
            duty.state != ResponsibilityState.WITHDRAWN,
        )
    )
    found: dict[tuple[UUID, str], list[tuple[str, ResponsibilityState]]] = {}
    for row in rows:
        found.setdefault((row.warning_id, row.tier), []).append(
            (row.area_code, ResponsibilityState(row.state))
        )
    return found


async def end_responsibilities(
    tx: Tx, ids: Collection[UUID], state: ResponsibilityState, reason: str | None, now: datetime
) -> None:
    """Move locked responsibilities to an ended state."""
    if ids:
        await tx.execute(
            update(responsibilities)
            .where(is_one_of(responsibilities.c.id, ids))
            .values(state=state, reason=reason, next_at=None, ended_at=now)
        )


async def sleep_on(tx: Tx, moments: Sequence[tuple[UUID, datetime | None]]) -> None:
    """Nothing new: uncovered ones wait for the next answer, or until somebody who is on the way is due."""
    if moments:
        ids, next_at = zip(*moments, strict=True)
        new = as_rows(responsibilities, {"id": ids, "next_at": next_at})
        await tx.execute(
            update(responsibilities).where(responsibilities.c.id == new.c.id).values(next_at=new.c.next_at)
        )


async def look_once_more(tx: Tx, ids: Collection[UUID], now: datetime) -> None:
    """Have the escalation look at locked responsibilities: an answer may lie there that it has not seen."""
    if ids:
        await tx.execute(
            update(responsibilities).where(is_one_of(responsibilities.c.id, ids)).values(next_at=now)
        )


async def mark_listed(tx: Tx, ids: Collection[UUID], now: datetime) -> None:
    """Note since when they stand on the officer's list."""
    if ids:
        await tx.execute(
            update(responsibilities)
            .where(is_one_of(responsibilities.c.id, ids), responsibilities.c.listed_at.is_(None))
            .values(listed_at=now)
        )


async def wake_responsibilities(tx: Tx, call_out_ids: Collection[UUID], now: datetime) -> tuple[UUID, ...]:
    """Have the escalation look at once at everything these call-outs answer for.

    Called before the call-outs themselves are touched (lock order). Covered and withdrawn ones sleep on.
    """
    rows = await tx.execute(
        select(call_out_roles.c.responsibility_id)
        .join(responsibilities, responsibilities.c.id == call_out_roles.c.responsibility_id)
        .where(
            is_one_of(call_out_roles.c.call_out_id, call_out_ids),
            responsibilities.c.state.in_([ResponsibilityState.OPEN, ResponsibilityState.UNCOVERED]),
        )
    )
    ids = tuple({row.responsibility_id for row in rows})
    await lock_rows(tx, responsibilities, ids)
    if ids:
        await tx.execute(
            update(responsibilities)
            .where(
                is_one_of(responsibilities.c.id, ids),
                responsibilities.c.state.in_([ResponsibilityState.OPEN, ResponsibilityState.UNCOVERED]),
            )
            .values(next_at=now)
        )
    return ids


async def lock_of_warning(
    tx: Tx, warning_id: UUID, states: Collection[ResponsibilityState]
) -> tuple[UUID, ...]:
    """The warning's responsibilities in these states, locked."""
    rows = await tx.execute(
        select(responsibilities.c.id)
        .where(responsibilities.c.warning_id == warning_id, responsibilities.c.state.in_(states))
        .order_by(responsibilities.c.id)
        .with_for_update(key_share=True)
    )
    return tuple(row.id for row in rows)


async def lock_standing(tx: Tx, warning_ids: Collection[UUID]) -> list[StandingRow]:
    """Everything under these warnings that was not withdrawn, locked."""
    duty = responsibilities.c
    own = [duty[name] for name in StandingRow.__dataclass_fields__ if name not in _OF_POST]
    rows = await tx.execute(
        select(*own, posts.c.tier, posts.c.danger_point_id.is_not(None).label("at_point"))
        .outerjoin(posts, posts.c.id == duty.post_id)
        .where(is_one_of(duty.warning_id, warning_ids), duty.state != ResponsibilityState.WITHDRAWN)
        .order_by(duty.id)
        .with_for_update(key_share=True, of=responsibilities)
    )
    return read_as(StandingRow, rows)


async def hand_over(tx: Tx, ids: Collection[UUID], warning_id: UUID) -> None:
    """Have locked responsibilities go on under another warning, just as they stand."""
    if ids:
        await tx.execute(
            update(responsibilities)
            .where(is_one_of(responsibilities.c.id, ids))
            .values(warning_id=warning_id)
        )


async def set_footing(tx: Tx, footings: Sequence[NewFooting], now: datetime) -> None:
    """Put locked responsibilities on other ladders; those still open are looked at at once."""
    if footings:
        new = as_rows(
            responsibilities,
            {
                "id": [item.id for item in footings],
                "ladder_id": [item.ladder_id for item in footings],
                "rung": [item.rung for item in footings],
                "deadline_at": [item.deadline_at for item in footings],
            },
        )
        await tx.execute(
            update(responsibilities)
            .where(responsibilities.c.id == new.c.id)
            .values(
                ladder_id=new.c.ladder_id,
                rung=new.c.rung,
                deadline_at=new.c.deadline_at,
                next_at=case((responsibilities.c.state == ResponsibilityState.OPEN, now)),
            )
        )
