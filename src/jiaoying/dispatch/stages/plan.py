"""Plan: call-outs whose moment has come get their next round of attempts, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.planning import (
    GUARD_S,
    LookAgain,
    Number,
    OpenCallOut,
    PastAttempt,
    PlannedAttempt,
    Ring,
    Spent,
    next_round,
)
from jiaoying.dispatch.response.called import told_tasks
from jiaoying.dispatch.response.words import ToldTask
from jiaoying.dispatch.stages.isolation import run_isolated
from jiaoying.dispatch.states import CallOutEvent
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import attempts, call_outs, responsibilities, roster, warnings
from jiaoying.dispatch.store.attempts import AttemptFacts, NewAttempt
from jiaoying.dispatch.store.call_outs import DueCallOut
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.texting import gateway_for, word_attempt
from jiaoying.gateways.base import Channel, Scope
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import call_outs as call_outs_table

ACTOR = "plan"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the words of one batch may need, read at once."""

    warnings: Mapping[UUID, WarningRow]
    people: Mapping[UUID, Callee]
    labels: Mapping[UUID, tuple[str, ...]]
    tasks: Mapping[UUID, tuple[ToldTask, ...]]
    attempts: Mapping[UUID, list[AttemptFacts]]


@dataclass(frozen=True, slots=True)
class Worded:
    """An attempt in words; `plain` where the wording failed and the built-in sentence goes out."""

    attempt: NewAttempt
    plain: bool


class PlanStage:
    """Decides about every call-out whose next moment has come."""

    name = "plan"
    rings = ("send", "plan")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        return await run_isolated(engine, now, call_outs_table, BATCH, _plan_due)


async def _plan_due(engine: Engine, now: datetime, limit: int, only: UUID | None = None) -> int:
    async with engine.database.transaction() as tx:
        due = await call_outs.claim_due(tx, now, limit, only)
        spent = await _plan(tx, engine, due, now) if due else {}
    if spent:
        # On its own: responsibilities are locked before call-outs, never after.
        async with engine.database.transaction() as tx:
            await _own_up(tx, spent, now)
        engine.wake.ring("escalate")
    return len(due)


async def _plan(tx: Tx, engine: Engine, due: Sequence[DueCallOut], now: datetime) -> dict[UUID, str]:
    """Plan what can be planned; returns the call-outs whose tries are spent, with the reason."""
    situation = await _read_situation(tx, due)
    planned: list[Worded] = []
    moments: list[tuple[UUID, int, datetime]] = []
    spent: dict[UUID, str] = {}
    for call_out in due:
        plan = next_round(_as_open(call_out, situation), now)
        if isinstance(plan, Ring):
            new = _attempts(engine, call_out, plan, situation, now)
            if new:
                planned += new
                moments.append((call_out.id, plan.round, now + timedelta(seconds=GUARD_S)))
            else:
                spent[call_out.id] = "no_gateway"
        elif isinstance(plan, LookAgain):
            moments.append((call_out.id, call_out.round, plan.at))
        else:
            spent[call_out.id] = _reason(plan)
    await attempts.plan_attempts(tx, [item.attempt for item in planned])
    await call_outs.look_again(tx, moments)
    await append_entries(tx, [_planned_entry(item, now) for item in planned])
    return spent


def _reason(plan: Spent) -> str:
    return plan.reason


async def _own_up(tx: Tx, spent: Mapping[UUID, str], now: datetime) -> None:
    """The tries are spent: the responsibilities behind them look at once for the next person."""
    await responsibilities.wake_responsibilities(tx, spent, now)
    for reason in sorted(set(spent.values())):
        ids = [row_id for row_id, found in spent.items() if found == reason]
        # Whatever was heard meanwhile stands: only what is still open and still due is owned up to.
        still_due = await call_outs.still_due(tx, ids, now)
        await stop_call_outs(tx, still_due, CallOutEvent.EXHAUST, actor=ACTOR, reason=reason, now=now)


async def _read_situation(tx: Tx, due: Sequence[DueCallOut]) -> Situation:
    ids = [call_out.id for call_out in due]
    return Situation(
        await warnings.warnings_by_id(tx, {call_out.warning_id for call_out in due}),
        await roster.callees(tx, {call_out.contact_id for call_out in due}),
        await call_outs.labels_of(tx, ids),
        await told_tasks(tx, ids),
        await attempts.attempts_of(tx, ids),
    )


def _as_open(call_out: DueCallOut, situation: Situation) -> OpenCallOut:
    callee = situation.people[call_out.contact_id]
    return OpenCallOut(
        id=call_out.id,
        channels=call_out.channels,
        tries=call_out.tries,
        gap_s=call_out.gap_s,
        round=call_out.round,
        numbers=tuple(
            Number(number, takes_texts=kind == "mobile", doubtful=number in callee.doubtful)
            for number, kind in callee.numbers
        ),
        attempts=tuple(_as_past(attempt) for attempt in situation.attempts.get(call_out.id, ())),
    )


def _as_past(attempt: AttemptFacts) -> PastAttempt:
    return PastAttempt(
        channel=attempt.channel,
        number=attempt.number,
        state=attempt.state,
        round=attempt.round,
        last_at=attempt.ended_at or attempt.accepted_at or attempt.due_at,
        refused_for_good=attempt.refused_scope is Scope.RECIPIENT,
    )


def _attempts(
    engine: Engine, call_out: DueCallOut, plan: Ring, situation: Situation, now: datetime
) -> list[Worded]:
    warning, callee = situation.warnings[call_out.warning_id], situation.people[call_out.contact_id]
    gateway = gateway_for(engine, demonstration=callee.demonstration, exercise=warning.exercise)
    if gateway is None:
        return []
    labels = situation.labels.get(call_out.id, ())
    tasks = situation.tasks.get(call_out.id, ())
    return [
        _attempt(engine, call_out, plan.round, item, warning, callee, labels, tasks, gateway, now)
        for item in plan.attempts
    ]


def _attempt(
    engine: Engine,
    call_out: DueCallOut,
    round_: int,
    item: PlannedAttempt,
    warning: WarningRow,
    callee: Callee,
    labels: tuple[str, ...],
    tasks: tuple[ToldTask, ...],
    gateway: str,
    now: datetime,
) -> Worded:
    wording = word_attempt(engine, warning, labels, item.channel, callee.language, tasks)
    attempt = NewAttempt(
        id=new_id(now),
        warning_id=warning.id,
        call_out_id=call_out.id,
        contact_id=callee.id,
        purpose="call",
        channel=item.channel,
        gateway=gateway,
        number=item.number,
        text=wording.text,
        language=callee.language,
        parts=wording.parts if item.channel is Channel.SMS else 1,
        demonstration=callee.demonstration,
        exercise=warning.exercise,
        priority=call_out.priority,
        round=round_,
        due_at=now,
        expires_at=warning.valid_to,
    )
    return Worded(attempt, plain=wording.fallback)


def _planned_entry(item: Worded, now: datetime) -> Entry:
    attempt = item.attempt
    return Entry(
        now,
        "attempt.planned",
        ACTOR,
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
        contact_id=attempt.contact_id,
        facts={
            "channel": attempt.channel,
            "round": attempt.round,
            "gateway": attempt.gateway,
            "parts": attempt.parts,
            **({"plain_wording": True} if item.plain else {}),
        },
        particulars={"number": attempt.number, "text": attempt.text},
    )
