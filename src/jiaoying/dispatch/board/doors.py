"""Walks to doors (上门任务) as pages show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, or_, select

from jiaoying.dispatch.states import DoorState
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import call_outs, contacts, door_tasks, responsibilities

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class DoorRow:
    """One walk: who goes to whom, for what, and how far it is. `late` is when word should have come."""

    id: UUID
    state: DoorState
    reason: str | None
    label: str
    sleeper: str
    sleeper_id: UUID
    walker: str
    call_out_id: UUID
    assigned_at: datetime
    taken_at: datetime | None
    due_at: datetime | None
    asked_at: datetime | None
    ended_at: datetime | None
    said: str | None


async def doors_of_warning(tx: Tx, warning_id: UUID) -> Sequence[DoorRow]:
    """The walks under a warning: what came to nothing first, then what is awaited, then the rest."""
    return await _doors(tx, responsibilities.c.warning_id == warning_id)


async def doors_of_person(tx: Tx, call_out_id: UUID) -> Sequence[DoorRow]:
    """The walks to a person, and those that are theirs to make."""
    return await _doors(
        tx, or_(door_tasks.c.sleeper_id == call_out_id, door_tasks.c.call_out_id == call_out_id)
    )


_ORDER = case({DoorState.FAILED: 0, DoorState.TAKEN: 1, DoorState.OPEN: 1}, value=door_tasks.c.state, else_=2)


async def _doors(tx: Tx, condition: ColumnElement[bool]) -> Sequence[DoorRow]:
    sleeping, walking = call_outs.alias("sleeping"), call_outs.alias("walking")
    sleeper, walker = contacts.alias("sleeper"), contacts.alias("walker")
    own = [door_tasks.c[name] for name in DoorRow.__dataclass_fields__ if name in door_tasks.c]
    rows = await tx.execute(
        select(*own, responsibilities.c.label, sleeper.c.name.label("sleeper"), walker.c.name.label("walker"))
        .join(responsibilities, responsibilities.c.id == door_tasks.c.responsibility_id)
        .join(sleeping, sleeping.c.id == door_tasks.c.sleeper_id)
        .join(walking, walking.c.id == door_tasks.c.call_out_id)
        .join(sleeper, sleeper.c.id == sleeping.c.contact_id)
        .join(walker, walker.c.id == walking.c.contact_id)
        .where(condition)
        .order_by(_ORDER, door_tasks.c.assigned_at, door_tasks.c.id)
        .limit(MOST_SHOWN)
    )
    return read_as(DoorRow, rows)
