"""Everything that happened with one person under one warning."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from jiaoying.dispatch.board.heard import CallMade, call_made
from jiaoying.dispatch.board.notices import said_in
from jiaoying.dispatch.board.people import CallOutRow, Feedback, as_feedback, call_out_row
from jiaoying.dispatch.board.warnings import among
from jiaoying.dispatch.grades import GRADES, Grade, How
from jiaoying.dispatch.links import without_tokens
from jiaoying.dispatch.states import AttemptState
from jiaoying.dispatch.store.bundles import names_one_of
from jiaoying.gateways.base import Channel
from jiaoying.ledger.together import PEOPLE_OPENED
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import (
    answer_links,
    answers,
    attachments,
    attempts,
    feedback,
    inbox_items,
    ledger_lines,
    ledger_particulars,
)

_MOST_LINES = 2000


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """One hand-over of one message for one number."""

    id: UUID
    purpose: str
    channel: Channel
    gateway: str
    number: str
    text: str
    parts: int
    round: int
    state: AttemptState
    due_at: datetime
    claimed_at: datetime | None
    accepted_at: datetime | None
    ended_at: datetime | None
    previous_id: UUID | None
    carrier_ref: str | None
    outcome_code: str | None
    outcome_text: str | None
    call: CallMade | None  # how a call that was put through was heard


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """Proof that the person got it, or said that they cannot; a broadcast only tells them."""

    how: str
    grade: Grade
    meaning: str
    said: str | None
    at: datetime
    by_user: str | None
    late: bool
    shared_number: bool


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo that came with feedback, without its bytes."""

    id: UUID
    at: datetime
    media_type: str
    size: int
    erased: bool


@dataclass(frozen=True, slots=True)
class LinkSent:
    """A link that a text held. That somebody or something opened it is no answer."""

    created_at: datetime
    expires_at: datetime
    opened_at: datetime | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class InboxItem:
    """What a carrier told us about this person's calls, or brought from them."""

    id: UUID
    received_at: datetime
    gateway: str
    kind: str
    state: str
    outcome: str | None
    said: str | None
    attempt_id: UUID | None


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the story; `particulars` is None where there are none or they were erased."""

    id: UUID
    at: datetime
    event: str
    actor: str
    facts: Mapping[str, object]
    particulars: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class CallOutHistory:
    """One person's story under one warning, each list the oldest first."""

    call_out: CallOutRow
    attempts: tuple[AttemptMade, ...]
    answers: tuple[AnswerGiven, ...]
    feedback: tuple[Feedback, ...]
    photos: tuple[Photo, ...]
    links: tuple[LinkSent, ...]
    inbox: tuple[InboxItem, ...]
    ledger: tuple[LedgerLine, ...]


async def call_out_history(tx: Tx, call_out_id: UUID) -> CallOutHistory | None:
    """Everything about one call-out, or None when there is none of that id."""
    row = await call_out_row(tx, call_out_id)
    if row is None:
        return None
    made = await _attempts_of(tx, call_out_id)
    return CallOutHistory(
        call_out=row,
        attempts=made,
        answers=await _answers_of(tx, call_out_id),
        feedback=await _feedback_of(tx, call_out_id),
        photos=await _photos_of(tx, call_out_id),
        links=await _links_of(tx, call_out_id),
        inbox=await _inbox_of(tx, row, made),
        ledger=(*await _opening_of(tx, row), *await _ledger_of(tx, call_out_id))[:_MOST_LINES],
    )


async def roster_story(tx: Tx, contact_id: UUID, limit: int = 50) -> list[LedgerLine]:
    """What was changed and looked at of a contact outside all warnings, the newest first."""
    query = (
        select(ledger_lines, ledger_particulars.c.body)
        .outerjoin_from(ledger_lines, ledger_particulars, ledger_particulars.c.line_id == ledger_lines.c.id)
        .where(ledger_lines.c.contact_id == contact_id, ledger_lines.c.warning_id.is_(None))
        .order_by(ledger_lines.c.id.desc())
        .limit(limit)
    )
    return [_as_line(row) for row in await tx.execute(query)]


