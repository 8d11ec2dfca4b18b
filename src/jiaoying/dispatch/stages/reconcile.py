"""Reconcile: hand-overs in doubt are looked for at the carrier before anything is repeated.

In doubt is an attempt whose worker died between the claim and the record, or whose carrier gave no
usable answer. Twilio and its like take no key that would make a repeated request harmless, so the
carrier is asked first (by number, time and text); only after two looks without finding it is the
attempt counted as lost and handed over once more, as a new row that points at the old one.

What waits for a gateway that is not set up any more, which nobody would claim, goes by another.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from jiaoying.dispatch.budget import Need
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.outcomes import as_hand_over, handed_over
from jiaoying.dispatch.recording import record
from jiaoying.dispatch.states import AttemptEvent
from jiaoying.dispatch.store import attempts, bundles, call_outs, lanes, usage
from jiaoying.dispatch.store.attempts import ClaimedAttempt, HandedOver, NewAttempt
from jiaoying.dispatch.texting import gateway_among
from jiaoying.gateways.base import Accepted, CannotTell, Found, NotFound, Reconciled
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

log = structlog.get_logger(__name__)

ACTOR: Final = "reconcile"
BATCH: Final = 20
LOOKS: Final = 2
# A look reads up to five pages of the carrier's list, each within 20 s.
LEASE_S: Final = 120
# Between two looks, by the wall: a carrier lists a new message within seconds.
PAUSE_S: Final = 15


class ReconcileStage:
    """Takes over what overran its lease and finds out what became of it."""

    name = "reconcile"
    rings = ("send", "plan")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        rerouted = await _reroute(engine, now)
        for looked in range(BATCH):
            # One at a time: what waits behind a slow look must not count as looked at.
            attempt = await self._take_over(engine)
            if attempt is None:
                return rerouted + looked
            await self._look(engine, attempt, now)
        return rerouted + BATCH

    async def _take_over(self, engine: Engine) -> ClaimedAttempt | None:
        wall = wall_now()
        async with engine.database.transaction() as tx:
            doubtful = await attempts.claim_overrun(
                tx,
                worker_id=engine.worker_id,
                wall=wall,
                lease_until=wall + timedelta(seconds=LEASE_S),
                limit=1,
            )
        return doubtful[0] if doubtful else None

    async def _look(self, engine: Engine, attempt: ClaimedAttempt, now: datetime) -> None:
        found = await _ask_carrier(engine, attempt, now)
        match found:
            case Found(ref):
                await _note(engine, attempt, "found", now)
                await record(engine, [(attempt, handed_over(attempt, Accepted(ref), now))], ACTOR)
            case NotFound() | CannotTell() if attempt.looks < LOOKS:
                await _note(engine, attempt, "not_found_yet", now)
                async with engine.database.transaction() as tx:
                    await attempts.extend_lease(tx, [attempt.id], wall_now() + timedelta(seconds=PAUSE_S))
            case NotFound() | CannotTell():
                await _repeat(engine, attempt, now)


async def _reroute(engine: Engine, now: datetime) -> int:
    async with engine.database.transaction() as tx:
        gone = await lanes.gateways_waited_for(tx) - engine.gateways.keys()
        if not gone:
            return 0
        moved: list[lanes.Rerouted] = []
        for simulated in (False, True):
            if gateway := gateway_among(engine.gateways, simulated=simulated):
                moved += await lanes.reroute(tx, gone, gateway, simulated=simulated)
        await append_entries(tx, [_rerouted_entry(item, now) for item in moved])
    return len(moved)


def _rerouted_entry(item: lanes.Rerouted, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.rerouted",
        ACTOR,
        item.warning_id,
        call_out_id=item.call_out_id,
        attempt_id=item.id,
        contact_id=item.contact_id,
        facts={"gateway": item.gateway},
    )


async def _ask_carrier(engine: Engine, attempt: ClaimedAttempt, now: datetime) -> Reconciled:
    gateway = engine.gateways.get(attempt.gateway)
    if gateway is None:
        return CannotTell("the gateway is no longer set up")
    async with engine.database.transaction() as tx:
        known = await attempts.refs_of_number(tx, attempt.gateway, attempt.number)
    try:
        return await gateway.reconcile(as_hand_over(attempt, now), attempt.claimed_at, known)
    except Exception:
        # A defect in a gateway must not leave somebody in doubt for ever.
        log.exception("reconcile_broke", attempt=str(attempt.id))
        return CannotTell("the gateway broke")


async def _note(engine: Engine, attempt: ClaimedAttempt, outcome: str, now: datetime) -> None:
    async with engine.database.transaction() as tx:
        await append_entries(tx, [_entry(attempt, now, outcome=outcome, look=attempt.looks)])


async def _repeat(engine: Engine, attempt: ClaimedAttempt, now: datetime) -> None:
    """Lost, and handed over once more: a second call harms less than none."""
    lost = HandedOver(attempt.id, AttemptEvent.LOSE, None, "not_at_carrier", None, None, now, None, None)
    async with engine.database.transaction() as tx:
        beside = await bundles.named_beside(tx, [attempt.id])
        named = {one.call_out_id for one in beside.get(attempt.id, ())}
        named |= {attempt.call_out_id} if attempt.call_out_id else set()
        ended = await call_outs.lock_ended(tx, named)
        if not await attempts.lock_in_doubt(tx, attempt.id):
            # While we asked, a report or the worker itself told what became of it.
            return
        await attempts.record_hand_overs(tx, [lost])
        # What is not wanted by all it names any more is not repeated: the rest is planned anew.
        again = () if ended else _again(attempt, await _room(tx, engine, attempt, now), now)
        await attempts.plan_attempts(tx, again)
        for repeated in again:
            await bundles.name_the_same(tx, attempt.id, repeated.id)
        if ended:
            await call_outs.wake_call_outs(tx, named, now)
        await append_entries(
            tx,
            bundles.told_of_all(
                [_entry(attempt, now, outcome="lost", repeated_as=[str(item.id) for item in again])], beside
            ),
        )


async def _room(tx: Tx, engine: Engine, attempt: ClaimedAttempt, now: datetime) -> datetime:
    """When the number can bear the repetition: what is lost may have rung all the same."""
    gateway = engine.gateways.get(attempt.gateway)
    if gateway is None:
        return now
    budgets = {attempt.gateway: gateway.limits.number_budget}
    borne = await usage.borne_by(tx, [attempt.number], budgets, now)
    return borne.usage.room([attempt.gateway], attempt.channel, attempt.number, Need.GRAVE, now).at


def _again(attempt: ClaimedAttempt, due_at: datetime, now: datetime) -> Sequence[NewAttempt]:
    if attempt.expires_at <= due_at:
        return ()
    names = NewAttempt.__dataclass_fields__.keys() - {"id", "due_at", "previous_id"}
    values = {name: getattr(attempt, name) for name in names}
    return (NewAttempt(**values, id=new_id(now), due_at=due_at, previous_id=attempt.id),)


def _entry(attempt: ClaimedAttempt, now: datetime, **facts: object) -> Entry:
    return Entry(
        now,
        "attempt.reconciled",
        ACTOR,
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
        contact_id=attempt.contact_id,
        facts=facts,
    )
