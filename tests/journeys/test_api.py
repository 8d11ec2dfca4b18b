"""What a program meets at `/api/v1`: real HTTP, real rows."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator
from openpyxl import load_workbook
from sqlalchemy import insert, select, update

from cap_conformance import breaches
from jiaoying.kernel.clock import real_sleep
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database
from jiaoying.storage.schema import (
    issued_warnings,
    ledger_lines,
    received_messages,
    warning_sources,
    workers,
)
from jiaoying.web.accounts import add_token
from jiaoying.web.api import reading
from jiaoying.web.api.openapi import document_of
from jiaoying.web.api.table import ENDPOINTS
from jiaoying.web.application import build_application
from seeded_county import COUNTY, Seeded, seed_county
from web_town import NOW, parts_for_tests

CAP = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{identifier}</identifier>
  <sender>14052141600000</sender>
  <sent>2026-07-15T03:10:00+08:00</sent>
  <status>{status}</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>zh-CN</language>
    <category>Met</category>
    <event>暴雨</event>
    <responseType>Prepare</responseType>
    <urgency>Immediate</urgency>
    <severity>{severity}</severity>
    <certainty>Likely</certainty>
    <eventCode><valueName>EventCode</valueName><value>11B03</value></eventCode>
    <effective>2026-07-15T03:10:00+08:00</effective>
    <expires>2026-07-15T09:10:00+08:00</expires>
    <senderName>沁水县气象台</senderName>
    <headline>沁水县气象台发布暴雨红色预警信号</headline>
    <description>预计未来3小时降雨量将达100毫米以上</description>
    <area>
      <areaDesc>沁水县</areaDesc>
      <geocode><valueName>AreaCode</valueName><value>{area}</value></geocode>
    </area>
  </info>
</alert>
"""

Client = TestClient[web.Request, web.Application]


@dataclass(slots=True)
class Program:
    """A program with a token; checks every answer against the document."""

    client: Client
    token: str
    language: str = "zh-CN"

    async def ask(
        self,
        method: str,
        path: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> Any:
        """The JSON that comes back, which must have `status` and the shape that the document promises."""
        answer = await self.raw(method, path, headers=headers, **more)
        body = json.loads(await answer.text())
        assert answer.status == status, body
        check_shape(method, path.partition("?")[0], answer, body)
        return body

    async def raw(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> ClientResponse:
        own = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        return await self.client.request(method, f"/api/v1{path}", headers={**own, **(headers or {})}, **more)

    async def push(self, *, status: int = 202, **blanks: str) -> Any:
        """Push a CAP warning."""
        values = {"identifier": "1", "status": "Actual", "severity": "Extreme", "area": COUNTY, **blanks}
        headers = {"Content-Type": "application/cap+xml"}
        return await self.ask(
            "POST", "/warnings", status=status, headers=headers, data=CAP.format(**values).encode()
        )


def check_shape(method: str, path: str, answer: ClientResponse, body: object) -> None:
    """Fails where the answer is not what the OpenAPI document says."""
    document = document_of(ENDPOINTS)
    for described, operations in document["paths"].items():
        parts = zip(described.split("/"), path.split("/"), strict=False)
        alike = all(ours.startswith("{") or ours == theirs for ours, theirs in parts)
        if alike and described.count("/") == path.count("/") and method.lower() in operations:
            promised = operations[method.lower()]["responses"][str(answer.status)]["content"]
            schema = promised[answer.content_type]["schema"]
            resolved = {**schema, "components": document["components"]}
            validator: Any = Draft202012Validator(resolved)
            errors = list(validator.iter_errors(body))
            assert errors == [], (method, path)
            return
    raise AssertionError(f"{method} {path} is not described")


@pytest.fixture
async def client(database: Database) -> AsyncIterator[Client]:
    async with TestClient(TestServer(build_application(parts_for_tests(database)))) as opened:
        yield opened


@pytest.fixture
async def county(database: Database) -> Seeded:
    async with database.transaction() as tx:
        return await seed_county(tx, NOW)


async def program_with(database: Database, client: Client, *scopes: str) -> Program:
    async with database.transaction() as tx:
        return Program(client, await add_token(tx, f"feed {len(scopes)} {scopes[0]}", scopes, NOW))


@pytest.fixture
async def program(database: Database, client: Client) -> Program:
    return await program_with(database, client, "warnings:read", "warnings:write", "callouts:write")


async def test_a_warning_is_stored_before_it_is_taken_over(database: Database, program: Program) -> None:
    (item,) = (await program.push())["items"]
    assert item["disposition"] == "accepted"
    async with database.transaction() as tx:
        row = (await tx.execute(select(issued_warnings))).one()
    assert [str(row.id)] == item["warning_ids"]
    assert (row.colour, row.state, row.source) == ("red", "received", "api:feed 3 warnings:read")
    facts = await program.ask("GET", f"/warnings/{row.id}")
    assert (facts["identifier"], facts["counts"]["people"]["total"]) == ("1", 0)


async def test_the_same_warning_again_is_a_duplicate_with_the_same_ids(program: Program) -> None:
    first, again = await program.push(), await program.push()
    assert again["items"][0]["disposition"] == "duplicate"
    assert again["items"][0]["warning_ids"] == first["items"][0]["warning_ids"]
    changed = await program.push(severity="Severe")
    assert changed["items"][0]["disposition"] == "updated"


async def test_what_is_outside_is_ignored_and_says_why(program: Program) -> None:
    (item,) = (await program.push(area="110000000000"))["items"]
    assert item["disposition"] == "ignored"
    assert item["reason"]


async def test_nothing_taken_is_refused_with_complaints_and_kept(
    database: Database, program: Program
) -> None:
    body = CAP.format(identifier="1", status="Actual", severity="Extreme", area=COUNTY)
    body = body.replace("<sender>14052141600000</sender>", "")
    refused = await program.ask(
        "POST", "/warnings", status=400, data=body.encode(), headers={"Content-Type": "application/xml"}
    )
    assert refused["complaints"]
    assert refused["items"][0]["disposition"] == "rejected"
    async with database.transaction() as tx:
        kept = (await tx.execute(select(received_messages.c.disposition, received_messages.c.body))).one()
    assert kept.disposition == "rejected"
    assert kept.body == body.encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not xml at all",
        b'<?xml version="1.0"?><!DOCTYPE alert [<!ENTITY a "b">]><alert>&a;</alert>',
        b"<a>" * 5000,
    ],
    ids=["empty", "words", "doctype", "deep"],
)
async def test_hostile_bytes_are_refused_with_a_reason(program: Program, body: bytes) -> None:
    headers = {"Content-Type": "application/xml"}
    refused = await program.ask("POST", "/warnings", status=400, data=body, headers=headers)
    assert refused["title"]


