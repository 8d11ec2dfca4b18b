"""Settle: what carriers and people sent is read, and the attempts and call-outs it speaks of are moved.

Listen before speaking: an answer that is already in the inbox stops the next call.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select, update

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.hearing import hear_key, hear_ring, hear_text
from jiaoying.dispatch.inbox import read_event
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.states import AttemptEvent, AttemptState
from jiaoying.dispatch.stopping import take_back_repetitions
from jiaoying.dispatch.store import attempts, call_outs
from jiaoying.dispatch.store.attempts import AttemptFacts, HandedOver
from jiaoying.gateways.base import (
    IncomingCall,
    KeyPress,
    Reply,
    Report,
    ReportState,
    report_seconds,
)
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx, is_passing
from jiaoying.storage.schema import inbox_items

ACTOR = "settle"
BATCH = 200
_EVENTS = {
    ReportState.UNDER_WAY: AttemptEvent.ACCEPT,
    ReportState.DELIVERED: AttemptEvent.DELIVER,
    ReportState.FAILED: AttemptEvent.FAIL,
}
# Of several reports on one attempt the strongest counts, in whatever order they came.
_STRENGTH = {AttemptEvent.ACCEPT: 0, AttemptEvent.FAIL: 1, AttemptEvent.DELIVER: 2}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """One unread inbox item."""

    id: UUID
    gateway: str
    received_at: datetime
    content: Mapping[str, Any]


class SettleStage:
    """Reads the inbox in the order in which it came, and counts as lost what stays silent too long."""

    name = "settle"
    rings = ("escalate", "plan", "send", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        settled = await self._settle_reports(engine, now)
        settled += await self._settle_singly(engine, inbox_items.c.kind != "report", now)
        async with engine.database.transaction() as tx:
            lost = await _lose_silent(tx, now)
        return settled + lost

    async def _settle_reports(self, engine: Engine, now: datetime) -> int:
        """All together; where that breaks, one by one."""
        reports = inbox_items.c.kind == "report"
        try:
            async with engine.database.transaction() as tx:
                items = await _claim_unread(tx, reports, BATCH)
                await _settle_reports(tx, items, now)
        except Exception as error:
            if is_passing(error):
                raise
            log.exception("reports_broke")
            return await self._settle_singly(engine, reports, now)
        return len(items)

    async def _settle_singly(self, engine: Engine, kind: ColumnElement[bool], now: datetime) -> int:
        for settled in range(BATCH):
            if not await self._settle_one(engine, kind, now):
                return settled
        return BATCH

    async def _settle_one(self, engine: Engine, kind: ColumnElement[bool], now: datetime) -> bool:
        """One item in a transaction of its own (lock order); False when there is none.

        One that breaks us is kept, shown and alarmed about, and the rest go on.
        """
        async with engine.database.transaction() as tx:
            items = await _claim_unread(tx, kind, 1)
            for item in items:
                try:
                    async with tx.begin_nested():
                        await _hear(tx, engine, item, now)
                except Exception as error:
                    if is_passing(error):
                        raise
                    log.exception("inbox_item_broke", item=str(item.id))
                    await _keep_broken(tx, item, now)
        return bool(items)


async def _keep_broken(tx: Tx, item: Item, now: datetime) -> None:
    await _tick_off(tx, [item.id], "broke", now)
    await raise_alarm(
        tx,
        "inbox_item_broke",
        say("A message that came in could not be read by the program: read it yourself"),
        now,
        inbox_item_id=item.id,
    )


async def _claim_unread(tx: Tx, kind: ColumnElement[bool], limit: int) -> list[Item]:
    rows = await tx.execute(
        select(inbox_items.c.id, inbox_items.c.gateway, inbox_items.c.received_at, inbox_items.c.content)
        .where(inbox_items.c.state == "unread", kind)
        .order_by(inbox_items.c.received_at, inbox_items.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Item(*row) for row in rows]


async def _hear(tx: Tx, engine: Engine, item: Item, now: datetime) -> None:
    match read_event(item.content):
        case KeyPress() as press:
            outcome = await hear_key(tx, item.gateway, item.id, press, item.received_at, now)
        case Reply() as reply:
            outcome = await hear_text(tx, engine, item.id, reply, item.received_at, now)
        case IncomingCall() as ring:
            outcome = await hear_ring(tx, item.id, ring, now)
        case Report():
            await _settle_reports(tx, [item], now)
            return
    await _tick_off(tx, [item.id], outcome, now)


async def _tick_off(tx: Tx, ids: Sequence[UUID], outcome: str, now: datetime) -> None:
    await tx.execute(
        update(inbox_items)
        .where(inbox_items.c.id.in_(ids))
        .values(state="settled", outcome=outcome, settled_at=now)
    )


async def _settle_reports(tx: Tx, items: Sequence[Item], now: datetime) -> None:
    """Carriers' reports, all at once: attempts move, and the planning looks where something ended."""
    events = [(item, read_event(item.content)) for item in items]
    reports = [(item, event) for item, event in events if isinstance(event, Report)]
    if not reports:
        return
    known = await _attempts_of_reports(tx, reports)
    told = _strongest(reports, known)
    ended = {
        attempt.call_out_id
        for attempt, result in told
        if result.event is not AttemptEvent.ACCEPT and attempt.call_out_id
    }
    await call_outs.wake_call_outs(tx, ended, now)
    await attempts.record_hand_overs(tx, [result for _, result in told])
    await append_entries(tx, [_report_entry(attempt, result, now) for attempt, result in told])
    await take_back_repetitions(tx, _gone_out_after_all(told), actor=ACTOR, now=now)
    matched = [item.id for item, report in reports if _attempt_of(item, report, known)]
    strangers = [item.id for item, _ in reports if item.id not in set(matched)]
    await _tick_off(tx, matched, "reported", now)
    await _tick_off(tx, strangers, "unknown_attempt", now)


