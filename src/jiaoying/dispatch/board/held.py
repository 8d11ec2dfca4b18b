"""Warnings that wait for a decision: the first thing that a duty officer must see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, select

from jiaoying.dispatch.states import CallOutState, WarningState
from jiaoying.dispatch.store.holds import HoldInForce, is_superseded
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import call_outs, contacts, issued_warnings
from jiaoying.warnings.holding import HoldReason, starts_by_itself

_MOST_HELD = 50


@dataclass(frozen=True, slots=True)
class AskedLeader:
    """Somebody who was called for a decision, and how it stands with them."""

    request_id: UUID
    name: str
    state: CallOutState
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """What the text of a warning leaves open."""

    words: str
    text: str


@dataclass(frozen=True, slots=True)
class HeldWarning:
    """One warning that calls nobody until its clock or a person starts it."""

    id: UUID
    source: str
    exercise: bool
    hazard: Hazard
    event: str
    colour: Colour | None
    headline: str
    area_names: str
    sender_name: str | None
    sender: str
    sent_at: datetime
    valid_to: datetime
    reference: str
    hold_reason: HoldReason
    hold_until: datetime
    questions: tuple[OpenQuestion, ...]
    written_by: str | None
    people_planned: int | None
    superseded: bool
    leaders: tuple[AskedLeader, ...]

    @property
    def starts_by_itself(self) -> bool:
        """Whether silence starts it."""
        return starts_by_itself(self.hold_reason, self.colour)

    @property
    def hold(self) -> HoldInForce:
        """As the decision who may start it sees it."""
        return HoldInForce(self.hold_reason, self.written_by, self.superseded)


async def held_warnings(tx: Tx, warning_id: UUID | None = None) -> list[HeldWarning]:
    """All that are held, or that one: real before drill, the gravest first, then by their clocks."""
    rank = case(
        {str(colour): colour.rank for colour in Colour},
        value=issued_warnings.c.colour,
        else_=Colour.YELLOW.rank,
    )
    query = (
        select(issued_warnings, is_superseded().label("superseded"))
        .where(issued_warnings.c.state == WarningState.HELD)
        .order_by(issued_warnings.c.exercise, rank.desc(), issued_warnings.c.hold_until)
        .limit(_MOST_HELD)
    )
    if warning_id is not None:
        query = query.where(issued_warnings.c.id == warning_id)
    rows = (await tx.execute(query)).all()
    leaders = await _leaders_of(tx, [row.id for row in rows])
    return [_held(row, leaders.get(row.id, ())) for row in rows]


def _held(row: Any, leaders: Sequence[AskedLeader]) -> HeldWarning:
    return HeldWarning(
        id=row.id,
        source=row.source,
        exercise=row.exercise,
        hazard=Hazard(row.hazard),
        event=row.event,
        colour=Colour(row.colour) if row.colour else None,
        headline=row.headline,
        area_names=row.area_names,
        sender_name=row.sender_name,
        sender=row.sender,
        sent_at=row.sent_at,
        valid_to=row.valid_to,
        reference=row.reference,
        hold_reason=HoldReason(row.hold_reason or HoldReason.POLICY),
        hold_until=row.hold_until or row.received_at,
        questions=tuple(OpenQuestion(one["words"], one["text"]) for one in row.questions),
        written_by=row.written_by,
        people_planned=row.people_planned,
        superseded=row.superseded,
        leaders=tuple(leaders),
    )


async def _leaders_of(tx: Tx, held_ids: Sequence[UUID]) -> Mapping[UUID, list[AskedLeader]]:
    """Whom the newest request of each has called so far."""
    if not held_ids:
        return {}
    rows = (
        await tx.execute(
            select(
                issued_warnings.c.request_for_id,
                issued_warnings.c.id,
                contacts.c.name,
                call_outs.c.state,
                call_outs.c.answered_at,
            )
            .join(call_outs, call_outs.c.warning_id == issued_warnings.c.id)
            .join(contacts, contacts.c.id == call_outs.c.contact_id)
            .where(issued_warnings.c.request_for_id.in_(held_ids))
            .order_by(issued_warnings.c.id, call_outs.c.id)
        )
    ).all()
    newest = {row.request_for_id: row.id for row in rows}
    found: dict[UUID, list[AskedLeader]] = {}
    for row in rows:
        if newest[row.request_for_id] == row.id:
            asked = AskedLeader(row.id, row.name, CallOutState(row.state), row.answered_at)
            found.setdefault(row.request_for_id, []).append(asked)
    return found
