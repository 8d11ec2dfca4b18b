"""Standing down: a warning is cancelled, replaced, or withdrawn by hand."""

from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.reporting import end_clocks
from jiaoying.dispatch.states import (
    CallOutEvent,
    CallOutState,
    ResponsibilityState,
    WarningEvent,
    WarningState,
)
from jiaoying.dispatch.steering.pausing import tell_pause_gave_way
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import call_outs, responsibilities, warnings
from jiaoying.dispatch.walking import call_off
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

_NOT_BEGUN = (WarningState.RECEIVED, WarningState.HELD)


async def stand_down(tx: Tx, warning_id: UUID, *, actor: str, reason: str, now: datetime) -> bool:
    """Withdraw a warning and everything open under it; who was reached is told by the stage `close`.

    Where it had not begun to call, nobody was: whoever was reached under an older version hears nothing.
    False when it was over already.
    """
    before = await warnings.lock_warning(tx, warning_id)
    if before is None or not await _withdraw(tx, warning_id, actor=actor, reason=reason, now=now):
        return False
    if before.state not in _NOT_BEGUN:
        await warnings.ask_stand_down(tx, warning_id)
    return True


async def replace_warning(tx: Tx, warning_id: UUID, *, by: UUID, actor: str, now: datetime) -> bool:
    """Withdraw a warning because `by` takes its place, with whatever did not go on under that one."""
    before = await warnings.lock_warning(tx, warning_id)
    if before is None:
        return False
    if before.paused_at is not None:
        await tell_pause_gave_way(tx, before.headline, by, now)
    return await _withdraw(tx, warning_id, actor=actor, reason="replaced", now=now, replaced_by=by)


async def end_quietly(tx: Tx, warning_id: UUID, *, actor: str, reason: str, now: datetime) -> bool:
    """Withdraw a warning of which nobody needs to hear that it is over."""
    if await warnings.lock_warning(tx, warning_id) is None:
        return False
    return await _withdraw(tx, warning_id, actor=actor, reason=reason, now=now)


async def _withdraw(
    tx: Tx, warning_id: UUID, *, actor: str, reason: str, now: datetime, replaced_by: UUID | None = None
) -> bool:
    moved = await warnings.move_warning(
        tx, warning_id, WarningEvent.WITHDRAW, now, reason=reason, replaced_by=replaced_by
    )
    if not moved:
        return False
    duties = await responsibilities.lock_of_warning(
        tx,
        warning_id,
        (ResponsibilityState.OPEN, ResponsibilityState.COVERED, ResponsibilityState.UNCOVERED),
    )
    await responsibilities.end_responsibilities(tx, duties, ResponsibilityState.WITHDRAWN, reason, now)
    await call_off(tx, duties, actor=actor, reason=reason, now=now)
    people = await call_outs.of_warning(tx, warning_id, (CallOutState.OPEN,))
    stopped = await stop_call_outs(tx, people, CallOutEvent.WITHDRAW, actor=actor, reason=reason, now=now)
    await end_clocks(tx, warning_id, now)
    facts = {"reason": reason, "responsibilities": len(duties), "people_stopped": stopped}
    facts |= {"replaced_by": str(replaced_by)} if replaced_by else {}
    await append_entries(
        tx,
        [
            Entry(now, "warning.withdrawn", actor, warning_id, facts=facts),
            *(
                Entry(now, "responsibility.withdrawn", actor, warning_id, responsibility_id=row_id)
                for row_id in duties
            ),
        ],
    )
    return True
