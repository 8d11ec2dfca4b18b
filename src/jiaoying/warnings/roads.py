"""One warning by several roads: what another source brought already is noted, not called once more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import issued_warnings, warning_deliveries, warning_sources
from jiaoying.warnings.holding import HoldReason
from jiaoying.warnings.model import IssuedWarning, Kind, Message, ParsedMessage
from jiaoying.warnings.purpose import is_issued
from jiaoying.warnings.sameness import (
    MOMENTS_APART,
    Reading,
    Second,
    added_places,
    compare,
    completed,
    is_national,
    is_possible_twin,
    is_same_issuer,
    overlap,
    reading_of,
    union_of,
)
from jiaoying.warnings.store import (
    IN_FORCE,
    STANDING_KINDS,
    StoredWarning,
    base_of,
    find_by_id,
    find_lineage,
)

ACTOR = "intake"


@dataclass(frozen=True, slots=True)
class Road:
    """A delivery: which message, from which source, with what content, and when."""

    message_id: UUID
    source: str
    digest: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """The warnings that another source brought before, and what to answer."""

    warning_ids: tuple[UUID, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class KnownReading:
    """A stored warning, and what its message said, for comparison with another road's."""

    id: UUID
    message_id: UUID | None
    source: str
    sender: str
    identifier: str
    version: int
    kind: str
    state: str
    hazard: Hazard
    colour: Colour | None
    area_codes: tuple[str, ...]
    polygons: tuple[Any, ...]
    circles: tuple[Any, ...]
    headline: str
    sender_name: str | None
    text: str
    instruction: str | None
    event_code: str | None
    sent_at: datetime

    @property
    def reading(self) -> Reading:
        """What it says."""
        return Reading(
            self.hazard,
            self.colour,
            self.area_codes,
            bool(self.polygons or self.circles),
            self.headline,
            self.sender_name,
            self.text,
            self.instruction,
            self.event_code,
            self.sent_at,
        )


_READINGS = columns_of(KnownReading, issued_warnings)


async def take_second_road(
    tx: Tx, parsed: ParsedMessage, message: Message, road: Road
) -> tuple[ParsedMessage, KnownBefore | None]:
    """A warning that another source brought already: noted, not stored once more.

    Where the second reading tells more than the first, the message comes back as the update that it is.
    """
    twins = await find_twins(tx, message.sender, message.identifier, road.source)
    standing = all(str(one.kind) in STANDING_KINDS for one in parsed.issued_warnings)
    pairs = pair_readings(parsed.issued_warnings, twins)
    if parsed.not_actionable or not standing or not pairs:
        return parsed, None
    found = [(first, issued, compare(first.reading, reading_of(issued))) for first, issued in pairs]
    if any(how is Second.MORE for _, _, how in found):
        issued = tuple(widened(first.reading, issued) for first, issued in pairs)
        return replace(parsed, issued_warnings=issued), None
    for first, one, how in found:
        await _note(tx, first, one, how, road)
    ids = tuple(dict.fromkeys(first.id for first, _, _ in found))
    if any(how is Second.DISAGREES for _, _, how in found):
        reason = say("another source brought it with another colour or hazard: the first one stands")
    else:
        reason = say("another source brought the same warning before")
    return parsed, KnownBefore(ids, reason)


async def _note(tx: Tx, first: KnownReading, issued: IssuedWarning, how: Second, road: Road) -> None:
    disagrees = how is Second.DISAGREES
    told = {} if disagrees else completed(first.reading, reading_of(issued))
    if told:
        await complete_warning(tx, first.id, told)
    await note_delivery(tx, first.id, issued, road, disputes=disagrees)
    facts: dict[str, object] = {
        "message_id": str(road.message_id),
        "completed": sorted(told),
        "colour": None if issued.colour is None else str(issued.colour),
        "hazard": str(issued.hazard),
    }
    particulars = {"source": road.source, "sender": issued.sender, "headline": issued.headline}
    event = "warning.disputed" if disagrees else "warning.also_came"
    entry = Entry(road.now, event, ACTOR, warning_id=first.id, facts=facts, particulars=particulars)
    await append_entries(tx, [entry])


