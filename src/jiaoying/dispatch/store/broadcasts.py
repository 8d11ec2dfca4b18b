"""Whom a broadcast told: the people called for a place."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, select

from jiaoying.dispatch.states import CallOutState
from jiaoying.kernel.areas import prefix_of
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import areas, call_out_roles, call_outs, responsibilities


@dataclass(frozen=True, slots=True)
class ToldPerson:
    """One call-out, for the row that says so."""

    call_out_id: UUID
    warning_id: UUID
    contact_id: UUID


_TOLD = (call_outs.c.id.label("call_out_id"), call_outs.c.warning_id, call_outs.c.contact_id)


async def people_inside(tx: Tx, warning_id: UUID, area_code: str) -> list[ToldPerson]:
    """Everybody called under a warning for something inside an area (12 digits)."""
    inside = exists().where(
        call_out_roles.c.call_out_id == call_outs.c.id,
        responsibilities.c.id == call_out_roles.c.responsibility_id,
        responsibilities.c.area_code.startswith(prefix_of(area_code), autoescape=True),
    )
    rows = await tx.execute(
        select(*_TOLD)
        .where(call_outs.c.warning_id == warning_id, call_outs.c.state != CallOutState.WITHDRAWN, inside)
        .order_by(call_outs.c.id)
    )
    return read_as(ToldPerson, rows)


async def person_of(tx: Tx, call_out_id: UUID) -> list[ToldPerson]:
    """The one person of a call-out; empty where there is none."""
    return read_as(ToldPerson, await tx.execute(select(*_TOLD).where(call_outs.c.id == call_out_id)))


async def places_called(tx: Tx, warning_id: UUID) -> list[tuple[str, str]]:
    """Townships and villages for which somebody is called, as code and name, villages with their township."""
    own = responsibilities.c.area_code
    township = func.left(own, 9) + "000"
    called = (
        select(own.label("code"))
        .where(responsibilities.c.warning_id == warning_id)
        .union(select(township).where(responsibilities.c.warning_id == warning_id))
        .subquery("called")
    )
    above = areas.alias("above")
    rows = await tx.execute(
        select(areas.c.code, areas.c.name, areas.c.level, above.c.name.label("above"))
        .join(called, called.c.code == areas.c.code)
        .outerjoin(above, above.c.code == areas.c.parent_code)
        .where(areas.c.level.in_(["township", "village"]))
        .order_by(areas.c.code)
    )
    return [
        (row.code, f"{row.above} {row.name}" if row.level == "village" and row.above else row.name)
        for row in rows
    ]
