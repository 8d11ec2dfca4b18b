"""What a ladder is. Plain values, as they are written, frozen and followed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

MAX_RUNGS = 10
MAX_TRIES = 5


class Tier(StrEnum):
    """The columns of the colour matrix: how far up a post stands."""

    VILLAGE = "village"  # villages, and sites such as reservoirs and mines
    TOWNSHIP = "township"
    COUNTY_LEAD = "county_lead"  # deputy county heads, heads of bureaus
    COUNTY_CHIEF = "county_chief"  # the county's party secretary and head, members of the headquarters
    DESK = "desk"  # duty desks of the county and of every covered township


class Who(StrEnum):
    """In what role a person is asked, seen from the responsibility."""

    HOLDER = "holder"
    DEPUTY = "deputy"
    DESK = "desk"  # today's officer at the duty desk of the area's township (or of the county)
    LEADER = "leader"  # today's leader on duty there
    SUPERIOR = "superior"  # called like the others: their answer counts for it
    DOOR = "door"  # the superior goes to the door of who was not woken; `1` takes the task, 已上门 ends it
    POST = "post"  # whoever holds a named post nearby
    PERSON = "person"  # somebody named in the ladder itself


@dataclass(frozen=True, slots=True)
class NamedPost:
    """Everybody who holds a post of this kind in the responsibility's village, township or county."""

    kind: str
    of: Level


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """One person of the roster; the name is for readers, the id decides."""

    contact_id: UUID
    name: str


Target = Who | NamedPost | NamedPerson


def role_of(target: Target) -> Who:
    """The role in which a target is tied to a responsibility."""
    match target:
        case NamedPost():
            return Who.POST
        case NamedPerson():
            return Who.PERSON
        case Who():
            return target


@dataclass(frozen=True, slots=True)
class Stop:
    """When a responsibility is covered: `needed` of its people answered; None: everybody of its rung did."""

    needed: int | None


ANY, ALL = Stop(1), Stop(None)


@dataclass(frozen=True, slots=True)
class Rung:
    """One step. `wait_s` runs from its first accepted hand-over (the call, where it has one).

    Channels go out side by side, or, `in_turn`, one after the other: the next with the next try.
    """

    who: tuple[Target, ...]
    channels: tuple[Channel, ...]
    tries: int
    gap_s: int  # from the end of one round to the next, for one person
    wait_s: int
    in_turn: bool = False

    @property
    def roles(self) -> tuple[Who, ...]:
        """The roles in which it asks, once each."""
        return tuple(dict.fromkeys(role_of(target) for target in self.who))


@dataclass(frozen=True, slots=True)
class After:
    """Stepped (逐级): the first rung begins when `tier` of the same township has answered, or `wait_s`
    after the match. Without it a tier is called directly (直达)."""

    tier: Tier
    wait_s: int


@dataclass(frozen=True, slots=True)
class FeedbackClock:
    """Whoever answered reports this stage within so many seconds of the answer, or is asked for it."""

    stage: FeedbackStage
    within_s: int


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps for one tier. `deadline_s` runs from the match; past it the officer's list has it.

    `heard_covers`: a call heard to its end counts like an answer, where the carrier reports a human.
    """

    stop: Stop
    deadline_s: int
    rungs: tuple[Rung, ...]
    after: After | None = None
    feedback: tuple[FeedbackClock, ...] = ()
    heard_covers: bool = False

    def rungs_asking(self, role: Who, since: int, until: int) -> tuple[int, ...]:
        """The rungs up to `until` on which somebody is asked who was asked first as `role` on rung `since`.

        That one, and each after it that names the same, as a call that follows a text does.
        """
        named = self.rungs[since].who if since >= 0 else ()
        first = {target for target in named if role_of(target) is role}
        later = range(since + 1, until + 1)
        return (since, *(index for index in later if not first.isdisjoint(self.rungs[index].who)))


@dataclass(frozen=True, slots=True)
class Hours:
    """A part of the day in local time, `begin` inclusive, `end` exclusive; it may go over midnight."""

    begin: time
    end: time

    def hold(self, at: time) -> bool:
        """Whether the moment lies in it."""
        if self.begin <= self.end:
            return self.begin <= at < self.end
        return at >= self.begin or at < self.end


@dataclass(frozen=True, slots=True)
class Rule:
    """One ladder rule: which warnings it is for, and a ladder for each tier that is to be asked."""

    name: str
    hazards: frozenset[Hazard]  # empty: every family
    colours: frozenset[Colour]
    tiers: Mapping[Tier, Ladder]
    hours: Hours | None = None  # None: all day


@dataclass(frozen=True, slots=True)
class LadderBook:
    """All rules in force. The first that fits a warning counts."""

    uncoloured_as: Colour
    night: Hours
    rules: tuple[Rule, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class NoLadder:
    """Nobody of this tier is asked, with the reason."""

    reason: str
