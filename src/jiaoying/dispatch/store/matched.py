"""The posts under a warning, as one selection: read by those who decide post by post, or opened as they are.

A statement begins with `WITH` and MATCHED; `matched` then has a row for each post in force that the area and
the hazard picked (`dispatch.matching.MatchedPost`), and whom the post names.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select

from jiaoying.dispatch.covering import CoveredArea
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx

_COLUMNS = """
    post.id, post.area_code, post.kind, post.tier, post.hazards, post.holder_id, post.deputy_id,
    post.superior_id, post.danger_point_id"""
_IN_FORCE = """
    (post.hazards = '{}' OR post.hazards && CAST(:families AS text[]))
    AND (post.valid_from IS NULL OR post.valid_from <= :day)
    AND (post.valid_to IS NULL OR post.valid_to >= :day)"""
# Ranges and equal codes apart: only so does each find its way through the index. Names are asked for one by
# one (which OFFSET 0 keeps), since a join would read all areas of the country for a township.
MATCHED = f"""
    by_area AS (
        SELECT {_COLUMNS}, unit.code AS unit_code, 'inside' AS direction, unit.precision, false AS waits
        FROM unnest(
            CAST(:whole_codes AS text[]), CAST(:whole_firsts AS text[]), CAST(:whole_lasts AS text[]),
            CAST(:whole_precisions AS text[])
        ) AS unit (code, first, last, precision)
        JOIN posts AS post ON post.area_code ~>=~ unit.first AND post.area_code ~<=~ unit.last
        WHERE {_IN_FORCE}
        UNION ALL
        SELECT {_COLUMNS}, unit.code, unit.direction, unit.precision, unit.waits
        FROM unnest(
            CAST(:alone_codes AS text[]), CAST(:alone_directions AS text[]),
            CAST(:alone_precisions AS text[]), CAST(:alone_waits AS boolean[])
        ) AS unit (code, direction, precision, waits)
        JOIN posts AS post ON post.area_code = unit.code
        WHERE {_IN_FORCE}
    ), lying AS (
        SELECT by_area.*, point.name AS point_name
        FROM by_area LEFT JOIN danger_points AS point ON point.id = by_area.danger_point_id
        WHERE CAST(:points AS uuid[]) IS NULL OR point.lat IS NULL OR point.lon IS NULL
        UNION ALL
        SELECT {_COLUMNS}, post.area_code, 'inside', 'point', false, point.name
        FROM danger_points AS point JOIN posts AS post ON post.danger_point_id = point.id
        WHERE point.id = ANY (CAST(:points AS uuid[])) AND {_IN_FORCE}
    ), matched AS (
        SELECT lying.*, area.name AS area_name
        FROM lying LEFT JOIN LATERAL (
            SELECT name FROM areas WHERE areas.code = lying.area_code OFFSET 0
        ) AS area ON true
    )"""  # noqa: S608 - put together from our own words


async def plan_each_time(tx: Tx) -> None:
    """Keep the server, which would do so after five warnings, from one plan for a township and a province."""
    await tx.execute(select(func.set_config("plan_cache_mode", "force_custom_plan", True)))


def parameters_for(area: CoveredArea, families: Collection[Hazard], day: date) -> dict[str, object]:
    """What MATCHED is executed with."""
    whole = [unit for unit in area.units if unit.whole]
    alone = [unit for unit in area.units if not unit.whole]
    return {
        "whole_codes": [unit.code for unit in whole],
        "whole_firsts": [unit.bounds[0] for unit in whole],
        "whole_lasts": [unit.bounds[1] for unit in whole],
        "whole_precisions": [str(unit.precision) for unit in whole],
        "alone_codes": [unit.code for unit in alone],
        "alone_directions": [str(unit.direction) for unit in alone],
        "alone_precisions": [str(unit.precision) for unit in alone],
        "alone_waits": [unit.waits for unit in alone],
        "points": None if area.points is None else list(area.points),
        "families": sorted(families),
        "day": day,
    }
