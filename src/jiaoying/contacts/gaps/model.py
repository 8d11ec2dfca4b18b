"""Gaps of the roster (责任空白): what is asked of it for the coming week, and what it lacks. Pure.

Nobody tells the program how many people a county ought to have: it learns that from the roster itself.

- A **hazard** is expected in a village (a township) when at least two thirds of the villages of its township,
  or of its county, (of the townships of its county) have somebody for it. Somebody answers for a hazard when
  a warning of it would reach them: `kernel.hazards.families_concerned`, the same as when people are matched.
- A **post** is expected in an area when at least two thirds of the areas of its level in the county hold one
  of that kind. Posts at danger points are left out: a village without a reservoir needs nobody on its dam.
- A **danger point** has somebody who watches and somebody who answers for it; a county and a township have a
  duty desk; a desk has somebody at every hour.

An area is covered for a hazard and an hour when somebody in force then can be called: the holder, or else the
deputy, with a number that is not dead, suspended or somebody else's. It is *fully* covered when each post of
it has moreover a deputy who can be called, and a number of its holder that was reached in the last 90 days.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.contacts.model import HAZARDS_AT, NumberStanding, PointKind
from jiaoying.kernel.areas import Level, level_of, prefix_of
from jiaoying.kernel.hazards import Hazard, families_concerned

AHEAD = timedelta(days=7)
# A number that nobody was reached on for so long is a hope, not a number.
REACHED_WITHIN = timedelta(days=90)
# A post that ended earlier than this is history, not an oversight.
ENDED_WITHIN = timedelta(days=90)
# Numbers of these standings wake nobody: silence and a phone that is off may be otherwise tonight.
USELESS = (NumberStanding.DEAD, NumberStanding.SUSPENDED, NumberStanding.WRONG_PERSON)
# Nobody knocks on the doors of four villages in one night, or does nine duties at once.
MOST_VILLAGES = 3
MOST_POSTS = 8
# Who watches a danger point, by the words of their post; everybody else there answers for it.
WATCHES = "监测人|监测员|群测群防|巡查|巡护|巡视|巡坝|盯守|值守|看守|护林|调度"

# 镇长 and 乡长, 防汛责任人 and 村防汛责任人 are one post: the kind of place is no part of its name.
PLACE_WORDS = "乡镇|镇|乡|街道|社区|村"


class GapKind(StrEnum):
    """What is missing or wrong, the gravest first: lists come in this order."""

    NOBODY = "nobody"  # for an area × hazard × hours
    VACANT = "vacant"  # a post, and nobody holds it
    NO_NUMBER = "no_number"  # the holder has none that works
    POINT_NOBODY = "point_nobody"  # a danger point without anybody
    DESK_EMPTY = "desk_empty"  # hours, and no fixed number stands in
    MISSING_POST = "missing_post"  # which most other areas of the county have
    ENDED = "ended"  # somebody left office, and nobody followed
    ENDING = "ending"  # within the week, and nobody follows
    RETIRED_AREA = "retired_area"  # posts in a village that was merged away: no warning names it
    POINT_NO_WATCHER = "point_no_watcher"
    POINT_NO_LEADER = "point_no_leader"
    NO_DESK = "no_desk"
    DESK_UNNAMED = "desk_unnamed"  # hours: only the fixed number would ring
    UNREACHED = "unreached"  # none of the holder's numbers in the last 90 days
    NO_DEPUTY = "no_deputy"
    DEPUTY_IS_HOLDER = "deputy_is_holder"
    DEPUTY_NO_NUMBER = "deputy_no_number"
    TOO_MANY = "too_many"  # posts or villages on one person
    SHARED_NUMBER = "shared_number"  # a mobile of several people
    SUPERIOR_LOOP = "superior_loop"  # superiors in a circle


class Severity(IntEnum):
    """How bad it is tonight; the colours of the map."""

    NONE = 0
    WEAK = 1  # somebody is there, and may fail
    SERIOUS = 2  # a part of the duty is nobody's
    GRAVE = 3  # for a post or a hazard nobody can be called


_GRAVE = (GapKind.NOBODY, GapKind.VACANT, GapKind.NO_NUMBER, GapKind.POINT_NOBODY, GapKind.DESK_EMPTY)
# Habits of the roster that leave nobody uncalled: told, but they take no village's full marks.
HYGIENE = (GapKind.TOO_MANY, GapKind.SHARED_NUMBER, GapKind.SUPERIOR_LOOP)
_WEAK = (
    GapKind.UNREACHED,
    GapKind.NO_DEPUTY,
    GapKind.DEPUTY_IS_HOLDER,
    GapKind.DEPUTY_NO_NUMBER,
    *HYGIENE,
)


def severity_of(kind: GapKind) -> Severity:
    """How bad a gap of this kind is."""
    if kind in _GRAVE:
        return Severity.GRAVE
    return Severity.WEAK if kind in _WEAK else Severity.SERIOUS


@dataclass(frozen=True, slots=True)
class Week:
    """The hours that are asked about: from `begin` up to, not including, `end`.

    Posts are in force by whole local days, from `first_day` to `last_day`, both included.
    """

    begin: datetime
    end: datetime
    first_day: date
    last_day: date
    timezone: ZoneInfo


def week_from(now: datetime, timezone: ZoneInfo) -> Week:
    """The seven days that begin now."""
    end = now + AHEAD
    return Week(now, end, now.astimezone(timezone).date(), end.astimezone(timezone).date(), timezone)


@dataclass(frozen=True, slots=True)
class HazardGroups:
    """Hazards that the roster does not tell apart, as the bits of a number.

    Where every list says 防汛 for all water, rain and flood have the same people, and one line tells both.
    """

    groups: tuple[tuple[Hazard, ...], ...]

    @property
    def everything(self) -> int:
        return (1 << len(self.groups)) - 1

    def mask_of(self, written: Collection[str]) -> int:
        """The groups whose warnings reach a post with these families written on it; none is all."""
        return sum(
            1 << bit for bit, group in enumerate(self.groups) if _answers(frozenset(written), group[0])
        )

    def hazards_in(self, mask: int) -> tuple[Hazard, ...]:
        """The hazards of these groups; empty is all, as on posts."""
        if mask == self.everything:
            return ()
        return tuple(hazard for bit, group in enumerate(self.groups) if mask >> bit & 1 for hazard in group)


def group_hazards(written: Iterable[Sequence[str]]) -> HazardGroups:
    """The groups that lists of families, as written on posts, and the kinds of danger points tell apart."""
    lists = [frozenset(families) for families in (*written, *HAZARDS_AT.values())]
    groups: dict[tuple[bool, ...], list[Hazard]] = {}
    for hazard in Hazard:
        reached = tuple(_answers(families, hazard) for families in lists)
        groups.setdefault(reached, []).append(hazard)
    return HazardGroups(tuple(tuple(group) for group in groups.values()))


def _answers(written: frozenset[str], hazard: Hazard) -> bool:
    return not written or not written.isdisjoint(families_concerned(hazard))


def point_masks(groups: HazardGroups) -> Mapping[PointKind, int]:
    """The hazards at each kind of danger point."""
    return {kind: groups.mask_of(HAZARDS_AT[kind]) for kind in PointKind}


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing or wrong.

    `post_kinds` are the posts it is about (those of one person together), `hazards` those whose warnings it
    would be felt under (empty is all), `hours` when, where it is not the whole week. `name` is of the person,
    `place_name` of the desk or the danger point; the identifiers lead to where it is mended.
    """

    kind: GapKind
    area_code: str
    area_name: str
    township_name: str
    post_kinds: tuple[str, ...] = ()
    hazards: tuple[Hazard, ...] = ()
    hours: tuple[tuple[datetime, datetime], ...] = ()
    name: str = ""
    place_name: str = ""
    day: date | None = None  # the last in office
    count: int = 0  # of posts, of villages, of people on a number or in a circle
    post_id: UUID | None = None
    contact_id: UUID | None = None
    point_id: UUID | None = None
    desk_id: UUID | None = None

    @property
    def severity(self) -> Severity:
        return severity_of(self.kind)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which gaps are listed; the figures are of all. None is every one."""

    area: str | None = None
    hazard: Hazard | None = None
    kind: GapKind | None = None

    def wants(self, gap: Gap) -> bool:
        return (
            (self.kind is None or gap.kind == self.kind)
            and (self.area is None or gap.area_code.startswith(prefix_of(self.area)))
            and (self.hazard is None or not gap.hazards or self.hazard in gap.hazards)
        )


@dataclass(slots=True)
class Unit:
    """A township of the county (a county of the city, a village of the township) in one figure."""

    code: str
    name: str
    villages: int
    gaps: dict[GapKind, int] = field(default_factory=dict[GapKind, int])
    worst: Severity = Severity.NONE
    without_anybody: int = 0  # villages with a grave gap
    with_gaps: int = 0  # villages with any that counts

    @property
    def fully_covered(self) -> int:
        """Villages with somebody, a deputy, a number, and one that was reached, for all that is expected."""
        return self.villages - self.with_gaps


@dataclass(slots=True)
class Tally:
    """Gaps as they come, counted by unit and area, so that a million of them need not be kept."""

    units: dict[str, Unit]
    digits: int  # of a code that tell the units apart
    counts: dict[GapKind, int] = field(default_factory=dict[GapKind, int])
    worst: dict[str, Severity] = field(default_factory=dict[str, Severity])

    def add(self, gap: Gap) -> None:
        self.counts[gap.kind] = self.counts.get(gap.kind, 0) + 1
        unit = self.units.get(gap.area_code[: self.digits].ljust(12, "0"))
        if unit is not None:
            unit.gaps[gap.kind] = unit.gaps.get(gap.kind, 0) + 1
            unit.worst = max(unit.worst, gap.severity)
        if gap.kind not in HYGIENE:
            before = self.worst.get(gap.area_code, Severity.NONE)
            if gap.severity > before:
                self.worst[gap.area_code] = gap.severity
                self._note_village(unit, gap, before)

    def _note_village(self, unit: Unit | None, gap: Gap, before: Severity) -> None:
        if unit is None or level_of(gap.area_code) != Level.VILLAGE:
            return
        unit.with_gaps += before == Severity.NONE
        unit.without_anybody += gap.severity == Severity.GRAVE


@dataclass(frozen=True, slots=True)
class GapReport:
    """The figures of everything, and the first of the gaps that were wanted."""

    week: Week
    units: tuple[Unit, ...]
    counts: Mapping[GapKind, int]
    worst: Mapping[str, Severity]  # of each area that has a gap
    gaps: tuple[Gap, ...]
    wanted: int  # how many there are, of which `gaps` may be the first ones

    @property
    def villages(self) -> int:
        return sum(unit.villages for unit in self.units)

    @property
    def fully_covered(self) -> int:
        return sum(unit.fully_covered for unit in self.units)

    @property
    def without_anybody(self) -> int:
        return sum(unit.without_anybody for unit in self.units)
