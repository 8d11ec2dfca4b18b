"""The row that stands in for a warning where a response has none: opened by hand, or its warning is over.

Like a request to the leader (`dispatch.requests`) it is a warning row of its own, so that its people are
rung, tracked and told like all others; it matches nobody, is given out to nobody, and is no twin of any.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import insert

from jiaoying.dispatch.response.model import Plan, ResponseLevel
from jiaoying.dispatch.response.words import level_name
from jiaoying.dispatch.states import WarningState
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import issued_warnings
from jiaoying.warnings.arrival import choose_reference
from jiaoying.warnings.purpose import Purpose
from jiaoying.warnings.store import next_warning_id, reference_uses

SENDER = "jiaoying"
LIFE = timedelta(days=3)


async def stand_in(
    tx: Tx,
    plan: Plan,
    level: ResponseLevel,
    *,
    area_codes: list[str],
    area_names: str,
    home_name: str,
    exercise: bool,
    now: datetime,
) -> UUID:
    """Write such a row and return its id. The caller holds the lock of intake: it takes a reference."""
    row_id = await next_warning_id(tx, now)
    await tx.execute(
        insert(issued_warnings).values(
            id=row_id,
            purpose=Purpose.RESPONSE,
            source=Purpose.RESPONSE,
            sender=SENDER,
            identifier=f"response-{row_id}",
            version=1,
            content_sha256=sha256(row_id.bytes).digest(),
            kind="alert",
            exercise=exercise,
            hazard=next(hazard for hazard in Hazard if hazard in plan.hazards),
            event=f"{plan.name}{level.sign}级应急响应",
            colour=level.colour,
            sender_name=home_name,
            headline=say(
                "{place}: {plan}, {level}", place=area_names, plan=plan.name, level=level_name(level)
            ),
            text=say("{plan} is at {level}.", plan=plan.name, level=level_name(level)),
            area_names=area_names,
            area_codes=area_codes,
            sent_at=now,
            valid_from=now,
            valid_to=now + LIFE,
            received_at=now,
            state=WarningState.MATCHED,
            matched_at=now,
            reference=choose_reference(await reference_uses(tx, now)),
        )
    )
    return row_id
