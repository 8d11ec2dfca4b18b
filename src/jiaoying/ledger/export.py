"""One warning's story, line by line, with the people it tells of; `documents` writes it down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import JSONB

from jiaoying.ledger.together import PEOPLE_OPENED, STEPS
from jiaoying.storage.database import Tx

_STORY = text(
    f"""
    WITH lines AS (
        SELECT id FROM ledger_lines WHERE warning_id = :warning_id
        UNION
        SELECT line.id FROM ledger_lines AS line JOIN call_outs ON call_outs.id = line.call_out_id
        WHERE call_outs.warning_id = :warning_id
        UNION
        SELECT line.id FROM ledger_lines AS line
        WHERE line.event = '{PEOPLE_OPENED}' AND line.at IN (
            SELECT matched_at FROM call_outs WHERE call_outs.warning_id = :warning_id)
    ), {STEPS}, held AS (
        SELECT role.call_out_id, string_agg(DISTINCT responsibility.label, '、') AS labels
        FROM call_out_roles AS role
        JOIN responsibilities AS responsibility ON responsibility.id = role.responsibility_id
        WHERE responsibility.warning_id = :warning_id GROUP BY role.call_out_id
    )
    SELECT line.id, line.at, line.event, line.actor, line.responsibility_id, line.call_out_id,
           line.attempt_id, line.contact_id, line.facts, line.particulars,
           line.particulars_digest IS NOT NULL AND line.particulars IS NULL AS erased,
           contact.name AS person, contact.unit, contact.title,
           coalesce(own.label, held.labels) AS post,
           attempt.channel, attempt.number, attempt.outcome_code AS code
    FROM step AS line
    LEFT JOIN attempts AS attempt ON attempt.id = line.attempt_id
    LEFT JOIN call_outs AS call_out ON call_out.id = coalesce(line.call_out_id, attempt.call_out_id)
    LEFT JOIN contacts AS contact
        ON contact.id = coalesce(line.contact_id, call_out.contact_id, attempt.contact_id)
    LEFT JOIN responsibilities AS own ON own.id = line.responsibility_id
    LEFT JOIN held ON held.call_out_id = call_out.id
    WHERE line.event <> 'call_out.opened' OR :warning_id IN (line.warning_id, call_out.warning_id)
    ORDER BY line.at, line.tx, line.id, line.position
    """  # noqa: S608 - put together from our own words
).columns(facts=JSONB, particulars=JSONB)
_HEADING = text(
    """
    SELECT reference, event, colour, headline, text, sender_name, sender, identifier, area_names,
           exercise, sent_at, received_at, valid_from, valid_to, matched_at, closed_at, state
    FROM issued_warnings WHERE id = :warning_id
    """
)


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line, and whom it is about as the roster and the attempt know them today.

    What a line's own particulars say (`name`, `number`) goes before what the roster says: it was
    written at the time.
    """

    id: UUID
    at: datetime
    event: str
    actor: str
    responsibility_id: UUID | None
    call_out_id: UUID | None
    attempt_id: UUID | None
    contact_id: UUID | None
    facts: Mapping[str, object]
    particulars: Mapping[str, object] | None
    erased: bool  # there were particulars and they have been erased
    person: str | None
    unit: str | None
    title: str | None
    post: str | None
    channel: str | None
    number: str | None  # E.164
    code: str | None


@dataclass(frozen=True, slots=True)
class StoryHeading:
    """The facts of the warning that a story is about. Times are UTC."""

    reference: str
    event: str
    colour: str | None
    headline: str
    text: str
    sender: str
    identifier: str
    area_names: str
    exercise: bool
    sent_at: datetime
    received_at: datetime
    valid_from: datetime
    valid_to: datetime
    matched_at: datetime | None
    closed_at: datetime | None
    state: str


async def story(tx: Tx, warning_id: UUID) -> list[StoryLine]:
    """Every line about a warning and its call-outs, in order of time."""
    return [_line(row) for row in await tx.execute(_STORY, {"warning_id": warning_id})]


async def story_heading(tx: Tx, warning_id: UUID) -> StoryHeading | None:
    """The warning's own facts, or None when there is no such warning."""
    row = (await tx.execute(_HEADING, {"warning_id": warning_id})).mappings().first()
    if row is None:
        return None
    facts = dict(row)
    facts["sender"] = facts.pop("sender_name") or facts["sender"]
    return StoryHeading(**facts)


def _line(row: Row[*tuple[Any, ...]]) -> StoryLine:
    particulars: Mapping[str, Any] = row.particulars or {}
    facts: Mapping[str, Any] = row.facts
    return StoryLine(
        id=row.id,
        at=row.at,
        event=row.event,
        actor=row.actor,
        responsibility_id=row.responsibility_id,
        call_out_id=row.call_out_id,
        attempt_id=row.attempt_id,
        contact_id=row.contact_id,
        facts=facts,
        particulars=row.particulars,
        erased=row.erased,
        person=particulars.get("name") or row.person,
        unit=row.unit,
        title=row.title,
        post=facts.get("label") or row.post,
        channel=facts.get("channel") or row.channel,
        number=particulars.get("number") or row.number,
        code=_text_of(facts.get("code")) or row.code,
    )


def _text_of(value: object) -> str | None:
    return None if value is None else str(value)