def _gone_out_after_all(told: Iterable[tuple[AttemptFacts, HandedOver]]) -> list[UUID]:
    """Counted as lost, and now the carrier speaks of them; one that failed may well be repeated."""
    return [
        attempt.id
        for attempt, result in told
        if attempt.state is AttemptState.LOST and result.event is not AttemptEvent.FAIL
    ]


Known = dict[tuple[str, UUID | str], AttemptFacts]


async def _attempts_of_reports(tx: Tx, reports: Iterable[tuple[Item, Report]]) -> Known:
    named: dict[str, list[Report]] = {}
    for item, report in reports:
        named.setdefault(item.gateway, []).append(report)
    known: Known = {}
    for gateway, of_gateway in named.items():
        ids = {report.attempt_id for report in of_gateway if report.attempt_id}
        refs = {report.ref for report in of_gateway}
        for attempt in await attempts.attempts_named(tx, gateway, ids, refs):
            known[gateway, attempt.id] = attempt
            if attempt.carrier_ref:
                known[gateway, attempt.carrier_ref] = attempt
    return known


def _attempt_of(item: Item, report: Report, known: Known) -> AttemptFacts | None:
    by_id = known.get((item.gateway, report.attempt_id)) if report.attempt_id else None
    return by_id or known.get((item.gateway, report.ref))


def _strongest(reports: Sequence[tuple[Item, Report]], known: Known) -> list[tuple[AttemptFacts, HandedOver]]:
    told: dict[UUID, tuple[AttemptFacts, HandedOver]] = {}
    owners = {key: attempt.id for key, attempt in known.items() if isinstance(key[1], str)}
    for item, report in reports:
        attempt = _attempt_of(item, report, known)
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
    )


def _report_entry(attempt: AttemptFacts, result: HandedOver, now: datetime) -> Entry:
    words: dict[AttemptEvent, str] = {
        AttemptEvent.ACCEPT: "attempt.under_way",
        AttemptEvent.DELIVER: "attempt.delivered",
        AttemptEvent.FAIL: "attempt.failed",
    }
    facts: dict[str, Any] = {"code": result.code, "ref": result.ref, "before": attempt.state}
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


async def _lose_silent(tx: Tx, now: datetime) -> int:
    """The carrier said yes and then nothing: the attempt counts as lost, the call-out goes on."""
    silent = await attempts.silent_attempts(tx, now, BATCH)
    await call_outs.wake_call_outs(tx, {item.call_out_id for item in silent if item.call_out_id}, now)
    lost = await attempts.move_attempts(
        tx, [item.id for item in silent], AttemptEvent.LOSE, now, code="no_report"
    )
    facts = {item.id: item for item in silent}
    await append_entries(
        tx,
        [
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
        ],
    )
    return len(lost)
