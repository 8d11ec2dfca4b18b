"""What pages and programs read about responses: questions only, nothing here changes a row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, text

from jiaoying.dispatch.covering import township_of
from jiaoying.dispatch.response.model import ResponseLevel, ResponseState, TaskKind
from jiaoying.dispatch.response.states import OPEN, TaskState
from jiaoying.dispatch.response.words import summed
from jiaoying.kernel.areas import Level, level_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import issued_warnings, response_tasks, responses

MOST_TASKS = 5000
# Of the choices for whom an order by hand is for.
MOST_CHOICES = 2000


@dataclass(frozen=True, slots=True)
class ResponseFacts:
    """One response, with the warning that it goes by and how many tasks stand how."""

    id: UUID
    warning_id: UUID
    by_hand: bool
    plan: str
    plan_version: int | None
    area_names: str
    exercise: bool
    state: ResponseState
    level: ResponseLevel | None
    asked_level: ResponseLevel | None
    reason: str
    proposed_at: datetime
    opened_at: datetime | None
    opened_by: str | None
    changed_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    next_at: datetime | None
    headline: str
    hazard: Hazard
    colour: Colour | None
    tasks: int
    open: int
    done: int
    failed: int
    late: int


def _facts() -> Select[Any]:
    task, warning = response_tasks.c, issued_warnings.c
    is_open = task.state.in_(OPEN)
    counted = (
        select(
            task.response_id,
            func.count().label("tasks"),
            func.count().filter(is_open).label("open"),
            func.count().filter(task.state == TaskState.DONE).label("done"),
            func.count().filter(task.state == TaskState.FAILED).label("failed"),
            func.count().filter(is_open & task.listed_at.is_not(None)).label("late"),
        )
        .group_by(task.response_id)
        .subquery("counted")
    )
    figures = [
        func.coalesce(counted.c[name], 0).label(name) for name in ("tasks", "open", "done", "failed", "late")
    ]
    return (
        select(responses, warning.headline, warning.hazard, warning.colour, *figures)
        .join(issued_warnings, warning.id == responses.c.warning_id)
        .outerjoin(counted, counted.c.response_id == responses.c.id)
    )


async def list_responses(tx: Tx, *, after: UUID | None = None, limit: int = 50) -> list[ResponseFacts]:
    """The newest first; `after` is the last one already seen."""
    query = _facts().order_by(responses.c.id.desc()).limit(limit)
    if after is not None:
        query = query.where(responses.c.id < after)
    return read_as(ResponseFacts, await tx.execute(query))


async def response_facts(tx: Tx, response_id: UUID) -> ResponseFacts | None:
    """One response, or None when there is none of that id."""
    found = read_as(ResponseFacts, await tx.execute(_facts().where(responses.c.id == response_id)))
    return found[0] if found else None


async def responses_of(tx: Tx, warning_id: UUID) -> list[ResponseFacts]:
    """The responses that go by a warning."""
    query = _facts().where(responses.c.warning_id == warning_id).order_by(responses.c.id)
    return read_as(ResponseFacts, await tx.execute(query))


async def count_late(tx: Tx) -> int:
    """Open tasks past their time, or that nobody could be ordered to do, of all responses but drills."""
    late = (
        select(func.count())
        .join_from(response_tasks, responses)
        .where(
            response_tasks.c.state.in_(OPEN), response_tasks.c.listed_at.is_not(None), ~responses.c.exercise
        )
    )
    return await tx.scalar(late) or 0


@dataclass(frozen=True, slots=True)
class TaskFacts:
    """One task as it is shown, with who took or reported it last."""

    id: UUID
    response_id: UUID
    key: str
    kind: TaskKind
    order_text: str
    unit: str
    label: str
    area_code: str
    area_name: str
    township_name: str | None
    post_id: UUID | None
    desk_id: UUID | None
    evidence: tuple[str, ...]
    team: Mapping[str, str] | None
    ordered_by: str
    ordered_at: datetime
    deadline_at: datetime
    state: TaskState
    reason: str | None
    listed_at: datetime | None
    taken_at: datetime | None
    set_out_at: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None
    failed_at: datetime | None
    lifted_at: datetime | None
    restored_at: datetime | None
    figures: Mapping[str, int]
    note: str | None
    by_name: str | None  # of whoever reported last, or is called for it
    call_out_id: UUID | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def lacks_figures(self) -> bool:
        """Done, and the figures that were asked for have not come."""
        return self.state is TaskState.DONE and "figures" in self.evidence and not self.figures


_TASKS = text(
    """
    SELECT task.*, area.name AS area_name, township.name AS township_name,
           coalesce(reporter.name, report.by_user, called.name) AS by_name, called.call_out_id
    FROM response_tasks AS task
    JOIN areas AS area ON area.code = task.area_code
    LEFT JOIN areas AS township
        ON township.code = left(task.area_code, 9) || '000' AND township.level = 'township'
    LEFT JOIN LATERAL (
        SELECT contact_id, by_user FROM task_reports
        WHERE task_reports.task_id = task.id ORDER BY at DESC, id DESC LIMIT 1
    ) AS report ON true
    LEFT JOIN contacts AS reporter ON reporter.id = report.contact_id
    LEFT JOIN LATERAL (
        SELECT call_out.id AS call_out_id, contact.name
        FROM responsibilities AS duty
        JOIN call_out_roles AS role ON role.responsibility_id = duty.id
        JOIN call_outs AS call_out ON call_out.id = role.call_out_id
        JOIN contacts AS contact ON contact.id = call_out.contact_id
        WHERE duty.task_id = task.id
        ORDER BY call_out.state = 'answered' DESC, role.rung DESC, call_out.id DESC LIMIT 1
    ) AS called ON true
    WHERE (CAST(:response_id AS uuid) IS NULL OR task.response_id = :response_id)
      AND (CAST(:task_id AS uuid) IS NULL OR task.id = :task_id)
    ORDER BY task.lifted_at IS NOT NULL, task.listed_at IS NULL, task.area_code, task.ordered_at, task.id
    LIMIT :limit
    """
)


async def tasks_of_response(tx: Tx, response_id: UUID) -> list[TaskFacts]:
    """Every task of a response: what is late first, what was lifted last."""
    given = {"response_id": response_id, "task_id": None, "limit": MOST_TASKS}
    return read_as(TaskFacts, await tx.execute(_TASKS, given))


async def task_facts(tx: Tx, task_id: UUID) -> TaskFacts | None:
    """One task, or None when there is none of that id."""
    given = {"response_id": None, "task_id": task_id, "limit": 1}
    found = read_as(TaskFacts, await tx.execute(_TASKS, given))
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """The tasks of the county's departments, or of one township."""

    area_code: str
    name: str
    tasks: tuple[TaskFacts, ...]