async def _attempts_of(tx: Tx, call_out_id: UUID) -> tuple[AttemptMade, ...]:
    query = select(attempts).where(names_one_of("call_out_ids")).order_by(attempts.c.due_at, attempts.c.id)
    return tuple(
        AttemptMade(
            id=row.id,
            purpose=row.purpose,
            channel=Channel(row.channel),
            gateway=row.gateway,
            number=row.number,
            text=without_tokens(row.text),
            parts=row.parts,
            round=row.round,
            state=AttemptState(row.state),
            due_at=row.due_at,
            claimed_at=row.claimed_at,
            accepted_at=row.accepted_at,
            ended_at=row.ended_at,
            previous_id=row.previous_id,
            carrier_ref=row.carrier_ref,
            outcome_code=row.outcome_code,
            outcome_text=row.outcome_text,
            call=call_made(row),
        )
        for row in await tx.execute(query, {"call_out_ids": [call_out_id]})
    )


async def _answers_of(tx: Tx, call_out_id: UUID) -> tuple[AnswerGiven, ...]:
    query = select(answers).where(answers.c.call_out_id == call_out_id).order_by(answers.c.at, answers.c.id)
    return tuple(
        AnswerGiven(
            row.how,
            GRADES[How(row.how)],
            row.meaning,
            row.said,
            row.at,
            row.by_user,
            row.late,
            row.shared_number,
        )
        for row in await tx.execute(query)
    )


async def _feedback_of(tx: Tx, call_out_id: UUID) -> tuple[Feedback, ...]:
    query = (
        select(feedback).where(feedback.c.call_out_id == call_out_id).order_by(feedback.c.at, feedback.c.id)
    )
    return tuple(as_feedback(row) for row in await tx.execute(query))


async def _photos_of(tx: Tx, call_out_id: UUID) -> tuple[Photo, ...]:
    photo = attachments.c
    query = (
        select(photo.id, photo.at, photo.media_type, photo.size, photo.body.is_(None).label("erased"))
        .where(photo.call_out_id == call_out_id)
        .order_by(photo.at, photo.id)
    )
    return tuple(read_as(Photo, await tx.execute(query)))


async def _links_of(tx: Tx, call_out_id: UUID) -> tuple[LinkSent, ...]:
    link = answer_links.c
    query = (
        select(link.created_at, link.expires_at, link.opened_at, link.used_at)
        .where(link.call_out_id == call_out_id)
        .order_by(link.created_at)
    )
    return tuple(read_as(LinkSent, await tx.execute(query)))


async def _inbox_of(tx: Tx, row: CallOutRow, made: tuple[AttemptMade, ...]) -> tuple[InboxItem, ...]:
    """Reports on these attempts, and whatever else the person sent since they were matched."""
    item = inbox_items.c
    references = [attempt.carrier_ref for attempt in made if attempt.carrier_ref]
    theirs = item.contact_id == row.contact_id
    query = (
        select(inbox_items)
        .where(
            item.received_at >= row.matched_at,
            or_(
                among(item.attempt_id, [attempt.id for attempt in made]),
                item.carrier_ref.in_(references),
                theirs & item.kind.in_(["text", "ring"]),
            ),
        )
        .order_by(item.received_at, item.id)
        .limit(_MOST_LINES)
    )
    return tuple(
        InboxItem(
            id=found.id,
            received_at=found.received_at,
            gateway=found.gateway,
            kind=found.kind,
            state=found.state,
            outcome=found.outcome,
            said=said_in(found.content),
            attempt_id=found.attempt_id,
        )
        for found in await tx.execute(query)
    )


async def _opening_of(tx: Tx, row: CallOutRow) -> tuple[LedgerLine, ...]:
    """The first step of a call-out that was opened together with many: in a line of all of them."""
    line = ledger_lines.c
    query = select(line.id, line.at, line.actor).where(
        line.event == PEOPLE_OPENED,
        line.at == row.matched_at,
        line.facts["call_outs"].has_key(str(row.id)),
    )
    return tuple(
        LedgerLine(found.id, found.at, "call_out.opened", found.actor, {}, None)
        for found in await tx.execute(query)
    )


async def _ledger_of(tx: Tx, call_out_id: UUID) -> tuple[LedgerLine, ...]:
    query = (
        select(ledger_lines, ledger_particulars.c.body)
        .join_from(
            ledger_lines, ledger_particulars, ledger_particulars.c.line_id == ledger_lines.c.id, isouter=True
        )
        .where(ledger_lines.c.call_out_id == call_out_id)
        .order_by(ledger_lines.c.at, ledger_lines.c.id)
        .limit(_MOST_LINES)
    )
    return tuple(_as_line(row) for row in await tx.execute(query))


def _as_line(row: Any) -> LedgerLine:
    return LedgerLine(row.id, row.at, row.event, row.actor, row.facts, row.body)
