"""Attempts (呼叫): planned, claimed, handed over, reported on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, func, insert, select, text, union_all, update

from jiaoying.dispatch.call_endings import CallHeard
from jiaoying.dispatch.states import ATTEMPT, AttemptEvent, AttemptState
from jiaoying.dispatch.store.bundles import names_one_of
from jiaoying.dispatch.store.locking import lock_rows
from jiaoying.dispatch.store.sets import given_rows, is_one_of, is_one_of_given, parameters_of
from jiaoying.dispatch.store.turns import next_turns
from jiaoying.gateways.base import Channel, NumberSign, PickedUp, Scope
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import attempt_call_outs, attempts, workers

# By the wall: five missed signs of life (scheduler/housekeeping.py).
WORKER_GONE_S = 10
# What the carrier owns or may own, and has not ended.
WITH_THE_CARRIER = (AttemptState.SENDING, AttemptState.ACCEPTED)


@dataclass(frozen=True, slots=True)
class NewAttempt:
    """An attempt to be written before anything is done about it."""

    id: UUID
    warning_id: UUID | None
    call_out_id: UUID | None
    contact_id: UUID | None
    purpose: str
    channel: Channel
    gateway: str
    number: str
    text: str
    language: str
    parts: int
    demonstration: bool
    exercise: bool
    priority: int
    round: int
    due_at: datetime
    expires_at: datetime
    previous_id: UUID | None = None
    number_check_id: UUID | None = None
    real_phones: bool = False  # of a drill that two persons allowed on real telephones


@dataclass(frozen=True, slots=True)
class ClaimedAttempt:
    """One attempt that this worker, and no other, hands over now."""

    id: UUID
    warning_id: UUID | None
    call_out_id: UUID | None
    contact_id: UUID | None
    purpose: str
    channel: Channel
    gateway: str
    number: str
    text: str
    language: str
    parts: int
    demonstration: bool
    exercise: bool
    priority: int
    round: int
    turn: int
    due_at: datetime
    expires_at: datetime
    claimed_at: datetime
    looks: int
    number_check_id: UUID | None
    real_phones: bool


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """An attempt as reports and the planning see it."""

    id: UUID
    warning_id: UUID | None
    call_out_id: UUID | None
    contact_id: UUID | None
    purpose: str
    channel: Channel
    gateway: str
    number: str
    state: AttemptState
    round: int
    due_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    carrier_ref: str | None
    refused_scope: Scope | None
    heard_whole_at: datetime | None = None
    heard_s: int | None = None
    picked_up_by: PickedUp | None = None

    @property
    def heard(self) -> CallHeard:
        """How the call was heard, as far as is known."""
        return CallHeard(self.heard_whole_at, self.heard_s, self.picked_up_by)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """An attempt that was withdrawn before it left."""

    id: UUID
    warning_id: UUID | None
    call_out_id: UUID | None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of one hand-over, to be written down."""

    id: UUID
    event: AttemptEvent
    ref: str | None
    code: str | None
    text: str | None
    scope: Scope | None
    at: datetime
    report_by: datetime | None
    due_at: datetime | None  # throttled: not before
    sign: NumberSign | None = None  # of a failure: what it says of the number


_PLANNED = tuple(NewAttempt.__dataclass_fields__)
_WRITTEN = ("state", "turn", *_PLANNED)
_PLAN = insert(attempts).from_select(_WRITTEN, given_rows(attempts, _WRITTEN))


async def plan_attempts(tx: Tx, new: Sequence[NewAttempt]) -> None:
    """Insert attempts in state *due*, each with its turn."""
    if new:
        rows = [
            {"state": AttemptState.DUE, "turn": turn, **{name: getattr(item, name) for name in _PLANNED}}
            for item, turn in zip(new, await next_turns(tx, new), strict=True)
        ]
        await tx.execute(_PLAN, parameters_of(attempts, rows))


