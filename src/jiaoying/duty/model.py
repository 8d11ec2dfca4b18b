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
    """Who stands at a desk from `starts_at` up to, and not including, `ends_at`: as it was planned.

    `second_id` is the second officer of a sensitive day (双人值班).
    """

    id: UUID
    desk_id: UUID
    starts_at: datetime
    ends_at: datetime
    officer_id: UUID
    leader_id: UUID | None
    second_id: UUID | None = None
    name: str = ""


class Role(StrEnum):
    """As what somebody stands at a desk."""

    OFFICER = "officer"  # 值班员
    SECOND = "second"
    LEADER = "leader"  # 带班领导


class ChangeKind(StrEnum):
    """Why somebody else stands than was planned."""

    OVERRIDE = "override"
    SWAP = "swap"  # 调班: one of two that belong together
    LEAVE = "leave"  # 请假, with who takes the shift
    TAKEOVER = "takeover"  # 顶班: of a shift that runs


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody stands in one role of a shift instead of who was planned, from one moment up to another.

    `pair_id` ties the two halves of a swap. One that was `undone_at` counts for nothing.
    """

    id: UUID
    shift_id: UUID
    role: Role
    person_id: UUID
    kind: ChangeKind
    starts_at: datetime
    ends_at: datetime
    made_at: datetime
    pair_id: UUID | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """A person cannot be asked from one moment up to another."""

    person_id: UUID
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """The officers and the leader on duty, by this shift and what was changed in it."""

    officer_id: UUID
    leader_id: UUID | None
    shift: Shift
    second_id: UUID | None = None

    def person_in(self, role: Role) -> UUID | None:
        match role:
            case Role.OFFICER:
                return self.officer_id
            case Role.SECOND:
                return self.second_id
            case Role.LEADER:
                return self.leader_id


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
