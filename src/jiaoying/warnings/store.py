"""Rows of warnings: statements in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, text, update

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import issued_warnings, received_messages
from jiaoying.warnings.holding import Hold, Running, Waiting
from jiaoying.warnings.model import ByHand, Circle, IssuedWarning, Question, Reference
from jiaoying.warnings.sameness import is_national

# Any number; the same in every process of one installation.
_INTAKE_LOCK = 7_201_140_521
REFERENCE_REST = timedelta(days=30)  # no reference comes back sooner
IN_FORCE = ("received", "held", "matched")
STANDING_KINDS = ("alert", "update")
# A chain of a hundred updates would be a defect of its sender.
_MOST_NAMING = 100


@dataclass(frozen=True, slots=True)
class StoredWarning:
    """What intake must know of a warning that is already there."""

    id: UUID
    message_id: UUID | None
    sender: str
    identifier: str
    version: int
    content_sha256: bytes
    kind: str
    hazard: str
    state: str
    reference: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class NewWarning:
    """A warning that is to be stored, with what intake decided on it."""

    id: UUID
    message_id: UUID
    source: str
    issued: IssuedWarning
    version: int
    content_sha256: bytes
    state: str
    reason: str | None
    reference: str
    replaces_id: UUID | None
    received_at: datetime
    hold: Hold | None = None
    questions: tuple[Question, ...] = ()
    by_hand: ByHand | None = None


@dataclass(frozen=True, slots=True)
class ReferenceUse:
    """When a short reference was last given out, whether only to warnings that call nobody, and whether one
    is still in force that has it."""

    last_used: datetime
    only_ignored: bool
    in_force: bool = False


_COLUMNS = columns_of(StoredWarning, issued_warnings)

# The warnings that are named, and whatever replaced them since: an update names the first message
# of its chain, not the one in force (DB45/T 2427-2021). UNION drops what was seen, so rings end.
_FIND_LINEAGE = text(
    """
    WITH RECURSIVE named (sender, identifier) AS (
        SELECT * FROM unnest(CAST(:senders AS text[]), CAST(:identifiers AS text[]))
    ), lineage AS (
        SELECT warning.id
        FROM issued_warnings AS warning
        JOIN named ON warning.sender = named.sender
            AND (warning.identifier = named.identifier
                 OR starts_with(warning.identifier, named.identifier || '#'))
        WHERE warning.exercise = :exercise
        UNION
        SELECT successor.id
        FROM issued_warnings AS successor
        JOIN lineage ON successor.replaces_id = lineage.id
    )
    SELECT warning.id, message_id, sender, identifier, version, content_sha256, kind, hazard, state,
           reference, sent_at
    FROM issued_warnings AS warning
    JOIN lineage USING (id)
    ORDER BY warning.id
    """
)


async def lock_intake(tx: Tx) -> None:
    """Until the transaction ends nobody else takes in a warning: what is looked up stays true.

    Why not leave it to the unique keys alone: versions, references and chains are all looked up
    before they are written, and a county receives some warnings a day, not a second.
    """
    await tx.execute(select(func.pg_advisory_xact_lock(_INTAKE_LOCK)))


async def store_message(
    tx: Tx,
    message_id: UUID,
    *,
    body: bytes,
    body_sha256: bytes,
    media_type: str,
    source: str,
    received_at: datetime,
) -> None:
    """Keep what was received, byte for byte; `settle_message` adds what came of it."""
    await tx.execute(
        insert(received_messages).values(
            id=message_id,
            received_at=received_at,
            source=source,
            media_type=media_type,
            body=body,
            body_sha256=body_sha256,
            disposition="received",
        )
    )


async def settle_message(
    tx: Tx, message_id: UUID, *, disposition: str, reason: str | None, complaints: Sequence[Complaint]
) -> None:
    """Write down what came of a received message."""
    told = [{"code": one.code, "field": one.field, "text": one.text} for one in complaints]
    await tx.execute(
        update(received_messages)
        .where(received_messages.c.id == message_id)
        .values(disposition=disposition, reason=reason, complaints=told)
    )


async def find_versions(tx: Tx, sender: str, identifier: str) -> list[StoredWarning]:
    """What is stored under a message's key, its further warnings (`#2` …) included, oldest first."""
    own = or_(
        issued_warnings.c.identifier == identifier,
        func.starts_with(issued_warnings.c.identifier, f"{identifier}#"),
    )
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(and_(issued_warnings.c.sender == sender, own))
        .order_by(issued_warnings.c.version, issued_warnings.c.identifier)
    )
    return read_as(StoredWarning, rows)


