"""Warnings as they are held against the roster: one that somebody has in a file, and one of the past."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from jiaoying.dispatch.outlook.ahead import WouldBe
from jiaoying.dispatch.store.warnings import WarningRow, warnings_by_id
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import issued_warnings
from jiaoying.templates.facts import CallFacts


class Told(Protocol):
    """What a message and a stored warning say alike."""

    @property
    def exercise(self) -> bool: ...
    @property
    def hazard(self) -> Hazard: ...
    @property
    def event(self) -> str: ...
    @property
    def colour(self) -> Colour | None: ...
    @property
    def sender_name(self) -> str | None: ...
    @property
    def headline(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def instruction(self) -> str | None: ...
    @property
    def area_names(self) -> str: ...
    @property
    def area_codes(self) -> tuple[str, ...]: ...
    @property
    def polygons(self) -> tuple[Any, ...]: ...
    @property
    def circles(self) -> tuple[Any, ...]: ...
    @property
    def sent_at(self) -> datetime: ...
    @property
    def valid_to(self) -> datetime: ...


def would_be_of(told: Told, *, desk_name: str, reference: str, timezone: ZoneInfo) -> WouldBe:
    """A warning as it would call, in the words of the desk."""
    facts = CallFacts(
        desk_name=desk_name,
        reference=reference,
        colour=told.colour,
        hazard=told.hazard,
        event=told.event,
        headline=told.headline,
        area_name=told.area_names,
        roles=(),
        text=told.text,
        instruction=told.instruction,
        sender_name=told.sender_name,
        valid_to=told.valid_to.astimezone(timezone),
        issued_at=told.sent_at.astimezone(timezone),
        exercise=told.exercise,
    )
    return WouldBe(told.hazard, told.colour, told.area_codes, told.polygons, told.circles, facts)


@dataclass(frozen=True, slots=True)
class PastWarning:
    """A warning that was matched, and when: the hour decides by which ladders."""

    warning: WarningRow
    matched_at: datetime


async def past_warning(tx: Tx, warning_id: UUID) -> PastWarning | None:
    """A warning of the past; None where there is none, or it called nobody."""
    matched_at = await tx.scalar(
        select(issued_warnings.c.matched_at).where(issued_warnings.c.id == warning_id)
    )
    if matched_at is None:
        return None
    return PastWarning((await warnings_by_id(tx, {warning_id}))[warning_id], matched_at)
