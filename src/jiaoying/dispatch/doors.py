"""Walks to the doors of who was not woken (上门任务): whom to wake, and what a walk does next. Pure.

A walk is asked of the superior, or of today's officer. Its own clock begins when it is taken: a word is
expected, asked for once, and after that it counts as in vain and the officer has it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.states import CallOutState, DoorState

# A township's cadre reaches the farthest village of a mountain township in this time by car; our own choice,
# four times the five minutes within which counties want everybody woken.
WALK_S = 1200
# So long a word is waited for after it was asked for.
WORD_S = 300
# A walk that nobody has taken is looked at with the calls that ask for it.
LOOK_S = 120

# Who was there, or was said to be on the way, and brought nothing: the officer has it at once.
NOBODY_HOME, NO_WORD = "nobody_home", "no_word"
IN_VAIN = frozenset({NOBODY_HOME, NO_WORD})

_SLEEPERS = (Who.HOLDER, Who.DEPUTY, Who.POST, Who.PERSON, Who.DESK, Who.LEADER)
LIVE = (DoorState.OPEN, DoorState.TAKEN)
_NOT_WOKEN = (CallOutState.OPEN, CallOutState.EXHAUSTED)


@dataclass(frozen=True, slots=True)
class Called:
    """Somebody who was called for a responsibility, as what, and how that stands."""

    call_out_id: UUID
    contact_id: UUID
    role: Who
    state: CallOutState


@dataclass(frozen=True, slots=True)
class DoorTask:
    """A walk as far as the decision needs it.

    `asked_by_call` is how the calls that ask for it stand, `sleeper` how those to whom they go.
    """

    id: UUID
    responsibility_id: UUID
    sleeper_id: UUID
    call_out_id: UUID
    state: DoorState
    reason: str | None
    next_at: datetime | None
    due_at: datetime | None
    asked_at: datetime | None
    asked_by_call: CallOutState
    sleeper: CallOutState = CallOutState.OPEN


@dataclass(frozen=True, slots=True)
class Errand:
    """A walk in the words of whoever goes: to whom, where, for what, on which number to try first."""

    task_id: UUID
    call_out_id: UUID
    walker_id: UUID  # a contact
    sleeper_id: UUID
    state: DoorState
    name: str
    label: str
    area_name: str
    number: str | None
    warning_id: UUID
    reference: str
    exercise: bool


@dataclass(frozen=True, slots=True)
class LookAt:
    """Nothing to do before `at`."""

    at: datetime


@dataclass(frozen=True, slots=True)
class AskForWord:
    """The time for the walk is over: its person is asked by text, once."""

    until: datetime


@dataclass(frozen=True, slots=True)
class InVain:
    """Nobody is expected at that door any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class Awake:
    """Whoever slept there has said something: nobody need go."""


DoorStep = LookAt | AskForWord | InVain | Awake


def whom_to_wake(called: Sequence[Called]) -> Called | None:
    """Of those called in vain so far, whose duty it is first: the holder, the deputy, the others."""
    asleep = [one for one in called if one.state in _NOT_WOKEN and one.role in _SLEEPERS]
    return min(asleep, key=lambda one: _SLEEPERS.index(one.role), default=None)


def door_step(task: DoorTask, now: datetime) -> DoorStep | None:
    """What an open or taken walk does next; None where nothing changes before its next moment."""
    if task.state in LIVE and task.sleeper in (CallOutState.ANSWERED, CallOutState.DECLINED):
        return Awake()
    if task.state is DoorState.OPEN:
        return _untaken(task, now)
    if task.state is not DoorState.TAKEN or task.next_at is None or now < task.next_at:
        return None
    return AskForWord(now + timedelta(seconds=WORD_S)) if task.asked_at is None else InVain(NO_WORD)


def _untaken(task: DoorTask, now: datetime) -> DoorStep | None:
    reasons = {
        CallOutState.DECLINED: "declined",
        CallOutState.EXHAUSTED: "not_reached",
        CallOutState.WITHDRAWN: "withdrawn",
    }
    if task.asked_by_call in reasons:
        return InVain(reasons[task.asked_by_call])
    late = task.next_at is None or now >= task.next_at
    return LookAt(now + timedelta(seconds=LOOK_S)) if late else None


def choose_errands(errands: Sequence[Errand], said: str, reference: str | None) -> tuple[Errand, ...]:
    """Which walks a word from the door is about; empty where it cannot be told and must be asked.

    One sleeper is meant by any word; of several, those whose name or village it holds. What is still awaited
    is meant before what has ended, and a real warning before a drill.
    """
    meant = [one for one in errands if reference is None or one.reference == reference] or list(errands)
    awaited = [one for one in meant if one.state in LIVE] or meant
    real = [one for one in awaited if not one.exercise] or awaited
    if len({(one.name, one.area_name) for one in real}) == 1:
        return tuple(real)
    return tuple(one for one in real if one.name in said or one.area_name in said)
