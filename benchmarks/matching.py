"""From a stored warning to its call-outs: all areas of a country, a roster of a million posts, one province.

Beside it, on the same rows in the same run: the bare INSERT … SELECT into the same tables from rows that
lie ready. That is the least that any match must do; ours finds the rows first, and tells the ledger.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import asyncpg

from benchmarks.country import COUNTY, PROVINCE, TOWNSHIP, ring_of_counties, settle_country, store
from benchmarks.figures import Findings, Ratio, Table, spread
from benchmarks.ground import Ground
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.stages.match import MatchStage
from jiaoying.kernel.clock import ManualClock, wall_now
from jiaoying.storage.bucket import TokenBucket
from jiaoying.storage.database import Database

NAME = "matching"
AIM_MS, AIM_RATIO = 300.0, 1.5
# Ten in the morning in Shanxi: no night rule.
NOW = datetime.fromisoformat("2026-07-15T02:00:00+00:00")
_TABLES = ("responsibilities", "call_outs", "call_out_roles")
# The rows of one match once more, under a warning of its own and with ids that ascend like the first ones'.
_READY = {
    "frozen_ladders": "SELECT * FROM frozen_ladders WHERE warning_id = $1",
    "responsibilities": "SELECT * FROM responsibilities WHERE warning_id = $1 ORDER BY id",
    "call_outs": "SELECT * FROM call_outs WHERE warning_id = $1 ORDER BY id",
    "call_out_roles": """
        SELECT role.* FROM call_out_roles AS role JOIN call_outs AS person ON person.id = role.call_out_id
        WHERE person.warning_id = $1 ORDER BY role.call_out_id""",
}
_ID_COLUMNS = {
    "frozen_ladders": ("id",),
    "responsibilities": ("id", "ladder_id"),
    "call_outs": ("id",),
    "call_out_roles": ("call_out_id", "responsibility_id"),
}


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of warning."""

    name: str
    codes: tuple[str, ...]
    counties: int = 0


CASES = (
    Case("(a) a township", (TOWNSHIP,)),
    Case("(b) a county", (COUNTY,)),
    Case("(c) a province by code", (PROVINCE,)),
    Case("(d) a polygon over 40 counties", (), 40),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One match and the bare inserts of its rows, in seconds."""

    people: int
    rows: int
    match_s: float
    bare_s: float


async def measure(ground: Ground, *, posts: int, rounds: int) -> Findings:
    """Every case, `rounds` times, the match and the bare inserts in turn."""
    found: dict[str, list[Measured]] = {case.name: [] for case in CASES}
    async with AsyncExitStack() as stack:
        name = await stack.enter_async_context(ground.database())
        connection = await stack.enter_async_context(ground.connection(name))
        await settle_country(connection, posts)
        database = Database(ground.dsn(name, "jiaoying_app"))
        stack.push_async_callback(database.close)
        engine = _engine(ground, database)
        # The first match of a process reads code and prepares statements.
        await _one(connection, engine, CASES[0])
        for _ in range(rounds):
            for case in CASES:
                found[case.name].append(await _one(connection, engine, case))
    return _findings(found, posts)


def _engine(ground: Ground, database: Database) -> Engine:
    return Engine(
        worker_id=uuid4(),
        database=database,
        clock=ManualClock(NOW),
        wake=ground.wake,
        bucket=TokenBucket(None),
        gateways={},
        home_map=map_of(PROVINCE),
        home_name="山西省应急值班室",
        timezone=ZoneInfo("Asia/Shanghai"),
        source_key="",
    )


async def _one(connection: "asyncpg.Connection[asyncpg.Record]", engine: Engine, case: Case) -> Measured:
    polygons = json.dumps([ring_of_counties(case.counties)] if case.counties else [])
    warning = await store(connection, wall_now(), codes=list(case.codes), polygons=polygons)
    began = time.perf_counter()
    await MatchStage().run_once(engine, NOW)
    match_s = time.perf_counter() - began
    people = await connection.fetchval("SELECT count(*) FROM call_outs WHERE warning_id = $1", UUID(warning))
    rows, bare_s = await _bare(connection, warning)
    await connection.execute("VACUUM ANALYZE responsibilities, call_outs, call_out_roles, ledger_lines")
    return Measured(people, rows, match_s, bare_s)


async def _bare(connection: "asyncpg.Connection[asyncpg.Record]", warning: str) -> tuple[int, float]:
    """The same number of the same rows, from temporary tables: how many, and how long it took."""
    other = await store(connection, wall_now(), codes=[], state="ignored")
    async for table, columns in _ready_tables(connection, warning, other):
        if table == "frozen_ladders":
            await connection.execute(f"INSERT INTO {table} SELECT {columns} FROM ready_{table}")
    began, rows = time.perf_counter(), 0
    async with connection.transaction():
        for table in _TABLES:
            done = await connection.execute(f"INSERT INTO {table} SELECT * FROM ready_{table}")
            rows += int(done.rsplit(" ", 1)[1])
    return rows, time.perf_counter() - began


async def _ready_tables(
    connection: "asyncpg.Connection[asyncpg.Record]", warning: str, other: str
) -> AsyncIterator[tuple[str, str]]:
    """A temporary table for each, its ids moved out of the way of the first ones."""
    for table, rows in _READY.items():
        await connection.execute(f"DROP TABLE IF EXISTS ready_{table}")
        written = rows.replace("$1", f"'{warning}'")
        await connection.execute(f"CREATE TEMP TABLE ready_{table} AS {written}")
        moved = ", ".join(
            f"{column} = overlay({column}::text PLACING '{other[:23]}' FROM 1 FOR 23)::uuid"
            for column in _ID_COLUMNS[table]
        )
        if table != "call_out_roles":
            moved += f", warning_id = '{other}'"
        await connection.execute(f"UPDATE ready_{table} SET {moved}")
        yield table, "*"


def _findings(found: dict[str, list[Measured]], posts: int) -> Findings:
    rows = [
        (
            name,
            f"{of[0].people:,}",
            f"{of[0].rows:,}",
            spread([one.match_s * 1000 for one in of]),
            spread([one.bare_s * 1000 for one in of]),
            spread([one.match_s / one.bare_s for one in of], 2),
        )
        for name, of in found.items()
    ]
    headings = ("warning", "people", "rows", "matched, ms", "bare inserts, ms", "ratio")
    quick = [max(one.match_s for one in found[case.name]) * 1000 for case in CASES[:2]]
    ratio = min(one.match_s / one.bare_s for one in found[CASES[2].name])
    return Findings(
        NAME,
        (
            Table(
                f"{posts:,} posts: from the stored warning to the committed call-outs", headings, tuple(rows)
            ),
        ),
        (
            Ratio(
                "a township or a county, slowest, ms", max(quick), f"under {AIM_MS:.0f}", max(quick) < AIM_MS
            ),
            Ratio("a province: match / bare inserts", ratio, f"{AIM_RATIO} or less", ratio <= AIM_RATIO),
        ),
        tuple((name, of[0].match_s * 1000) for name, of in found.items()),
        "ms",
    )
