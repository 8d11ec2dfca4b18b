"""Checks of numbers (号码核查): begun, looked at, whom to ask next, ended, shown."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Integer, Text, Uuid, bindparam, exists, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, BOOLEAN

from jiaoying.dispatch.states import AttemptState, WarningState
from jiaoying.kernel.areas import prefix_of
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import Moment, areas, attempts, issued_warnings, number_checks
from jiaoying.warnings.purpose import is_shown

_NOT_OVER = (WarningState.RECEIVED, WarningState.HELD, WarningState.MATCHED)
_GRAVE = ("orange", "red")


@dataclass(frozen=True, slots=True)
class RunningCheck:
    """A check that has not ended, locked."""

    id: UUID
    area_code: str
    started_at: datetime
    next_at: datetime
    postponed_since: datetime | None


@dataclass(frozen=True, slots=True)
class NumberToAsk:
    """A number that a check has not asked yet, and all whose number it is and who have not verified it."""

    number: str
    contact_ids: tuple[UUID, ...]
    names: tuple[str, ...]
    language: str
    demonstration: bool


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check as it is shown; `answers` counts its texts by what became of them."""

    id: UUID
    started_at: datetime
    started_by: str
    area_name: str
    postponed_since: datetime | None
    ended_at: datetime | None
    answers: Mapping[str, int]

    @property
    def asked(self) -> int:
        return sum(self.answers.values())


async def begin_check(
    tx: Tx, *, area_code: str, by: str, now: datetime, calendar_at: datetime | None = None
) -> UUID | None:
    """Begin a check of the numbers of everybody on the roster under an area.

    None where one runs already, or where the moment of the calendar had its check.
    """
    # Two who begin at once must not both find that none runs.
    await tx.execute(select(func.pg_advisory_xact_lock(func.hashtext("number_checks"))))
    taken = number_checks.c.ended_at.is_(None)
    if calendar_at is not None:
        taken |= number_checks.c.calendar_at == calendar_at
    if await tx.scalar(select(exists().where(taken))):
        return None
    check_id = new_id(now)
    await tx.execute(
        insert(number_checks).values(
            id=check_id,
            calendar_at=calendar_at,
            started_at=now,
            started_by=by,
            area_code=area_code,
            next_at=now,
        )
    )
    return check_id


