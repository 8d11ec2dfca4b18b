"""A list that is handed in: looked at first, taken over as a whole, taken back if it was wrong."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.contacts.differences import Difference
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetComplaint, SheetFile
from jiaoying.storage.database import Database, Tx


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
        return self.counts.posts_ended * 10 > self.counts.posts_in_scope


async def preview_import(
    database: Database,
    file: SheetFile,
    *,
    locality: Locality,
    now: datetime,
    actor: str,
    replace_scope: str | None = None,
) -> RosterImport:
    """Compare a list with the roster and keep what would change; the roster stays as it is.

    Raises Refusal where the file as a whole cannot be used.
    """
    raise NotImplementedError


async def apply_import(
    database: Database,
    import_id: UUID,
    *,
    locality: Locality,
    now: datetime,
    actor: str,
    confirm_ended: int | None = None,
) -> RosterImport:
    """Take over a list that was looked at, all of it or nothing.

    Raises Refusal where more than a tenth of the scope's posts would end and `confirm_ended` is not their
    number, where the roster has changed since (the stored preview is then the new one), and where the
    import is not waiting any more.
    """
    raise NotImplementedError


async def undo_import(
    database: Database, import_id: UUID, *, locality: Locality, now: datetime, actor: str
) -> RosterImport:
    """Put everything back that an import changed. Raises Refusal naming what was changed since."""
    raise NotImplementedError


async def discard_import(database: Database, import_id: UUID, *, now: datetime, actor: str) -> RosterImport:
    """Throw a preview away. Raises Refusal where it is not waiting any more."""
    raise NotImplementedError


async def import_by_id(tx: Tx, import_id: UUID) -> RosterImport | None:
    """One import with its differences and complaints."""
    raise NotImplementedError


async def imports_page(tx: Tx, *, before: UUID | None = None, limit: int = 50) -> list[RosterImport]:
    """Imports, the newest first, without differences and complaints; `before` is the last id seen."""
    raise NotImplementedError


def complaints_sheet(complaints: tuple[SheetComplaint, ...]) -> bytes:
    """The complaints as a workbook (xlsx): sheet, row, column, what is wrong."""
    raise NotImplementedError
