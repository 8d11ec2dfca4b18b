"""The inbox (回执/来话): what carriers post to us, kept once and before they hear that we have it.

What an item means is settled later, by the stage `settle`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from jiaoying.gateways.base import (
    Event,
    IncomingCall,
    KeyPress,
    NumberSign,
    PickedUp,
    Reply,
    Report,
    ReportState,
    Scope,
)
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import inbox_items

KINDS: Mapping[type[Event], str] = {Report: "report", Reply: "text", KeyPress: "key", IncomingCall: "ring"}


async def store_events(tx: Tx, gateway: str, events: Sequence[tuple[str, Event]], now: datetime) -> int:
    """Keep each event under its dedupe key, with a ledger line; what is there already is left alone.

    Returns how many were new.
    """
    if not events:
        return 0
    rows = [_row(gateway, key, event, now) for key, event in events]
    statement = (
        insert(inbox_items)
        .values(rows)
        .on_conflict_do_nothing(index_elements=[inbox_items.c.gateway, inbox_items.c.dedupe_key])
        .returning(inbox_items.c.id)
    )
    stored = set((await tx.execute(statement)).scalars())
    await append_entries(tx, [_line(row, gateway, now) for row in rows if row["id"] in stored])
    return len(stored)


def write_event(event: Event) -> dict[str, Any]:
    """The event as `inbox_items.content` keeps it, told apart by `kind`."""
    values = {name: getattr(event, name) for name in event.__slots__}
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in values.items()}
    return {"kind": KINDS[type(event)], **plain}


def read_event(content: Mapping[str, Any]) -> Event:
    """The event that `content` of an inbox item holds.

    Raises KeyError or ValueError for content that no version of ours wrote.
    """
    return _READERS[cast("str", content["kind"])](content)


def _read_report(content: Mapping[str, Any]) -> Report:
    scope, sign, who = (content.get(name) for name in ("scope", "sign", "picked_up_by"))
    return Report(
        ref=content["ref"],
        state=ReportState(content["state"]),
        code=content["code"],
        attempt_id=_uuid(content.get("attempt_id")),
        scope=Scope(scope) if scope else None,
        text=content.get("text", ""),
        seconds=content.get("seconds"),
        sign=NumberSign(sign) if sign else None,
        picked_up_by=PickedUp(who) if who else None,
        heard_whole=content.get("heard_whole", False),
    )


def _read_reply(content: Mapping[str, Any]) -> Reply:
    return Reply(content["ref"], content["from_number"], content["to_number"], content["text"])


def _read_key(content: Mapping[str, Any]) -> KeyPress:
    attempt_id = _uuid(content.get("attempt_id"))
    return KeyPress(content["ref"], content["digits"], content["from_number"], attempt_id)


def _read_ring(content: Mapping[str, Any]) -> IncomingCall:
    return IncomingCall(content["ref"], content["from_number"])


_READERS = {"report": _read_report, "text": _read_reply, "key": _read_key, "ring": _read_ring}


class _Ends(NamedTuple):
    from_number: str | None
    to_number: str | None


def _row(gateway: str, key: str, event: Event, now: datetime) -> dict[str, Any]:
    ends = _ends(event)
    return {
        "id": new_id(now),
        "received_at": now,
        "gateway": gateway,
        "kind": KINDS[type(event)],
        "dedupe_key": key,
        "attempt_id": None if isinstance(event, Reply | IncomingCall) else event.attempt_id,
        "carrier_ref": event.ref,
        "from_number": ends.from_number,
        "to_number": ends.to_number,
        "content": write_event(event),
        "state": "unread",
    }


def _ends(event: Event) -> _Ends:
    match event:
        case Reply(from_number=sender, to_number=receiver):
            return _Ends(sender, receiver)
        case KeyPress(from_number=sender) | IncomingCall(from_number=sender):
            return _Ends(sender, None)
        case Report():
            return _Ends(None, None)


def _line(row: Mapping[str, Any], gateway: str, now: datetime) -> Entry:
    content = cast("dict[str, Any]", row["content"])
    names = ("kind", "ref", "state", "code", "digits", "seconds", "picked_up_by")
    facts = {name: content[name] for name in names if content.get(name) is not None}
    private = {name: content[name] for name in ("from_number", "to_number") if name in content}
    if row["kind"] == "text":
        private["text"] = content["text"]
    return Entry(
        at=now,
        event="inbox.stored",
        actor=gateway,
        attempt_id=row["attempt_id"],
        facts={"inbox_item_id": str(row["id"]), "gateway": gateway, **facts},
        particulars=private or None,
    )


def _uuid(text: object) -> UUID | None:
    return UUID(text) if isinstance(text, str) else None
