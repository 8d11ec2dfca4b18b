"""Which attempt's words are read to the person at the phone."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from jiaoying.dispatch.store.bundles import NAMED
from jiaoying.gateways.twilio.speech import Spoken
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import attempts, call_outs


@dataclass(frozen=True, slots=True)
class Reading:
    """An attempt, and what is read out for it."""

    attempt_id: UUID
    spoken: Spoken


async def reading_of(tx: Tx, gateway: str, attempt_id: UUID | None, ref: str) -> Reading | None:
    """The attempt that a call of ours was made for: by its id, else by the carrier's reference."""
    named = attempts.c.id == attempt_id if attempt_id else attempts.c.carrier_ref == ref
    statement = select(attempts.c.id, attempts.c.text, attempts.c.language)
    row = (await tx.execute(statement.where(attempts.c.gateway == gateway, named))).one_or_none()
    return Reading(row.id, Spoken(row.text, row.language)) if row else None


async def newest_reading_for(tx: Tx, gateway: str, number: str) -> Reading | None:
    """What `number` was called about last and has not answered, in the words of its call if it had one.

    Who was given up (exhausted) may still answer, late.
    """
    statement = (
        select(attempts.c.id, attempts.c.text, attempts.c.language)
        .join(NAMED, NAMED.c.attempt_id == attempts.c.id)
        .join(call_outs, call_outs.c.id == NAMED.c.call_out_id)
        .where(
            attempts.c.gateway == gateway,
            attempts.c.number == number,
            attempts.c.purpose == "call",
            attempts.c.state.not_in(("due", "withdrawn")),
            call_outs.c.state.in_(("open", "exhausted")),
        )
        .order_by(call_outs.c.id.desc(), (attempts.c.channel == "voice").desc(), attempts.c.id.desc())
        .limit(1)
    )
    row = (await tx.execute(statement)).one_or_none()
    return Reading(row.id, Spoken(row.text, row.language)) if row else None
