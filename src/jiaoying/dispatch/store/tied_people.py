"""Who is tied to responsibilities, and how far they were reached."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import FromClause, func, select, true, union_all

from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.states import CallOutState
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import attempt_call_outs, attempts, call_out_roles, call_outs, contacts


@dataclass(frozen=True, slots=True)
class TiedPerson:
    """A call-out tied to a responsibility in one role, and when its person was first reached by the carrier.

    `left` tells that the person is not on the roster any more.
    """

    responsibility_id: UUID
    call_out_id: UUID
    contact_id: UUID
    role: Who
    rung: int
    left: bool
    state: CallOutState
    called_at: datetime | None  # first accepted call since the rung began
    texted_at: datetime | None  # first accepted text since the rung began
    heard: bool = False  # a human, as the carrier says, heard a call to its end
    calls_again_at: datetime | None = None  # till then their numbers bear no more calls


def _handed_over() -> FromClause:
    """What was made for a call-out, and what named it beside others."""
    heard = attempts.c.heard_whole_at.is_not(None) & (attempts.c.picked_up_by == "human")
    of_channel = (attempts.c.channel, attempts.c.accepted_at, heard.label("heard"))
    own = select(*of_channel).where(attempts.c.call_out_id == call_outs.c.id, attempts.c.purpose == "call")
    beside = (
        select(*of_channel)
        .join(attempt_call_outs, attempt_call_outs.c.attempt_id == attempts.c.id)
        .where(attempt_call_outs.c.call_out_id == call_outs.c.id)
    )
    return union_all(own.correlate(call_outs), beside.correlate(call_outs)).lateral("handed_over")


async def people_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, list[TiedPerson]]:
    """Who is tied to each of these responsibilities, as what, and how far they were reached."""
    handed_over = _handed_over()
    tied = (
        *(call_out_roles.c[name] for name in ("responsibility_id", "call_out_id", "role", "rung")),
        *(call_outs.c[name] for name in ("contact_id", "state", "calls_again_at")),
        contacts.c.retired_at.is_not(None).label("left"),
    )
    accepted = (
        select(
            *tied,
            func.min(handed_over.c.accepted_at).filter(handed_over.c.channel == "voice").label("called_at"),
            func.min(handed_over.c.accepted_at).filter(handed_over.c.channel == "sms").label("texted_at"),
            func.coalesce(func.bool_or(handed_over.c.heard), False).label("heard"),
        )
        .join(call_outs, call_outs.c.id == call_out_roles.c.call_out_id)
        .join(contacts, contacts.c.id == call_outs.c.contact_id)
        .outerjoin(handed_over, true())
        .where(is_one_of(call_out_roles.c.responsibility_id, ids), call_out_roles.c.ended_at.is_(None))
        .group_by(*tied)
    )
    found: dict[UUID, list[TiedPerson]] = {}
    for person in read_as(TiedPerson, await tx.execute(accepted)):
        found.setdefault(person.responsibility_id, []).append(person)
    return found
