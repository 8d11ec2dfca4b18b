"""Messages that overtake, cross and bite their own tails."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from jiaoying.storage.database import Database
from journeys.messages import about, send
from town import VILLAGE, Phone, Town, open_town


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def holder(town: Town) -> Phone:
    phone = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", phone)
    return phone


async def running(town: Town) -> list[str]:
    """The identifiers of what is in force or was not ended by another message."""
    found: str | None = await town.value(
        "SELECT string_agg(identifier, ' ' ORDER BY id) FROM issued_warnings"
        " WHERE state IN ('received', 'matched', 'closed') AND kind <> 'cancel'"
    )
    return [] if found is None else found.split(" ")


async def test_an_update_before_its_alert_calls_once(town: Town, holder: Phone) -> None:
    sent = town.clock.now()
    await send(town, "u1", about(town, "orange", VILLAGE), kind="Update", names=("a1",))
    await send(town, "a1", about(town, "yellow", VILLAGE), sent=sent - timedelta(minutes=9))
    await town.jump(minutes=5)
    assert await holder.calls() == 1
    assert await running(town) == ["u1"]
    # The next update names the alert that came too late: it continues the update all the same.
    await send(town, "u2", about(town, "orange", VILLAGE), kind="Update", names=("a1",))
    await town.jump(minutes=5)
    assert await holder.calls() == 1
    assert await running(town) == ["u2"]


async def test_two_updates_that_cross_are_one_chain(town: Town, holder: Phone) -> None:
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    for identifier in ("u1", "u2"):
        await send(
            town, identifier, about(town, "orange", VILLAGE), kind="Update", names=("a1",), settles=False
        )
    await town.jump(minutes=5)
    assert await holder.calls() == 1
    assert await running(town) == ["u2"]


async def test_messages_that_name_each_other_and_themselves_end_somewhere(town: Town, holder: Phone) -> None:
    orange = about(town, "orange", VILLAGE)
    await send(town, "u1", orange, kind="Update", names=("u2", "u1"))
    await town.jump(minutes=2)
    await send(town, "u2", about(town, "orange", VILLAGE), kind="Update", names=("u1", "u2"))
    await town.jump(minutes=2)
    assert await running(town) == ["u2"]
    await send(town, "u3", about(town, "red", VILLAGE), kind="Update", names=("u1", "u2", "u3"))
    await town.jump(minutes=2)
    assert await running(town) == ["u3"]
    assert await holder.calls() == 2
    await send(town, "c1", about(town, "red", VILLAGE), kind="Cancel", names=("u1", "c1"))
    assert await running(town) == []


async def test_a_chain_whose_sender_changes_its_name(town: Town, holder: Phone) -> None:
    await send(town, "a1", about(town, "orange", VILLAGE), sender="smn.cna.example")
    await town.jump(minutes=2)
    await send(
        town,
        "u1",
        about(town, "orange", VILLAGE),
        kind="Update",
        names=("a1",),
        sender="smn.conagua.example",
    )
    await town.jump(minutes=2)
    assert await holder.calls() == 1
    assert await running(town) == ["u1"]


async def test_the_same_identifier_with_new_content_is_a_new_version(town: Town, holder: Phone) -> None:
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    again = await send(town, "a1", about(town, "orange", VILLAGE, description="雨带东移，仍将持续。"))
    await town.jump(minutes=2)
    assert again.disposition == "updated"
    assert await holder.calls() == 1
    red = await send(town, "a1", about(town, "red", VILLAGE))
    await town.jump(minutes=2)
    assert red.disposition == "updated"
    assert await holder.calls() == 2
