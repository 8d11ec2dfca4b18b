"""Rows of what changes a rota: who stands instead, swaps that wait, leave, meant gaps, sensitive days."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.duty.model import Change, Leave, Role
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import leaves, meant_gaps, sensitive_days, shift_changes, swap_requests


class SwapState(StrEnum):
    """How a swap that was asked for stands."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class SwapRequest:
    """A swap that waits for the leader, or was decided."""

    id: UUID
    one_shift_id: UUID
    one_role: Role
    other_shift_id: UUID
    other_role: Role
    reason: str
    asked_at: datetime
    asked_by: str
    state: SwapState = SwapState.ASKED
    decided_at: datetime | None = None
    decided_by: str | None = None
    pair_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Why something was changed, and by whom."""

    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class KeptLeave:
    """Leave, as it was entered."""

    id: UUID
    person_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str
    made_at: datetime
    made_by: str

    @property
    def leave(self) -> Leave:
        return Leave(self.person_id, self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class MeantGap:
    """A time in which nobody is meant to stand at a desk."""

    id: UUID
    desk_id: UUID
    starts_at: datetime
    ends_at: datetime
    reason: str
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class SensitiveDays:
    """Days on which two officers stand at every desk, both ends included."""

    id: UUID
    first: date
    last: date
    reason: str
    made_at: datetime
    made_by: str


# --- who stands instead ---


async def changes_of(tx: Tx, shift_ids: Iterable[UUID]) -> list[Change]:
    """What was changed in these shifts and stands, in the order in which it was made."""
    ids = list(shift_ids)
    if not ids:
        return []
    rows = await tx.execute(
        select(*columns_of(Change, shift_changes))
        .where(is_one_of(shift_changes.c.shift_id, ids), shift_changes.c.undone_at.is_(None))
        .order_by(shift_changes.c.made_at, shift_changes.c.id)
    )
    return read_as(Change, rows)


async def every_change_of(tx: Tx, shift_ids: Iterable[UUID]) -> list[Change]:
    """What was ever changed in these shifts, also what was taken back, in the order in which it was made."""
    rows = await tx.execute(
        select(*columns_of(Change, shift_changes))
        .where(is_one_of(shift_changes.c.shift_id, shift_ids))
        .order_by(shift_changes.c.made_at, shift_changes.c.id)
    )
    return read_as(Change, rows)


async def change_by_id(tx: Tx, change_id: UUID) -> Change | None:
    rows = await tx.execute(select(*columns_of(Change, shift_changes)).where(shift_changes.c.id == change_id))
    return next(iter(read_as(Change, rows)), None)


async def changes_of_pair(tx: Tx, pair_id: UUID) -> list[Change]:
    """Both halves of a swap."""
    rows = await tx.execute(
        select(*columns_of(Change, shift_changes))
        .where(shift_changes.c.pair_id == pair_id)
        .order_by(shift_changes.c.id)
    )
    return read_as(Change, rows)


async def reasons_of(tx: Tx, change_ids: Collection[UUID]) -> dict[UUID, Told]:
    """Why each of these changes was made, and by whom."""
    rows = await tx.execute(
        select(shift_changes.c.id, shift_changes.c.reason, shift_changes.c.made_by).where(
            is_one_of(shift_changes.c.id, change_ids)
        )
    )
    return {row.id: Told(row.reason, row.made_by) for row in rows}


async def write_changes(tx: Tx, made: Sequence[Change], told: Told) -> None:
    await tx.execute(
        insert(shift_changes),
        [{**asdict(change), "reason": told.reason, "made_by": told.by} for change in made],
    )


async def undo_changes(tx: Tx, changes: Collection[Change], *, by: str, now: datetime) -> None:
    """They count no more; the rows stay."""
    await tx.execute(
        update(shift_changes)
        .where(
            is_one_of(shift_changes.c.id, [change.id for change in changes]),
            shift_changes.c.undone_at.is_(None),
        )
        .values(undone_at=now, undone_by=by)
    )


# --- swaps that wait ---


async def write_request(tx: Tx, request: SwapRequest) -> None:
    await tx.execute(insert(swap_requests).values(asdict(request)))


async def lock_request(tx: Tx, request_id: UUID) -> SwapRequest | None:
    rows = await tx.execute(
        select(*columns_of(SwapRequest, swap_requests))
        .where(swap_requests.c.id == request_id)
        .with_for_update()
    )
    return next(iter(read_as(SwapRequest, rows)), None)


async def open_requests(tx: Tx) -> list[SwapRequest]:
    """Swaps that wait for the leader, the oldest first."""
    rows = await tx.execute(
        select(*columns_of(SwapRequest, swap_requests))
        .where(swap_requests.c.state == SwapState.ASKED)
        .order_by(swap_requests.c.id)
    )
    return read_as(SwapRequest, rows)


async def decide_request(
    tx: Tx, request_id: UUID, state: SwapState, *, by: str, now: datetime, pair_id: UUID | None = None
) -> None:
    await tx.execute(
        update(swap_requests)
        .where(swap_requests.c.id == request_id)
        .values(state=state, decided_at=now, decided_by=by, pair_id=pair_id)
    )


# --- leave, gaps, sensitive days ---


async def write_leave(tx: Tx, leave: KeptLeave) -> None:
    await tx.execute(insert(leaves).values(asdict(leave)))


async def end_leave(tx: Tx, leave_id: UUID, now: datetime) -> bool:
    """Take leave back; returns whether it was there."""
    ended = await tx.execute(
        update(leaves).where(leaves.c.id == leave_id, leaves.c.ended_at.is_(None)).values(ended_at=now)
    )
    return ended.rowcount == 1


async def leaves_between(tx: Tx, begin: datetime, end: datetime) -> list[KeptLeave]:
    """Leave that touches a time, in order."""
    rows = await tx.execute(
        select(*columns_of(KeptLeave, leaves))
        .where(leaves.c.ended_at.is_(None), leaves.c.starts_at < end, leaves.c.ends_at > begin)
        .order_by(leaves.c.starts_at, leaves.c.id)
    )
    return read_as(KeptLeave, rows)


async def write_meant_gap(tx: Tx, gap: MeantGap) -> None:
    await tx.execute(insert(meant_gaps).values(asdict(gap)))


async def end_meant_gap(tx: Tx, gap_id: UUID, now: datetime) -> bool:
    """It is a gap again; returns whether it was there."""
    ended = await tx.execute(
        update(meant_gaps)
        .where(meant_gaps.c.id == gap_id, meant_gaps.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return ended.rowcount == 1


async def meant_gaps_between(
    tx: Tx, desk_ids: Collection[UUID], begin: datetime, end: datetime
) -> list[MeantGap]:
    rows = await tx.execute(
        select(*columns_of(MeantGap, meant_gaps))
        .where(
            is_one_of(meant_gaps.c.desk_id, desk_ids),
            meant_gaps.c.ended_at.is_(None),
            meant_gaps.c.starts_at < end,
            meant_gaps.c.ends_at > begin,
        )
        .order_by(meant_gaps.c.starts_at, meant_gaps.c.id)
    )
    return read_as(MeantGap, rows)


async def write_sensitive_days(tx: Tx, days: SensitiveDays) -> None:
    await tx.execute(insert(sensitive_days).values(asdict(days)))


async def end_sensitive_days(tx: Tx, days_id: UUID, now: datetime) -> bool:
    """They are days like others again; returns whether they were there."""
    ended = await tx.execute(
        update(sensitive_days)
        .where(sensitive_days.c.id == days_id, sensitive_days.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return ended.rowcount == 1


async def sensitive_between(tx: Tx, first: date, last: date) -> list[SensitiveDays]:
    rows = await tx.execute(
        select(*columns_of(SensitiveDays, sensitive_days))
        .where(
            sensitive_days.c.ended_at.is_(None),
            sensitive_days.c.first <= last,
            sensitive_days.c.last >= first,
        )
        .order_by(sensitive_days.c.first, sensitive_days.c.id)
    )
    return read_as(SensitiveDays, rows)


def is_one_of(column: ColumnElement[UUID], ids: Iterable[UUID]) -> ColumnElement[bool]:
    """Whether a column holds one of these ids, however many: one parameter."""
    return column == func.any(bindparam(None, list(ids), type_=ARRAY(Uuid), unique=True))
