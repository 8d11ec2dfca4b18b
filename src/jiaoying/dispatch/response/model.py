"""What a response is: levels, plans, and the tasks that a plan orders. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from jiaoying.contacts.model import PointKind, PostLevel
from jiaoying.kernel.areas import Level as AreaLevel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

MAX_PLANS = 40
MAX_TASKS = 80  # of one plan
MAX_ORDER = 60  # characters of an order: it goes out by text
MAX_NAME = 30


class ResponseLevel(StrEnum):
    """The four levels of 应急响应, as they are written; Ⅰ is the gravest."""

    I = "I"  # noqa: E741 - the level has no other name
    II = "II"
    III = "III"
    IV = "IV"

    @property
    def rank(self) -> int:
        """4 for Ⅰ down to 1 for Ⅳ: more is graver, as with colours."""
        return 4 - list(ResponseLevel).index(self)

    @property
    def sign(self) -> str:
        """The numeral as notices print it: Ⅱ."""
        return "ⅠⅡⅢⅣ"[list(ResponseLevel).index(self)]

    @property
    def colour(self) -> Colour:
        """The colour of the same degree (`warnings.colours`): what a row without a warning is called by."""
        return {
            ResponseLevel.I: Colour.RED,
            ResponseLevel.II: Colour.ORANGE,
            ResponseLevel.III: Colour.YELLOW,
            ResponseLevel.IV: Colour.BLUE,
        }[self]


class ResponseState(StrEnum):
    PROPOSED = "proposed"  # a warning asks for it, and the officer has a time to decide
    RUNNING = "running"
    ENDED = "ended"


class TaskKind(StrEnum):
    """What is ordered. The first five are the 五停 of notices on 关停."""

    STOP_CLASS = "stop_class"  # 停课
    STOP_WORK = "stop_work"  # 停工
    STOP_BUSINESS = "stop_business"  # 停业
    STOP_PRODUCTION = "stop_production"  # 停产
    STOP_TRANSPORT = "stop_transport"  # 停运
    CLOSE = "close"  # 关闭: a ford, a scenic spot, a dangerous bridge
    MOVE = "move"  # 转移
    SEND = "send"  # a rescue team or stock
    CONSULT = "consult"  # 会商
    PATROL = "patrol"  # 巡查
    OTHER = "other"


# What somebody must be allowed to take up again; the rest simply ends.
RESTORED = frozenset(
    {
        TaskKind.STOP_CLASS,
        TaskKind.STOP_WORK,
        TaskKind.STOP_BUSINESS,
        TaskKind.STOP_PRODUCTION,
        TaskKind.STOP_TRANSPORT,
        TaskKind.CLOSE,
        TaskKind.MOVE,
    }
)


class Evidence(StrEnum):
    """What a report on a task must bring along."""

    FIGURES = "figures"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Holders:
    """Whoever holds a post of one of these kinds under the response's area, or above it.

    Narrowed down, where given, to holders of a `unit` (教育局 is found in 沁水县教育局), to posts of one
    `level`, and to posts at danger points of one kind.
    """

    kinds: tuple[str, ...]
    unit: str | None = None
    level: PostLevel | None = None
    point: PointKind | None = None


@dataclass(frozen=True, slots=True)
class Desks:
    """Whoever stands at the duty desk: that of the county, or of each township under the area."""

    level: AreaLevel


Addressee = Holders | Desks


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """One thing that a plan orders from a level on upwards, and how soon it must be done."""

    key: str
    kind: TaskKind
    order: str  # what is to be done, in a few words
    from_level: ResponseLevel
    who: Addressee
    within_s: int
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class LevelRule:
    """The level that a colour asks for; with `wait_s` the officer has so long to say otherwise."""

    level: ResponseLevel
    wait_s: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan (预案) for some hazards: which colour asks for which level, and what each level orders.

    `ends_with_warning`: when the warning is cancelled the response ends with it and every order is lifted;
    else the officer ends it.
    """

    name: str
    hazards: frozenset[Hazard]
    colours: Mapping[Colour, LevelRule]
    tasks: tuple[TaskOrder, ...]
    ends_with_warning: bool = True

    def tasks_at(self, level: ResponseLevel) -> tuple[TaskOrder, ...]:
        """What is ordered at a level: its own tasks and those of the milder ones."""
        return tuple(task for task in self.tasks if task.from_level.rank <= level.rank)


@dataclass(frozen=True, slots=True)
class PlanBook:
    """All plans in force. The first whose hazards hold that of a warning counts."""

    plans: tuple[Plan, ...]

    def plan_for(self, hazard: Hazard) -> Plan | None:
        """The plan for a hazard; None where the county has none."""
        return next((plan for plan in self.plans if hazard in plan.hazards), None)

    def plan_named(self, name: str) -> Plan | None:
        """The plan of this name."""
        return next((plan for plan in self.plans if plan.name == name), None)


NO_PLANS = PlanBook(())
