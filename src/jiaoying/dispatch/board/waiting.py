"""Who waits under a warning: for the officer to tick their township, or for their turn."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select, text

from jiaoying.dispatch.board.warnings import WarningFacts
from jiaoying.dispatch.states import ResponsibilityState, WarningState
from jiaoying.dispatch.store.waiting import WaitingTownship, waiting_townships
from jiaoying.kernel.hazards import families_concerned
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import responsibilities


async def who_waits(tx: Tx, warning: WarningFacts, day: date) -> list[WaitingTownship]:
    """The townships whose village people wait under a running warning, on the roster of this day."""
    if warning.state is not WarningState.MATCHED:
        return []
    return await waiting_townships(
        tx, warning.id, warning.waiting_areas, families_concerned(warning.hazard), day
    )


@dataclass(frozen=True, slots=True)
class Turns:
    """Posts that are asked step by step and not yet: how many, and when the last is called in any case."""

    count: int
    by: datetime | None


async def turns_to_come(tx: Tx, warning_id: UUID, now: datetime) -> Turns:
    """Whose turn has not come under a warning."""
    duty = responsibilities.c
    row = (
        await tx.execute(
            select(func.count().label("posts"), func.max(duty.turn_at).label("by")).where(
                duty.warning_id == warning_id,
                duty.state == ResponsibilityState.OPEN,
                duty.rung == text("-1"),
                duty.turn_at > now,
            )
        )
    ).one()
    return Turns(row.posts, row.by)
