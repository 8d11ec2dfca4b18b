"""What people report on their tasks, in their own words. Pure.

`已停课 3所 1200人`, `出发`, `到达`, `完成 封闭2处`, `恢复`; and what cannot be done: `无法停工，井下有人`.
Nothing is guessed at: a word that says no, or not yet, is never a report of success.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from jiaoying.dispatch.response.model import RESTORED, TaskKind
from jiaoying.dispatch.response.states import OPEN, TaskEvent, TaskState

MAX_LENGTH = 300
MAX_FIGURE = 999_999
# What is counted, by the word that follows the number.
_UNITS = {
    "schools": "所|个学校|schools?",
    "enterprises": "家|户企业|shops?|enterprises?",
    "people": "人|名|people|persons?|students?",
    "households": "户|households?",
    "sites": "处|个点|座|个工地|条|places?|sites?",
    "vehicles": "辆|台|趟|班次|班|vehicles?|runs?",
}
_FIGURE = re.compile(
    r"([0-9]{1,7})\s*(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _UNITS.items()) + ")"
)
_BY_KIND: Mapping[TaskKind, str] = {
    TaskKind.STOP_CLASS: "停课|放假|class",
    TaskKind.STOP_WORK: "停工|停建|work stopped",
    TaskKind.STOP_BUSINESS: "停业|关门|闭店|business",
    TaskKind.STOP_PRODUCTION: "停产|撤人|撤离|升井|production",
    TaskKind.STOP_TRANSPORT: "停运|transport",
    TaskKind.CLOSE: "封闭|关闭|封路|封控|封桥|闭园|关停|closed",
    TaskKind.CONSULT: "会商",
    TaskKind.PATROL: "巡查|巡护",
}
_KINDS = {kind: re.compile(words) for kind, words in _BY_KIND.items()}
_REFUSES = re.compile(r"无法|不能|停不了|办不了|做不到|完不成|去不了|来不了|拒绝|cannot|can't|unable")
_DOUBTS = re.compile(r"没|未|不|别|吗|么|是否|要不要|？|\?|准备|打算|计划|请示|\bnot\b|\bno\b")
_RESTORES = re.compile(r"恢复|复课|复工|复产|复业|复运|解封|开放|restored|resumed|reopened")
_SETS_OUT = re.compile(r"出发|启程|在路上|正在赶|set out|on the way")
_ARRIVES = re.compile(r"到达|抵达|到现场|到位|arrived")
_FINISHES = re.compile(r"完成|完毕|办结|已落实|落实到位|全部落实|done|finished|stopped")


@dataclass(frozen=True, slots=True)
class TaskReport:
    """A report taken apart. `kind` is what its words name, None where they name none."""

    event: TaskEvent
    kind: TaskKind | None = None
    figures: Mapping[str, int] = field(default_factory=dict[str, int])


def read_report(text: str) -> TaskReport | None:
    """What a text reports on a task; None where it does not clearly report anything."""
    plain = unicodedata.normalize("NFKC", text[:MAX_LENGTH]).strip().casefold()
    kind = next((kind for kind, words in _KINDS.items() if words.search(plain)), None)
    figures = _figures(plain)
    if _REFUSES.search(plain):
        return TaskReport(TaskEvent.FAIL, kind)
    if _DOUBTS.search(plain):
        return None
    if _RESTORES.search(plain):
        return TaskReport(TaskEvent.RESTORE, kind, figures)
    if kind or _FINISHES.search(plain):
        return TaskReport(TaskEvent.FINISH, kind, figures)
    if _ARRIVES.search(plain):
        return TaskReport(TaskEvent.ARRIVE, TaskKind.SEND, figures)
    if _SETS_OUT.search(plain):
        return TaskReport(TaskEvent.SET_OUT, TaskKind.SEND, figures)
    return None


def report_of_move(households: int | None, people: int | None) -> TaskReport:
    """`转移12户35人` is a report on the order to move people, too."""
    given = {"households": households, "people": people}
    return TaskReport(
        TaskEvent.FINISH, TaskKind.MOVE, {name: count for name, count in given.items() if count is not None}
    )


def figures_in(text: str) -> dict[str, int]:
    """What a text counts, by `schools`, `people` and so on; the first number of each counts."""
    return _figures(unicodedata.normalize("NFKC", text[:MAX_LENGTH]).casefold())


def _figures(plain: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for match in _FIGURE.finditer(plain):
        name, count = match.lastgroup or "", int(match[1])
        if name not in found and count <= MAX_FIGURE:
            found[name] = count
    return found


@dataclass(frozen=True, slots=True)
class ReportedTask:
    """A task that whoever reports was told of."""

    id: UUID
    kind: TaskKind
    state: TaskState


def tasks_meant(report: TaskReport, tasks: Sequence[ReportedTask]) -> tuple[ReportedTask, ...]:
    """Which of a person's tasks a report is about; none where it cannot be told.

    A word that names its kind is about the tasks of that kind. A plain one (`完成`) is about the only one
    there is; of several none is ticked, and the sender is asked which.
    """
    wanted = [task for task in tasks if _may_be_about(report, task)]
    named = [task for task in wanted if task.kind is report.kind]
    if named:
        return tuple(named)
    # Whoever sends a team says 出发 of that team; said under another order it is no report on it.
    if report.kind is not None and not (report.event is TaskEvent.FINISH and len(wanted) == 1):
        return ()
    return tuple(wanted) if len(wanted) == 1 or report.event is TaskEvent.RESTORE else ()


def _may_be_about(report: TaskReport, task: ReportedTask) -> bool:
    if report.event is TaskEvent.RESTORE:
        return task.state is TaskState.LIFTED and task.kind in RESTORED
    # What is done may be reported again, with other figures.
    return task.state in (*OPEN, TaskState.DONE, TaskState.FAILED)
