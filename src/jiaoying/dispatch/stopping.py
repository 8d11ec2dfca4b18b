"""Call-outs stopped, and what has not left yet taken back, each with its line in the ledger."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.states import CallOutEvent
from jiaoying.dispatch.store import attempts, bundles, call_outs, handing_over
from jiaoying.dispatch.store.attempts import TakenBack
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

_WORDS = {
    CallOutEvent.EXHAUST: "call_out.exhausted",
    CallOutEvent.WITHDRAW: "call_out.withdrawn",
}


async def stop_call_outs(
    tx: Tx, ids: Collection[UUID], event: CallOutEvent, *, actor: str, reason: str, now: datetime
) -> int:
    """Exhaust or withdraw these call-outs, as far as their state allows; returns how many stopped."""
    stopped = await call_outs.move_call_outs(tx, ids, event, now, reason=reason)
    await append_entries(
        tx,
        [
            Entry(
                now,
                _WORDS[event],
                actor,
                item.warning_id,
                call_out_id=item.id,
                contact_id=item.contact_id,
                facts={"reason": reason},
            )
            for item in stopped
        ],
    )
    await take_back_due(tx, [item.id for item in stopped], actor=actor, now=now)
    return len(stopped)


async def supersede_older(tx: Tx, newer: Collection[UUID], *, actor: str, now: datetime) -> None:
    """Whoever is asked anew is asked once: the call-out that still ran goes over into the newer one."""
    superseded = await handing_over.older_open(tx, newer)
    await handing_over.take_over_roles(tx, superseded, now)
    older = {item.old_id for item in superseded}
    await stop_call_outs(tx, older, CallOutEvent.WITHDRAW, actor=actor, reason="asked_anew", now=now)


async def take_back_due(
    tx: Tx, call_out_ids: Collection[UUID], *, actor: str, now: datetime
) -> list[TakenBack]:
    """Withdraw the attempts of these call-outs that have not left yet."""
    taken_back = await attempts.withdraw_due(tx, call_out_ids, now)
    await _note(tx, taken_back, actor, now)
    return taken_back


async def take_back_repetitions(tx: Tx, ids: Collection[UUID], *, actor: str, now: datetime) -> None:
    """Withdraw what repeats these attempts and has not left yet: they went out after all."""
    await _note(tx, await attempts.withdraw_repetitions(tx, ids, now), actor, now)


async def take_back_check(tx: Tx, check_id: UUID, *, actor: str, now: datetime) -> None:
    """Withdraw the texts of a check of numbers that have not left yet."""
    await _note(tx, await attempts.withdraw_check(tx, check_id, now), actor, now)


async def _note(tx: Tx, taken_back: Collection[TakenBack], actor: str, now: datetime) -> None:
    """The lines, under each warning that was named; and those who are named and go on are planned anew."""
    ids = [item.id for item in taken_back]
    beside = await bundles.named_beside(tx, ids)
    lines = (
        Entry(
            now,
            "attempt.withdrawn",
            actor,
            item.warning_id,
            call_out_id=item.call_out_id,
            attempt_id=item.id,
        )
        for item in taken_back
    )
    await append_entries(tx, bundles.told_of_all(lines, beside))
    await bundles.wake_the_rest(tx, beside, now)
