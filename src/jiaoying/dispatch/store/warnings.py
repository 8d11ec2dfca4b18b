"""Issued warnings as dispatch sees them: claimed, matched, withdrawn, closed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import case, exists, func, literal, select, update

from jiaoying.dispatch.states import WARNING, WarningEvent, WarningState
from jiaoying.dispatch.store.sets import is_one_of
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import call_outs, issued_warnings, responsibilities, warning_deliveries
from jiaoying.warnings.holding import DECISION_WAIT_S, HoldReason
from jiaoying.warnings.purpose import Purpose


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
    reason: str | None
    purpose: Purpose = Purpose.WARNING
    # Townships whose village people wait, or were let go (dispatch.waiting).
    waiting_areas: tuple[str, ...] = ()
    released_areas: tuple[str, ...] = ()
    release_at: datetime | None = None
    paused_at: datetime | None = None
    real_phones_second: str | None = None

    @property
    def rings_real_phones(self) -> bool:
        """Whether real telephones may ring for it: a drill rings them when two persons agreed."""
        return not self.exercise or self.real_phones_second is not None


_COLUMNS = columns_of(WarningRow, issued_warnings)
# What no longer calls is not paused either.
_ENDS_A_PAUSE = (WarningEvent.HOLD, WarningEvent.WITHDRAW, WarningEvent.CLOSE)
_NOT_PAUSED = dict.fromkeys(("paused_at", "paused_by", "pause_reason", "pause_next_at"))
# Which are paused: read with every claim, and nearly always none.
PAUSED = select(issued_warnings.c.id).where(issued_warnings.c.paused_at.is_not(None))
# Any number; the same in every process of one installation.
_MATCH_LOCK = 7_201_140_522


async def claim_received(tx: Tx) -> WarningRow | None:
    """The gravest warning that waits to be matched, locked; None when there is none.

    What ends a warning goes before all: nobody is called whose warning is over already.
    """
    ends = issued_warnings.c.kind.in_(["cancel", "all-clear"])
    rank = case(
        {colour.value: colour.rank for colour in Colour}, value=issued_warnings.c.colour, else_=literal(0)
    )
    found = read_as(
        WarningRow,
        await tx.execute(
            select(*_COLUMNS)
            .where(issued_warnings.c.state == WarningState.RECEIVED)
            .order_by(ends.desc(), issued_warnings.c.exercise, rank.desc(), issued_warnings.c.received_at)
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


async def chain_of(tx: Tx, ids: Collection[UUID]) -> tuple[UUID, ...]:
    """These warnings and every other of their chains, whichever replaced which, in the order of arrival."""
    own = issued_warnings.c
    chain = (
        select(own.id, own.replaces_id, own.replaced_by_id)
        .where(is_one_of(own.id, ids))
        .cte("chain", recursive=True)
    )
    # UNION without ALL: a chain that bites its own tail ends here.
    chain = chain.union(
        select(own.id, own.replaces_id, own.replaced_by_id).where(
            (own.id == chain.c.replaces_id)
            | (own.replaces_id == chain.c.id)
            | (own.id == chain.c.replaced_by_id)
            | (own.replaced_by_id == chain.c.id)
        )
    )
    rows = await tx.execute(select(chain.c.id).distinct().order_by(chain.c.id))
    return tuple(row.id for row in rows)


async def of_same_message(tx: Tx, warning_id: UUID) -> list[WarningRow]:
    """The other warnings that came in one message with this one."""
    message = select(issued_warnings.c.message_id).where(issued_warnings.c.id == warning_id).scalar_subquery()
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(issued_warnings.c.message_id == message, issued_warnings.c.id != warning_id)
        .order_by(issued_warnings.c.id)
    )
    return read_as(WarningRow, rows)


async def lock_matching(tx: Tx) -> bool:
    """Whether this worker alone matches until the transaction ends.

    Why not two at once, each with a warning of its own: two updates of one warning would each find the
    other not there yet, and both would take over the same calls.
    """
    return bool(await tx.scalar(select(func.pg_try_advisory_xact_lock(_MATCH_LOCK))))


async def move_warning(
    tx: Tx,
    warning_id: UUID,
    event: WarningEvent,
    now: datetime,
    reason: str | None = None,
    *,
    replaced_by: UUID | None = None,
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
            **({"replaced_by_id": replaced_by} if replaced_by else {}),
            **({moments[event]: now} if event in moments else {}),
            **(_NOT_PAUSED if event in _ENDS_A_PAUSE else {}),
            **({"reason": None, "closed_at": None} if event == WarningEvent.REOPEN else {}),
            **(_held_later(reason, now) if event == WarningEvent.HOLD else {}),
        )
    )
    return result.rowcount > 0


def _held_later(reason: str | None, now: datetime) -> dict[str, object]:
    """What comes in held is stored so; this is for what the match finds it cannot decide alone."""
    why = HoldReason(reason or HoldReason.BROKE)
    wait_s = 0 if why is HoldReason.BROKE else DECISION_WAIT_S
    until = now + timedelta(seconds=wait_s)
    return {"hold_reason": str(why), "hold_until": until, "hold_next_at": until}


@dataclass(frozen=True, slots=True)
class Dispute:
    """A further source that says otherwise of a warning than the one that brought it first."""

    warning_id: UUID
    headline: str
    source: str


async def claim_disputes(tx: Tx) -> list[Dispute]:
    """Disputes that the officer has not been told of yet, ticked off."""
    delivery = warning_deliveries
    rows = await tx.execute(
        update(delivery)
        .where(delivery.c.dispute_due, issued_warnings.c.id == delivery.c.warning_id)
        .values(dispute_due=False)
        .returning(delivery.c.warning_id, issued_warnings.c.headline, delivery.c.source)
    )
    return read_as(Dispute, rows)


async def claim_ended(tx: Tx, now: datetime, limit: int) -> list[WarningRow]:
    """Warnings whose time is over (held ones too), or that have nobody left to call; locked.

    Where somebody waits to be let go, somebody is left.
    """
    nothing_waits = (func.cardinality(issued_warnings.c.waiting_areas) == 0) & ~issued_warnings.c.release_due
    nothing_open = ~exists().where(
        responsibilities.c.warning_id == issued_warnings.c.id, responsibilities.c.state == "open"
    ) & ~exists().where(call_outs.c.warning_id == issued_warnings.c.id, call_outs.c.state == "open")
    rows = await tx.execute(
        select(*_COLUMNS)
        .where(
            issued_warnings.c.state.in_([WarningState.MATCHED, WarningState.HELD]),
            (issued_warnings.c.valid_to <= now)
            | ((issued_warnings.c.state == WarningState.MATCHED) & nothing_open & nothing_waits),
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
