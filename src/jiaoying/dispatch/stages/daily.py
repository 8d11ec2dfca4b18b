"""Daily: at its hours each township is asked how things are; who is missing is rung, then told by name.

A round is a row from its first moment on, and each step is one transaction that locks it: killed at any
moment it goes on where it stood. What desks report comes by the inbox and by the page of the link.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from jiaoying.dispatch.daily_filing import MISSING, labels_of
from jiaoying.dispatch.duty_calls import BELLS, DeskAsked, DutyCall, call_desks, end_call
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Who
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.stages.row_by_row import row_by_row
from jiaoying.duty.daily import store
from jiaoying.duty.daily.model import Plan, Round
from jiaoying.duty.daily.moments import MADE_UP_WITHIN, next_moment
from jiaoying.duty.daily.steps import Chase, Close, GoOn, closes_after_chase, next_step
from jiaoying.duty.model import Desk
from jiaoying.duty.store import all_desks, desks_under
from jiaoying.gateways.base import Channel
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.purpose import Purpose

ACTOR = "daily"
CHASE_TRIES, CHASE_GAP_S = 2, 60
_MOST_NAMED = 30


class DailyStage:
    """Begins the rounds of plans, rings who is missing, closes them."""

    name = "daily"
    rings = BELLS

    async def run_once(self, engine: Engine, now: datetime) -> int:
        async with engine.database.transaction() as tx:
            due = await store.due_plan_ids(tx, now)
        moved = await row_by_row(engine, now, due, partial(_begin, engine, now))
        async with engine.database.transaction() as tx:
            under_way = await store.open_ids(tx)
        return moved + await row_by_row(engine, now, under_way, partial(_take_step, engine, now))


# --- a plan's hour ---


async def _begin(engine: Engine, now: datetime, plan_id: UUID) -> bool:
    async with engine.database.transaction() as tx:
        plan = await store.claim_due_plan(tx, plan_id, now)
        if plan is None or plan.next_at is None:
            return False
        await store.plan_next(tx, plan.id, next_moment(plan.fields, now, engine.timezone), now)
        if now - plan.next_at > MADE_UP_WITHIN:
            await _tell_missed(tx, engine, plan, plan.next_at, now)
        elif round_id := await store.begin_round(tx, plan, plan.next_at, now):
            await _ask(tx, engine, plan, round_id, now)
    return True


async def _ask(tx: Tx, engine: Engine, plan: Plan, round_id: UUID, now: datetime) -> None:
    begun = await store.round_by_id(tx, round_id)
    assert begun is not None
    desks = await _desks_of(tx, engine, plan)
    call_id = None
    if desks:
        rung = Rung((Who.DESK,), (Channel.SMS,), tries=1, gap_s=60, wait_s=_seconds(plan.fields.limit))
        asked = [DeskAsked(desk.id, Ladder(ANY, rung.wait_s, (rung,)), desk.name) for desk in desks]
        call = DutyCall(Purpose.DAILY, headline(engine, begun), _what_to_send(engine, begun), begun.closes_at)
        call_id = await call_desks(tx, engine, call, asked, now, actor=ACTOR)
    await store.ask_desks(tx, round_id, [desk.id for desk in desks], call_id)
    facts = {"desks": len(desks), "call_id": call_id and str(call_id)}
    await append_entries(tx, [_entry(begun, "begun", now, **facts)])


async def _desks_of(tx: Tx, engine: Engine, plan: Plan) -> list[Desk]:
    if not plan.fields.desk_ids:
        return await desks_under(tx, plan.fields.area_code, engine.home_area)
    return [desk for desk in await all_desks(tx) if desk.id in plan.fields.desk_ids]


async def _tell_missed(tx: Tx, engine: Engine, plan: Plan, at: datetime, now: datetime) -> None:
    local = at.astimezone(engine.timezone)
    text = say(
        "{name} of {time} was not asked for: the service did not run then",
        name=plan.fields.name,
        time=f"{local:%m-%d %H:%M}",
    )
    await raise_alarm(tx, f"daily_not_asked:{plan.id}", text, now)


# --- a round ---


async def _take_step(engine: Engine, now: datetime, round_id: UUID) -> bool:
    """One step of a round that is not closed; whether anything changed."""
    async with engine.database.transaction() as tx:
        found = await store.claim_open(tx, round_id)
        if found is None:
            return False
        missing = await store.missing_in(tx, found.id)
        match next_step(found, len(missing), now):
            case GoOn():
                return False
            case Chase():
                await _chase(tx, engine, found, missing, now)
            case Close():
                await _close(tx, engine, found, now)
    return True


async def _chase(
    tx: Tx, engine: Engine, found: Round, missing: Sequence[tuple[UUID, str]], now: datetime
) -> None:
    closes_at = closes_after_chase(found, now)
    wait_s = _seconds(closes_at - now)
    rung = Rung((Who.DESK,), (Channel.VOICE,), tries=CHASE_TRIES, gap_s=CHASE_GAP_S, wait_s=wait_s)
    asked = [DeskAsked(desk_id, Ladder(ANY, wait_s, (rung,)), name) for desk_id, name in missing]
    call = DutyCall(Purpose.DAILY, headline(engine, found), _what_to_send(engine, found), closes_at)
    chase_id = await call_desks(tx, engine, call, asked, now, actor=ACTOR)
    await store.chase(tx, found.id, chase_id, closes_at)
    facts = {"desks": [str(desk_id) for desk_id, _ in missing], "call_id": str(chase_id)}
    await append_entries(tx, [_entry(found, "chased", now, **facts)])


async def _close(tx: Tx, engine: Engine, found: Round, now: datetime) -> None:
    for call_id in filter(None, (found.call_id, found.chase_id)):
        await end_call(tx, call_id, actor=ACTOR, reason="daily_closed", now=now)
    # Only now: that waited for whoever was reporting.
    missing = await store.missing_in(tx, found.id)
    await store.close(tx, found.id, [desk_id for desk_id, _ in missing], now)
    await append_entries(tx, [_entry(found, "closed", now, missing=[str(desk_id) for desk_id, _ in missing])])
    if missing:
        text = say(
            "{round}: {count} desks have not reported: {names}",
            round=headline(engine, found),
            count=len(missing),
            names=say(", ").join(name for _, name in missing[:_MOST_NAMED]),
        )
        await raise_alarm(tx, f"{MISSING}:{found.id}", text, now)


# --- in words ---


def headline(engine: Engine, found: Round) -> str:
    """What a round is called: 国庆每日调度 10-01 17:00."""
    at = found.planned_at.astimezone(engine.timezone)
    return say("{name} {time}", name=found.name, time=f"{at:%m-%d %H:%M}")


def _what_to_send(engine: Engine, found: Round) -> str:
    limit = found.limit_at.astimezone(engine.timezone)
    return say(
        "{round}: report by {time}, in this order: {labels}.",
        round=headline(engine, found),
        time=f"{limit:%H:%M}",
        labels=say(", ").join(labels_of(found.form)),
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _entry(found: Round, word: str, now: datetime, **facts: object) -> Entry:
    return Entry(now, f"daily.{word}", ACTOR, facts={"round": str(found.id), **facts})
