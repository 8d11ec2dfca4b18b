"""A country in rows: all of its areas, a roster of a million posts, outlines of one province's counties."""

import csv
import gzip
import itertools
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import shapely

from jiaoying.kernel.areas import prefix_of
from jiaoying.kernel.ids import new_id

PROVINCE, COUNTY, TOWNSHIP = "140000000000", "140521000000", "140521100000"
# A list as `jiaoying areas import` takes it; without one, codes as many as the country has are made up.
AREAS_FILE = os.environ.get("JIAOYING_BENCH_AREAS")
IN_PROVINCE, IN_COUNTY, IN_TOWNSHIP = 0.1, 0.003, 0.0003  # of all posts
_SIDE = 0.5  # degrees of a county, all of them squares in rows of twelve
_ROW = 12

_PLACES = """
    CREATE TEMP TABLE place AS
    SELECT code, row_number() OVER (ORDER BY code) - 1 AS number FROM areas
    WHERE level = 'village' AND code LIKE '{inside}' AND code NOT LIKE '{outside}'
"""
_POSTS = """
    WITH wanted AS MATERIALIZED (
        SELECT number, CAST(lpad(to_hex($1 + number), 32, '0') AS uuid) AS id
        FROM generate_series(1, $2) AS number
    ), person AS (
        INSERT INTO contacts (id, name, demonstration, created_at)
        SELECT id, '责任人' || number, true, now() FROM wanted
    )
    INSERT INTO posts (
        id, area_code, kind, level, tier, hazards, holder_id, deputy_id, valid_from, demonstration
    )
    SELECT wanted.id, place.code, '防汛责任人', 'village', 'village',
           CASE WHEN wanted.number % 3 = 0 THEN '{flood,flash_flood}'::text[] ELSE '{}' END,
           wanted.id, wanted.id, '2026-01-01', true
    FROM wanted JOIN place ON place.number = wanted.number % $3::bigint
"""
_DESKS = """
    INSERT INTO desks (id, area_code, name)
    SELECT gen_random_uuid(), code, name || code || '值班室' FROM areas
    WHERE code LIKE '14%' AND level IN ('county', 'township')
"""


async def settle_country(connection: "asyncpg.Connection[asyncpg.Record]", posts: int) -> None:
    """All areas, `posts` posts of as many people, the desks and the counties' outlines of one province."""
    for _, rows in itertools.groupby(_areas(), key=lambda row: row[2]):
        columns = ("code", "name", "level", "parent_code")
        await connection.copy_records_to_table("areas", records=rows, columns=columns)
    await connection.execute("ANALYZE areas")
    prefix, county, township = (f"{prefix_of(code)}%" for code in (PROVINCE, COUNTY, TOWNSHIP))
    settled = (
        (township, "", IN_TOWNSHIP),
        (county, township, IN_COUNTY - IN_TOWNSHIP),
        (prefix, county, IN_PROVINCE - IN_COUNTY),
        ("%", prefix, 1 - IN_PROVINCE),
    )
    begun = 0
    for inside, outside, share in settled:
        count = round(posts * share)
        await connection.execute(_PLACES.format(inside=inside, outside=outside))
        await connection.execute("CREATE INDEX ON place (number)")
        await connection.execute("ANALYZE place")
        places = await connection.fetchval("SELECT count(*) FROM place")
        await connection.execute(_POSTS, begun, count, places, timeout=600)
        await connection.execute("DROP TABLE place")
        begun += count
    await connection.execute(_DESKS)
    await connection.executemany("INSERT INTO area_shapes VALUES ($1, $2)", await _outlines(connection))
    await connection.execute("VACUUM ANALYZE", timeout=600)


def _areas() -> Iterator[tuple[str, str, str, str | None]]:
    """Parents before children."""
    # Cities without counties stand in the country's list twice, at both levels.
    given = _areas_of_file(Path(AREAS_FILE)) if AREAS_FILE else _areas_made_up()
    rows = {row[0]: row for row in given if row[3] != row[0]}.values()
    order = ["province", "city", "county", "township", "village"]
    return iter(sorted(rows, key=lambda row: (order.index(row[2]), row[0])))


def _areas_of_file(path: Path) -> Iterator[tuple[str, str, str, str | None]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield row["code"], row["name"], row["level"], row["parent_code"] or None


def _areas_made_up() -> Iterator[tuple[str, str, str, str | None]]:
    """31 provinces of 11 cities of 9 counties of 14 townships of 15 villages: 690,000 areas."""
    for province in (14, *range(41, 71)):
        yield (over := f"{province}{'0' * 10}"), f"第{province}省", "province", None
        for city in range(1, 12):
            yield (in_city := f"{province}{city:02}{'0' * 8}"), f"第{city}市", "city", over
            for county in range(20, 29):
                prefix = f"{province}{city:02}{county:02}"
                yield (in_county := f"{prefix}000000"), f"第{county}县", "county", in_city
                for township in range(100, 114):
                    yield (in_town := f"{prefix}{township}000"), f"第{township}乡", "township", in_county
                    for village in range(201, 216):
                        yield f"{prefix}{township}{village}", f"第{village}村", "village", in_town


async def _outlines(connection: "asyncpg.Connection[asyncpg.Record]") -> list[tuple[str, bytes]]:
    rows = await connection.fetch(
        "SELECT code FROM areas WHERE code LIKE '14%' AND level = 'county' ORDER BY code"
    )
    return [(row["code"], shapely.to_wkb(_square(number))) for number, row in enumerate(rows)]


def _square(number: int) -> shapely.Polygon:
    west, south = 110 + number % _ROW * _SIDE, 35 + number // _ROW * _SIDE
    return shapely.box(west, south, west + _SIDE, south + _SIDE)


def ring_of_counties(count: int) -> list[list[float]]:
    """A warned polygon (lat, lon) over that many counties, its edges inside the outermost ones."""
    rows = count // 10
    north, east = 35 + rows * _SIDE - 0.1, 110 + 10 * _SIDE - 0.1
    return [[35.1, 110.1], [35.1, east], [north, east], [north, 110.1], [35.1, 110.1]]


_WARNING = """
    INSERT INTO issued_warnings (
        id, source, sender, identifier, version, content_sha256, kind, exercise, hazard, event, colour,
        headline, text, area_names, area_codes, polygons, sent_at, valid_from, valid_to, received_at,
        state, reference
    ) VALUES (
        $1, 'benchmark', 'benchmark', $2, 1, $3, 'alert', false, 'rain', '暴雨', 'red', '暴雨红色预警',
        '预计未来3小时降雨量将达100毫米以上。', '山西省', $4, $5::jsonb, $6, $6, $7, $6, $8, 'A7'
    )
"""


async def store(
    connection: "asyncpg.Connection[asyncpg.Record]",
    now: datetime,
    *,
    codes: list[str],
    polygons: str = "[]",
    state: str = "received",
) -> str:
    """A red warning for these codes or polygons; its id."""
    row_id = new_id(now)
    end = now + timedelta(hours=12)
    await connection.execute(_WARNING, row_id, str(row_id), row_id.bytes, codes, polygons, now, end, state)
    return str(row_id)
