"""A match looked at ahead: when which rung would begin, and whom it would ask. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from jiaoying.dispatch.ladders.model import Ladder, Target, Tier, Who, role_of
from jiaoying.dispatch.matching import NewResponsibility
from jiaoying.gateways.base import Channel

Named = Mapping[Target, tuple[UUID, ...]]


@dataclass(frozen=True, slots=True)
class RungAhead:
    """A rung that begins so many seconds after the match, if nobody answers and no line is short."""

    index: int
    begins_s: int
    channels: tuple[Channel, ...]
    tries: int
    gap_s: int
    people: tuple[tuple[Who, UUID], ...]


@dataclass(frozen=True, slots=True)
class DutyAhead:
    """A responsibility with its rungs. `priority` is that of its calls; smaller is sooner."""

    duty: NewResponsibility
    tier: Tier
    priority: int
    rungs: tuple[RungAhead, ...]

    @property
    def at_once(self) -> tuple[UUID, ...]:
        """Whom the match itself calls: the first rung, and where that is empty the next."""
        return tuple(person for rung in self.rungs if rung.begins_s == 0 for _, person in rung.people)

    @property
    def later(self) -> tuple[UUID, ...]:
        """Whom the rungs ask that begin while nobody answers."""
        return tuple(person for rung in self.rungs if rung.begins_s > 0 for _, person in rung.people)


@dataclass(frozen=True, slots=True)
class Asking:
    """One reason for which a person would be called."""

    duty: NewResponsibility
    role: Who
    rung: int  # counted from 0
    begins_s: int


@dataclass(frozen=True, slots=True)
class PersonAhead:
    """A person, however many duties they answer for: one ring, by what the strongest of the first asks."""

    contact_id: UUID
    begins_s: int
    priority: int
    channels: tuple[Channel, ...]
    tries: int
    askings: tuple[Asking, ...]  # the first that call, then the later ones


def rungs_ahead(ladder: Ladder, named: Named) -> tuple[RungAhead, ...]:
    """The rungs with their people; one that names nobody goes on at once.

    A stepped ladder begins at its longest wait.
    """
    begins = ladder.after.wait_s if ladder.after else 0
    ahead: list[RungAhead] = []
    for index, rung in enumerate(ladder.rungs):
        asked = ((role_of(target), person) for target in rung.who for person in named.get(target, ()))
        people = tuple(dict.fromkeys(asked))
        ahead.append(RungAhead(index, begins, rung.channels, rung.tries, rung.gap_s, people))
        begins += rung.wait_s if people else 0
    return tuple(ahead)


def people_ahead(duties: Iterable[DutyAhead]) -> list[PersonAhead]:
    """Everybody who would be asked, in the order in which they would be called."""
    found: defaultdict[UUID, list[tuple[DutyAhead, RungAhead, Who]]] = defaultdict(list)
    for duty in duties:
        for rung in duty.rungs:
            for role, person in rung.people:
                found[person].append((duty, rung, role))
    people = [_person(contact_id, reasons) for contact_id, reasons in found.items()]
    return sorted(people, key=lambda one: (one.begins_s, one.priority, one.contact_id))


def _person(contact_id: UUID, reasons: Sequence[tuple[DutyAhead, RungAhead, Who]]) -> PersonAhead:
    ordered = sorted(reasons, key=lambda one: (one[1].begins_s, one[0].priority, one[0].duty.label))
    begins = ordered[0][1].begins_s
    first = [(duty, rung) for duty, rung, _ in ordered if rung.begins_s == begins]
    wanted = {channel for _, rung in first for channel in rung.channels}
    return PersonAhead(
        contact_id,
        begins,
        min(duty.priority for duty, _ in first),
        tuple(channel for channel in Channel if channel in wanted),
        max(rung.tries for _, rung in first),
        tuple(Asking(duty.duty, role, rung.index, rung.begins_s) for duty, rung, role in ordered),
    )
