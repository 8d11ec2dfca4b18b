"""One warning's story, read with the people it tells of."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.ledger.export import StoryLine, story, story_heading
from jiaoying.ledger.people import people_of
from jiaoying.storage.database import Database
from storage.county import (
    NOW,
    TOWN,
    add_areas,
    add_attempt,
    add_call_out,
    add_contact,
    add_responsibility,
    add_warning,
)


@pytest.fixture
async def warning_id(database: Database) -> UUID:
    """A warning under which 王强 is called, fails to answer, and answers."""
    async with database.transaction() as tx:
        await add_areas(tx)
        warning_id, other = await add_warning(tx), await add_warning(tx)
        contact_id = await add_contact(tx, "王强", "+8610000000001")
        duty = await add_responsibility(tx, warning_id, TOWN, "龙港镇 防汛责任人")
        call_out_id = await add_call_out(tx, warning_id, contact_id, [(duty, "holder")])
        attempt_id = await add_attempt(tx, warning_id, call_out_id, "voice", 1)
        later = NOW + timedelta(seconds=90)
        await append_entries(
            tx,
            [
                Entry(later, "call_out.answered", "settle", call_out_id=call_out_id, facts={"how": "key"},
                      particulars={"said": "1", "name": "王强(旧名)"}),
                Entry(NOW, "warning.received", "intake", warning_id),
                Entry(NOW, "responsibility.opened", "match", warning_id, responsibility_id=duty),
                Entry(NOW, "attempt.accepted", "send", warning_id, call_out_id=call_out_id,
                      attempt_id=attempt_id),
                Entry(NOW, "warning.received", "intake", other),
            ],
        )  # fmt: skip
    return warning_id


async def read(database: Database, warning_id: UUID) -> list[StoryLine]:
    async with database.transaction() as tx:
        return await story(tx, warning_id)


async def test_lines_of_the_warning_and_its_call_outs_in_order(database: Database, warning_id: UUID) -> None:
    lines = await read(database, warning_id)
    assert [line.event for line in lines] == [
        "warning.received",
        "responsibility.opened",
        "attempt.accepted",
        "call_out.answered",
    ]


async def test_each_line_knows_whom_it_is_about(database: Database, warning_id: UUID) -> None:
    received, opened, accepted, answered = await read(database, warning_id)
    assert (received.person, received.post) == (None, None)
    assert opened.post == "龙港镇 防汛责任人"
    assert (accepted.person, accepted.title, accepted.post) == ("王强", "村主任", "龙港镇 防汛责任人")
    assert (accepted.channel, accepted.number, accepted.code) == ("voice", "+8610000000001", "no-answer")
    assert (answered.facts, answered.particulars) == ({"how": "key"}, {"said": "1", "name": "王强(旧名)"})
    # What was written at the time goes before what the roster says today.
    assert answered.person == "王强(旧名)"


async def test_erased_particulars(database: Database, warning_id: UUID, owner_url: str) -> None:
    owner = Database(owner_url)
    async with owner.transaction() as tx:
        await tx.execute(text("DELETE FROM ledger_particulars"))
    await owner.close()
    answered = (await read(database, warning_id))[-1]
    assert (answered.erased, answered.particulars, answered.person) == (True, None, "王强")


async def test_the_people_of_the_story(database: Database, warning_id: UUID) -> None:
    (person,) = people_of(await read(database, warning_id))
    assert (person.tries, person.ending) == (1, "call_out.answered")
    assert person.answered_after == timedelta(seconds=90)


async def test_the_heading(database: Database, warning_id: UUID) -> None:
    async with database.transaction() as tx:
        heading = await story_heading(tx, warning_id)
        nothing = await story_heading(tx, UUID(int=0))
    assert heading is not None
    assert (heading.reference, heading.event, heading.sender) == ("A7", "暴雨", "cma@example.test")
    assert nothing is None
