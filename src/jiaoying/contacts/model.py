"""Nouns of the roster: contacts (责任人), the posts they hold (责任岗位), and how far up a post stands."""

import re
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


@dataclass(frozen=True, slots=True)
class ContactNumber:
    """One of a contact's numbers; `preference` 1 is tried first."""

    contact_id: UUID
    number: str  # E.164
    kind: NumberKind
    preference: int
    opted_out_at: datetime | None = None


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

    def in_force_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of a roster sheet, read: somebody holds a post in an area."""

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
    valid_from: date | None = None
    valid_to: date | None = None
    language: str | None = None
    note: str | None = None


# Sites have one ladder with villages: whoever stands at the dam must wake first.
_SITE = re.compile(r"水库|淤地坝|堤防|山塘|水电站|尾矿|煤矿|矿山|矿长|矿井|调度室|隐患点|景区|工地")
_OFFICE = re.compile(r"局|办公室|中心|包保|包联|分管")
_MEMBER = re.compile(r"(?:指挥部|防指).*成员")
_CHIEF = re.compile(r"(?<!副)(?<!副总)(?:书记|[县市区旗]长|指挥长|总指挥|党政主要)")


def tier_of(level: PostLevel, kind: str, title: str | None = None) -> Tier:
    """The ladder's column for a post, after the matrix of common practice (colour → who).

    Villages and sites (reservoirs, mines) are `village`; at county level the party secretary, the
    head and the members of the headquarters are `county_chief`, everybody else `county_lead`.
    """
    if level == PostLevel.VILLAGE:
        return Tier.VILLAGE
    if _SITE.search(kind) and not _OFFICE.search(kind):
        return Tier.VILLAGE
    if level == PostLevel.TOWNSHIP:
        return Tier.TOWNSHIP
    words = f"{kind} {title or ''}"
    is_chief = _CHIEF.search(words) and not _OFFICE.search(words)
    return Tier.COUNTY_CHIEF if is_chief or _MEMBER.search(kind) else Tier.COUNTY_LEAD
