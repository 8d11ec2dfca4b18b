"""Answers taken: by text, by key, by hand. Once answered, always answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from jiaoying.dispatch.raising import Alarm, raise_alarms
from jiaoying.dispatch.replies import Meaning, Understood
from jiaoying.dispatch.response.hearing import Said, TaskNote, note_answers
from jiaoying.dispatch.states import ATTEMPT, CALL_OUT, AttemptEvent, CallOutEvent, CallOutState
from jiaoying.dispatch.store import answered, responsibilities
from jiaoying.dispatch.store.answered import AskedCallOut, EndedAttempt, HeardCallOut, LastFeedback
from jiaoying.dispatch.store.attempts import AttemptFacts
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

_STAGES = {Meaning.ON_POST: "on_post", Meaning.MOVED: "moved", Meaning.MOVING: "moving"}


@dataclass(frozen=True, slots=True)
class Given:
    """One answer as it was given, and the call-outs that it ticks."""

    call_out_ids: tuple[UUID, ...]
    how: str  # text, key, hand, door
    understood: Understood
    said: str | None
    at: datetime
    inbox_item_id: UUID | None = None
    by_user: str | None = None
    shared_number: bool = False
    # What brought the answer: the call that was heard, or the texts to this number.
    attempt_id: UUID | None = None
    number: str | None = None


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
    note: TaskNote | None = None  # what it comes to for tasks that the person was told of


class _Ended(NamedTuple):
    """An attempt that an answer ends."""

    attempt: AttemptFacts
    event: AttemptEvent
    after: EndedAttempt


async def take_answers(tx: Tx, given: Sequence[Given], now: datetime) -> list[list[Ticked]]:
    """Tick the call-outs of each answer, no two of which are for the same one.

    Returns for each all of its call-outs, also those that were answered before. All rows are locked,
    in the order of the locks, before anything is decided about them.
    """
    ids = [row_id for one in given for row_id in one.call_out_ids]
    if not ids:
        return [[] for _ in given]
    await responsibilities.wake_responsibilities(tx, ids, now)
    asked = await answered.lock_asked(tx, ids)
    called = await answered.lock_attempts_of(tx, ids)
    reported = await _reported_last(tx, given)
    moved = [_moves_of(one, asked) for one in given]
    ended = [_ends_of(one, called) for one in given]
    ticked = [_ticked(one, asked, changed, reported) for one, changed in zip(given, moved, strict=True)]
    await answered.record_heard(tx, [after for of_one in moved for after in of_one.values()], now)
    await answered.end_attempts(tx, [end.after for of_one in ended for end in of_one], now)
    taken = list(zip(given, ticked, strict=True))
    await _write_answers(tx, taken, now)
    await _write_feedback(tx, taken, now)
    notes = await note_answers(tx, [_said(one, of_one) for one, of_one in taken], now)
    await append_entries(
        tx,
        [
            entry
            for one, of_one, ends in zip(given, ticked, ended, strict=True)
            for entry in _entries(one, of_one, ends, now)
        ],
    )
    await raise_alarms(tx, [alarm for one, of_one in taken for alarm in _ring_backs(one, of_one)], now)
    return [[replace(item, note=notes.get(item.call_out_id)) for item in of_one] for of_one in ticked]


def _said(given: Given, ticked: Sequence[Ticked]) -> Said:
    return Said(
        tuple((item.call_out_id, item.contact_id, item.warning_id) for item in ticked),
        given.understood,
        given.how,
        given.said,
        given.at,
        given.inbox_item_id,
        given.by_user,
    )


def _moves_of(given: Given, asked: Mapping[UUID, AskedCallOut]) -> dict[UUID, HeardCallOut]:
    """What the answer makes of its call-outs, those left out that it does not change."""
    declined = given.understood.meaning is Meaning.DECLINED
    event = CallOutEvent.DECLINE if declined else CallOutEvent.ANSWER
    how = None if declined else given.how
    moved: dict[UUID, HeardCallOut] = {}
    for row_id in given.call_out_ids:
        before = asked[row_id].state
        after = CALL_OUT.after(before, event)
        if after is not before:
            moved[row_id] = HeardCallOut(row_id, after, before is CallOutState.EXHAUSTED, how)
    return moved


def _ends_of(given: Given, called: Mapping[UUID, Sequence[AttemptFacts]]) -> list[_Ended]:
    """Attempts that brought the answer are answered; what has not left yet is taken back."""
    ended: list[_Ended] = []
    for attempt in (attempt for row_id in given.call_out_ids for attempt in called.get(row_id, ())):
        brought = _brought(given, attempt)
        event = AttemptEvent.ANSWER if brought else AttemptEvent.WITHDRAW
        after = ATTEMPT.after(attempt.state, event)
        if after is not attempt.state:
            ended.append(
                _Ended(attempt, event, EndedAttempt(attempt.id, after, _code(given) if brought else None))
            )
    return ended


def _brought(given: Given, attempt: AttemptFacts) -> bool:
    texted = attempt.channel is Channel.SMS and attempt.number == given.number and attempt.accepted_at
    return attempt.id == given.attempt_id or bool(texted)


def _code(given: Given) -> str:
    return f"key_{(given.said or '')[-1:]}" if given.how == "key" else "replied"


async def _reported_last(tx: Tx, given: Sequence[Given]) -> dict[UUID, LastFeedback]:
    """The last feedback on the call-outs of answers that bring feedback."""
    ids = [row_id for one in given if one.understood.meaning in _STAGES for row_id in one.call_out_ids]
    return await answered.last_feedback(tx, ids)


def _ticked(
    given: Given,
    asked: Mapping[UUID, AskedCallOut],
    moved: Mapping[UUID, HeardCallOut],
    reported: Mapping[UUID, LastFeedback],
) -> list[Ticked]:
    stage = _STAGES.get(given.understood.meaning)
    said = stage and (stage, given.understood.households, given.understood.people)
    return [
        Ticked(
            item.id,
            item.warning_id,
            item.contact_id,
            item.name,
            item.event,
            item.hazard,
            item.colour,
            item.reference,
            item.exercise,
            late=moved[item.id].late if item.id in moved else item.late,
            is_news=item.id in moved,
            tells_new=item.id in moved or (said is not None and reported.get(item.id) != said),
        )
        for item in (asked[row_id] for row_id in sorted(given.call_out_ids))
    ]


_Taken = Sequence[tuple[Given, Sequence[Ticked]]]


async def _write_answers(tx: Tx, taken: _Taken, now: datetime) -> None:
    rows: list[dict[str, object]] = [
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
        for given, ticked in taken
        for item in ticked
    ]
    await answered.write_answers(tx, rows)


async def _write_feedback(tx: Tx, taken: _Taken, now: datetime) -> None:
    rows: list[dict[str, object]] = [
        {
            "id": new_id(now),
            "warning_id": item.warning_id,
            "call_out_id": item.call_out_id,
            "stage": _STAGES[given.understood.meaning],
            "households": given.understood.households,
            "people": given.understood.people,
            "said": given.said,
            "at": given.at,
            "inbox_item_id": given.inbox_item_id,
        }
        for given, ticked in taken
        if given.understood.meaning in _STAGES
        for item in ticked
    ]
    await answered.write_feedback(tx, rows)


def _entries(given: Given, ticked: Sequence[Ticked], ended: Sequence[_Ended], now: datetime) -> list[Entry]:
    """The lines of one answer: what is not sent any more, who answered, what brought the answer."""
    taken_back = [end for end in ended if end.event is AttemptEvent.WITHDRAW]
    brought = [end for end in ended if end.event is AttemptEvent.ANSWER]
    return [
        *(_withdrawn_entry(end.attempt, now) for end in taken_back),
        *(_entry(item, given, now) for item in ticked),
        *(_answered_entry(end, now) for end in brought),
    ]


def _withdrawn_entry(attempt: AttemptFacts, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.withdrawn",
        "settle",
        attempt.warning_id,
        call_out_id=attempt.call_out_id,
        attempt_id=attempt.id,
    )


def _answered_entry(end: _Ended, now: datetime) -> Entry:
    return Entry(
        now,
        "attempt.answered",
        "settle",
        end.attempt.warning_id,
        call_out_id=end.attempt.call_out_id,
        attempt_id=end.attempt.id,
        contact_id=end.attempt.contact_id,
        facts={"code": end.after.code, "before": end.attempt.state},
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


def _ring_backs(given: Given, ticked: Collection[Ticked]) -> list[Alarm]:
    if given.understood.meaning is not Meaning.RING_BACK:
        return []
    return [
        Alarm(
            "ring_back",
            say("{name} asks to be rung back ({reference})", name=item.name, reference=item.reference),
            item.warning_id,
            item.contact_id,
            given.inbox_item_id,
        )
        for item in ticked
        if item.is_news
    ]
