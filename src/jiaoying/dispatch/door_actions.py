"""What the officer does by hand about doors: sends somebody there, and logs what they found."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from jiaoying.dispatch.answering import Given, take_answers
from jiaoying.dispatch.climbing import Begun, Walk, ask, opened_entries
from jiaoying.dispatch.doors import Errand
from jiaoying.dispatch.ladders.model import Rung, Who
from jiaoying.dispatch.naming import walkers
from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.store import doors, naming, responsibilities
from jiaoying.dispatch.store.naming import Place
from jiaoying.gateways.base import Channel
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import call_outs, contacts

MAX_NOTE_LENGTH = 500
# As a ladder would ask it: text and call, three times within the carriers' limits.
BY_HAND = Rung((Who.DOOR,), (Channel.SMS, Channel.VOICE), 3, 60, 300)


async def log_door(tx: Tx, task_id: UUID, *, by: str, found: bool, note: str, now: datetime) -> None:
    """Log what somebody told who went to a door: that they woke who slept there, or found nobody.

    Raises Refusal where there is no such walk, or the note is too long.
    """
    if len(note) > MAX_NOTE_LENGTH:
        raise Refusal(say("The note is too long: at most {count} characters", count=MAX_NOTE_LENGTH))
    errand = (await doors.errands_by_id(tx, [task_id])).get(task_id)
    if errand is None:
        raise Refusal(say("There is no such walk to a door; go back to the warning and choose again"))
    await take_answers(tx, _said_of(errand, by, found, note.strip() or None, now), now)


def _said_of(errand: Errand, by: str, found: bool, note: str | None, now: datetime) -> list[Given]:
    meaning = Meaning.KNOCKED if found else Meaning.NOBODY_HOME
    from_door = Given(
        (errand.call_out_id,),
        "hand",
        Understood(meaning),
        note,
        now,
        by_user=by,
        walk_ids=(errand.task_id,),
    )
    woken = Given(
        (errand.sleeper_id,),
        "door",
        Understood(Meaning.ANSWERED),
        note,
        now,
        by_user=by,
        woken_by=errand.walker_id,
    )
    return [from_door, woken] if found else [from_door]


async def who_may_go(tx: Tx, call_out_id: UUID, today: date, now: datetime) -> list[tuple[UUID, str]]:
    """Whom the officer may send to a person's door, the first choice first: (contact, name)."""
    duties = await responsibilities.unanswered_of(tx, call_out_id)
    places = {
        duty.id: Place(
            duty.area_code, duty.desk_id, duty.holder_id, duty.deputy_id, duty.superior_id, (Who.DOOR,)
        )
        for duty in duties
    }
    around = await naming.around_each(tx, places, today, now)
    sleeper = await tx.scalar(select(call_outs.c.contact_id).where(call_outs.c.id == call_out_id))
    able = dict.fromkeys(
        person
        for one in around.values()
        for person in (*walkers(one), one.deputy_id)
        if person is not None and person != sleeper
    )
    rows = await tx.execute(select(contacts.c.id, contacts.c.name).where(contacts.c.id.in_(able)))
    names = {row.id: row.name for row in rows}
    return [(person, names[person]) for person in able]


async def send_to_door(
    tx: Tx, call_out_id: UUID, contact_id: UUID, *, by: str, today: date, now: datetime
) -> None:
    """Send one of `who_may_go` to a person's door, by text and call. Raises Refusal."""
    able = dict(await who_may_go(tx, call_out_id, today, now))
    if contact_id not in able:
        raise Refusal(say("This person cannot be sent there: choose one of those who are named"))
    duties = await responsibilities.unanswered_of(tx, call_out_id)
    walk = Walk(call_out_id, contact_id)
    begun = [Begun(duty, max(duty.rung, 0), BY_HAND, (), walk, (), "by_hand") for duty in duties]
    asked = await ask(tx, begun, now, by=by)
    await responsibilities.wake_responsibilities(tx, [call_out_id], now)
    await append_entries(tx, opened_entries(asked, begun, now, by=by))