async def claim_overrun(
    tx: Tx, *, worker_id: UUID, wall: datetime, lease_until: datetime, limit: int
) -> list[ClaimedAttempt]:
    """Take over attempts whose worker died, or never learned the outcome, and note one more look.

    A worker that has not been seen for `WORKER_GONE_S` counts as dead, so that its hand-overs need not
    wait for their leases to run out. A lease that ends later than any that is given now comes from before
    the machine's clock was set back.
    """
    alive = exists().where(
        workers.c.id == attempts.c.worker_id,
        workers.c.seen_at > wall - timedelta(seconds=WORKER_GONE_S),
    )
    picked = (
        select(attempts.c.id)
        .where(
            attempts.c.state == AttemptState.SENDING,
            # Whoever asks is alive, whatever its row says.
            (attempts.c.lease_until <= wall)
            | (attempts.c.lease_until > lease_until)
            | (~alive & (attempts.c.worker_id != worker_id)),
        )
        .order_by(attempts.c.priority, attempts.c.lease_until)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        .cte("picked")
    )
    rows = await tx.execute(
        update(attempts)
        .where(attempts.c.id == picked.c.id)
        .values(worker_id=worker_id, lease_until=lease_until, looks=attempts.c.looks + 1)
        .returning(*columns_of(ClaimedAttempt, attempts))
    )
    return read_as(ClaimedAttempt, rows)


async def extend_lease(tx: Tx, ids: Collection[UUID], lease_until: datetime) -> None:
    """Look at these again after `lease_until`."""
    if ids:
        await tx.execute(
            update(attempts)
            .where(is_one_of(attempts.c.id, ids), attempts.c.state == AttemptState.SENDING)
            .values(lease_until=lease_until)
        )


async def lock_in_doubt(tx: Tx, attempt_id: UUID) -> bool:
    """Lock one attempt; whether it is still unknown what became of its hand-over."""
    state = await tx.scalar(
        select(attempts.c.state).where(attempts.c.id == attempt_id).with_for_update(key_share=True)
    )
    return state == AttemptState.SENDING


async def record_hand_overs(tx: Tx, results: Sequence[HandedOver]) -> dict[UUID, AttemptState]:
    """Write down what became of hand-overs; returns the state that each came to.

    A report may have overtaken the carrier's own reply: then only the reference is added.
    """
    if not results:
        return {}
    # Sending and settling meet on the same rows: both lock them in one order.
    results = sorted(results, key=lambda item: item.id)
    await lock_rows(tx, attempts, [item.id for item in results])
    rows = await tx.execute(
        _RECORD,
        {
            "ids": [item.id for item in results],
            "events": [item.event.value for item in results],
            "refs": [item.ref for item in results],
            "codes": [item.code for item in results],
            "texts": [item.text for item in results],
            "scopes": [item.scope for item in results],
            "moments": [item.at for item in results],
            "report_bys": [item.report_by for item in results],
            "due_ats": [item.due_at for item in results],
        },
    )
    return {row.id: AttemptState(row.state) for row in rows}


def _moves_as_sql() -> str:
    """The table of attempts as rows of a VALUES list, so that one statement can apply any event."""
    rows = (f"('{state}', '{event}', '{after}')" for (state, event), after in ATTEMPT.moves.items())
    return ", ".join(rows)


