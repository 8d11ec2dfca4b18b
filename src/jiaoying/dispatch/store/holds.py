"""Held warnings, and the requests to the leader on duty that are made for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.dispatch.states import ResponsibilityState, WarningState
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.colours import Colour
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import alarms, areas, desks, issued_warnings, responsibilities
from jiaoying.warnings.holding import Held, HoldReason, Leader
from jiaoying.warnings.store import STANDING_KINDS

_newer = issued_warnings.alias("newer")


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A held warning, locked, with what the decision about it needs."""

    warning: WarningRow
    held: Held


@dataclass(frozen=True, slots=True)
class HomeDesk:
    """The duty desk of the territory, whose leader decides."""

    id: UUID
    area_code: str
    name: str


@dataclass(frozen=True, slots=True)
class HoldInForce:
    """Why a warning is held, as far as it decides who may start it."""

    reason: HoldReason
    written_by: str | None
    superseded: bool


def is_superseded() -> ColumnElement[bool]:
    """Whether a newer version that concerns us has come in."""
    return exists().where(
        _newer.c.replaces_id == issued_warnings.c.id,
        _newer.c.kind.in_(STANDING_KINDS),
        _newer.c.state != WarningState.IGNORED.value,
    )


def _is_due(now: datetime) -> ColumnElement[bool]:
    return (issued_warnings.c.state == WarningState.HELD) & (issued_warnings.c.hold_next_at <= now)


async def anything_due(tx: Tx, now: datetime) -> bool:
    """Whether a held warning has to be looked at."""
    return await tx.scalar(select(issued_warnings.c.id).where(_is_due(now)).limit(1)) is not None


