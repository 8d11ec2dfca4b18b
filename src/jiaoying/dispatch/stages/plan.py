"""Plan: call-outs whose moment has come get their next round of attempts, in words; one person, one ring."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.merging import ON_PHONE_LOOK_S, plan_person
from jiaoying.dispatch.persons import Person, Situation, members_of, persons_of
from jiaoying.dispatch.planning import GUARD_S, LookAgain, Ring, Spent
from jiaoying.dispatch.response.called import told_tasks
from jiaoying.dispatch.ringing import Sent, send_together
from jiaoying.dispatch.stages.isolation import run_isolated
from jiaoying.dispatch.states import AttemptState, CallOutEvent
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import (
    attempts,
    bundles,
    call_outs,
    doors,
    links,
    responsibilities,
    roster,
    usage,
    warnings,
)
from jiaoying.dispatch.store.attempts import TakenBack
from jiaoying.dispatch.store.call_outs import DueCallOut, NextLook
from jiaoying.gateways.base import Channel
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import call_outs as call_outs_table
from jiaoying.templates.store import wordings_in_force

ACTOR = "plan"
BATCH = 500


@dataclass(slots=True)
class Outcome:
    """What one batch comes to, gathered person by person."""

    looks: list[NextLook] = field(default_factory=list[NextLook])
    sent: list[Sent] = field(default_factory=list[Sent])
    taken_back: set[UUID] = field(default_factory=set[UUID])
    # Whose tries are spent, with the reason.
    spent: dict[UUID, str] = field(default_factory=dict[UUID, str])
    # Whose numbers are called as often as they may be, until when.
    out_of_budget: list[tuple[DueCallOut, datetime]] = field(
        default_factory=list[tuple[DueCallOut, datetime]]
    )


class PlanStage:
    """Decides about every call-out whose next moment has come."""

    name = "plan"
    rings = ("send", "plan")

    def __init__(self, batch: int = BATCH) -> None:
        self._batch = batch

    async def run_once(self, engine: Engine, now: datetime) -> int:
        return await run_isolated(engine, now, call_outs_table, self._batch, _plan_due)


async def _plan_due(engine: Engine, now: datetime, limit: int, only: UUID | None = None) -> int:
    async with engine.database.transaction() as tx:
        due = await call_outs.claim_due(tx, now, limit, only)
        situation = await _read_situation(tx, engine, due, now)
        async with wordings_in_force(tx):
            outcome = _decide(engine, situation, now)
        await _write(tx, outcome, now)
    if outcome.spent or outcome.out_of_budget:
        # On its own: responsibilities are locked before call-outs, never after.
        async with engine.database.transaction() as tx:
            await _own_up(tx, outcome, now)
        engine.wake.ring("escalate")
    return len(situation.due)


async def _read_situation(tx: Tx, engine: Engine, due: Sequence[DueCallOut], now: datetime) -> Situation:
    """Everything that is needed to decide on these people, read at once; whom another planner has in hand
    is left to it."""
    people = await roster.callees(tx, {call_out.contact_id for call_out in due}) if due else {}
    numbers = {number for callee in people.values() for number, _ in callee.numbers}
    held = await usage.hold_numbers(tx, numbers) if numbers else frozenset[str]()
    due = [item for item in due if all(number in held for number, _ in people[item.contact_id].numbers)]
    if not due:
        return Situation.empty()
    beside = await call_outs.claim_beside(tx, {item.contact_id for item in due}, [item.id for item in due])
    ids = [item.id for item in (*due, *beside)]
    made = await attempts.attempts_of(tx, ids)
    # Who has one call-out only has nothing that could be named together with it.
    crowded = {item.contact_id for item in beside} | _twice_due(due)
    waiting = await attempts.lock_waiting(
        tx,
        {
            attempt.id
            for of_one in made.values()
            for attempt in of_one
            if attempt.state is AttemptState.DUE and attempt.contact_id in crowded
        },
    )
    budgets = {name: gateway.limits.number_budget for name, gateway in engine.gateways.items()}
    borne = await usage.borne_by(tx, numbers, budgets, now)
    return Situation(
        due=due,
        beside=beside,
        people=people,
        warnings=await warnings.warnings_by_id(tx, {item.warning_id for item in (*due, *beside)}),
        labels=await call_outs.labels_of(tx, ids),
        tasks=await told_tasks(tx, ids),
        errands=await doors.errands_of(tx, [item.id for item in (*due, *beside) if item.kind == "door"]),
        attempts=made,
        waiting=waiting,
        usage=borne.usage,
        on_phone=borne.on_phone,
        rung_for=borne.rung_for,
    )


def _twice_due(due: Sequence[DueCallOut]) -> set[UUID]:
    seen: set[UUID] = set()
    return {item.contact_id for item in due if item.contact_id in seen or seen.add(item.contact_id)}


def _decide(engine: Engine, situation: Situation, now: datetime) -> Outcome:
    outcome = Outcome()
    for person in persons_of(engine, situation):
        _decide_person(engine, situation, person, outcome, now)
    return outcome


def _decide_person(
    engine: Engine, situation: Situation, person: Person, outcome: Outcome, now: datetime
) -> None:
    decided = plan_person(
        members_of(situation, person, now), now, on_phone=person.callee.id in situation.on_phone
    )
    sent = [
        one
        for together in decided.sent
        for one in send_together(engine, situation, person, together, decided.taken_back, now)
    ]
    outcome.sent += sent
    outcome.taken_back |= decided.taken_back
    for call_out in person.call_outs:
        plan = decided.plans[call_out.id]
        planned = {one.attempt.channel for one in sent if call_out.id in one.rounds}
        if isinstance(plan, Ring) and not person.gateways[call_out.id]:
            plan = Spent("no_gateway")
        if isinstance(plan, Spent):
            if call_out.id in situation.due_ids:
                outcome.spent[call_out.id] = plan.reason
            continue
        look = _look(call_out, plan, planned, now)
        outcome.looks.append(look)
        if look.calls_again_at and call_out.calls_again_at != look.calls_again_at:
            outcome.out_of_budget.append((call_out, look.calls_again_at))


def _look(call_out: DueCallOut, plan: LookAgain | Ring, planned: set[Channel], now: datetime) -> NextLook:
    """When to look next; a round counts as planned when its calls are, or its texts where it has no calls."""
    if isinstance(plan, LookAgain):
        return NextLook(call_out.id, call_out.round, plan.at, plan.spent_until)
    if plan.rest_at:
        return NextLook(call_out.id, call_out.round, plan.rest_at, plan.spent_until)
    if plan.strongest not in planned:
        return NextLook(call_out.id, call_out.round, now + timedelta(seconds=ON_PHONE_LOOK_S))
    return NextLook(call_out.id, plan.round, now + timedelta(seconds=GUARD_S))


async def _write(tx: Tx, outcome: Outcome, now: datetime) -> None:
    taken_back = await attempts.withdraw_planned(tx, outcome.taken_back, now)
    beside = await bundles.named_beside(tx, [item.id for item in taken_back])
    await attempts.plan_attempts(tx, [item.attempt for item in outcome.sent])
    await links.write_links(tx, [item.link for item in outcome.sent if item.link])
    await bundles.name_beside(tx, [named for item in outcome.sent for named in item.beside])
    await call_outs.look_again(tx, outcome.looks)
    await append_entries(
        tx,
        [
            *bundles.told_of_all((_taken_back_entry(item, now) for item in taken_back), beside),
            *(entry for item in outcome.sent for entry in item.entries(ACTOR, now)),
            *(_out_of_budget_entry(item, until, now) for item, until in outcome.out_of_budget),
        ],
    )


async def _own_up(tx: Tx, outcome: Outcome, now: datetime) -> None:
    """The tries are spent, or the numbers bear no more for now: the responsibilities behind them look at
    once for the next person."""
    waiting = [item.id for item, _ in outcome.out_of_budget]
    await responsibilities.wake_responsibilities(tx, [*outcome.spent, *waiting], now)
    for reason in sorted(set(outcome.spent.values())):
        ids = [row_id for row_id, found in outcome.spent.items() if found == reason]
        # Whatever was heard meanwhile stands: only what is still open and still due is owned up to.
        still_due = await call_outs.still_due(tx, ids, now)
        await stop_call_outs(tx, still_due, CallOutEvent.EXHAUST, actor=ACTOR, reason=reason, now=now)


def _taken_back_entry(item: TakenBack, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.withdrawn",
        ACTOR,
        item.warning_id,
        call_out_id=item.call_out_id,
        attempt_id=item.id,
        facts={"reason": "named_together"},
    )


def _out_of_budget_entry(call_out: DueCallOut, until: datetime, now: datetime) -> Entry:
    return Entry(
        now,
        "call_out.budget_spent",
        ACTOR,
        call_out.warning_id,
        call_out_id=call_out.id,
        contact_id=call_out.contact_id,
        facts={"until": until.isoformat()},
    )
