"""A rota looked at ahead: times with nobody, people in two places, and how good a month is. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.duty.constraints import Objection, Rules, Stint, objections
from jiaoying.duty.days import Calendar
from jiaoying.duty.filling import Burden, counts_of
from jiaoying.duty.model import Leave, Role

Span = tuple[datetime, datetime]


class FaultKind(StrEnum):
    """What is wrong with a rota."""

    NOBODY = "nobody"  # no officer stands there
    NO_LEADER = "no_leader"
    NO_SECOND = "no_second"  # on a day that asks for two officers
    IN_TWO_PLACES = "in_two_places"
    ON_LEAVE = "on_leave"
    TOO_LITTLE_REST = "too_little_rest"
    TWICE_ON_HOLIDAY = "twice_on_holiday"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a desk, from one moment up to another; with whom, where it is about somebody."""

    kind: FaultKind
    desk_id: UUID
    starts_at: datetime
    ends_at: datetime
    person_id: UUID | None = None


_OF_OBJECTIONS = {
    Objection.ELSEWHERE: FaultKind.IN_TWO_PLACES,
    Objection.TWO_ROLES: FaultKind.IN_TWO_PLACES,
    Objection.ON_LEAVE: FaultKind.ON_LEAVE,
    Objection.TOO_LITTLE_REST: FaultKind.TOO_LITTLE_REST,
    Objection.TWICE_ON_HOLIDAY: FaultKind.TWICE_ON_HOLIDAY,
}


@dataclass(frozen=True, slots=True)
class Everybody:
    """The stints of all desks around a span, by desk and by person: somebody may stand at several."""

    by_desk: Mapping[UUID, Sequence[Stint]]
    by_person: Mapping[UUID, Sequence[Stint]]


def everybody(stints: Iterable[Stint]) -> Everybody:
    """Stints, as the checks read them."""
    by_desk: dict[UUID, list[Stint]] = {}
    by_person: dict[UUID, list[Stint]] = {}
    for stint in stints:
        by_desk.setdefault(stint.desk_id, []).append(stint)
        by_person.setdefault(stint.person_id, []).append(stint)
    return Everybody(by_desk, by_person)


def faults_of(
    desk_id: UUID,
    around: Everybody,
    span: Span,
    *,
    meant: Iterable[Span] = (),
    leaves: Collection[Leave] = (),
    two_on: Collection[date] = (),
    rules: Rules,
    calendar: Calendar,
) -> list[Fault]:
    """What is wrong at a desk in a span, in order of time."""
    own = [each for each in around.by_desk.get(desk_id, ()) if _touch(_span_of(each), span)]
    manned = _spans_of(own, Role.OFFICER)
    nobody = _without(_without([span], manned), list(meant))
    unled = _without(manned, _spans_of(own, Role.LEADER))
    for_two = [_span_of(each) for each in own if each.role is Role.OFFICER and each.day in two_on]
    alone = _without(for_two, _spans_of(own, Role.SECOND))
    found = [Fault(FaultKind.NOBODY, desk_id, *each) for each in nobody]
    for kind, spans in ((FaultKind.NO_LEADER, unled), (FaultKind.NO_SECOND, alone)):
        found += [Fault(kind, desk_id, *_within(each, span)) for each in spans if _touch(each, span)]
    for stint in own:
        others = [each for each in around.by_person[stint.person_id] if each is not stint]
        found += [
            Fault(_OF_OBJECTIONS[why], desk_id, stint.starts_at, stint.ends_at, stint.person_id)
            for why in objections(stint, others, leaves, rules, calendar)
        ]
    return sorted(found, key=lambda fault: (fault.starts_at, list(FaultKind).index(fault.kind)))


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the rota of a span is.

    `covered` is the share of the time in which an officer stands there, meant gaps aside; `balance` how near
    the burdens of those who take turns are to the fairest that is possible: 1 where nobody could be relieved
    without burdening somebody as much. Both are from 0 to 1; `figure` is their product as a percentage.
    """

    covered: float
    balance: float
    shares: Mapping[tuple[Role, UUID, Burden], int]

    @property
    def figure(self) -> int:
        return round(100 * self.covered * self.balance)


def quality_of(
    desk_id: UUID,
    around: Everybody,
    span: Span,
    members: Mapping[Role, Sequence[UUID]],
    calendar: Calendar,
    *,
    meant: Iterable[Span] = (),
) -> Quality:
    """How good the rota of a desk is in a span."""
    own = around.by_desk.get(desk_id, ())
    wanted = _without([span], list(meant))
    open_s = _seconds(_without(wanted, _spans_of(own, Role.OFFICER)))
    whole_s = _seconds(wanted)
    shares = counts_of((each for each in own if span[0] <= each.starts_at < span[1]), calendar)
    return Quality(1 - open_s / whole_s if whole_s else 1.0, _balance(shares, members), shares)


def _balance(shares: Counter[tuple[Role, UUID, Burden]], members: Mapping[Role, Sequence[UUID]]) -> float:
    """The mean over roles and burdens of how much of the largest share is not needless."""
    fair: list[float] = []
    for role, people in members.items():
        for burden in Burden:
            borne = [shares[role, person, burden] for person in people]
            if sum(borne):
                best = 1 if sum(borne) % len(borne) else 0
                needless = max(borne) - min(borne) - best
                fair.append(1 - max(needless, 0) / max(borne))
    return sum(fair) / len(fair) if fair else 1.0


def _spans_of(stints: Iterable[Stint], role: Role) -> list[Span]:
    return [_span_of(each) for each in stints if each.role is role]


def _span_of(stint: Stint) -> Span:
    return stint.starts_at, stint.ends_at


def _without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """What is left of some spans when others are cut out of them."""
    left = list(spans)
    for begin, end in taken:
        left = [
            part
            for starts_at, ends_at in left
            for part in ((starts_at, min(ends_at, begin)), (max(starts_at, end), ends_at))
            if part[0] < part[1]
        ]
    return left


def _touch(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _within(one: Span, other: Span) -> Span:
    return max(one[0], other[0]), min(one[1], other[1])


def _seconds(spans: Iterable[Span]) -> float:
    return sum((end - begin).total_seconds() for begin, end in spans)
