"""Forecasts in words, and the plot of who is not rung yet. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from jiaoying.dispatch.forecast import Binding
from jiaoying.dispatch.store.forecasts import ForecastRow
from jiaoying.kernel.language import say

# The drawing ground inside the picture: from left to right and from top to bottom.
_LEFT, _RIGHT, _TOP, _BOTTOM = 36.0, 396.0, 5.0, 130.0


@dataclass(frozen=True, slots=True)
class Plot:
    """Paths of people not rung yet over time. `ahead` is empty once the first pass is over."""

    expected: str
    real: str
    ahead: str
    people: int
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ForecastShown:
    """What a board shows: the forecast before the start, the newest one, and both against what came."""

    before: ForecastRow
    newest: ForecastRow
    plot: Plot | None


def shown(forecasts: Sequence[ForecastRow]) -> ForecastShown | None:
    """The card of a board; None where nothing was forecast. The oldest of `forecasts` comes first."""
    if not forecasts or forecasts[0].kind != "before":
        return None
    return ForecastShown(forecasts[0], forecasts[-1], _plot(forecasts))


def _plot(forecasts: Sequence[ForecastRow]) -> Plot | None:
    before, newest = forecasts[0], forecasts[-1]
    ends_at = max(before.first_pass_end, before.ended_at or newest.first_pass_end)
    span_s = (ends_at - before.made_at).total_seconds()
    people = max(one.unrung for one in forecasts)
    if span_s <= 0 or not people:
        return None

    def path(points: Sequence[tuple[float, float]]) -> str:
        """Of (seconds since the start, people left)."""
        if len(points) < 2:
            return ""
        spots = (
            f"{_LEFT + min(1.0, seconds / span_s) * (_RIGHT - _LEFT):.1f}"
            f" {_BOTTOM - left / people * (_BOTTOM - _TOP):.1f}"
            for seconds, left in points
        )
        return "M" + "L".join(spots)

    def since_start(moment: datetime) -> float:
        return (moment - before.made_at).total_seconds()

    over = before.ended_at is not None
    # Forecasts made later are about who was asked since.
    of_first_pass = [one for one in forecasts if not before.ended_at or one.made_at <= before.ended_at]
    real = [(since_start(one.made_at), float(one.unrung)) for one in of_first_pass]
    if before.ended_at and before.outcome == "reached":
        real.append((since_start(before.ended_at), 0.0))
    offset = since_start(newest.made_at)
    return Plot(
        expected=path([(seconds, float(left)) for seconds, left in before.curve]),
        real=path(real),
        ahead="" if over else path([(offset + seconds, float(left)) for seconds, left in newest.curve]),
        people=people,
        ends_at=ends_at,
    )


def minutes(value: float) -> str:
    """Minutes to a tenth, as they are told: 12.7; <0.1 of what is over at once."""
    return f"{value:.1f}" if value >= 0.05 else "<0.1"


def pass_words(lines: int, first_pass: float) -> str:
    """8 lines: first pass 47 minutes."""
    told = minutes(first_pass)
    if not lines:
        return say("first pass {minutes} minutes", minutes=told)
    return say("{lines} lines: first pass {minutes} minutes", lines=lines, minutes=told)


def lines_words(needed: int) -> str:
    """What the promise of five minutes would take."""
    return say("within 5 minutes it would take {lines} lines", lines=needed)


def outcome_words(row: ForecastRow) -> str:
    """A forecast whose first pass is over, beside what came."""
    if row.real_minutes is None:
        return say("expected {minutes} minutes, cut short", minutes=minutes(row.expected_minutes))
    return say(
        "expected {expected} minutes, took {real} minutes",
        expected=minutes(row.expected_minutes),
        real=minutes(row.real_minutes),
    )


def error_words(row: ForecastRow) -> str:
    """The error as a share of what it took: `+12%` is too long."""
    return "–" if row.error is None else f"{row.error:+.0%}"


def binding_words(binding: str) -> str:
    """What it waits for."""
    return {
        Binding.LINES: say("The number of lines decides."),
        Binding.CALLS_PER_S: say("How many calls the carrier begins a second decides."),
        Binding.PARTS_PER_S: say("How many text parts the carrier takes a second decides."),
        Binding.NONE: say("Nothing holds it up: it takes as long as the calls themselves."),
    }[Binding(binding)]


def measured_words(calls: int) -> str:
    """Where the lengths of calls come from."""
    if calls:
        return say("Call lengths are those of the last {count} calls.", count=calls)
    return say("Call lengths are assumed: too few calls were made yet.")