async def find_lineage(
    tx: Tx, keys: Sequence[tuple[str, str]], *, exercise: bool, source: str, ends: bool
) -> list[StoredWarning]:
    """The warnings of these keys (sender, identifier) and all that replaced them, oldest first.

    Drills and real warnings never meet. What names the same keys belongs to them too: their first
    message may never have come, and two updates of it are one chain all the same. An identifier that is
    unknown under its sender is looked for alone among the same source's warnings: names of senders change
    along a chain. One of the national system is one whoever hands it on; but nothing `ends` on the word
    of another source under another name.
    """
    elsewhere = await _keys_elsewhere(tx, keys, source, anywhere=not ends)
    naming = await _keys_naming(tx, keys, exercise=exercise)
    return await _lineage(tx, [*keys, *elsewhere, *naming], exercise=exercise)


async def _keys_elsewhere(
    tx: Tx, keys: Sequence[tuple[str, str]], source: str, *, anywhere: bool
) -> list[tuple[str, str]]:
    """Where identifiers are stored that are unknown under the senders named."""
    stored = issued_warnings.c
    rows = await tx.execute(
        select(stored.sender, stored.identifier, stored.source).where(
            stored.identifier.in_({identifier for _, identifier in keys})
        )
    )
    found = rows.all()
    known = {(row.sender, row.identifier) for row in found}
    unknown = {identifier for sender, identifier in keys if (sender, identifier) not in known}
    return [
        (row.sender, row.identifier)
        for row in found
        if row.identifier in unknown and (row.source == source or (anywhere and is_national(row.identifier)))
    ]


async def _keys_naming(tx: Tx, keys: Sequence[tuple[str, str]], *, exercise: bool) -> list[tuple[str, str]]:
    """The keys of warnings that refer to these and were acted upon."""
    if not keys:
        return []
    rows = await tx.execute(
        select(issued_warnings.c.sender, issued_warnings.c.identifier)
        .where(
            or_(*(_names(sender, identifier) for sender, identifier in keys)),
            issued_warnings.c.exercise == exercise,
            issued_warnings.c.state != "ignored",
        )
        .order_by(issued_warnings.c.id)
        .limit(_MOST_NAMING)
    )
    return [(row.sender, row.identifier) for row in rows]


def _names(sender: str, identifier: str) -> ColumnElement[bool]:
    """Whether a stored warning refers to this message."""
    told = [{"identifier": identifier}] if is_national(identifier) else None
    return issued_warnings.c.references.contains(told or [{"sender": sender, "identifier": identifier}])


async def _lineage(tx: Tx, keys: Sequence[tuple[str, str]], *, exercise: bool) -> list[StoredWarning]:
    rows = await tx.execute(
        _FIND_LINEAGE,
        {
            "senders": [sender for sender, _ in keys],
            "identifiers": [identifier for _, identifier in keys],
            "exercise": exercise,
        },
    )
    return read_as(StoredWarning, rows)


