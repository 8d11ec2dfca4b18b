"""The door: what arrives is read, recognised when it was here before, stored and told in the ledger.

Everything is committed before `take_in` returns. What becomes of a stored warning is decided by
dispatch; here it is only `received`, or `ignored` with the reason.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Database, Tx
from jiaoying.warnings import home_store, store
from jiaoying.warnings.arrival import (
    as_version,
    choose_reference,
    find_target,
    in_business_time,
    is_overtaken,
    why_held,
)
from jiaoying.warnings.content import content_digest
from jiaoying.warnings.formats.guarded_xml import MAX_BYTES
from jiaoying.warnings.gazetteer import china_counties
from jiaoying.warnings.holding import Hold, hold_on_arrival
from jiaoying.warnings.home import has_lines, lies_outside
from jiaoying.warnings.model import ByHand, IssuedWarning, Kind, Message, ParsedMessage, Verdict
from jiaoying.warnings.read import is_text, read_messages
from jiaoying.warnings.roads import (
    Road,
    chain_by_hand,
    delivered_before,
    find_twins,
    note_same,
    take_second_road,
)
from jiaoying.warnings.sources import hold_policy_of
from jiaoying.warnings.store import NewWarning, StoredWarning, base_of

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
    by_hand: ByHand | None = None


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
        if self.new.hold is not None:
            return Disposition.HELD
        if self.target is None:
            return Disposition.ACCEPTED
        ends = self.new.issued.kind in ENDING
        return Disposition.CANCELLED if ends else Disposition.UPDATED

    @property
    def reason(self) -> str | None:
        if self.new.hold is not None:
            return why_held(self.new.hold)
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
    by_hand: ByHand | None = None,
) -> list[Receipt]:
    """Store every message in `body`, one receipt each; all is committed when this returns.

    `now` is business time and `wall` the system's; they differ only in sped-up demonstrations. What
    is refused is kept byte for byte too. `by_hand` says who confirmed a message that was written here.
    Raises only when the database cannot be reached.
    """
    parsed = await read_at_home(database, body, max(now, wall), home_area)
    delivery = _Delivery(new_id(now), source, now, wall, home_area, by_hand)
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


async def read_at_home(database: Database, body: bytes, now: datetime, home_area: str) -> list[ParsedMessage]:
    """The messages in `body`, the places of texts looked up at home first. Nothing is stored."""
    home: Sequence[Area] = ()
    # Only texts name townships and villages without their codes.
    if is_text(body):
        async with database.transaction() as tx:
            home = await home_store.home_areas(tx, home_area)
    return await asyncio.to_thread(_read, body, now, home_area, home)


def _read(body: bytes, now: datetime, home_area: str, home: Sequence[Area]) -> list[ParsedMessage]:
    return read_messages(body, now, china_counties().at_home(home_area, home))


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
    road = Road(delivery.message_id, delivery.source, digest, delivery.now)
    versions = await store.find_versions(tx, message.sender, message.identifier)
    same = tuple(one.id for one in versions if one.content_sha256 == digest)
    same = same or await delivered_before(tx, delivery.source, message.identifier, digest)
    if same:
        return await _repeat(tx, parsed, message, same, road, delivery)
    parsed, known = await take_second_road(tx, parsed, message, road)
    if known is not None:
        return Receipt(
            message.identifier, known.warning_ids, Disposition.DUPLICATE, known.reason, parsed.complaints
        )
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
    tx: Tx,
    parsed: ParsedMessage,
    message: Message,
    same: tuple[UUID, ...],
    road: Road,
    delivery: _Delivery,
) -> Receipt:
    facts = {"message_id": str(delivery.message_id), "source": delivery.source}
    news = await note_same(tx, same, message, road)
    entries = [
        Entry(
            delivery.now,
            "warning.also_came" if warning_id in news else "warning.repeated",
            ACTOR,
            warning_id=warning_id,
            facts=facts,
        )
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
    # What was written here lives by the clock of this installation already.
    if delivery.by_hand is None:
        issued = in_business_time(issued, delivery.now, delivery.wall)
    around = await _look_around(tx, issued, versions, delivery)
    others = [one for one in around.lineage if one.message_id != delivery.message_id]
    target = find_target(issued, others, alone=len(parsed.issued_warnings) == 1)
    lineage = around.lineage
    if target is None and (by_hand := await chain_by_hand(tx, issued, delivery.source, delivery.now)):
        lineage, target = by_hand, by_hand[-1]
    issued = as_version(issued, around.version)
    outside = await _is_outside(tx, issued, target, delivery)
    reason = parsed.not_actionable or _reason_to_ignore(issued, around, target, outside, delivery)
    replaced = None if parsed.not_actionable else target
    hold = None if reason else await _hold_for(tx, issued, parsed, lineage if replaced else (), delivery)
    uses = await store.reference_uses(tx, delivery.now)
    # Two warnings of one message may continue one: the reference that people have stays with the first.
    keeps = replaced and not await store.reference_taken(tx, delivery.message_id, replaced.reference)
    new = NewWarning(
        id=await store.next_warning_id(tx, delivery.now),
        message_id=delivery.message_id,
        source=delivery.source,
        issued=issued,
        version=around.version,
        content_sha256=digest,
        state="ignored" if reason else "held" if hold else "received",
        reason=reason,
        reference=replaced.reference if replaced and keeps else choose_reference(uses),
        replaces_id=replaced.id if replaced else None,
        received_at=delivery.now,
        hold=hold,
        questions=parsed.questions,
        by_hand=delivery.by_hand,
    )
    await store.insert_warning(tx, new)
    if replaced is not None:
        await store.wake_held(tx, replaced.id, delivery.now)
    outcome = _Outcome(new, replaced)
    await append_entries(tx, [_entry(outcome, delivery), *_hold_entries(new, delivery)])
    return outcome


async def _hold_for(
    tx: Tx,
    issued: IssuedWarning,
    parsed: ParsedMessage,
    lineage: Sequence[StoredWarning],
    delivery: _Delivery,
) -> Hold | None:
    alone = len(parsed.issued_warnings) == 1
    running, waiting = await store.what_stands(
        tx, [one.id for one in lineage if alone or one.hazard == issued.hazard], delivery.now
    )
    return hold_on_arrival(
        issued,
        policy=await hold_policy_of(tx, delivery.source),
        has_questions=bool(parsed.questions),
        second_person=delivery.by_hand is not None and delivery.by_hand.second_person is not None,
        running=running,
        waiting=waiting,
        now=delivery.now,
    )


async def _look_around(
    tx: Tx, issued: IssuedWarning, versions: Sequence[StoredWarning], delivery: _Delivery
) -> _Surroundings:
    own = [(one.sender, one.identifier) for one in versions]
    named = [(one.sender, one.identifier) for one in issued.references]
    # An update of our own making, from a second road, takes the place of what its identifier names.
    twins = await find_twins(tx, issued.sender, base_of(issued.identifier), delivery.source)
    brought = [(one.sender, one.identifier) for one in twins]
    lineage: Sequence[StoredWarning] = ()
    if own or named or brought:
        lineage = await store.find_lineage(
            tx,
            [*own, *named, *brought],
            exercise=issued.exercise,
            source=delivery.source,
            ends=issued.kind in ENDING,
        )
    naming = await store.find_naming(tx, issued, delivery.source)
    overtaken = not versions and not twins and is_overtaken(issued, lineage, naming)
    return _Surroundings(versions, lineage, overtaken)


async def _is_outside(
    tx: Tx, issued: IssuedWarning, target: StoredWarning | None, delivery: _Delivery
) -> bool:
    # What changes or ends a warning that we act on concerns us wherever its own area lies.
    if target is not None and target.state != "ignored":
        return False
    shape = await home_store.home_shape(tx, delivery.home_area) if has_lines(issued) else None
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


# --- told ---


def _hold_entries(new: NewWarning, delivery: _Delivery) -> list[Entry]:
    """Who wrote it by hand, and that it waits."""
    entries: list[Entry] = []
    if new.by_hand is not None:
        facts: dict[str, object] = {
            "people": new.by_hand.people,
            "second_person": new.by_hand.second_person,
            "real_phones": new.by_hand.real_phones,
        }
        entries.append(Entry(delivery.now, "warning.written", new.by_hand.by, new.id, facts=facts))
    if new.hold is not None:
        held: dict[str, object] = {"reason": str(new.hold.reason), "until": new.hold.until.isoformat()}
        entries.append(Entry(delivery.now, "warning.held", ACTOR, new.id, facts=held))
    return entries


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
    event = "warning.ignored" if new.state == "ignored" else "warning.received"
    return Entry(delivery.now, event, ACTOR, warning_id=new.id, facts=facts, particulars=told)


def _receipt(parsed: ParsedMessage, message: Message, outcomes: Sequence[_Outcome]) -> Receipt:
    """One answer for the message; where it holds several warnings, that of the first acted upon."""
    if not outcomes:
        return Receipt(message.identifier, (), Disposition.IGNORED, parsed.not_actionable, parsed.complaints)
    acted = [one for one in outcomes if one.disposition is not Disposition.IGNORED]
    telling = (acted or list(outcomes))[0]
    ids = tuple(one.new.id for one in outcomes)
    return Receipt(message.identifier, ids, telling.disposition, telling.reason, parsed.complaints)
