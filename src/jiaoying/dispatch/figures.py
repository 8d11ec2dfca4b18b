"""How many were to be moved, were moved and are settled, by village, township and county. Pure.

What was said last of a place counts, whoever said it; earlier words stay as history and are never added.
A township's own figure and the sum of its villages are two views of the same people: they are never added
either. The greater counts, or the officer's correction, and that they differ is shown (ADR 0033).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.kernel.areas import ancestors_of, prefix_of


class Figure(StrEnum):
    """What is counted."""

    PLANNED = "planned"
    MOVED = "moved"
    SETTLED = "settled"


FIGURE_OF = {
    FeedbackStage.MOVING: Figure.PLANNED,
    FeedbackStage.MOVED: Figure.MOVED,
    FeedbackStage.SETTLED: Figure.SETTLED,
}


@dataclass(frozen=True, slots=True)
class Statement:
    """Somebody said so much of a place. `contact_id` is None for a correction by the officer."""

    id: UUID
    area_code: str
    figure: Figure
    households: int | None
    people: int | None
    contact_id: UUID | None
    at: datetime

    @property
    def when(self) -> tuple[datetime, bool, UUID]:
        """What orders statements: the moment; of one moment the officer's correction is the last."""
        return self.at, self.contact_id is None, self.id


@dataclass(frozen=True, slots=True)
class Count:
    """Households and people; None where nobody said."""

    households: int | None = None
    people: int | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.people or 0, self.households or 0


@dataclass(frozen=True, slots=True)
class Said:
    """What counts of a place, and what else speaks of it. `differs`: two people, or two levels, disagree."""

    count: Count
    at: datetime | None = None
    by_hand: bool = False
    differs: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceFigures:
    """All figures of one place, with those of the places inside it taken in."""

    area_code: str
    said: Mapping[Figure, Said] = field(default_factory=dict[Figure, Said])

    def of(self, figure: Figure) -> Said:
        return self.said.get(figure, _NOTHING)


_NOTHING = Said(Count())


def figures_by_place(statements: Iterable[Statement]) -> dict[str, PlaceFigures]:
    """Every place that anything was said of, and every place above one, with what counts there."""
    of_place: dict[tuple[str, Figure], list[Statement]] = {}
    for statement in statements:
        of_place.setdefault((statement.area_code, statement.figure), []).append(statement)
    own = {key: _last_said(said) for key, said in of_place.items()}
    places = {code for code, _ in own} | {above for code, _ in own for above in ancestors_of(code)}
    found: dict[str, PlaceFigures] = {}
    inside: dict[str, list[PlaceFigures]] = {}
    # From the villages up, so that a township's figures stand when its county asks for them.
    for code in sorted(places, key=lambda code: (-len(prefix_of(code)), code)):
        below = inside.get(code, ())
        said = {figure: _with_inside(own.get((code, figure)), figure, below) for figure in Figure}
        found[code] = PlaceFigures(code, {figure: word for figure, word in said.items() if word})
        for above in ancestors_of(code)[:1]:
            inside.setdefault(above, []).append(found[code])
    return found


def _last_said(statements: Sequence[Statement]) -> Said:
    """The newest of one place, households and people each by itself: `40人` corrects the people alone."""
    newest = max(statements, key=lambda statement: statement.when)
    corrected = [statement.when for statement in statements if statement.contact_id is None]
    since = max(corrected, default=None)
    standing = [item for item in statements if since is None or item.when > since]
    last_of: dict[UUID | None, list[Statement]] = {}
    for statement in standing:
        last_of.setdefault(statement.contact_id, []).append(statement)
    count = _count(statements)
    others = {_count(said) for said in last_of.values()} if len(last_of) > 1 else set[Count]()
    differing = sorted((other for other in others if _disagree(other, count)), key=lambda other: other.size)
    return Said(count, newest.at, newest.contact_id is None, tuple(differing))


def _count(statements: Sequence[Statement]) -> Count:
    return Count(
        _newest(statements, lambda item: item.households), _newest(statements, lambda item: item.people)
    )


def _newest(statements: Sequence[Statement], of: Callable[[Statement], int | None]) -> int | None:
    told = [(item.when, value) for item in statements if (value := of(item)) is not None]
    return max(told)[1] if told else None


def _disagree(one: Count, other: Count) -> bool:
    pairs = ((one.households, other.households), (one.people, other.people))
    return any(a is not None and b is not None and a != b for a, b in pairs)


def _with_inside(own: Said | None, figure: Figure, inside: Sequence[PlaceFigures]) -> Said | None:
    """What was said of a place as a whole, or of all places inside it: the officer's word on the whole where
    nothing is newer, else the greater."""
    said = [place.said[figure] for place in inside if figure in place.said]
    if not said:
        return own
    added = Count(_added(word.count.households for word in said), _added(word.count.people for word in said))
    summed = Said(added, max((word.at for word in said if word.at), default=None))
    if own is None:
        return summed
    corrected = own.by_hand and own.at and summed.at and own.at >= summed.at
    counts, other = (own, summed) if corrected or own.count.size >= summed.count.size else (summed, own)
    differs = (other.count,) if _disagree(counts.count, other.count) else ()
    return Said(counts.count, counts.at, counts.by_hand, (*counts.differs, *differs))


def _added(numbers: Iterable[int | None]) -> int | None:
    told = [number for number in numbers if number is not None]
    return sum(told) if told else None
