"""Call again (再次呼叫): whoever has not answered gets a fresh set of tries, however often they were tried.

It goes through the plan like every round, so the budgets of numbers and lines hold for it too. A ladder
that was stopped goes on from the rung where it stood; one that ran out stays on the officer's list while
its people are called again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.states import CallOutState, ResponsibilityState, WarningEvent, WarningState
from jiaoying.dispatch.steering.scope import Scope, lock_begun
from jiaoying.dispatch.store import steering, warnings
from jiaoying.dispatch.store.call_outs import STOPPED, MovedCallOut
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# Three calls, as counties ask for before somebody counts as not woken (勉县: 3 within five minutes).
FRESH_TRIES = 3
# A button pressed twice, or by two officers at once, is one order.
ONE_ORDER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class CalledAgain:
    """How many people are called again, and how many stopped ladders go on."""

    people: int
    responsibilities: int


async def call_again(tx: Tx, scope: Scope, *, by: str, now: datetime) -> CalledAgain:
    """Call again everybody of a township, or of the warning, who has not answered."""
    return await _call_again(tx, scope, None, by=by, now=now)


async def call_person_again(tx: Tx, call_out_id: UUID, *, by: str, now: datetime) -> bool:
    """Call one person again; False where that was ordered within the last minute."""
    found = await steering.steered_call_out(tx, call_out_id)
    if found is None:
        raise Refusal(say("There is no such call-out; go back to the warning and choose again"))
    if found.state is CallOutState.ANSWERED:
        raise Refusal(say("They have answered already; nothing was changed"))
    if found.state not in (CallOutState.OPEN, CallOutState.EXHAUSTED):
        raise Refusal(say("Nobody needs an answer from them any more; nothing was changed"))
    called = await _call_again(tx, Scope(found.warning_id), call_out_id, by=by, now=now)
    return called.people > 0


async def _call_again(tx: Tx, scope: Scope, only: UUID | None, *, by: str, now: datetime) -> CalledAgain:
    warning = await lock_begun(tx, scope)
    if warning.valid_to <= now:
        raise Refusal(say("This warning is over already; nothing was changed"))
    duties = await _go_on(tx, scope, now) if only is None else ()
    people = await steering.call_again(
        tx,
        warning.id,
        area=scope.area,
        only=only,
        tries=FRESH_TRIES,
        not_since=now - ONE_ORDER,
        by=by,
        now=now,
    )
    if people or duties:
        await _reopen(tx, warning, by=by, now=now)
        await append_entries(tx, _story(scope, people, duties, by=by, now=now))
    return CalledAgain(len(people), len(duties))


async def _go_on(tx: Tx, scope: Scope, now: datetime) -> tuple[UUID, ...]:
    duties = await steering.lock_duties(
        tx, scope.warning_id, scope.area, ResponsibilityState.UNCOVERED, STOPPED
    )
    await steering.take_up(tx, duties, now)
    return duties


async def _reopen(tx: Tx, warning: WarningRow, *, by: str, now: datetime) -> None:
    """A warning that closed because nothing was left to do has something to do again."""
    if warning.state is WarningState.CLOSED:
        await warnings.move_warning(tx, warning.id, WarningEvent.REOPEN, now)
        await append_entries(tx, [Entry(now, "warning.reopened", by, warning.id)])


def _story(
    scope: Scope, people: list[MovedCallOut], duties: tuple[UUID, ...], *, by: str, now: datetime
) -> list[Entry]:
    facts = {"area": scope.area, "people": len(people), "responsibilities": len(duties)}
    return [
        Entry(now, "calling.again", by, scope.warning_id, facts=facts),
        *(
            Entry(
                now,
                "call_out.called_again",
                by,
                item.warning_id,
                call_out_id=item.id,
                contact_id=item.contact_id,
                facts={"tries": FRESH_TRIES},
            )
            for item in people
        ),
    ]
