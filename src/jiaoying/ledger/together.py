"""Lines that tell of many rows at once, and the steps of single ones that readers see in them.

A match opens up to a hundred thousand rows in one moment. A line for each of them cost more than the rows
themselves; a line for some thousand holds the same: ids side by side, each place in one list belonging to
the same place in the others. The hash of the line covers every one of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from jiaoying.ledger.entries import Entry

DUTIES_OPENED = "responsibilities.opened"
PEOPLE_OPENED = "call_outs.opened"
RUNGS_BEGAN = "responsibilities.rung_began"
# Of a line, in SQL: whether it tells of many.
IS_TOGETHER = f"event IN ('{DUTIES_OPENED}', '{PEOPLE_OPENED}', '{RUNGS_BEGAN}')"

# For a statement that has `lines (id)`: every step, those of many rows one by one as if each had a line of
# its own. `position` orders the steps of one line.
STEPS = f"""
    told AS (
        SELECT line.id, line.at, line.actor, line.tx, line.warning_id, line.event, line.responsibility_id,
               line.call_out_id, line.attempt_id, line.contact_id, line.facts, line.particulars_digest,
               particulars.body
        FROM lines JOIN ledger_lines AS line USING (id)
        LEFT JOIN ledger_particulars AS particulars ON particulars.line_id = line.id
    ), step AS (
        SELECT id, at, actor, tx, warning_id, 0 AS position, event, responsibility_id, call_out_id,
               attempt_id, contact_id, facts, body AS particulars, particulars_digest
        FROM told WHERE NOT {IS_TOGETHER}
        UNION ALL
        SELECT id, at, actor, tx, warning_id, part.position, 'responsibility.opened',
               CAST(part.duty AS uuid), NULL, NULL, NULL,
               jsonb_build_object('area', part.area) || (facts -> 'reasons' -> CAST(part.reason AS integer)),
               CASE WHEN body IS NOT NULL THEN
                   jsonb_build_object('label', body -> 'labels' -> CAST(part.position - 1 AS integer)) END,
               particulars_digest
        FROM told CROSS JOIN LATERAL ROWS FROM (
            jsonb_array_elements_text(facts -> 'responsibilities'),
            jsonb_array_elements_text(facts -> 'areas'), jsonb_array_elements_text(facts -> 'reason_of')
        ) WITH ORDINALITY AS part (duty, area, reason, position)
        WHERE event = '{DUTIES_OPENED}'
        UNION ALL
        SELECT id, at, actor, tx, warning_id, part.position, 'call_out.opened',
               NULL, CAST(part.call_out AS uuid), NULL, CAST(part.contact AS uuid), '{{}}', NULL, NULL
        FROM told CROSS JOIN LATERAL ROWS FROM (
            jsonb_array_elements_text(facts -> 'call_outs'), jsonb_array_elements_text(facts -> 'contacts')
        ) WITH ORDINALITY AS part (call_out, contact, position)
        WHERE event = '{PEOPLE_OPENED}'
        UNION ALL
        SELECT id, at, actor, tx, warning_id, min(part.position), 'responsibility.rung_began',
               CAST(part.duty AS uuid), NULL, NULL, NULL,
               jsonb_build_object(
                   'rung', facts -> 'rung', 'reason', facts -> 'reason',
                   'asked', jsonb_agg(jsonb_build_object('role', part.role, 'call_out', part.call_out)
                                      ORDER BY part.position)),
               NULL, NULL
        FROM told CROSS JOIN LATERAL ROWS FROM (
            jsonb_array_elements_text(facts -> 'responsibilities'),
            jsonb_array_elements_text(facts -> 'call_outs'), jsonb_array_elements_text(facts -> 'roles')
        ) WITH ORDINALITY AS part (duty, call_out, role, position)
        WHERE event = '{RUNGS_BEGAN}'
        GROUP BY id, at, actor, tx, warning_id, facts, part.duty
    )"""  # noqa: S608 - put together from our own words


def duties_opened(
    warning_id: UUID,
    actor: str,
    now: datetime,
    *,
    ids: Sequence[str],
    areas: Sequence[str],
    reasons: Sequence[Mapping[str, object]],
    reason_of: Sequence[int],
    labels: Sequence[str],
) -> Entry:
    """One line for responsibilities that were opened together; each has its reason's place in `reasons`."""
    facts = {
        "count": len(ids),
        "responsibilities": ids,
        "areas": areas,
        "reasons": reasons,
        "reason_of": reason_of,
    }
    return Entry(now, DUTIES_OPENED, actor, warning_id, facts=facts, particulars={"labels": labels})


def people_opened(
    warning_id: UUID, actor: str, now: datetime, *, call_outs: Sequence[str], contacts: Sequence[str]
) -> Entry:
    """One line for the call-outs that were opened together."""
    facts = {"count": len(call_outs), "call_outs": call_outs, "contacts": contacts}
    return Entry(now, PEOPLE_OPENED, actor, warning_id, facts=facts)


def first_rungs_began(
    warning_id: UUID,
    actor: str,
    now: datetime,
    *,
    responsibilities: Sequence[str],
    call_outs: Sequence[str],
    roles: Sequence[str],
) -> Entry:
    """One line for first rungs that began together; of a rung that asks several, each has a place."""
    facts = {
        "count": len(responsibilities),
        "rung": 1,
        "reason": "first_rung",
        "responsibilities": responsibilities,
        "call_outs": call_outs,
        "roles": roles,
    }
    return Entry(now, RUNGS_BEGAN, actor, warning_id, facts=facts)
