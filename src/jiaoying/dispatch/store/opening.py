"""A fresh warning's responsibilities and the call-outs of their first rung, opened where the rows are.

What `dispatch.matching` and the escalation decide post by post, said once for all of them: a hundred
thousand posts never leave the database. `tests/storage/test_matching_truth.py` holds the two against each
other.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import JSON

from jiaoying.dispatch.covering import CoveredArea
from jiaoying.dispatch.matching import FrozenLadders, longest_until_listed, priority_of, turn_of
from jiaoying.dispatch.store.matched import MATCHED, parameters_for, plan_each_time
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx

# So many rows are told in one line of the ledger.
TOLD_TOGETHER = 1000
# A province's rows are sorted and numbered in memory; the server by itself allows four megabytes.
_MEMORY = "64MB"
_PREFIX = 24  # hexadecimal digits of an id that all of one match share; the other eight count

_OPEN = text(
    f"""
    WITH {MATCHED}, ladder AS (
        SELECT * FROM jsonb_to_recordset(CAST(:ladders AS jsonb)) AS given (
            tier text, ladder_id uuid, deadline_at timestamptz, turn_at timestamptz, wait_until timestamptz,
            who text[], channels text[], in_turn boolean, tries integer, gap_s integer, priority integer,
            priority_at_point integer
        )
    ), found AS (
        SELECT matched.*, ladder_id, deadline_at, turn_at, wait_until, who, channels, in_turn, tries, gap_s,
               CASE WHEN danger_point_id IS NULL THEN priority ELSE priority_at_point END AS priority,
               CASE WHEN ladder_id IS NULL THEN 'passed_over'
                    WHEN waits AND matched.tier = 'village' THEN 'waiting'
                    ELSE 'opened' END AS course,
               jsonb_build_object(
                   'by', direction, 'area', unit_code, 'precision', precision,
                   'level', CASE WHEN area_code LIKE '__0000000000' THEN 'province'
                                 WHEN area_code LIKE '____00000000' THEN 'city'
                                 WHEN area_code LIKE '______000000' THEN 'county'
                                 WHEN area_code LIKE '_________000' THEN 'township'
                                 ELSE 'village' END,
                   'hazard', CASE WHEN hazards && CAST(:families AS text[]) THEN to_jsonb(ARRAY(
                                 SELECT DISTINCT family COLLATE "C" FROM unnest(hazards) AS family
                                 WHERE family = ANY (CAST(:families AS text[])) ORDER BY 1))
                             ELSE '"all"' END
               ) AS why,
               CASE WHEN point_name IS NULL THEN area_name || ' ' || kind
                    WHEN starts_with(point_name, area_name) THEN point_name || ' ' || kind
                    ELSE area_name || ' ' || point_name || ' ' || kind END AS label
        FROM matched LEFT JOIN ladder ON ladder.tier = matched.tier
    ), duty AS MATERIALIZED (
        SELECT found.*, row_number() OVER (ORDER BY area_code, id) - 1 AS number,
               CAST(:duties || lpad(to_hex(row_number() OVER (ORDER BY area_code, id)), 8, '0') AS uuid)
                   AS duty_id,
               turn_at IS NULL AND NOT who && '{{desk,leader,door,post,person}}' AND (
                   holder_id IS NOT NULL AND 'holder' = ANY (who)
                   OR deputy_id IS NOT NULL AND 'deputy' = ANY (who)
                   OR superior_id IS NOT NULL AND 'superior' = ANY (who)
               ) AS begins
        FROM found WHERE course = 'opened'
    ), opened AS (
        INSERT INTO responsibilities (
            id, warning_id, post_id, area_code, label, ladder_id, why, state,
            rung, rung_began_at, next_at, deadline_at, turn_at
        )
        SELECT duty_id, :warning_id, id, area_code, label, ladder_id, why, 'open',
               CASE WHEN begins THEN 0 ELSE -1 END,
               CASE WHEN begins THEN CAST(:now AS timestamptz) END,
               CASE WHEN begins THEN least(wait_until, deadline_at) ELSE CAST(:now AS timestamptz) END,
               deadline_at, turn_at
        FROM duty
    ), asked AS MATERIALIZED (
        SELECT duty_id, duty.number AS duty_number, person.role, person.contact_id,
               channels, in_turn, tries, gap_s, priority,
               dense_rank() OVER (ORDER BY person.contact_id) - 1 AS number,
               CAST(:people || lpad(to_hex(dense_rank() OVER (ORDER BY person.contact_id)), 8, '0') AS uuid)
                   AS call_out_id
        FROM duty CROSS JOIN LATERAL (
            VALUES ('holder', holder_id), ('deputy', deputy_id), ('superior', superior_id)
        ) AS person (role, contact_id)
        WHERE begins AND person.contact_id IS NOT NULL AND person.role = ANY (who)
    ), person AS MATERIALIZED (
        SELECT call_out_id, contact_id, number, min(priority) AS priority,
               CASE WHEN min(channels) = max(channels) THEN min(channels)
                    ELSE '{{sms,voice}}' END AS channels,
               bool_and(in_turn) AS in_turn, max(tries) AS tries, min(gap_s) AS gap_s
        FROM asked GROUP BY call_out_id, contact_id, number
    ), called AS (
        INSERT INTO call_outs (
            id, warning_id, contact_id, state, priority, channels, in_turn, tries, gap_s, round,
            next_at, matched_at
        )
        SELECT call_out_id, :warning_id, contact_id, 'open', priority, channels, in_turn, tries, gap_s, 0,
               CAST(:now AS timestamptz), CAST(:now AS timestamptz)
        FROM person
    ), tied AS (
        INSERT INTO call_out_roles (call_out_id, responsibility_id, role, rung, since)
        SELECT call_out_id, duty_id, role, 0, CAST(:now AS timestamptz) FROM asked
    )
    SELECT 'duties' AS kind, number / CAST(:together AS bigint) AS part, count(*) AS size,
           json_build_object(
               'ids', json_agg(duty_id ORDER BY number), 'areas', json_agg(area_code ORDER BY number),
               'tiers', json_agg(tier ORDER BY number), 'why', json_agg(CAST(why AS text) ORDER BY number),
               'labels', json_agg(label ORDER BY number)
           ) AS told
    FROM duty GROUP BY 2
    UNION ALL
    SELECT 'people', number / CAST(:together AS bigint), count(*),
           json_build_object('call_outs', json_agg(call_out_id ORDER BY number),
                             'contacts', json_agg(contact_id ORDER BY number))
    FROM person GROUP BY 2
    UNION ALL
    SELECT 'ties', duty_number / CAST(:together AS bigint), count(*),
           json_build_object('responsibilities', json_agg(duty_id ORDER BY duty_number, role),
                             'call_outs', json_agg(call_out_id ORDER BY duty_number, role),
                             'roles', json_agg(role ORDER BY duty_number, role))
    FROM asked GROUP BY 2
    UNION ALL
    SELECT 'passed_over', 0, count(*), to_json(tier) FROM found WHERE course = 'passed_over' GROUP BY tier
    UNION ALL
    SELECT 'waiting', 0, count(*), to_json(left(area_code, 9) || '000')
    FROM found WHERE course = 'waiting' GROUP BY left(area_code, 9)
    ORDER BY kind, part
    """  # noqa: S608 - put together from our own words
).columns(told=JSON)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a fresh match opened, as it is told: parts of some thousand rows each, columns side by side.

    `passed_over` counts posts by the tier that is not asked, `waiting` those that wait, by township.
    """

    duties: tuple[dict[str, Any], ...]  # ids, areas, tiers, why (JSON), labels
    people: tuple[dict[str, Any], ...]  # call_outs, contacts
    ties: tuple[dict[str, Any], ...]  # responsibilities, call_outs, roles
    passed_over: dict[str, int]
    waiting: dict[str, int]
    count: int


