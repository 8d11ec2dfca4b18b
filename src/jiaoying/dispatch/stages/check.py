"""Check: the numbers of the roster are checked by friendly texts, once a month where the county wants it.

It gives way to everything. What it does next is a pure decision (number_checks.py) on rows, so that it may be
killed at any moment and goes on where it stood.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.number_checks import (
    ASKED_A_MINUTE,
    CHECK_PRIORITY,
    MINUTE,
    VERIFIED_FOR,
    AskSome,
    CheckSituation,
    EndCheck,
    GiveWay,
    WaitUntil,
    end_of_day,
    next_step,
)
from jiaoying.dispatch.stopping import take_back_check
from jiaoying.dispatch.store import attempts
from jiaoying.dispatch.store import number_checks as store
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.number_checks import NumberToAsk, RunningCheck
from jiaoying.dispatch.texting import gateway_among
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.templates.render import word_number_check
from jiaoying.templates.store import wordings_in_force

ACTOR = "check"
# A moment of the calendar is made up for so long after it, as where the server was off.
BEGUN_WITHIN = timedelta(days=2)


@dataclass(slots=True)
class CheckStage:
    """Begins the check of the month, and takes the one that runs a step further."""

    name: str = "check"
    rings: tuple[str, ...] = ("send", "changes")
    _begun_for: datetime | None = None

    async def run_once(self, engine: Engine, now: datetime) -> int:
        begun = await self._begin_by_calendar(engine, now)
        async with engine.database.transaction() as tx:
            check = await store.claim_running(tx)
            moved = await _step(tx, engine, check, now) if check else 0
        return begun + moved

    async def _begin_by_calendar(self, engine: Engine, now: datetime) -> int:
        if engine.number_check is None:
            return 0
        moment = engine.number_check.last_before(now, engine.timezone)
        if moment == self._begun_for or now - moment > BEGUN_WITHIN:
            return 0
        async with engine.database.transaction() as tx:
            begun = await begin(tx, area_code=engine.home_area, by="calendar", now=now, calendar_at=moment)
        self._begun_for = moment
        return int(begun is not None)


async def begin(
    tx: Tx, *, area_code: str, by: str, now: datetime, calendar_at: datetime | None = None
) -> UUID | None:
    """Begin a check, with its line; None where one runs, or this one has run."""
    check_id = await store.begin_check(tx, area_code=area_code, by=by, now=now, calendar_at=calendar_at)
    if check_id is not None:
        facts = {"number_check": str(check_id), "area": area_code}
        await append_entries(tx, [Entry(now, "number_check.begun", by, facts=facts)])
    return check_id


async def _step(tx: Tx, engine: Engine, check: RunningCheck, now: datetime) -> int:
    grave = await store.grave_warning_runs(tx, now)
    # A grave warning is never waited with; everything else is looked at when its moment has come.
    if now < check.next_at and (not grave or check.postponed_since):
        return 0
    queued, last_asked_at = await store.queue_of(tx, check.id)
    to_ask = [] if grave else await _to_ask(tx, engine, check, now)
    situation = CheckSituation(len(to_ask), queued, last_asked_at or check.started_at, grave)
    match next_step(situation, now.astimezone(engine.timezone)):
        case GiveWay(at):
            await _give_way(tx, check, at, now)
        case AskSome(count):
            await _resume(tx, check, now)
            await _ask(tx, engine, check, to_ask[:count], now)
            await store.look_again(tx, check.id, now + MINUTE, postponed_since=None)
        case WaitUntil(at):
            await _resume(tx, check, now)
            await store.look_again(tx, check.id, at, postponed_since=None)
        case EndCheck():
            counts = await store.end_check(tx, check.id, now)
            await append_entries(tx, [_entry(check, "ended", now, counts=dict(counts))])
    return 1


async def _to_ask(tx: Tx, engine: Engine, check: RunningCheck, now: datetime) -> list[NumberToAsk]:
    kinds = [made_up for made_up in (True, False) if gateway_among(engine.gateways, simulated=made_up)]
    return await store.numbers_to_ask(
        tx,
        check.area_code,
        check_id=check.id,
        kinds=kinds,
        today=now.astimezone(engine.timezone).date(),
        stale=now - VERIFIED_FOR,
        most=ASKED_A_MINUTE,
    )


async def _give_way(tx: Tx, check: RunningCheck, at: datetime, now: datetime) -> None:
    await take_back_check(tx, check.id, actor=ACTOR, now=now)
    await store.look_again(tx, check.id, at, postponed_since=check.postponed_since or now)
    if check.postponed_since is None:
        await append_entries(tx, [_entry(check, "postponed", now)])


async def _resume(tx: Tx, check: RunningCheck, now: datetime) -> None:
    if check.postponed_since is not None:
        await append_entries(tx, [_entry(check, "resumed", now)])


async def _ask(
    tx: Tx, engine: Engine, check: RunningCheck, numbers: list[NumberToAsk], now: datetime
) -> None:
    """Texts spread over the minute; what has not left when the day ends is asked on another."""
    gap = MINUTE / ASKED_A_MINUTE
    async with wordings_in_force(tx):
        planned = [
            text
            for place, number in enumerate(numbers)
            if (text := _text(engine, check, number, now + place * gap, now))
        ]
    await attempts.plan_attempts(tx, planned)
    await append_entries(tx, [_planned_entry(text, now) for text in planned])


def _text(
    engine: Engine, check: RunningCheck, to_ask: NumberToAsk, due_at: datetime, now: datetime
) -> NewAttempt | None:
    gateway = gateway_among(engine.gateways, simulated=to_ask.demonstration)
    if gateway is None:
        return None
    wording = word_number_check(to_ask.language, desk_name=engine.home_name, names=to_ask.names)
    return NewAttempt(
        id=new_id(now),
        warning_id=None,
        call_out_id=None,
        contact_id=to_ask.contact_ids[0],
        purpose="check",
        channel=Channel.SMS,
        gateway=gateway,
        number=to_ask.number,
        text=wording.text,
        language=to_ask.language,
        parts=wording.parts,
        demonstration=to_ask.demonstration,
        exercise=False,
        priority=CHECK_PRIORITY,
        round=0,
        due_at=due_at,
        expires_at=end_of_day(due_at.astimezone(engine.timezone)),
        number_check_id=check.id,
    )


def _planned_entry(text: NewAttempt, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.planned",
        ACTOR,
        attempt_id=text.id,
        contact_id=text.contact_id,
        facts={"channel": text.channel, "gateway": text.gateway, "parts": text.parts, "purpose": "check"},
        particulars={"number": text.number, "text": text.text},
    )


def _entry(check: RunningCheck, word: str, now: datetime, **facts: object) -> Entry:
    return Entry(now, f"number_check.{word}", ACTOR, facts={"number_check": str(check.id), **facts})
