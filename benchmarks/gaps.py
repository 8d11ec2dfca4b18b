"""The report of gaps: for a roster of a million posts, and for one county of it.

Beside it, in the same run, the bare thing that it cannot beat: reading the same tables once, one after the
other, and adding up what they hold. The roster is made up, with a few flaws of every kind.
"""

import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from benchmarks.figures import Findings, Ratio, Table, spread
from benchmarks.ground import Ground
from jiaoying.contacts.gaps.model import week_from
from jiaoying.contacts.gaps.store import read_gaps
from jiaoying.storage.database import Database

TOWNSHIPS = 16  # of a county, as 泽州县 has them
VILLAGES = 28  # of a township
POSTS = 33  # of a village: some 15,000 of a county, three for each person
NUMBERS = 2  # of a person
AIM_WHOLE_S = 10.0
AIM_COUNTY_S = 0.3
_PROVINCE = "140000000000"
_COUNTY = "141021000000"
_ZONE = ZoneInfo("Asia/Shanghai")

_AREAS = """
    INSERT INTO areas (code, name, level, parent_code)
    SELECT '140000000000', '山西省', 'province', NULL
    UNION ALL
    SELECT '14' || (1021 + c / 60 * 100 + c % 60) || '000000', '第' || c || '县', 'county', '140000000000'
    FROM generate_series(0, $1 - 1) AS c
    UNION ALL
    SELECT '14' || (1021 + c / 60 * 100 + c % 60) || (100 + t) || '000', '第' || t || '乡',
           'township', '14' || (1021 + c / 60 * 100 + c % 60) || '000000'
    FROM generate_series(0, $1 - 1) AS c, generate_series(0, $2 - 1) AS t
    UNION ALL
    SELECT '14' || (1021 + c / 60 * 100 + c % 60) || (100 + t) || (200 + v), '第' || v || '村', 'village',
           '14' || (1021 + c / 60 * 100 + c % 60) || (100 + t) || '000'
    FROM generate_series(0, $1 - 1) AS c, generate_series(0, $2 - 1) AS t, generate_series(0, $3 - 1) AS v
"""
# Three posts of a village are one person's. Number 4711 in 10,000 lacks one thing, 4712 another.
_PEOPLE = """
    INSERT INTO contacts (id, name, demonstration, created_at)
    SELECT md5('person' || n)::uuid, '责任人' || n, true, now() FROM generate_series(0, $1 - 1) AS n
"""
_NUMBERS = """
    INSERT INTO contact_numbers (id, contact_id, number, kind, preference, standing, reached_at)
    SELECT gen_random_uuid(), md5('person' || n)::uuid, '+86100' || lpad((n * $2 + k)::text, 8, '0'),
           'mobile', k + 1,
           CASE WHEN n % 50 = 7 THEN 'dead' ELSE 'works' END,
           CASE WHEN n % 20 <> 3 THEN now() - interval '10 days' END
    FROM generate_series(0, $1 - 1) AS n, generate_series(0, $2 - 1) AS k
"""
_POSTS = """
    INSERT INTO posts (id, area_code, kind, level, tier, hazards, holder_id, deputy_id, superior_id,
                       valid_from, valid_to, demonstration)
    SELECT gen_random_uuid(), village.code, (ARRAY['防汛责任人', '群测群防员', '森林防火责任人'])[1 + p % 3]
               || CASE WHEN p > 2 THEN p / 3 || '组' ELSE '' END,
           'village', 'village',
           CASE p % 3 WHEN 0 THEN ARRAY['rain', 'flood', 'flash_flood', 'waterlogging', 'dam']
                      WHEN 1 THEN ARRAY['geohazard'] ELSE ARRAY['wildfire'] END,
           CASE WHEN n % 100 <> 11 THEN md5('person' || n / 3)::uuid END,
           CASE WHEN n % 50 <> 13 THEN md5('person' || (n / 3 + 1) % ($1 / 3))::uuid END,
           md5('person' || n / 300)::uuid,
           DATE '2026-01-01', CASE WHEN n % 200 = 17 THEN current_date + 3 END, true
    FROM (SELECT code, row_number() OVER (ORDER BY code) - 1 AS place FROM areas WHERE level = 'village')
             AS village,
         generate_series(0, $2 - 1) AS p, LATERAL (SELECT village.place * $2 + p AS n) AS numbered
    WHERE village.place % 97 <> 5 OR p % 3 <> 2
"""
_BARE = (
    """
    SELECT count(*), count(holder_id), count(deputy_id), max(valid_to), count(DISTINCT area_code)
    FROM posts WHERE area_code LIKE $1
    """,
    """
    SELECT count(*), max(reached_at) FROM contact_numbers JOIN contacts ON contacts.id = contact_id
    WHERE contact_id IN (SELECT holder_id FROM posts WHERE area_code LIKE $1)
    """,
    "SELECT count(*) FROM areas WHERE code LIKE $1",
)


