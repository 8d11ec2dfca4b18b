"""What becomes of a response when its warning changes, and which tasks a change of level touches. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.response.model import Evidence, Plan, ResponseLevel, TaskKind
from jiaoying.dispatch.response.states import OPEN, TaskState
from jiaoying.kernel.colours import Colour

# What runs is looked at so often: whether its warning has ended.
LOOK_S = 60
# What is past its deadline is asked for again so often, and so many times.
REMIND_S = 1800
MOST_REMINDERS = 3


@dataclass(frozen=True, slots=True)
class Begin:
    """Put this level in force now."""

    level: ResponseLevel


@dataclass(frozen=True, slots=True)
class Ask:
    """Put this level before the officer; it begins by itself at `until`."""

    level: ResponseLevel
    until: datetime


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing changes."""


Change = Begin | Ask | Keep


def level_asked(
    plan: Plan, colour: Colour | None, standing: ResponseLevel | None, *, lowers: bool, now: datetime
) -> Change:
    """What a warning of `colour` asks of a response that stands at `standing` (None: there is none).

    Graver raises it, after the officer's time where the plan gives one. A milder version of the warning
    lowers it (`lowers`); a colour of which the plan says nothing changes nothing.
    """
    rule = plan.colours.get(colour or Colour.YELLOW)
    if rule is None or rule.level is standing:
        return Keep()
    if standing is not None and rule.level.rank < standing.rank:
        return Begin(rule.level) if lowers else Keep()
    if rule.wait_s:
        return Ask(rule.level, now + timedelta(seconds=rule.wait_s))
    return Begin(rule.level)


@dataclass(frozen=True, slots=True)
class TaskPlace:
    """What makes a task the same task: the order of the plan, and who is ordered where."""

    key: str
    area_code: str
    post_id: UUID | None
    desk_id: UUID | None


@dataclass(frozen=True, slots=True)
class WantedTask:
    """A task that a level asks for."""

    place: TaskPlace
    kind: TaskKind
    order: str
    unit: str
    label: str
    within_s: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class StandingTask:
    """A task that was ordered and not lifted."""

    id: UUID
    place: TaskPlace
    by_hand: bool


@dataclass(frozen=True, slots=True)
class TaskChanges:
    """What a change of level comes to. What is in neither goes on as it stands and calls nobody."""

    ordered: tuple[WantedTask, ...]
    lifted: tuple[UUID, ...]


def tasks_changed(
    standing: Sequence[StandingTask], wanted: Sequence[WantedTask], *, lowers: bool
) -> TaskChanges:
    """Order what is new, and lift what is no longer asked for.

    Only who lowers lifts: a task whose post has a new number in the roster, or whose area a later version of
    the warning no longer names, is for the officer to lift. What was ordered by hand is theirs as well.
    """
    there = {task.place for task in standing}
    asked = {task.place for task in wanted}
    ordered = tuple(task for task in wanted if task.place not in there)
    over = (task.id for task in standing if task.place not in asked and not task.by_hand)
    return TaskChanges(ordered, tuple(over) if lowers else ())


@dataclass(frozen=True, slots=True)
class DueTask:
    """An open task whose moment has come. `addressed`: the roster had somebody to be ordered."""

    state: TaskState
    deadline_at: datetime
    addressed: bool
    reminders: int


@dataclass(frozen=True, slots=True)
class Overdue:
    """Onto the officer's list, and, where somebody took it, one text that asks."""

    remind: bool
    next_at: datetime


def look_at(task: DueTask, now: datetime) -> Overdue | datetime:
    """What is done about a task at its moment; a moment alone where it is not late yet."""
    if task.state not in OPEN:
        raise ValueError("what is done has no moment")
    if now < task.deadline_at and task.addressed:
        return task.deadline_at
    taken = task.state is not TaskState.ORDERED
    return Overdue(
        remind=taken and task.reminders < MOST_REMINDERS,
        next_at=now + timedelta(seconds=REMIND_S),
    )
