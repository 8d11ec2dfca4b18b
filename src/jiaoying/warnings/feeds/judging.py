"""How a source does, and whether the desk must hear of it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jiaoying.warnings.feeds.model import COLLECTED, Source, SourceKind, SourceLife

# So many polls in a row must fail, for so long and three intervals: one hiccup is no alarm.
MOST_FAILURES = 3
SHORTEST_FAILING_S = 600
MOST_REFUSED = 3


class SourceState(StrEnum):
    """How a source stands."""

    OFF = "off"
    UNHEARD = "unheard"  # nothing has come from it yet, and nothing is wrong
    WELL = "well"
    FAILING = "failing"  # it cannot be collected from
    REFUSED = "refused"  # what it sends cannot be read, several times in a row
    SILENT = "silent"  # nothing came for longer than its rhythm allows
    LOST = "lost"  # its index names warnings that could not be fetched


TROUBLE = (SourceState.FAILING, SourceState.REFUSED, SourceState.SILENT, SourceState.LOST)


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a source stands, and since when as far as that is known (by the clock that tells it)."""

    state: SourceState
    since: datetime | None = None


def judge(source: Source, life: SourceLife, now: datetime, wall: datetime) -> Judgement:
    """`now` is business time, by which deliveries are dated; feeds are polled by the `wall`."""
    config = source.config
    if not config.enabled:
        return Judgement(SourceState.OFF)
    if config.kind is SourceKind.HAND:
        return Judgement(SourceState.WELL if life.last_good_at else SourceState.UNHEARD, life.last_good_at)
    if _is_failing(source, wall):
        return Judgement(SourceState.FAILING, source.failing_since)
    if life.refused_in_row >= MOST_REFUSED:
        return Judgement(SourceState.REFUSED, life.last_good_at)
    if config.silence_s is not None:
        heard_at = max(life.last_good_at or source.watched_from, source.watched_from)
        if now - heard_at > timedelta(seconds=config.silence_s):
            return Judgement(SourceState.SILENT, heard_at)
    if life.lost_entries:
        return Judgement(SourceState.LOST)
    alive = life.last_good_at or source.last_success_at
    return Judgement(SourceState.WELL, alive) if alive else Judgement(SourceState.UNHEARD)


def _is_failing(source: Source, wall: datetime) -> bool:
    if source.config.kind not in COLLECTED or source.failing_since is None:
        return False
    patience = timedelta(seconds=max(SHORTEST_FAILING_S, 3 * source.config.interval_s))
    return source.failures >= MOST_FAILURES and wall - source.failing_since >= patience
