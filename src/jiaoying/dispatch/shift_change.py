"""One shift hands over to the next: signed with what is open at that moment, and shifts that end silently.

What two people do to a handover is decided in `duty.handovers`; here it meets what is open, the sign-on of
whoever takes over, and the alarm that stands while nobody has.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.open_items import Record, open_items
from jiaoying.dispatch.raising import clear_alarms_of_kind, raise_alarm_once
from jiaoying.duty.actions import Doer
from jiaoying.duty.change_store import changes_of
from jiaoying.duty.handovers import actions, store
from jiaoying.duty.handovers.model import GRACE, Handover, HandoverState, unowned
from jiaoying.duty.model import Desk, Shift, Standing
from jiaoying.duty.rota import standing_in
from jiaoying.duty.sign_ons import sign_on, sign_on_early
from jiaoying.duty.store import desk_by_id, shifts_by_id, who_stands
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx

ACTOR = "presence"
LOOK_EVERY = timedelta(minutes=30)


async def sign_over(tx: Tx, handover_id: UUID, person_id: UUID, record: Record, doer: Doer) -> None:
    """Whoever goes signs, with everything that is open now. Raises Refusal."""
    desk, shift = await _of(tx, handover_id)
    await _must_stand_in(tx, shift, person_id, say("Only an officer of the shift that ends can sign it over"))
    await actions.hand_over(tx, handover_id, person_id, await open_items(tx, desk, record, doer.now), doer)


async def decide(
    tx: Tx, handover_id: UUID, keys: Collection[str], record: Record, doer: Doer, *, accepted: bool
) -> None:
    """Whoever comes takes these items over, or says why not. Raises Refusal."""
    desk, _ = await _of(tx, handover_id)
    await actions.lock_waiting(tx, handover_id)
    await store.keep_gathered(tx, handover_id, await open_items(tx, desk, record, doer.now), doer.now)
    for key in keys:
        await actions.decide_item(tx, handover_id, key, accepted=accepted, doer=doer)


async def take(tx: Tx, handover_id: UUID, person_id: UUID, record: Record, doer: Doer) -> None:
    """Whoever comes signs; so they have signed on too, and no alarm stands any more. Raises Refusal."""
    desk, shift = await _of(tx, handover_id)
    await _must_come(tx, desk, shift, person_id, doer.now)
    await actions.take_over(tx, handover_id, person_id, await open_items(tx, desk, record, doer.now), doer)
    for older in await store.lock_older(tx, shift):
        # What was open there stood in this one too.
        await actions.lapse(tx, older, doer.now)
    await clear_alarms_of_kind(tx, _alarm_kind(desk.id), by=doer.actor, now=doer.now)
    standing = (await who_stands(tx, [desk.id], doer.now))[desk.id]
    if isinstance(standing, Standing) and person_id in (standing.officer_id, standing.second_id):
        await sign_on(tx, standing.shift.id, person_id, doer)
    elif (following := await store.next_shift_of(tx, shift)) is not None:
        await sign_on_early(tx, following, person_id, doer)


async def open_for_running(tx: Tx, now: datetime) -> int:
    """A handover for each shift that runs where shifts are handed over in writing; returns how many began."""
    begun = await store.begun_without(tx, now)
    for shift in begun:
        due = shift.ends_at + GRACE
        await store.open_handover(
            tx, Handover(new_id(now), shift.desk_id, shift.id, HandoverState.OPEN, "", now, due)
        )
    return len(begun)


async def look_at(tx: Tx, handover_id: UUID, record: Record, zone: ZoneInfo, now: datetime) -> bool:
    """What ended and was not taken over is told while something is open; False where it is not due."""
    due = await store.claim_due(tx, now, 1, handover_id)
    for handover in due:
        shift = next(iter(await shifts_by_id(tx, [handover.shift_id])))
        await _look(tx, handover, shift, record, zone, now)
    return bool(due)


async def _look(
    tx: Tx, handover: Handover, shift: Shift, record: Record, zone: ZoneInfo, now: datetime
) -> None:
    desk = await desk_by_id(tx, handover.desk_id)
    following = await store.next_shift_of(tx, shift)
    if desk is None or now < shift.ends_at + GRACE:
        await store.look_again(tx, handover.id, shift.ends_at + GRACE)
        return
    if following is not None and await _stays_on(tx, shift, following):
        await actions.go_on(tx, handover, now)
        return
    if following is not None and following.ends_at <= now:
        # What was open stands in the handover of that shift.
        await actions.lapse(tx, handover, now)
        return
    items = await store.keep_gathered(tx, handover.id, await open_items(tx, desk, record, now), now)
    left = unowned(items)
    if left:
        end = shift.ends_at.astimezone(zone).strftime("%H:%M")
        text = say(
            "{desk}: the shift that ended at {end} was not taken over, {count} open items belong to nobody",
            desk=desk.name,
            end=end,
            count=len(left),
        )
        await raise_alarm_once(tx, _alarm_kind(desk.id), text, now)
    next_end = following.ends_at if following else now + LOOK_EVERY
    await store.look_again(tx, handover.id, min(now + LOOK_EVERY, max(next_end, now + GRACE)))


async def _stays_on(tx: Tx, shift: Shift, following: Shift) -> bool:
    """Whether whoever comes stood there before, as the rota was changed: nobody hands over to themselves."""
    if following.starts_at > shift.ends_at:
        return False
    changes = await changes_of(tx, [shift.id, following.id])
    went = standing_in(shift, changes, shift.ends_at - timedelta(microseconds=1))
    comes = standing_in(following, changes, following.starts_at)
    return {comes.officer_id, comes.second_id} <= {went.officer_id, went.second_id, None}


def _alarm_kind(desk_id: UUID) -> str:
    return f"handover:{desk_id}"


async def _of(tx: Tx, handover_id: UUID) -> tuple[Desk, Shift]:
    handover = await store.handover_by_id(tx, handover_id)
    desk = await desk_by_id(tx, handover.desk_id) if handover else None
    shifts = await shifts_by_id(tx, [handover.shift_id]) if handover else []
    if desk is None or not shifts:
        raise Refusal(say("There is no such handover"))
    return desk, shifts[0]


async def _must_stand_in(tx: Tx, shift: Shift, person_id: UUID, otherwise: str) -> None:
    """Somebody who stands in a shift, or was put into a part of it."""
    changed = {change.person_id for change in await changes_of(tx, [shift.id])}
    if person_id not in {shift.officer_id, shift.second_id, *changed}:
        raise Refusal(otherwise)


async def _must_come(tx: Tx, desk: Desk, shift: Shift, person_id: UUID, now: datetime) -> None:
    """Only an officer of the shift that runs now, or of the one that comes after it or after `shift`."""
    standing = (await who_stands(tx, [desk.id], now))[desk.id]
    running = standing.shift if isinstance(standing, Standing) else shift
    coming = [running, await store.next_shift_of(tx, running), await store.next_shift_of(tx, shift)]
    for one in filter(None, coming):
        changed = {change.person_id for change in await changes_of(tx, [one.id])}
        if person_id in {one.officer_id, one.second_id, *changed}:
            return
    raise Refusal(say("Only an officer of the shift that runs or comes next can take it over"))