async def claim_running(tx: Tx) -> RunningCheck | None:
    """The check that runs, locked, unless another worker has it."""
    rows = await tx.execute(
        select(*columns_of(RunningCheck, number_checks))
        .where(number_checks.c.ended_at.is_(None))
        .order_by(number_checks.c.started_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return next(iter(read_as(RunningCheck, rows)), None)


async def grave_warning_runs(tx: Tx, now: datetime) -> bool:
    """Whether a real orange or red warning has come and is in force, also where all its calls have ended."""
    closed_in_force = (issued_warnings.c.state == WarningState.CLOSED) & (issued_warnings.c.valid_to > now)
    grave = exists().where(
        issued_warnings.c.state.in_(_NOT_OVER) | closed_in_force,
        issued_warnings.c.colour.in_(_GRAVE),
        issued_warnings.c.exercise.is_(False),
        is_shown(),
    )
    return bool(await tx.scalar(select(grave)))


async def queue_of(tx: Tx, check_id: UUID) -> tuple[int, datetime | None]:
    """How many texts of a check have not left, and when the last is or was due."""
    row = (
        await tx.execute(
            select(
                func.count().filter(attempts.c.state == AttemptState.DUE), func.max(attempts.c.due_at)
            ).where(
                attempts.c.purpose == "check",
                attempts.c.number_check_id == check_id,
                attempts.c.state != AttemptState.WITHDRAWN,
            )
        )
    ).one()
    return row[0], row[1]


# Everybody with a post under the area, or on a shift of a desk there. Whose number is somebody else's is
# the keeper's to correct: a stranger is not asked month by month. Who wants no texts gets none.
_TO_ASK = text(
    """
    WITH people AS (
        SELECT c.id, c.name, c.language, c.demonstration
        FROM contacts c
        WHERE c.kind = 'person' AND c.retired_at IS NULL AND c.erased_at IS NULL
          AND c.merged_into_id IS NULL AND c.demonstration = ANY(:kinds)
          AND (EXISTS (SELECT 1 FROM posts p WHERE p.area_code LIKE :pattern AND p.holder_id = c.id
                       AND coalesce(p.valid_to, :today) >= :today)
            OR EXISTS (SELECT 1 FROM posts p WHERE p.area_code LIKE :pattern AND p.deputy_id = c.id
                       AND coalesce(p.valid_to, :today) >= :today)
            OR EXISTS (SELECT 1 FROM posts p WHERE p.area_code LIKE :pattern AND p.superior_id = c.id
                       AND coalesce(p.valid_to, :today) >= :today)
            OR EXISTS (SELECT 1 FROM rota_seats s JOIN desks d ON d.id = s.desk_id
                       WHERE d.area_code LIKE :pattern AND s.person_id = c.id))
    )
    SELECT n.number,
           array_agg(p.id ORDER BY p.id) AS contact_ids,
           array_agg(p.name ORDER BY p.id) AS names,
           (array_agg(p.language ORDER BY p.id))[1] AS language,
           p.demonstration
    FROM people p JOIN contact_numbers n ON n.contact_id = p.id
    WHERE n.kind = 'mobile' AND n.opted_out_at IS NULL AND n.standing <> 'wrong_person'
      AND (n.verified_at IS NULL OR n.verified_at < :stale)
      AND NOT EXISTS (SELECT 1 FROM attempts a
                      WHERE a.purpose = 'check' AND a.number_check_id = :check_id AND a.number = n.number
                        AND a.state <> 'withdrawn')
    GROUP BY n.number, p.demonstration
    ORDER BY n.number
    LIMIT :most
    """
).bindparams(
    bindparam("kinds", type_=ARRAY(BOOLEAN())),
    bindparam("pattern", type_=Text()),
    bindparam("stale", type_=Moment),
    bindparam("today", type_=Date()),
    bindparam("check_id", type_=Uuid()),
    bindparam("most", type_=Integer()),
)


async def numbers_to_ask(
    tx: Tx,
    area_code: str,
    *,
    check_id: UUID | None,
    kinds: Collection[bool],
    today: date,
    stale: datetime,
    most: int,
) -> list[NumberToAsk]:
    """Mobile numbers of whoever stands in a post under an area, not verified since `stale`, not asked yet.

    `kinds` says whether made-up people, real ones or both may be asked.
    """
    rows = await tx.execute(
        _TO_ASK,
        {
            "kinds": list(kinds),
            "pattern": f"{prefix_of(area_code)}%",
            "stale": stale,
            "today": today,
            "check_id": check_id or UUID(int=0),
            "most": most,
        },
    )
    return read_as(NumberToAsk, rows)


async def look_again(tx: Tx, check_id: UUID, at: datetime, *, postponed_since: datetime | None) -> None:
    """Look at a check again at `at`."""
    await tx.execute(
        update(number_checks)
        .where(number_checks.c.id == check_id)
        .values(next_at=at, postponed_since=postponed_since)
    )


async def end_check(tx: Tx, check_id: UUID, now: datetime) -> Mapping[str, int]:
    """End it and keep the counts of its answers; returns them."""
    counts = await _answers_of(tx, [check_id])
    found = counts.get(check_id, {})
    await tx.execute(
        update(number_checks)
        .where(number_checks.c.id == check_id)
        .values(next_at=None, postponed_since=None, ended_at=now, counts=dict(found))
    )
    return found


async def last_checks(tx: Tx, limit: int) -> list[CheckLine]:
    """The newest checks first; of one that runs, the answers until now."""
    rows = (
        await tx.execute(
            select(number_checks, areas.c.name.label("area_name"))
            .join(areas, areas.c.code == number_checks.c.area_code)
            .order_by(number_checks.c.started_at.desc())
            .limit(limit)
        )
    ).all()
    running = await _answers_of(tx, [row.id for row in rows if row.ended_at is None])
    return [_line(row, running) for row in rows]


def _line(row: Any, running: Mapping[UUID, Mapping[str, int]]) -> CheckLine:
    answers = row.counts if row.ended_at else running.get(row.id, {})
    return CheckLine(
        row.id,
        row.started_at,
        row.started_by,
        row.area_name,
        row.postponed_since,
        row.ended_at,
        answers,
    )


_ANSWERS = text(
    """
    SELECT number_check_id,
           CASE WHEN state = 'answered' THEN outcome_code
                WHEN state IN ('failed', 'lost') THEN 'failed'
                WHEN state IN ('due', 'sending') THEN 'queued'
                ELSE 'silent' END AS answer,
           count(DISTINCT number)
    FROM attempts
    WHERE purpose = 'check' AND number_check_id = ANY(:ids) AND state <> 'withdrawn'
    GROUP BY 1, 2
    """
).bindparams(bindparam("ids", type_=ARRAY(Uuid())))


async def _answers_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Of each check, its numbers by answer: checked, wrong_person, silent, failed, queued."""
    found: dict[UUID, dict[str, int]] = {}
    for check_id, answer, count in await tx.execute(_ANSWERS, {"ids": list(ids)}) if ids else ():
        found.setdefault(check_id, {})[answer] = count
    return found
