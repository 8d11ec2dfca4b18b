"""Ladders as they are kept: two who save at once, people whom a ladder names, drafts looked at one by one."""

import asyncio
from datetime import date

import pytest
from sqlalchemy import func, insert, select, update

from jiaoying.dispatch.ladders.book import READY_MADE, check_text, save_book, versions
from jiaoying.dispatch.ladders.findings import Severity
from jiaoying.dispatch.ladders.reading import default_text
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import speaking
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from storage.county import NOW, VILLAGE, add_areas, add_contact

TODAY = date(2026, 7, 16)


def naming(person: object) -> str:
    """The ready-made ladders, whose villages at orange ask one more person first."""
    return default_text().replace(
        "      village: &orange\n        stop: any\n        deadline_s: 300\n        rungs:\n",
        "      village: &orange\n        stop: any\n        deadline_s: 300\n        rungs:\n"
        f"          - {{who: {{person: {person}, name: 某}}, channels: [voice], wait_s: 60}}\n",
    )


async def test_of_two_who_save_at_once_one_is_told(database: Database) -> None:
    async def save(by: str) -> int:
        async with database.transaction() as tx:
            return await save_book(tx, default_text(), by=by, now=NOW, on=TODAY, shown=READY_MADE)

    first, second = await asyncio.gather(save("a"), save("b"), return_exceptions=True)
    assert {type(first), type(second)} == {int, Refusal}
    async with database.transaction() as tx:
        assert [one.version for one in await versions(tx)] == [1]
        told = await tx.scalar(select(func.count()).where(schema.ledger_lines.c.event == "ladders.replaced"))
    assert told == 1


@pytest.mark.parametrize("state", ["kept", "retired", "merged", "mute"])
async def test_a_named_person_is_looked_up_as_they_are_today(database: Database, state: str) -> None:
    people = schema.contacts
    async with database.transaction() as tx:
        await add_areas(tx)
        person = await add_contact(tx, "赵演示", *([] if state == "mute" else ["+8610000000001"]))
        other = await add_contact(tx, "赵演示", "+8610000000002")
        if state == "retired":
            await tx.execute(update(people).where(people.c.id == person).values(retired_at=NOW))
        if state == "merged":
            await tx.execute(
                update(people).where(people.c.id == person).values(retired_at=NOW, merged_into_id=other)
            )
        checked = await check_text(tx, naming(person), TODAY)
    found = {one.severity for one in checked.findings}
    assert found == {"retired": {Severity.ERROR}, "mute": {Severity.WARNING}}.get(state, set())


async def test_a_post_counts_as_held_on_the_days_of_its_term_only(database: Database) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        ranger = await add_contact(tx, "钱演示", "+8610000000001")
        await tx.execute(
            insert(schema.posts).values(
                id=new_id(NOW),
                area_code=VILLAGE,
                kind="护林员",
                level="village",
                tier="village",
                hazards=["wildfire"],
                holder_id=ranger,
                valid_to=TODAY,
            )
        )
        with speaking("en"):
            held = [one.text for one in (await check_text(tx, default_text(), TODAY)).findings]
            over = [one.text for one in (await check_text(tx, default_text(), date(2026, 7, 17))).findings]
    # The forest chief is missing as long as there are posts for forest fires at all.
    assert ["林长" in text for text in held] == [True]
    assert over == []
