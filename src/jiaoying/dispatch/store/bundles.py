"""What attempts name: the call-out that each was made for, and those named beside it (several warnings, one
ring)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, func, select, union_all, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.dispatch.states import CallOutState
from jiaoying.dispatch.store.sets import given_rows, is_one_of_given, parameters_of
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import Moment, attempt_call_outs, attempts, call_outs

# Every pair of an attempt and a call-out that it names, with the round of that call-out.
NAMED = union_all(
    select(attempts.c.id.label("attempt_id"), attempts.c.call_out_id, attempts.c.round).where(
        attempts.c.call_out_id.is_not(None)
    ),
    select(attempt_call_outs.c.attempt_id, attempt_call_outs.c.call_out_id, attempt_call_outs.c.round),
).subquery("named")


@dataclass(frozen=True, slots=True)
class Beside:
    """A call-out that an attempt names beside its own, under the warning that it spoke of."""

    attempt_id: UUID
    call_out_id: UUID
    warning_id: UUID


def names_one_of(given: str) -> ColumnElement[bool]:
    """Whether an attempt names one of the call-outs that a statement is executed with as `given`."""
    ids = bindparam(given, type_=ARRAY(Uuid()))
    both = union_all(
        select(attempts.c.id).where(attempts.c.call_out_id == any_(ids)).correlate(None),
        select(attempt_call_outs.c.attempt_id).where(attempt_call_outs.c.call_out_id == any_(ids)),
    )
    return attempts.c.id == any_(func.array(both.scalar_subquery()))


_NAMES = ("attempt_id", "call_out_id", "warning_id", "round")
_WRITE = upsert(attempt_call_outs).from_select(_NAMES, given_rows(attempt_call_outs, _NAMES))


async def name_beside(tx: Tx, named: Sequence[tuple[UUID, UUID, UUID, int]]) -> None:
    """Write down what attempts name beside their own call-outs: (attempt, call-out, warning, round)."""
    if named:
        rows: list[dict[str, object]] = [dict(zip(_NAMES, item, strict=True)) for item in named]
        await tx.execute(_WRITE, parameters_of(attempt_call_outs, rows))


_BESIDE = (
    select(*columns_of(Beside, attempt_call_outs))
    .where(is_one_of_given(attempt_call_outs.c.attempt_id, "ids"))
    .order_by(attempt_call_outs.c.attempt_id, attempt_call_outs.c.call_out_id)
)


async def named_beside(tx: Tx, attempt_ids: Collection[UUID]) -> dict[UUID, list[Beside]]:
    """What each of these attempts names beside its own call-out; those that name one only are left out."""
    if not attempt_ids:
        return {}
    found: dict[UUID, list[Beside]] = {}
    for item in read_as(Beside, await tx.execute(_BESIDE, {"ids": list(attempt_ids)})):
        found.setdefault(item.attempt_id, []).append(item)
    return found


_HAND_ON = upsert(attempt_call_outs).from_select(
    _NAMES,
    select(
        bindparam("again", type_=Uuid()),
        *(attempt_call_outs.c[name] for name in _NAMES[1:]),
    ).where(attempt_call_outs.c.attempt_id == bindparam("before", type_=Uuid())),
)


async def name_the_same(tx: Tx, before: UUID, again: UUID) -> None:
    """A repetition names what the attempt before it did."""
    await tx.execute(_HAND_ON, {"before": before, "again": again})


def told_of_all(entries: Iterable[Entry], beside: Mapping[UUID, Sequence[Beside]]) -> list[Entry]:
    """Lines about attempts, each told under every warning that its attempt names."""
    told: list[Entry] = []
    for entry in entries:
        told.append(entry)
        others = beside.get(entry.attempt_id, ()) if entry.attempt_id else ()
        told += [replace(entry, warning_id=one.warning_id, call_out_id=one.call_out_id) for one in others]
    return told


_WAKE = (
    update(call_outs)
    .where(
        call_outs.c.id.in_(
            select(call_outs.c.id)
            .where(
                call_outs.c.id.in_(
                    select(NAMED.c.call_out_id).where(is_one_of_given(NAMED.c.attempt_id, "attempt_ids"))
                ),
                call_outs.c.state == CallOutState.OPEN,
            )
            .with_for_update(skip_locked=True, key_share=True)
        )
    )
    .values(next_at=bindparam("now", type_=Moment))
)


async def wake_the_rest(tx: Tx, attempt_ids: Collection[UUID], now: datetime) -> None:
    """Have the planning look at once at whatever these attempts named and that goes on without them: they
    were taken back for another's sake.

    Never waits for a lock, since call-outs stand before attempts in the order of the locks. Whoever holds
    one looks at it anyway, or its guard does.
    """
    if attempt_ids:
        await tx.execute(_WAKE, {"attempt_ids": list(attempt_ids), "now": now})
