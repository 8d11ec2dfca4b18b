"""Consultations (会商) for whoever asks for them apart from the log: the warning's page, the handover.

They are entries of the duty log (`duty.log` says why), written and put right there.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from jiaoying.duty.change_store import is_one_of
from jiaoying.duty.log import LogEntry, LogKind
from jiaoying.duty.log_store import newest_versions
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import issued_warnings, log_entries

# A warning is in force for as long as it says, also when everybody was reached and its calling is closed.
_IN_FORCE = ("received", "held", "matched", "closed")
_ACTED_ON = ("warning", "response")


async def consultations_between(
    tx: Tx, begin: datetime, end: datetime, desk_id: UUID | None = None
) -> list[LogEntry]:
    """The consultations that were held from `begin` up to `end`, as they are written now, in order of time;
    those of one desk, or of all."""
    newest = _newest(desk_id)
    rows = await tx.execute(
        select(newest).where(newest.c.at >= begin, newest.c.at < end).order_by(newest.c.at, newest.c.id)
    )
    return read_as(LogEntry, rows)


async def open_consultations(tx: Tx, now: datetime, desk_id: UUID | None = None) -> list[LogEntry]:
    """What whoever takes over must know of: consultations without a decision yet, and those about a warning
    that is in force, or that a newer one took the place of before its time was over; in order of time."""
    newest, own = _newest(desk_id), issued_warnings.c
    runs = select(own.id).where(
        own.id == newest.c.warning_id,
        own.valid_to > now,
        own.state.in_(_IN_FORCE) | own.replaced_by_id.is_not(None),
    )
    rows = await tx.execute(
        select(newest).where((newest.c.decision == "") | runs.exists()).order_by(newest.c.at, newest.c.id)
    )
    return read_as(LogEntry, rows)


async def consultations_about(tx: Tx, warning_ids: Collection[UUID]) -> list[LogEntry]:
    """The consultations about these warnings, of whichever desk, in order of time."""
    newest = _newest(None)
    rows = await tx.execute(
        select(newest).where(is_one_of(newest.c.warning_id, warning_ids)).order_by(newest.c.at, newest.c.id)
    )
    return read_as(LogEntry, rows)


async def warnings_to_consult_on(tx: Tx, now: datetime, also: UUID | None = None) -> dict[UUID, str]:
    """The warnings in force, with their headlines, the newest first; `also` one, whether it is or not."""
    own = issued_warnings.c
    in_force = (
        own.state.in_(_IN_FORCE)
        & own.purpose.in_(_ACTED_ON)
        & (own.valid_to > now)
        & own.replaced_by_id.is_(None)
    )
    rows = await tx.execute(
        select(own.id, own.headline).where(in_force | (own.id == also)).order_by(own.received_at.desc())
    )
    return {row.id: row.headline for row in rows}


def _newest(desk_id: UUID | None) -> Any:
    """A consultation stays one through all its versions, at its desk: the newest of them is the newest."""
    wanted = [log_entries.c.kind == LogKind.CONSULTATION]
    if desk_id is not None:
        wanted.append(log_entries.c.desk_id == desk_id)
    return newest_versions(*wanted).subquery()
