"""Hold: warnings that wait for the officer start by their clock, have the leader called, or give way."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm_once
from jiaoying.dispatch.requests import ask_leader, end_decided
from jiaoying.dispatch.states import WarningEvent
from jiaoying.dispatch.store import holds, warnings
from jiaoying.dispatch.store.holds import HeldRow
from jiaoying.dispatch.withdrawing import end_quietly
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx, is_passing
from jiaoying.warnings.holding import ASK_AGAIN_S, CallLeader, GiveWay, KeepHolding, Start, next_move
from jiaoying.warnings.store import lock_intake

ACTOR = "hold"
BATCH = 50
PUT_OFF_S = 60

log = structlog.get_logger(__name__)


class HoldStage:
    """Looks at each held warning whose next moment has come, one in a transaction, the gravest first."""

    name = "hold"
    rings = ("match", "escalate", "close", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        moved = 0
        async with engine.database.transaction() as tx:
            due = await holds.anything_due(tx, now)
        while due and moved < BATCH and await _look_at_one(engine, now):
            moved += 1
        for _ in range(BATCH):
            async with engine.database.transaction() as tx:
                ended = await end_decided(tx, now)
            moved += ended
            if not ended:
                break
        return moved


async def _look_at_one(engine: Engine, now: datetime) -> bool:
    claimed: list[UUID] = []
    try:
        async with engine.database.transaction() as tx:
            # Before the warning's row, as intake has it: a request takes a short reference.
            await lock_intake(tx)
            found = await holds.claim_held(tx, now)
            if found is None:
                return False
            claimed.append(found.warning.id)
            await _act(tx, engine, found, now)
    except Exception as error:
        if is_passing(error) or not claimed:
            raise
        log.exception("hold_broke", warning=str(claimed[0]))
        await _put_off(engine, claimed[0], now)
    return True


async def _act(tx: Tx, engine: Engine, found: HeldRow, now: datetime) -> None:
    warning, move = found.warning, next_move(found.held, now)
    if isinstance(move, KeepHolding):
        await holds.look_again(tx, warning.id, move.until)
    elif isinstance(move, Start):
        await warnings.move_warning(tx, warning.id, WarningEvent.START, now)
        facts = {"reason": move.reason}
        await append_entries(tx, [Entry(now, "warning.started", ACTOR, warning.id, facts=facts)])
    elif isinstance(move, GiveWay):
        await end_quietly(tx, warning.id, actor=ACTOR, reason=move.reason, now=now)
    elif isinstance(move, CallLeader):  # pyright: ignore[reportUnnecessaryIsInstance]
        await ask_leader(tx, engine, warning, found.held.reason, move.reason, now)
        await holds.look_again(tx, warning.id, now + timedelta(seconds=ASK_AGAIN_S))


async def _put_off(engine: Engine, warning_id: UUID, now: datetime) -> None:
    """One that breaks the program is looked at again in a minute, and the officer is told."""
    async with engine.database.transaction() as tx:
        await holds.look_again(tx, warning_id, now + timedelta(seconds=PUT_OFF_S))
        await raise_alarm_once(
            tx,
            f"row_broke:{warning_id}",
            say("The program cannot go on with a held warning: decide on it yourself, and tell the operator"),
            now,
        )
