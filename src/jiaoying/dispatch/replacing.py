"""Somebody else holds the post or stands at the desk now: the new one is asked, the old one left in peace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.climbing import ACTOR, Begun, ask, opened_entries
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import Ladder, Who
from jiaoying.dispatch.states import CallOutEvent, CallOutState, ResponsibilityState
from jiaoying.dispatch.stopping import stop_call_outs
from jiaoying.dispatch.store import call_outs
from jiaoying.dispatch.store.asked_on_duty import asked_on_duty, wake_open
from jiaoying.dispatch.store.responsibilities import DueResponsibility
from jiaoying.dispatch.store.roster import OnDuty, standing_at
from jiaoying.dispatch.store.tied_people import TiedPerson
from jiaoying.dispatch.walking import call_off, tell_not_needed
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

REASON = "replaced_on_roster"


@dataclass(frozen=True, slots=True)
class Replaced:
    """Who was asked in a role that somebody else fills now; None: nobody does, and they left."""

    duty: DueResponsibility
    person: TiedPerson
    successor_id: UUID | None


def who_was_replaced(
    duty: DueResponsibility, tied: Sequence[TiedPerson], on_duty: OnDuty | None = None
) -> list[Replaced]:
    """Whom roster and rota name no more of those asked; `on_duty` stand at the desk now. Pure.

    Whoever answered keeps it. Where a seat is only empty, who sat there last is better than nobody.
    """
    return [*_on_roster(duty, tied), *(_on_shift(duty, tied, on_duty) if on_duty else ())]


def _on_shift(duty: DueResponsibility, tied: Sequence[TiedPerson], on_duty: OnDuty) -> list[Replaced]:
    """Who was asked in a shift that is over, with somebody of the one that runs in their place."""
    if duty.state is not ResponsibilityState.OPEN:
        return []
    found: list[Replaced] = []
    for role, now_there in _seats(on_duty):
        asked = [person for person in tied if person.role is role]
        ids = {person.contact_id for person in asked}
        coming = iter([person_id for person_id in now_there if person_id not in ids])
        found += [
            Replaced(duty, person, next(coming, None))
            for person in asked
            if person.state is not CallOutState.ANSWERED and _is_elsewhere(person.contact_id, now_there)
        ]
    return found


def _seats(on_duty: OnDuty) -> tuple[tuple[Who, tuple[UUID, ...]], ...]:
    leaders = (on_duty.leader_id,) if on_duty.leader_id else ()
    return (Who.DESK, on_duty.officer_ids), (Who.LEADER, leaders)


def _is_elsewhere(person_id: UUID, now_there: tuple[UUID, ...]) -> bool:
    return bool(now_there) and person_id not in now_there


async def wake_relieved(tx: Tx, now: datetime) -> int:
    """Have the escalation look at once where somebody else stands than who is asked; returns where.

    Whoever stands changes at the end of a shift, which it knows, and in the middle of one: somebody is put
    in, a swap is agreed to, the rota is handed in anew.
    """
    asked = await asked_on_duty(tx, now)
    standing = await standing_at(tx, {one.place for one in asked}, now)
    relieved = {
        one.responsibility_id
        for one in asked
        if (on_duty := standing.get(one.place)) is not None
        and any(one.role is role and _is_elsewhere(one.contact_id, there) for role, there in _seats(on_duty))
    }
    await wake_open(tx, relieved, now)
    return len(relieved)


def _on_roster(duty: DueResponsibility, tied: Sequence[TiedPerson]) -> list[Replaced]:
    seats = {Who.HOLDER: duty.holder_id, Who.DEPUTY: duty.deputy_id, Who.SUPERIOR: duty.superior_id}
    if duty.state is not ResponsibilityState.OPEN or duty.post_id is None:
        return []
    return [
        Replaced(duty, person, seats[person.role])
        for person in tied
        if person.role in seats
        and person.state is not CallOutState.ANSWERED
        and person.contact_id != seats[person.role]
        and (person.left or seats[person.role] is not None)
    ]


async def exchange(
    tx: Tx, engine: Engine, replaced: Sequence[Replaced], ladders: Mapping[UUID, Ladder], now: datetime
) -> None:
    """Ask the new ones on the rung that runs, and let go of the old ones where nothing else binds them."""
    if not replaced:
        return
    begun = [_begun(item, ladders[item.duty.ladder_id]) for item in replaced if item.successor_id]
    asked = await ask(tx, begun, now)
    gone = [(item.person.call_out_id, item.duty.id, item.person.role) for item in replaced]
    await call_outs.untie(tx, gone, now)
    duties = {item.duty.id for item in replaced}
    sleepers = {item.person.call_out_id for item in replaced}
    called_off = await call_off(tx, duties, actor=ACTOR, reason=REASON, now=now, to=sleepers)
    await tell_not_needed(tx, engine, called_off, now)
    free = await call_outs.no_longer_needed(tx, duties)
    await stop_call_outs(tx, free, CallOutEvent.WITHDRAW, actor=ACTOR, reason=REASON, now=now)
    await append_entries(tx, [*opened_entries(asked, begun, now), *(_entry(item, now) for item in replaced)])


def _begun(item: Replaced, ladder: Ladder) -> Begun:
    """They are asked as the rung asks that asked the one before; only its wait has begun already."""
    people = ((item.person.role, item.successor_id),) if item.successor_id else ()
    index = max(item.person.rung, 0)
    return Begun(item.duty, index, ladder.rungs[index], people, None, (), REASON)


def _entry(item: Replaced, now: datetime) -> Entry:
    return Entry(
        now,
        "responsibility.person_replaced",
        ACTOR,
        item.duty.warning_id,
        responsibility_id=item.duty.id,
        call_out_id=item.person.call_out_id,
        contact_id=item.person.contact_id,
        facts={
            "role": item.person.role,
            "successor": str(item.successor_id) if item.successor_id else None,
        },
    )
