"""How somebody is reminded of a periodic duty, and called about one that is late."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.duty_calls import DeskAsked, DutyCall, call_desks, end_call
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, NamedPerson, Rung, Target, Who
from jiaoying.dispatch.raising import Alarm, clear_alarms_of_kind, raise_alarms_once
from jiaoying.dispatch.replies import Candidate, Meaning, Understood
from jiaoying.duty.model import Desk
from jiaoying.duty.routines.model import Occurrence
from jiaoying.duty.routines.planning import Step
from jiaoying.duty.routines.said import says_done
from jiaoying.duty.routines.store import Reminder, reminders_of, write_reminder
from jiaoying.gateways.base import Channel
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.warnings.purpose import Purpose

ACTOR = "routines"
_DAY_S = 86_400
# Whoever was reminded by text has until the next reminder, at most a day.
LONGEST_REMINDER = timedelta(days=1)
# A call about something late: the owner, and after a quarter of an hour the leader.
CALLED_FOR = timedelta(hours=2)


def text_ladder(target: Target) -> Ladder:
    """One text, and nothing more before the next reminder."""
    return Ladder(ANY, _DAY_S, (Rung((target,), (Channel.SMS,), tries=1, gap_s=60, wait_s=_DAY_S),))


def late_ladder(target: Target) -> Ladder:
    """The owner by text and call, then the leader on duty at the desk."""
    both = (Channel.SMS, Channel.VOICE)
    return Ladder(
        ANY,
        1800,
        (
            Rung((target,), both, tries=2, gap_s=300, wait_s=900),
            Rung((Who.LEADER,), both, tries=2, gap_s=300, wait_s=900),
        ),
    )


async def call_about(
    tx: Tx,
    engine: Engine,
    occurrence: Occurrence,
    step: Step,
    desk: Desk,
    owner: NamedPerson | None,
    now: datetime,
) -> None:
    """Have the owner reminded or called; the call before ends, so that one at a time waits for an answer."""
    await end_reminders(tx, occurrence.id, now)
    target: Target = owner or Who.DESK
    is_call = step in (Step.TELL_LATE, Step.CALL_LATE)
    call = DutyCall(
        Purpose.ROUTINE,
        headline=occurrence.title,
        text=reminder_text(occurrence, engine, now),
        ends_at=now + (CALLED_FOR if is_call else LONGEST_REMINDER),
    )
    ladder = late_ladder(target) if is_call else text_ladder(target)
    call_id = await call_desks(tx, engine, call, [DeskAsked(desk.id, ladder, desk.name)], now, actor=ACTOR)
    await write_reminder(tx, Reminder(call_id, occurrence.id, step, now))


async def see_to(tx: Tx, occurrence: Occurrence, *, by: str, now: datetime) -> None:
    """It is done or skipped: nobody is called about it any more, and its alarm goes."""
    await end_reminders(tx, occurrence.id, now)
    await clear_alarms_of_kind(tx, f"routine_late:{occurrence.id}", by=by, now=now)


async def tell_late(
    tx: Tx, occurrence: Occurrence, desk: Desk, owner: NamedPerson | None, now: datetime
) -> None:
    """Put what is late before the officer, with the name of who sees to it; once, as long as that stands."""
    sentence = say(
        "“{title}” for {recipient} is late: {owner} was to see to it. Have it done and note it",
        title=occurrence.title,
        recipient=occurrence.recipient,
        owner=owner.name if owner else desk.name,
    )
    about = owner.contact_id if owner else None
    await raise_alarms_once(tx, [Alarm(f"routine_late:{occurrence.id}", sentence, contact_id=about)], now)


def reminders_done(
    candidates: Sequence[Candidate], understood: Understood, said: str
) -> Sequence[Candidate] | None:
    """The reminders that a text may say are seen to, where its words are no plain answer; else None.

    Who has handed something in has read the reminder, and has said nothing to whatever came after it.
    """
    if understood.meaning is not Meaning.NOT_UNDERSTOOD or not says_done(said):
        return None
    return [one for one in candidates if one.is_reminder and not one.over] or None


async def end_reminders(tx: Tx, occurrence_id: UUID, now: datetime) -> None:
    """Nobody is called about it any more."""
    for reminder in await reminders_of(tx, [occurrence_id]):
        await end_call(tx, reminder.call_id, actor=ACTOR, reason="seen_to", now=now)


def reminder_text(occurrence: Occurrence, engine: Engine, now: datetime) -> str:
    """What is due, to whom, until when, or since when it is late."""
    due = occurrence.due_at.astimezone(engine.timezone)
    words = {
        "title": occurrence.title,
        "recipient": occurrence.recipient,
        "month": due.month,
        "day": due.day,
        "time": f"{due:%H:%M}",
    }
    if now >= occurrence.due_at:
        return say("LATE: {title}, to {recipient}, was due on {month}/{day} at {time}.", **words)
    return say("{title}, to {recipient}, is due on {month}/{day} at {time}.", **words)
