"""Nouns of the roster: contacts (责任人), the posts they hold (责任岗位), and how far up a post stands."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.kernel.areas import Level
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.phone import Number, NumberKind


class ContactKind(StrEnum):
    PERSON = "person"
    DESK = "desk"  # the fixed number of a duty desk


class PostLevel(StrEnum):
    """The three levels at which people answer for places (县乡村三级责任人)."""

    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @classmethod
    def of_area(cls, level: Level) -> "PostLevel":
        """Where somebody stands who answers for an area of this level."""
        return {Level.TOWNSHIP: cls.TOWNSHIP, Level.VILLAGE: cls.VILLAGE}.get(level, cls.COUNTY)


class Tier(StrEnum):
    """The column of the colour matrix that a post is called by; the same words as in the ladders."""

    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY_LEAD = "county_lead"
    COUNTY_CHIEF = "county_chief"


@dataclass(frozen=True, slots=True)
class Contact:
    id: UUID
    name: str
    kind: ContactKind
    unit: str | None
    title: str | None
    language: str
    note: str | None
    demonstration: bool
    retired_at: datetime | None = None
    other_languages: tuple[str, ...] = ()  # spoken too; `language` is the one in which they are called


class NumberStanding(StrEnum):
    """What reports and answers have said of a number, the newest word."""

    UNKNOWN = "unknown"
    WORKS = "works"
    SILENT = "silent"  # rings, or takes texts, and nobody answers
    OFF = "off"  # 关机, or out of reach
    SUSPENDED = "suspended"  # 停机
    DEAD = "dead"  # 空号
    WRONG_PERSON = "wrong_person"  # who answers is somebody else


class Proof(StrEnum):
    """How it is known that a number is its person's."""

    ANSWER = "answer"  # to a real call
    CHECK = "check"  # to the monthly check
    HAND = "hand"  # the keeper vouches for it


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """One of a contact's numbers; `preference` 1 is tried first."""

    contact_id: UUID
    number: str  # E.164
    kind: NumberKind
    preference: int
    opted_out_at: datetime | None = None
    standing: NumberStanding = NumberStanding.UNKNOWN
    standing_at: datetime | None = None
    failures: int = 0  # in a row
    reached_at: datetime | None = None
    verified_at: datetime | None = None
    verified_how: Proof | None = None


class PointKind(StrEnum):
    """What threatens at a danger point (隐患点)."""

    GEOHAZARD = "geohazard"  # 地质灾害隐患点: 滑坡, 崩塌, 泥石流 …
    FLASH_FLOOD = "flash_flood"  # 山洪灾害危险区
    RESERVOIR = "reservoir"  # 水库
    CHECK_DAM = "check_dam"  # 淤地坝, 山塘
    EMBANKMENT = "embankment"  # 河道堤防
    MINE = "mine"  # 煤矿, 非煤矿山
    TAILINGS = "tailings"  # 尾矿库
    SCENIC = "scenic"  # 涉河景区
    FORD = "ford"  # 漫水路面, 漫水桥
    OTHER = "other"


# The hazards for which people at a danger point answer, where their list names none.
HAZARDS_AT: Mapping[PointKind, tuple[Hazard, ...]] = {
    PointKind.GEOHAZARD: (Hazard.GEOHAZARD,),
    PointKind.FLASH_FLOOD: (Hazard.FLASH_FLOOD,),
    PointKind.RESERVOIR: (Hazard.FLOOD, Hazard.DAM),
    PointKind.CHECK_DAM: (Hazard.FLOOD, Hazard.DAM),
    PointKind.EMBANKMENT: (Hazard.FLOOD,),
    PointKind.MINE: (Hazard.MINE,),
    PointKind.TAILINGS: (Hazard.DAM, Hazard.MINE),
    PointKind.SCENIC: (Hazard.FLOOD, Hazard.FLASH_FLOOD),
    PointKind.FORD: (Hazard.FLOOD, Hazard.FLASH_FLOOD),
    PointKind.OTHER: (),
}


