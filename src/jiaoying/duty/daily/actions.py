"""What is done to the daily dispatch, each with its ledger line: planned, ended, reported, corrected."""

from datetime import datetime
from uuid import UUID

from jiaoying.duty.actions import Doer
from jiaoying.duty.daily import store
from jiaoying.duty.daily.model import (
    NewReport,
    Plan,
    PlanFields,
    checked_plan,
)
from jiaoying.duty.daily.moments import next_moment
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx


async def make_plan(tx: Tx, fields: PlanFields, doer: Doer) -> Plan:
    """Ask by it from now on. Raises Refusal naming each field that is wrong."""
    kept = checked_plan(fields, doer.now.astimezone(doer.zone).date())
    next_at = next_moment(kept, doer.now, doer.zone)
    if next_at is None:
        text = say("All its hours are over")
        raise Refusal(text, (Complaint("daily", "hours", text),))
    plan = Plan(new_id(doer.now), kept, doer.now, doer.actor, next_at, None)
    await store.add_plan(tx, plan)
    facts = {
        "plan": str(plan.id),
        "first": kept.first.isoformat(),
        "last": kept.last.isoformat(),
        "hours": list(kept.hours),
        "questions": len(kept.form.questions),
    }
    await append_entries(tx, [Entry(doer.now, "daily.planned", doer.actor, facts=facts)])
    return plan


async def end_plan(tx: Tx, plan_id: UUID, doer: Doer) -> None:
    """It asks no more; a round that runs goes on to its end. Raises Refusal where it ended already."""
    if not await store.end_plan(tx, plan_id, doer.now):
        raise Refusal(say("This plan was ended already"))
    await append_entries(tx, [Entry(doer.now, "daily.plan_ended", doer.actor, facts={"plan": str(plan_id)})])


async def report(tx: Tx, new: NewReport, *, by: str, now: datetime) -> int:
    """Keep what a desk said and return its version. Raises Refusal for a desk that was not asked."""
    version = await store.add_report(tx, new, by=by, now=now)
    facts = {
        "round": str(new.round_id),
        "desk_id": str(new.desk_id),
        "version": version,
        "how": new.how,
        "zero": new.zero,
        "whole": new.whole,
        **({"inbox_item_id": str(new.inbox_item_id)} if new.inbox_item_id else {}),
    }
    told = {"answers": dict(new.answers), "words": new.words, "said_by": new.said_by, "reason": new.reason}
    event = "daily.reported" if version == 1 else "daily.corrected"
    particulars = {name: value for name, value in told.items() if value}
    entry = Entry(now, event, by, contact_id=new.contact_id, facts=facts, particulars=particulars)
    await append_entries(tx, [entry])
    return version
