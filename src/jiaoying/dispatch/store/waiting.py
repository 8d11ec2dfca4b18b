"""Townships whose village people wait: written down, let go, claimed when they are due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text, update

from jiaoying.dispatch.states import WarningState
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import (
    alarms,
    call_outs,
    frozen_ladders,
    issued_warnings,
    responsibilities,
    warning_sources,
)


@dataclass(frozen=True, slots=True)
class WaitingTownship:
    """A township, or the county's own offices, with how many village people there wait."""

    code: str
    name: str
    posts: int
    people: int


_WAITING = text(
    """
    SELECT township.code, coalesce(area.name, township.code) AS name,
           count(post.id) AS posts, count(DISTINCT post.holder_id) AS people
    FROM unnest(CAST(:townships AS text[])) AS township (code)
    LEFT JOIN areas AS area ON area.code = township.code
    LEFT JOIN posts AS post
        ON post.area_code ~>=~ left(township.code, 9) AND post.area_code ~<~ (left(township.code, 9) || ':')
        AND post.tier = 'village'
        AND (post.hazards = '{}' OR post.hazards && CAST(:families AS text[]))
        AND (post.valid_from IS NULL OR post.valid_from <= :day)
        AND (post.valid_to IS NULL OR post.valid_to >= :day)
        -- Whose place is known was decided on already.
        AND NOT EXISTS (SELECT FROM areas AS own
                        WHERE own.code = post.area_code AND own.level = 'village' AND own.lat IS NOT NULL)
        AND NOT EXISTS (SELECT FROM area_shapes AS own
                        WHERE own.area_code IN (post.area_code, township.code)
                          AND own.area_code NOT LIKE '______000000')
        AND NOT EXISTS (SELECT FROM danger_points AS point
                        WHERE point.id = post.danger_point_id AND point.lat IS NOT NULL)
        AND NOT EXISTS (SELECT FROM responsibilities AS duty
                        WHERE duty.warning_id = :warning_id AND duty.post_id = post.id
                          AND duty.task_id IS NULL)
    GROUP BY township.code, area.name
    ORDER BY township.code
    """
)


async def waiting_townships(
    tx: Tx, warning_id: UUID, townships: Collection[str], families: Collection[Hazard], day: date
) -> list[WaitingTownship]:
    """Who waits in each of these townships under a warning, on the roster of this day."""
    given = {
        "townships": list(townships),
        "families": sorted(families),
        "day": day,
        "warning_id": warning_id,
    }
    return read_as(WaitingTownship, await tx.execute(_WAITING, given)) if townships else []


async def keep_waiting(
    tx: Tx,
    warning_id: UUID,
    *,
    waiting: Collection[str],
    released: Collection[str],
    release_at: datetime | None,
    due: bool = False,
) -> None:
    """Write down which townships wait, which were let go, and when the rest go by themselves."""
    await tx.execute(
        update(issued_warnings)
        .where(issued_warnings.c.id == warning_id)
        .values(
            waiting_areas=sorted(waiting),
            released_areas=sorted(released),
            release_at=release_at,
            release_due=due,
        )
    )


async def claim_release(tx: Tx, now: datetime) -> WarningRow | None:
    """A running warning of which townships were let go and not called yet, or whose clock ran out; locked.

    No clock lets anybody go under a warning that is over: that they were never called is told at its end.
    """
    rows = await tx.execute(
        select(*columns_of(WarningRow, issued_warnings))
        .where(
            issued_warnings.c.state == WarningState.MATCHED,
            issued_warnings.c.release_due
            | ((issued_warnings.c.release_at <= now) & (issued_warnings.c.valid_to > now)),
        )
        .order_by(issued_warnings.c.exercise, issued_warnings.c.id)
        .limit(1)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return next(iter(read_as(WarningRow, rows)), None)


async def frozen_of(tx: Tx, warning_id: UUID) -> list[tuple[str, UUID, object]]:
    """The ladders frozen under a warning: tier, id, plain data; without those of tasks."""
    kept = frozen_ladders.c
    rows = await tx.execute(
        select(kept.tier, kept.id, kept.body).where(
            kept.warning_id == warning_id, kept.tier.not_like("task_%")
        )
    )
    return [(row.tier, row.id, row.body) for row in rows]


async def posts_opened(tx: Tx, warning_id: UUID) -> tuple[frozenset[UUID], int]:
    """The posts that were opened under a warning, whatever became of them, and the newest version of it."""
    duty = responsibilities.c
    rows = await tx.execute(
        select(duty.post_id, duty.task_id, duty.version).where(duty.warning_id == warning_id)
    )
    found = rows.all()
    # Walks to doors are asked in versions of their own.
    asked = await tx.scalar(select(func.max(call_outs.c.version)).where(call_outs.c.warning_id == warning_id))
    newest = max((asked or 0, *(row.version for row in found)))
    return frozenset(row.post_id for row in found if row.post_id and not row.task_id), newest


async def hold_of_source(tx: Tx, warning_id: UUID, colour: str) -> int | None:
    """Seconds for which the warning's source holds this colour; None where it does not."""
    source = warning_sources.c
    return await tx.scalar(
        select(source.hold_s[colour].as_integer())
        .join(issued_warnings, issued_warnings.c.source == source.name)
        .where(issued_warnings.c.id == warning_id)
    )


async def over_alarms(tx: Tx, kind: str) -> Sequence[UUID]:
    """Open alarms of a kind whose warning has nobody waiting any more, or is over."""
    rows = await tx.execute(
        select(alarms.c.id)
        .join(issued_warnings, issued_warnings.c.id == alarms.c.warning_id)
        .where(
            alarms.c.kind == kind,
            alarms.c.cleared_at.is_(None),
            (issued_warnings.c.state != WarningState.MATCHED)
            | (func.cardinality(issued_warnings.c.waiting_areas) == 0),
        )
        .order_by(alarms.c.id)
    )
    return list(rows.scalars())
