"""A list that was handed in, and what it changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from jiaoying.contacts.importing.differences import About, Change, Difference, Turn, without_numbers
from jiaoying.contacts.importing.planned import Plan
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint
from jiaoying.storage.json_rows import row_of

ASKS_TWICE_ABOVE = 0.1  # share of the posts in the replaced area that end


class ImportState(StrEnum):
    PREVIEWED = "previewed"
    APPLIED = "applied"
    UNDONE = "undone"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many of what an import touches. `posts_in_scope` were in force in the replaced area before."""

    posts_added: int = 0
    posts_changed: int = 0  # the post itself, or what is known of its holder
    posts_ended: int = 0
    posts_unchanged: int = 0
    posts_in_scope: int = 0
    people_new: int = 0
    people_changed: int = 0
    points_added: int = 0
    points_changed: int = 0
    points_ended: int = 0
    households: int = 0  # of the points of the list, as it has them
    doubts: int = 0


@dataclass(frozen=True, slots=True)
class RosterImport:
    """One list that was handed in. Pages of many come without `differences` and `complaints`."""

    id: UUID
    file_name: str
    state: ImportState
    replace_scope: str | None
    created_at: datetime
    created_by: str
    ended_at: datetime | None
    ended_by: str | None
    undone_at: datetime | None
    undone_by: str | None
    counts: ImportCounts
    differences: tuple[Difference, ...] = ()
    complaints: tuple[SheetComplaint, ...] = ()

    @property
    def ends_of(self) -> int:
        """Of how many posts in the replaced area `counts.posts_ended` end."""
        return self.counts.posts_in_scope

    @property
    def asks_twice(self) -> bool:
        """Whether so many posts end that their number must be confirmed: more than a tenth."""
        return self.counts.posts_ended > self.counts.posts_in_scope * ASKS_TWICE_ABOVE

    def as_data(self, *, show_numbers: bool = True) -> dict[str, Any]:
        """The shape of `contacts import --json` and of the API: the counts of posts by themselves, and all
        that is counted in `counts`.
        """
        differences = self.differences if show_numbers else map(without_numbers, self.differences)
        return {
            "id": self.id,
            "file_name": self.file_name,
            "state": self.state,
            "replace_scope": self.replace_scope,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "ended_at": self.ended_at,
            "ended_by": self.ended_by,
            "undone_at": self.undone_at,
            "undone_by": self.undone_by,
            "added": self.counts.posts_added,
            "changed": self.counts.posts_changed,
            "ended": self.counts.posts_ended,
            "unchanged": self.counts.posts_unchanged,
            "asks_twice": self.asks_twice,
            "counts": row_of(self.counts),
            "differences": list(map(difference_data, differences)),
            "complaints": list(map(row_of, self.complaints)),
        }


def state_words(state: ImportState) -> str:
    """`applied` → 已导入."""
    return {
        ImportState.PREVIEWED: say("looked at, waits"),
        ImportState.APPLIED: say("taken over"),
        ImportState.UNDONE: say("taken back"),
        ImportState.DISCARDED: say("thrown away"),
    }[state]


def counts_of(plan: Plan) -> ImportCounts:
    """The figures of a plan."""
    changed_people = {contact.id for contact in plan.changed_contacts} | plan.numbers.keys()
    return ImportCounts(
        posts_added=len(plan.new_posts),
        posts_changed=plan.touched,
        posts_ended=len(plan.ended_posts),
        posts_unchanged=plan.unchanged,
        posts_in_scope=plan.in_scope,
        people_new=len(plan.new_contacts),
        people_changed=len(changed_people - {contact.id for contact in plan.new_contacts}),
        points_added=len(plan.new_points),
        points_changed=len(plan.changed_points),
        points_ended=len(plan.ended_points),
        households=plan.households.listed,
        doubts=len(plan.doubts),
    )


def difference_data(difference: Difference) -> dict[str, Any]:
    """A difference as plain data."""
    return row_of(difference) | {"changes": list(map(row_of, difference.changes))}


def difference_from(stored: Mapping[str, Any]) -> Difference:
    """A difference from its `difference_data`."""
    return Difference(
        About(stored["about"]),
        Turn(stored["turn"]),
        stored["area_code"],
        stored["what"],
        stored["name"],
        tuple(Change(**change) for change in stored["changes"]),
        stored["is_new"],
    )
