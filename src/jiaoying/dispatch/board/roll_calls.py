"""What was tried to reach the desks of a duty call: whom, when, by what, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import attempts, call_out_roles, call_outs, contacts, responsibilities


@dataclass(frozen=True, slots=True)
class Ring:
    """One call or text to somebody at a desk; `at` is when the carrier took it on, or when it was due."""

    desk_id: UUID
    call_out_id: UUID
    contact_id: UUID
    name: str
    channel: str
    at: datetime
    state: str
    outcome_code: str | None
    outcome_text: str | None


async def rings_of(tx: Tx, call_id: UUID) -> dict[UUID, list[Ring]]:
    """By desk, in order of time."""
    rows = await tx.execute(
        select(
            responsibilities.c.desk_id,
            call_outs.c.id.label("call_out_id"),
            call_outs.c.contact_id,
            contacts.c.name,
            attempts.c.channel,
            func.coalesce(attempts.c.accepted_at, attempts.c.due_at).label("at"),
            attempts.c.state,
            attempts.c.outcome_code,
            attempts.c.outcome_text,
        )
        .join(call_out_roles, call_out_roles.c.responsibility_id == responsibilities.c.id)
        .join(call_outs, call_outs.c.id == call_out_roles.c.call_out_id)
        .join(contacts, contacts.c.id == call_outs.c.contact_id)
        .join(attempts, attempts.c.call_out_id == call_outs.c.id)
        .where(responsibilities.c.warning_id == call_id, attempts.c.purpose == "call")
        .order_by(func.coalesce(attempts.c.accepted_at, attempts.c.due_at), attempts.c.id)
    )
    found: dict[UUID, list[Ring]] = {}
    for ring in read_as(Ring, rows):
        found.setdefault(ring.desk_id, []).append(ring)
    return found
