"""Nouns of the duty desk (值班): desks, shifts, and who stands at a moment, or why nobody does."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Desk:
    """A duty desk; `fallback_contact_id` is its own fixed number, called when the rota names nobody."""

    id: UUID
    area_code: str
    name: str
    fallback_contact_id: UUID | None


@dataclass(frozen=True, slots=True)
class Shift:
    """Who stands at a desk from `starts_at` up to, and not including, `ends_at`."""

    id: UUID
    desk_id: UUID
    starts_at: datetime
    ends_at: datetime
    officer_id: UUID
    leader_id: UUID | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The officer and the leader on duty, by this shift."""

    officer_id: UUID
    leader_id: UUID | None
    shift: Shift


class Absence(StrEnum):
    """Why nobody stands at a desk."""

    NO_SHIFT = "no_shift"  # the desk has no rota
    NOT_BEGUN = "not_begun"  # its first shift lies ahead
    GAP = "gap"  # between two shifts
    ENDED = "ended"  # its last shift is over


@dataclass(frozen=True, slots=True)
class NobodyOnDuty:
    """Nobody is named; the desk's own number is all there is, where it has one."""

    reason: Absence
    fallback_contact_id: UUID | None
