"""Who pushes proves who it is, as its source wants; everybody else is told what to send."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from jiaoying.storage.schema import issued_warnings, received_messages
from jiaoying.warnings.feeds.model import Proof, SourceConfig, SourceKind
from jiaoying.warnings.feeds.signature import HEADER, WINDOW_S, signature_of
from jiaoying.warnings.sources import find_source, save_source, switch_source
from jiaoying.web.accounts import add_token
from jiaoying.web.application import build_application
from unit.warnings.samples import alert
from web_town import NOW, parts_for_tests

NAME = "县气象局"
SECRET = "a secret of the bureau"
KEY = "a key of the tests"
BODY = alert(sent="2026-07-15T03:00:00+08:00", effective="2026-07-15T03:00:00+08:00")

Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_application(parts_for_tests(database)))) as opened:
        yield opened


async def a_source(database: Database, proof: Proof, secret: str | None = SECRET) -> None:
    config = SourceConfig(NAME, SourceKind.PUSH, proof=proof, signing_secret=secret)
    async with database.transaction() as tx:
        await save_source(tx, config, key=KEY, by="operator", now=NOW, wall=wall_now())


async def a_token(database: Database, source: str | None = NAME) -> str:
    async with database.transaction() as tx:
        return await add_token(tx, f"program of {source}", ["warnings:write"], NOW, source=source)


async def push(
    client: Client,
    *,
    token: str | None = None,
    signature: str | None = None,
    source: str | None = None,
    body: bytes = BODY,
) -> ClientResponse:
    headers: dict[str, str] = {"Content-Type": "application/xml", "Accept-Language": "en"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    headers |= {HEADER: signature} if signature is not None else {}
    query: Mapping[str, str] = {"source": source} if source else {}
    return await client.post("/api/v1/warnings", params=query, data=body, headers=headers)


async def kept(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return list((await tx.scalars(select(received_messages.c.source))).all())


async def refused(answer: ClientResponse, status: int, *words: str) -> None:
    problem: Any = await answer.json()
    assert answer.status == status, problem
    for word in words:
        assert word in problem["title"], problem


async def test_a_token_of_a_source_speaks_for_it(client: Client, database: Database) -> None:
    await a_source(database, Proof.TOKEN, None)
    assert (await push(client, token=await a_token(database))).status == 202
    assert await kept(database) == [NAME]
    async with database.transaction() as tx:
        assert (await tx.scalars(select(issued_warnings.c.source))).all() == [NAME]


async def test_a_token_of_nobody_speaks_for_itself(client: Client, database: Database) -> None:
    assert (await push(client, token=await a_token(database, None))).status == 202
    assert await kept(database) == ["api:program of None"]


async def test_a_token_can_only_belong_to_a_source_that_pushes(database: Database) -> None:
    with pytest.raises(Refusal):
        await a_token(database, "nobody")


async def test_a_signature_stands_for_a_token(client: Client, database: Database) -> None:
    await a_source(database, Proof.SIGNATURE)
    signed = signature_of(SECRET, BODY, wall_now())
    assert (await push(client, signature=signed, source=NAME)).status == 202
    assert await kept(database) == [NAME]


async def test_a_repetition_within_the_window_changes_nothing(client: Client, database: Database) -> None:
    await a_source(database, Proof.SIGNATURE)
    signed = signature_of(SECRET, BODY, wall_now())
    answers = [await push(client, signature=signed, source=NAME) for _ in range(3)]
    assert [(await one.json())["items"][0]["disposition"] for one in answers] == [
        *("accepted", "duplicate", "duplicate"),
    ]


async def test_a_wrong_an_old_and_a_borrowed_signature_are_refused(
    client: Client, database: Database
) -> None:
    await a_source(database, Proof.SIGNATURE)
    now = wall_now()
    for signed, word in (
        (signature_of("another secret", BODY, now), "does not fit"),
        (signature_of(SECRET, BODY + b" ", now), "does not fit"),
        (signature_of(SECRET, BODY, now - timedelta(seconds=WINDOW_S + 60)), "minutes old"),
        (signature_of(SECRET, BODY, now + timedelta(seconds=WINDOW_S + 60)), "minutes old"),
        ("v1=00", "v1=<hex>"),
        ("", "v1=<hex>"),
    ):
        await refused(await push(client, signature=signed, source=NAME), 401, word)
    good = signature_of(SECRET, BODY, now)
    await refused(await push(client, signature=good, source="somebody else"), 401, "?source=")
    await refused(await push(client, signature=good), 401, "?source=")
    await refused(await push(client), 401, "Bearer")
    assert await kept(database) == []


async def test_who_wants_both_gets_both(client: Client, database: Database) -> None:
    await a_source(database, Proof.BOTH)
    token, signed = await a_token(database), signature_of(SECRET, BODY, wall_now())
    await refused(await push(client, token=token), 401, HEADER)
    await refused(await push(client, signature=signed, source=NAME), 401)
    await refused(await push(client, token=token, signature="t=1,v1=00"), 401)
    assert (await push(client, token=token, signature=signed)).status == 202
    assert await kept(database) == [NAME]


async def test_a_token_alone_is_not_enough_for_a_source_that_signs(
    client: Client, database: Database
) -> None:
    await a_source(database, Proof.SIGNATURE)
    await refused(await push(client, token=await a_token(database)), 401, HEADER)


async def test_a_source_that_is_switched_off_is_refused(client: Client, database: Database) -> None:
    await a_source(database, Proof.SIGNATURE)
    async with database.transaction() as tx:
        found = await find_source(tx, name=NAME)
        assert found is not None
        await switch_source(tx, found.id, enabled=False, by="operator", now=NOW, wall=wall_now())
    signed = signature_of(SECRET, BODY, wall_now())
    await refused(await push(client, signature=signed, source=NAME), 403, NAME)
    assert await kept(database) == []


async def test_without_a_secret_nothing_is_proved(client: Client, database: Database) -> None:
    await a_source(database, Proof.SIGNATURE, None)
    signed = signature_of("", BODY, wall_now())
    await refused(await push(client, signature=signed, source=NAME), 401)
    token = await a_token(database)
    await refused(await push(client, token=token, signature=signed), 401, "no secret")


async def test_the_signature_opens_nothing_else(client: Client, database: Database) -> None:
    await a_source(database, Proof.SIGNATURE)
    headers = {HEADER: signature_of(SECRET, b"", wall_now())}
    for path in ("/api/v1/warnings", "/api/v1/board"):
        answer = await client.get(path, params={"source": NAME}, headers=headers)
        assert answer.status == 401


async def test_the_document_tells_of_the_signature(client: Client) -> None:
    document = await (await client.get("/api/v1/openapi.json")).json()
    scheme = document["components"]["securitySchemes"]["signature"]
    assert (scheme["in"], scheme["name"]) == ("header", HEADER)
    operation = document["paths"]["/warnings"]["post"]
    assert {"signature": []} in operation["security"]
    assert [one["name"] for one in operation["parameters"]] == ["source"]