async def open_posts(
    tx: Tx,
    warning_id: UUID,
    area: CoveredArea,
    families: Collection[Hazard],
    ladders: FrozenLadders,
    *,
    colour: Colour | None,
    exercise: bool,
    day: date,
    now: datetime,
) -> Opened:
    """Open a responsibility for each post, and a call-out for each person of those whose first rung begins.

    A rung that asks the rota, waits for its turn, or names nobody, is left to the escalation, due at once.
    Nothing may have been opened under this warning before.
    """
    given = {
        **parameters_for(area, families, day),
        "ladders": json.dumps(list(_rungs(ladders, colour, now, exercise=exercise))),
        "warning_id": warning_id,
        "duties": new_id(now).hex[:_PREFIX],
        "people": new_id(now).hex[:_PREFIX],
        "together": TOLD_TOGETHER,
        "now": now,
    }
    await tx.execute(select(func.set_config("work_mem", _MEMORY, True)))
    await plan_each_time(tx)
    rows = (await tx.execute(_OPEN, given)).all()
    told: dict[str, list[Any]] = {}
    for row in rows:
        told.setdefault(row.kind, []).append(row.told)
    counted = {kind: {row.told: row.size for row in rows if row.kind == kind} for kind in _COUNTED}
    return Opened(
        duties=tuple(told.get("duties", ())),
        people=tuple(told.get("people", ())),
        ties=tuple(told.get("ties", ())),
        passed_over=counted["passed_over"],
        waiting=counted["waiting"],
        count=sum(row.size for row in rows if row.kind == "duties"),
    )


_COUNTED = ("passed_over", "waiting")


def _rungs(
    ladders: FrozenLadders, colour: Colour | None, now: datetime, *, exercise: bool
) -> Iterator[dict[str, object]]:
    for tier, (ladder_id, ladder) in ladders.items():
        first = ladder.rungs[0]
        yield {
            "tier": tier,
            "ladder_id": str(ladder_id),
            "deadline_at": (now + longest_until_listed(ladder)).isoformat(),
            "turn_at": turn.isoformat() if (turn := turn_of(ladder, now)) else None,
            "wait_until": (now + timedelta(seconds=first.wait_s)).isoformat(),
            "who": list(first.roles),
            "channels": list(first.channels),
            "in_turn": first.in_turn,
            "tries": first.tries,
            "gap_s": first.gap_s,
            "priority": priority_of(tier, colour, exercise=exercise),
            "priority_at_point": priority_of(tier, colour, exercise=exercise, at_point=True),
        }
