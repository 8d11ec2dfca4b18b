"""An answer that waits for its call-out while this goes over to a newer warning."""

import asyncio

from jiaoying.dispatch.answering import Given, take_answers
from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.store.handing_over import hand_over, lock_tied
from jiaoying.storage.database import Database
from storage.county import (
    NOW,
    VILLAGE,
    add_areas,
    add_call_out,
    add_contact,
    add_responsibility,
    add_warning,
)


async def test_an_answer_counts_under_the_warning_that_its_call_out_went_over_to(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        older, newer = await add_warning(tx), await add_warning(tx, reference="A8", content_sha256=b"1" * 32)
        person = await add_contact(tx, "赵演示", "+861000000001")
        duty = await add_responsibility(tx, older, VILLAGE, "杏园村 防汛责任人", state="covered")
        call_out = await add_call_out(tx, older, person, [(duty, "holder")], state="answered")

    async def answers() -> list[str]:
        async with database.transaction() as tx:
            given = Given((call_out,), "text", Understood(Meaning.ON_POST), "到岗", NOW)
            [[ticked]] = await take_answers(tx, [given], NOW)
            return [str(ticked.warning_id), ticked.reference]

    async with database.transaction() as tx:
        await lock_tied(tx, [duty])
        await hand_over(tx, {call_out: 1}, newer)
        answering = asyncio.create_task(answers())
        await asyncio.sleep(0.3)
    assert await answering == [str(newer), "A8"]
