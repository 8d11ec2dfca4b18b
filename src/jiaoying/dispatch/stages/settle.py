"""Settle: what carriers and people sent is read, and the attempts and call-outs it speaks of are moved.

Listen before speaking: an answer that is already in the inbox stops the next call.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import structlog

from jiaoying.dispatch.call_endings import CallHeard, heard_in, together
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.hearing import hear_words
from jiaoying.dispatch.hygiene import note_reports
from jiaoying.dispatch.inbox import read_event
from jiaoying.dispatch.named import NamedAttempts, attempts_named_by
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.states import AttemptEvent, AttemptState
from jiaoying.dispatch.stopping import take_back_repetitions
from jiaoying.dispatch.store import attempts, bundles, call_outs, responsibilities, unread
from jiaoying.dispatch.store.attempts import AttemptFacts, HandedOver
from jiaoying.dispatch.store.bundles import Beside
from jiaoying.dispatch.store.heard import note_calls_heard
from jiaoying.dispatch.store.unread import Item, Settled
from jiaoying.gateways.base import Report, ReportState, report_seconds
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx, is_passing

ACTOR = "settle"
BATCH = 200
# A batch of words holds one of each number; so many of one are heard before reports have their turn again.
WORDS_OF_ONE = 4
_EVENTS = {
    ReportState.UNDER_WAY: AttemptEvent.ACCEPT,
    ReportState.DELIVERED: AttemptEvent.DELIVER,
    ReportState.FAILED: AttemptEvent.FAIL,
}
# Of several reports on one attempt the strongest counts, in whatever order they came.
_STRENGTH = {AttemptEvent.ACCEPT: 0, AttemptEvent.FAIL: 1, AttemptEvent.DELIVER: 2}

log = structlog.get_logger(__name__)


class SettleStage:
    """Reads the inbox in the order in which it came, and counts as lost what stays silent too long."""

    name = "settle"
    rings = ("escalate", "plan", "send", "changes")

    def __init__(self, batch: int = BATCH) -> None:
        self._batch = batch
        self._reports = _Pile(unread.claim_reports, _settle_reports, batch)
        self._words = _Pile(unread.claim_words, hear_words, batch)

    async def run_once(self, engine: Engine, now: datetime) -> int:
        settled = await self._reports.settle_some(engine, now)
        settled += await self._hear(engine, now)
        async with engine.database.transaction() as tx:
            lost = await _lose_silent(tx, now)
        return settled + lost

    async def _hear(self, engine: Engine, now: datetime) -> int:
        """About one batch of words, also where several are of one person."""
        heard = 0
        for _ in range(WORDS_OF_ONE):
            more = await self._words.settle_some(engine, now)
            heard += more
            if not more or heard >= self._batch:
                break
        return heard


class _Pile:
    """Unread items that are settled in batches, each in one transaction.

    A batch that breaks the program is tried again as one half of it, down to the single item that breaks
    alone: that one is kept, shown and alarmed about, and the rest go on, in batches that grow again.
    """

    def __init__(
        self,
        claim: Callable[[Tx, int], Awaitable[list[Item]]],
        settle: Callable[[Tx, Engine, Sequence[Item], datetime], Awaitable[int]],
        batch: int,
    ) -> None:
        self._claim = claim
        self._settle = settle
        self._most = self._size = batch

    async def settle_some(self, engine: Engine, now: datetime) -> int:
        """One batch; returns how many items were settled, 0 when there are none."""
        while True:
            try:
                async with engine.database.transaction() as tx:
                    settled = await self._settle_batch(tx, engine, now)
            except Exception as error:
                if is_passing(error) or self._size == 1:
                    raise
                log.warning("inbox_batch_broke", size=self._size, error=type(error).__name__)
                self._size //= 2
            else:
                self._size = min(self._most, self._size * 2)
                return settled

    async def _settle_batch(self, tx: Tx, engine: Engine, now: datetime) -> int:
        items = await self._claim(tx, self._size)
        if not items:
            return 0
        if self._size > 1:
            return await self._settle(tx, engine, items, now)
        try:
            async with tx.begin_nested():
                return await self._settle(tx, engine, items, now)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("inbox_item_broke", item=str(items[0].id))
            return await _keep_broken(tx, items[0], now)


async def _keep_broken(tx: Tx, item: Item, now: datetime) -> int:
    await unread.tick_off(tx, [Settled(item.id, "broke")], now)
    await raise_alarm(
        tx,
        "inbox_item_broke",
        say("A message that came in could not be read by the program: read it yourself"),
        now,
        inbox_item_id=item.id,
    )
    return 1


async def _settle_reports(tx: Tx, _engine: Engine, items: Sequence[Item], now: datetime) -> int:
    """Carriers' reports, all at once: attempts move, and the planning looks where something ended."""
    reports = [(item, _read_report(item)) for item in items]
    named = await attempts_named_by(tx, reports)
    told = _strongest(reports, named)
    beside = await bundles.named_beside(tx, [attempt.id for attempt, _ in told])
    heard = heard_in(
        (attempt.id, report, item.received_at)
        for item, report in reports
        if (attempt := named.of(item, report))
    )
    newly = _newly_heard([attempt for attempt, _ in told], heard)
    # Their ladders may let that count.
    await responsibilities.wake_responsibilities(tx, _named_by(newly.by_human, beside), now)
    over = [attempt for attempt, result in told if result.event is not AttemptEvent.ACCEPT]
    await call_outs.wake_call_outs(tx, _named_by(over, beside), now)
    await attempts.record_hand_overs(tx, [result for _, result in told])
    await note_calls_heard(tx, heard)
    lines = [
        *(_report_entry(attempt, result, heard.get(attempt.id), now) for attempt, result in told),
        *(_heard_entry(attempt, now) for attempt in newly.whole),
    ]
    await append_entries(tx, bundles.told_of_all(lines, beside))
    await take_back_repetitions(tx, _gone_out_after_all(told), actor=ACTOR, now=now)
    await note_reports(
        tx, [(attempt.gateway, attempt.number, attempt.state, result) for attempt, result in told], now
    )
    settled = [
        Settled(item.id, "reported" if named.of(item, report) else "unknown_attempt")
        for item, report in reports
    ]
    await unread.tick_off(tx, settled, now)
    return len(items)


