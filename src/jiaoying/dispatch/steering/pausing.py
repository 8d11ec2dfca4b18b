"""Pause (暂停): nothing new of a warning is handed over until an officer has it go on.

Nothing is planned for it meanwhile, and what was due is taken back and planned anew when it goes on: a call
may name several warnings, and the others are not paused. Waits and deadlines run on, and the officer's list
fills: a pause is for a look at a doubt, not for a rest. After five minutes the desk is told, and again every
five minutes. Whatever ends the calling ends the pause too, and so does a newer version: that one calls.
"""

from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.raising import clear_alarm, raise_alarm
from jiaoying.dispatch.states import CallOutState, WarningState
from jiaoying.dispatch.steering.scope import reason_in
from jiaoying.dispatch.stopping import take_back_due
from jiaoying.dispatch.store import call_outs, holds, steering, warnings
from jiaoying.dispatch.store.steering import Pause
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

ACTOR = "pause"
ALARM = "paused"
LONGEST_PAUSE = timedelta(minutes=5)
_CALLS = (WarningState.RECEIVED, WarningState.MATCHED)


async def pause_warning(tx: Tx, warning_id: UUID, *, by: str, reason: str, now: datetime) -> bool:
    """Hand over nothing new of this warning; False where it is paused already."""
    reason = reason_in(reason)
    warning = await warnings.lock_warning(tx, warning_id)
    if warning is None or warning.state not in _CALLS:
        raise Refusal(say("Nobody is being called under this warning; nothing was changed"))
    began = await steering.begin_pause(
        tx, warning_id, by=by, reason=reason, now=now, tell_at=now + LONGEST_PAUSE
    )
    if began:
        line = Entry(now, "warning.paused", by, warning_id, particulars={"reason": reason})
        await append_entries(tx, [line])
    return began


async def resume_warning(tx: Tx, warning_id: UUID, *, by: str, now: datetime) -> bool:
    """Have everybody called again who waits; False where it is not paused."""
    warning = await warnings.lock_warning(tx, warning_id)
    if warning is None or warning.paused_at is None or not await steering.end_pause(tx, warning_id):
        return False
    waiting = await call_outs.of_warning(tx, warning_id, (CallOutState.OPEN,))
    await call_outs.wake_call_outs(tx, waiting, now)
    facts = {"paused_s": round((now - warning.paused_at).total_seconds())}
    await append_entries(tx, [Entry(now, "warning.resumed", by, warning_id, facts=facts)])
    await clear_over(tx, now, by=by)
    return True


async def take_back_what_waits(tx: Tx, now: datetime) -> int:
    """Take back what has not left of paused warnings; returns how many calls and texts."""
    taken_back = 0
    for pause in await steering.pauses(tx):
        people = await call_outs.of_warning(tx, pause.warning_id, (CallOutState.OPEN,))
        taken_back += len(await take_back_due(tx, people, actor=ACTOR, now=now))
    return taken_back


async def tell_of_long_pauses(tx: Tx, now: datetime) -> int:
    """Tell the desk which warnings stand still; returns of how many."""
    long = await steering.claim_long_pauses(tx, now, LONGEST_PAUSE)
    for pause in long:
        if not await holds.has_open_alarm(tx, ALARM, pause.warning_id):
            await raise_alarm(tx, "paused", _words(pause, now), now, warning_id=pause.warning_id)
    return len(long)


def _words(pause: Pause, now: datetime) -> str:
    return say(
        "“{headline}” has been paused for {minutes} minutes: nobody more is called. Have it go on, or stand"
        " everybody down",
        headline=pause.headline,
        minutes=round((now - pause.paused_at).total_seconds() / 60),
    )


async def clear_over(tx: Tx, now: datetime, *, by: str = ACTOR) -> None:
    """What goes on, or is over, need not be told of any more."""
    for alarm_id in await steering.alarms_of_ended_pauses(tx, ALARM):
        await clear_alarm(tx, alarm_id, by=by, now=now)


async def tell_pause_gave_way(tx: Tx, headline: str, newer_id: UUID, now: datetime) -> None:
    """Whoever paused the older version must know that the newer one calls."""
    await raise_alarm(
        tx,
        "pause_ended",
        say(
            "“{headline}” was paused, and a newer version has come in: people are called under that one."
            " Pause it too, if that is wrong",
            headline=headline,
        ),
        now,
        warning_id=newer_id,
    )