async def claim_held(tx: Tx, now: datetime) -> HeldRow | None:
    """The gravest held warning that has to be looked at, locked."""
    rank = case(
        {str(colour): colour.rank for colour in Colour},
        value=issued_warnings.c.colour,
        else_=Colour.YELLOW.rank,
    )
    rows = await tx.execute(
        select(
            *columns_of(WarningRow, issued_warnings),
            issued_warnings.c.hold_reason,
            issued_warnings.c.hold_until,
            is_superseded().label("superseded"),
        )
        .where(_is_due(now))
        .order_by(issued_warnings.c.exercise, rank.desc(), issued_warnings.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    leader, asked_at = await _leader_of(tx, row.id)
    held = Held(
        reason=HoldReason(row.hold_reason or HoldReason.POLICY),
        colour=Colour(row.colour) if row.colour else None,
        until=row.hold_until or now,
        superseded=row.superseded,
        leader=leader,
        asked_at=asked_at,
    )
    return HeldRow(await _plain_row(tx, row.id), held)


async def _plain_row(tx: Tx, warning_id: UUID) -> WarningRow:
    columns = columns_of(WarningRow, issued_warnings)
    return read_as(WarningRow, await tx.execute(select(*columns).where(issued_warnings.c.id == warning_id)))[
        0
    ]


async def _leader_of(tx: Tx, warning_id: UUID) -> tuple[Leader, datetime | None]:
    """How it stands with the newest request for a decision, and when it was made."""
    row = (
        await tx.execute(
            select(issued_warnings.c.id, issued_warnings.c.state, issued_warnings.c.received_at)
            .where(issued_warnings.c.request_for_id == warning_id)
            .order_by(issued_warnings.c.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return Leader.NOT_ASKED, None
    states = set(
        await tx.scalars(select(responsibilities.c.state).where(responsibilities.c.warning_id == row.id))
    )
    if ResponsibilityState.COVERED in states:
        return Leader.ANSWERED, row.received_at
    ringing = row.state == WarningState.MATCHED and ResponsibilityState.OPEN in states
    return (Leader.RINGING if ringing else Leader.SILENT), row.received_at


async def look_again(tx: Tx, warning_id: UUID, at: datetime) -> None:
    """Leave a held warning alone until then."""
    await tx.execute(
        update(issued_warnings)
        .where(issued_warnings.c.id == warning_id, issued_warnings.c.state == WarningState.HELD)
        .values(hold_next_at=at)
    )


async def hold_of(tx: Tx, warning_id: UUID) -> HoldInForce | None:
    """The hold of a warning, or None when it is not held."""
    kept = issued_warnings.c
    row = (
        await tx.execute(
            select(kept.hold_reason, kept.written_by, is_superseded().label("superseded")).where(
                kept.id == warning_id, kept.state == WarningState.HELD
            )
        )
    ).one_or_none()
    if row is None:
        return None
    return HoldInForce(HoldReason(row.hold_reason or HoldReason.POLICY), row.written_by, row.superseded)


async def note_second_person(tx: Tx, warning_id: UUID, by: str, now: datetime) -> None:
    """Write down who confirmed it second. The database refuses the one who confirmed it first.

    Where somebody wants real telephones to ring for a drill, the second person agrees to that by it.
    """
    wanted = issued_warnings.c.real_phones_by.is_not(None)
    await tx.execute(
        update(issued_warnings)
        .where(issued_warnings.c.id == warning_id)
        .values(
            second_by=by,
            real_phones_second=case((wanted, by)),
            real_phones_at=case((wanted, now)),
        )
    )


async def home_desk(tx: Tx, home_area: str) -> HomeDesk | None:
    """The first duty desk of the home area, or None where it has none."""
    rows = await tx.execute(
        select(*columns_of(HomeDesk, desks))
        .where(desks.c.area_code == home_area)
        .order_by(desks.c.name)
        .limit(1)
    )
    return next(iter(read_as(HomeDesk, rows)), None)


async def insert_request(tx: Tx, values: dict[str, Any]) -> None:
    """Store a request to the leader: a row of its own, so that an answer to it answers nothing else."""
    await tx.execute(insert(issued_warnings).values(values))


async def decided_requests(tx: Tx) -> Sequence[UUID]:
    """Requests that still ring, or stand on the officer's list, although their warning is held no more."""
    asked_on = issued_warnings.alias("asked_on")
    unanswered = exists().where(
        responsibilities.c.warning_id == issued_warnings.c.id,
        responsibilities.c.state == ResponsibilityState.UNCOVERED,
    )
    rings = issued_warnings.c.state == WarningState.MATCHED
    listed = (issued_warnings.c.state == WarningState.CLOSED) & unanswered
    rows = await tx.execute(
        select(issued_warnings.c.id)
        .join(asked_on, asked_on.c.id == issued_warnings.c.request_for_id)
        .where(rings | listed, asked_on.c.state != WarningState.HELD)
        .order_by(issued_warnings.c.id)
    )
    return list(rows.scalars())


async def stale_alarms(tx: Tx, kinds: Collection[str]) -> Sequence[UUID]:
    """Open alarms of these kinds whose warning is held no more."""
    rows = await tx.execute(
        select(alarms.c.id)
        .join(issued_warnings, issued_warnings.c.id == alarms.c.warning_id)
        .where(
            is_one_of(alarms.c.kind, kinds),
            alarms.c.cleared_at.is_(None),
            issued_warnings.c.state != WarningState.HELD,
        )
        .order_by(alarms.c.id)
    )
    return list(rows.scalars())


async def has_open_alarm(tx: Tx, kind: str, warning_id: UUID) -> bool:
    """Whether the officer has this alarm before them already."""
    found = await tx.scalar(
        select(alarms.c.id)
        .where(alarms.c.kind == kind, alarms.c.warning_id == warning_id, alarms.c.cleared_at.is_(None))
        .limit(1)
    )
    return found is not None


async def largest_by_hand(tx: Tx, *, exercise: bool) -> int | None:
    """How many people the largest warning by hand that was ever started was for; None before the first."""
    return await tx.scalar(
        select(func.max(issued_warnings.c.people_planned)).where(
            issued_warnings.c.matched_at.is_not(None), issued_warnings.c.exercise == exercise
        )
    )


async def area_name(tx: Tx, code: str) -> str:
    """What the area is called, or its code."""
    return await tx.scalar(select(areas.c.name).where(areas.c.code == code)) or code
