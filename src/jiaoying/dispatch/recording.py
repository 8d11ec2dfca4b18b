"""What became of hand-overs, written down in one transaction with its ledger lines."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.hygiene import note_reports
from jiaoying.dispatch.raising import raise_alarm_once
from jiaoying.dispatch.states import AttemptEvent, AttemptState
from jiaoying.dispatch.stopping import take_back_due
from jiaoying.dispatch.store import attempts, bundles, call_outs
from jiaoying.dispatch.store.attempts import ClaimedAttempt, HandedOver
from jiaoying.dispatch.store.bundles import Beside
from jiaoying.gateways.base import Scope
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# How soon a doubtful hand-over is looked for at the carrier, by the wall.
DOUBT_S = 5
_EVENT_WORDS = {
    AttemptEvent.ACCEPT: "attempt.accepted",
    AttemptEvent.THROTTLE: "attempt.throttled",
    AttemptEvent.FAIL: "attempt.failed",
    AttemptEvent.LOSE: "attempt.lost",
}

# Refused: the planning looks at once for another number, channel or person.
_NOT_REACHED = (AttemptEvent.FAIL, AttemptEvent.LOSE)
_NOT_GONE_OUT = (AttemptEvent.THROTTLE, *_NOT_REACHED)

Finished = tuple[ClaimedAttempt, HandedOver | None]


async def record(engine: Engine, batch: Sequence[Finished], actor: str) -> None:
    """Write the outcomes of a batch. A result of None is in doubt: its lease ends soon, and the carrier
    is asked.

    Raises IntegrityError where the carrier gave a reference that another attempt has already.
    """
    told = [(attempt, result) for attempt, result in batch if result is not None]
    doubtful = [attempt.id for attempt, result in batch if result is None]
    async with engine.database.transaction() as tx:
        beside = await bundles.named_beside(tx, [attempt.id for attempt, _ in told])
        ended = await call_outs.lock_ended(tx, _behind(told, beside, *_NOT_GONE_OUT))
        await call_outs.wake_call_outs(tx, _behind(told, beside, *_NOT_REACHED), engine.clock.now())
        states = await attempts.record_hand_overs(tx, [result for _, result in told])
        await attempts.extend_lease(tx, doubtful, wall_now() + timedelta(seconds=DOUBT_S))
        lines = (_entry(attempt, result, actor, states.get(attempt.id)) for attempt, result in told)
        await append_entries(tx, bundles.told_of_all(lines, beside))
        # Answered or withdrawn while the carrier was asked: what it put off is not sent after all.
        await take_back_due(tx, ended, actor=actor, now=engine.clock.now())
        await _alarm_about_account(tx, told)
        await note_reports(
            tx,
            [(attempt.gateway, attempt.number, AttemptState.SENDING, result) for attempt, result in told],
            engine.clock.now(),
        )
    if any(result.event is AttemptEvent.FAIL for _, result in told):
        engine.wake.ring("plan")


def _behind(
    told: Sequence[tuple[ClaimedAttempt, HandedOver]],
    beside: Mapping[UUID, Sequence[Beside]],
    *events: AttemptEvent,
) -> set[UUID]:
    """The call-outs that are named by attempts which met one of `events`."""
    met = [attempt for attempt, result in told if result.event in events]
    others = {one.call_out_id for attempt in met for one in beside.get(attempt.id, ())}
    return others | {attempt.call_out_id for attempt in met if attempt.call_out_id}


async def _alarm_about_account(tx: Tx, told: Sequence[tuple[ClaimedAttempt, HandedOver]]) -> None:
    """A carrier that refuses us altogether is the officer's business at once."""
    for attempt, result in told:
        if result.scope is Scope.ACCOUNT:
            await raise_alarm_once(
                tx,
                f"carrier_refuses:{attempt.gateway}",
                say(
                    "The gateway {gateway} refuses our account ({code}: {text}): nobody can be called"
                    " through it. Call by hand and tell the operator",
                    gateway=attempt.gateway,
                    code=result.code,
                    text=result.text,
                ),
                result.at,
            )
            return


def _entry(attempt: ClaimedAttempt, result: HandedOver, actor: str, state: str | None) -> Entry:
    return Entry(
        result.at,
        _EVENT_WORDS[result.event],
        actor,
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
        contact_id=attempt.contact_id,
        facts={"gateway": attempt.gateway, "ref": result.ref, "code": result.code, "state": state},
    )
