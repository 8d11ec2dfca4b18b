"""Nouns of monitoring: stations, their thresholds, readings, and how grave it is at a station."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jiaoying.kernel.colours import Colour


class StationKind(StrEnum):
    """What a station measures."""

    RAIN = "rain"  # mm that fell since the reading before: summed over windows
    LEVEL = "level"  # m of water
    SLOPE = "slope"  # mm of displacement
    METHANE = "methane"  # % by volume


class Level(StrEnum):
    """The two levels of a village's threshold table (准备转移, 立即转移), and none."""

    NONE = "none"
    PREPARE = "prepare"
    EVACUATE = "evacuate"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}
# 立即转移 calls as red for the named places; 准备转移 one colour below.
COLOURS: Mapping[Level, Colour] = {Level.PREPARE: Colour.ORANGE, Level.EVACUATE: Colour.RED}
UNITS: Mapping[StationKind, str] = {
    StationKind.RAIN: "mm",
    StationKind.LEVEL: "m",
    StationKind.SLOPE: "mm",
    StationKind.METHANE: "%",
}
# What no working sensor says: kept, and never judged. Highest 24-hour rain on record is 1,825 mm (WMO).
PLAUSIBLE: Mapping[StationKind, tuple[float, float]] = {
    StationKind.RAIN: (0.0, 500.0),
    StationKind.LEVEL: (-500.0, 9_000.0),
    StationKind.SLOPE: (-100_000.0, 100_000.0),
    StationKind.METHANE: (0.0, 100.0),
}
# De-bounce: so many readings in a row must ask for a level. A sum of rain does not flicker.
CONFIRMATIONS: Mapping[StationKind, int] = {
    StationKind.RAIN: 1,
    StationKind.LEVEL: 2,
    StationKind.SLOPE: 2,
    StationKind.METHANE: 2,
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """Limits for what is measured in `window_s` seconds; 0 is the reading itself."""

    window_s: int
    prepare: float | None
    evacuate: float | None


@dataclass(frozen=True, slots=True)
class StationSetup:
    """A station as it is configured. `area_codes` are the places that are threatened, 12 digits each."""

    code: str
    name: str
    kind: StationKind
    area_codes: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    silent_after_s: int
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of one station; for rain what fell since the reading before."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Exceeded:
    """Which limit was reached, and by how much: the reason that goes into the warning and the ledger."""

    level: Level
    window_s: int
    measured: float
    limit: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands at a station."""

    level: Level = Level.NONE
    reason: Exceeded | None = None
    # Readings in a row that reached the limits of 准备转移 at least, and of 立即转移.
    over_prepare: int = 0
    over_evacuate: int = 0
    # Since when what is measured has been clear of `level`.
    calm_since: datetime | None = None


# Hysteresis: a level ends when what is measured has stayed below this share of its limit for so long.
CALM_SHARE = 0.8
CALM_FOR = timedelta(minutes=30)
