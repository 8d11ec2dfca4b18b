"""What people do by hand to calls under way, from the console or through the API.

Each takes an open transaction, writes its ledger lines in it, and raises Refusal with a sentence when
it cannot be done. After the commit the caller rings the bells named in `BELLS`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from jiaoying.dispatch.answering import Given, take_answers
from jiaoying.dispatch.broadcasts import Broadcast, log_broadcast, log_told, moment_done
from jiaoying.dispatch.grades import BROADCASTS, BY_HAND, How
from jiaoying.dispatch.raising import clear_alarm as clear
from jiaoying.dispatch.replies import Meaning, Understood, as_understood
from jiaoying.dispatch.reports import Reported
from jiaoying.dispatch.states import WarningEvent, WarningState
from jiaoying.dispatch.store import holds, warnings
from jiaoying.dispatch.store.holds import HoldInForce
from jiaoying.dispatch.waiting import release_townships
from jiaoying.dispatch.withdrawing import stand_down
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import call_outs
from jiaoying.warnings.holding import HoldReason

__all__ = [
    "answer_by_hand",
    "clear_alarm",
    "log_broadcast",
    "release_townships",
    "start_warning",
    "why_not_started",
    "withdraw_warning",
]

BELLS = ("hold", "match", "escalate", "close", "plan", "changes")
HAND_CHANNELS = BY_HAND
MAX_NOTE_LENGTH = 500


async def answer_by_hand(
    tx: Tx,
    call_out_id: UUID,
    *,
    by: str,
    how: str,
    note: str,
    now: datetime,
    at: datetime | None = None,
    report: Reported | None = None,
) -> None:
    """Log that somebody was reached by hand (`dispatch.grades.WITNESSED`), or told with everybody else by a
    broadcast, which is noted and answers nothing. `at` is when it was done, `report` what they said was done.
    """
    if how not in HAND_CHANNELS:
        raise Refusal(
            say("How was the person reached? Write one of: {words}", words=", ".join(HAND_CHANNELS))
        )
    if len(note) > MAX_NOTE_LENGTH:
        raise Refusal(say("The note is too long: at most {count} characters", count=MAX_NOTE_LENGTH))
    if how == How.DOOR and not note.strip():
        raise Refusal(say("Who went to the door? Write their name into the note"))
    known = await tx.scalar(select(call_outs.c.id).where(call_outs.c.id == call_out_id))
    if known is None:
        raise Refusal(say("There is no such call-out; go back to the warning and choose again"))
    done_at, told = moment_done(at, now), note.strip()
    if how in BROADCASTS:
        await log_told(tx, call_out_id, Broadcast(How(how), by, told, done_at), now)
        return
    understood = as_understood(report) if report else Understood(Meaning.ANSWERED)
    given = Given((call_out_id,), how, understood, told or None, done_at, by_user=by)
    await take_answers(tx, [given], now)


async def withdraw_warning(tx: Tx, warning_id: UUID, *, by: str, reason: str, now: datetime) -> None:
    """Stand a warning down: nobody more is called, and everybody who was reached is told.

    A held one is vetoed by it: nobody was called, and nobody will be.
    """
    if not reason.strip():
        raise Refusal(say("Say why the warning is stood down; the reason goes into the ledger"))
    found = await warnings.lock_warning(tx, warning_id)
    reason = reason.strip()[:MAX_NOTE_LENGTH]
    if not await stand_down(tx, warning_id, actor=by, reason=reason, now=now):
        raise Refusal(say("This warning is over already; nothing was changed"))
    if found is not None and found.state is WarningState.HELD:
        told = {"reason": reason}
        await append_entries(tx, [Entry(now, "warning.vetoed", by, warning_id, particulars=told)])


async def start_warning(tx: Tx, warning_id: UUID, *, by: str, now: datetime) -> None:
    """Start a held warning; where it needs a second person, `by` is the second to confirm it."""
    await warnings.lock_warning(tx, warning_id)
    hold = await holds.hold_of(tx, warning_id)
    if hold is None:
        raise Refusal(say("This warning is not being held; nothing was changed"))
    refusal = why_not_started(hold, by)
    if refusal is not None:
        raise Refusal(refusal)
    second = hold.reason is HoldReason.SECOND_PERSON
    await warnings.move_warning(tx, warning_id, WarningEvent.START, now)
    if second:
        await holds.note_second_person(tx, warning_id, by, now)
    facts = {"reason": "second_person" if second else "by_hand"}
    await append_entries(tx, [Entry(now, "warning.started", by, warning_id, facts=facts)])


def why_not_started(hold: HoldInForce, by: str) -> str | None:
    """Why `by` may not start it, as a sentence with the remedy; None where they may."""
    if hold.superseded:
        return say("A newer version of this warning has come in: decide on that one")
    if hold.reason is HoldReason.QUESTIONS:
        return say("Its text leaves something open: settle the questions first, then confirm it")
    if hold.reason is not HoldReason.SECOND_PERSON:
        return None
    if not by.startswith("user:"):
        return say(
            "This warning needs a second person: they must sign in to the console and confirm it there"
        )
    if by == hold.written_by:
        return say("You confirmed this warning yourself: a second person must sign in and confirm it")
    return None


async def clear_alarm(tx: Tx, alarm_id: UUID, *, by: str, now: datetime) -> None:
    """Note that an alarm has been dealt with."""
    if not await clear(tx, alarm_id, by=by, now=now):
        raise Refusal(say("This alarm was cleared already"))
