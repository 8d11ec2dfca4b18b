"""One warning by several roads: people are called once, and every delivery is told."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from jiaoying.dispatch.actions import start_warning
from jiaoying.storage.database import Database
from journeys.messages import about, send
from town import COUNTY, OTHER_VILLAGE, TOWNSHIP, VILLAGE, Phone, Town, open_town
from unit.warnings.samples import IDENTIFIER


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def holder(town: Town) -> Phone:
    phone = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", phone)
    return phone


async def by_nmc(town: Town, identifier: str, info: str, **options: object) -> str:
    """The same warning as a list of titles has it: another sender, no text. What became of it."""
    receipt = await send(town, identifier, info, source="nmc", sender="nmc.cn", **options)  # type: ignore[arg-type]
    return receipt.disposition


async def test_the_same_national_identifier_by_two_feeds_calls_once(town: Town, holder: Phone) -> None:
    first = await send(town, IDENTIFIER, about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    late = town.clock.now() - timedelta(minutes=3)
    assert await by_nmc(town, IDENTIFIER, about(town, "orange", COUNTY, description=None), sent=late) == (
        "duplicate"
    )
    await town.jump(minutes=5)
    assert await holder.calls() == 1
    assert "warning.also_came" in await town.events(first.warning_ids[0])
    assert await town.value("SELECT count(*) FROM received_messages") == 2
    assert await town.value("SELECT source FROM warning_deliveries") == "nmc"
    # Polled again, the same list is a repetition and nothing more.
    assert await by_nmc(town, IDENTIFIER, about(town, "orange", COUNTY, description=None), sent=late)
    assert await town.value("SELECT count(*) FROM warning_deliveries") <= 2


async def test_the_richer_reading_completes_the_poorer_and_calls_only_who_was_not_named(
    town: Town, holder: Phone
) -> None:
    other = await town.person("钱演示", "answers")
    await town.post(OTHER_VILLAGE, "防汛责任人", other)
    await by_nmc(town, IDENTIFIER, about(town, "orange", VILLAGE, description=None))
    await town.jump(minutes=2)
    assert await town.value("SELECT text FROM issued_warnings") == ""
    await send(town, IDENTIFIER, about(town, "orange", VILLAGE, description="水位上涨，立即转移。"))
    assert await town.value("SELECT text FROM issued_warnings") == "水位上涨，立即转移。"
    assert await town.value("SELECT count(*) FROM issued_warnings") == 1
    third = about(town, "orange", OTHER_VILLAGE, description="还有王寨村。")
    receipt = await send(town, IDENTIFIER, third, source="mirror", sender="mirror.example")
    await town.jump(minutes=2)
    assert receipt.disposition == "updated"
    assert (await holder.calls(), await other.calls()) == (1, 1)
    assert not [text for text in await holder.texts() if "停止" in text]


async def test_a_vaguer_reading_does_not_call_the_whole_county(town: Town, holder: Phone) -> None:
    asleep = await town.person("钱演示")
    await town.post(OTHER_VILLAGE, "防汛责任人", asleep)
    await send(town, IDENTIFIER, about(town, "orange", VILLAGE))
    for code in (TOWNSHIP, COUNTY):
        await by_nmc(town, IDENTIFIER, about(town, "orange", code))
    await town.jump(minutes=5)
    assert (await holder.calls(), await asleep.calls()) == (1, 0)


async def test_a_graver_second_reading_calls_again_and_a_milder_one_asks_the_officer(
    town: Town, holder: Phone
) -> None:
    await send(town, IDENTIFIER, about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    assert await by_nmc(town, IDENTIFIER, about(town, "blue", VILLAGE)) == "duplicate"
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'sources_disagree'") == 1
    assert not [text for text in await holder.texts() if "降为" in text]
    assert await by_nmc(town, IDENTIFIER, about(town, "red", VILLAGE)) == "updated"
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE state <> 'withdrawn'") == 1


async def test_two_warnings_of_one_office_are_never_one(town: Town, holder: Phone) -> None:
    await send(town, IDENTIFIER, about(town, "orange", VILLAGE))
    await town.jump(minutes=30)
    other = "14052141600000_20260715170000"
    await by_nmc(town, other, about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    assert await holder.calls() == 2


async def test_a_vendor_with_an_identifier_of_its_own_is_held_for_the_officer(
    town: Town, holder: Phone
) -> None:
    await send(town, IDENTIFIER, about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    copy = await send(
        town, "10105010220260715", about(town, "orange", VILLAGE), source="vendor", sender="vendor.example"
    )
    await town.jump(minutes=5)
    [row] = copy.warning_ids
    assert await holder.calls() == 1
    assert await town.value("SELECT state FROM issued_warnings WHERE id = :id", id=row) == "held"
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'possible_duplicate'") == 1
    async with town.database.transaction() as tx:
        await start_warning(tx, row, by="user:officer", now=town.clock.now())
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    assert await town.value("SELECT count(*) FROM alarms WHERE cleared_at IS NULL") == 0


async def test_what_continues_a_held_copy_waits_too_and_what_is_graver_does_not(
    town: Town, holder: Phone
) -> None:
    await send(town, IDENTIFIER, about(town, "orange", VILLAGE))
    await by_vendor(town, "v1", "orange")
    await town.jump(minutes=60)
    assert await by_vendor(town, "v2", "orange", continues="v1") == "held"
    await town.jump(minutes=5)
    assert await holder.calls() == 1
    assert await by_vendor(town, "v3", "red", continues="v2") == "matched"
    await town.jump(minutes=2)
    assert await holder.calls() == 2


async def by_vendor(town: Town, identifier: str, colour: str, continues: str | None = None) -> str:
    """A warning of somebody with identifiers of their own. Its state, once what is due has happened."""
    receipt = await send(
        town,
        identifier,
        about(town, colour, VILLAGE),
        kind="Update" if continues else "Alert",
        names=(continues,) if continues else (),
        source="vendor",
        sender="vendor.example",
    )
    state = "SELECT state FROM issued_warnings WHERE id = :id"
    return await town.value(state, id=receipt.warning_ids[0])


async def test_a_bulletin_by_hand_finds_what_it_changes_if_exactly_one_fits(
    town: Town, holder: Phone
) -> None:
    await send(town, "a1", about(town, "orange", VILLAGE))
    await town.jump(minutes=2)
    await send(town, "h1", about(town, "orange", VILLAGE, verb="继续发布"), kind="Update", source="hand")
    await town.jump(minutes=2)
    assert await holder.calls() == 1
    await send(town, "h2", about(town, "orange", VILLAGE, verb="解除"), kind="Cancel", source="hand")
    assert "停止" in (await holder.texts())[-1]


async def test_where_two_fit_the_officer_is_asked_which(town: Town, holder: Phone) -> None:
    await send(town, "a1", about(town, "yellow", VILLAGE))
    await send(town, "a2", about(town, "yellow", VILLAGE, event="强降雨"))
    await town.jump(minutes=2)
    await send(town, "h1", about(town, "blue", VILLAGE), kind="Update", source="hand")
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'update_without_target'") == 1
    assert await town.value("SELECT count(*) FROM issued_warnings WHERE state = 'withdrawn'") == 0


async def test_of_a_feed_that_forgets_to_say_nothing_is_guessed(town: Town, holder: Phone) -> None:
    await send(town, "a1", about(town, "yellow", VILLAGE))
    await town.jump(minutes=2)
    await send(town, "u1", about(town, "yellow", VILLAGE), kind="Update")
    await town.jump(minutes=2)
    assert await holder.calls() == 2
    assert await town.value("SELECT count(*) FROM alarms WHERE kind = 'update_without_target'") == 1
