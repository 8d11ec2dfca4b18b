"""Issued warnings as dispatch sees them: claimed, matched, withdrawn, closed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, literal, select, update

from jiaoying.dispatch.states import WARNING, WarningEvent, WarningState
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_outs, issued_warnings, responsibilities
from jiaoying.warnings.holding import HoldReason


@dataclass(frozen=True, slots=True)
class WarningRow:
    """What dispatch needs of a warning."""

    id: UUID
    kind: str
    exercise: bool
    hazard: Hazard
    event: str
    colour: Colour | None
    sender_name: str | None
    headline: str
    text: str
    instruction: str | None
    area_names: str
    area_codes: tuple[str, ...]
    polygons: tuple[Any, ...]
    circles: tuple[Any, ...]
    sent_at: datetime
    valid_from: datetime
    valid_to: datetime
    reference: str
    replaces_id: UUID | None
    state: WarningState
    # Set on a request to the leader on duty: the held warning that a decision is asked on.
    request_for_id: UUID | None = None


_COLUMNS = columns_of(WarningRow, issued_warnings)
# What comes in held is stored so; only what cannot be matched is held later (stages/match.py).
_BROKEN_HOLD = {"hold_reason": HoldReason.BROKE.value}


async def claim_received(tx: Tx) -> WarningRow | None:
    """The gravest warning that waits to be matched, locked; None when there is none."""
    rank = case(
        {colour.value: colour.rank for colour in Colour}, value=issued_warnings.c.colour, else_=literal(0)
    )
    found = read_as(
        WarningRow,
        await tx.execute(
            select(*_COLUMNS)
            .where(issued_warnings.c.state == WarningState.RECEIVED)
            .order_by(issued_warnings.c.exercise, rank.desc(), issued_warnings.c.received_at)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
        ),
    )
    return found[0] if found else None


async def lock_warning(tx: Tx, warning_id: UUID) -> WarningRow | None:
    """One warning, locked."""
    statement = select(*_COLUMNS).where(issued_warnings.c.id == warning_id).with_for_update(key_share=True)
    found = read_as(WarningRow, await tx.execute(statement))
    return found[0] if found else None


async def warnings_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, WarningRow]:
    """Warnings by their ids."""
    statement = select(*_COLUMNS).where(is_one_of(issued_warnings.c.id, ids))
    return {found.id: found for found in read_as(WarningRow, await tx.execute(statement))}


async def family_of(tx: Tx, warning_id: UUID) -> tuple[UUID, ...]:
    """Every earlier warning of the same chain of updates, oldest first."""
    chain = (
        select(issued_warnings.c.id, issued_warnings.c.replaces_id)
        .where(issued_warnings.c.id == warning_id)
        .cte("chain", recursive=True)
    )
    # UNION without ALL: a chain that bites its own tail ends here.
    chain = chain.union(
        select(issued_warnings.c.id, issued_warnings.c.replaces_id).where(
            (issued_warnings.c.id == chain.c.replaces_id) | (issued_warnings.c.replaces_id == chain.c.id)
        )
    )
    rows = await tx.execute(select(chain.c.id).where(chain.c.id < warning_id).order_by(chain.c.id))
    return tuple(dict.fromkeys(row.id for row in rows))


async def move_warning(
    tx: Tx, warning_id: UUID, event: WarningEvent, now: datetime, reason: str | None = None
) -> bool:
    """Apply `event`; False when the warning's state does not hear it as a change."""
    moves = {state: after for (state, heard), after in WARNING.moves.items() if heard == event}
    moments = {
        WarningEvent.MATCH: "matched_at",
        WarningEvent.WITHDRAW: "closed_at",
        WarningEvent.CLOSE: "closed_at",
    }
    result = await tx.execute(
        update(issued_warnings)
        .where(issued_warnings.c.id == warning_id, issued_warnings.c.state.in_(moves))
        .values(
            state=case(
                {state.value: after.value for state, after in moves.items()}, value=issued_warnings.c.state
            ),
            **({"reason": reason} if reason else {}),
            **({moments[event]: now} if event in moments else {}),
            **(_BROKEN_HOLD | {"hold_until": now, "hold_next_at": now} if event == WarningEvent.HOLD else {}),
        )
    )
    return result.rowcount > 0


async def claim_ended(tx: Tx, now: datetime, limit: int) -> list[WarningRow]:
    """Warnings whose time is over (held ones too), or that have nobody left to call; locked."""
    nothing_open = ~exists().where(
        responsibilities.c.warning_id == issued_warnings.c.id, responsibilities.c.state == "open"
    ) & ~exists().where(call_outs.c.warning_id == issued_warnings.c.id, call_outs.c.state == "open")
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(
            issued_warnings.c.state.in_([WarningState.MATCHED, WarningState.HELD]),
            (issued_warnings.c.valid_to <= now)
            | ((issued_warnings.c.state == WarningState.MATCHED) & nothing_open),
        )
        .order_by(issued_warnings.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
    )
    return read_as(WarningRow, rows)


async def ask_stand_down(tx: Tx, warning_id: UUID) -> None:
    """Have those who were reached under a withdrawn warning told so."""
    await tx.execute(
        update(issued_warnings).where(issued_warnings.c.id == warning_id).values(stand_down_due=True)
    )


async def claim_stand_down(tx: Tx) -> WarningRow | None:
    """One withdrawn warning of which people have not been told yet, locked and ticked off."""
    found = read_as(
        WarningRow,
        await tx.execute(
            select(*_COLUMNS)
            .where(issued_warnings.c.stand_down_due)
            .order_by(issued_warnings.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, key_share=True)
        ),
    )
    if found:
        await tx.execute(
            update(issued_warnings).where(issued_warnings.c.id == found[0].id).values(stand_down_due=False)
        )
    return found[0] if found else None
