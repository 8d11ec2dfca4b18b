"""Whom a rung asks at this moment, and why a role of it asks nobody. Pure.

The ladder was frozen when the warning was matched; who fills its roles is asked of the roster and the rota
when the rung falls due.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.ladders.model import NamedPerson, NamedPost, Rung, Target, Who, role_of


class Empty(StrEnum):
    """Why a role asks nobody."""

    VACANT = "vacant"
    NO_DEPUTY = "no_deputy"
    NO_SUPERIOR = "no_superior"
    NOBODY_ON_DUTY = "nobody_on_duty"
    NO_LEADER = "no_leader"
    NOBODY_TO_WAKE = "nobody_to_wake"  # a walk is for somebody who was called and did not answer
    NOBODY_TO_SEND = "nobody_to_send"  # neither superior nor officer is left to go there
    POST_VACANT = "post_vacant"
    NOT_ON_ROSTER = "not_on_roster"


@dataclass(frozen=True, slots=True)
class Around:
    """Everybody who may be asked for one responsibility at this moment.

    `posts` gives the holders of named posts, and `persons` of those named in the ladder the record that
    each is kept under, where they are on the roster.
    """

    holder_id: UUID | None = None
    deputy_id: UUID | None = None
    superior_id: UUID | None = None
    officer_ids: tuple[UUID, ...] = ()  # on a sensitive day two
    leader_id: UUID | None = None
    posts: Mapping[NamedPost, tuple[UUID, ...]] = field(default_factory=dict[NamedPost, tuple[UUID, ...]])
    persons: Mapping[UUID, UUID] = field(default_factory=dict[UUID, UUID])
    shift_ends_at: datetime | None = None  # of officers and leader


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a rung asks to answer, and which of its roles are empty: (role, why). Walkers are apart."""

    people: tuple[tuple[Who, UUID], ...]
    empty: tuple[tuple[Who, Empty], ...]


def named_by(target: Target, around: Around) -> tuple[UUID, ...]:
    """Whom one target names; of a walk, who would be sent first."""
    match target:
        case NamedPost():
            return around.posts.get(target, ())
        case NamedPerson():
            return tuple(_known(around.persons.get(target.contact_id)))
        case Who.HOLDER:
            return tuple(_known(around.holder_id))
        case Who.DEPUTY:
            return tuple(_known(around.deputy_id))
        case Who.SUPERIOR:
            return tuple(_known(around.superior_id))
        case Who.DESK:
            return around.officer_ids
        case Who.LEADER:
            return tuple(_known(around.leader_id))
        case Who.DOOR:
            return tuple(walkers(around)[:1])
        case _:
            return ()


def name_people(rung: Rung, around: Around) -> Named:
    """Everybody whom a rung asks to answer. A person is asked once for each role."""
    asked = [target for target in rung.who if target is not Who.DOOR]
    found = [(role_of(target), named_by(target, around)) for target in asked]
    people = ((role, person) for role, persons in found for person in persons)
    empty = tuple((role, _WHY[role]) for role, persons in found if not persons)
    return Named(tuple(dict.fromkeys(people)), empty)


def walkers(around: Around) -> tuple[UUID, ...]:
    """Who may be sent to a door, in order: the superior, then today's officer and leader on duty there."""
    candidates = (around.superior_id, *around.officer_ids, around.leader_id)
    return tuple(dict.fromkeys(person for person in candidates if person is not None))


def choose_walker(around: Around, sleeper: UUID, passed_over: Collection[UUID]) -> UUID | None:
    """Who goes to the sleeper's door; not they themselves, nor who was sent there in vain before."""
    able = (person for person in walkers(around) if person != sleeper and person not in passed_over)
    return next(able, None)


def _known(person: UUID | None) -> tuple[UUID, ...]:
    return () if person is None else (person,)


_WHY = {
    Who.HOLDER: Empty.VACANT,
    Who.DEPUTY: Empty.NO_DEPUTY,
    Who.SUPERIOR: Empty.NO_SUPERIOR,
    Who.DESK: Empty.NOBODY_ON_DUTY,
    Who.LEADER: Empty.NO_LEADER,
    Who.POST: Empty.POST_VACANT,
    Who.PERSON: Empty.NOT_ON_ROSTER,
}
