"""What two shifts do to hand over: note, add, sign, take item by item, send back, sign.

What is open now is gathered by the caller (`dispatch.open_items`) in the same transaction. The two who sign
are two persons of the rota, and not two accounts: at many desks everybody uses the account of the desk.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from jiaoying.duty.actions import Doer
from jiaoying.duty.handovers import store
from jiaoying.duty.handovers.model import (
    BY_HAND,
    HANDOVER,
    MAX_ITEM,
    MAX_NOTE,
    OVER,
    Handover,
    HandoverEvent,
    HandoverItem,
    HandoverState,
    ItemKind,
    ItemState,
    OpenItem,
    unowned,
)
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

_NAMED = 5


async def write_note(tx: Tx, handover_id: UUID, note: str, doer: Doer) -> None:
    """What whoever comes should know, in words; told once where it stays the same. Raises Refusal."""
    handover = await _going_on(tx, handover_id)
    if handover.state is HandoverState.HANDED:
        raise Refusal(
            say("It is signed already: a note can be written until then, or after it was sent back")
        )
    text = note.strip()
    if len(text) > MAX_NOTE:
        raise _wrong("note", say("Shorten this to {count} signs", count=MAX_NOTE))
    if text == handover.note:
        return
    await store.change_handover(tx, handover.id, handover.state, note=text)
    await _tell(tx, handover, "handover.noted", doer, particulars={"note": text})


async def add_item(tx: Tx, handover_id: UUID, kind: ItemKind, text: str, doer: Doer) -> None:
    """Something that the program cannot know: equipment, papers, whatever else is open. Raises Refusal."""
    handover = await _going_on(tx, handover_id)
    if kind not in BY_HAND:
        raise _wrong("kind", say("Choose what the item is about"))
    words = " ".join(text.split())
    if not words:
        raise _wrong("text", say("Write what is to be handed over"))
    if len(words) > MAX_ITEM:
        raise _wrong("text", say("Shorten this to {count} signs", count=MAX_ITEM))
    await store.add_item(tx, handover.id, OpenItem(f"hand:{new_id(doer.now)}", kind, words), doer.now)
    await _tell(tx, handover, "handover.noted", doer, facts={"kind": kind}, particulars={"item": words})


async def hand_over(
    tx: Tx, handover_id: UUID, person_id: UUID, open_now: Sequence[OpenItem], doer: Doer
) -> None:
    """Whoever goes signs: from now on the items wait for whoever comes. Raises Refusal."""
    handover = await _going_on(tx, handover_id)
    after = HANDOVER.after(handover.state, HandoverEvent.HAND)
    if after is handover.state:
        raise Refusal(say("It is signed already, and waits for whoever takes over"))
    await store.reopen_refused(tx, handover.id)
    items = await store.keep_gathered(tx, handover.id, open_now, doer.now)
    await store.change_handover(
        tx,
        handover.id,
        after,
        handed_person_id=person_id,
        handed_at=doer.now,
        handed_by=doer.actor,
        refused_reason=None,
    )
    await _tell(tx, handover, "handover.signed", doer, person_id, facts={"items": len(unowned(items))})


async def decide_item(tx: Tx, handover_id: UUID, key: str, *, accepted: bool, doer: Doer) -> None:
    """Whoever comes takes an item over, or says why not (`doer.reason`). Raises Refusal."""
    handover = await lock_waiting(tx, handover_id)
    reason = doer.reason.strip()
    if not accepted and not reason:
        raise _wrong("reason", say("Say why it is not taken over"))
    state = ItemState.ACCEPTED if accepted else ItemState.REFUSED
    decided = await store.decide_item(
        tx, handover.id, key, state, reason="" if accepted else reason, by=doer.actor, now=doer.now
    )
    if not decided:
        raise Refusal(say("This item is settled, or is none of this handover"))
    told = {} if accepted else {"reason": reason}
    await _tell(
        tx, handover, "handover.item_decided", doer, facts={"item": key, "state": state}, particulars=told
    )


async def send_back(tx: Tx, handover_id: UUID, doer: Doer) -> None:
    """Whoever comes does not take over like this: it stays with whoever goes. Raises Refusal."""
    handover = await lock_waiting(tx, handover_id)
    reason = doer.reason.strip()
    if not reason:
        raise _wrong("reason", say("Say why it is sent back"))
    after = HANDOVER.after(handover.state, HandoverEvent.REFUSE)
    await store.change_handover(tx, handover.id, after, refused_reason=reason)
    await _tell(tx, handover, "handover.refused", doer, particulars={"reason": reason})


async def take_over(
    tx: Tx, handover_id: UUID, person_id: UUID, open_now: Sequence[OpenItem], doer: Doer
) -> None:
    """Whoever comes signs; every item must have been taken over before. Raises Refusal naming what is left.

    What has come up since the other signed is an item too.
    """
    handover = await lock_waiting(tx, handover_id)
    if person_id == handover.handed_person_id:
        raise _wrong("person", say("Whoever goes and whoever comes must be two persons"))
    left = unowned(await store.keep_gathered(tx, handover.id, open_now, doer.now))
    if left:
        raise Refusal(
            say(
                "{count} items have not been taken over: {items}. Accept each, or send the handover back",
                count=len(left),
                items=_named(left),
            )
        )
    after = HANDOVER.after(handover.state, HandoverEvent.TAKE)
    await store.change_handover(
        tx, handover.id, after, taken_person_id=person_id, taken_at=doer.now, taken_by=doer.actor
    )
    await _tell(tx, handover, "handover.taken", doer, person_id)


async def lapse(tx: Tx, handover: Handover, now: datetime) -> None:
    """The shift after it has ended too, and nobody took over: it is over, and says so for ever."""
    await store.change_handover(tx, handover.id, HANDOVER.after(handover.state, HandoverEvent.LAPSE))
    await append_entries(tx, [Entry(now, "handover.lapsed", "presence", facts=_facts(handover))])


async def go_on(tx: Tx, handover: Handover, now: datetime) -> None:
    """The same officer stands in the shift after it: there is nobody to hand over to."""
    await store.change_handover(tx, handover.id, HANDOVER.after(handover.state, HandoverEvent.CONTINUE))
    await append_entries(tx, [Entry(now, "handover.not_needed", "presence", facts=_facts(handover))])


def _named(left: Sequence[HandoverItem]) -> str:
    named = "；".join(item.text for item in left[:_NAMED])
    return named if len(left) <= _NAMED else f"{named}…"


async def _going_on(tx: Tx, handover_id: UUID) -> Handover:
    handover = await store.handover_by_id(tx, handover_id, lock=True)
    if handover is None:
        raise Refusal(say("There is no such handover"))
    if handover.state in OVER:
        raise Refusal(say("This shift has been handed over: what comes now belongs to the next"))
    return handover


async def lock_waiting(tx: Tx, handover_id: UUID) -> Handover:
    """One that is signed by who goes, and waits for who comes, locked. Raises Refusal."""
    handover = await _going_on(tx, handover_id)
    if handover.state is not HandoverState.HANDED:
        raise Refusal(say("Whoever goes has not signed yet: it cannot be taken over"))
    return handover


def _wrong(field: str, text: str) -> Refusal:
    return Refusal(text, (Complaint("handover", field, text),))


def _facts(handover: Handover) -> dict[str, object]:
    return {
        "handover": str(handover.id),
        "shift": str(handover.shift_id),
        "desk_id": str(handover.desk_id),
    }


async def _tell(
    tx: Tx,
    handover: Handover,
    word: str,
    doer: Doer,
    person_id: UUID | None = None,
    *,
    facts: Mapping[str, object] | None = None,
    particulars: Mapping[str, object] | None = None,
) -> None:
    entry = Entry(
        doer.now,
        word,
        doer.actor,
        contact_id=person_id,
        facts={**_facts(handover), **(facts or {})},
        particulars=dict(particulars or {}),
    )
    await append_entries(tx, [entry])
