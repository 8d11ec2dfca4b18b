"""What people do about roll calls: begin one, plan them, say of a desk how it was; each with its line."""

from random import SystemRandom
from uuid import UUID

from jiaoying.duty.actions import Doer
from jiaoying.duty.roll_calls import store
from jiaoying.duty.roll_calls.model import (
    MARKED,
    MAX_NAME,
    MAX_REASON,
    CallState,
    Mark,
    Outcome,
    Plan,
    Terms,
    checked,
)
from jiaoying.duty.roll_calls.moments import next_moment, read_clock
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

_LOTS = SystemRandom()


async def begin_now(tx: Tx, terms: Terms, doer: Doer) -> UUID:
    """Have these desks called at once. Raises Refusal where the terms are wrong, or one waits or runs."""
    kept = checked(terms)
    # Two who press at once must not both find that none runs.
    await store.lock_roll_calls(tx)
    if await store.open_roll_call(tx) is not None:
        raise Refusal(say("A roll call runs already: wait for its end, or end it"))
    call_id = await store.ask(tx, kept, doer.now, by=doer.actor, now=doer.now)
    if call_id is None:
        raise AssertionError("a roll call by hand belongs to no plan")
    await append_entries(
        tx, [Entry(doer.now, "roll_call.asked", doer.actor, facts={"roll_call": str(call_id)})]
    )
    return call_id


async def end_early(tx: Tx, call_id: UUID, doer: Doer) -> None:
    """Call off what waits; what runs ends with what was seen so far. Raises Refusal where it is over."""
    reason = _reason(doer)
    call = await store.roll_call_by_id(tx, call_id, lock=True)
    if call is None or call.state not in (CallState.WAITING, CallState.RUNNING):
        raise Refusal(say("This roll call is over already"))
    if call.state is CallState.WAITING:
        await store.call_off(tx, call, "by_hand", doer.now)
    else:
        # The stage ends the calls too: it looks at once.
        await store.end_at(tx, call_id, doer.now)
    facts = {"roll_call": str(call_id), "before": call.state}
    entry = Entry(doer.now, "roll_call.stopped", doer.actor, facts=facts, particulars={"reason": reason})
    await append_entries(tx, [entry])


async def mark(tx: Tx, call_id: UUID, desk_id: UUID, outcome: Outcome, doer: Doer) -> None:
    """Say of a desk how it was, with the reason; what the calls came to stays beside it. Raises Refusal."""
    reason = _reason(doer)
    if outcome not in MARKED:
        text = say("Choose an outcome")
        raise Refusal(text, (Complaint("roll_call", "outcome", text),))
    call = await store.roll_call_by_id(tx, call_id, lock=True)
    results = (await store.results_of(tx, [call_id]))[call_id]
    if call is None or not any(one.desk_id == desk_id for one in results):
        raise Refusal(say("This desk was not asked in this roll call"))
    if call.state is CallState.RUNNING:
        raise Refusal(say("The desk is still being called: wait for the end of the roll call"))
    await store.add_mark(tx, call_id, Mark(desk_id, outcome, reason, doer.now, doer.actor))
    facts = {"roll_call": str(call_id), "desk_id": str(desk_id), "outcome": outcome}
    entry = Entry(doer.now, "roll_call.marked", doer.actor, facts=facts, particulars={"reason": reason})
    await append_entries(tx, [entry])


async def make_plan(
    tx: Tx, name: str, days: tuple[int, ...], begins: str, ends: str | None, terms: Terms, doer: Doer
) -> Plan:
    """Hold roll calls by themselves from now on. Raises Refusal naming each field that is wrong."""
    kept, name = checked(terms), name.strip()
    if not 1 <= len(name) <= MAX_NAME:
        text = say("Give it a name of at most {count} signs", count=MAX_NAME)
        raise Refusal(text, (Complaint("roll_call", "name", text),))
    if not days or not set(days) <= set(range(7)):
        text = say("Choose at least one day of the week")
        raise Refusal(text, (Complaint("roll_call", "days", text),))
    begin = f"{read_clock(begins, 'begins'):%H:%M}"
    end = f"{read_clock(ends, 'ends'):%H:%M}" if ends and ends.strip() else None
    plan = Plan(
        new_id(doer.now),
        name,
        tuple(sorted(set(days))),
        begin,
        end,
        kept,
        doer.now,
        doer.actor,
        next_moment(days, begin, end, doer.now, doer.zone, _LOTS.random()),
        None,
    )
    await store.add_plan(tx, plan)
    facts = {"plan": str(plan.id), "days": list(plan.days), "begins": begin, "ends": end}
    await append_entries(tx, [Entry(doer.now, "roll_call.planned", doer.actor, facts=facts)])
    return plan


async def end_plan(tx: Tx, plan_id: UUID, doer: Doer) -> None:
    """No more roll calls by this plan; those that were held stay. Raises Refusal where it ended already."""
    if await store.end_plan(tx, plan_id, doer.now) is None:
        raise Refusal(say("This plan was ended already"))
    await append_entries(
        tx, [Entry(doer.now, "roll_call.plan_ended", doer.actor, facts={"plan": str(plan_id)})]
    )


async def hold_planned(tx: Tx, plan: Plan, doer: Doer) -> UUID | None:
    """The roll call of a plan's moment, and its next moment; None where this one has its own already."""
    planned_at = plan.next_at or doer.now
    call_id = await store.ask(tx, plan.terms, planned_at, by=doer.actor, now=doer.now, plan_id=plan.id)
    lot = _LOTS.random()
    await store.plan_next(
        tx, plan.id, next_moment(plan.days, plan.begins, plan.ends, doer.now, doer.zone, lot)
    )
    if call_id is not None:
        facts = {"roll_call": str(call_id), "plan": str(plan.id)}
        await append_entries(tx, [Entry(doer.now, "roll_call.asked", doer.actor, facts=facts)])
    return call_id


def _reason(doer: Doer) -> str:
    reason = doer.reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        text = say("Give a reason of at most {count} signs", count=MAX_REASON)
        raise Refusal(text, (Complaint("roll_call", "reason", text),))
    return reason
