"""Whoever is asked because they were on duty, and has not answered: found, and looked at anew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.states import CallOutState, ResponsibilityState
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import call_out_roles, call_outs, responsibilities


@dataclass(frozen=True, slots=True)
class AskedOnDuty:
    """Somebody who is asked, and has not answered, because they were on duty at a place."""

    responsibility_id: UUID
    area_code: str
    desk_id: UUID | None
    role: Who
    contact_id: UUID

    @property
    def place(self) -> tuple[str, UUID | None]:
        return self.area_code, self.desk_id


async def asked_on_duty(tx: Tx, now: datetime) -> list[AskedOnDuty]:
    """Whoever was on duty and is asked for an open responsibility that sleeps."""
    rows = await tx.execute(
        select(
            responsibilities.c.id.label("responsibility_id"),
            responsibilities.c.area_code,
            responsibilities.c.desk_id,
            call_out_roles.c.role,
            call_outs.c.contact_id,
        )
        .join_from(
            responsibilities, call_out_roles, call_out_roles.c.responsibility_id == responsibilities.c.id
        )
        .join(call_outs, call_outs.c.id == call_out_roles.c.call_out_id)
        .where(
            responsibilities.c.state == ResponsibilityState.OPEN,
            responsibilities.c.next_at > now,
            call_out_roles.c.role.in_([Who.DESK, Who.LEADER]),
            call_out_roles.c.ended_at.is_(None),
            call_outs.c.state != CallOutState.ANSWERED,
        )
    )
    return read_as(AskedOnDuty, rows)


async def wake_open(tx: Tx, ids: Collection[UUID], now: datetime) -> None:
    """Have the escalation look at once at these, as far as they are open."""
    await lock_rows(tx, responsibilities, ids)
    if ids:
        await tx.execute(
            update(responsibilities)
            .where(
                is_one_of(responsibilities.c.id, ids), responsibilities.c.state == ResponsibilityState.OPEN
            )
            .values(next_at=now)
        )
