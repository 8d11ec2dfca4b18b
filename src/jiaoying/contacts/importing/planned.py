"""What an import is compared with, how it is taken, and what comes of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from jiaoying.contacts.importing.differences import Difference
from jiaoying.contacts.model import Contact, ContactNumber, DangerPoint, Household, Post
from jiaoying.kernel.phone import Number
from jiaoying.kernel.sheets import SheetComplaint


@dataclass(frozen=True, slots=True)
class HouseholdPlan:
    """What becomes of the households of the points that the sheet has households of."""

    new: tuple[Household, ...]
    changed: tuple[Household, ...]
    gone: tuple[Household, ...]
    listed: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class StoredRoster:
    """As much of the roster as a sheet can touch. Records that were made one with another are left out:
    `also_called` has their names, by the record that took them over.
    """

    contacts: Sequence[Contact] = ()
    numbers: Mapping[UUID, Sequence[ContactNumber]] = field(
        default_factory=dict[UUID, Sequence[ContactNumber]]
    )
    posts: Sequence[Post] = ()
    points: Sequence[DangerPoint] = ()
    households: Sequence[Household] = ()
    also_called: Mapping[UUID, Sequence[str]] = field(default_factory=dict[UUID, Sequence[str]])
    helped: Mapping[UUID, Sequence[str]] = field(default_factory=dict[UUID, Sequence[str]])  # areas
    doubted: frozenset[frozenset[UUID]] = frozenset()  # pairs of which the keeper was asked before


@dataclass(frozen=True, slots=True)
class Scope:
    """How the sheet is taken.

    Posts inside `replaces` that it does not name end, except those of people whose rows could not
    be used (`spared`). `marked`: everybody in it is made up.
    """

    today: date
    replaces: str | None = None
    spared: frozenset[str] = frozenset()
    marked: bool = False

    @property
    def yesterday(self) -> date:
        """The last day of what ends now."""
        return self.today - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewDoubt:
    """Two records that may be one person; `kind` is a `doubts.DoubtKind`."""

    kind: str
    one_id: UUID
    other_id: UUID


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that has to be written; what stays as it is, is only counted."""

    new_contacts: tuple[Contact, ...]
    changed_contacts: tuple[Contact, ...]
    numbers: Mapping[UUID, tuple[Number, ...]]  # of whose numbers differ, all in dialling order
    new_posts: tuple[Post, ...]
    changed_posts: tuple[Post, ...]
    ended_posts: tuple[Post, ...]
    new_points: tuple[DangerPoint, ...]
    changed_points: tuple[DangerPoint, ...]
    ended_points: tuple[DangerPoint, ...]
    households: HouseholdPlan
    doubts: tuple[NewDoubt, ...]
    differences: tuple[Difference, ...]
    touched: int  # posts that are changed, or whose holder is
    unchanged: int
    in_scope: int  # posts in force in the replaced area before
    complaints: tuple[SheetComplaint, ...]

    @property
    def changes_nothing(self) -> bool:
        return not (self.differences or self.new_contacts or self.doubts)
