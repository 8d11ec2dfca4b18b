"""A lane gives what is due in order, and no more parts than were asked for."""

from datetime import timedelta

from jiaoying.dispatch.store import lanes
from jiaoying.dispatch.store.attempts import ClaimedAttempt
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
