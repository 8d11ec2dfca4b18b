"""Send: due attempts are claimed, committed, handed over, and what became of each is written down.

No transaction is open while we wait for a carrier. A claim never exceeds the free hands and the
present pacing, so that a kill leaves few hand-overs in doubt; those are looked for at the carrier
before anything is repeated (stages/reconcile.py).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.outcomes import as_hand_over, handed_over
from jiaoying.dispatch.recording import record
from jiaoying.dispatch.store import attempts, lanes
from jiaoying.dispatch.store.attempts import ClaimedAttempt, HandedOver
from jiaoying.gateways.base import Channel, Gateway, Outcome, Unreachable
from jiaoying.kernel.clock import real_sleep, wall_now
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import is_passing

ACTOR = "send"
# Hand-overs at once towards one gateway and channel: carriers allow about a hundred (Twilio, HTTP 429).
HANDS = 100
# Handed over and not yet written down, at most: what a kill can leave in doubt.
MOST_IN_DOUBT = 300
# By the wall: the longest a hand-over may take (connect 5 s, answer 15 s) and be written down, with room.
LEASE_S = 45
# From one claim to the next, while hands become free: a claim of three costs as much as one of fifty.
CLAIM_EVERY_S = 0.02
# How long a finished hand-over waits for others to be written down together with it.
GATHER_S = 0.005
BATCH = 500
# So many failed connections, and none that came about between them: the lane rests.
UNREACHABLE_IN_A_ROW = 20

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Lane:
    """One gateway and channel: hand-overs under way, and pacing granted but not used."""

    gateway: Gateway
    channel: Channel
    under_way: int = 0
    credit: float = 0.0
    unreachable: int = 0  # in a row
    rests_until: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.gateway.name}:{self.channel}"

    @property
    def rate_per_s(self) -> float:
        limits = self.gateway.limits
        return limits.calls_per_s if self.channel is Channel.VOICE else limits.segments_per_s

    def note(self, outcome: Outcome, result: HandedOver | None) -> None:
        """A carrier that cannot be reached at all is left alone for a while, or a long outage would fill
        the ledger with the same few lines about everybody who waits."""
        if not isinstance(outcome, Unreachable) or result is None:
            self.unreachable, self.rests_until = 0, None
            return
        self.unreachable += 1
        if self.unreachable >= UNREACHABLE_IN_A_ROW:
            self.rests_until = result.due_at


@dataclass(slots=True)
class SendStage:
    """Keeps the carriers' lines busy within their limits.

    Hand-overs run in `group`, which the cycle owns; a slow carrier holds up its own lane only.
    """

    group: asyncio.TaskGroup
    name: str = "send"
    rings: tuple[str, ...] = ()
    _lanes: dict[tuple[str, Channel], Lane] = field(default_factory=dict[tuple[str, Channel], Lane])
    _finished: list[tuple[ClaimedAttempt, HandedOver | None]] = field(
        default_factory=list[tuple[ClaimedAttempt, HandedOver | None]]
    )
    _in_doubt: int = 0
    _recorder: asyncio.Task[None] | None = None
    _quiet: asyncio.Event = field(default_factory=asyncio.Event)

    async def run_once(self, engine: Engine, now: datetime) -> int:
        """Begin what every lane can take now; returns how many hand-overs were begun."""
        begun = 0
        for gateway in engine.gateways.values():
            for channel in Channel:
                lane = self._lanes.setdefault((gateway.name, channel), Lane(gateway, channel))
                begun += await self._begin(engine, lane, now)
        if begun:
            await real_sleep(CLAIM_EVERY_S)
        return begun

    async def wait_until_quiet(self) -> None:
        """Return when nothing is under way and everything is written down."""
        while self._in_doubt:
            self._quiet.clear()
            await self._quiet.wait()

    async def _begin(self, engine: Engine, lane: Lane, now: datetime) -> int:
        if lane.rests_until and now < lane.rests_until:
            return 0
        hands = min(HANDS - lane.under_way, MOST_IN_DOUBT - self._in_doubt, BATCH)
        if hands <= 0:
            return 0
        claimed = await self._claim(engine, lane, hands, now)
        lane.under_way += len(claimed)
        self._in_doubt += len(claimed)
        for attempt in claimed:
            self.group.create_task(self._hand_over(engine, lane, attempt))
        return len(claimed)

    async def _claim(self, engine: Engine, lane: Lane, hands: int, now: datetime) -> list[ClaimedAttempt]:
        budget = await self._budget(engine, lane, hands, now)
        if budget is not None and budget < 1:
            return []
        async with engine.database.transaction() as tx:
            if lane.channel is Channel.VOICE and lane.gateway.limits.lines:
                # One claimer at a time counts the lines, or two workers would share the last one.
                in_use = await attempts.lock_lines(tx, lane.gateway.name)
                hands = min(hands, lane.gateway.limits.lines - in_use)
                if hands <= 0:
                    return []
            claimed = await lanes.claim_due(
                tx,
                gateway=lane.gateway.name,
                channel=lane.channel,
                limit=hands,
                most_parts=budget,
                worker_id=engine.worker_id,
                now=now,
                lease_until=wall_now() + timedelta(seconds=LEASE_S),
            )
            await append_entries(tx, [_claimed_entry(attempt, engine, now) for attempt in claimed])
        if budget is not None:
            lane.credit -= sum(attempt.parts for attempt in claimed)
        return claimed

    async def _budget(self, engine: Engine, lane: Lane, hands: int, now: datetime) -> int | None:
        """Text parts (or calls) that may begin now; None where the lane is not paced."""
        rate = lane.rate_per_s
        if rate == 0:
            return None
        async with engine.database.transaction() as tx:
            waiting = await lanes.due_parts(tx, lane.gateway.name, lane.channel, hands, now)
        wanted = waiting - int(lane.credit)
        if wanted > 0:
            # One second's worth may begin at once, and never less than the longest text.
            lane.credit += await engine.bucket.take(lane.key, rate, max(rate, 10.0), wanted, now)
        return int(lane.credit) if waiting else 0

    async def _hand_over(self, engine: Engine, lane: Lane, attempt: ClaimedAttempt) -> None:
        try:
            outcome = await lane.gateway.hand_over(as_hand_over(attempt, engine.clock.now()))
            result = handed_over(attempt, outcome, engine.clock.now())
            lane.note(outcome, result)
        except Exception:
            # A defect in a gateway: whether it was sent is as open as after a crash.
            log.exception("hand_over_broke", attempt=str(attempt.id))
            result = None
        lane.under_way -= 1
        self._finished.append((attempt, result))
        if self._recorder is None or self._recorder.done():
            self._recorder = self.group.create_task(self._write_down(engine))

    async def _write_down(self, engine: Engine) -> None:
        """Write finished hand-overs down in batches until none is left."""
        await real_sleep(GATHER_S)
        while self._finished:
            batch = self._finished[:BATCH]
            del self._finished[:BATCH]
            await asyncio.shield(self._record_batch(engine, batch))
            self._in_doubt -= len(batch)
            if not self._in_doubt:
                self._quiet.set()
            engine.wake.ring("send", "changes")

    async def _record_batch(
        self, engine: Engine, batch: Sequence[tuple[ClaimedAttempt, HandedOver | None]]
    ) -> None:
        """What the world already did is written down however often that must be tried."""
        pause = 0.1
        while True:
            try:
                try:
                    await record(engine, batch, ACTOR)
                except DBAPIError as error:
                    if is_passing(error):
                        raise
                    # One by one, so that what cannot be written down spoils no other's record.
                    await self._record_singly(engine, batch)
            except (SQLAlchemyError, OSError) as error:
                log.warning("record_postponed", attempts=len(batch), error=str(error))
                await real_sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            return

    async def _record_singly(
        self, engine: Engine, batch: Sequence[tuple[ClaimedAttempt, HandedOver | None]]
    ) -> None:
        """As the carrier said it; with a reference of our own, where it gave one twice; else in doubt."""
        for attempt, result in batch:
            for told in (result, _with_own_ref(attempt, result), None):
                try:
                    await record(engine, [(attempt, told)], ACTOR)
                except DBAPIError as error:
                    if is_passing(error):
                        raise
                else:
                    break


def _with_own_ref(attempt: ClaimedAttempt, result: HandedOver | None) -> HandedOver | None:
    """The carrier's reference made unique by our own id: reports then find the attempt by that id."""
    if result is None:
        return None
    return HandedOver(
        result.id,
        result.event,
        f"{result.ref}#{attempt.id}",
        "reference_given_twice",
        result.text,
        result.scope,
        result.at,
        result.report_by,
        result.due_at,
    )


def _claimed_entry(attempt: ClaimedAttempt, engine: Engine, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.claimed",
        ACTOR,
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
        contact_id=attempt.contact_id,
        facts={"gateway": attempt.gateway, "worker": str(engine.worker_id)},
    )