def by_township(tasks: Sequence[TaskFacts]) -> list[TaskGroup]:
    """County and departments first, then the townships by their codes; inside, as given."""
    ordered = sorted(tasks, key=_township)
    return [
        TaskGroup(code, rows[0].township_name or rows[0].area_name, rows)
        for code, group in groupby(ordered, key=_township)
        if (rows := tuple(group))
    ]


def _township(task: TaskFacts) -> str:
    is_below = level_of(task.area_code) in (Level.TOWNSHIP, Level.VILLAGE)
    return township_of(task.area_code) if is_below else task.area_code


@dataclass(frozen=True, slots=True)
class KindSum:
    """All orders of one kind: how many, how far, and their figures added up."""

    kind: TaskKind
    tasks: int
    done: int
    late: int
    figures: Mapping[str, int]


def sums_by_kind(tasks: Sequence[TaskFacts]) -> list[KindSum]:
    """Orders that stand, kind by kind; each gives its newest figures once."""
    standing = [task for task in tasks if task.state not in (TaskState.LIFTED, TaskState.RESTORED)]
    found = {kind: [task for task in standing if task.kind is kind] for kind in TaskKind}
    return [
        KindSum(
            kind,
            len(rows),
            sum(task.state is TaskState.DONE for task in rows),
            sum(task.is_open and task.listed_at is not None for task in rows),
            summed([task.figures for task in rows]),
        )
        for kind, rows in found.items()
        if rows
    ]


@dataclass(frozen=True, slots=True)
class ResponseStep:
    """One change of a response, as the ledger tells it."""

    at: datetime
    event: str
    actor: str
    level: ResponseLevel | None
    reason: str | None


_STEPS = text(
    """
    SELECT line.at, line.event, line.actor, line.facts->>'level' AS level, told.body->>'reason' AS reason
    FROM ledger_lines AS line LEFT JOIN ledger_particulars AS told ON told.line_id = line.id
    WHERE line.warning_id = ANY (CAST(:warnings AS uuid[])) AND line.event LIKE 'response.%'
      AND line.event <> 'response.wished' AND line.facts->>'response' = :response
    ORDER BY line.id
    """
)


async def steps_of(tx: Tx, response_id: UUID, warning_ids: Sequence[UUID]) -> list[ResponseStep]:
    """How a response went, under the warnings that it went by."""
    given = {"warnings": list(warning_ids), "response": str(response_id)}
    return read_as(ResponseStep, await tx.execute(_STEPS, given))


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody whom an order by hand may be for: `key` is `post:ID` or `desk:ID`."""

    key: str
    label: str
    place: str


_CHOICES = text(
    """
    SELECT 'desk:' || desk.id AS key, desk.name AS label, area.name AS place, desk.area_code, 0 AS sort
    FROM desks AS desk JOIN areas AS area ON area.code = desk.area_code
    UNION ALL
    SELECT 'post:' || post.id,
           post.kind || coalesce(' · ' || holder.unit, '') || coalesce(' ' || holder.name, ''),
           area.name, post.area_code, 1
    FROM posts AS post
    JOIN areas AS area ON area.code = post.area_code
    LEFT JOIN contacts AS holder ON holder.id = post.holder_id
    WHERE (post.level <> 'village' OR post.danger_point_id IS NOT NULL
           OR post.kind ~ '矿|救援|抢险|物资|水库|景区|企业|队')
      AND (post.valid_to IS NULL OR post.valid_to >= :day)
    ORDER BY area_code, sort, label
    LIMIT :limit
    """
)


async def order_choices(tx: Tx, day: date) -> list[Choice]:
    """Duty desks, posts of the county and townships, and posts at sites and of teams, in force on a day."""
    return read_as(Choice, await tx.execute(_CHOICES, {"day": day, "limit": MOST_CHOICES}))


async def places_to_choose(tx: Tx, home_area: str) -> list[tuple[str, str]]:
    """The county and its townships: (code, name)."""
    rows = await tx.execute(
        text(
            "SELECT code, name FROM areas WHERE code LIKE :prefix AND level IN ('county', 'township')"
            " AND retired_at IS NULL ORDER BY code"
        ),
        {"prefix": f"{home_area[:6]}%"},
    )
    return [(row.code, row.name) for row in rows]
