"""The roll calls of one month counted (点名情况): desk by desk, and all together. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from uuid import UUID

from jiaoying.duty.roll_calls.model import Outcome, Result, RollCall


@dataclass(frozen=True, slots=True)
class Held:
    """One roll call with its desks."""

    call: RollCall
    results: Mapping[UUID, Result]


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a desk, or all of them, came to what, and the seconds of each answer in order of time.

    A roll call that was broken off before the desk had its time counts for nothing.
    """

    counts: Mapping[Outcome, int]
    seconds: Sequence[int]

    @property
    def asked(self) -> int:
        return sum(count for outcome, count in self.counts.items() if outcome is not Outcome.BROKEN_OFF)

    @property
    def present(self) -> int:
        return self.counts.get(Outcome.PRESENT, 0)

    @property
    def percent(self) -> int | None:
        """Of all that it was asked, how often somebody was there; None where it never was asked."""
        return round(100 * self.present / self.asked) if self.asked else None

    @property
    def usual(self) -> int | None:
        """The middle one of the seconds."""
        return round(median(self.seconds)) if self.seconds else None

    @property
    def slowest(self) -> int | None:
        return max(self.seconds, default=None)


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One desk through the month: a result for each roll call, None where it was not asked."""

    desk_id: UUID
    name: str
    results: Sequence[Result | None]
    tally: Tally


@dataclass(frozen=True, slots=True)
class MonthOfCalls:
    """The month's roll calls in order, and its desks."""

    month: date
    calls: Sequence[RollCall]
    rows: Sequence[DeskRow]
    total: Tally


def month_of(month: date, held: Sequence[Held], desk_order: Sequence[UUID]) -> MonthOfCalls:
    """Count them. `desk_order` is that of all desks; who was never asked is left out."""
    asked = {desk_id for one in held for desk_id in one.results}
    rows = [_row(desk_id, held) for desk_id in desk_order if desk_id in asked]
    results = [result for row in rows for result in row.results if result]
    return MonthOfCalls(month, [one.call for one in held], rows, _tally(results))


def _row(desk_id: UUID, held: Sequence[Held]) -> DeskRow:
    results = [one.results.get(desk_id) for one in held]
    found = [result for result in results if result]
    return DeskRow(desk_id, found[0].desk_name, results, _tally(found))


def _tally(results: Sequence[Result]) -> Tally:
    counts = Counter(result.outcome for result in results if result.outcome)
    seconds = [
        result.seen.seconds
        for result in results
        if result.outcome is Outcome.PRESENT and result.seen.seconds is not None
    ]
    return Tally(counts, seconds)
