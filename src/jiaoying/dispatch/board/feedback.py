"""What was done after the answers: figures by township and village, and who owes a report."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from jiaoying.dispatch.board.people import Number, numbers_of
from jiaoying.dispatch.covering import township_of
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.feedback_clocks import booked_on, narrowest_of
from jiaoying.dispatch.figures import (
    FIGURE_OF,
    Count,
    Figure,
    PlaceFigures,
    Said,
    Statement,
    figures_by_place,
)
from jiaoying.dispatch.store.feedback import duties_of
from jiaoying.kernel.areas import Level, ancestors_of, level_of
from jiaoying.storage.database import Tx

MOST_OVERDUE = 500


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One village, township or county under a warning.

    `threatened` are those under its danger points as the roster has them; `danger_at` is when danger was
    reported there last, unless the work was reported to have ended since.
    """

    area_code: str
    area_name: str
    figures: PlaceFigures
    on_post: int  # people who reported from there
    overdue: int  # people who answered and owe a report
    threatened: Count
    danger_at: datetime | None

    def of(self, figure: str) -> Said:
        """What counts of one figure: `planned`, `moved` or `settled`."""
        return self.figures.of(Figure(figure))

    def is_doubtful(self, figure: str) -> bool:
        """Whether more people were reported than the roster knows to be threatened there."""
        return bool(self.threatened.people) and (self.of(figure).count.people or 0) > (
            self.threatened.people or 0
        )

    @property
    def to_be_moved(self) -> Count:
        """Who is to be moved: as reported, else as the roster has it."""
        planned = self.of(Figure.PLANNED).count
        return planned if planned != Count() else self.threatened


@dataclass(frozen=True, slots=True)
class TownshipFeedback:
    """A township with the villages in it that somebody reported figures or danger of."""

    row: PlaceRow
    places: tuple[PlaceRow, ...]


@dataclass(frozen=True, slots=True)
class Overdue:
    """Somebody who answered, was asked, and has not reported these stages by their times.

    `due_at` is the first of those times; `asked_at` when they were asked last, None where they take no texts.
    """

    call_out_id: UUID
    contact_id: UUID
    name: str
    label: str
    area_code: str
    stages: tuple[FeedbackStage, ...]
    due_at: datetime
    asked_at: datetime | None
    missed_at: datetime
    numbers: tuple[Number, ...]


@dataclass(frozen=True, slots=True)
class FeedbackBoard:
    """All feedback under one warning; `overdue` is cut at MOST_OVERDUE, `overdue_total` is not."""

    total: PlaceRow | None
    townships: tuple[TownshipFeedback, ...]
    overdue: tuple[Overdue, ...]
    overdue_total: int
    places: Mapping[str, PlaceRow]

    def place(self, area_code: str) -> PlaceRow:
        """The row of one place; an empty one where nothing was said of it."""
        return self.places.get(area_code) or _row(area_code, {}, {}, _Around({}, {}, {}, {}))


async def feedback_board(tx: Tx, warning_id: UUID, now: datetime) -> FeedbackBoard:
    """Feedback by place, from the villages up, and who owes a report at `now`."""
    figures = figures_by_place(await statements_of(tx, warning_id))
    overdue, overdue_total = await _overdue(tx, warning_id, now)
    seen = (await tx.execute(_SEEN, {"warning_id": warning_id})).all()
    around = _Around(
        on_post={row.code: row.people for row in seen},
        danger_at={
            row.code: row.danger_at
            for row in seen
            if row.danger_at and (row.ended_at is None or row.danger_at > row.ended_at)
        },
        overdue=Counter(code for owed in overdue for code in (owed.area_code, *ancestors_of(owed.area_code))),
        threatened=await _threatened(tx, warning_id),
    )
    told = (
        {row.code for row in seen if row.code} | set(figures) | set(around.overdue) | set(around.threatened)
    )
    names = await _names(tx, told)
    rows = {code: _row(code, names, figures, around) for code in sorted(told)}
    townships = _by_township(rows)
    top = narrowest_of(row.row.area_code for row in townships)
    total = rows.get(top) if top else None
    return FeedbackBoard(total, townships, overdue[:MOST_OVERDUE], overdue_total, rows)


