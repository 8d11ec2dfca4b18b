"""Who waits under a warning, township by township, for the officer to tick."""

from datetime import date

from jiaoying.dispatch.board.warnings import WarningFacts
from jiaoying.dispatch.states import WarningState
from jiaoying.dispatch.store.waiting import WaitingTownship, waiting_townships
from jiaoying.kernel.hazards import families_concerned
from jiaoying.storage.database import Tx


async def who_waits(tx: Tx, warning: WarningFacts, day: date) -> list[WaitingTownship]:
    """The townships whose village people wait under a running warning, on the roster of this day."""
    if warning.state is not WarningState.MATCHED:
        return []
    return await waiting_townships(
        tx, warning.id, warning.waiting_areas, families_concerned(warning.hazard), day
    )
