"""What becomes of running call-outs when a warning takes the place of others. Pure.

Compared is place by place (a post or a desk, in its area): how grave it was until now, across all
warnings that give way, and how grave it is from now on. The same colour goes on as it stands, a graver
one is called again, a milder one goes on by the milder ladder, and what is no longer named is over.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.ladders.model import Ladder, Who
from jiaoying.dispatch.states import ResponsibilityState
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

NEW_PLACE = "new_place"  # nobody was asked for it before


@dataclass(frozen=True, slots=True)
class Place:
    """What a responsibility is for; exactly one of `post_id` and `desk_id` is set, and `task_id` where it
    is for a task of theirs."""

    post_id: UUID | None
    desk_id: UUID | None
    area_code: str
    task_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class StandingDuty:
    """A responsibility that was not withdrawn until now.

    `rank` is that of its warning's colour. `gives_way` tells that its warning is being replaced;
    otherwise it belongs to another warning of the very message that replaces.
    """

    id: UUID
    place: Place
    hazard: Hazard
    rank: int
    state: ResponsibilityState
    reason: str | None
    rung: int
    gives_way: bool


class Course(StrEnum):
    """What is done about a place."""

    CARRY = "carry"  # goes on just as it stands
    LOWER = "lower"  # goes on by the ladder of the milder colour; those reached are told by text
    CALL = "call"  # asked from the first rung on
    SPARE = "spare"  # a graver warning of the same message asks for it already
    LEAVE = "leave"  # stays where it is: a part of the message waits that may go on with it
    END = "end"  # over


@dataclass(frozen=True, slots=True)
class Decision:
    """A course with its reason. `duty_id` is the responsibility that was there, None for a new one."""

    course: Course
    reason: str
    place: Place
    duty_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """The warning that takes the place of others: what it asks for, and what it names but does not ask.

    `others_wait` tells that a further warning of its message has not been matched yet.
    """

    hazard: Hazard
    rank: int
    wanted: Collection[Place]
    passed_over: Collection[Place]
    others_wait: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody to whom a call or text of the chain was handed over, with every place they were asked for."""

    contact_id: UUID
    places: frozenset[Place]


@dataclass(frozen=True, slots=True)
class Told:
    """Who hears of it by text, each list in the order in which they were reached."""

    lowered: tuple[UUID, ...]
    stood_down: tuple[UUID, ...]


def rank_of(colour: Colour | None) -> int:
    """How grave a colour is; a warning without one counts as yellow."""
    return (colour or Colour.YELLOW).rank


def follow(standing: Sequence[StandingDuty], coming: Coming) -> tuple[Decision, ...]:
    """One decision for each place that is asked for, and one for each duty that does not go on."""
    at: dict[Place, list[StandingDuty]] = {}
    for duty in standing:
        at.setdefault(duty.place, []).append(duty)
    decided: list[Decision] = []
    for place in coming.wanted:
        decided += _at_wanted(place, at.pop(place, []), coming)
    for place, duties in at.items():
        decided += [_at_unwanted(place, duty, coming) for duty in duties]
    return tuple(decided)


def _at_wanted(place: Place, duties: Sequence[StandingDuty], coming: Coming) -> list[Decision]:
    like = [duty for duty in duties if duty.hazard == coming.hazard]
    beside = [duty for duty in like if not duty.gives_way]
    before = sorted((duty for duty in like if duty.gives_way), key=_worth, reverse=True)
    others = [_of_other_hazard(place, duty, coming) for duty in duties if duty.hazard != coming.hazard]
    if any(duty.rank >= coming.rank for duty in beside):
        ended = [Decision(Course.END, "spared", place, duty.id) for duty in before]
        return [Decision(Course.SPARE, "graver_elsewhere", place), *ended, *others]
    milder = [
        Decision(Course.END, "raised", place, duty.id)
        for duty in beside
        if duty.state is not ResponsibilityState.COVERED
    ]
    return [*_continued(place, before, coming), *milder, *others]


def _worth(duty: StandingDuty) -> tuple[int, bool, bool, int, UUID]:
    """Of several that stand for one place the gravest goes on, and of those the one that came furthest."""
    covered = duty.state is ResponsibilityState.COVERED
    return duty.rank, covered, duty.state is ResponsibilityState.OPEN, duty.rung, duty.id