@dataclass(frozen=True, slots=True)
class DangerPoint:
    """A place with a danger of its own; `lat`, `lon` in degrees (as the list has them, WGS 84 or CGCS 2000).

    `households` and `people` are those threatened, as planned: the figures of an evacuation.
    """

    id: UUID
    code: str | None
    name: str
    kind: PointKind
    area_code: str
    lat: float | None = None
    lon: float | None = None
    grade: str | None = None
    households: int | None = None
    people: int | None = None
    signal: str | None = None
    route: str | None = None
    shelter: str | None = None
    note: str | None = None
    demonstration: bool = False
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """Who lives under a danger point; `position` 1 is called out first."""

    id: UUID
    danger_point_id: UUID
    position: int
    head: str
    number: str | None  # E.164
    people: int | None
    helper_id: UUID | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A duty in an area for hazards; empty `hazards` is all. `valid_to` is the last day in force."""

    id: UUID
    area_code: str
    kind: str
    level: PostLevel
    tier: Tier
    hazards: tuple[Hazard, ...]
    holder_id: UUID | None
    deputy_id: UUID | None
    superior_id: UUID | None
    valid_from: date | None
    valid_to: date | None
    note: str | None
    demonstration: bool
    danger_point_id: UUID | None = None

    def in_force_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class PointRef:
    """A danger point as a sheet names it: by its number, or by its name in an area."""

    code: str | None
    name: str
    area_code: str


@dataclass(frozen=True, slots=True)
class PointRow:
    """One danger point of a sheet, read."""

    sheet: str
    row: int
    ref: PointRef
    kind: PointKind
    lat: float | None = None
    lon: float | None = None
    grade: str | None = None
    households: int | None = None
    people: int | None = None
    signal: str | None = None
    route: str | None = None
    shelter: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class HouseholdRow:
    """One threatened household of a sheet, read, in the order of the sheet."""

    sheet: str
    row: int
    point: PointRef
    head: str
    number: Number | None = None
    people: int | None = None
    helper: str | None = None
    helper_numbers: tuple[Number, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person of a roster sheet, read: somebody holds a post in an area, or at a danger point.

    `name` is empty where the post is vacant (空缺): a row all the same.
    """

    sheet: str
    row: int
    name: str
    numbers: tuple[Number, ...]
    area_code: str
    post: str
    level: PostLevel
    hazards: tuple[Hazard, ...] = ()
    unit: str | None = None
    title: str | None = None
    deputy: str | None = None
    deputy_numbers: tuple[Number, ...] = ()
    superior: str | None = None
    superior_numbers: tuple[Number, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None
    language: str | None = None
    note: str | None = None
    other_languages: tuple[str, ...] = ()
    point: PointRef | None = None
    code: str | None = None  # of the person: rows of one code and name are about one person


# Sites have one ladder with villages: whoever stands at the dam must wake first.
_SITE = re.compile(r"水库|淤地坝|堤防|山塘|水电站|尾矿|煤矿|矿山|矿长|矿井|调度室|隐患点|景区|工地")
_OFFICE = re.compile(r"局|办公室|中心|包保|包联|分管")
_MEMBER = re.compile(r"(?:指挥部|防指).*成员")
# Of special headquarters (专项指挥部), which have two: 双指挥长.
_COMMANDER = re.compile(r"(?<!副)(?<!副总)(?:指挥长|总指挥)|双指挥")
_CHIEF = re.compile(r"(?<!副)(?<!副总)(?:书记|[县市区旗]长|指挥长|总指挥|党政主要)")


def tier_of(level: PostLevel, kind: str, title: str | None = None) -> Tier:
    """The ladder's column for a post, after the matrix of common practice (colour → who).

    Villages and sites (reservoirs, mines) are `village`; at county level the party secretary, the
    head, commanders and members of the headquarters are `county_chief`, everybody else `county_lead`.
    """
    if level == PostLevel.VILLAGE:
        return Tier.VILLAGE
    # The headquarters for mines is no mine.
    if _SITE.search(kind) and not _OFFICE.search(kind) and "指挥" not in kind:
        return Tier.VILLAGE
    if level == PostLevel.TOWNSHIP:
        return Tier.TOWNSHIP
    words = f"{kind} {title or ''}"
    is_chief = (_CHIEF.search(words) and not _OFFICE.search(words)) or _COMMANDER.search(kind)
    return Tier.COUNTY_CHIEF if is_chief or _MEMBER.search(kind) else Tier.COUNTY_LEAD
