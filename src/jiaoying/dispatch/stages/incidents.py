"""Incidents: before the clock of a report runs out its desk is called, ever more strongly; then its leader.

Half of the time over: a text to the officer. A quarter left: the officer is rung. Run out: the leader too,
an alarm, and again every half hour until it was sent or lifted. The call, what it is for, the step that each
clock has reached and its next moment are written together: a kill loses none and repeats none.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from jiaoying.dispatch.duty_calls import BELLS, DeskAsked, DutyCall, call_desks, end_call
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Who
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm_once
from jiaoying.duty.incidents import store
from jiaoying.duty.incidents.actions import entry_of
from jiaoying.duty.incidents.board import IncidentNow, incident_now
from jiaoying.duty.incidents.clocks import AGAIN_EVERY
from jiaoying.duty.incidents.model import Means, Reminder, Step
from jiaoying.duty.incidents.reminding import Look, look_at, strongest, to_be_ended
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.storage.database import Tx, is_passing
from jiaoying.warnings.purpose import Purpose

ACTOR = "incidents"
BATCH = 50
PUT_OFF = timedelta(minutes=1)
DONE_WITH = "report_sent"  # why a call is ended: it was sent or lifted, or a later call tells of it
LONGEST_TITLE = 30
MOST_NAMED = 6
_BOTH = (Channel.SMS, Channel.VOICE)

log = structlog.get_logger(__name__)

# Who is called by which step. Only what has run out asks the leader: they sign, and answer for it.
LADDERS = {
    Step.REMINDED: Ladder(ANY, 3600, (Rung((Who.DESK,), (Channel.SMS,), tries=1, gap_s=60, wait_s=3600),)),
    Step.PRESSED: Ladder(ANY, 600, (Rung((Who.DESK,), _BOTH, tries=3, gap_s=60, wait_s=600),)),
    Step.OVERDUE: Ladder(ANY, 300, (Rung((Who.DESK, Who.LEADER), _BOTH, tries=3, gap_s=60, wait_s=300),)),
}


class IncidentStage:
    """Looks at every incident of which a clock wants it, and ends calls that nobody needs any more."""

    name = "incidents"
    rings = BELLS

    async def run_once(self, engine: Engine, now: datetime) -> int:
        """Returns how many incidents something was done about."""
        async with engine.database.transaction() as tx:
            ids = [*await store.with_moments_due(tx, now, BATCH), *await store.with_calls_to_end(tx, BATCH)]
        seen_to = 0
        for incident_id in dict.fromkeys(ids):
            try:
                async with engine.database.transaction() as tx:
                    await _look_at(tx, engine, incident_id, now)
                seen_to += 1
            except Exception as error:
                if is_passing(error):
                    raise
                # One incident that breaks the program must not hold up the clocks of the others.
                log.exception("incident_broke", incident=str(incident_id))
                await _put_off(engine, incident_id, now)
        return seen_to


async def _look_at(tx: Tx, engine: Engine, incident_id: UUID, now: datetime) -> None:
    if await store.lock_incident(tx, incident_id) is None:
        return
    standing = await incident_now(tx, incident_id)
    assert standing is not None
    looks = [look_at(owed, now) for owed in standing.running if owed.next_at and owed.next_at <= now]
    step = strongest(looks)
    if step is not None:
        await _call(tx, engine, standing, [look for look in looks if look.told], step, now)
    await store.note_steps(tx, [(look.owed.id, look.reached, look.next_at) for look in looks])
    await _end_calls(tx, standing, now)
    if not any(owed.due_at <= now for owed in standing.running):
        await clear_alarms_of_kind(tx, _alarm(standing), by=ACTOR, now=now)


async def _put_off(engine: Engine, incident_id: UUID, now: datetime) -> None:
    async with engine.database.transaction() as tx:
        await store.put_off(tx, incident_id, now + PUT_OFF)
        sentence = say("The program cannot remind of an incident: look at its clocks yourself")
        await raise_alarm_once(tx, f"row_broke:{incident_id}", sentence, now)


async def _call(
    tx: Tx, engine: Engine, standing: IncidentNow, looks: Sequence[Look], step: Step, now: datetime
) -> None:
    words = _words(standing, looks, engine)
    call = DutyCall(
        Purpose.REPORT,
        say("Report of an incident: {title}", title=standing.title[:LONGEST_TITLE]),
        words,
        now + AGAIN_EVERY,
        exercise=standing.incident.exercise,
    )
    asked = DeskAsked(standing.incident.desk_id, LADDERS[step], standing.desk)
    call_id = await call_desks(tx, engine, call, [asked], now, actor=ACTOR)
    reminder = Reminder(
        new_id(now), standing.id, step, tuple(look.owed.id for look in looks), call_id, now, None
    )
    await store.add_reminder(tx, reminder)
    facts = {
        "step": step,
        "call": str(call_id),
        "obligations": [str(one) for one in reminder.obligation_ids],
    }
    event = "incident.overdue" if step is Step.OVERDUE else "incident.reminded"
    await append_entries(tx, [entry_of(event, standing.incident, now, ACTOR, facts)])
    if step is Step.OVERDUE:
        drill = say("[DRILL] ") if standing.incident.exercise else ""
        sentence = drill + say("The time to report is over: {words}", words=words)
        await raise_alarm_once(tx, f"incident:{standing.id}", sentence, now)


async def _end_calls(tx: Tx, standing: IncidentNow, now: datetime) -> None:
    ended = to_be_ended(await store.reminders_of(tx, standing.id), standing.owed)
    for one in ended:
        if one.call_id is not None:
            await end_call(tx, one.call_id, actor=ACTOR, reason=DONE_WITH, now=now)
    if ended:
        await store.end_reminders(tx, [one.id for one in ended], now)


def _words(standing: IncidentNow, looks: Sequence[Look], engine: Engine) -> str:
    """Who is to be told by what and until when, the most pressing first."""
    named = [
        _order_of(look, engine) for look in sorted(looks, key=lambda look: look.owed.due_at)[:MOST_NAMED]
    ]
    return say(
        "{number} {title}: {what}.",
        number=standing.number,
        title=standing.title[:LONGEST_TITLE],
        what=say("; ").join(named),
    )


def _order_of(look: Look, engine: Engine) -> str:
    time, to = look.owed.due_at.astimezone(engine.timezone).strftime("%H:%M"), look.owed.recipient
    if look.owed.means is Means.PHONE:
        return say("tell {recipient} by telephone by {time}", recipient=to, time=time)
    return say("send {recipient} the report in writing by {time}", recipient=to, time=time)


def _alarm(standing: IncidentNow) -> str:
    return f"incident:{standing.id}"
