"""A program hands in the roster's lists: it sees what would change before anything does."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from jiaoying.kernel.sheets import MAX_FILE_BYTES
from jiaoying.storage.database import Database
from jiaoying.storage.schema import contacts, ledger_lines
from jiaoying.web.application import build_application
from journeys.test_api import Client, Program, program_with
from seeded_county import Seeded, seed_county
from web_town import NOW, parts_for_tests

LIST = """姓名,手机,责任区域,岗位
赵川,10000000001,龙港镇,防汛指挥长
钱海,10000000002,龙港镇上河村,防汛责任人
"""
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_application(parts_for_tests(database)))) as opened:
        yield opened


@pytest.fixture
async def county(database: Database) -> Seeded:
    async with database.transaction() as tx:
        return await seed_county(tx, NOW)


@pytest.fixture
async def keeper(database: Database, client: Client, county: Seeded) -> Program:
    return await program_with(database, client, "contacts:write", "contacts:read")


async def names(database: Database) -> set[str]:
    async with database.transaction() as tx:
        return set((await tx.execute(select(contacts.c.name))).scalars())


async def hand_in(keeper: Program, words: str, query: str = "", status: int = 201) -> dict[str, object]:
    return await keeper.ask(
        "POST",
        f"/contacts/imports?file_name=名单.csv{query}",
        status=status,
        data=words.encode(),
        headers=CSV,
    )


async def test_a_list_is_seen_then_applied_then_taken_back(database: Database, keeper: Program) -> None:
    before = await names(database)
    made = await hand_in(keeper, LIST)
    assert (made["state"], made["added"], made["file_name"]) == ("previewed", 2, "名单.csv")
    assert await names(database) == before
    address = f"/contacts/imports/{made['id']}"
    assert (await keeper.ask("GET", address))["differences"] == made["differences"]
    assert (await keeper.ask("POST", f"{address}/apply"))["state"] == "applied"
    assert await names(database) == before | {"赵川", "钱海"}
    refused = await keeper.ask("POST", f"{address}/apply", status=409)
    assert "api:feed" in refused["title"]
    assert (await keeper.ask("POST", f"{address}/undo"))["state"] == "undone"
    assert await names(database) == before
    (listed,) = (await keeper.ask("GET", "/contacts/imports"))["items"]
    assert (listed["id"], listed["state"]) == (made["id"], "undone")


async def test_numbers_are_masked_unless_the_token_may_see_them(
    database: Database, client: Client, keeper: Program
) -> None:
    made = await hand_in(keeper, LIST)
    await keeper.ask("POST", f"/contacts/imports/{made['id']}/apply")
    changed = LIST.replace("钱海,10000000002", "钱海,10000000003")
    (difference,) = (await hand_in(keeper, changed))["differences"]  # type: ignore[misc]
    assert difference["changes"] == [{"field": "numbers", "before": "100****0002", "after": "100****0003"}]
    seer = await program_with(database, client, "contacts:write", "contacts:read", "numbers:read")
    (difference,) = (await hand_in(seer, changed))["differences"]  # type: ignore[misc]
    assert difference["changes"][0]["after"] == "+8610000000003"
    async with database.transaction() as tx:
        looks = select(ledger_lines.c.actor).where(ledger_lines.c.event == "contact.number_shown")
        assert (await tx.execute(looks)).scalars().all() == ["api:feed 3 contacts:write"]


async def test_many_ended_posts_are_asked_twice(keeper: Program) -> None:
    made = await hand_in(keeper, LIST)
    await keeper.ask("POST", f"/contacts/imports/{made['id']}/apply")
    shorter = "\n".join(LIST.splitlines()[:2])
    made = await hand_in(keeper, shorter, "&replace_scope=140521100000")
    assert made["asks_twice"] is True
    address = f"/contacts/imports/{made['id']}/apply"
    refused = await keeper.ask("POST", address, status=409, json={})
    assert str(made["ended"]) in refused["title"]
    done = await keeper.ask("POST", address, json={"confirm_ended": made["ended"]})
    assert done["state"] == "applied"


async def test_what_is_no_list_is_refused_with_a_sentence(client: Client, keeper: Program) -> None:
    await hand_in(keeper, "\0\1\2", status=400)
    await hand_in(keeper, LIST, "&replace_scope=1405", status=400)
    await keeper.ask(
        "POST", "/contacts/imports", status=415, data=b"{}", headers={"Content-Type": "text/html"}
    )
    large = {**CSV, "Content-Length": str(MAX_FILE_BYTES + 1)}
    await keeper.ask("POST", "/contacts/imports", status=413, data=b"", headers=large)
    missing = "01890000-0000-7000-8000-000000000000"
    for action in ("apply", "undo", "discard"):
        await keeper.ask("POST", f"/contacts/imports/{missing}/{action}", status=404)


async def test_a_thrown_away_preview_changes_nothing(database: Database, keeper: Program) -> None:
    before = await names(database)
    made = await hand_in(keeper, LIST)
    await keeper.ask("POST", f"/contacts/imports/{made['id']}/discard")
    await keeper.ask("POST", f"/contacts/imports/{made['id']}/apply", status=409)
    await keeper.ask("POST", f"/contacts/imports/{made['id']}/undo", status=409)
    assert await names(database) == before


async def test_a_token_that_may_only_read_hands_nothing_in(database: Database, client: Client) -> None:
    reader = await program_with(database, client, "contacts:read")
    await hand_in(reader, LIST, status=403)
    assert (await reader.ask("GET", "/contacts/imports"))["items"] == []


async def test_a_file_name_that_no_database_stores_is_refused(keeper: Program) -> None:
    answer = await keeper.raw("POST", "/contacts/imports?file_name=a%00b", data=LIST.encode(), headers=CSV)
    assert answer.status == 400
