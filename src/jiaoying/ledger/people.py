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
    """One person under one warning. `ending` is the event that ended the call-out, or WAITING."""

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
    return sorted((_person(told) for told in by_call_out.values()), key=_unwoken_first)


def _person(told: Sequence[StoryLine]) -> PersonStory:
    calls = [line for line in told if line.event == "attempt.accepted"]
    endings = [line for line in told if line.event in ENDINGS]
    answers = [line.at for line in told if line.event == "call_out.answered"]
    return PersonStory(
        person=_last(line.person for line in told),
        unit=_last(line.unit for line in told),
        title=_last(line.title for line in told),
        post=_last(line.post for line in told),
        number=_last(line.number for line in told),
        tries=len(calls),
        first_called_at=calls[0].at if calls else None,
        answered_at=answers[0] if answers else None,
        proof=_proof(told),
        # An answer that comes after the last rung counts: it is the last ending told.
        ending=endings[-1].event if endings else WAITING,
        stood_down=bool(endings) and _is_stand_down(endings[-1]),
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
