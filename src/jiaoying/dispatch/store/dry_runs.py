"""Dry runs, kept so that the next of the same warning can say what is different since."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select

from jiaoying.dispatch.outlook.figures import Figures
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import dry_runs

# Of all subjects together; older ones are of no use to anybody.
MOST_KEPT = 300


@dataclass(frozen=True, slots=True)
class KeptRun:
    """A dry run as it was kept."""

    created_at: datetime
    created_by: str
    figures: Figures
    first_ids: frozenset[UUID]
    later_ids: frozenset[UUID]


async def last_run(tx: Tx, subject: str) -> KeptRun | None:
    """The last dry run of the same hazard, colour and places."""
    run = dry_runs.c
    row = (
        await tx.execute(select(dry_runs).where(run.subject == subject).order_by(run.id.desc()).limit(1))
    ).one_or_none()
    if row is None:
        return None
    return KeptRun(
        row.created_at,
        row.created_by,
        Figures(**row.figures),
        frozenset(row.first_ids),
        frozenset(row.later_ids),
    )


async def keep_run(
    tx: Tx,
    subject: str,
    figures: Figures,
    first_ids: Collection[UUID],
    later_ids: Collection[UUID],
    *,
    by: str,
    now: datetime,
) -> None:
    """Keep a dry run, and let the oldest go."""
    run = dry_runs.c
    await tx.execute(
        insert(dry_runs).values(
            id=new_id(now),
            subject=subject,
            figures=asdict(figures),
            first_ids=list(first_ids),
            later_ids=list(later_ids),
            created_at=now,
            created_by=by,
        )
    )
    newest = select(run.id).order_by(run.id.desc()).limit(MOST_KEPT).scalar_subquery()
    await tx.execute(delete(dry_runs).where(run.id.not_in(newest)))
