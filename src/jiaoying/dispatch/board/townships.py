"""One warning by township: who answered, who is waited for, what nobody answers for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Subquery, func, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.sql.elements import ColumnElement

from jiaoying.dispatch.board.feedback import statements_of
from jiaoying.dispatch.board.officers import on_the_list
from jiaoying.dispatch.board.warnings import BY_PERSON
from jiaoying.dispatch.figures import Count, Figure, PlaceFigures, figures_by_place
from jiaoying.dispatch.states import CallOutState, ResponsibilityState
from jiaoying.kernel.areas import Level, level_of
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    areas,
    call_out_roles,
    call_outs,
    danger_points,
    posts,
    responsibilities,
)


@dataclass(frozen=True, slots=True)
class TownshipRow:
    """One line of the board. The county's own people stand in a line under the county's code.

    Who answers for places in two townships is counted in both.
    """

    area_code: str
    area_name: str
    people: int  # without those stood down
    answered: int
    waiting: int
    declined: int
    exhausted: int
    responsibilities: int  # posts and desks, without those withdrawn
    covered: int
    not_woken: int  # responsibilities on the officer's list
    earliest_deadline: datetime | None  # of those still open; may be past
    moved_households: int
    moved_people: int
    # Of the danger points that somebody here answers for: who is threatened, as planned.
    planned_points: int
    planned_households: int
    planned_people: int


async def township_board(tx: Tx, warning_id: UUID, now: datetime) -> list[TownshipRow]:
    """A line for each township with a responsibility under this warning, the county's own first."""
    duties, people, planned = _duties(warning_id, now), _people(warning_id), _planned(warning_id)
    figures = figures_by_place(await statements_of(tx, warning_id))
    query = (
        select(duties, areas.c.name, people, planned)
        .join_from(duties, areas, areas.c.code == duties.c.area_code, isouter=True)
        .join(people, people.c.people_area == duties.c.area_code, isouter=True)
        .join(planned, planned.c.planned_area == duties.c.area_code, isouter=True)
        .order_by(duties.c.area_code)
    )
    return [
        TownshipRow(
            area_code=row.area_code,
            area_name=row.name or row.area_code,
            people=row.people or 0,
            answered=row.answered or 0,
            waiting=row.waiting or 0,
            declined=row.declined or 0,
            exhausted=row.exhausted or 0,
            responsibilities=row.responsibilities,
            covered=row.covered,
            not_woken=row.not_woken,
            earliest_deadline=row.earliest_deadline,
            moved_households=_moved(figures, row.area_code).households or 0,
            moved_people=_moved(figures, row.area_code).people or 0,
            planned_points=row.planned_points or 0,
            planned_households=row.planned_households or 0,
            planned_people=row.planned_people or 0,
        )
        for row in await tx.execute(query)
    ]


def _moved(figures: Mapping[str, PlaceFigures], area_code: str) -> Count:
    """What was moved in a township; of the county only what was reported for it as a whole."""
    place = figures.get(area_code)
    return place.of(Figure.MOVED).count if place and level_of(area_code) is Level.TOWNSHIP else Count()


def _township(of: ColumnElement[str] = responsibilities.c.area_code) -> ColumnElement[str]:
    """The township that an area is or lies in; counties and above stay themselves."""
    # Written out, not as parameters: PostgreSQL must see the same words in GROUP BY.
    return func.left(of, literal_column("9")).concat(literal_column("'000'"))


def _duties(warning_id: UUID, now: datetime) -> Subquery:
    state = responsibilities.c.state
    is_duty = responsibilities.c.task_id.is_(None)
    return (
        select(
            _township().label("area_code"),
            func.count().filter(is_duty, state != ResponsibilityState.WITHDRAWN).label("responsibilities"),
            func.count().filter(is_duty, state == ResponsibilityState.COVERED).label("covered"),
            func.count().filter(on_the_list(now)).label("not_woken"),
            func.min(responsibilities.c.deadline_at)
            .filter(state == ResponsibilityState.OPEN)
            .label("earliest_deadline"),
        )
        .where(responsibilities.c.warning_id == warning_id)
        .group_by(_township())
        .subquery("duties")
    )


def _people(warning_id: UUID) -> Subquery:
    """Each person once in a township; who is sent to a door is not one more to be woken."""
    each = (_township(), call_outs.c.contact_id)
    asked = (
        select(_township().label("people_area"), call_outs.c.state)
        .ext(distinct_on(*each))
        .join_from(responsibilities, call_out_roles)
        .join(call_outs, call_outs.c.id == call_out_roles.c.call_out_id)
        .where(responsibilities.c.warning_id == warning_id, call_outs.c.kind == "call")
        .order_by(*each, *BY_PERSON)
        .subquery("asked")
    )
    state = asked.c.state

    def counted(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
        return func.count().filter(condition).label(name)

    return (
        select(
            asked.c.people_area,
            counted(state != CallOutState.WITHDRAWN, "people"),
            counted(state == CallOutState.ANSWERED, "answered"),
            counted(state == CallOutState.OPEN, "waiting"),
            counted(state == CallOutState.DECLINED, "declined"),
            counted(state == CallOutState.EXHAUSTED, "exhausted"),
        )
        .group_by(asked.c.people_area)
        .subquery("people_of")
    )


def _planned(warning_id: UUID) -> Subquery:
    """Each danger point once, where it lies, however many people answer for it."""
    point = danger_points.c
    places = (
        select(_township(point.area_code).label("planned_area"), point.id, point.households, point.people)
        .distinct()
        .join_from(responsibilities, posts, posts.c.id == responsibilities.c.post_id)
        .join(danger_points, point.id == posts.c.danger_point_id)
        .where(
            responsibilities.c.warning_id == warning_id,
            responsibilities.c.state != ResponsibilityState.WITHDRAWN,
        )
        .subquery("points")
    )
    return (
        select(
            places.c.planned_area,
            func.count().label("planned_points"),
            func.sum(places.c.households).label("planned_households"),
            func.sum(places.c.people).label("planned_people"),
        )
        .group_by(places.c.planned_area)
        .subquery("planned")
    )