def _continued(place: Place, before: Sequence[StandingDuty], coming: Coming) -> list[Decision]:
    if not before:
        return [Decision(Course.CALL, NEW_PLACE, place)]
    best, *rest = before
    merged = [Decision(Course.END, "merged", place, duty.id) for duty in rest]
    if best.rank < coming.rank:
        return _called_again(place, best, "raised") + merged
    if best.state is ResponsibilityState.UNCOVERED and best.reason == "warning_ended":
        # Its ladder was cut off by the end of the warning, which now goes on: nobody is lost in the gap.
        return _called_again(place, best, "cut_off") + merged
    if best.rank > coming.rank:
        return [Decision(Course.LOWER, "lowered", place, best.id), *merged]
    return [Decision(Course.CARRY, "same_colour", place, best.id), *merged]


def _called_again(place: Place, old: StandingDuty, reason: str) -> list[Decision]:
    return [Decision(Course.CALL, reason, place), Decision(Course.END, reason, place, old.id)]


def _of_other_hazard(place: Place, duty: StandingDuty, coming: Coming) -> Decision:
    """What must be done is another thing under another hazard: no answer to the one counts for the other."""
    if not duty.gives_way or coming.others_wait:
        return Decision(Course.LEAVE, "other_hazard", place, duty.id)
    return Decision(Course.END, "other_hazard", place, duty.id)


def _at_unwanted(place: Place, duty: StandingDuty, coming: Coming) -> Decision:
    if not duty.gives_way:
        return Decision(Course.LEAVE, "of_same_message", place, duty.id)
    if place.task_id:
        # Orders go on with their response, which lifts them itself (dispatch.response).
        return Decision(Course.CARRY, "task", place, duty.id)
    if coming.others_wait:
        return Decision(Course.LEAVE, "others_wait", place, duty.id)
    if place in coming.passed_over and duty.hazard == coming.hazard:
        return Decision(Course.END, "not_asked_at_this_colour", place, duty.id)
    return Decision(Course.END, "dropped", place, duty.id)


def courses_of(decisions: Sequence[Decision]) -> dict[Place, frozenset[Course]]:
    """What happens at each place, as those who were asked for it feel it."""
    found: dict[Place, set[Course]] = {}
    for decision in decisions:
        lowered_away = decision.reason == "not_asked_at_this_colour"
        course = Course.LOWER if lowered_away else decision.course
        found.setdefault(decision.place, set()).add(course)
    return {place: frozenset(courses) for place, courses in found.items()}


def who_is_told(reached: Sequence[Reached], at: Mapping[Place, frozenset[Course]]) -> Told:
    """Stood down is who has no duty left; told of the milder colour is whose every duty it is about.

    Whoever is called again, or goes on at the colour that they know, needs no text.
    """
    lowered: list[UUID] = []
    stood_down: list[UUID] = []
    for person in reached:
        courses = {course for place in person.places for course in at.get(place, ())} - {Course.END}
        if not courses:
            stood_down.append(person.contact_id)
        elif Course.LOWER in courses and Course.CALL not in courses:
            lowered.append(person.contact_id)
    return Told(tuple(lowered), tuple(stood_down))


# --- the ladder of a milder colour ---


def rung_on(new: Ladder, old: Ladder, rung: int) -> int:
    """Where a responsibility on `rung` of `old` stands on `new`: at the last rung that asks nobody anew."""
    if new.rungs == old.rungs:
        return rung
    asked = {who for step in old.rungs[: rung + 1] for who in step.who}
    reached = -1
    for index, step in enumerate(new.rungs):
        if not set(step.who) <= asked:
            break
        reached = index
    return reached


def rung_of_role(new: Ladder, role: Who, up_to: int) -> int:
    """The rung at or below `up_to` on which `new` asks this role; -1 where it does not."""
    return max((index for index, step in enumerate(new.rungs[: up_to + 1]) if role in step.roles), default=-1)


def deadline_on(new: Ladder, old: Ladder, deadline_at: datetime) -> datetime:
    """The deadline counted from the same match, by the ladder of the milder colour."""
    return deadline_at + timedelta(seconds=new.deadline_s - old.deadline_s)