async def find_naming(tx: Tx, issued: IssuedWarning, source: str) -> list[StoredWarning]:
    """The warnings here that refer to this one: under its sender or, within a source, by identifier alone."""
    base = base_of(issued.identifier)
    by_identifier = issued_warnings.c.references.contains([{"identifier": base}])
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(
            or_(_names(issued.sender, base), and_(issued_warnings.c.source == source, by_identifier)),
            issued_warnings.c.exercise == issued.exercise,
            issued_warnings.c.state != "ignored",
        )
        .order_by(issued_warnings.c.id)
        .limit(_MOST_NAMING)
    )
    return [one for one in read_as(StoredWarning, rows) if base_of(one.identifier) != base]


def base_of(identifier: str) -> str:
    """The identifier of the message, without the number of the warning in it."""
    return identifier.partition("#")[0]


async def names_nothing(tx: Tx, warning_id: UUID) -> bool:
    """Whether a stored warning refers to no other."""
    return (
        await tx.scalar(
            select(func.jsonb_array_length(issued_warnings.c.references) == 0).where(
                issued_warnings.c.id == warning_id
            )
        )
        is True
    )


async def find_by_id(tx: Tx, warning_id: UUID) -> StoredWarning:
    """One stored warning."""
    rows = await tx.execute(select(*_COLUMNS).where(issued_warnings.c.id == warning_id))
    return read_as(StoredWarning, rows)[0]


async def reference_taken(tx: Tx, message_id: UUID, reference: str) -> bool:
    """Whether another warning of the same message has this reference."""
    taken = select(issued_warnings.c.id).where(
        issued_warnings.c.message_id == message_id, issued_warnings.c.reference == reference
    )
    return await tx.scalar(taken.limit(1)) is not None


async def find_replaced(tx: Tx, warning_id: UUID) -> list[UUID]:
    """Every warning not ended yet that the stored warning puts an end to, whether it updates or cancels.

    One whose people have all been called is closed; whoever was reached under it still hears of the end.
    `replaces_id` names the one whose place it takes; this finds the others too (a message that held
    several warnings, a reference to several messages).
    """
    rows = await tx.execute(select(issued_warnings).where(issued_warnings.c.id == warning_id))
    own = rows.mappings().one()
    keys = [(str(one["sender"]), str(one["identifier"])) for one in own["references"]]
    base = base_of(str(own["identifier"]))
    found = await find_lineage(
        tx,
        [*keys, (own["sender"], own["identifier"]), (own["sender"], base)],
        exercise=own["exercise"],
        source=own["source"],
        ends=own["kind"] not in STANDING_KINDS,
    )
    return [
        one.id
        for one in found
        if one.kind in STANDING_KINDS
        and one.state in (*IN_FORCE, "closed")
        and one.id != warning_id
        and one.message_id != own["message_id"]
    ]


async def what_stands(tx: Tx, ids: Sequence[UUID], now: datetime) -> tuple[Running | None, Waiting | None]:
    """The newest of these warnings that runs or waits to be matched, and the newest that is held.

    One whose people have all been called is closed before its time is over, and still stands.
    """
    kept = issued_warnings.c
    stands = kept.state.in_(IN_FORCE) | ((kept.state == "closed") & (kept.valid_to > now))
    rows = (
        await tx.execute(
            select(*(kept.state, kept.colour, kept.area_codes, kept.polygons, kept.circles, kept.hold_until))
            .where(kept.id.in_(ids), stands, kept.kind.in_(STANDING_KINDS))
            .order_by(kept.id.desc())
        )
    ).all()
    running = next((_running(row) for row in rows if row.state != "held"), None)
    held = (Waiting(_colour(row.colour), row.hold_until) for row in rows if row.state == "held")
    return running, next(held, None)


async def wake_held(tx: Tx, warning_id: UUID, now: datetime) -> None:
    """A newer version has come in: if this one is held, it is looked at before its clock."""
    await tx.execute(
        update(issued_warnings)
        .where(issued_warnings.c.id == warning_id, issued_warnings.c.state == "held")
        .values(hold_next_at=now)
    )


