"""What a score is made of, read from the rows. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, select, text

from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.ladders.reading import ladder_from_data
from jiaoying.dispatch.scoring.model import FEEDBACK_WITHIN, ScoredPerson
from jiaoying.dispatch.states import CallOutState, WarningState
from jiaoying.dispatch.store.responsibilities import ladders_by_id
from jiaoying.kernel.areas import level_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import issued_warnings
from jiaoying.warnings.purpose import is_shown

# Whoever was tried, or should have been; not who stood in reserve and was let go before anything was sent.
# A person is one, from the moment at which they were asked first, however often they were asked after it;
# who is sent to a door is not one more to be woken.
_PEOPLE = """
    SELECT warning_id, contact_id, array_agg(id ORDER BY id) AS ids, min(matched_at) AS asked_at,
           (array_agg(state ORDER BY state <> 'answered', state = 'withdrawn', version DESC))[1] AS state,
           (array_agg(reason ORDER BY state <> 'answered', state = 'withdrawn', version DESC))[1] AS reason,
           min(called_at) AS called_at, min(woken_at) AS woken_at, min(reported_at) AS reported_at
    FROM (
        SELECT call_out.*,
            (SELECT min(claimed_at) FROM attempts WHERE attempts.call_out_id = call_out.id
                AND purpose = 'call' AND attempts.state NOT IN ('due', 'withdrawn')) AS called_at,
            (SELECT min(answers.at) FROM answers WHERE answers.call_out_id = call_out.id) AS woken_at,
            (SELECT min(feedback.at) FROM feedback WHERE feedback.call_out_id = call_out.id) AS reported_at
        FROM call_outs AS call_out
        WHERE call_out.warning_id = ANY(CAST(:warnings AS uuid[])) AND call_out.kind = 'call'
    ) AS asked
    GROUP BY warning_id, contact_id
"""
_COUNTED = "(state <> 'withdrawn' OR called_at IS NOT NULL OR woken_at IS NOT NULL)"
_SCORED = text(
    f"""
    WITH people AS ({_PEOPLE})
    SELECT people.*, contacts.name, duty.labels, duty.area_code, duty.ladders,
           left(duty.area_code, 9) || '000' AS township, coalesce(areas.name, '') AS township_name
    FROM people
    JOIN contacts ON contacts.id = people.contact_id
    JOIN LATERAL (
        SELECT array_agg(duty.label ORDER BY role.since, duty.label) AS labels,
               (array_agg(duty.area_code ORDER BY duty.area_code DESC))[1] AS area_code,
               array_agg(DISTINCT duty.ladder_id) AS ladders
        FROM call_out_roles AS role JOIN responsibilities AS duty ON duty.id = role.responsibility_id
        WHERE role.call_out_id = ANY(people.ids)
    ) AS duty ON duty.area_code IS NOT NULL
    LEFT JOIN areas ON areas.code = left(duty.area_code, 9) || '000'
    WHERE {_COUNTED}
    ORDER BY people.ids[1]
    """  # noqa: S608 - put together from our own words
)
_SUMMED = text(
    f"""
    WITH people AS ({_PEOPLE}), counted AS (
        SELECT warning_id, extract(epoch FROM woken_at - asked_at) AS wait FROM people WHERE {_COUNTED})
    SELECT warning_id AS id, count(*) AS people, count(wait) AS woken,
           count(*) FILTER (WHERE wait <= 180) AS within_3, count(*) FILTER (WHERE wait <= 300) AS within_5,
           count(*) FILTER (WHERE wait <= 900) AS within_15
    FROM counted GROUP BY warning_id
    """  # noqa: S608 - put together from our own words
)
_WAITS = text(
    f"""
    WITH people AS ({_PEOPLE})
    SELECT woken_at - asked_at AS wait FROM people WHERE {_COUNTED}
    """  # noqa: S608 - put together from our own words
)


@dataclass(frozen=True, slots=True)
class PastDrill:
    """A drill, or a warning, in one line of a list."""

    id: UUID
    headline: str
    event: str
    hazard: str
    colour: str | None
    exercise: bool
    area_names: str
    state: WarningState
    received_at: datetime
    matched_at: datetime | None
    real_phones_second: str | None


@dataclass(frozen=True, slots=True)
class Summed:
    """Its figures: people, woken at all, and within 3, 5 and 15 minutes."""

    id: UUID
    people: int
    woken: int
    within_3: int
    within_5: int
    within_15: int

    def percent(self, count: int) -> float:
        """A part of the people in percent."""
        return round(100 * count / self.people, 1)


async def scored_people(tx: Tx, warning_id: UUID) -> list[ScoredPerson]:
    """Everybody whom the score of a warning counts."""
    rows = (await tx.execute(_SCORED, {"warnings": [warning_id]})).mappings().all()
    clocks = await _feedback_clocks(tx, {ladder for row in rows for ladder in row["ladders"]})
    return [_person(row, clocks) for row in rows]


def _person(row: RowMapping, clocks: dict[UUID, timedelta]) -> ScoredPerson:
    return ScoredPerson(
        name=row["name"],
        labels=tuple(dict.fromkeys(row["labels"])),
        level=level_of(row["area_code"]),
        township=row["township"],
        township_name=row["township_name"],
        asked_at=row["asked_at"],
        called_at=row["called_at"],
        woken_at=row["woken_at"],
        reported_at=row["reported_at"],
        feedback_within=min(clocks[ladder] for ladder in row["ladders"]),
        state=CallOutState(row["state"]),
        reason=row["reason"],
    )


async def _feedback_clocks(tx: Tx, ids: Collection[UUID]) -> dict[UUID, timedelta]:
    """How soon after the answer each of these ladders wants to hear that somebody is on post."""
    found: dict[UUID, timedelta] = {}
    for row_id, body in (await ladders_by_id(tx, ids)).items():
        clocks = [
            timedelta(seconds=clock.within_s)
            for clock in ladder_from_data(body).feedback
            if clock.stage is FeedbackStage.ON_POST
        ]
        found[row_id] = min(clocks, default=FEEDBACK_WITHIN)
    return found


async def summed(tx: Tx, warning_ids: Collection[UUID]) -> dict[UUID, Summed]:
    """The figures of several warnings at once; those that called nobody are left out."""
    rows = await tx.execute(_SUMMED, {"warnings": list(warning_ids)})
    return {item.id: item for item in read_as(Summed, rows)}


async def waits_of(tx: Tx, warning_id: UUID) -> list[timedelta | None]:
    """How long each person of a warning took to wake; None for who was not woken."""
    rows = await tx.execute(_WAITS, {"warnings": [warning_id]})
    return [row.wait for row in rows]


async def drills_before(tx: Tx, before: UUID | None, limit: int) -> list[PastDrill]:
    """The newest drills that called somebody; `before`: only those that came before this one."""
    query = _matched().where(issued_warnings.c.exercise)
    if before is not None:
        query = query.where(issued_warnings.c.id < before)
    return read_as(PastDrill, await tx.execute(query.limit(limit)))


async def past_warnings(tx: Tx, limit: int) -> list[PastDrill]:
    """The newest real warnings that called somebody, for drilling by them."""
    query = _matched().where(~issued_warnings.c.exercise, issued_warnings.c.kind.in_(("alert", "update")))
    return read_as(PastDrill, await tx.execute(query.limit(limit)))


def _matched() -> Any:
    return (
        select(*columns_of(PastDrill, issued_warnings))
        .where(issued_warnings.c.matched_at.is_not(None), is_shown())
        .order_by(issued_warnings.c.id.desc())
    )
