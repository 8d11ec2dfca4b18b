"""The promise, asked of the rows: no matched person is ever silently lost."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crash.installation import Installation
from jiaoying.ledger.verify import verify

# Each statement names what must not be there when all is over.
BROKEN: Mapping[str, str] = {
    "a warning is not closed": """
        SELECT id, state FROM issued_warnings WHERE state NOT IN ('closed', 'withdrawn', 'ignored')""",
    "a responsibility is neither covered, withdrawn nor on the officer's list": """
        SELECT id, state, listed_at FROM responsibilities
        WHERE state = 'open' OR (state = 'uncovered' AND (listed_at IS NULL OR reason IS NULL))""",
    "village people were let go and not called": "SELECT id FROM issued_warnings WHERE release_due",
    "a walk to a door is still awaited": """
        SELECT id, next_at FROM door_tasks WHERE state IN ('open', 'taken')""",
    "a walk to a door has no line for the beginning or for the end": """
        SELECT d.id, d.state FROM door_tasks d
        WHERE NOT EXISTS (SELECT 1 FROM ledger_lines l
                          WHERE l.call_out_id = d.call_out_id AND l.event = 'door.assigned')
           OR NOT EXISTS (SELECT 1 FROM ledger_lines l
                          WHERE l.facts ->> 'door' = d.id::text AND l.event = 'door.' || d.state)""",
    "a person is still open": "SELECT id, next_at FROM call_outs WHERE state = 'open'",
    "a person ended without a reason": """
        SELECT id, state FROM call_outs WHERE state IN ('exhausted', 'withdrawn') AND reason IS NULL""",
    "a person counts as answered without an answer": """
        SELECT c.id FROM call_outs c
        WHERE c.state IN ('answered', 'declined')
          AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.call_out_id = c.id)""",
    "an answer did not tick its person": """
        SELECT c.id, c.state, a.meaning FROM call_outs c JOIN answers a ON a.call_out_id = c.id
        WHERE c.state NOT IN ('answered', 'declined')
          AND NOT (c.state = 'withdrawn' AND a.meaning = 'declined')""",
    "a responsibility with an answer is not covered": """
        SELECT r.id, r.state FROM responsibilities r
        JOIN call_out_roles cr ON cr.responsibility_id = r.id JOIN call_outs c ON c.id = cr.call_out_id
        JOIN frozen_ladders f ON f.id = r.ladder_id
        WHERE c.state = 'answered' AND r.state NOT IN ('covered', 'withdrawn')
          AND cr.role <> 'door' AND cr.ended_at IS NULL AND f.body ->> 'stop' = 'any'""",
    "a responsibility is covered although nobody answered": """
        SELECT r.id FROM responsibilities r WHERE r.state = 'covered' AND NOT EXISTS (
            SELECT 1 FROM call_out_roles cr JOIN call_outs c ON c.id = cr.call_out_id
            WHERE cr.responsibility_id = r.id AND c.state = 'answered' AND cr.role <> 'door')""",
    "a person is asked twice at once under one warning": """
        SELECT c.warning_id, c.contact_id FROM call_outs c WHERE c.state = 'open'
        GROUP BY c.warning_id, c.contact_id, c.kind HAVING count(*) > 1""",
    "an open duty or person was left behind under a warning that is over": """
        SELECT r.id FROM responsibilities r JOIN issued_warnings w ON w.id = r.warning_id
        WHERE w.state = 'withdrawn' AND r.state <> 'withdrawn'""",
    # Whoever answered is asked for feedback later, while we look.
    "an attempt has not ended": """
        SELECT id, state FROM attempts WHERE state IN ('due', 'sending', 'accepted')
          AND due_at < (SELECT max(closed_at) FROM issued_warnings)""",
    "a doubtful attempt was neither repeated nor needless": """
        SELECT a.id FROM attempts a LEFT JOIN call_outs c ON c.id = a.call_out_id
        WHERE a.state = 'lost' AND a.outcome_code = 'not_at_carrier' AND c.state = 'exhausted'
          AND a.expires_at > a.ended_at AND c.ended_at > a.ended_at
          AND NOT EXISTS (SELECT 1 FROM attempts b WHERE b.previous_id = a.id)""",
    # People go on writing while we look: the newest words may still be read.
    "an inbox item is unread, broke, or names an attempt that nobody knows": """
        SELECT id, kind, outcome FROM inbox_items
        WHERE outcome IN ('broke', 'unknown_attempt') OR (state = 'unread' AND
              received_at < (SELECT max(received_at) FROM inbox_items) - interval '2 minutes')""",
    "a person has no line for the beginning or for the end": """
        WITH together AS (
            SELECT jsonb_array_elements_text(facts -> 'call_outs')::uuid AS id FROM ledger_lines
            WHERE event = 'call_outs.opened')
        SELECT c.id, c.state FROM call_outs c
        WHERE (NOT EXISTS (SELECT 1 FROM ledger_lines l
                           WHERE l.call_out_id = c.id AND l.event = 'call_out.opened')
               AND c.id NOT IN (SELECT id FROM together))
           OR NOT EXISTS (SELECT 1 FROM ledger_lines l
                          WHERE l.call_out_id = c.id AND l.event = 'call_out.' || c.state)""",
    "a responsibility has no line for the beginning or for the end": """
        WITH together AS (
            SELECT jsonb_array_elements_text(facts -> 'responsibilities')::uuid AS id FROM ledger_lines
            WHERE event = 'responsibilities.opened')
        SELECT r.id, r.state FROM responsibilities r
        WHERE (NOT EXISTS (SELECT 1 FROM ledger_lines l
                           WHERE l.responsibility_id = r.id AND l.event = 'responsibility.opened')
               AND r.id NOT IN (SELECT id FROM together))
           OR NOT EXISTS (SELECT 1 FROM ledger_lines l
                          WHERE l.responsibility_id = r.id AND l.event = 'responsibility.' || r.state)""",
    "an attempt has no line for a step that it made": """
        SELECT a.id, a.state, step.event FROM attempts a CROSS JOIN LATERAL (
            SELECT 'attempt.planned' AS event
            UNION ALL SELECT 'attempt.claimed' WHERE a.claimed_at IS NOT NULL
            UNION ALL SELECT 'attempt.withdrawn' WHERE a.state = 'withdrawn'
            UNION ALL SELECT 'attempt.failed' WHERE a.state = 'failed') step
        WHERE a.purpose = 'call' AND a.previous_id IS NULL AND NOT EXISTS (
            SELECT 1 FROM ledger_lines l WHERE l.attempt_id = a.id AND l.event = step.event)""",
    "an alarm says that the program broke": """
        SELECT kind, text FROM alarms
        WHERE kind LIKE '%broke%' OR kind LIKE 'carrier_refuses%'""",
}
# Who has a number and was given a turn must have heard something of us.
RUNG = """
    SELECT DISTINCT c.id, n.number FROM call_outs c JOIN contact_numbers n ON n.contact_id = c.contact_id
    WHERE c.state IN ('answered', 'declined')
       OR (c.state = 'exhausted' AND c.reason NOT IN (
               'warning_ended', 'no_number', 'no_number_for_channel', 'number_refused', 'no_gateway'))