@dataclass(frozen=True, slots=True)
class _Cost:
    """By the clock, and of the processor: that of PostgreSQL and our own."""

    seconds: float
    cpu_s: float


@dataclass(frozen=True, slots=True)
class _Run:
    report: _Cost
    bare: _Cost
    gaps: int


async def measure(ground: Ground, *, counties: int, rounds: int) -> Findings:
    """A province of `counties` with some 15,000 posts each: the whole, and one county of it."""
    async with ground.database() as name, ground.connection(name) as connection:
        posts = await _settle(connection, counties)
        database = Database(ground.dsn(name, "jiaoying_app"))
        try:
            whole = [await _run(ground, database, connection, _PROVINCE, "14%") for _ in range(rounds)]
            # The first one warms up.
            county = [await _run(ground, database, connection, _COUNTY, "141021%") for _ in range(rounds + 2)]
        finally:
            await database.close()
    return _findings(posts, whole, county[1:])


async def _settle(connection: "asyncpg.Connection[asyncpg.Record]", counties: int) -> int:
    villages = counties * TOWNSHIPS * VILLAGES
    people = villages * POSTS // 3
    await connection.execute(_AREAS, counties, TOWNSHIPS, VILLAGES)
    await connection.execute(_PEOPLE, people)
    await connection.execute(_NUMBERS, people, NUMBERS)
    await connection.execute(_POSTS, villages * POSTS, POSTS)
    await connection.execute("VACUUM ANALYZE")
    return await connection.fetchval("SELECT count(*) FROM posts")


async def _run(
    ground: Ground,
    database: Database,
    connection: "asyncpg.Connection[asyncpg.Record]",
    area: str,
    pattern: str,
) -> _Run:
    began = _now(ground)
    for statement in _BARE:
        await connection.fetch(statement, pattern)
    bare = _since(ground, began)
    began = _now(ground)
    async with database.transaction() as tx:
        report = await read_gaps(tx, area, week_from(datetime.now(UTC) + timedelta(hours=1), _ZONE))
    return _Run(_since(ground, began), bare, report.wanted)


def _now(ground: Ground) -> _Cost:
    return _Cost(time.monotonic(), ground.database_cpu_s() + time.process_time())


def _since(ground: Ground, began: _Cost) -> _Cost:
    now = _now(ground)
    return _Cost(now.seconds - began.seconds, now.cpu_s - began.cpu_s)


def _findings(posts: int, whole: list[_Run], county: list[_Run]) -> Findings:
    headings = ("territory", "report, ms", "of it processor", "bare reading, ms", "times as long", "gaps")
    rows = tuple(
        (
            label,
            spread([run.report.seconds * 1000 for run in runs]),
            spread([run.report.cpu_s * 1000 for run in runs]),
            spread([run.bare.seconds * 1000 for run in runs]),
            f"{statistics.median(run.report.seconds / run.bare.seconds for run in runs):.1f}",
            f"{runs[0].gaps:,}",
        )
        for label, runs in (("the whole", whole), ("one county of it", county))
    )
    whole_s, county_s = (statistics.median(run.report.seconds for run in runs) for runs in (whole, county))
    return Findings(
        name="gaps",
        tables=(Table(f"The report of gaps, {posts:,} posts", headings, rows),),
        ratios=(
            Ratio("seconds for the whole", whole_s, f"under {AIM_WHOLE_S:g}", whole_s < AIM_WHOLE_S),
            Ratio("seconds for a county", county_s, f"under {AIM_COUNTY_S:g}", county_s < AIM_COUNTY_S),
        ),
        bars=(("report, whole", whole_s), ("report, a county", county_s)),
        bars_unit="s",
        notes=("Every gap is read into memory, as for a sheet.",),
    )
