"""What people do to periodic duties: adopt, change, end; note one as done, skip it. Each tells the ledger."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from uuid import UUID

from jiaoying.duty.actions import Doer
from jiaoying.duty.days import Calendar
from jiaoying.duty.routines import store
from jiaoying.duty.routines.model import Charge, Occurrence, OccurrenceState, Routine
from jiaoying.duty.routines.planning import BEHIND, reopened_at, rewriting
from jiaoying.duty.routines.rules import LONGEST_MOVE, Rule, rule_as_data
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

MAX_TITLE, MAX_RECIPIENT, MAX_NOTE, MAX_REMARK = 60, 60, 500, 200


@dataclass(frozen=True, slots=True)
class Wish:
    """A duty as somebody wants it."""

    charge: Charge
    rule: Rule
    counts_from: date
    suggestion: str | None = None


async def add_routine(tx: Tx, wish: Wish, doer: Doer) -> Routine:
    """Put a duty in force, and write its next times. Raises Refusal naming what is wrong."""
    checked = _checked(wish, doer)
    await store.lock_routines(tx)
    routine = Routine(
        new_id(doer.now),
        checked.charge,
        checked.rule,
        checked.suggestion,
        checked.counts_from,
        doer.now,
        doer.actor,
        None,
    )
    await store.write_routine(tx, routine)
    await append_entries(tx, [_routine_entry("routine.added", routine, doer)])
    await plan_ahead(tx, routine, doer, Calendar())
    return routine


async def change_routine(tx: Tx, routine_id: UUID, wish: Wish, doer: Doer) -> Routine:
    """Change a duty: what nobody was reminded of yet follows, the rest stays as it was. Raises Refusal."""
    checked = _checked(wish, doer)
    await store.lock_routines(tx)
    before = await _in_force(tx, routine_id)
    # What was due by the rule as it was is not written anew; another owner alone moves no day.
    is_moved = (checked.rule, checked.counts_from) != (before.rule, before.counts_from)
    changed_at = doer.now if is_moved else before.changed_at
    routine = replace(
        before,
        charge=checked.charge,
        rule=checked.rule,
        counts_from=checked.counts_from,
        changed_at=changed_at,
    )
    if routine == before:
        return before
    await store.change_routine(tx, routine)
    await append_entries(tx, [_routine_entry("routine.changed", routine, doer)])
    await plan_ahead(tx, routine, doer, Calendar())
    return routine


async def end_routine(tx: Tx, routine_id: UUID, doer: Doer) -> None:
    """End a duty: what nobody was reminded of yet goes, the rest stays to be done. Raises Refusal."""
    reason = _remark(doer, say("Say why it ends"))
    await store.lock_routines(tx)
    routine = await _in_force(tx, routine_id)
    await store.end_routine(tx, routine_id, by=doer.actor, now=doer.now)
    entry = _routine_entry("routine.ended", routine, doer)
    await append_entries(tx, [replace(entry, particulars={**(entry.particulars or {}), "reason": reason})])
    await plan_ahead(tx, replace(routine, ended_at=doer.now), doer, Calendar())


async def plan_ahead(tx: Tx, routine: Routine, doer: Doer, calendar: Calendar) -> bool:
    """Write the coming times of a duty as its rule has them; whether anything changed. The lock of duties
    is held."""
    since = doer.now.astimezone(doer.zone).date() - BEHIND - LONGEST_MOVE
    ahead, begun = await store.rows_of(tx, routine.id, since)
    found = rewriting(routine, ahead, begun, calendar, doer.zone, doer.now)
    if found.is_empty:
        return False
    await store.rewrite(tx, found)
    facts = {
        "routine": str(routine.id),
        "added": [one.day.isoformat() for one in found.added],
        "changed": [one.day.isoformat() for one in found.changed],
        "dropped": len(found.dropped),
    }
    await append_entries(tx, [Entry(doer.now, "routine.planned", doer.actor, facts=facts)])
    return True


async def note_done(tx: Tx, occurrence_id: UUID, doer: Doer) -> Occurrence:
    """Somebody says by hand that one is done; the reason of the doer is what they note with it."""
    occurrence = await _open(tx, occurrence_id)
    return await _end(tx, occurrence, OccurrenceState.DONE, _short(doer.reason), doer)


async def skip(tx: Tx, occurrence_id: UUID, doer: Doer) -> Occurrence:
    """One is not to be done this time, with a reason. Raises Refusal without one."""
    reason = _remark(doer, say("Say why it is not to be done this time"))
    occurrence = await _open(tx, occurrence_id)
    return await _end(tx, occurrence, OccurrenceState.SKIPPED, reason, doer)


async def take_back(tx: Tx, occurrence_id: UUID, doer: Doer) -> Occurrence:
    """What was noted as done or skipped by mistake is open again, with a reason. Raises Refusal."""
    reason = _remark(doer, say("Say why it is open again"))
    occurrence = await _locked(tx, occurrence_id)
    if occurrence.is_open:
        raise Refusal(say("It is open already"))
    is_late = doer.now >= occurrence.due_at
    after = replace(
        occurrence,
        state=OccurrenceState.LATE if is_late else OccurrenceState.REMINDED,
        next_at=reopened_at(occurrence, doer.zone, doer.now),
        begun_at=occurrence.begun_at or doer.now,
        reopened_at=doer.now,
        ended_at=None,
        ended_by=None,
        ended_how=None,
        reported_by=None,
        remark="",
    )
    await store.store_occurrence(tx, after)
    await append_entries(tx, [occurrence_entry("routine.reopened", after, doer, {"reason": reason})])
    return after


def occurrence_entry(
    event: str, occurrence: Occurrence, doer: Doer, told: dict[str, str], contact_id: UUID | None = None
) -> Entry:
    """The ledger line of something that became of one time of a duty."""
    facts = {
        "routine": str(occurrence.routine_id),
        "occurrence": str(occurrence.id),
        "desk_id": str(occurrence.desk_id),
        "day": occurrence.day.isoformat(),
        "due_at": occurrence.due_at.isoformat(),
        "state": occurrence.state,
    }
    particulars = {"title": occurrence.title, **{name: text for name, text in told.items() if text}}
    return Entry(doer.now, event, doer.actor, contact_id=contact_id, facts=facts, particulars=particulars)


async def _end(tx: Tx, occurrence: Occurrence, state: OccurrenceState, remark: str, doer: Doer) -> Occurrence:
    after = replace(
        occurrence,
        state=state,
        next_at=None,
        ended_at=doer.now,
        ended_by=doer.actor,
        ended_how="hand",
        remark=remark,
    )
    await store.store_occurrence(tx, after)
    event = "routine.done" if state is OccurrenceState.DONE else "routine.skipped"
    await append_entries(tx, [occurrence_entry(event, after, doer, {"note": remark})])
    return after


async def _locked(tx: Tx, occurrence_id: UUID) -> Occurrence:
    occurrence = await store.occurrence_by_id(tx, occurrence_id, lock=True)
    if occurrence is None:
        raise Refusal(say("This is not in the calendar any more: look at it anew"))
    return occurrence


async def _open(tx: Tx, occurrence_id: UUID) -> Occurrence:
    occurrence = await _locked(tx, occurrence_id)
    if not occurrence.is_open:
        raise Refusal(say("Somebody has noted already what became of it: look at it anew"))
    return occurrence


async def _in_force(tx: Tx, routine_id: UUID) -> Routine:
    routine = await store.routine_by_id(tx, routine_id)
    if routine is None or routine.ended_at is not None:
        raise Refusal(say("This duty has ended already, or never was"))
    return routine


def _checked(wish: Wish, doer: Doer) -> Wish:
    charge = replace(
        wish.charge,
        title=wish.charge.title.strip(),
        recipient=wish.charge.recipient.strip(),
        note=wish.charge.note.strip(),
    )
    complaints: list[Complaint] = []
    if not charge.title:
        complaints.append(Complaint("routine", "title", say("Write what is to be done")))
    if not charge.recipient:
        complaints.append(Complaint("routine", "recipient", say("Write to whom it goes")))
    for name, most in (("title", MAX_TITLE), ("recipient", MAX_RECIPIENT), ("note", MAX_NOTE)):
        if len(getattr(charge, name)) > most:
            complaints.append(Complaint("routine", name, say("Shorten this to {count} signs", count=most)))
    today = doer.now.astimezone(doer.zone).date()
    if not today - BEHIND <= wish.counts_from <= today.replace(year=today.year + 2, day=1):
        complaints.append(Complaint("routine", "counts_from", say("Choose a day within the next two years")))
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
    return replace(wish, charge=charge)


def _remark(doer: Doer, wanted: str) -> str:
    if not doer.reason.strip():
        raise Refusal(wanted, (Complaint("routine", "reason", wanted),))
    return _short(doer.reason)


def _short(text: str) -> str:
    if len(text.strip()) > MAX_REMARK:
        shorten = say("Shorten this to {count} signs", count=MAX_REMARK)
        raise Refusal(shorten, (Complaint("routine", "reason", shorten),))
    return text.strip()


def _routine_entry(event: str, routine: Routine, doer: Doer) -> Entry:
    charge = asdict(routine.charge)
    facts = {
        "routine": str(routine.id),
        "desk_id": str(routine.charge.desk_id),
        "rule": rule_as_data(routine.rule),
        "counts_from": routine.counts_from.isoformat(),
    }
    told = {name: charge[name] for name in ("title", "recipient", "note") if charge[name]}
    owner_id = routine.charge.owner_id
    return Entry(doer.now, event, doer.actor, contact_id=owner_id, facts=facts, particulars=told)
