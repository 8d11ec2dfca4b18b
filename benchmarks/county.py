"""A county as large as a benchmark wants it, made up, in rows; and warnings for it."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from jiaoying.kernel.ids import new_id

COUNTY = "140521000000"
VILLAGES = 200

_AREAS = """
    INSERT INTO areas (code, name, level, parent_code) VALUES
        ('140000000000', '山西省', 'province', NULL), ('140500000000', '晋城市', 'city', '140000000000'),
        ('140521000000', '沁水县', 'county', '140500000000')
"""
_TOWNSHIPS = """
    INSERT INTO areas (code, name, level, parent_code)
    SELECT '140521' || lpad(number::text, 3, '0') || '000', '第' || number || '乡', 'township', '140521000000'
    FROM generate_series(100, 109) AS number
"""
_VILLAGES = """
    INSERT INTO areas (code, name, level, parent_code)
    SELECT '140521' || lpad((100 + number % 10)::text, 3, '0') || lpad((200 + number / 10)::text, 3, '0'),
           '第' || number || '村', 'village', '140521' || lpad((100 + number % 10)::text, 3, '0') || '000'
    FROM generate_series(0, $1 - 1) AS number
"""
_PEOPLE = """
    WITH people AS (
        SELECT number, gen_random_uuid() AS id FROM generate_series(1, $1) AS number
    ), named AS (
        INSERT INTO contacts (id, name, demonstration, created_at)
        SELECT id, '责任人' || number, true, now() FROM people
    ), numbered AS (
        INSERT INTO contact_numbers (id, contact_id, number, kind)
        SELECT gen_random_uuid(), id, '+86100' || lpad(number::text, 8, '0'), 'mobile' FROM people
    )
    INSERT INTO posts (id, area_code, kind, level, tier, holder_id, valid_from, demonstration)
    SELECT gen_random_uuid(),
           '140521' || lpad((100 + number % $2 % 10)::text, 3, '0')
                    || lpad((200 + number % $2 / 10)::text, 3, '0'),
           '防汛责任人', 'village', 'village', id, '2026-01-01', true
    FROM people
"""
_LADDERS = """
    INSERT INTO ladders (id, version, body, created_at, created_by) VALUES ($1, 1, $2, now(), 'benchmark')
"""
_WARNING = """
    INSERT INTO issued_warnings (
        id, source, sender, identifier, version, content_sha256, kind, exercise, hazard, event, colour,
        headline, text, instruction, area_names, area_codes, sent_at, valid_from, valid_to, received_at,
        state, reference
    ) VALUES (
        $1, 'benchmark', 'benchmark', $2, 1, $3, 'alert', false, 'rain', '暴雨', 'red',
        '沁水县气象台发布暴雨红色预警[Ⅰ级/特别严重]',
        '预计未来3小时龙港镇、中村镇、郑庄镇等地降雨量将达100毫米以上，山洪、地质灾害风险极高，请立即做好转移避险。',
        '立即转移危险地带人员；关闭涉河景区；停课、停工。', '沁水县', $4, $5, $5, $6, $5, 'received', 'A7'
    )
"""


async def settle_county(
    connection: "asyncpg.Connection[asyncpg.Record]", people: int, *, channels: tuple[str, ...] = ("sms",)
) -> None:
    """`people` with one post each in 200 villages, who are asked once, through these channels."""
    await connection.execute(_AREAS)
    await connection.execute(_TOWNSHIPS)
    await connection.execute(_VILLAGES, VILLAGES)
    await connection.execute(_PEOPLE, people, VILLAGES)
    await connection.execute(_LADDERS, UUID(int=1), json.dumps(_book(channels)))
    await connection.execute("VACUUM ANALYZE")


def _book(channels: tuple[str, ...]) -> dict[str, Any]:
    """One rung for everybody, and no night, so that a run at night measures the same."""
    rung = {"who": "holder", "channels": list(channels), "tries": 1, "gap_s": 600, "wait_s": 3600}
    ladder = {"stop": "any", "deadline_s": 3600, "rungs": [rung]}
    rule = {
        "name": "benchmark",
        "colours": ["blue", "yellow", "orange", "red"],
        "tiers": {"village": ladder, "desk": ladder},
    }
    return {"uncoloured_as": "yellow", "night": {"from": "00:00", "to": "00:00"}, "rules": [rule]}


async def store_warning(
    connection: "asyncpg.Connection[asyncpg.Record]", now: datetime, area: str = COUNTY
) -> UUID:
    """A red warning for `area` that waits to be matched."""
    warning_id = new_id(now)
    await connection.execute(
        _WARNING,
        *(warning_id, str(warning_id), warning_id.bytes, [area], now, now + timedelta(hours=12)),
    )
    return warning_id


def village(number: int) -> str:
    """The code of one of the villages."""
    return f"140521{100 + number % VILLAGES % 10:03}{200 + number % VILLAGES // 10:03}"
