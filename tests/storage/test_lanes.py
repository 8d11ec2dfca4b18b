"""A lane gives what is due in order, and no more parts than were asked for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from jiaoying.dispatch.store import attempts, lanes
from jiaoying.dispatch.store.attempts import ClaimedAttempt, NewAttempt
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database, Tx
from storage.county import NOW, add_areas, add_attempt, add_call_out, add_contact, add_warning

LATER = NOW + timedelta(hours=1)


async def _add_texts(tx: Tx, texts: int) -> None:
    """Texts of two parts each, one due a minute after the other."""
    await add_areas(tx)
    warning = await add_warning(tx)
    call_out = await add_call_out(tx, warning, await add_contact(tx, "赵演示", "+8610000000001"), [])
    for number in range(texts):
        await add_attempt(tx, warning, call_out, "sms", number, state="due", parts=2, carrier_ref=None)


async def _claim(tx: Tx, most_parts: int | None) -> list[ClaimedAttempt]:
    return await lanes.claim_due(
        tx,
        gateway="simulator",
        channel=Channel.SMS,
        limit=10,
        most_parts=most_parts,
        worker_id=new_id(NOW),
        now=LATER,
        lease_until=LATER,
    )


async def test_a_claim_takes_no_more_parts_than_it_may_and_the_next_one_the_rest(database: Database) -> None:
    async with database.transaction() as tx:
        await _add_texts(tx, 4)
        assert [attempt.round for attempt in await _claim(tx, most_parts=5)] == [0, 1]
        assert [attempt.round for attempt in await _claim(tx, most_parts=None)] == [2, 3]
        assert await _claim(tx, most_parts=None) == []


async def test_the_parts_of_what_comes_next_are_counted(database: Database) -> None:
    async with database.transaction() as tx:
        await _add_texts(tx, 4)
        assert await lanes.due_parts(tx, "simulator", Channel.SMS, 3, LATER) == 6
        assert await lanes.due_parts(tx, "simulator", Channel.VOICE, 3, LATER) == 0


async def _plan(tx: Tx, warning: UUID | None, rounds: Sequence[int], **changes: Any) -> None:
    """Calls of one warning, planned together in this order."""
    await attempts.plan_attempts(tx, [_planned(warning, round_, **changes) for round_ in rounds])


def _planned(warning: UUID | None, round_: int, **changes: Any) -> NewAttempt:
    wanted = NewAttempt(
        id=new_id(NOW),
        warning_id=warning,
        call_out_id=None,
        contact_id=None,
        purpose="stand_down",
        channel=Channel.VOICE,
        gateway="simulator",
        number="+8610000000001",
        text="",
        language="zh-CN",
        parts=1,
        demonstration=True,
        exercise=False,
        priority=1,
        round=round_,
        due_at=NOW,
        expires_at=LATER + timedelta(hours=1),
    )
    return replace(wanted, **changes)


async def _next(tx: Tx, lines: int) -> list[ClaimedAttempt]:
    return await lanes.claim_due(
        tx,
        gateway="simulator",
        channel=Channel.VOICE,
        limit=lines,
        most_parts=None,
        worker_id=new_id(NOW),
        now=LATER,
        lease_until=LATER,
    )


async def test_a_small_warning_need_not_wait_for_a_large_one_that_came_before(database: Database) -> None:
    async with database.transaction() as tx:
        large, small = await add_warning(tx), await add_warning(tx, now=LATER)
        await _plan(tx, large, [1] * 40)
        await _next(tx, 10)
        await _plan(tx, small, [1] * 5, due_at=NOW + timedelta(seconds=1))
        # One line at a time, as lines become free.
        served = [(await _next(tx, 1))[0].warning_id for _ in range(10)]
        assert served == [large, small] * 5
        # Whoever sends nothing for a while saves up no turns.
        await _plan(tx, small, [1] * 2, due_at=NOW + timedelta(seconds=1))
        assert [attempt.warning_id for attempt in await _next(tx, 4)] == [large, small] * 2


async def test_who_was_rung_already_comes_behind_who_was_not(database: Database) -> None:
    async with database.transaction() as tx:
        one, other = await add_warning(tx), await add_warning(tx, now=LATER)
        await _plan(tx, one, [2, 2, 1])
        await _plan(tx, other, [1, 1])
        *first, second, third = await _next(tx, 9)
        assert sorted(attempt.warning_id for attempt in first if attempt.warning_id) == [one, other, other]
        assert [attempt.round for attempt in (*first, second, third)] == [1, 1, 1, 2, 2]


async def test_danger_comes_before_every_turn(database: Database) -> None:
    async with database.transaction() as tx:
        one, other = await add_warning(tx), await add_warning(tx, now=LATER)
        await _plan(tx, one, [1] * 3, priority=3)
        await _plan(tx, other, [3], priority=0)
        assert (await _next(tx, 1))[0].warning_id == other


async def test_what_needs_no_answer_is_a_queue_of_its_own(database: Database) -> None:
    async with database.transaction() as tx:
        warning = await add_warning(tx)
        await _plan(tx, warning, [1] * 20, purpose="stand_down")
        await _plan(tx, warning, [1], purpose="reply")
        assert "reply" in [attempt.purpose for attempt in await _next(tx, 2)]


async def test_what_repeats_a_lost_hand_over_is_next(database: Database) -> None:
    async with database.transaction() as tx:
        warning = await add_warning(tx)
        await _plan(tx, warning, [1] * 20)
        (lost,) = await _next(tx, 1)
        await _plan(tx, warning, [1], previous_id=lost.id, due_at=NOW - timedelta(seconds=1))
        assert (await _next(tx, 1))[0].due_at < NOW