async def chain_by_hand(tx: Tx, issued: IssuedWarning, source: str, now: datetime) -> list[StoredWarning]:
    """Bulletins name no earlier message: what they change is found by issuer, hazard and area, if one fits.

    What stands of its chain, oldest first: while an update is held, the one before runs on. Of a feed
    nothing is guessed: there a missing reference is the sender's defect.
    """
    if issued.kind is Kind.ALERT or issued.references or not await is_by_hand(tx, source):
        return []
    fitting = [one for one in await find_standing(tx, issued, now) if fits_by_hand(issued, one)]
    newer = [await _newer_of(tx, one, exercise=issued.exercise) for one in fitting]
    last = [one for one, after in zip(fitting, newer, strict=True) if after.isdisjoint(_ids(fitting))]
    return [await find_by_id(tx, one.id) for one in fitting] if len(last) == 1 else []


async def _newer_of(tx: Tx, one: KnownReading, *, exercise: bool) -> set[UUID]:
    """What came after a warning in its chain, without the rest of its own message."""
    keys = [(one.sender, one.identifier)]
    found = await find_lineage(tx, keys, exercise=exercise, source=one.source, ends=False)
    return {after.id for after in found if after.id > one.id and after.message_id != one.message_id}


def _ids(known: Sequence[KnownReading]) -> set[UUID]:
    return {one.id for one in known}


async def find_possible_twin(
    tx: Tx, warning_id: UUID, earlier: Collection[UUID], now: datetime
) -> KnownReading | None:
    """A running warning of another source that may be this very one under an identifier of its own.

    Also one beside which an `earlier` version was held and never started: what continues a copy is one.
    """
    rows = await tx.execute(
        select(*_READINGS)
        .where(
            (issued_warnings.c.id == warning_id)
            | issued_warnings.c.id.in_(earlier)
            & (issued_warnings.c.hold_reason == HoldReason.POSSIBLE_DUPLICATE.value)
            & issued_warnings.c.matched_at.is_(None)
        )
        .order_by(issued_warnings.c.id.desc())
    )
    own, *held = read_as(KnownReading, rows)
    for moment in (own.sent_at, *(one.sent_at for one in held)):
        if twin := await _running_beside(tx, own, moment, now):
            return twin
    return None


async def _running_beside(tx: Tx, own: KnownReading, moment: datetime, now: datetime) -> KnownReading | None:
    """A running warning of another source that would be this one, had it been sent at `moment`."""
    exercise = select(issued_warnings.c.exercise).where(issued_warnings.c.id == own.id).scalar_subquery()
    running = await tx.execute(
        select(*_READINGS)
        .where(
            # Closed before its time: everybody has answered.
            issued_warnings.c.state.in_(("matched", "closed")),
            issued_warnings.c.valid_to > now,
            issued_warnings.c.source != own.source,
            issued_warnings.c.kind.in_(STANDING_KINDS),
            issued_warnings.c.hazard == own.hazard,
            is_issued(),
            issued_warnings.c.exercise == exercise,
            issued_warnings.c.sent_at.between(moment - MOMENTS_APART, moment + MOMENTS_APART),
        )
        .order_by(issued_warnings.c.id)
    )
    reading = replace(own.reading, sent_at=moment)
    alike = (one for one in read_as(KnownReading, running) if is_possible_twin(one.reading, reading))
    return next(alike, None)


async def find_twins(tx: Tx, sender: str, identifier: str, source: str) -> list[KnownReading]:
    """What other sources brought under the same identifier and was acted upon, the newest version first.

    Under the same sender, or under any where the identifier is that of the national system.
    """
    own = or_(
        issued_warnings.c.identifier == identifier,
        func.starts_with(issued_warnings.c.identifier, f"{identifier}#"),
    )
    rows = await tx.execute(
        select(*_READINGS)
        .where(
            own,
            issued_warnings.c.source != source,
            issued_warnings.c.state != "ignored",
            or_(issued_warnings.c.sender == sender, literal(is_national(identifier))),
        )
        .order_by(issued_warnings.c.version.desc(), issued_warnings.c.id)
    )
    return read_as(KnownReading, rows)


async def find_standing(tx: Tx, issued: IssuedWarning, now: datetime) -> list[KnownReading]:
    """Warnings of this hazard that are in force, drills apart."""
    rows = await tx.execute(
        select(*_READINGS)
        .where(
            issued_warnings.c.state.in_((*IN_FORCE, "closed")),
            issued_warnings.c.kind.in_(STANDING_KINDS),
            issued_warnings.c.exercise == issued.exercise,
            issued_warnings.c.hazard == str(issued.hazard),
            issued_warnings.c.valid_to > now,
            is_issued(),
        )
        .order_by(issued_warnings.c.id)
    )
    return read_as(KnownReading, rows)


