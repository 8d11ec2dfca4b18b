"""Rota: the desk hears days ahead of times in which nobody stands somewhere, and of people in two places.

One alarm a desk, which goes by itself once its rota is whole. What somebody has seen to does not come again
as long as it is the same fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm
from jiaoying.duty.checking import Fault, FaultKind
from jiaoying.duty.model import Desk
from jiaoying.duty.months import look_at
from jiaoying.duty.store import all_desks, desks_with_shifts
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import alarms

ACTOR = "rota"
LOOK_EVERY = timedelta(minutes=10)
AHEAD = timedelta(days=7)
_TOLD = (FaultKind.NOBODY, FaultKind.IN_TWO_PLACES)
# Two workers would each raise the alarm that the other is about to raise.
_LOOK_LOCK = 7_201_403


@dataclass(slots=True)
class RotaStage:
    """Looks at the rotas of all desks, a few times an hour."""

    name: str = "rota"
    rings: tuple[str, ...] = ("changes",)
    _next_look: datetime | None = None

    async def run_once(self, engine: Engine, now: datetime) -> int:
        """Tell what is new; returns at how many desks something changed."""
        if self._next_look is not None and now < self._next_look:
            return 0
        async with engine.database.transaction() as tx:
            changed = await _look(tx, engine, now)
        self._next_look = now + LOOK_EVERY
        return changed


async def _look(tx: Tx, engine: Engine, now: datetime) -> int:
    if not await tx.scalar(select(func.pg_try_advisory_xact_lock(_LOOK_LOCK))):
        return 0
    kept = await desks_with_shifts(tx)
    desks = [desk for desk in await all_desks(tx) if desk.id in kept]
    first, last = (at.astimezone(engine.timezone).date() for at in (now, now + AHEAD))
    looked = await look_at(tx, [desk.id for desk in desks], first, last, engine.timezone)
    changed = 0
    for desk in desks:
        faults = [one for one in looked[desk.id].faults if one.kind in _TOLD and one.ends_at > now]
        changed += await _tell(tx, engine, desk, faults, now)
    return changed


async def _tell(tx: Tx, engine: Engine, desk: Desk, faults: Sequence[Fault], now: datetime) -> bool:
    kind = f"rota:{desk.id}"
    sentence = _sentence(engine, desk, faults, now) if faults else None
    last = (
        await tx.execute(
            select(alarms.c.text, alarms.c.cleared_at)
            .where(alarms.c.kind == kind)
            .order_by(alarms.c.id.desc())
            .limit(1)
        )
    ).one_or_none()
    stands = last is not None and last.cleared_at is None
    if sentence is not None and last is not None and last.text == sentence:
        return False
    if stands:
        await clear_alarms_of_kind(tx, kind, by=ACTOR, now=now)
    if sentence is not None:
        await raise_alarm(tx, kind, sentence, now)
    return stands or sentence is not None


def _sentence(engine: Engine, desk: Desk, faults: Sequence[Fault], now: datetime) -> str:
    first = faults[0]
    begin = first.starts_at.astimezone(engine.timezone).strftime("%m-%d %H:%M")
    if first.kind is FaultKind.IN_TWO_PLACES:
        return say(
            "{desk}: somebody is to stand in two places on {begin}. Put somebody else in there",
            desk=desk.name,
            begin=begin,
        )
    if first.starts_at <= now:
        return say("{desk}: nobody stands there now. Name somebody in the rota", desk=desk.name)
    return say(
        "{desk}: nobody stands there from {begin}. Name somebody in the rota", desk=desk.name, begin=begin
    )