_RECORD = text(
    f"""
    UPDATE attempts SET
        state = coalesce(
            (SELECT after FROM (VALUES {_moves_as_sql()}) AS moves (state, event, after)
             WHERE moves.state = attempts.state AND moves.event = told.event),
            attempts.state),
        lease_until = NULL,
        carrier_ref = coalesce(attempts.carrier_ref, told.ref),
        outcome_code = CASE WHEN attempts.state IN ('delivered', 'answered') THEN attempts.outcome_code
                            ELSE coalesce(told.code, attempts.outcome_code) END,
        outcome_text = coalesce(told.text, attempts.outcome_text),
        refused_scope = coalesce(told.scope, attempts.refused_scope),
        accepted_at = CASE WHEN told.ref IS NULL AND told.event NOT IN ('accept', 'deliver')
                           THEN attempts.accepted_at
                           ELSE coalesce(attempts.accepted_at, told.at) END,
        report_by = CASE WHEN attempts.state = 'sending' THEN told.report_by ELSE attempts.report_by END,
        due_at = coalesce(told.due_at, attempts.due_at),
        ended_at = CASE WHEN attempts.state <> 'due' AND told.event IN ('fail', 'lose', 'deliver')
                        THEN coalesce(attempts.ended_at, told.at) ELSE attempts.ended_at END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:events AS text[]), CAST(:refs AS text[]), CAST(:codes AS text[]),
                CAST(:texts AS text[]), CAST(:scopes AS text[]), CAST(:moments AS timestamptz[]),
                CAST(:report_bys AS timestamptz[]), CAST(:due_ats AS timestamptz[]))
         AS told (id, event, ref, code, text, scope, at, report_by, due_at)
    WHERE attempts.id = told.id
    RETURNING attempts.id, attempts.state
    """  # noqa: S608 - the words are those of our own enumerations
)


async def move_attempts(
    tx: Tx, ids: Collection[UUID], event: AttemptEvent, now: datetime, *, code: str | None = None
) -> dict[UUID, AttemptState]:
    """Apply `event` to each; returns the ones that changed with their new state."""
    if not ids:
        return {}
    moves = {state: after for (state, heard), after in ATTEMPT.moves.items() if heard == event}
    rows = await tx.execute(
        update(attempts)
        .where(is_one_of(attempts.c.id, sorted(ids)), attempts.c.state.in_(moves))
        .values(
            state=case({state.value: after.value for state, after in moves.items()}, value=attempts.c.state),
            lease_until=None,
            ended_at=now,
            **({"outcome_code": code} if code else {}),
        )
        .returning(attempts.c.id, attempts.c.state)
    )
    return {row.id: AttemptState(row.state) for row in rows}


async def withdraw_due(tx: Tx, call_out_ids: Collection[UUID], now: datetime) -> list[TakenBack]:
    """Take back what has not left yet."""
    of_these = names_one_of("call_out_ids") & (attempts.c.purpose == "call")
    return await _take_back(tx, of_these, now, call_out_ids=list(call_out_ids)) if call_out_ids else []


async def withdraw_repetitions(tx: Tx, ids: Collection[UUID], now: datetime) -> list[TakenBack]:
    """Take back what repeats one of these and has not left yet."""
    return await _take_back(tx, is_one_of(attempts.c.previous_id, ids), now) if ids else []


async def withdraw_check(tx: Tx, check_id: UUID, now: datetime) -> list[TakenBack]:
    """Take back what a check of numbers has not sent yet."""
    of_it = (attempts.c.purpose == "check") & (attempts.c.number_check_id == check_id)
    return await _take_back(tx, of_it, now)


async def withdraw_planned(tx: Tx, ids: Collection[UUID], now: datetime) -> list[TakenBack]:
    """Take back these, which are locked: something that names more is planned in their place."""
    return await _take_back(tx, is_one_of(attempts.c.id, ids), now) if ids else []


async def _take_back(
    tx: Tx, which: ColumnElement[bool], now: datetime, **given: list[UUID]
) -> list[TakenBack]:
    rows = await tx.execute(
        update(attempts)
        .where(which, attempts.c.state == AttemptState.DUE)
        .values(state=AttemptState.WITHDRAWN, ended_at=now)
        .returning(*columns_of(TakenBack, attempts)),
        given,
    )
    return read_as(TakenBack, rows)


async def silent_attempts(tx: Tx, now: datetime, limit: int) -> list[AttemptFacts]:
    """Accepted attempts of which the carrier has said nothing more by their time."""
    rows = await tx.execute(
        select(*columns_of(AttemptFacts, attempts))
        .where(attempts.c.state == AttemptState.ACCEPTED, attempts.c.report_by <= now)
        .order_by(attempts.c.report_by)
        .limit(limit)
    )
    return read_as(AttemptFacts, rows)


