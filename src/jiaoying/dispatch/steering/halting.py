"""Stop calling (停止呼叫): one person, one township, or everybody. Nobody leaves the officer's list by it.

A stopped responsibility ends *uncovered*, never covered: it stays on the list, and a late answer still
covers it. What is with the carrier already cannot be called back.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.states import CallOutEvent, CallOutState, ResponsibilityState, WarningState
from jiaoying.dispatch.steering.scope import Scope, lock_begun, reason_in
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import responsibilities, steering
from jiaoying.dispatch.store.call_outs import STOPPED
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Halted:
    """How many people are called no more, and for how many posts and desks the ladder stopped."""

    people: int
    responsibilities: int


async def stop_calling(tx: Tx, scope: Scope, *, by: str, reason: str, now: datetime) -> Halted:
    """Stop a township, or everybody: ladders stop where they stand, and so does who is only asked there."""
    reason = reason_in(reason)
    warning = await lock_begun(tx, scope)
    if warning.state is WarningState.CLOSED:
        return Halted(0, 0)
    duties = await steering.lock_duties(tx, warning.id, scope.area, ResponsibilityState.OPEN)
    await responsibilities.end_responsibilities(tx, duties, ResponsibilityState.UNCOVERED, STOPPED, now)
    await responsibilities.mark_listed(tx, duties, now)
    await responsibilities.look_once_more(tx, duties, now)
    people = await steering.lock_people_without_duty(tx, warning.id, scope.area)
    stopped = await stop_call_outs(tx, people, CallOutEvent.EXHAUST, actor=by, reason=STOPPED, now=now)
    if scope.area is None:
        await steering.keep_waiting_without_clock(tx, warning.id)
    if duties or stopped:
        await append_entries(tx, _story(scope, duties, stopped, by=by, reason=reason, now=now))
    return Halted(stopped, len(duties))


async def stop_person(tx: Tx, call_out_id: UUID, *, by: str, reason: str, now: datetime) -> bool:
    """Stop calling one person: whoever is next on the ladder is called at once.

    False where they are not being called.
    """
    reason = reason_in(reason)
    found = await steering.steered_call_out(tx, call_out_id)
    if found is None:
        raise Refusal(say("There is no such call-out; go back to the warning and choose again"))
    await lock_begun(tx, Scope(found.warning_id))
    if found.state is not CallOutState.OPEN:
        return False
    await responsibilities.wake_responsibilities(tx, [call_out_id], now)
    stopped = await stop_call_outs(tx, [call_out_id], CallOutEvent.EXHAUST, actor=by, reason=STOPPED, now=now)
    if stopped:
        line = Entry(
            now,
            "person.stopped",
            by,
            found.warning_id,
            call_out_id=call_out_id,
            contact_id=found.contact_id,
            particulars={"reason": reason},
        )
        await append_entries(tx, [line])
    return stopped > 0


def _story(
    scope: Scope, duties: tuple[UUID, ...], people: int, *, by: str, reason: str, now: datetime
) -> list[Entry]:
    facts = {"area": scope.area, "people_stopped": people, "responsibilities": len(duties)}
    return [
        Entry(now, "calling.stopped", by, scope.warning_id, facts=facts, particulars={"reason": reason}),
        *(
            Entry(
                now,
                "responsibility.uncovered",
                by,
                scope.warning_id,
                responsibility_id=row_id,
                facts={"reason": STOPPED},
            )
            for row_id in duties
        ),
    ]
