"""A web process on a fresh database, and somebody with a browser in front of it."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from argon2 import PasswordHasher
from sqlalchemy import insert

from jiaoying.dispatch.home_map import map_of
from jiaoying.kernel.clock import ManualClock
from jiaoying.kernel.ids import new_id
from jiaoying.settings import Settings, read_settings
from jiaoying.storage.database import Database
from jiaoying.storage.schema import users
from jiaoying.storage.wake import Wake
from jiaoying.web.application import build_application
from jiaoying.web.parts import WebParts
from jiaoying.web.roles import Role

NOW = datetime(2026, 7, 14, 19, 12, 45, tzinfo=UTC)  # 03:12:45 in Shanxi
PASSWORD = "correct horse"
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(slots=True)
class Browser:
    """Somebody who uses the console; follows no redirects, keeps cookies."""

    client: TestClient[web.Request, web.Application]
    token: str = ""

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> ClientResponse:
        return await self.client.get(path, allow_redirects=False, headers=headers)

    async def page(self, path: str) -> str:
        """The page at `path`, which must be there."""
        answer = await self.get(path)
        text = await answer.text()
        assert answer.status == 200, (path, answer.status, text)
        return text

    async def post(
        self, path: str, fields: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> ClientResponse:
        """A form with the token of the session."""
        return await self.client.post(
            path, data={"csrf": self.token, **(fields or {})}, allow_redirects=False, headers=headers
        )

    async def sign_in(self, name: str, password: str = PASSWORD) -> ClientResponse:
        form = await (await self.get("/sign-in")).text()
        self.token = token_in(form)
        answer = await self.post("/sign-in", {"name": name, "password": password})
        if answer.status == 303:
            self.token = token_in(await self.page("/warnings"))
        return answer


def token_in(page: str) -> str:
    """The token that a form on `page` carries."""
    found = _TOKEN.search(page)
    assert found, page
    return found[1]


def settings_for_tests(**environment: str) -> Settings:
    """Settings from nothing but what is given here."""
    return read_settings(environment, Path("/nonexistent"))


def parts_for_tests(
    database: Database, settings: Settings | None = None, *, public_url: str = "http://127.0.0.1:8080"
) -> WebParts:
    """What a web process is built from, with a clock that stands still."""
    chosen = settings or settings_for_tests()
    assert chosen.timezone == ZoneInfo("Asia/Shanghai")
    return WebParts(
        database=database,
        clock=ManualClock(NOW),
        settings=chosen,
        wake=Wake(None),
        gateways={},
        public_url=public_url,
        home_name="沁水县",
        source_key="a key of the tests",
        home_map=map_of(chosen.home_area),
    )


@asynccontextmanager
async def browser_on(parts: WebParts) -> AsyncGenerator[Browser]:
    """A web process, and a browser that has not signed in."""
    async with TestClient(TestServer(build_application(parts))) as client:
        yield Browser(client)


@cache
def _password_hash() -> str:
    return PasswordHasher().hash(PASSWORD)


async def add_users(database: Database) -> None:
    """One user for each role, named like it; hashing takes its time, so they share one hash."""
    rows = [
        {
            "id": new_id(NOW),
            "name": role,
            "role": role,
            "password_hash": _password_hash(),
            "created_at": NOW,
        }
        for role in Role
    ]
    async with database.transaction() as tx:
        await tx.execute(insert(users), rows)
