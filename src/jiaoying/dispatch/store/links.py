"""Links in texts and what came through them: rows."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.links import NewLink
from jiaoying.dispatch.states import CallOutState
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import (
    answer_links,
    answers,
    attachments,
    attempts,
    call_outs,
    contacts,
)


@dataclass(frozen=True, slots=True)
class LinkedCallOut:
    """One call-out that the bearer of a token answers for, and the text that brought them the token."""

    call_out_id: UUID
    attempt_id: UUID
    used_at: datetime | None
    warning_id: UUID
    contact_id: UUID
    state: CallOutState
    name: str
    language: str
    gateway: str
    number: str


@dataclass(frozen=True, slots=True)
class SaidByLink:
    """Something that the person has said, as the page repeats it to them."""

    at: datetime
    how: str
    meaning: str
    said: str | None


@dataclass(frozen=True, slots=True)
class NewAttachment:
    """A photo, to be kept."""

    id: UUID
    warning_id: UUID
    call_out_id: UUID
    at: datetime
    media_type: str
    size: int
    sha256: bytes
    body: bytes


async def write_links(tx: Tx, links: Sequence[NewLink]) -> None:
    """Insert them; their attempts are there already."""
    if links:
        await tx.execute(insert(answer_links), [asdict(link) for link in links])


async def linked(tx: Tx, token_sha256: bytes, now: datetime) -> list[LinkedCallOut]:
    """What a token stands for; empty where it is unknown or too old, which nobody is told apart."""
    rows = await tx.execute(
        select(
            answer_links.c.call_out_id,
            answer_links.c.attempt_id,
            answer_links.c.used_at,
            call_outs.c.warning_id,
            call_outs.c.contact_id,
            call_outs.c.state,
            contacts.c.name,
            contacts.c.language,
            attempts.c.gateway,
            attempts.c.number,
        )
        .join(call_outs, call_outs.c.id == answer_links.c.call_out_id)
        .join(contacts, contacts.c.id == call_outs.c.contact_id)
        .join(attempts, attempts.c.id == answer_links.c.attempt_id)
        .where(answer_links.c.token_sha256 == token_sha256, answer_links.c.expires_at > now)
        .order_by(answer_links.c.call_out_id)
    )
    return read_as(LinkedCallOut, rows)


async def note_opened(tx: Tx, token_sha256: bytes, now: datetime) -> list[UUID]:
    """Note when it was opened first; returns the call-outs for which this was the first time."""
    rows = await tx.execute(
        update(answer_links)
        .where(answer_links.c.token_sha256 == token_sha256, answer_links.c.opened_at.is_(None))
        .values(opened_at=now)
        .returning(answer_links.c.call_out_id)
    )
    return [row.call_out_id for row in rows]


async def note_used(tx: Tx, token_sha256: bytes, now: datetime) -> None:
    """Note when it brought its first answer."""
    await tx.execute(
        update(answer_links)
        .where(answer_links.c.token_sha256 == token_sha256, answer_links.c.used_at.is_(None))
        .values(used_at=now)
    )


async def said_so_far(tx: Tx, call_out_id: UUID) -> list[SaidByLink]:
    """What the person has answered and reported, the oldest first."""
    rows = await tx.execute(
        select(answers.c.at, answers.c.how, answers.c.meaning, answers.c.said)
        .where(answers.c.call_out_id == call_out_id, answers.c.by_user.is_(None))
        .order_by(answers.c.at, answers.c.id)
    )
    return read_as(SaidByLink, rows)


async def count_attachments(tx: Tx, call_out_id: UUID) -> int:
    """How many photos came from them."""
    rows = await tx.execute(select(attachments.c.id).where(attachments.c.call_out_id == call_out_id))
    return len(rows.all())


async def keep_attachment(tx: Tx, photo: NewAttachment) -> bool:
    """Insert a photo; False where the same one is there already."""
    statement = upsert(attachments).values(asdict(photo)).on_conflict_do_nothing()
    return (await tx.execute(statement.returning(attachments.c.id))).one_or_none() is not None


async def attachment(tx: Tx, attachment_id: UUID) -> Any | None:
    """One photo with its bytes, or None where there is none or it was erased."""
    rows = await tx.execute(
        select(attachments.c.media_type, attachments.c.body).where(
            attachments.c.id == attachment_id, attachments.c.body.is_not(None)
        )
    )
    return rows.one_or_none()
