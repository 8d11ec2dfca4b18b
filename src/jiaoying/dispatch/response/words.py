"""Tasks in words: what an order says in a text and in a call, and what to answer when it is done. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from jiaoying.dispatch.response.model import Evidence, ResponseLevel, TaskKind
from jiaoying.dispatch.response.states import TaskState
from jiaoying.kernel.language import say

# Of the tasks of one person so many are named in a text; the rest are counted.
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ToldTask:
    """A task as the person who is called for it is told of it."""

    order: str
    label: str  # of the post or desk that is ordered
    kind: TaskKind
    evidence: tuple[str, ...]
    deadline_at: datetime

    def words(self, timezone: ZoneInfo, *, spoken: bool) -> str:
        """What to do; written also until when, and how to report it."""
        if spoken:
            return self.order
        return say(
            "{order} (by {until}, when done reply “{reply}”)",
            order=self.order,
            until=f"{self.deadline_at.astimezone(timezone):%H:%M}",
            reply=done_words(self.kind, self.evidence),
        )


def done_words(kind: TaskKind, evidence: Sequence[str] = ()) -> str:
    """What somebody writes who has done such a task."""
    if kind is TaskKind.SEND:
        return say("set out, arrived, done")
    if Evidence.FIGURES not in evidence:
        return {
            TaskKind.STOP_CLASS: say("classes stopped"),
            TaskKind.STOP_WORK: say("work stopped"),
            TaskKind.STOP_BUSINESS: say("business stopped"),
            TaskKind.STOP_PRODUCTION: say("production stopped"),
            TaskKind.STOP_TRANSPORT: say("transport stopped"),
            TaskKind.CLOSE: say("all closed"),
        }.get(kind, say("all done"))
    return {
        TaskKind.STOP_CLASS: say("classes stopped, 3 schools 1200 people"),
        TaskKind.STOP_WORK: say("work stopped, 2 sites 80 people"),
        TaskKind.STOP_BUSINESS: say("business stopped, 12 shops"),
        TaskKind.STOP_PRODUCTION: say("production stopped, 86 people out"),
        TaskKind.STOP_TRANSPORT: say("transport stopped, 12 runs"),
        TaskKind.CLOSE: say("closed, 2 places"),
        TaskKind.MOVE: say("moved 12 households 35 people"),
    }.get(kind, say("done, 2 places"))


def kind_name(kind: TaskKind) -> str:
    """The kind of a task in the reader's language."""
    return {
        TaskKind.STOP_CLASS: say("stop classes"),
        TaskKind.STOP_WORK: say("stop work"),
        TaskKind.STOP_BUSINESS: say("stop business"),
        TaskKind.STOP_PRODUCTION: say("stop production"),
        TaskKind.STOP_TRANSPORT: say("stop transport"),
        TaskKind.CLOSE: say("close off"),
        TaskKind.MOVE: say("move people"),
        TaskKind.SEND: say("send a team or stock"),
        TaskKind.CONSULT: say("consultation"),
        TaskKind.PATROL: say("patrols"),
        TaskKind.OTHER: say("other task"),
    }[kind]


def task_state_name(state: TaskState) -> str:
    """The state of a task in the reader's language."""
    return {
        TaskState.ORDERED: say("order given"),
        TaskState.TAKEN: say("taken on"),
        TaskState.SET_OUT: say("has set out"),
        TaskState.ARRIVED: say("has arrived"),
        TaskState.DONE: say("carried out"),
        TaskState.FAILED: say("cannot be done"),
        TaskState.LIFTED: say("order lifted"),
        TaskState.RESTORED: say("taken up again"),
    }[state]


def level_name(level: ResponseLevel) -> str:
    """Ⅱ级响应."""
    return say("level {level}", level=level.sign)


def figures_words(figures: Mapping[str, int]) -> str:
    """3 所学校，1200 人: what was counted, in one order."""
    said = (_counted(name, figures[name]) for name in _COUNTED if name in figures)
    return say(", ").join(said)


_COUNTED = ("schools", "enterprises", "sites", "vehicles", "households", "people")


def _counted(name: str, count: int) -> str:
    return {
        "schools": say("{count} schools", count=count),
        "enterprises": say("{count} enterprises", count=count),
        "sites": say("{count} places", count=count),
        "vehicles": say("{count} vehicles or runs", count=count),
        "households": say("{count} households", count=count),
        "people": say("{count} persons", count=count),
    }[name]


def summed(figures: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Figures of several tasks added up: each task gives its newest only, so none counts twice."""
    total: dict[str, int] = {}
    for one in figures:
        for name, count in one.items():
            total[name] = total.get(name, 0) + count
    return total