@pytest.mark.parametrize("told", [True, False], ids=["told length", "in pieces"])
async def test_a_body_over_the_bound_is_refused_unread(
    program: Program, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    monkeypatch.setattr("jiaoying.web.api.warnings.LARGEST_MESSAGE", 1000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    answer = await program.raw(
        "POST",
        "/warnings",
        data=b"x" * 2000 if told else pieces(),
        headers={"Content-Type": "application/xml"},
    )
    assert answer.status == 413
    assert answer.content_type == "application/problem+json"


async def test_a_body_that_never_comes_is_given_up(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "SLOWEST_BODY_S", 0.05)
    stop = asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"<alert>"
        await stop.wait()

    async with asyncio.timeout(10):
        answer = await program.raw(
            "POST", "/warnings", data=slowly(), headers={"Content-Type": "application/xml"}
        )
    stop.set()
    assert answer.status == 408


async def test_another_kind_of_body_is_not_read(program: Program) -> None:
    headers = {"Content-Type": "application/pdf"}
    refused = await program.ask("POST", "/warnings", status=415, data=b"%PDF", headers=headers)
    assert "application/cap+xml" in refused["title"]


async def test_tokens_are_asked_for_and_weighed(database: Database, client: Client, program: Program) -> None:
    nobody = await client.get("/api/v1/warnings")
    assert (nobody.status, nobody.content_type) == (401, "application/problem+json")
    assert nobody.headers["WWW-Authenticate"].startswith("Bearer")
    stranger = await Program(client, "wrong").raw("GET", "/warnings")
    assert (stranger.status, "invalid_token" in stranger.headers["WWW-Authenticate"]) == (401, True)
    reader = await program_with(database, client, "contacts:read")
    refused = await reader.raw("GET", "/warnings")
    assert (refused.status, 'scope="warnings:read"' in refused.headers["WWW-Authenticate"]) == (403, True)


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "没有"), ("en-GB,en;q=0.9", "nothing")])
async def test_refusals_speak_the_callers_language(program: Program, language: str, word: str) -> None:
    program.language = language
    refused = await program.ask("GET", f"/warnings/{new_id(NOW)}", status=404)
    assert word in refused["title"]


