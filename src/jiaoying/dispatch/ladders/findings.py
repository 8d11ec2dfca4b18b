"""What a look over the ladders finds, and what it must know of the roster for it. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from jiaoying.kernel.areas import Level
from jiaoying.kernel.hazards import Hazard


class Severity(StrEnum):
    """An error refuses the ladders; a warning is saved when somebody says that it is meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is or may be wrong. `field` names it for programs: `rules[2].tiers.village.rungs[1]`."""

    severity: Severity
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class NamedContact:
    """A person whom a ladder names, as the roster has them."""

    name: str
    retired: bool
    has_number: bool


@dataclass(frozen=True, slots=True)
class RosterFacts:
    """The roster as far as ladders lean on it."""

    people: Mapping[UUID, NamedContact] = field(default_factory=dict[UUID, NamedContact])
    # Kinds of posts that somebody holds today, by the level of the area.
    held: frozenset[tuple[str, Level]] = frozenset()
    # Families that posts are held for by name; a rule for none of them is not looked at for empty posts.
    families: frozenset[Hazard] = frozenset()
    # People who are each other's superiors, by name, each circle once.
    superior_circles: tuple[tuple[str, ...], ...] = ()


NO_ROSTER = RosterFacts()


def errors_of(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that refuse."""
    return tuple(one for one in findings if one.severity is Severity.ERROR)


def warnings_of(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those that somebody may say are meant."""
    return tuple(one for one in findings if one.severity is Severity.WARNING)
