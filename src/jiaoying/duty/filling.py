"""A rota filled fairly: nights, weekends and holidays are each shared out by themselves. Pure.

Every place in a shift goes to whoever has had the fewest of its kind this year, as far as nothing speaks
against it; afterwards places are handed on from who has more to who has fewer, until nobody can be relieved
without burdening somebody as much. What nobody can take is left as a gap, with what speaks against each.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.duty.constraints import USUAL, Objection, Rules, Stint, objections
from jiaoying.duty.days import Calendar, DayKind
from jiaoying.duty.model import Leave, Role
from jiaoying.duty.shift_times import Slot


class Burden(StrEnum):
    """What is shared out by itself; a place counts as the heaviest that it is."""

    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    NIGHT = "night"  # of a workday
    DAY = "day"  # of a workday


_HEAVIEST_FIRST = tuple(Burden)


@dataclass(frozen=True, slots=True)
class Place:
    """One role in one shift, that one person fills."""

    slot: Slot
    role: Role


@dataclass(frozen=True, slots=True)
class Members:
    """Who takes turns at one desk, by role, in the order in which equals are asked."""

    desk_id: UUID
    by_role: Mapping[Role, Sequence[UUID]]


# What goes to one person as a whole: one place, or those of one role in a week.
Block = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """What nobody can take, and what speaks against each who was asked."""

    block: Block
    why: Mapping[UUID, tuple[Objection, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """Who takes a place; `against` is what speaks against it and had to be borne, as nobody was without."""

    place: Place
    person_id: UUID
    against: tuple[Objection, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling came to, in order of time."""

    taken: Sequence[Taken]
    gaps: Sequence[Gap]


def burden_of(stint_day: date, calendar: Calendar, *, is_night: bool) -> Burden:
    """As what a stint counts."""
    match calendar.kind(stint_day):
        case DayKind.HOLIDAY:
            return Burden.HOLIDAY
        case DayKind.WEEKEND:
            return Burden.WEEKEND
        case DayKind.WORKDAY:
            return Burden.NIGHT if is_night else Burden.DAY


def places_of(slots: Iterable[Slot], *, second_on: Collection[date] = ()) -> list[Place]:
    """An officer and a leader for each shift, and on sensitive days a second officer."""
    return [
        Place(slot, role)
        for slot in slots
        for role in Role
        if role is not Role.SECOND or slot.day in second_on
    ]


def blocks_of(places: Iterable[Place], by_week: Collection[Role] = ()) -> list[Block]:
    """Each place by itself; in roles that change by the week, the places of a week (from Monday) together."""
    blocks: dict[object, list[Place]] = {}
    for place in places:
        week = place.slot.day.isocalendar()[:2]
        key = (place.role, week) if place.role in by_week else place
        blocks.setdefault(key, []).append(place)
    return [tuple(block) for block in blocks.values()]


def counts_of(stints: Iterable[Stint], calendar: Calendar) -> Counter[tuple[Role, UUID, Burden]]:
    """How often each person bore each burden, in each role; both officers bear the same."""
    return Counter(
        (
            _counted_as(stint.role),
            stint.person_id,
            burden_of(stint.day, calendar, is_night=stint.is_night),
        )
        for stint in stints
    )


# Where there are more days off than people, somebody comes twice: shown, and better than nobody.
BORNE = frozenset({Objection.TWICE_ON_HOLIDAY})


@dataclass(slots=True)
class _Filling:
    members: Members
    leaves: Sequence[Leave]
    rules: Rules
    calendar: Calendar
    by_person: dict[UUID, list[Stint]]
    counts: Counter[tuple[Role, UUID, Burden]]
    taken: dict[Block, UUID] = field(default_factory=dict[Block, UUID])
    gaps: list[Gap] = field(default_factory=list[Gap])

    def able(self, block: Block) -> Sequence[UUID]:
        return self.members.by_role.get(block[0].role, ())

    def against(self, block: Block, person_id: UUID) -> tuple[Objection, ...]:
        """What speaks against a person for any place of a block that they have not got."""
        others = self.by_person.get(person_id, ())
        found = (
            objections(stint, others, self.leaves, self.rules, self.calendar)
            for stint in self._stints(block, person_id)
        )
        return tuple(dict.fromkeys(one for of_place in found for one in of_place))

    def burden(self, block: Block) -> Burden:
        """The heaviest of its places."""
        return min((self._burden(place) for place in block), key=_HEAVIEST_FIRST.index)

    def load(self, person_id: UUID, block: Block) -> tuple[int, int]:
        """How often the person bore what the block brings, and all burdens together."""
        role = _counted_as(block[0].role)
        total = sum(self.counts[role, person_id, burden] for burden in Burden)
        return self.counts[role, person_id, self.burden(block)], total

    def take(self, block: Block, person_id: UUID) -> None:
        self.taken[block] = person_id
        self.by_person.setdefault(person_id, []).extend(self._stints(block, person_id))
        self._count(block, person_id, 1)

    def give_back(self, block: Block) -> None:
        person_id = self.taken.pop(block)
        for stint in self._stints(block, person_id):
            self.by_person[person_id].remove(stint)
        self._count(block, person_id, -1)

    def fill(self, block: Block) -> None:
        why = {person: self.against(block, person) for person in self.able(block)}
        free = [person for person, against in why.items() if not against]
        borne = [person for person, against in why.items() if BORNE.issuperset(against)]
        if free or borne:
            self.take(block, min(free or borne, key=lambda person: self._order(person, block)))
        else:
            self.gaps.append(Gap(block, why))

    def relieve(self) -> bool:
        """Hand one block on from somebody who bears more; returns whether that was possible."""
        for block, bearer in list(self.taken.items()):
            mine, total = self.load(bearer, block)
            for person in self.able(block):
                theirs, their_total = self.load(person, block)
                is_fairer = theirs + len(block) < mine or (
                    theirs + len(block) == mine and their_total + len(block) < total
                )
                if person != bearer and is_fairer and self._hand_on(block, person):
                    return True
        return False

    def _hand_on(self, block: Block, person_id: UUID) -> bool:
        bearer = self.taken[block]
        self.give_back(block)
        can = set(self.against(block, person_id)) <= set(self.against(block, bearer)) & BORNE
        self.take(block, person_id if can else bearer)
        return can

    def _order(self, person_id: UUID, block: Block) -> tuple[float, ...]:
        """Who came on these holidays the least, bore the least, and of equals stood the furthest away."""
        stints = self.by_person.get(person_id, ())
        run = self.calendar.run(block[0].slot.day)
        on_run = sum(run.first <= stint.day <= run.last for stint in stints) if run else 0
        begin = block[0].slot.starts_at
        nearest = min(
            (abs((stint.starts_at - begin).total_seconds()) for stint in stints), default=float("inf")
        )
        return (on_run, *self.load(person_id, block), -nearest)

    def _stints(self, block: Block, person_id: UUID) -> list[Stint]:
        return [_stint(place, person_id, self.members.desk_id) for place in block]

    def _burden(self, place: Place) -> Burden:
        return burden_of(place.slot.day, self.calendar, is_night=place.slot.time.is_night)

    def _count(self, block: Block, person_id: UUID, by: int) -> None:
        for place in block:
            self.counts[_counted_as(place.role), person_id, self._burden(place)] += by