async def test_the_database_away_is_503_with_retry_after(
    client: Client, program: Program, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(database, "transaction", away)
    answer = await program.raw(
        "POST", "/warnings", data=b"<alert/>", headers={"Content-Type": "application/xml"}
    )
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 503
    assert "jiaoying_database_up 0.0" in await (await client.get("/metrics")).text()


async def test_warnings_are_listed_page_by_page(program: Program) -> None:
    for number in range(5):
        await program.push(identifier=str(number))
    seen: list[str] = []
    after, page = "", {}
    for _ in range(3):
        page = await program.ask("GET", f"/warnings?limit=2{after}")
        seen += [item["identifier"] for item in page["items"]]
        after = f"&after={page['next']}"
    assert sorted(seen) == ["0", "1", "2", "3", "4"]
    assert page["next"] is None


async def test_people_are_listed_with_masked_numbers(program: Program, county: Seeded) -> None:
    path = f"/warnings/{county.warning_id}/callouts"
    page = await program.ask("GET", f"{path}?limit=5")
    assert all("****" in number["number"] for item in page["items"] for number in item["numbers"])
    rest = await program.ask("GET", f"{path}?limit=500&after={page['next']}")
    counts = (await program.ask("GET", f"/warnings/{county.warning_id}"))["counts"]["people"]
    assert len(page["items"]) + len(rest["items"]) == counts["total"]
    exhausted = await program.ask("GET", f"{path}?state=exhausted&limit=500")
    assert len(exhausted["items"]) == counts["exhausted"]
    inside = await program.ask("GET", f"{path}?area=140521100000&limit=500")
    assert 0 < len(inside["items"]) < counts["total"]


async def test_whole_numbers_need_a_scope_and_leave_a_line(
    database: Database, client: Client, county: Seeded
) -> None:
    trusted = await program_with(database, client, "warnings:read", "numbers:read")
    page = await trusted.ask("GET", f"/warnings/{county.warning_id}/callouts?limit=3")
    assert page["items"][0]["numbers"][0]["number"].startswith("+86100")
    story = await trusted.ask("GET", f"/callouts/{county.answered_id}")
    assert story["attempts"][0]["number"].startswith("+86100")
    async with database.transaction() as tx:
        looks = select(ledger_lines).where(ledger_lines.c.event == "contact.number_shown")
        people = [row.facts["people"] for row in await tx.execute(looks)]
    assert sorted(people) == [1, 3]


async def test_one_story_without_the_scope_holds_no_number(program: Program, county: Seeded) -> None:
    story = await program.ask("GET", f"/callouts/{county.answered_id}")
    assert story["call_out"]["state"] == "answered"
    assert story["attempts"]
    assert story["answers"]
    assert "+86100" not in json.dumps(story)
    await program.ask("GET", f"/callouts/{new_id(NOW)}", status=404)
    await program.ask("GET", "/callouts/7", status=404)


async def test_an_answer_is_logged_by_hand(program: Program, county: Seeded) -> None:
    path = f"/callouts/{county.exhausted_id}/answer"
    row = await program.ask("POST", path, json={"how": "door", "note": "敲门叫醒"})
    assert (row["state"], row["answered_how"]) == ("answered", "door")
    story = await program.ask("GET", f"/callouts/{county.exhausted_id}")
    assert [answer["said"] for answer in story["answers"]] == ["敲门叫醒"]
    assert story["answers"][0]["by_user"].startswith("api:feed")


async def test_a_radio_answers_and_a_gong_only_tells(program: Program, county: Seeded) -> None:
    path = f"/callouts/{county.open_id}/answer"
    row = await program.ask("POST", path, json={"how": "gong", "note": "沿街鸣锣"})
    assert (row["state"], row["answered_grade"]) == ("open", None)
    done_at = (NOW - timedelta(minutes=5)).isoformat()
    row = await program.ask("POST", path, json={"how": "radio", "note": "对讲机", "at": done_at})
    assert (row["state"], row["answered_how"], row["answered_grade"]) == ("answered", "radio", "witnessed")
    story = await program.ask("GET", f"/callouts/{county.open_id}")
    said = [(answer["how"], answer["grade"], answer["meaning"]) for answer in story["answers"]]
    assert sorted(said) == [("gong", "broadcast", "told"), ("radio", "witnessed", "answered")]
    later = {"how": "radio", "at": (NOW + timedelta(minutes=5)).isoformat()}
    await program.ask("POST", path, status=409, json=later)


async def test_a_broadcast_is_logged_once_for_a_whole_territory(program: Program, county: Seeded) -> None:
    path, order = f"/warnings/{county.warning_id}/broadcasts", {"area": COUNTY, "how": "loudspeaker"}
    before = await program.ask("GET", f"/board?warning={county.warning_id}")
    told = await program.ask("POST", path, json=order)
    assert told["people"] > 1
    after = await program.ask("GET", f"/board?warning={county.warning_id}")
    assert after["counts"] == before["counts"]
    assert after["unconfirmed"]["told"] > before["unconfirmed"]["told"] == 0
    await program.ask("POST", path, status=409, json=order | {"area": "110000000000"})
    await program.ask("POST", path, status=400, json=order | {"how": "hand"})
    await program.ask("POST", f"/warnings/{new_id(NOW)}/broadcasts", status=404, json=order)


@pytest.mark.parametrize(
    ("order", "field"),
    [
        ({}, "how"),
        ({"how": "dream"}, "how"),
        ({"how": "hand", "note": 7}, "note"),
        ({"how": "hand", "at": "23:41"}, "at"),
        ([], "body"),
    ],
)
async def test_a_wrong_order_names_its_field(
    program: Program, county: Seeded, order: object, field: str
) -> None:
    refused = await program.ask("POST", f"/callouts/{county.open_id}/answer", status=400, json=order)
    assert refused["complaints"][0]["field"] == field


async def test_an_order_that_is_no_json_is_not_read(program: Program, county: Seeded) -> None:
    path = f"/callouts/{county.open_id}/answer"
    await program.ask("POST", path, status=415, data={"how": "hand"})
    headers = {"Content-Type": "application/json"}
    await program.ask("POST", path, status=400, data=b"{", headers=headers)
    await program.ask("POST", path, status=413, data=b" " * 70_000, headers=headers)


async def test_a_running_warning_is_stood_down_once(program: Program, county: Seeded) -> None:
    path = f"/warnings/{county.warning_id}/withdraw"
    await program.ask("POST", path, status=400, json={})
    facts = await program.ask("POST", path, json={"reason": "误发"})
    assert facts["state"] == "withdrawn"
    assert facts["counts"]["people"]["open"] == 0
    await program.ask("POST", path, status=409, json={"reason": "误发"})
    await program.ask("POST", f"/warnings/{new_id(NOW)}/withdraw", status=404, json={"reason": "误发"})


async def test_a_held_warning_is_started(database: Database, program: Program) -> None:
    (item,) = (await program.push())["items"]
    path = f"/warnings/{item['warning_ids'][0]}/start"
    await program.ask("POST", path, status=409)
    async with database.transaction() as tx:
        held = {"state": "held", "hold_reason": "policy", "hold_until": NOW, "hold_next_at": NOW}
        await tx.execute(update(issued_warnings).values(held))
    assert (await program.ask("POST", path))["state"] == "received"


async def test_a_source_that_is_held_is_told_so(database: Database, program: Program) -> None:
    async with database.transaction() as tx:
        row = {"id": new_id(NOW), "name": "api:feed 3 warnings:read", "kind": "push", "created_at": NOW}
        await tx.execute(
            insert(warning_sources).values(
                row | {"hold_s": {"red": 300}, "created_by": "test", "watched_from": NOW}
            )
        )
    (item,) = (await program.push())["items"]
    assert item["disposition"] == "held"
    warning = await program.ask("GET", f"/warnings/{item['warning_ids'][0]}")
    assert (warning["state"], warning["hold_reason"]) == ("held", "policy")
    vetoed = await program.ask("POST", f"/warnings/{warning['id']}/withdraw", json={"reason": "误发"})
    assert vetoed["state"] == "withdrawn"
    await program.ask("POST", f"/warnings/{warning['id']}/start", status=409)


async def test_a_program_is_no_second_person(database: Database, program: Program) -> None:
    (item,) = (await program.push())["items"]
    async with database.transaction() as tx:
        held = {"state": "held", "hold_reason": "second_person", "hold_until": NOW, "hold_next_at": NOW}
        await tx.execute(update(issued_warnings).values({**held, "written_by": "user:officer"}))
    refused = await program.ask("POST", f"/warnings/{item['warning_ids'][0]}/start", status=409)
    assert "第二人" in refused["title"]


async def test_the_board_has_townships_and_the_officers_list(program: Program, county: Seeded) -> None:
    board = await program.ask("GET", f"/board?warning={county.warning_id}")
    assert "龙港镇" in [line["area_name"] for line in board["townships"]]
    assert board["officers_list"]
    assert board["officers_list_total"] == len(board["officers_list"])
    assert sum(line["not_woken"] for line in board["townships"]) == board["officers_list_total"]
    assert "+86100" not in json.dumps(board)
    await program.ask("GET", "/board", status=400)
    await program.ask("GET", f"/board?warning={new_id(NOW)}", status=404)


@pytest.mark.parametrize("form", ["json", "xlsx", "docx"])
async def test_the_ledger_is_taken_away(program: Program, county: Seeded, form: str) -> None:
    answer = await program.raw("GET", f"/warnings/{county.warning_id}/ledger?format={form}")
    body = await answer.read()
    assert (answer.status, f".{form}" in answer.headers["Content-Disposition"]) == (200, True)
    if form == "json":
        assert json.loads(body)["lines"]
        assert b"+86100" not in body
    elif form == "xlsx":
        assert load_workbook(BytesIO(body)).active is not None
    await program.ask("GET", f"/warnings/{county.warning_id}/ledger", status=400)


async def next_event(answer: ClientResponse) -> dict[str, str]:
    """The next event that carries data."""
    while True:
        block = (await answer.content.readuntil(b"\n\n")).decode()
        event = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in event:
            return event


async def test_changes_are_told_live_and_resumed_without_a_gap(
    database: Database, program: Program, county: Seeded
) -> None:
    async def tell(word: str) -> None:
        entry = Entry(NOW, "warning.told", "test", county.warning_id, facts={"word": word})
        async with database.transaction() as tx:
            await append_entries(tx, [entry])

    async with asyncio.timeout(20):
        live = await program.raw("GET", f"/events?warning={county.warning_id}")
        assert live.content_type == "text/event-stream"
        await tell("one")
        first = await next_event(live)
        live.close()
        await tell("two")
        await tell("three")
        again = await program.raw("GET", "/events", headers={"Last-Event-ID": first["id"]})
        words = [json.loads((await next_event(again))["data"])["facts"]["word"] for _ in range(2)]
        again.close()
    assert (first["event"], json.loads(first["data"])["facts"]["word"]) == ("warning.told", "one")
    assert words == ["two", "three"]


async def test_a_line_that_commits_late_is_still_told(
    database: Database, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow transaction's line has the older id; a reader that went by ids would never meet it."""
    monkeypatch.setattr("jiaoying.web.api.events.POLL_S", 0.05)
    monkeypatch.setattr("jiaoying.web.api.events.GATHER_S", 0)
    async with asyncio.timeout(20):
        live = await program.raw("GET", "/events")
        async with database.transaction() as slow:
            await append_entries(slow, [Entry(NOW, "warning.told", "slow")])
            async with database.transaction() as quick:
                await append_entries(quick, [Entry(NOW, "warning.told", "quick")])
            # Long enough for a careless reader to pass the quick line and leave the slow one behind.
            await real_sleep(0.5)
        told = {json.loads((await next_event(live))["data"])["actor"] for _ in range(2)}
        live.close()
    assert told == {"slow", "quick"}


async def test_a_cursor_that_we_never_gave_is_refused(program: Program) -> None:
    answer = await program.raw("GET", "/events", headers={"Last-Event-ID": "yesterday"})
    assert answer.status == 400


async def test_no_more_listeners_than_there_is_room_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jiaoying.web.api.table.MOST_LISTENERS", 1)
    async with TestClient(TestServer(build_application(parts_for_tests(database)))) as client:
        program = await program_with(database, client, "warnings:read")
        first = await program.raw("GET", "/events")
        refused = await program.raw("GET", "/events")
        assert (first.status, refused.status) == (200, 503)
        first.close()


async def test_ready_is_who_has_a_database_and_a_worker(database: Database, client: Client) -> None:
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 503
    row = {"id": new_id(NOW), "role": "worker", "started_at": NOW, "seen_at": NOW - timedelta(seconds=5)}
    async with database.transaction() as tx:
        await tx.execute(insert(workers).values(row))
    assert (await client.get("/readyz")).status == 200
    async with database.transaction() as tx:
        await tx.execute(update(workers).values(seen_at=NOW - timedelta(seconds=61)))
    assert (await client.get("/readyz")).status == 503


async def test_figures_for_prometheus(client: Client, county: Seeded) -> None:
    text = await (await client.get("/metrics")).text()
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(figures['jiaoying_call_outs{state="answered"}']) > 0
    assert float(figures["jiaoying_officers_list"]) > 0
    assert float(figures["jiaoying_loop_lag_seconds"]) < 5
    assert figures["jiaoying_database_up"] == "1.0"
    assert any(name.startswith("jiaoying_attempts_last_hour{") for name in figures)
    assert "+86" not in text


async def test_the_document_is_open_to_all(client: Client) -> None:
    answer = await client.get("/api/v1/openapi.json")
    assert (answer.status, (await answer.json())["openapi"]) == (200, "3.1.0")


async def test_an_address_that_is_not_is_a_problem_too(client: Client) -> None:
    answer = await client.get("/api/v1/nothing")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_warnings_are_given_out_as_cap_and_as_a_feed(program: Program) -> None:
    pushed = await program.push(identifier="out/1")
    warning_id = pushed["items"][0]["warning_ids"][0]
    alone = await program.raw("GET", f"/warnings/{warning_id}/cap")
    assert (alone.status, alone.content_type) == (200, "application/cap+xml")
    assert breaches(await alone.read()) == []
    feed = await program.raw("GET", "/warnings.atom")
    assert (feed.status, feed.content_type) == (200, "application/atom+xml")
    assert "<identifier>out/1</identifier>" in await feed.text()
    assert f"/api/v1/warnings/{warning_id}/cap" in await feed.text()
    missing = await program.raw("GET", f"/warnings/{new_id(NOW)}/cap")
    assert missing.status == 404


STATION: dict[str, Any] = {
    "code": "R1",
    "name": "上河雨量站",
    "kind": "rain",
    "area_codes": [COUNTY],
    "thresholds": [{"window_s": 3600, "prepare": 30, "evacuate": 50}],
    "silent_after_s": 3600,
}


async def test_readings_come_with_their_stations_and_say_how_it_stands(
    database: Database, client: Client, county: Seeded
) -> None:
    gauge = await program_with(database, client, "readings:write")
    reading = {"station": "R1", "at": NOW.isoformat(), "value": 55.5}
    body = {"stations": [STATION], "readings": [reading, {**reading, "station": "R9"}]}
    answer = await gauge.ask("POST", "/readings", status=202, json=body)
    assert [(one["disposition"], one["level"]) for one in answer["items"]] == [
        ("stored", "evacuate"),
        ("unknown-station", None),
    ]
    listed = await gauge.ask("GET", "/stations")
    assert [(one["code"], one["level"], one["last_value"]) for one in listed["items"]] == [
        ("R1", "evacuate", 55.5)
    ]


READING: dict[str, Any] = {"station": "R1", "at": "2026-07-15T03:10:00+08:00", "value": 1}
BACKWARDS = [{"window_s": 3600, "prepare": 50, "evacuate": 30}]
UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"readings": [{**READING, "at": "2026-07-15T03:10:00"}]}, "readings[0].at"),
    ({"readings": [{**READING, "value": "1"}]}, "readings[0].value"),
    ({"readings": [{**READING, "station": ""}]}, "readings[0].station"),
    ({"readings": {}}, "readings"),
    ({"stations": [{**STATION, "kind": "moon"}]}, "stations[0].kind"),
    ({"stations": [{**STATION, "area_codes": ["1405"]}]}, "stations[0].area_codes"),
    ({"stations": [{**STATION, "area_codes": ["990521000000"]}]}, "stations.area_codes"),
    ({"stations": [{**STATION, "thresholds": []}]}, "stations[0].thresholds"),
    ({"stations": [{**STATION, "thresholds": BACKWARDS}]}, "stations[0].thresholds"),
    ({"stations": [{**STATION, "silent_after_s": 1}]}, "stations[0].silent_after_s"),
]


@pytest.mark.parametrize(("body", "field"), UNUSABLE)
async def test_a_reading_that_cannot_be_used_names_its_field(
    database: Database, client: Client, body: dict[str, Any], field: str
) -> None:
    gauge = await program_with(database, client, "readings:write")
    answer = await gauge.ask("POST", "/readings", status=400, json=body)
    assert [complaint["field"] for complaint in answer["complaints"]] == [field]