async def is_by_hand(tx: Tx, source: str) -> bool:
    """Whether a source is people who write or paste warnings here."""
    kind = await tx.scalar(select(warning_sources.c.kind).where(warning_sources.c.name == source))
    return kind == "hand" or (kind is None and source == "hand")


async def delivered_before(tx: Tx, source: str, identifier: str, digest: bytes) -> tuple[UUID, ...]:
    """The warnings for which this very delivery was noted as a further road."""
    rows = await tx.execute(
        select(warning_deliveries.c.warning_id)
        .where(
            warning_deliveries.c.identifier == identifier,
            warning_deliveries.c.source == source,
            warning_deliveries.c.content_sha256 == digest,
        )
        .order_by(warning_deliveries.c.warning_id)
    )
    return tuple(row.warning_id for row in rows)


async def note_delivery(
    tx: Tx, warning_id: UUID, issued: IssuedWarning, road: Road, *, disputes: bool
) -> None:
    """Write down that a warning also came by this road; what `disputes` it is put before the officer."""
    await tx.execute(
        upsert(warning_deliveries)
        .values(
            id=new_id(road.now),
            warning_id=warning_id,
            message_id=road.message_id,
            source=road.source,
            sender=issued.sender,
            identifier=base_of(issued.identifier),
            content_sha256=road.digest,
            received_at=road.now,
            dispute_due=disputes,
        )
        .on_conflict_do_nothing()
    )


async def note_same(tx: Tx, warning_ids: Sequence[UUID], message: Message, road: Road) -> frozenset[UUID]:
    """Write down that these came by this road with the very same content; returns for which that is news."""
    noted: set[UUID] = set()
    others = await tx.execute(
        select(issued_warnings.c.id).where(
            issued_warnings.c.id.in_(warning_ids), issued_warnings.c.source != road.source
        )
    )
    for row in others.all():
        written = await tx.execute(
            upsert(warning_deliveries)
            .values(
                id=new_id(road.now),
                warning_id=row.id,
                message_id=road.message_id,
                source=road.source,
                sender=message.sender,
                identifier=message.identifier,
                content_sha256=road.digest,
                received_at=road.now,
            )
            .on_conflict_do_nothing()
        )
        noted |= {row.id} if written.rowcount else set()
    return frozenset(noted)


async def complete_warning(tx: Tx, warning_id: UUID, told: Mapping[str, str]) -> None:
    """Fill in what a stored warning leaves out, by column."""
    await tx.execute(update(issued_warnings).where(issued_warnings.c.id == warning_id).values(dict(told)))


# --- decisions that need no database ---


def fits_by_hand(issued: IssuedWarning, standing: KnownReading) -> bool:
    """Whether an update or cancel without references may be meant for this standing warning."""
    return is_same_issuer(reading_of(issued), standing.reading) and overlap(
        issued.area_codes, standing.area_codes
    )


def pair_readings(
    issued: Sequence[IssuedWarning], twins: Sequence[KnownReading]
) -> list[tuple[KnownReading, IssuedWarning]]:
    """Each warning of a message with what another source brought of it: alike in hazard and colour, else
    in hazard, else the only one. Empty unless each has its own."""
    pairs: list[tuple[KnownReading, IssuedWarning]] = []
    for one in issued:
        alike = [twin for twin in twins if twin.hazard == one.hazard]
        exact = [twin for twin in alike if twin.colour == one.colour]
        found = exact or alike or (list(twins) if len(issued) == 1 else [])
        if not found:
            return []
        pairs.append((found[0], one))
    return pairs


def widened(first: Reading, issued: IssuedWarning) -> IssuedWarning:
    """A second reading that tells more, as the update of the first: its places besides the first one's.

    The places of the first stay: a road that knows less must not stand anybody down.
    """
    added = added_places(first, reading_of(issued))
    codes = union_of((*first.area_codes, *added)) if first.area_codes else issued.area_codes
    colour = issued.colour or first.colour
    return replace(issued, kind=Kind.UPDATE, area_codes=codes, colour=colour)