def _named_by(told: Iterable[AttemptFacts], beside: Mapping[UUID, Sequence[Beside]]) -> set[UUID]:
    """The call-outs that these attempts name."""
    named: set[UUID] = set()
    for attempt in told:
        named |= {attempt.call_out_id} if attempt.call_out_id else set()
        named |= {one.call_out_id for one in beside.get(attempt.id, ())}
    return named


class _NewlyHeard(NamedTuple):
    """Calls of which these reports say for the first time that they were heard to the end."""

    whole: list[AttemptFacts]
    by_human: list[AttemptFacts]


def _newly_heard(told: Sequence[AttemptFacts], heard: Mapping[UUID, CallHeard]) -> _NewlyHeard:
    after = {
        attempt.id: together(attempt.heard, heard[attempt.id]) for attempt in told if attempt.id in heard
    }
    return _NewlyHeard(
        [one for one in told if one.id in after and after[one.id].whole_at and not one.heard.whole_at],
        [one for one in told if one.id in after and after[one.id].by_human and not one.heard.by_human],
    )


def _read_report(item: Item) -> Report:
    event = read_event(item.content)
    if not isinstance(event, Report):
        raise TypeError("a word of a person among the reports")
    return event


def _gone_out_after_all(told: Iterable[tuple[AttemptFacts, HandedOver]]) -> list[UUID]:
    """Counted as lost, and now the carrier speaks of them; one that failed may well be repeated."""
    return [
        attempt.id
        for attempt, result in told
        if attempt.state is AttemptState.LOST and result.event is not AttemptEvent.FAIL
    ]


def _strongest(
    reports: Sequence[tuple[Item, Report]], named: NamedAttempts
) -> list[tuple[AttemptFacts, HandedOver]]:
    told: dict[UUID, tuple[AttemptFacts, HandedOver]] = {}
    owners = named.owners()
    for item, report in reports:
        attempt = named.of(item, report)
        if attempt is None:
            continue
        result = _as_result(attempt, report, item.received_at)
        if owners.setdefault((item.gateway, report.ref), attempt.id) != attempt.id:
            # Bound to another attempt at the same number while this one was in doubt (stages/reconcile.py):
            # the report stands, the reference stays where it is.
            result = replace(result, ref=None)
        before = told.get(attempt.id)
        if before is None or _STRENGTH[result.event] > _STRENGTH[before[1].event]:
            told[attempt.id] = (attempt, result)
    return list(told.values())


def _as_result(attempt: AttemptFacts, report: Report, at: datetime) -> HandedOver:
    """Even a report that something is under way proves that the carrier took it on."""
    return HandedOver(
        id=attempt.id,
        event=_EVENTS[report.state],
        ref=report.ref,
        code=report.code if report.state is not ReportState.UNDER_WAY else None,
        text=report.text or None,
        scope=report.scope,
        at=at,
        report_by=at + timedelta(seconds=report_seconds(attempt.channel)),
        due_at=None,
        sign=report.sign,
    )


def _report_entry(attempt: AttemptFacts, result: HandedOver, heard: CallHeard | None, now: datetime) -> Entry:
    words: dict[AttemptEvent, str] = {
        AttemptEvent.ACCEPT: "attempt.under_way",
        AttemptEvent.DELIVER: "attempt.delivered",
        AttemptEvent.FAIL: "attempt.failed",
    }
    facts: dict[str, Any] = {"code": result.code, "ref": result.ref, "before": attempt.state}
    if heard:
        said = {"seconds": heard.seconds, "picked_up_by": heard.picked_up_by}
        facts |= {name: value for name, value in said.items() if value is not None}
    return Entry(
        now,
        words[result.event],
        ACTOR,
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
        contact_id=attempt.contact_id,
        facts=facts,
    )


def _heard_entry(attempt: AttemptFacts, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.heard_whole",
        ACTOR,
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
        contact_id=attempt.contact_id,
    )


async def _lose_silent(tx: Tx, now: datetime) -> int:
    """The carrier said yes and then nothing: the attempt counts as lost, the call-out goes on."""
    silent = await attempts.silent_attempts(tx, now, BATCH)
    beside = await bundles.named_beside(tx, [item.id for item in silent])
    await call_outs.wake_call_outs(tx, _named_by(silent, beside), now)
    lost = await attempts.move_attempts(
        tx, [item.id for item in silent], AttemptEvent.LOSE, now, code="no_report"
    )
    facts = {item.id: item for item in silent}
    lines = (
        Entry(
            now,
            "attempt.lost",
            ACTOR,
            facts[row_id].warning_id,
            call_out_id=facts[row_id].call_out_id,
            attempt_id=row_id,
            facts={"code": "no_report", "channel": facts[row_id].channel},
        )
        for row_id in lost
    )
    await append_entries(tx, bundles.told_of_all(lines, beside))
    return len(lost)
