"""The story told by person: when first called, when and how it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.ledger.export import StoryLine

ENDINGS = ("call_out.answered", "call_out.declined", "call_out.exhausted", "call_out.withdrawn")
WAITING = "call_out.opened"
# Withdrawn for one of these, a person was left in peace or asked in another call-out, not stood down.
_NOT_STOOD_DOWN = ("covered", "asked_anew", "raised", "cut_off", "merged", "spared", "replaced")


@dataclass(frozen=True, slots=True)
class PersonStory:
    """One person under one warning, however often they were asked under it; who was sent to a door, apart.

    `ending` is the event that ended it: an answer before all else; or WAITING.
    """

    person: str | None
    unit: str | None
    title: str | None
    post: str | None
    number: str | None  # the one called last
    tries: int  # hand-overs that the carrier took
    first_called_at: datetime | None
    answered_at: datetime | None
    # Of who answered: by what means and how good that is; else what is known of them all the same.
    proof: tuple[str, ...]
    ending: str
    stood_down: bool  # still being called when the warning was stood down or its place dropped
    is_walk: bool = False  # sent to somebody's door: not one more to be woken

    @property
    def answered_after(self) -> timedelta | None:
        """From the first call to the answer."""
        if self.answered_at is None or self.first_called_at is None:
            return None
        return self.answered_at - self.first_called_at


def people_of(lines: Sequence[StoryLine]) -> list[PersonStory]:
    """Everybody who was to be called: first those who were not woken, then by post and name."""
    by_call_out: dict[UUID, list[StoryLine]] = {}
    for line in lines:
        if line.call_out_id is not None:
            by_call_out.setdefault(line.call_out_id, []).append(line)
    by_person: dict[tuple[UUID, bool], list[list[StoryLine]]] = {}
    for call_out_id, told in by_call_out.items():
        contact_id = next((line.contact_id for line in told if line.contact_id), call_out_id)
        by_person.setdefault((contact_id, _is_walk(told)), []).append(told)
    return sorted((_person(asked) for asked in by_person.values()), key=_unwoken_first)


def _is_walk(told: Sequence[StoryLine]) -> bool:
    return any(line.event == WAITING and line.facts.get("kind") == "door" for line in told)


def _person(asked: Sequence[Sequence[StoryLine]]) -> PersonStory:
    """`asked`: what was told of each of their call-outs, the oldest first."""
    told = [line for each in asked for line in each]
    calls = [line for line in told if line.event == "attempt.accepted"]
    answers = [line.at for line in told if line.event == "call_out.answered"]
    # An answer that comes after the last rung counts: it is the last ending told.
    endings = [next((line for line in reversed(each) if line.event in ENDINGS), None) for each in asked]
    # Who answered is awake, whatever they were asked after it; else what was not withdrawn counts.
    woken = [ending for ending in endings if ending and ending.event == "call_out.answered"]
    lasting = [ending for ending in endings if ending is None or ending.event != "call_out.withdrawn"]
    ending = (woken or lasting or endings)[-1]
    return PersonStory(
        person=_last(line.person for line in told),
        unit=_last(line.unit for line in told),
        title=_last(line.title for line in told),
        post=_last(line.post for line in told),
        number=_last(line.number for line in told),
        tries=len(calls),
        first_called_at=min((line.at for line in calls), default=None),
        answered_at=min(answers, default=None),
        proof=_proof(told),
        ending=ending.event if ending else WAITING,
        stood_down=ending is not None and _is_stand_down(ending),
        is_walk=_is_walk(told),
    )


def _proof(told: Sequence[StoryLine]) -> tuple[str, ...]:
    answered = next((line.facts for line in told if line.event == "call_out.answered"), None)
    if answered is not None:
        return tuple(str(answered[name]) for name in ("how", "grade") if answered.get(name))
    heard = any(line.event == "attempt.heard_whole" for line in told)
    return ("heard_whole",) if heard else ()


def _is_stand_down(ending: StoryLine) -> bool:
    return ending.event == "call_out.withdrawn" and ending.facts.get("reason") not in _NOT_STOOD_DOWN


def _last(values: Iterable[str | None]) -> str | None:
    return next((value for value in reversed(list(values)) if value), None)


def _unwoken_first(person: PersonStory) -> tuple[int, str, str]:
    order = ("call_out.exhausted", WAITING, "call_out.declined", "call_out.answered")
    rank = order.index(person.ending) if person.ending in order else len(order)
    return rank, person.post or "", person.person or ""
