"""Readings are kept, and how it stands at their stations is judged, in one transaction.

What follows from it is done by the stage `watch`: a row whose level is not announced yet is its work.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.stations import store
from jiaoying.warnings.stations.judging import judge
from jiaoying.warnings.stations.model import CONFIRMATIONS, PLAUSIBLE, Level, Reading, Standing
from jiaoying.warnings.stations.store import Station

ACTOR = "stations"
# A clock that runs ahead is put right by its owner; readings of last week move nobody.
MOST_AHEAD = timedelta(minutes=10)
OLDEST = timedelta(days=7)


class Taken(StrEnum):
    """What became of a reading."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    IMPLAUSIBLE = "implausible"  # kept, and not judged
    UNKNOWN_STATION = "unknown-station"
    AHEAD = "ahead-of-time"
    TOO_OLD = "too-old"


@dataclass(frozen=True, slots=True)
class ReadingReceipt:
    """The answer for one reading; `level` is how it stands at its station afterwards."""

    station: str
    at: datetime
    disposition: Taken
    level: Level | None


async def take_readings(tx: Tx, given: Sequence[tuple[str, Reading]], now: datetime) -> list[ReadingReceipt]:
    """Keep readings of stations (by code), in any order, and judge each station they belong to."""
    by_station: defaultdict[str, list[Reading]] = defaultdict(list)
    fates: dict[tuple[str, datetime], Taken] = {}
    known = await store.lock_stations(tx, {code for code, _ in given})
    for code, reading in given:
        fate = _fate(known, code, reading, now)
        fates[code, reading.at] = fate
        if fate in (Taken.STORED, Taken.IMPLAUSIBLE):
            by_station[code].append(reading)
    levels: dict[str, Level] = {code: station.standing.level for code, station in known.items()}
    for code, readings in by_station.items():
        new, levels[code] = await _take(tx, known[code], readings, fates, now)
        fates |= {(code, one.at): Taken.DUPLICATE for one in readings if one.at not in new}
    return [
        ReadingReceipt(code, reading.at, fates[code, reading.at], levels.get(code)) for code, reading in given
    ]


def _fate(known: Mapping[str, Station], code: str, reading: Reading, now: datetime) -> Taken:
    if code not in known:
        return Taken.UNKNOWN_STATION
    if reading.at > now + MOST_AHEAD:
        return Taken.AHEAD
    if reading.at < now - OLDEST:
        return Taken.TOO_OLD
    least, most = PLAUSIBLE[known[code].setup.kind]
    return Taken.STORED if least <= reading.value <= most else Taken.IMPLAUSIBLE


async def _take(
    tx: Tx,
    station: Station,
    given: Sequence[Reading],
    fates: Mapping[tuple[str, datetime], Taken],
    now: datetime,
) -> tuple[set[datetime], Level]:
    # Of two values for one moment in a batch the later one counts.
    by_moment = {reading.at: reading for reading in given}
    rows = [
        (reading, fates[station.setup.code, reading.at] is Taken.STORED) for reading in by_moment.values()
    ]
    new = await store.store_readings(tx, station.id, rows, now)
    judged = sorted(reading.at for reading, plausible in rows if plausible and reading.at in new)
    standing, level_at = station.standing, station.level_at
    last: Reading | None = None
    if judged:
        standing, level_at, last = await _judge(tx, station, judged)
    await store.note_standing(tx, station, standing, level_at=level_at, last=last, now=now)
    if standing.level is not station.standing.level:
        await append_entries(tx, [_entry(station, standing, now)])
    return new, standing.level


async def _judge(
    tx: Tx, station: Station, moments: Sequence[datetime]
) -> tuple[Standing, datetime | None, Reading | None]:
    """Step by step; what comes in behind the newest is judged with it, once, since sums may have grown."""
    before = station.last_reading_at
    steps = [moment for moment in moments if before is None or moment > before]
    if before is not None and len(steps) < len(moments):
        steps.insert(0, before)
    longest = max((one.window_s for one in station.setup.thresholds), default=0)
    known = await store.readings_since(tx, station.id, steps[0] - timedelta(seconds=max(longest, 1)))
    standing, level_at = station.standing, station.level_at
    confirmations = CONFIRMATIONS[station.setup.kind]
    for step in steps:
        # A late reading confirms nothing by itself: the newest has been counted already.
        counted = standing if step != before else _uncounted(standing)
        after = judge(counted, known, station.setup.thresholds, step, confirmations=confirmations)
        if after.level is not standing.level:
            level_at = step
        standing = after
    last = next((reading for reading in reversed(known) if reading.at <= steps[-1]), None)
    return standing, level_at, last


def _uncounted(standing: Standing) -> Standing:
    return replace(
        standing,
        over_prepare=max(standing.over_prepare - 1, 0),
        over_evacuate=max(standing.over_evacuate - 1, 0),
    )


def _entry(station: Station, standing: Standing, now: datetime) -> Entry:
    reason = standing.reason
    facts: dict[str, object] = {
        "code": station.setup.code,
        "before": str(station.standing.level),
        "level": str(standing.level),
    }
    if reason is not None:
        facts |= {"window_s": reason.window_s, "measured": reason.measured, "limit": reason.limit}
    return Entry(now, "station.level", ACTOR, facts=facts, particulars={"name": station.setup.name})
