"""What a forecast is made of, and when the first pass that it spoke of was over."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from jiaoying.dispatch.forecast import ASSUMED
from jiaoying.dispatch.store import forecasts
from jiaoying.dispatch.store.forecasts import NewForecast
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import attempts, call_outs
from storage.county import (
    NOW,
    VILLAGE,
    add_areas,
    add_attempt,
    add_call_out,
    add_contact,
    add_responsibility,
    add_warning,
)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def _call(
    tx: Tx,
    warning: UUID,
    number: int,
    *,
    state: str,
    round_: int = 1,
    begins_s: float = 0,
    lasts_s: float | None = None,
    answered: bool = False,
    turn: int = 0,
) -> UUID:
    """Somebody's call; whoever did not answer is still to be rung."""
    contact = await add_contact(tx, f"赵演示{number}", f"+86100{number:08d}")
    call_out = await add_call_out(tx, warning, contact, [], state="answered" if answered else "open")
    ended = None if lasts_s is None else after(begins_s + lasts_s)
    if answered:
        await _ends(tx, call_out, ended)
    await add_attempt(
        tx,
        warning,
        call_out,
        "voice",
        round_,
        id=new_id(NOW),
        state=state,
        turn=turn,
        due_at=NOW,
        number=f"+86100{number:08d}",
        claimed_at=None if state == "due" else after(begins_s),
        accepted_at=None if state == "due" else after(begins_s),
        ended_at=ended,
        carrier_ref=None if state == "due" else f"ref-{number}",
    )
    return call_out


async def _contact_of(tx: Tx, call_out: UUID) -> UUID:
    found = await tx.scalar(select(call_outs.c.contact_id).where(call_outs.c.id == call_out))
    assert found
    return found


async def _ends(tx: Tx, call_out: UUID, at: datetime | None) -> None:
    await tx.execute(update(call_outs).where(call_outs.c.id == call_out).values(ended_at=at, answered_at=at))


def _forecast(warning: UUID, made_at: datetime, kind: str = "before") -> NewForecast:
    return NewForecast(
        id=new_id(made_at),
        warning_id=warning,
        kind=kind,
        made_at=made_at,
        gateway="simulator",
        lines=4,
        people=2,
        unrung=2,
        calls=2,
        parts=4,
        measured=0,
        first_pass_end=made_at + timedelta(minutes=2),
        all_rounds_end=made_at + timedelta(minutes=4),
        binding="lines",
        lines_needed=None,
        curve=((0.0, 2), (120.0, 0)),
        last_contact_id=None,
        last_label=None,
    )


async def test_the_pace_is_that_of_the_last_calls_once_there_are_enough(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        warning = await add_warning(tx)
        for number in range(29):
            await _call(tx, warning, number, state="answered", lasts_s=30, answered=True)
        later = NOW + timedelta(hours=1)
        assert await forecasts.measured_pace(tx, "simulator", later) == ASSUMED
        for number in range(29, 39):
            await _call(tx, warning, number, state="failed", lasts_s=52)
        found = await forecasts.measured_pace(tx, "simulator", later)
        assert found.measured == 39
        answered, silent = sorted(found.first, key=lambda ending: ending.seconds)
        assert (answered.again, answered.seconds) == (False, pytest.approx(30))
        assert (silent.again, silent.seconds) == (True, pytest.approx(52))
        assert silent.share == pytest.approx(10 / 39)
        assert found.later == ASSUMED.later
        # A minute after their beginning only the short ones of a crowd have ended: not looked at yet.
        assert await forecasts.measured_pace(tx, "simulator", after(60)) == ASSUMED


async def test_who_waits_and_who_rings_is_told_apart_with_the_rounds_to_come(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        warning = await add_warning(tx)
        await _call(tx, warning, 1, state="due")
        second = await _contact_of(tx, await _call(tx, warning, 2, state="due", turn=1))
        await _call(tx, warning, 3, state="accepted")
        await _call(tx, warning, 4, state="failed", lasts_s=52)  # rung, and to be rung again
        waits, rings = sorted(await forecasts.in_lanes(tx, NOW), key=lambda group: group.under_way)
        assert (waits.people, waits.under_way, waits.more, waits.channel) == (2, False, 2, Channel.VOICE)
        assert (rings.people, rings.under_way) == (1, True)
        last = await forecasts.last_in_line(tx, warning, ["simulator"])
        assert last is not None
        assert last.contact_id == second
        (again,) = await forecasts.between_rounds(tx, NOW)
        assert (again.people, again.round, again.tries) == (1, 1, 3)


async def test_the_first_pass_is_over_when_the_last_first_ring_has_ended(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        warning = await add_warning(tx)
        await add_responsibility(tx, warning, VILLAGE, "杏园村 防汛责任人")
        await _call(tx, warning, 1, state="answered", lasts_s=30, answered=True)
        waits = await _call(tx, warning, 2, state="accepted", begins_s=30)
        await forecasts.write_forecasts(
            tx, [_forecast(warning, NOW), _forecast(warning, after(30), "running")]
        )
        assert await forecasts.end_forecasts(tx, after(60)) == 0
        await _hang_up(tx, waits, after(82))
        assert await forecasts.end_forecasts(tx, after(90)) == 2
        before, running = await forecasts.forecasts_of(tx, warning)
        assert (before.outcome, before.ended_at) == ("reached", after(82))
        assert before.error == pytest.approx((120 - 82) / 82)
        assert running.real_minutes == pytest.approx(52 / 60)
        (past,) = await forecasts.past_forecasts(tx, 10)
        assert past == before


async def test_what_was_stood_down_before_its_end_is_no_error_of_the_forecast(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        warning = await add_warning(tx, state="withdrawn")
        await _call(tx, warning, 1, state="due")
        await forecasts.write_forecasts(tx, [_forecast(warning, NOW)])
        assert await forecasts.end_forecasts(tx, after(60)) == 1
        (before,) = await forecasts.forecasts_of(tx, warning)
        assert (before.outcome, before.real_minutes, before.error) == ("cut_short", None, None)


async def _hang_up(tx: Tx, call_out: UUID, at: datetime) -> None:
    await tx.execute(
        update(attempts).where(attempts.c.call_out_id == call_out).values(state="failed", ended_at=at)
    )