@dataclass(frozen=True, slots=True)
class _Around:
    """What is known of places beside their figures, by code."""

    on_post: Mapping[str, int]
    danger_at: Mapping[str, datetime]
    overdue: Mapping[str, int]
    threatened: Mapping[str, Count]


def _row(
    code: str, names: Mapping[str, str], figures: Mapping[str, PlaceFigures], around: _Around
) -> PlaceRow:
    return PlaceRow(
        code,
        names.get(code, code),
        figures.get(code) or PlaceFigures(code),
        around.on_post.get(code, 0),
        around.overdue.get(code, 0),
        around.threatened.get(code, Count()),
        around.danger_at.get(code),
    )


def _by_township(rows: Mapping[str, PlaceRow]) -> tuple[TownshipFeedback, ...]:
    """Villages under their townships."""
    inside: dict[str, list[PlaceRow]] = {}
    for code, row in rows.items():
        if level_of(code) is Level.VILLAGE and (row.figures.said or row.danger_at):
            inside.setdefault(township_of(code), []).append(row)
    townships = (code for code in rows if level_of(code) is Level.TOWNSHIP)
    return tuple(TownshipFeedback(rows[code], tuple(inside.get(code, ()))) for code in townships)


# Also what was reported under the warning before that this one goes on with.
_CALL_OUTS = """
    SELECT role.call_out_id FROM call_out_roles AS role
    JOIN responsibilities AS duty ON duty.id = role.responsibility_id
    WHERE duty.warning_id = :warning_id
"""
# Of one person and place the last of each figure, households and people each by itself.
_STATEMENTS = text(
    f"""
    SELECT DISTINCT ON (said.area_code, said.stage, contact_id, said.households IS NULL, said.people IS NULL)
           said.id, said.area_code, said.stage, said.households, said.people, said.at, said.call_out_id,
           CASE WHEN said.by_user IS NULL THEN call_out.contact_id END AS contact_id
    FROM feedback AS said
    JOIN call_outs AS call_out ON call_out.id = said.call_out_id
    WHERE said.call_out_id IN ({_CALL_OUTS})
      AND said.stage IN ('moving', 'moved', 'settled')
      AND (said.households IS NOT NULL OR said.people IS NOT NULL)
    ORDER BY said.area_code, said.stage, contact_id, said.households IS NULL, said.people IS NULL,
             said.at DESC, said.id DESC
    """  # noqa: S608 - put together from our own words
)


async def statements_of(tx: Tx, warning_id: UUID) -> list[Statement]:
    """What was said last of each place by each person, and by the officer."""
    rows = (await tx.execute(_STATEMENTS, {"warning_id": warning_id})).all()
    # Written by the release before, while both ran: their place was not written down.
    lost = await duties_of(tx, {row.call_out_id for row in rows if row.area_code is None})
    return [statement for row in rows if (statement := _statement(row, lost))]


def _statement(row: Any, duties: Mapping[UUID, Sequence[Any]]) -> Statement | None:
    code = row.area_code or booked_on(duties.get(row.call_out_id, ()))
    if code is None:
        return None
    figure = FIGURE_OF[FeedbackStage(row.stage)]
    return Statement(row.id, code, figure, row.households, row.people, row.contact_id, row.at)