def _running(row: Any) -> Running:
    return Running(
        colour=_colour(row.colour),
        area_codes=tuple(row.area_codes),
        polygons=tuple(tuple((lat, lon) for lat, lon in ring) for ring in row.polygons),
        circles=tuple(Circle(one["lat"], one["lon"], one["radius_km"]) for one in row.circles),
    )


def _colour(word: str | None) -> Colour | None:
    return Colour(word) if word else None


async def reference_uses(tx: Tx, now: datetime) -> Mapping[str, ReferenceUse]:
    """The short references given out within their rest."""
    rows = await tx.execute(
        select(
            issued_warnings.c.reference,
            func.max(issued_warnings.c.received_at).label("last_used"),
            func.bool_and(issued_warnings.c.state == "ignored").label("only_ignored"),
            func.bool_or(issued_warnings.c.state.in_(IN_FORCE)).label("in_force"),
        )
        .where(issued_warnings.c.received_at > now - REFERENCE_REST)
        .group_by(issued_warnings.c.reference)
    )
    return {row.reference: ReferenceUse(row.last_used, row.only_ignored, row.in_force) for row in rows}


async def next_warning_id(tx: Tx, now: datetime) -> UUID:
    """An id above that of every warning here, so that ids tell the order of arrival.

    Two that arrive within one millisecond, or after the clock was set back, would not do so by themselves.
    """
    rows = await tx.execute(select(issued_warnings.c.id).order_by(issued_warnings.c.id.desc()).limit(1))
    last: UUID | None = rows.scalar_one_or_none()
    # Two and not one, because new_id cuts a moment down to its millisecond.
    return new_id(now if last is None else max(now, _moment_of(last) + timedelta(milliseconds=2)))


def _moment_of(identifier: UUID) -> datetime:
    """RFC 9562, 5.7: the first 48 bits are milliseconds since 1970."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


async def insert_warning(tx: Tx, new: NewWarning) -> None:
    """Store a warning. Its keys are unique: a second row with the same content raises."""
    await tx.execute(insert(issued_warnings).values(_row(new)))


def _row(new: NewWarning) -> dict[str, Any]:
    issued = new.issued
    return {
        "id": new.id,
        "message_id": new.message_id,
        "source": new.source,
        "sender": issued.sender,
        "identifier": issued.identifier,
        "version": new.version,
        "content_sha256": new.content_sha256,
        "kind": str(issued.kind),
        "exercise": issued.exercise,
        "hazard": str(issued.hazard),
        "event": issued.event,
        "event_code": issued.event_code,
        "colour": None if issued.colour is None else str(issued.colour),
        "sender_name": issued.sender_name,
        "headline": issued.headline,
        "text": issued.text,
        "instruction": issued.instruction,
        "area_names": issued.area_names,
        "area_codes": list(issued.area_codes),
        "polygons": [[list(point) for point in polygon] for polygon in issued.polygons],
        "circles": [{"lat": one.lat, "lon": one.lon, "radius_km": one.radius_km} for one in issued.circles],
        "references": [_reference(one) for one in issued.references],
        "sent_at": issued.sent_at,
        "valid_from": issued.valid_from,
        "valid_to": issued.valid_to,
        "received_at": new.received_at,
        "state": new.state,
        "reason": new.reason,
        "reference": new.reference,
        "replaces_id": new.replaces_id,
        "hold_reason": new.hold and str(new.hold.reason),
        "hold_until": new.hold and new.hold.until,
        "hold_next_at": new.hold and new.hold.until,
        "questions": [_question(one) for one in new.questions if one.colour in (None, issued.colour)],
        "written_by": new.by_hand and new.by_hand.by,
        "people_planned": new.by_hand and new.by_hand.people,
        "real_phones_by": new.by_hand.by if new.by_hand and new.by_hand.real_phones else None,
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "field": question.field,
        "words": question.words,
        "text": question.text,
        "choices": [list(choice) for choice in question.choices],
    }


def _reference(reference: Reference) -> dict[str, object]:
    return {"sender": reference.sender, "identifier": reference.identifier, "sent": reference.sent}
