"""From a warning posted to the first request at the carrier, on an idle system, beside the least that
could do it: a row inserted, a notification, one request.

Each round measures both. Three people are called, so that a round is over before the next begins.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import aiohttp
import asyncpg

from benchmarks.bare import NOTICE
from benchmarks.county import VILLAGES, settle_county, village
from benchmarks.figures import Findings, Ratio, Table, percentile
from benchmarks.ground import Ground
from benchmarks.processes import running
from jiaoying.demonstration.messages import fresh_copy
from jiaoying.kernel.clock import wall_now
from jiaoying.storage.database import Database
from jiaoying.web.accounts import add_token

NAME = "latency"
AIM_MS = 300.0
PEOPLE_EACH = 3
PATH = "/2010-04-01/Accounts/AC0/Messages.json"
BODY = "To=%2B8610000000000&From=%2B8610000000000&Body=1"
# A round begins when the system has come to rest; the moment is shifted so as not to beat with the
# metronome's second.
REST_S = 0.35


@dataclass(frozen=True, slots=True)
class Passage:
    """One way to the carrier, in ms: from the sending, and from the answer that promises it is stored."""

    from_sending: float
    from_stored: float


async def measure(ground: Ground, *, rounds: int) -> Findings:
    """`rounds` of both, in turn."""
    ours: list[Passage] = []
    bares: list[Passage] = []
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(ground.database())
        connection = await stack.enter_async_context(ground.connection(database))
        await settle_county(connection, VILLAGES * PEOPLE_EACH)
        await connection.execute("CREATE TABLE bench_notices (id bigserial PRIMARY KEY, at timestamptz)")
        token = await _token(ground.dsn(database, "jiaoying_app"))
        await stack.enter_async_context(ground.worker(database))
        _, url = await stack.enter_async_context(ground.web(database))
        session = await stack.enter_async_context(
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"})
        )
        await stack.enter_async_context(_listener(ground, database))
        for number in range(-3, rounds):
            ours_now = await _ours(ground, session, url, number)
            bare_now = await _bare(ground, connection)
            if number >= 0:  # the first three fill caches
                ours.append(ours_now)
                bares.append(bare_now)
    return _findings(ours, bares)


def _listener(ground: Ground, database: str):
    body = ground.folder / "bare-body"
    body.write_text(BODY)
    arguments = (str(body), ground.carrier.url, PATH, ground.dsn(database, "jiaoying_owner"))
    return running("benchmarks.bare", "listen", *arguments)


async def _token(url: str) -> str:
    database = Database(url)
    try:
        async with database.transaction() as tx:
            return await add_token(tx, "benchmark", ["warnings:write"], wall_now())
    finally:
        await database.close()


async def _ours(ground: Ground, session: aiohttp.ClientSession, url: str, number: int) -> Passage:
    message = _message(number, wall_now())
    await ground.carrier.forget()
    began = time.monotonic()
    async with session.post(
        f"{url}/api/v1/warnings", data=message, headers={"Content-Type": "application/xml"}
    ) as answer:
        stored = time.monotonic()
        told = await answer.text()
    if answer.status != 202 or '"accepted"' not in told:
        raise RuntimeError(f"the warning was not taken in: {answer.status} {told}")
    await asyncio.sleep(REST_S)
    return await _passage(ground, PEOPLE_EACH, began, stored)


async def _bare(ground: Ground, connection: "asyncpg.Connection[asyncpg.Record]") -> Passage:
    await ground.carrier.forget()
    began = time.monotonic()
    async with connection.transaction():
        await connection.execute("INSERT INTO bench_notices (at) VALUES (now())")
        await connection.execute(f"NOTIFY {NOTICE}")
    stored = time.monotonic()
    await asyncio.sleep(REST_S)
    return await _passage(ground, 1, began, stored)


async def _passage(ground: Ground, hand_overs: int, began: float, stored: float) -> Passage:
    counts = await ground.carrier.wait_for(hand_overs, poll_s=0.05, timeout_s=30)
    assert counts.first_at is not None
    return Passage((counts.first_at - began) * 1000, (counts.first_at - stored) * 1000)


def _message(number: int, now: datetime) -> bytes:
    """A warning of its own for one village, in the shape of the national feed."""
    text = fresh_copy("rain_red", now).decode()
    identifier = text[text.index("<identifier>") + 12 : text.index("</identifier>")]
    text = text.replace(identifier, f"14052141600000_{number + 20260715000000:014}_1")
    return text.replace(">140521000000<", f">{village(number)}<").encode()


def _findings(ours: Sequence[Passage], bares: Sequence[Passage]) -> Findings:
    p99 = percentile([one.from_stored for one in ours], 0.99)
    middle = percentile([one.from_sending for one in ours], 0.5)
    bare_middle = percentile([one.from_sending for one in bares], 0.5)
    return Findings(
        NAME,
        (
            Table(
                f"To the first request at the carrier, idle system, {len(ours)} rounds; ms",
                ("", "p50", "p95", "p99", "most"),
                (
                    _row("from 202 Accepted", [one.from_stored for one in ours]),
                    _row("from sending the POST", [one.from_sending for one in ours]),
                    _row("bare: from the commit", [one.from_stored for one in bares]),
                    _row("bare: from sending the INSERT", [one.from_sending for one in bares]),
                ),
            ),
        ),
        (
            Ratio("p99 from 202 to the carrier, ms", p99, f"under {AIM_MS:g}", met=p99 < AIM_MS),
            Ratio("median from sending / bare", middle / bare_middle, "none", met=True),
        ),
        (
            ("bare insert and notify, p50", bare_middle),
            ("the product, p50", middle),
            ("the product, p99", percentile([one.from_sending for one in ours], 0.99)),
        ),
        "ms",
        ("below zero: the request was at the carrier before the answer was back",),
        {
            "ours": [{"from_sending": one.from_sending, "from_stored": one.from_stored} for one in ours],
            "bare": [{"from_sending": one.from_sending, "from_stored": one.from_stored} for one in bares],
        },
    )


def _row(name: str, values: Sequence[float]) -> tuple[str, ...]:
    shown = (*(percentile(values, share) for share in (0.5, 0.95, 0.99)), max(values))
    return (name, *(f"{value:.1f}" for value in shown))
