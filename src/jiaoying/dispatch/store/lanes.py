"""What is due in one lane, a gateway's channel: counted, claimed, and put into another."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, bindparam, func, select, text, true, update
from sqlalchemy.sql.dml import ReturningUpdate

from jiaoying.dispatch.states import AttemptState
from jiaoying.dispatch.store.attempts import ClaimedAttempt
from jiaoying.dispatch.store.warnings import PAUSED
from jiaoying.gateways.base import Channel
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import attempts

# Danger first, then who was not rung yet, then in turn between warnings (turns.py).
_ORDER = ("priority", "round", "turn", "due_at")
_DUE_OF_LANE = (
    select(attempts.c.id, attempts.c.parts, *(attempts.c[name] for name in _ORDER))
    .where(
        attempts.c.state == AttemptState.DUE,
        attempts.c.gateway == bindparam("lane_gateway"),
        attempts.c.channel == bindparam("lane_channel"),
        attempts.c.due_at <= bindparam("now"),
        attempts.c.expires_at > bindparam("now"),
        # Of what is paused no call leaves; answers to people and stand-downs do.
        ((attempts.c.purpose == "call") & (attempts.c.warning_id.in_(PAUSED))).is_not(True),
    )
    # Just what the index has: with the id as well, every claim would sort all that are due at once.
    .order_by(*(attempts.c[name] for name in _ORDER))
    .limit(bindparam("most", type_=Integer()))
)


def _claim(*, by_parts: bool) -> ReturningUpdate[*tuple[Any, ...]]:
    """Takes what `_DUE_OF_LANE` finds. Made once: to build it takes longer than to claim an attempt."""
    locked = _DUE_OF_LANE.with_for_update(skip_locked=True, key_share=True).cte("locked")
    order = (*(locked.c[name] for name in _ORDER), locked.c.id)
    running = select(locked.c.id, func.sum(locked.c.parts).over(order_by=order).label("so_far")).cte(
        "running"
    )
    fits = running.c.so_far <= bindparam("most_parts") if by_parts else true()
    picked = select(running.c.id).where(fits).cte("picked")
    return (
        update(attempts)
        .where(attempts.c.id == picked.c.id)
        .values(
            state=AttemptState.SENDING,
            worker_id=bindparam("claimer"),
            claimed_at=bindparam("now"),
            lease_until=bindparam("until"),
        )
        .returning(*columns_of(ClaimedAttempt, attempts))
    )


_CLAIM_ALL, _CLAIM_PARTS = _claim(by_parts=False), _claim(by_parts=True)
_DUE_PARTS = select(func.coalesce(func.sum(_DUE_OF_LANE.subquery().c.parts), 0))


async def claim_due(
    tx: Tx,
    *,
    gateway: str,
    channel: Channel,
    limit: int,
    most_parts: int | None,
    worker_id: UUID,
    now: datetime,
    lease_until: datetime,
) -> list[ClaimedAttempt]:
    """Take up to `limit` due attempts of one lane for this worker, danger first and fair between warnings.

    `most_parts` bounds the text parts taken (a call counts as one); None does not. `lease_until` is
    a moment of the wall: past it another worker may ask the carrier what became of them.
    """
    statement = _CLAIM_ALL if most_parts is None else _CLAIM_PARTS
    rows = await tx.execute(
        statement,
        {
            **_lane(gateway, channel, limit, now),
            **({} if most_parts is None else {"most_parts": most_parts}),
            "claimer": worker_id,
            "until": lease_until,
        },
    )
    claimed = read_as(ClaimedAttempt, rows)
    claimed.sort(key=lambda item: (item.priority, item.round, item.turn, item.due_at))
    return claimed


# From one name to the next along `attempts_due_idx`, however many wait in each.
_WAITED_FOR = text(
    """
    WITH RECURSIVE waited (gateway) AS (
        (SELECT gateway FROM attempts WHERE state = 'due' ORDER BY gateway LIMIT 1)
        UNION ALL
        SELECT (SELECT gateway FROM attempts
                WHERE state = 'due' AND gateway > waited.gateway ORDER BY gateway LIMIT 1)
        FROM waited WHERE waited.gateway IS NOT NULL
    )
    SELECT gateway FROM waited WHERE gateway IS NOT NULL
    """
)


async def gateways_waited_for(tx: Tx) -> set[str]:
    """The gateways in whose lanes something is due."""
    return set((await tx.execute(_WAITED_FOR)).scalars())


@dataclass(frozen=True, slots=True)
class Rerouted:
    """An attempt that goes by another gateway than it was planned for."""

    id: UUID
    warning_id: UUID | None
    call_out_id: UUID | None
    contact_id: UUID | None
    gateway: str


async def reroute(tx: Tx, gone: Collection[str], gateway: str, *, simulated: bool) -> list[Rerouted]:
    """Have what is due in the lanes of these gateways go by another; `simulated`: what may ring no real
    telephone, else what may."""
    may_not_ring = attempts.c.demonstration | (attempts.c.exercise & ~attempts.c.real_phones)
    rows = await tx.execute(
        update(attempts)
        .where(
            attempts.c.state == AttemptState.DUE,
            attempts.c.gateway.in_(gone),
            may_not_ring if simulated else ~may_not_ring,
        )
        .values(gateway=gateway)
        .returning(*columns_of(Rerouted, attempts))
    )
    return read_as(Rerouted, rows)


async def due_parts(tx: Tx, gateway: str, channel: Channel, limit: int, now: datetime) -> int:
    """How many text parts (calls count as one) the next `limit` due attempts of a lane come to."""
    return await tx.scalar(_DUE_PARTS, _lane(gateway, channel, limit, now)) or 0


def _lane(gateway: str, channel: Channel, limit: int, now: datetime) -> dict[str, object]:
    return {"lane_gateway": gateway, "lane_channel": channel, "most": limit, "now": now}
