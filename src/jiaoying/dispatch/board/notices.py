"""What somebody must look at although no person was called."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select

from jiaoying.dispatch.board.whereabouts import latest_call_outs, posts_called_for, posts_on_roster
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms, contacts, inbox_items, issued_warnings

_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """An alarm that nobody has cleared yet."""

    id: UUID
    kind: str
    text: str
    raised_at: datetime
    warning_id: UUID | None
    headline: str | None
    exercise: bool  # it is about a drill
    contact_id: UUID | None
    contact_name: str | None
    call_out_id: UUID | None  # of the person: under this warning, else their latest
    posts: tuple[str, ...]  # what the person answers for, and where
    inbox_item_id: UUID | None
    from_number: str | None
    said: str | None


@dataclass(frozen=True, slots=True)
class UnknownReply:
    """Something that came from a number which nobody on the roster has."""

    id: UUID
    received_at: datetime
    gateway: str
    kind: str  # text, key, ring
    from_number: str | None
    said: str | None
    outcome: str | None


async def open_alarms(tx: Tx, *, limit: int = _MOST_SHOWN) -> list[Notice]:
    """Alarms that nobody has cleared, the newest first."""
    query = (
        select(
            alarms,
            issued_warnings.c.headline,
            issued_warnings.c.exercise,
            contacts.c.name.label("contact_name"),
            inbox_items.c.from_number,
            inbox_items.c.content,
        )
        .join_from(alarms, issued_warnings, issued_warnings.c.id == alarms.c.warning_id, isouter=True)
        .join(contacts, contacts.c.id == alarms.c.contact_id, isouter=True)
        .join(inbox_items, inbox_items.c.id == alarms.c.inbox_item_id, isouter=True)
        .where(alarms.c.cleared_at.is_(None))
        .order_by(alarms.c.raised_at.desc(), alarms.c.id.desc())
        .limit(limit)
    )
    rows = (await tx.execute(query)).all()
    latest = await latest_call_outs(tx, [row.id for row in rows if row.contact_id])
    called_for = await posts_called_for(tx, set(latest.values()))
    on_roster = await posts_on_roster(tx, {row.contact_id for row in rows if row.contact_id})
    return [
        Notice(
            id=row.id,
            kind=row.kind,
            text=row.text,
            raised_at=row.raised_at,
            warning_id=row.warning_id,
            headline=row.headline,
            exercise=bool(row.exercise),
            contact_id=row.contact_id,
            contact_name=row.contact_name,
            call_out_id=(call_out_id := latest.get(row.id)),
            posts=(call_out_id and called_for.get(call_out_id)) or on_roster.get(row.contact_id, ()),
            inbox_item_id=row.inbox_item_id,
            from_number=row.from_number,
            said=said_in(row.content),
        )
        for row in rows
    ]


async def unknown_replies(tx: Tx, *, limit: int = _MOST_SHOWN) -> list[UnknownReply]:
    """Texts and calls from numbers that nobody on the roster has, the newest first."""
    item = inbox_items.c
    # A key belongs to the call that it was pressed in; only one that fits no call of ours is strange.
    strange = or_(item.kind.in_(["text", "ring"]), item.outcome == "unknown_attempt")
    query = (
        select(inbox_items)
        .where(
            item.state == "settled",
            item.contact_id.is_(None),
            item.kind.in_(["text", "key", "ring"]),
            strange,
        )
        .order_by(item.id.desc())
        .limit(limit)
    )
    return [
        UnknownReply(
            id=row.id,
            received_at=row.received_at,
            gateway=row.gateway,
            kind=row.kind,
            from_number=row.from_number,
            said=said_in(row.content),
            outcome=row.outcome,
        )
        for row in await tx.execute(query)
    ]


def said_in(content: Mapping[str, object] | None) -> str | None:
    """The words or keys in what a carrier handed us, or None where there are none."""
    said = content and (content.get("text") or content.get("digits"))
    return str(said) if said else None
