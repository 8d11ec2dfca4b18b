"""Call the next now (立即呼叫下一人): a ladder leaves the rung on which somebody is waited for.

Written down is the rung that is to be left. Pressed twice, or after the ladder went on by itself, it
names a rung that the ladder has left already, and skips nobody.
"""

from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.dispatch.steering.scope import Scope, lock_begun
from jiaoying.dispatch.store import responsibilities, steering
from jiaoying.dispatch.store.steering import RungAsked
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx


async def call_next_now(tx: Tx, call_out_id: UUID, *, by: str, now: datetime) -> int:
    """Begin the rung after this person's, for all that they are waited for; returns for how many.

    They themselves are called on. Nought where that was ordered already.
    """
    found = await steering.steered_call_out(tx, call_out_id)
    if found is None:
        raise Refusal(say("There is no such call-out; go back to the warning and choose again"))
    await lock_begun(tx, Scope(found.warning_id))
    waiting, further = await _waiting_for(tx, call_out_id)
    if waiting and not further:
        raise Refusal(say("Nobody further is on the ladder: phone by hand, or send somebody to the door"))
    ids = [row_id for row_id, item in further.items() if item.leave_rung != item.rung]
    await steering.leave_rungs(tx, ids, now)
    await append_entries(
        tx,
        [
            Entry(now, "responsibility.next_asked", by, found.warning_id, responsibility_id=row_id)
            for row_id in ids
        ],
    )
    return len(ids)


async def _waiting_for(tx: Tx, call_out_id: UUID) -> tuple[dict[UUID, RungAsked], dict[UUID, RungAsked]]:
    """What waits for this person on the rung where it stands, and what of that has a further rung."""
    asked = await steering.rungs_asked(tx, call_out_id)
    bodies = await responsibilities.ladders_by_id(tx, {item.ladder_id for item in asked})
    ladders = {row_id: ladder_from_data(body) for row_id, body in bodies.items()}
    waiting = {
        item.id: item
        for item in asked
        if item.rung in ladders[item.ladder_id].rungs_asking(item.role, item.asked_on, item.rung)
    }
    further = {
        row_id: item for row_id, item in waiting.items() if item.rung + 1 < len(ladders[item.ladder_id].rungs)
    }
    return waiting, further
