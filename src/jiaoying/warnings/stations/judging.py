"""What a reading means for its station. Pure.

Up as soon as it is confirmed, down slowly: a level that flickers would call a village out of bed again and
again.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from jiaoying.warnings.stations.model import (
    CALM_FOR,
    CALM_SHARE,
    Exceeded,
    Level,
    Reading,
    Standing,
    Threshold,
)


def judge(
    standing: Standing,
    readings: Sequence[Reading],
    thresholds: Sequence[Threshold],
    at: datetime,
    *,
    confirmations: int,
) -> Standing:
    """How it stands at `at`; `readings` (oldest first) reach back over the longest window.

    `confirmations` readings in a row must reach a limit before its level is taken on. A level ends after
    `CALM_FOR` below `CALM_SHARE` of its limits.
    """
    reached = exceeded(readings, thresholds, at)
    over_prepare = standing.over_prepare + 1 if reached else 0
    evacuate = [one for one in reached if one.level is Level.EVACUATE]
    over_evacuate = standing.over_evacuate + 1 if evacuate else 0
    level = _confirmed(over_prepare, over_evacuate, confirmations)
    if level.rank > standing.level.rank:
        reason = gravest(one for one in reached if one.level is level)
        return Standing(level, reason or gravest(reached), over_prepare, over_evacuate)
    held = gravest(exceeded(readings, thresholds, at, CALM_SHARE))
    held_level = held.level if held else Level.NONE
    if held_level.rank >= standing.level.rank:
        return Standing(standing.level, standing.reason, over_prepare, over_evacuate)
    since = standing.calm_since or at
    if at - since < CALM_FOR:
        return Standing(standing.level, standing.reason, over_prepare, over_evacuate, since)
    return Standing(held_level, held, over_prepare, over_evacuate)


def _confirmed(over_prepare: int, over_evacuate: int, confirmations: int) -> Level:
    if over_evacuate >= confirmations:
        return Level.EVACUATE
    return Level.PREPARE if over_prepare >= confirmations else Level.NONE


def exceeded(
    readings: Sequence[Reading], thresholds: Iterable[Threshold], at: datetime, share: float = 1.0
) -> list[Exceeded]:
    """Every limit, times `share`, that is reached at `at`."""
    found: list[Exceeded] = []
    for threshold in thresholds:
        measured = measure(readings, threshold.window_s, at)
        limits = ((Level.PREPARE, threshold.prepare), (Level.EVACUATE, threshold.evacuate))
        found += [
            Exceeded(level, threshold.window_s, measured, limit)
            for level, limit in limits
            if measured is not None and limit is not None and measured >= limit * share
        ]
    return found


def gravest(reached: Iterable[Exceeded]) -> Exceeded | None:
    """The gravest limit; of equals the one that is passed by most."""
    return max(reached, key=lambda one: (one.level.rank, one.measured - one.limit), default=None)


def measure(readings: Sequence[Reading], window_s: int, at: datetime) -> float | None:
    """The newest value, or the sum of the window that ends at `at` (its beginning excluded)."""
    until_now = [one for one in readings if one.at <= at]
    if window_s == 0:
        return until_now[-1].value if until_now else None
    begin = at - timedelta(seconds=window_s)
    # Rounded, because 0.1 mm added up ten times must reach a limit of 1 mm.
    return round(sum(one.value for one in until_now if one.at > begin), 6)
