"""A feed on this machine that does what it is told, and a collector with a clock that stands still."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from jiaoying.kernel.clock import ManualClock
from jiaoying.storage.database import Database
from jiaoying.storage.schema import issued_warnings, ledger_lines, ledger_particulars, received_messages
from jiaoying.storage.schema import warning_sources as rows
from jiaoying.warnings.feeds import polling, store
from jiaoying.warnings.feeds.client import Patience
from jiaoying.warnings.feeds.model import SourceConfig, SourceKind
from jiaoying.warnings.feeds.polling import Collected, Collector
from jiaoying.warnings.feeds.store import Claim
from jiaoying.warnings.sources import save_source

KEY = "a key of the tests"
NOW = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
HOME = "140521000000"
NAME = "山西省气象局"

Answer = Callable[[web.Request], Any]


@dataclass(slots=True)
class Feed:
    """Answers in turn with what it was told; the last answer stays."""

    answers: dict[str, list[Answer]] = field(default_factory=dict[str, list[Answer]])
    asked: list[web.Request] = field(default_factory=list[web.Request])
    base: str = ""

    def say(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def headers(self, number: int) -> Mapping[str, str]:
        """What the request of that number carried; -1 is the last."""
        return self.asked[number].headers

    def paths(self) -> list[str]:
        return [request.path for request in self.asked]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        waiting = self.answers.get(request.path)
        if not waiting:
            return web.Response(status=404)
        tell = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        told = tell(request)
        return await told if asyncio.iscoroutine(told) else told


def body(content: bytes, status: int = 200, media_type: str = "application/xml", **headers: str) -> Answer:
    """A plain answer; names of headers with `_` for `-`."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _request: web.Response(
        body=content, status=status, headers={"Content-Type": media_type, **said}
    )


@asynccontextmanager
async def feed_server() -> AsyncGenerator[Feed]:
    """A feed on a free port."""
    feed = Feed()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", feed.answer)
    async with TestServer(application) as server:
        feed.base = str(server.make_url("")).rstrip("/")
        yield feed


@dataclass(slots=True)
class Desk:
    """A collector on a fresh database, moved by hand."""

    database: Database
    clock: ManualClock
    patience: Patience = field(default_factory=lambda: Patience(2, 2, 2))

    @property
    def wall(self) -> datetime:
        """Business time and the wall go together here."""
        return self.clock.now()

    @property
    def collector(self) -> Collector:
        return Collector(
            self.database, self.clock, HOME, KEY, self.clock.now, self.patience, chance=lambda: 0.5
        )

    def later(self, seconds: float) -> None:
        self.clock.advance_to(self.clock.now() + timedelta(seconds=seconds))

    async def add(self, config: SourceConfig) -> None:
        async with self.database.transaction() as tx:
            await save_source(tx, config, key=KEY, by="operator", now=self.clock.now(), wall=self.wall)

    async def claim(self) -> Claim | None:
        async with self.database.transaction() as tx:
            claims = await store.claim_due(tx, wall=self.wall, limit=1)
        return claims[0] if claims else None

    async def poll(self) -> Collected:
        """Once, when it is due next."""
        row = await self.row()
        self.clock.advance_to(max(self.clock.now(), row.next_poll_at))
        claim = await self.claim()
        assert claim is not None
        return await polling.poll(self.collector, claim)

    async def row(self) -> Any:
        async with self.database.transaction() as tx:
            return (await tx.execute(select(rows))).one()

    async def ids(self) -> set[UUID]:
        async with self.database.transaction() as tx:
            return set((await tx.scalars(select(rows.c.id))).all())

    async def deliveries(self) -> Sequence[Any]:
        async with self.database.transaction() as tx:
            query = select(received_messages).order_by(
                received_messages.c.received_at, received_messages.c.id
            )
            return (await tx.execute(query)).all()

    async def warnings(self) -> Sequence[Any]:
        async with self.database.transaction() as tx:
            return (await tx.execute(select(issued_warnings).order_by(issued_warnings.c.id))).all()

    async def told(self) -> str:
        """Every line of the ledger with its particulars, as one text."""
        async with self.database.transaction() as tx:
            lines = (await tx.execute(select(ledger_lines.c.event, ledger_lines.c.facts))).all()
            told = (await tx.execute(select(ledger_particulars.c.body))).all()
        return repr(lines) + repr(told)


def a_poll(feed: Feed, path: str = "/cap.xml", **changes: Any) -> SourceConfig:
    """A source that polls `feed`."""
    config = SourceConfig(NAME, SourceKind.POLL, address=f"{feed.base}{path}", interval_s=300)
    return replace(config, **changes)
