"""A program steers calls with the scope for it, and each order is safe to send twice."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from jiaoying.storage.database import Database
from jiaoying.web.accounts import add_token
from jiaoying.web.api.shapes import CALL_OUT, WARNING_IN_FULL
from town import OTHER_VILLAGE, TOWNSHIP, VILLAGE, Town, open_town
from web_town import NOW


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


class Program:
    """A program with a token."""

    def __init__(self, town: Town, token: str) -> None:
        self.town, self.token = town, token

    async def post(self, path: str, order: Mapping[str, object] | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"{self.town.web_url}/api/v1{path}"
        async with self.town.session.post(url, json=dict(order or {}), headers=headers) as answer:
            body = await answer.json()
        await self.town.settle()
        return answer.status, body


def check(schema: Any, body: object) -> None:
    """What is answered is what is described."""
    validator: Any = Draft202012Validator(schema)
    validator.validate(body)


async def program_with(town: Town, *scopes: str) -> Program:
    async with town.database.transaction() as tx:
        return Program(town, await add_token(tx, f"program of {scopes}", scopes, NOW))


async def call_out_of(town: Town, warning: UUID, state: str) -> UUID:
    return await town.value(
        "SELECT id FROM call_outs WHERE warning_id = :warning AND state = :state LIMIT 1",
        warning=warning,
        state=state,
    )


async def test_a_warning_is_paused_resumed_stopped_and_called_again(town: Town) -> None:
    program = await program_with(town, "callouts:write")
    silent, awake = await town.person("赵演示"), await town.person("钱演示", "answers")
    await town.post(VILLAGE, "防汛责任人", silent)
    await town.post(OTHER_VILLAGE, "防汛责任人", awake)
    warning = await town.warn("red")
    await town.jump(seconds=40)
    for _ in range(2):
        status, body = await program.post(f"/warnings/{warning}/pause", {"reason": "核实"})
        assert status == 200
        assert body["pause_reason"] == "核实"
        check(WARNING_IN_FULL, body)
    for _ in range(2):
        status, body = await program.post(f"/warnings/{warning}/resume")
        assert (status, body["paused_at"]) == (200, None)
    order = {"reason": "号码有误", "area": TOWNSHIP}
    assert await program.post(f"/warnings/{warning}/stop", order) == (
        200,
        {"people": 1, "responsibilities": 1},
    )
    assert await program.post(f"/warnings/{warning}/stop", order) == (
        200,
        {"people": 0, "responsibilities": 0},
    )
    assert await town.listed(warning) == ["梁庄村 防汛责任人"]
    assert (await program.post(f"/warnings/{warning}/call-again"))[1]["people"] == 1
    assert (await program.post(f"/warnings/{warning}/call-again"))[1]["people"] == 0
    assert (await program.post(f"/warnings/{warning}/stop", {"area": TOWNSHIP}))[0] == 400
    assert (await program.post(f"/warnings/{warning}/stop", {"reason": "x", "area": "14"}))[0] == 400


async def test_one_person_is_stopped_called_again_and_passed_by(town: Town) -> None:
    program = await program_with(town, "callouts:write")
    holder, deputy = await town.person("赵演示"), await town.person("钱演示")
    await town.post(VILLAGE, "防汛责任人", holder, deputy=deputy)
    warning = await town.warn("orange")
    call_out = await call_out_of(town, warning, "open")
    status, body = await program.post(f"/callouts/{call_out}/next")
    assert status == 200
    assert await deputy.calls() == 1
    check(CALL_OUT, body)
    status, body = await program.post(f"/callouts/{call_out}/stop", {"reason": "本人在场"})
    assert (status, body["state"], body["reason"]) == (200, "exhausted", "stopped")
    status, body = await program.post(f"/callouts/{call_out}/call-again")
    assert (status, body["state"]) == (200, "open")
    assert body["called_again_by"].startswith("api:")
    assert "0000" not in str(body["numbers"])


async def test_reading_is_not_steering_and_what_is_not_there_is_not_found(town: Town) -> None:
    reader = await program_with(town, "warnings:read")
    writer = await program_with(town, "callouts:write")
    await town.post(VILLAGE, "防汛责任人", await town.person("赵演示"))
    warning = await town.warn("orange")
    nobody = UUID(int=7)
    for path in ("pause", "resume", "stop", "call-again"):
        assert (await reader.post(f"/warnings/{warning}/{path}", {"reason": "x"}))[0] == 403
        assert (await writer.post(f"/warnings/{nobody}/{path}", {"reason": "x"}))[0] == 404
    for path in ("stop", "call-again", "next"):
        assert (await writer.post(f"/callouts/{nobody}/{path}", {"reason": "x"}))[0] == 404
