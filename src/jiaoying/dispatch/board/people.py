"""The people under one warning, page by page."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Select, exists, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from jiaoying.contacts.model import NumberStanding
from jiaoying.contacts.numbers import DOUBTFUL, in_calling_order
from jiaoying.dispatch.board.warnings import BY_PERSON, among
from jiaoying.dispatch.grades import Grade, grade_of
from jiaoying.dispatch.states import CallOutState, ResponsibilityState
from jiaoying.kernel.areas import prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    call_out_roles,
    call_outs,
    contact_numbers,
    contacts,
    feedback,
    responsibilities,
)


@dataclass(frozen=True, slots=True)
class Number:
    """One of a person's numbers, E.164; in the order in which they are tried."""

    number: str
    kind: str
    opted_out: bool
    standing: NumberStanding = NumberStanding.UNKNOWN

    @property
    def is_doubtful(self) -> bool:
        """Whether nobody will be found there, for all that is known; the sound ones stand before it."""
        return self.standing in DOUBTFUL


@dataclass(frozen=True, slots=True)
class RoleHeld:
    """One responsibility that a person is called for, and as what."""

    responsibility_id: UUID
    label: str
    area_code: str
    role: str
    rung: int  # of the ladder, that brought them in; 0 is the first
    state: ResponsibilityState
    deadline_at: datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody reported that they did."""

    stage: str
    households: int | None
    people: int | None
    said: str | None
    at: datetime
    area_code: str | None = None  # whose figures these are
    by_user: str | None = None  # logged or corrected by hand


@dataclass(frozen=True, slots=True)
class CallOutRow:
    """One person under one warning."""

    id: UUID
    warning_id: UUID
    contact_id: UUID
    name: str
    unit: str | None
    title: str | None
    demonstration: bool
    numbers: tuple[Number, ...]
    roles: tuple[RoleHeld, ...]
    state: CallOutState
    reason: str | None
    round: int
    tries: int
    channels: tuple[str, ...]
    next_at: datetime | None
    matched_at: datetime
    answered_at: datetime | None
    answered_how: str | None
    answered_grade: Grade | None
    late: bool
    ended_at: datetime | None
    feedback: Feedback | None  # the latest
    kind: str = "call"  # or door: sent to somebody's door
    # When and by whom they were given a fresh set of tries.
    called_again_at: datetime | None = None
    called_again_by: str | None = None


async def callouts_page(
    tx: Tx,
    warning_id: UUID,
    state: CallOutState | None = None,
    area: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[CallOutRow]:
    """People under `warning_id` in a fixed order; `area` (12 digits) keeps those with a duty inside it."""
    query = _with_contact().where(call_outs.c.warning_id == warning_id).order_by(call_outs.c.id).limit(limit)
    if state is not None:
        query = query.where(call_outs.c.state == state)
    if after is not None:
        query = query.where(call_outs.c.id > after)
    if area is not None:
        query = query.where(_has_duty_inside(area))
    return await _read_rows(tx, query)


async def people_page(
    tx: Tx,
    warning_id: UUID,
    state: CallOutState | None = None,
    area: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[CallOutRow]:
    """Each person under `warning_id` once, by place, as the figures count them.

    `area` (12 digits) keeps those with a duty inside it. Walks to doors are lines of their own.
    """
    each = (call_outs.c.contact_id, call_outs.c.kind)
    last = select(call_outs.c.id).ext(distinct_on(*each)).where(call_outs.c.warning_id == warning_id)
    if area is not None:
        last = last.where(_has_duty_inside(area))
    place = (
        select(func.coalesce(func.min(responsibilities.c.area_code), ""))
        .join_from(call_out_roles, responsibilities)
        .where(call_out_roles.c.call_out_id == call_outs.c.id)
        .scalar_subquery()
    )
    query = (
        _with_contact()
        .where(call_outs.c.id.in_(last.order_by(*each, *BY_PERSON)))
        .order_by(place, call_outs.c.id)
        .limit(limit)
    )
    if state is not None:
        query = query.where(call_outs.c.state == state)
    if after is not None:
        place_after = await tx.scalar(select(place).where(call_outs.c.id == after)) or ""
        query = query.where(tuple_(place, call_outs.c.id) > tuple_(literal(place_after), literal(after)))
    return await _read_rows(tx, query)


async def other_call_outs(tx: Tx, row: CallOutRow) -> list[CallOutRow]:
    """What the same person was asked before and after under the same warning, the oldest first."""
    query = _with_contact().where(
        call_outs.c.warning_id == row.warning_id,
        call_outs.c.contact_id == row.contact_id,
        call_outs.c.id != row.id,
    )
    return await _read_rows(tx, query.order_by(call_outs.c.matched_at, call_outs.c.id))


async def call_out_row(tx: Tx, call_out_id: UUID) -> CallOutRow | None:
    """One person under one warning, or None when there is no such call-out."""
    rows = await _read_rows(tx, _with_contact().where(call_outs.c.id == call_out_id))
    return rows[0] if rows else None


async def numbers_of(tx: Tx, contact_ids: Collection[UUID]) -> Mapping[UUID, list[Number]]:
    """The numbers of each contact, as they are tried: the preferred first, doubtful ones last."""
    query = (
        select(contact_numbers)
        .where(among(contact_numbers.c.contact_id, list(contact_ids)))
        .order_by(contact_numbers.c.preference, contact_numbers.c.id)
    )
    found: defaultdict[UUID, list[Number]] = defaultdict(list)
    for row in await tx.execute(query):
        standing = NumberStanding(row.standing)
        found[row.contact_id].append(Number(row.number, row.kind, row.opted_out_at is not None, standing))
    return {
        contact_id: in_calling_order(numbers, lambda number: number.standing)
        for contact_id, numbers in found.items()
    }


def _with_contact() -> Select[Any]:
    return select(
        call_outs, contacts.c.name, contacts.c.unit, contacts.c.title, contacts.c.demonstration
    ).join_from(call_outs, contacts)


def _has_duty_inside(area: str) -> Any:
    return exists().where(
        call_out_roles.c.call_out_id == call_outs.c.id,
        responsibilities.c.id == call_out_roles.c.responsibility_id,
        responsibilities.c.area_code.startswith(prefix_of(area), autoescape=True),
    )


async def _read_rows(tx: Tx, query: Select[Any]) -> list[CallOutRow]:
    rows = (await tx.execute(query)).all()
    ids = [row.id for row in rows]
    roles, latest = await _roles_of(tx, ids), await _latest_feedback(tx, ids)
    numbers = await numbers_of(tx, {row.contact_id for row in rows})
    return [
        CallOutRow(
            id=row.id,
            warning_id=row.warning_id,
            contact_id=row.contact_id,
            name=row.name,
            unit=row.unit,
            title=row.title,
            demonstration=row.demonstration,
            numbers=tuple(numbers.get(row.contact_id, ())),
            roles=tuple(roles.get(row.id, ())),
            state=CallOutState(row.state),
            reason=row.reason,
            round=row.round,
            tries=row.tries,
            channels=tuple(row.channels),
            next_at=row.next_at,
            matched_at=row.matched_at,
            answered_at=row.answered_at,
            answered_how=row.answered_how,
            answered_grade=grade_of(row.answered_how),
            late=row.late,
            ended_at=row.ended_at,
            feedback=latest.get(row.id),
            kind=row.kind,
            called_again_at=row.called_again_at,
            called_again_by=row.called_again_by,
        )
        for row in rows
    ]


async def _roles_of(tx: Tx, call_out_ids: Sequence[UUID]) -> Mapping[UUID, list[RoleHeld]]:
    query = (
        select(call_out_roles, responsibilities)
        .join_from(call_out_roles, responsibilities)
        .where(among(call_out_roles.c.call_out_id, call_out_ids))
        .order_by(call_out_roles.c.rung, call_out_roles.c.since, responsibilities.c.id)
        .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
    )
    found: defaultdict[UUID, list[RoleHeld]] = defaultdict(list)
    for row in await tx.execute(query):
        found[row.call_out_roles_call_out_id].append(
            RoleHeld(
                responsibility_id=row.responsibilities_id,
                label=row.responsibilities_label,
                area_code=row.responsibilities_area_code,
                role=row.call_out_roles_role,
                rung=row.call_out_roles_rung,
                state=ResponsibilityState(row.responsibilities_state),
                deadline_at=row.responsibilities_deadline_at,
            )
        )
    return found


async def _latest_feedback(tx: Tx, call_out_ids: Sequence[UUID]) -> Mapping[UUID, Feedback]:
    query = (
        select(feedback)
        .ext(distinct_on(feedback.c.call_out_id))
        .where(among(feedback.c.call_out_id, call_out_ids))
        .order_by(feedback.c.call_out_id, feedback.c.at.desc(), feedback.c.id.desc())
    )
    return {row.call_out_id: as_feedback(row) for row in await tx.execute(query)}


def as_feedback(row: Any) -> Feedback:
    """A row of the table `feedback` as a value."""
    return Feedback(row.stage, row.households, row.people, row.said, row.at, row.area_code, row.by_user)