def fill(
    blocks: Sequence[Block],
    members: Members,
    history: Sequence[Stint],
    calendar: Calendar,
    *,
    leaves: Sequence[Leave] = (),
    rules: Rules = USUAL,
) -> Filled:
    """Who takes what. `history` are the stints that stand already, at this desk and at others: of the year,
    so that its burdens count, and around the places, so that nobody is asked to be in two.

    The heaviest burdens are shared out first, within each in order of time. Where that leaves gaps, second
    officers wait until every shift has its first, lest one lacks an officer because another has two.
    """
    filling = _begin(members, history, calendar, leaves, rules)
    _fill_in_order(filling, blocks, seconds_last=False)
    if filling.gaps:
        other = _begin(members, history, calendar, leaves, rules)
        _fill_in_order(other, blocks, seconds_last=True)
        filling = min(filling, other, key=_gaps_left)
    # Each hand-over makes it fairer; the bound is for a mistake in that thought.
    for _ in range(len(blocks) * 4):
        if not filling.relieve():
            break
    return Filled(_taken(filling), sorted(filling.gaps, key=lambda gap: gap.block[0].slot.starts_at))


def _fill_in_order(filling: _Filling, blocks: Sequence[Block], *, seconds_last: bool) -> None:
    def turn(block: Block) -> tuple[bool, int, datetime]:
        waits = seconds_last and block[0].role is Role.SECOND
        return waits, _HEAVIEST_FIRST.index(filling.burden(block)), block[0].slot.starts_at

    for block in sorted(blocks, key=turn):
        filling.fill(block)


def _gaps_left(filling: _Filling) -> tuple[int, int]:
    """Shifts without an officer, and all that is left open."""
    return sum(gap.block[0].role is Role.OFFICER for gap in filling.gaps), len(filling.gaps)


def suggest(
    block: Block,
    members: Members,
    history: Sequence[Stint],
    calendar: Calendar,
    *,
    leaves: Sequence[Leave] = (),
    rules: Rules = USUAL,
) -> list[tuple[UUID, tuple[Objection, ...]]]:
    """Who could take it, the least burdened first; behind them who could with something against it."""
    filling = _begin(members, history, calendar, leaves, rules)
    against = {person: filling.against(block, person) for person in filling.able(block)}
    return sorted(against.items(), key=lambda item: (len(item[1]), *filling.load(item[0], block)))


def _begin(
    members: Members,
    history: Sequence[Stint],
    calendar: Calendar,
    leaves: Sequence[Leave],
    rules: Rules,
) -> _Filling:
    by_person: dict[UUID, list[Stint]] = {}
    for stint in history:
        by_person.setdefault(stint.person_id, []).append(stint)
    here = (stint for stint in history if stint.desk_id == members.desk_id)
    return _Filling(members, leaves, rules, calendar, by_person, counts_of(here, calendar))


def _taken(filling: _Filling) -> list[Taken]:
    found: list[Taken] = []
    for block, person_id in list(filling.taken.items()):
        filling.give_back(block)
        against = filling.against(block, person_id)
        filling.take(block, person_id)
        found += [Taken(place, person_id, against) for place in block]
    return sorted(found, key=lambda one: (one.place.slot.starts_at, one.place.role))


def _stint(place: Place, person_id: UUID, desk_id: UUID) -> Stint:
    slot = place.slot
    return Stint(
        person_id, place.role, desk_id, slot.day, slot.starts_at, slot.ends_at, is_night=slot.time.is_night
    )


def _counted_as(role: Role) -> Role:
    return Role.OFFICER if role is Role.SECOND else role
