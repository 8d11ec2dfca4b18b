"""Answers taken: by text, by key, by hand. Once answered, always answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert

from jiaoying.dispatch.raising import raise_alarm
from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.states import CallOutEvent
from jiaoying.dispatch.stopping import take_back_due
from jiaoying.dispatch.store import call_outs, responsibilities
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import answers, contacts, feedback, issued_warnings
from jiaoying.storage.schema import call_outs as call_outs_table

_STAGES = {Meaning.ON_POST: "on_post", Meaning.MOVED: "moved", Meaning.MOVING: "moving"}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it was given, before it is known whose call-outs it ticks."""

    how: str  # text, key, hand, door
    understood: Understood
    said: str | None
    at: datetime
    inbox_item_id: UUID | None = None
    by_user: str | None = None
    shared_number: bool = False


@dataclass(frozen=True, slots=True)
class Ticked:
    """A call-out that an answer was taken for."""

    call_out_id: UUID
    warning_id: UUID
    contact_id: UUID
    name: str
    event: str
    hazard: str
    colour: str | None
    reference: str
    exercise: bool
    late: bool
    is_news: bool  # False where the same had been answered before
    tells_new: bool  # is news, or feedback that differs from what was reported last


async def take_answer(tx: Tx, call_out_ids: Collection[UUID], given: Given, now: datetime) -> list[Ticked]:
    """Tick these call-outs; returns all of them, also those that were answered before."""
    await responsibilities.wake_responsibilities(tx, call_out_ids, now)
    declined = given.understood.meaning is Meaning.DECLINED
    event = CallOutEvent.DECLINE if declined else CallOutEvent.ANSWER
    moved = await call_outs.move_call_outs(tx, call_out_ids, event, now, how=given.how)
    changed = {item.id for item in moved}
    await take_back_due(tx, call_out_ids, actor="settle", now=now)
    reported = await _reported_last(tx, call_out_ids, given.understood)
    ticked = await _ticked(tx, call_out_ids, changed, reported)
    await _write_answers(tx, ticked, given, now)
    await _write_feedback(tx, ticked, given, now)
    await append_entries(tx, [_entry(item, given, now) for item in ticked])
    if given.understood.meaning is Meaning.RING_BACK:
        await _ask_to_ring_back(tx, ticked, given, now)
    return ticked


async def _reported_last(
    tx: Tx, call_out_ids: Collection[UUID], understood: Understood
) -> Collection[UUID] | None:
    """Those whose last feedback said just this; None where an answer brings no feedback."""
    stage = _STAGES.get(understood.meaning)
    if stage is None:
        return None
    rows = await tx.execute(
        select(feedback.c.call_out_id, feedback.c.stage, feedback.c.households, feedback.c.people)
        .ext(distinct_on(feedback.c.call_out_id))
        .where(feedback.c.call_out_id.in_(call_out_ids))
        .order_by(feedback.c.call_out_id, feedback.c.at.desc(), feedback.c.id.desc())
    )
    said = (stage, understood.households, understood.people)
    return {row.call_out_id for row in rows if (row.stage, row.households, row.people) == said}


async def _ticked(
    tx: Tx,
    call_out_ids: Collection[UUID],
    changed: Collection[UUID],
    reported: Collection[UUID] | None,
) -> list[Ticked]:
    rows = await tx.execute(
        select(
            call_outs_table.c.id,
            call_outs_table.c.warning_id,
            call_outs_table.c.contact_id,
            contacts.c.name,
            issued_warnings.c.event,
            issued_warnings.c.hazard,
            issued_warnings.c.colour,
            issued_warnings.c.reference,
            issued_warnings.c.exercise,
            call_outs_table.c.late,
        )
        .join(contacts, contacts.c.id == call_outs_table.c.contact_id)
        .join(issued_warnings, issued_warnings.c.id == call_outs_table.c.warning_id)
        .where(call_outs_table.c.id.in_(call_out_ids))
        .order_by(call_outs_table.c.id)
    )
    return [
        Ticked(
            *row,
            is_news=row.id in changed,
            tells_new=row.id in changed or (reported is not None and row.id not in reported),
        )
        for row in rows
    ]


async def _write_answers(tx: Tx, ticked: Collection[Ticked], given: Given, now: datetime) -> None:
    if ticked:
        await tx.execute(
            upsert(answers).on_conflict_do_nothing(),
            [
                {
                    "id": new_id(now),
                    "warning_id": item.warning_id,
                    "call_out_id": item.call_out_id,
                    "contact_id": item.contact_id,
                    "how": given.how,
                    "meaning": given.understood.meaning,
                    "said": given.said,
                    "at": given.at,
                    "inbox_item_id": given.inbox_item_id,
                    "by_user": given.by_user,
                    "late": item.late,
                    "shared_number": given.shared_number,
                }
                for item in ticked
            ],
        )


async def _write_feedback(tx: Tx, ticked: Collection[Ticked], given: Given, now: datetime) -> None:
    stage = _STAGES.get(given.understood.meaning)
    if stage is None or not ticked:
        return
    await tx.execute(
        insert(feedback),
        [
            {
                "id": new_id(now),
                "warning_id": item.warning_id,
                "call_out_id": item.call_out_id,
                "stage": stage,
                "households": given.understood.households,
                "people": given.understood.people,
                "said": given.said,
                "at": given.at,
                "inbox_item_id": given.inbox_item_id,
            }
            for item in ticked
        ],
    )


def _entry(item: Ticked, given: Given, now: datetime) -> Entry:
    declined = given.understood.meaning is Meaning.DECLINED
    word = "call_out.declined" if declined else "call_out.answered"
    return Entry(
        now,
        word if item.is_news else "call_out.answered_again",
        given.by_user or "settle",
        item.warning_id,
        call_out_id=item.call_out_id,
        contact_id=item.contact_id,
        facts={
            "how": given.how,
            "meaning": given.understood.meaning,
            "households": given.understood.households,
            "people": given.understood.people,
            "late": item.late,
            "shared_number": given.shared_number,
        },
        particulars={"said": given.said, "name": item.name},
    )


async def _ask_to_ring_back(tx: Tx, ticked: Collection[Ticked], given: Given, now: datetime) -> None:
    for item in (item for item in ticked if item.is_news):
        await raise_alarm(
            tx,
            "ring_back",
            say("{name} asks to be rung back ({reference})", name=item.name, reference=item.reference),
            now,
            warning_id=item.warning_id,
            contact_id=item.contact_id,
            inbox_item_id=given.inbox_item_id,
        )