_OWN = columns_of(AttemptFacts, attempts)
_BESIDE = [
    attempt_call_outs.c[column.name] if column.name in ("call_out_id", "round") else column for column in _OWN
]
_OF_CALL_OUTS = union_all(
    select(*_OWN).where(
        is_one_of_given(attempts.c.call_out_id, "call_out_ids"), attempts.c.purpose == "call"
    ),
    select(*_BESIDE)
    .join(attempt_call_outs, attempt_call_outs.c.attempt_id == attempts.c.id)
    .where(is_one_of_given(attempt_call_outs.c.call_out_id, "call_out_ids")),
)


async def attempts_of(tx: Tx, call_out_ids: Collection[UUID]) -> dict[UUID, list[AttemptFacts]]:
    """Every call attempt that names one of these call-outs; call-out and round are those of the one named."""
    rows = await tx.execute(_OF_CALL_OUTS, {"call_out_ids": list(call_out_ids)})
    found: dict[UUID, list[AttemptFacts]] = {}
    for attempt in read_as(AttemptFacts, rows):
        if attempt.call_out_id:
            found.setdefault(attempt.call_out_id, []).append(attempt)
    return found


async def lock_waiting(tx: Tx, ids: Collection[UUID]) -> frozenset[UUID]:
    """Lock those of these attempts that still wait and that nobody is handing over at this moment."""
    if not ids:
        return frozenset()
    rows = await tx.execute(
        select(attempts.c.id)
        .where(is_one_of(attempts.c.id, ids), attempts.c.state == AttemptState.DUE)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return frozenset(row.id for row in rows)


async def attempts_named(
    tx: Tx, gateway: str, ids: Collection[UUID], refs: Collection[str]
) -> list[AttemptFacts]:
    """The attempts of a gateway that reports speak of, by our id or by the carrier's reference."""
    rows = await tx.execute(
        select(*columns_of(AttemptFacts, attempts)).where(
            attempts.c.gateway == gateway,
            is_one_of(attempts.c.id, ids) | is_one_of(attempts.c.carrier_ref, refs),
        )
    )
    return read_as(AttemptFacts, rows)


async def refs_of_number(tx: Tx, gateway: str, number: str) -> tuple[str, ...]:
    """The carrier's references already bound to attempts at one number."""
    rows = await tx.execute(
        select(attempts.c.carrier_ref).where(
            attempts.c.gateway == gateway,
            attempts.c.number == number,
            attempts.c.carrier_ref.is_not(None),
        )
    )
    return tuple(row.carrier_ref for row in rows)


async def lock_lines(tx: Tx, gateway: str) -> int:
    """How many calls this gateway holds or may hold; the count stays true until the transaction ends.

    Every claimer of its calls takes the same lock, so that two cannot share the last line.
    """
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"lines:{gateway}"))))
    count = await tx.scalar(
        select(func.count()).where(
            attempts.c.gateway == gateway,
            attempts.c.channel == Channel.VOICE,
            attempts.c.state.in_(WITH_THE_CARRIER),
        )
    )
    return count or 0


async def expire_due(tx: Tx, now: datetime, limit: int) -> list[TakenBack]:
    """Take back due attempts that would come too late."""
    late = (
        select(attempts.c.id)
        .where(attempts.c.state == AttemptState.DUE, attempts.c.expires_at <= now)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        .cte("late")
    )
    rows = await tx.execute(
        update(attempts)
        .where(attempts.c.id == late.c.id)
        .values(state=AttemptState.WITHDRAWN, outcome_code="too_late", ended_at=now)
        .returning(*columns_of(TakenBack, attempts))
    )
    return read_as(TakenBack, rows)


async def prolong_due(tx: Tx, call_out_ids: Collection[UUID], expires_at: datetime) -> None:
    """What has not left yet is worth sending until then: the warning goes on under a newer version."""
    if call_out_ids:
        await tx.execute(
            update(attempts)
            .where(names_one_of("call_out_ids"), attempts.c.state == AttemptState.DUE)
            .values(expires_at=expires_at),
            {"call_out_ids": list(call_out_ids)},
        )
