"""The door: what arrives is read, recognised when it was here before, stored and told in the ledger.

Everything is committed before `take_in` returns. What becomes of a stored warning is decided by
dispatch; here it is only `received`, or `ignored` with the reason.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.ids import new_id, reference_pool
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx
from jiaoying.warnings import store
from jiaoying.warnings.content import content_digest
from jiaoying.warnings.formats.guarded_xml import MAX_BYTES
from jiaoying.warnings.home import has_lines, lies_outside
from jiaoying.warnings.model import IssuedWarning, Kind, Message, ParsedMessage, Verdict
from jiaoying.warnings.read import read_messages
from jiaoying.warnings.store import NewWarning, ReferenceUse, StoredWarning

ACTOR = "intake"
ENDING = (Kind.CANCEL, Kind.ALL_CLEAR)


class Disposition(StrEnum):
    """What became of a message."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    UPDATED = "updated"
    CANCELLED = "cancelled"
    HELD = "held"
    IGNORED = "ignored"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to whoever handed in a message. `identifier` is None where it could not be read."""

    identifier: str | None
    warning_ids: tuple[UUID, ...]
    disposition: Disposition
    reason: str | None
    complaints: tuple[Complaint, ...]


@dataclass(frozen=True, slots=True)
class _Delivery:
    """One call of `take_in`, as its steps need it."""

    message_id: UUID
    source: str
    now: datetime
    wall: datetime
    home_area: str


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """What is already stored around a warning: versions under its key, and its chain, oldest first."""

    versions: Sequence[StoredWarning]
    lineage: Sequence[StoredWarning]
    overtaken: bool

    @property
    def version(self) -> int:
        return max((one.version for one in self.versions), default=0) + 1


@dataclass(frozen=True, slots=True)
class _Outcome:
    """A stored warning, and how it stands to what was there."""

    new: NewWarning
    target: StoredWarning | None

    @property
    def disposition(self) -> Disposition:
        if self.new.state == "ignored":
            return Disposition.IGNORED
        if self.target is None:
            return Disposition.ACCEPTED
        ends = self.new.issued.kind in ENDING
        return Disposition.CANCELLED if ends else Disposition.UPDATED

    @property
    def reason(self) -> str | None:
        if self.new.reason is None and self.target is None and self.new.issued.kind is not Kind.ALERT:
            return say("the warning that it refers to is not known here")
        return self.new.reason


async def take_in(
    database: Database,
    body: bytes,
    *,
    media_type: str,
    source: str,
    now: datetime,
    wall: datetime,
    home_area: str,
) -> list[Receipt]:
    """Store every message in `body`, one receipt each; all is committed when this returns.

    `now` is business time and `wall` the system's; they differ only in sped-up demonstrations. What
    is refused is kept byte for byte too. Raises only when the database cannot be reached.
    """
    parsed = await asyncio.to_thread(read_messages, body, max(now, wall))
    delivery = _Delivery(new_id(now), source, now, wall, home_area)
    async with database.transaction() as tx:
        await store.lock_intake(tx)
        await store.store_message(
            tx,
            delivery.message_id,
            body=body[:MAX_BYTES],
            body_sha256=sha256(body).digest(),
            media_type=media_type,
            source=source,
            received_at=now,
        )
        receipts = [await _take_one(tx, one, delivery) for one in parsed]
        await _settle(tx, delivery, receipts)
    return receipts


async def _settle(tx: Tx, delivery: _Delivery, receipts: Sequence[Receipt]) -> None:
    """What came of the delivery: the fate of its first message that was not merely passed over."""
    passed_over = (Disposition.REJECTED, Disposition.IGNORED, Disposition.DUPLICATE)
    telling = next((one for one in receipts if one.disposition not in passed_over), receipts[0])
    await store.settle_message(
        tx,
        delivery.message_id,
        disposition=telling.disposition,
        reason=telling.reason,
        complaints=[complaint for receipt in receipts for complaint in receipt.complaints],
    )


async def _take_one(tx: Tx, parsed: ParsedMessage, delivery: _Delivery) -> Receipt:
    if parsed.message is None and parsed.verdict is not Verdict.REJECT:
        # A feed that holds no warning says that all is well: nothing to store, to tell or to be alarmed at.
        return Receipt(None, (), Disposition.IGNORED, parsed.not_actionable, parsed.complaints)
    if parsed.message is None:
        return await _reject(tx, parsed, delivery)
    message, digest = parsed.message, content_digest(parsed.message)
    versions = await store.find_versions(tx, message.sender, message.identifier)
    same = tuple(one.id for one in versions if one.content_sha256 == digest)
    if same:
        return await _repeat(tx, parsed, message, same, delivery)
    outcomes = [
        await _store_one(tx, issued, parsed, digest, versions, delivery) for issued in parsed.issued_warnings
    ]
    return _receipt(parsed, message, outcomes)


async def _reject(tx: Tx, parsed: ParsedMessage, delivery: _Delivery) -> Receipt:
    reason = "; ".join(f"{one.field}: {one.text}" for one in parsed.complaints[:5])
    codes = [one.code for one in parsed.complaints]
    facts = {"message_id": str(delivery.message_id), "source": delivery.source, "complaints": codes}
    entry = Entry(delivery.now, "message.rejected", ACTOR, facts=facts, particulars={"reason": reason})
    await append_entries(tx, [entry])
    identifier = parsed.extras.get("identifier") or None
    return Receipt(identifier, (), Disposition.REJECTED, reason, parsed.complaints)


async def _repeat(
    tx: Tx, parsed: ParsedMessage, message: Message, same: tuple[UUID, ...], delivery: _Delivery
) -> Receipt:
    facts = {"message_id": str(delivery.message_id), "source": delivery.source}
    entries = [
        Entry(delivery.now, "warning.repeated", ACTOR, warning_id=warning_id, facts=facts)
        for warning_id in same
    ]
    await append_entries(tx, entries)
    reason = say("the same message with the same content was here before")
    return Receipt(message.identifier, same, Disposition.DUPLICATE, reason, parsed.complaints)


async def _store_one(
    tx: Tx,
    issued: IssuedWarning,
    parsed: ParsedMessage,
    digest: bytes,
    versions: Sequence[StoredWarning],
    delivery: _Delivery,
) -> _Outcome:
    issued = in_business_time(issued, delivery.now, delivery.wall)
    around = await _look_around(tx, issued, versions, delivery)
    target = find_target(issued, around.lineage, alone=len(parsed.issued_warnings) == 1)
    issued = as_version(issued, around.version)
    outside = await _is_outside(tx, issued, target, delivery)
    reason = parsed.not_actionable or _reason_to_ignore(issued, around, target, outside, delivery)
    replaced = None if parsed.not_actionable else target
    uses = await store.reference_uses(tx, delivery.now)
    new = NewWarning(
        id=await store.next_warning_id(tx, delivery.now),
        message_id=delivery.message_id,
        source=delivery.source,
        issued=issued,
        version=around.version,
        content_sha256=digest,
        state="received" if reason is None else "ignored",
        reason=reason,
        reference=replaced.reference if replaced else choose_reference(uses),
        replaces_id=replaced.id if replaced else None,
        received_at=delivery.now,
    )
    await store.insert_warning(tx, new)
    outcome = _Outcome(new, replaced)
    await append_entries(tx, [_entry(outcome, delivery)])
    return outcome


async def _look_around(
    tx: Tx, issued: IssuedWarning, versions: Sequence[StoredWarning], delivery: _Delivery
) -> _Surroundings:
    own = [(one.sender, one.identifier) for one in versions]
    named = [(one.sender, one.identifier) for one in issued.references]
    lineage: Sequence[StoredWarning] = ()
    if own or named:
        lineage = await store.find_lineage(
            tx, [*own, *named], exercise=issued.exercise, source=delivery.source
        )
    later = any(one.sent_at > issued.sent_at and one.state != "ignored" for one in lineage)
    overtaken = not versions and (later or await store.find_overtaking(tx, issued) is not None)
    return _Surroundings(versions, lineage, overtaken)


async def _is_outside(
    tx: Tx, issued: IssuedWarning, target: StoredWarning | None, delivery: _Delivery
) -> bool:
    # What changes or ends a warning that we act on concerns us wherever its own area lies.
    if target is not None and target.state != "ignored":
        return False
    shape = await store.home_shape(tx, delivery.home_area) if has_lines(issued) else None
    return lies_outside(issued, delivery.home_area, shape)


def _reason_to_ignore(
    issued: IssuedWarning,
    around: _Surroundings,
    target: StoredWarning | None,
    outside: bool,
    delivery: _Delivery,
) -> str | None:
    """Why a warning that is meant for action is not acted upon here, or None."""
    if outside:
        return say("it lies wholly outside the home area {area}", area=delivery.home_area)
    if around.overtaken:
        return say("a later message that changes or ends it arrived before it")
    if issued.kind in ENDING:
        nothing_to_end = target is not None and target.state == "ignored"
        return say("what it ends was not acted upon here") if nothing_to_end else None
    replaces_nothing = target is None or target.state not in store.IN_FORCE
    if replaces_nothing and issued.valid_to <= delivery.now:
        return say("it had expired when it arrived")
    return None


# --- decisions that need no database ---


def find_target(
    issued: IssuedWarning, lineage: Sequence[StoredWarning], *, alone: bool
) -> StoredWarning | None:
    """The stored warning whose place `issued` takes; `lineage` is its chain, oldest first.

    That is the version before it under its own identifier, else the newest of its hazard in the chain,
    else, when its message holds no other warning, the newest at all.
    """
    own = [one for one in lineage if (one.sender, one.identifier) == (issued.sender, issued.identifier)]
    if own:
        return max(own, key=lambda one: one.version)
    standing = [one for one in lineage if one.kind in store.STANDING_KINDS]
    same_hazard = [one for one in standing if one.hazard == issued.hazard]
    candidates = same_hazard or (standing if alone else [])
    return candidates[-1] if candidates else None


def as_version(issued: IssuedWarning, version: int) -> IssuedWarning:
    """A later version under the same identifier is an update, whatever it calls itself."""
    return replace(issued, kind=Kind.UPDATE) if version > 1 and issued.kind is Kind.ALERT else issued


def in_business_time(issued: IssuedWarning, now: datetime, wall: datetime) -> IssuedWarning:
    """Its moments on the clock of this installation.

    Messages from outside live by the wall, those of our own demonstration by business time, which may
    run ahead of it: `sent` tells by which. In earnest both are the same and nothing is moved.
    """
    ahead = now - wall
    if abs(issued.sent_at - now) <= abs(issued.sent_at - wall) or ahead == timedelta():
        return issued
    return replace(
        issued,
        sent_at=issued.sent_at + ahead,
        valid_from=issued.valid_from + ahead,
        valid_to=issued.valid_to + ahead,
    )


def choose_reference(uses: Mapping[str, ReferenceUse]) -> str:
    """The shortest reference that rests; when all are in use, the one that is least missed."""
    free = (reference for reference in reference_pool() if reference not in uses)
    reference = next(free, None)
    if reference is not None:
        return reference
    return min(uses, key=lambda used: (not uses[used].only_ignored, uses[used].last_used))


def _entry(outcome: _Outcome, delivery: _Delivery) -> Entry:
    new = outcome.new
    issued = new.issued
    facts: dict[str, object] = {
        "message_id": str(delivery.message_id),
        "identifier": issued.identifier,
        "version": new.version,
        "kind": str(issued.kind),
        "exercise": issued.exercise,
        "hazard": str(issued.hazard),
        "colour": None if issued.colour is None else str(issued.colour),
        "area_codes": list(issued.area_codes),
        "reference": new.reference,
        "replaces_id": None if new.replaces_id is None else str(new.replaces_id),
        "state": new.state,
    }
    told = {
        "sender": issued.sender,
        "source": new.source,
        "headline": issued.headline,
        "reason": outcome.reason,
    }
    event = "warning.received" if new.state == "received" else "warning.ignored"
    return Entry(delivery.now, event, ACTOR, warning_id=new.id, facts=facts, particulars=told)


def _receipt(parsed: ParsedMessage, message: Message, outcomes: Sequence[_Outcome]) -> Receipt:
    """One answer for the message; where it holds several warnings, that of the first acted upon."""
    if not outcomes:
        return Receipt(message.identifier, (), Disposition.IGNORED, parsed.not_actionable, parsed.complaints)
    acted = [one for one in outcomes if one.disposition is not Disposition.IGNORED]
    telling = (acted or list(outcomes))[0]
    ids = tuple(one.new.id for one in outcomes)
    return Receipt(message.identifier, ids, telling.disposition, telling.reason, parsed.complaints)
