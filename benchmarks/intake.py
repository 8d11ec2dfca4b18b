"""Warnings taken in and stored per second, beside a bare insert of the same bytes.

Each message is another one: read, looked up, stored with its ledger lines, one after the other as a feed
brings them. Between the rounds a bare client inserts the same bodies, one row a commit, into a table of
the same database.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg

from benchmarks.figures import Findings, Ratio, Table, spread
from benchmarks.ground import Ground
from benchmarks.parsing import county_warning
from jiaoying.kernel.clock import wall_now
from jiaoying.storage.database import Database
from jiaoying.warnings.intake import take_in

NAME = "intake"
AIM = 1 / 20
HOME_AREA = "140521000000"
_BARE_TABLE = "CREATE TABLE bare (id bigserial PRIMARY KEY, body bytea NOT NULL, at timestamptz NOT NULL)"


@dataclass(frozen=True, slots=True)
class Round:
    """Per second, and the milliseconds that one message took from its bytes to its receipt."""

    stored: float
    bare: float
    median_ms: float
    slowest_ms: float


async def measure(ground: Ground, *, messages: int, rounds: int) -> Findings:
    """`rounds` of `messages` each, all into one database."""
    async with ground.database() as name, ground.connection(name) as connection:
        await connection.execute(_BARE_TABLE)
        database = Database(ground.dsn(name, "jiaoying_app"))
        found = [
            await _one_round(database, connection, range(at * messages, (at + 1) * messages))
            for at in range(rounds)
        ]
        await database.close()
    return _findings(messages, found)


async def _one_round(
    database: Database, connection: "asyncpg.Connection[asyncpg.Record]", numbers: Sequence[int]
) -> Round:
    bodies = [county_warning(number, sent=wall_now() - timedelta(minutes=5)) for number in numbers]
    spent = [await _take(database, body) for body in bodies]
    begun = time.perf_counter()
    for body in bodies:
        await connection.execute("INSERT INTO bare (body, at) VALUES ($1, now())", body)
    bare = len(bodies) / (time.perf_counter() - begun)
    return Round(len(bodies) / sum(spent), bare, statistics.median(spent) * 1000, max(spent) * 1000)


async def _take(database: Database, body: bytes) -> float:
    begun, now = time.perf_counter(), wall_now()
    [receipt] = await take_in(
        database,
        body,
        media_type="application/cap+xml",
        source="benchmark",
        now=now,
        wall=now,
        home_area=HOME_AREA,
    )
    assert receipt.disposition == "accepted", receipt
    return time.perf_counter() - begun


def _findings(messages: int, found: Sequence[Round]) -> Findings:
    share = statistics.median(one.stored / one.bare for one in found)
    table = Table(
        f"Warnings taken in one after the other, {messages} a round",
        ("", "per second", "median ms", "slowest ms"),
        (
            (
                "read, looked up, stored, told",
                spread([one.stored for one in found]),
                spread([one.median_ms for one in found], 1),
                spread([one.slowest_ms for one in found], 1),
            ),
            ("bare insert of the bytes", spread([one.bare for one in found]), "", ""),
        ),
    )
    return Findings(
        NAME,
        (table,),
        (Ratio("taken in, of bare inserts", share, f"{AIM:.2f} or more", met=share >= AIM),),
        (("taken in", found[-1].stored), ("bare insert", found[-1].bare)),
        "messages/s",
        ("one connection each; every message and every row is a commit of its own",),
        {"rounds": [{"stored": one.stored, "bare": one.bare, "median_ms": one.median_ms} for one in found]},
    )