"""
# Sent once more although the carrier had it: it reported on both, each by its own address.
SENT_AGAIN = """
    SELECT a.previous_id, a.id, a.channel FROM attempts a
    WHERE EXISTS (SELECT 1 FROM inbox_items i WHERE i.attempt_id = a.previous_id)
      AND EXISTS (SELECT 1 FROM inbox_items i WHERE i.attempt_id = a.id)
    ORDER BY a.id
"""
STEPS = """
    SELECT to_char(at, 'HH24:MI:SS.MS'), event, actor, facts::text FROM ledger_lines
    WHERE attempt_id IN (:first, :second) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run came to."""

    responsibilities: Mapping[str, int]
    people: Mapping[str, int]
    attempts: Mapping[str, int]
    sends: int  # hand-overs that the carrier took on
    found: int  # in doubt, and found at the carrier: sent again without the look there
    repeated: int  # in doubt, not found, and handed over once more
    same_attempt_twice: int
    explained: Sequence[str]  # a paragraph for each hand-over that was one too many

    @property
    def duplicates(self) -> int:
        return len(self.explained) + self.same_attempt_twice


def tell(*lines: str) -> None:
    """Print figures; pytest shows them with -s."""
    sys.stdout.write("\n" + "\n".join(lines) + "\n")
    sys.stdout.flush()


async def broken_promises(at: Installation) -> list[str]:
    """A line for each promise that does not hold; empty when all do."""
    found: list[str] = []
    for promise, statement in BROKEN.items():
        rows = await at.rows(statement)
        if rows:
            found.append(f"{promise}: {len(rows)}, the first {rows[:3]}")
    found += await _never_rung(at)
    verdict = await verify(at.database)
    if not verdict.unbroken:
        found.append(f"the ledger is broken: {verdict.findings[:3]}")
    return found


async def _never_rung(at: Installation) -> list[str]:
    """Whom we say that we reached, or tried to, must have a phone that rang or holds a text."""
    phones = (await at.town("GET", "phones?limit=1000"))["phones"]
    heard = {phone["number"] for phone in phones if phone["messages"] or phone["calls"]}
    by_person: dict[object, set[str]] = {}
    for person, number in await at.rows(RUNG):
        by_person.setdefault(person, set()).add(number)
    silent = [person for person, numbers in by_person.items() if not numbers & heard]
    return [f"never rung at the carrier: {len(silent)}, the first {silent[:3]}"] if silent else []


async def figures(at: Installation) -> Figures:
    """Count what happened, here and at the carrier."""
    statistics = await at.town("GET", "statistics")
    return Figures(
        responsibilities=await _states(at, "responsibilities"),
        people=await _states(at, "call_outs"),
        attempts=await _states(at, "attempts"),
        sends=statistics["messages"] + statistics["calls"],
        found=await _reconciled(at, "found"),
        repeated=await at.value("SELECT count(*) FROM attempts WHERE previous_id IS NOT NULL"),
        same_attempt_twice=statistics["duplicates"]["by_callback"],
        explained=[await _explained(at, *row) for row in await at.rows(SENT_AGAIN)],
    )


async def _states(at: Installation, table: str) -> dict[str, int]:
    rows = await at.rows(f"SELECT state, count(*) FROM {table} GROUP BY state ORDER BY state")
    return {row[0]: row[1] for row in rows}


async def _reconciled(at: Installation, outcome: str) -> int:
    return await at.value(
        "SELECT count(DISTINCT attempt_id) FROM ledger_lines"
        " WHERE event = 'attempt.reconciled' AND facts ->> 'outcome' = :outcome",
        outcome=outcome,
    )


async def _explained(at: Installation, first: Any, second: Any, channel: str) -> str:
    steps = await at.rows(STEPS, first=first, second=second)
    lines = "\n".join("    " + " ".join(str(part) for part in step) for step in steps)
    return f"  {channel} {first} was at the carrier and was handed over again as {second}:\n{lines}"
