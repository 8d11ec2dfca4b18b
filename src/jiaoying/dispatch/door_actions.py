"""What the officer does by hand about doors: sends somebody there, and logs what they found."""

from dataclasses import dataclass
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
from jiaoying.storage.schema import call_outs, contacts, door_tasks

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


@dataclass(frozen=True, slots=True)
class AbleToGo:
    """Somebody who may be sent to a person's door."""

    contact_id: UUID
    name: str
    unit: str | None
    title: str | None
    on_the_way: bool  # they were sent there already, and nothing came of it yet


async def who_may_go(tx: Tx, call_out_id: UUID, today: date, now: datetime) -> list[AbleToGo]:
    """Whom the officer may send to a person's door: who was not sent there yet, the first choice first."""
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
    walking = select(call_outs.c.contact_id).join_from(
        door_tasks, call_outs, call_outs.c.id == door_tasks.c.call_out_id
    )
    sent = set(
        await tx.scalars(
            walking.where(door_tasks.c.sleeper_id == call_out_id, door_tasks.c.state.in_(("open", "taken")))
        )
    )
    facts = select(contacts.c.id, contacts.c.name, contacts.c.unit, contacts.c.title)
    known = {row.id: row for row in await tx.execute(facts.where(contacts.c.id.in_(able)))}
    found = [
        AbleToGo(person, known[person].name, known[person].unit, known[person].title, person in sent)
        for person in able
    ]
    return sorted(found, key=lambda person: person.on_the_way)


async def send_to_door(
    tx: Tx, call_out_id: UUID, contact_id: UUID, *, by: str, today: date, now: datetime
) -> None:
    """Send one of `who_may_go` to a person's door, by text and call. Raises Refusal."""
    able = await who_may_go(tx, call_out_id, today, now)
    if contact_id not in {person.contact_id for person in able}:
        raise Refusal(say("This person cannot be sent there: choose one of those who are named"))
    duties = await responsibilities.unanswered_of(tx, call_out_id)
    walk = Walk(call_out_id, contact_id)
    begun = [Begun(duty, max(duty.rung, 0), BY_HAND, (), walk, (), "by_hand") for duty in duties]
    asked = await ask(tx, begun, now, by=by)
    await responsibilities.wake_responsibilities(tx, [call_out_id], now)
    await append_entries(tx, opened_entries(asked, begun, now, by=by))
