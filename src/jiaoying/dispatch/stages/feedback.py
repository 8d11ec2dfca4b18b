"""Feedback: who answered and has not reported by its time is asked once by text, then shown to the officer.

Nobody is called again by itself for it, and nobody is asked after the warning ended.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.feedback_clocks import ASKED_FOR_S, ClockEvent, ClockState
from jiaoying.dispatch.stages.isolation import run_isolated
from jiaoying.dispatch.store import attempts, roster
from jiaoying.dispatch.store import feedback as store
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.feedback import DueClock
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.texting import first_mobile, word_reply_to
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import feedback_clocks
from jiaoying.templates.names import warning_title

ACTOR = "feedback"
BATCH = 200
_ORDER = tuple(FeedbackStage)


class ReportStage:
    """Looks at each clock whose next moment has come."""

    name = "feedback"
    rings = ("send", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        return await run_isolated(engine, now, feedback_clocks, BATCH, _look)


async def _look(engine: Engine, now: datetime, limit: int, only: UUID | None) -> int:
    async with engine.database.transaction() as tx:
        due = await store.claim_clocks(tx, now, limit, only)
        over = [clock for clock in due if clock.over]
        await store.move_clocks(tx, over, ClockEvent.END, now)
        asked = [clock for clock in due if not clock.over and clock.state is ClockState.RUNNING]
        unreached = await _ask(tx, engine, asked, now)
        silent = [clock for clock in due if not clock.over and clock.state is ClockState.ASKED]
        await _show(tx, [*silent, *unreached], now)
    return len(due)


async def _ask(tx: Tx, engine: Engine, clocks: Sequence[DueClock], now: datetime) -> list[DueClock]:
    """One text for each person and warning, of the furthest stage due; who takes none is returned."""
    people = await roster.callees(tx, {clock.contact_id for clock in clocks})
    furthest: dict[tuple[UUID, UUID], DueClock] = {}
    for clock in sorted(clocks, key=lambda clock: _ORDER.index(clock.stage)):
        furthest[clock.warning_id, clock.contact_id] = clock
    texts = {
        key: text
        for key, clock in furthest.items()
        if (text := _text(engine, people[clock.contact_id], clock, now))
    }
    reached = [clock for clock in clocks if (clock.warning_id, clock.contact_id) in texts]
    await attempts.plan_attempts(tx, list(texts.values()))
    await store.move_clocks(tx, reached, ClockEvent.ASK, now, next_at=now + timedelta(seconds=ASKED_FOR_S))
    await append_entries(tx, [_entry(clock, "feedback.asked", now) for clock in reached])
    return [clock for clock in clocks if clock not in reached]


def _text(engine: Engine, callee: Callee, clock: DueClock, now: datetime) -> NewAttempt | None:
    number = first_mobile(callee)
    if number is None:
        return None
    values = {
        "warning": warning_title(clock.event, clock.hazard, clock.colour, callee.language),
        "reference": clock.reference,
        "stage": clock.stage,
        "exercise": clock.exercise,
    }
    text = word_reply_to(
        engine,
        callee,
        number,
        "ask_feedback",
        values,
        now,
        exercise=clock.exercise,
        warning_id=clock.warning_id,
    )
    # Tied to the call-out: a plain word that follows it means this warning.
    return text and replace(
        text,
        purpose="ask",
        call_out_id=clock.call_out_id,
        expires_at=min(text.expires_at, clock.valid_to),
    )


async def _show(tx: Tx, clocks: Sequence[DueClock], now: datetime) -> None:
    """Into the red: the officer sees who answered and has not reported."""
    await store.move_clocks(tx, clocks, ClockEvent.MISS, now)
    await append_entries(tx, [_entry(clock, "feedback.missed", now) for clock in clocks])


def _entry(clock: DueClock, event: str, now: datetime) -> Entry:
    return Entry(
        now,
        event,
        ACTOR,
        clock.warning_id,
        call_out_id=clock.call_out_id,
        contact_id=clock.contact_id,
        facts={"stage": clock.stage},
    )
