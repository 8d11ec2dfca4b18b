"""Two records that may be one person: the keeper says which."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.kernel.locality import Locality
from jiaoying.storage.database import Database, Tx


class DoubtKind(StrEnum):
    SAME_NAME = "same_name"  # in one township, with different numbers
    SAME_NUMBER = "same_number"  # under different names


@dataclass(frozen=True, slots=True)
class DoubtedPerson:
    """One of the two, as the keeper compares them; the elder record is shown first."""

    id: UUID
    name: str
    unit: str | None
    title: str | None
    numbers: tuple[str, ...]  # E.164
    posts: tuple[tuple[str, str], ...]  # the division's name and the kind of the post, those in force


@dataclass(frozen=True, slots=True)
class Doubt:
    id: UUID
    kind: DoubtKind
    raised_at: datetime
    one: DoubtedPerson
    other: DoubtedPerson


async def open_doubts(tx: Tx, *, limit: int = 200) -> list[Doubt]:
    """What the keeper has not settled, the oldest first."""
    raise NotImplementedError


async def count_open_doubts(tx: Tx) -> int:
    """How many doubts wait for the keeper."""
    raise NotImplementedError


async def settle_doubt(
    database: Database, doubt_id: UUID, *, same: bool, locality: Locality, now: datetime, actor: str
) -> None:
    """The keeper's word. `same` makes the two records one: the elder stays and takes over everything.

    Raises Refusal where it was settled already, or a record is gone.
    """
    raise NotImplementedError