# Of each place, and of each township and county with all that lies inside.
_SEEN = text(
    f"""
    SELECT place.code,
           count(DISTINCT call_out.contact_id) FILTER (WHERE said.stage <> 'danger' AND said.by_user IS NULL)
               AS people,
           max(said.at) FILTER (WHERE said.stage = 'danger') AS danger_at,
           max(said.at) FILTER (WHERE said.stage = 'ended' AND said.area_code = place.code) AS ended_at
    FROM feedback AS said
    JOIN call_outs AS call_out ON call_out.id = said.call_out_id
    CROSS JOIN LATERAL (
        SELECT DISTINCT rpad(left(said.area_code, length), 12, '0') AS code
        FROM unnest(ARRAY[6, 9, 12]) AS prefix (length)
    ) AS place
    WHERE said.call_out_id IN ({_CALL_OUTS}) AND said.area_code IS NOT NULL
    GROUP BY place.code
    """  # noqa: S608 - put together from our own words
)
_THREATENED = text(
    """
    SELECT area_code, sum(households) AS households, sum(people) AS people
    FROM danger_points
    WHERE retired_at IS NULL
      AND area_code IN (SELECT area_code FROM responsibilities
                        WHERE warning_id = :warning_id AND state <> 'withdrawn')
    GROUP BY area_code
    """
)


async def _threatened(tx: Tx, warning_id: UUID) -> dict[str, Count]:
    """Who lives under the danger points of each place, and of each place above it."""
    found: dict[str, Count] = {}
    for row in await tx.execute(_THREATENED, {"warning_id": warning_id}):
        for code in (row.area_code, *ancestors_of(row.area_code)):
            before = found.get(code, Count())
            households, people = (row.households or 0), (row.people or 0)
            found[code] = Count((before.households or 0) + households, (before.people or 0) + people)
    return found


_OVERDUE = text(
    """
    SELECT owed.*, call_out.contact_id, person.name, duty.label, duty.area_code, count(*) OVER () AS total
    FROM (
        SELECT clock.call_out_id, array_agg(clock.stage ORDER BY clock.due_at) AS stages,
               min(clock.due_at) AS due_at, max(clock.asked_at) AS asked_at, min(clock.missed_at) AS missed_at
        FROM feedback_clocks AS clock
        JOIN call_outs AS call_out ON call_out.id = clock.call_out_id
        JOIN issued_warnings AS warning ON warning.id = call_out.warning_id
        WHERE call_out.warning_id = :warning_id AND clock.state = 'missed'
          AND warning.valid_to > :now AND warning.state <> 'withdrawn'
        GROUP BY clock.call_out_id
    ) AS owed
    JOIN call_outs AS call_out ON call_out.id = owed.call_out_id
    JOIN contacts AS person ON person.id = call_out.contact_id
    JOIN LATERAL (
        SELECT held.label, held.area_code
        FROM call_out_roles AS role
        JOIN responsibilities AS held ON held.id = role.responsibility_id
        WHERE role.call_out_id = call_out.id AND held.state <> 'withdrawn'
        ORDER BY role.role NOT IN ('holder', 'deputy', 'post', 'person'), held.area_code DESC, held.id
        LIMIT 1
    ) AS duty ON true
    ORDER BY call_out.priority, owed.due_at, owed.call_out_id
    LIMIT :limit
    """
)


async def _overdue(tx: Tx, warning_id: UUID, now: datetime) -> tuple[tuple[Overdue, ...], int]:
    given = {"warning_id": warning_id, "now": now, "limit": MOST_OVERDUE}
    rows = (await tx.execute(_OVERDUE, given)).all()
    numbers = await numbers_of(tx, {row.contact_id for row in rows})
    found = tuple(
        Overdue(
            row.call_out_id,
            row.contact_id,
            row.name,
            row.label,
            row.area_code,
            tuple(map(FeedbackStage, row.stages)),
            row.due_at,
            row.asked_at,
            row.missed_at,
            tuple(numbers.get(row.contact_id, ())),
        )
        for row in rows
    )
    return found, rows[0].total if rows else 0


async def _names(tx: Tx, codes: Collection[str]) -> dict[str, str]:
    rows = await tx.execute(_NAMES, {"codes": sorted(codes)})
    return {row.code: row.name for row in rows}


_NAMES = text("SELECT code, name FROM areas WHERE code = ANY(CAST(:codes AS text[]))")
