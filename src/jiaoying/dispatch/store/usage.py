"""What numbers have borne: a question to the attempts, whichever warning and process they are of."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, bindparam, or_, select, text, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from jiaoying.dispatch.budget import Usage
from jiaoying.dispatch.states import AttemptState
from jiaoying.dispatch.store.attempts import WITH_THE_CARRIER
from jiaoying.dispatch.store.sets import is_one_of_given
from jiaoying.gateways.base import Channel
from jiaoying.kernel.budgets import NumberBudget
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import Moment, attempts

# Any number; the same in every process of one installation.
_NUMBER_LOCKS = 7_201_141
# So many locks at most, however many numbers: the server's table of locks is shared by all.
_SLOTS = 4096

_HOLD = text(
    f"""
    SELECT number, pg_try_advisory_xact_lock({_NUMBER_LOCKS}, hashtext(number) & {_SLOTS - 1}) AS held
    FROM unnest(CAST(:numbers AS text[])) AS number
    """  # noqa: S608 - our own constants
).bindparams(bindparam("numbers", type_=ARRAY(Text())))


async def hold_numbers(tx: Tx, numbers: Collection[str]) -> frozenset[str]:
    """Those of these numbers that nobody else plans for until the transaction ends.

    Two planners at once would both take the last that a number can bear, or ring one person twice. The
    others are not waited for: whoever holds them has them in hand.
    """
    rows = await tx.execute(_HOLD, {"numbers": sorted(numbers)})
    return frozenset(row.number for row in rows if row.held)


@dataclass(frozen=True, slots=True)
class Borne:
    """What the numbers in hand have borne, who is on the phone with us, and for whom each number rings or is
    about to: the priority of that call by contact, 0 where it is with the carrier."""

    usage: Usage
    on_phone: frozenset[UUID]
    rung_for: dict[str, dict[UUID, int]]


def _borne() -> Select[*tuple[Any, ...]]:
    """What was taken on since, and what may yet be: two stretches of the same index.

    Not counted is what a carrier refused without trying it.
    """
    columns = (
        attempts.c.id,
        attempts.c.gateway,
        attempts.c.channel,
        attempts.c.number,
        attempts.c.contact_id,
        attempts.c.state,
        attempts.c.priority,
    )
    of_these = is_one_of_given(attempts.c.number, "numbers")
    since = bindparam("since", type_=Moment)
    taken_on = select(*columns, attempts.c.accepted_at.label("at")).where(
        of_these, attempts.c.accepted_at > since
    )
    in_doubt = select(*columns, attempts.c.claimed_at.label("at")).where(
        of_these,
        attempts.c.accepted_at.is_(None),
        or_(
            attempts.c.state.in_([AttemptState.DUE, AttemptState.SENDING]),
            (attempts.c.state == AttemptState.LOST) & (attempts.c.claimed_at > since),
        ),
    )
    both = union_all(taken_on, in_doubt).subquery()
    return select(both)


_BORNE = _borne()


async def borne_by(
    tx: Tx, numbers: Collection[str], budgets: Mapping[str, NumberBudget], now: datetime
) -> Borne:
    """What these numbers have borne within the longest stretch of any budget."""
    longest = max((budget.longest_s for budget in budgets.values()), default=0)
    # A day is looked at also where nothing is limited: pages show it, and a call may ring.
    since = now - timedelta(seconds=max(longest, 86_400) + 60)
    rows = await tx.execute(_BORNE, {"numbers": list(numbers), "since": since})
    usage, on_phone, rung_for = Usage(budgets), set[UUID](), dict[str, dict[UUID, int]]()
    for row in rows:
        # What has not left counts as now, whenever it leaves.
        waits = row.state in (AttemptState.DUE, AttemptState.SENDING)
        usage.take(row.gateway, Channel(row.channel), row.number, row.id, now if waits else row.at)
        if row.channel != Channel.VOICE or row.contact_id is None:
            continue
        if row.state in WITH_THE_CARRIER:
            on_phone.add(row.contact_id)
            rung_for.setdefault(row.number, {})[row.contact_id] = 0
        elif row.state == AttemptState.DUE:
            rung_for.setdefault(row.number, {}).setdefault(row.contact_id, row.priority)
    return Borne(usage, frozenset(on_phone), rung_for)
