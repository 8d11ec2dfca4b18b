"""Close: what is over or done is ended; those who were reached hear of ends and corrections."""

from datetime import datetime

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.response.linking import follow_withdrawn
from jiaoying.dispatch.states import (
    CallOutEvent,
    CallOutState,
    ResponsibilityState,
    WarningEvent,
    WarningState,
)
from jiaoying.dispatch.steering.correcting import plan_correction
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import attempts, bundles, call_outs, responsibilities, warnings
from jiaoying.dispatch.store.attempts import TakenBack
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.succession import without_duty
from jiaoying.dispatch.texting import text_people
from jiaoying.dispatch.walking import call_off
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.holding import HoldReason

ACTOR = "close"
BATCH = 20


class CloseStage:
    """Ends what has ended."""

    name = "close"
    rings = ("send", "changes")

    async def run_once(self, engine: Engine, now: datetime) -> int:
        ended = await _close_ended(engine, now)
        async with engine.database.transaction() as tx:
            withdrawn = await warnings.claim_stand_down(tx)
            if withdrawn:
                await follow_withdrawn(tx, engine, withdrawn, now)
                reached = await without_duty(tx, withdrawn.id, now)
                await text_people(tx, engine, withdrawn, reached, purpose="stand_down", now=now)
        async with engine.database.transaction() as tx:
            corrected = await plan_correction(tx, engine, now)
        async with engine.database.transaction() as tx:
            too_late = await attempts.expire_due(tx, now, 500)
            beside = await bundles.named_beside(tx, [attempt.id for attempt in too_late])
            await append_entries(
                tx, bundles.told_of_all((_expired(attempt, now) for attempt in too_late), beside)
            )
            await bundles.wake_the_rest(tx, beside, now)
        return ended + (withdrawn is not None) + corrected + len(too_late)


async def _close_ended(engine: Engine, now: datetime) -> int:
    """Each in a transaction of its own: rows of one are not held while those of the next are waited for."""
    for closed in range(BATCH):
        async with engine.database.transaction() as tx:
            ended = await warnings.claim_ended(tx, now, 1)
            for warning in ended:
                await _close(tx, warning, now)
        if not ended:
            return closed
    return BATCH


def _expired(attempt: TakenBack, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.withdrawn",
        ACTOR,
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
        facts={"reason": "too_late"},
    )


async def _tell_undecided(tx: Tx, warning: WarningRow, now: datetime) -> None:
    """Its people were never called, and nobody said that they should not be."""
    await raise_alarm(
        tx,
        "undecided",
        say(
            "“{headline}” ended while it waited for a decision: nobody was called. Ask the places that it"
            " names how they are",
            headline=warning.headline,
        ),
        now,
        warning_id=warning.id,
    )


async def _close(tx: Tx, warning: WarningRow, now: datetime) -> None:
    """A warning that ends stops new calls; who has not answered stays on the officer's list."""
    over = warning.valid_to <= now
    # Of one that may run already, the people are called by the other.
    if warning.state is WarningState.HELD and warning.reason != HoldReason.POSSIBLE_DUPLICATE:
        await _tell_undecided(tx, warning, now)
    duties = await responsibilities.lock_of_warning(tx, warning.id, (ResponsibilityState.OPEN,))
    await responsibilities.end_responsibilities(
        tx, duties, ResponsibilityState.UNCOVERED, "warning_ended", now
    )
    await responsibilities.mark_listed(tx, duties, now)
    await call_off(tx, duties, actor=ACTOR, reason="warning_ended", now=now)
    await responsibilities.look_once_more(tx, duties, now)
    people = await call_outs.of_warning(tx, warning.id, (CallOutState.OPEN,))
    await stop_call_outs(tx, people, CallOutEvent.EXHAUST, actor=ACTOR, reason="warning_ended", now=now)
    reason = "warning_ended" if over else "all_done"
    facts: dict[str, object] = {"reason": reason}
    if warning.waiting_areas:
        facts["never_called"] = list(warning.waiting_areas)
        await _tell_never_called(tx, warning, now)
    await warnings.move_warning(tx, warning.id, WarningEvent.CLOSE, now, reason=reason)
    await append_entries(
        tx,
        [
            Entry(now, "warning.closed", ACTOR, warning.id, facts=facts),
            *(
                Entry(
                    now,
                    "responsibility.uncovered",
                    ACTOR,
                    warning.id,
                    responsibility_id=row_id,
                    facts={"reason": "warning_ended"},
                )
                for row_id in duties
            ),
        ],
    )


async def _tell_never_called(tx: Tx, warning: WarningRow, now: datetime) -> None:
    """Village people waited for the officer until it was over: that must be seen."""
    await raise_alarm(
        tx,
        "villages_never_called",
        say(
            "“{headline}” is over, and the village people of {count} townships were never called: nobody"
            " ticked their townships",
            headline=warning.headline,
            count=len(warning.waiting_areas),
        ),
        now,
        warning_id=warning.id,
    )
